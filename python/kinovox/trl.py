"""Environments for TRL's `GRPOTrainer(environment_factory=...)`: every verb of the agent is a tool with types and a Google docstring.

    with kinovox.openenv.launch("bridge-gap-v1", "--max-sessions", "64") as server:
        trainer = GRPOTrainer(..., environment_factory=kinovox.trl.environment_factory(server.url))

One instance, and one WebSocket, per generation. TRL calls `reset(**row)` with a row of the data set, of which `seed` and `agents` are read; each further public
method is a tool. The reward of the episode is `get_reward()`. What a model calls wrongly is told in the text it gets back; a call after the end raises.
Source: trl 1.13 docs/source/openenv.md, grpo_trainer.py.
"""

import inspect
import re

from .openenv import Client

# Names with a meaning to TRL or OpenEnv.
_RESERVED = {"reset", "step", "state", "close", "get_reward"}
_TYPES = {"number": float, "integer": int, "string": str, "boolean": bool, "array": list, "object": dict}


class EpisodeOver(RuntimeError):
    """A tool was called though the episode is over, which TRL takes for the end of the generation."""


class KinovoxEnvironment:
    """Base of the classes that `environment_factory` makes; tools are added to it."""

    _url = None
    _token = None
    _max_ticks = None

    def __init__(self):
        self._client = Client(self._url, self._token)
        self._reward = 0.0
        self._done = True
        self._turns = []

    def reset(self, seed=None, agents=None, **_):
        """Begins an episode. Returns the first observation, which TRL appends to the prompt."""
        chosen = {key: value for key, value in (("seed", seed), ("agents", agents)) if value is not None}
        data = self._client.reset(**chosen)
        self._reward = 0.0
        self._done = data["done"]
        self._turns = []
        return data["observation"]["text"]

    def get_reward(self):
        """Sum of the rewards of the episode so far."""
        return self._reward

    def __del__(self):
        # Not a public method: each of those is a tool.
        if hasattr(self, "_client"):
            self._client.close()

    def _call(self, name, arguments):
        if self._done:
            raise EpisodeOver("The episode is over; no tool can be called any more.")
        data = self._client.step(name, self._max_ticks, **arguments)
        self._reward += data["reward"]
        self._done = data["done"]
        self._turns.append(data["observation"])
        return data["observation"]["text"]


def environment_factory(url, token=None, max_ticks=None, only=None):
    """Makes the class for a running server, with a tool for each verb that its agent has.

    Args:
        url: Of the server; see `kinovox.openenv.launch`.
        token: Where the server is not on loopback.
        max_ticks: Most ticks of 1/20 s per call; default 400.
        only: Names of verbs, where not all shall be tools.
    """
    with Client(url, token) as client:
        tools = [tool for tool in client.tools() if only is None or tool["name"] in only]
    missing = set(only or ()) - {tool["name"] for tool in tools}
    if missing:
        raise ValueError(f"only must name verbs of the agent; got {', '.join(sorted(missing))}.")
    members = {"_url": url, "_token": token, "_max_ticks": max_ticks}
    for tool in tools:
        if tool["name"] not in _RESERVED:
            members[tool["name"]] = _method(tool)
    return type("KinovoxWorld", (KinovoxEnvironment,), {"__doc__": "An agent of a Kinovox world.", **members})


def _method(tool):
    """A method with the signature and the docstring that the JSON Schema of a tool says."""
    name = tool["name"]
    schema = tool["input_schema"]
    required = set(schema.get("required", ()))
    fields = sorted(schema.get("properties", {}).items(), key=lambda field: field[0] not in required)
    me = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = [me]
    lines = []
    for field, about in fields:
        annotation = _TYPES.get(about.get("type"), str)
        default = inspect.Parameter.empty if field in required else about.get("default")
        if field not in required and default is None:
            annotation = annotation | None
        parameters.append(
            inspect.Parameter(field, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=annotation)
        )
        choices = f" One of {', '.join(map(str, about['enum']))}." if "enum" in about else ""
        lines.append(f"    {field}: {_one_line(about.get('description', field))}{choices}")
    signature = inspect.Signature(parameters, return_annotation=str)

    def call(*given, **named):
        bound = signature.bind(*given, **named)
        this = bound.arguments.pop("self")
        return this._call(name, {key: value for key, value in bound.arguments.items() if value is not None})

    call.__name__ = name
    call.__qualname__ = name
    call.__signature__ = signature
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters[1:]} | {"return": str}
    about = f"Args:\n{chr(10).join(lines)}\n\n" if lines else ""
    call.__doc__ = f"{_one_line(tool['description'])}\n\n{about}Returns:\n    What came of it, and what changed.\n"
    return call


def _one_line(text):
    return re.sub(r"\s+", " ", text).strip()
