"""Gymnasium ids of the shipped scenarios: `kinovox/ReachFlat-v1` is `reach-flat-v1`.

A scenario with one agent has `gymnasium.make` and `gymnasium.make_vec`; one with several has `make_vec` alone, whose rows are worlds x agents.
"""

import json
from functools import cache
from pathlib import Path

from ._connection import KinovoxError


@cache
def catalog():
    """Shipped scenarios: a list of `{"id", "title", "agents"}`."""
    return json.loads((Path(__file__).parent / "catalog.json").read_text(encoding="utf-8"))


def gymnasium_id(scenario):
    """`reach-flat-v1` to `kinovox/ReachFlat-v1`."""
    *words, version = scenario.split("-")
    return f"kinovox/{''.join(word.capitalize() for word in words)}-{version}"


def register():
    """Registers every shipped scenario with Gymnasium; those that are registered stay. Returns the ids."""
    import gymnasium

    ids = []
    for entry in catalog():
        name = gymnasium_id(entry["id"])
        ids.append(name)
        if name in gymnasium.registry:
            continue
        gymnasium.register(
            name,
            entry_point="kinovox:make" if entry["agents"] == 1 else None,
            vector_entry_point="kinovox._register:_make_rows",
            # Episodes end themselves, and pass the real checks without the wrappers that repeat them in every step.
            disable_env_checker=True,
            kwargs={"scenario": entry["id"]},
        )
    return ids


def _make_rows(num_envs, scenario, rows="agents", **options):
    """The vector environment of an id: `num_envs` rows."""
    from ._vector import VectorBatch

    per_world = 1 if rows == "worlds" else next(entry["agents"] for entry in catalog() if entry["id"] == scenario)
    if num_envs % per_world != 0:
        raise KinovoxError(f"num_envs must be a multiple of the {per_world} agents of {scenario}, or rows be \"worlds\"; got {num_envs}.")
    return VectorBatch(scenario, num_envs // per_world, rows=rows, **options)
