"""Kinovox in Python: PettingZoo and Gymnasium environments over `kinovox serve`. See docs/python.md."""

from ._batch import Batch, Result
from ._connection import KinovoxError
from ._launch import Server, connect, launch
from ._register import catalog, gymnasium_id, register

__all__ = [
    "Batch",
    "KinovoxError",
    "Result",
    "Server",
    "catalog",
    "connect",
    "gymnasium_id",
    "launch",
    "make",
    "make_vec",
    "parallel_env",
    "register",
]


def make(scenario, **options):
    """A `gymnasium.Env` of a scenario with one agent. Options: `observation`, `show`, `masks`, `reward_terms`, `text`, and those of Batch."""
    from ._single import SingleEnv

    return SingleEnv(scenario, **options)


def make_vec(scenario, num_worlds=1, **options):
    """A `gymnasium.vector.VectorEnv`; rows are worlds x agents, world by world, or worlds.

    Options: `rows`, `observation`, `show`, `autoreset`, `masks`, `reward_terms`, `draws`, and those of Batch.
    """
    from ._vector import VectorBatch

    return VectorBatch(scenario, num_worlds, **options)


def parallel_env(scenario, **options):
    """A `pettingzoo.ParallelEnv` of one world. Options: `observation`, `show`, `masks`, `reward_terms`, `text`, and those of Batch."""
    from ._parallel import Parallel

    return Parallel(scenario, **options)


try:
    register()
except ImportError:
    # Without Gymnasium there is nowhere to register: `make` and `make_vec` say so when they are called.
    pass
