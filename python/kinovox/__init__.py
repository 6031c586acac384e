"""Kinovox in Python: PettingZoo and Gymnasium environments over `kinovox serve`. See docs/python.md."""

from ._batch import Batch, Result
from ._connection import KinovoxError
from ._launch import Server, connect, launch

__all__ = ["Batch", "KinovoxError", "Result", "Server", "connect", "launch", "make", "make_vec", "parallel_env"]


def make(scenario, **options):
    """A `gymnasium.Env` of a scenario with one agent. Options: `server`, `split`, `engine`, `seed`."""
    from ._single import SingleEnv

    return SingleEnv(scenario, **options)


def make_vec(scenario, num_worlds=1, **options):
    """A `gymnasium.vector.VectorEnv`; rows are worlds x agents, world by world. Options: `server`, `split`, `engine`, `seed`, `autoreset`, `masks`."""
    from ._vector import VectorBatch

    return VectorBatch(scenario, num_worlds, **options)


def parallel_env(scenario, **options):
    """A `pettingzoo.ParallelEnv` of one world. Options: `server`, `split`, `engine`, `seed`, `masks`."""
    from ._parallel import Parallel

    return Parallel(scenario, **options)
