"""What environments show of a result: one vector per agent, or a dictionary of its groups, block crop and pictures."""

import warnings
from collections import OrderedDict

import numpy as np
from gymnasium import spaces

from ._spaces import space_of


PROFILES = ("state", "symbolic", "camera")


def chosen(observation, show, observe):
    """What is computed and how it is shown, from the options of an environment: `observation`, `show`, and `observe`, the former name of `observation`.

    `observation` as "vector", "dict" or names of groups is the former way to say `show`; both still work, with a warning that says the new one.
    """
    if observe is not None:
        _warn("observe is now observation")
        if observation is not None:
            show, observation = observation, None
        observation, observe = observe, None
    elif observation in ("vector", "dict") or (isinstance(observation, (list, tuple)) and observation and not set(observation) & set(PROFILES)):
        _warn(f"observation={observation!r} is now show={observation!r}: observation chooses what is computed")
        show, observation = observation, None
    return observation, "vector" if show is None else show


def _warn(what):
    # Four frames up: the caller of kinovox.make and the like.
    warnings.warn(f"{what}. The former name goes in a later version.", DeprecationWarning, stacklevel=5)


class Observer:
    """`show`: "vector", "dict" for everything that is computed, or a list of names of that dictionary."""

    def __init__(self, show="vector"):
        if not (show in ("vector", "dict") or (isinstance(show, (list, tuple)) and show)):
            raise ValueError(f'show must be "vector", "dict" or a list of names; got {show!r}.')
        self._asked = show
        self._names = None
        self.space = None

    @property
    def deliver(self):
        """What a batch must deliver for it."""
        if isinstance(self._asked, str):
            return () if self._asked == "vector" else ("crop", "pictures")
        has_pictures = any(name.startswith("camera") or name == "lidar" for name in self._asked)
        return (("crop",) if "crop" in self._asked else ()) + (("pictures",) if has_pictures else ())

    def bind(self, spec):
        """Reads the names and shapes of a batch; returns itself."""
        if self._asked == "vector":
            self.space = space_of(spec["observationSpace"])
            return self
        found = spec["observationSpaces"]
        self._names = list(found) if self._asked == "dict" else list(self._asked)
        for name in self._names:
            if name not in found:
                raise ValueError(f"show must name some of {list(found)}; got {name!r}.")
        self._groups = {group["name"]: (group["offset"], group["size"], found[group["name"]]["shape"]) for group in spec["groups"]}
        # Ordered: Gymnasium sorts the names of other dictionaries.
        self.space = spaces.Dict(OrderedDict((name, space_of(found[name])) for name in self._names))
        return self

    def of(self, arrays):
        """`arrays`: a Result, or the last arrays of ended worlds, as a dictionary. Gives `[B, A, ...]`, or such arrays by name."""
        if not isinstance(arrays, dict):
            arrays = {"observations": arrays.observations, "crop": arrays.crop, **arrays.pictures}
        vector = arrays["observations"]
        if self._names is None:
            return vector
        return {name: self._group(vector, name) if name in self._groups else arrays[name] for name in self._names}

    def _group(self, vector, name):
        offset, size, shape = self._groups[name]
        return vector[..., offset : offset + size].reshape(*vector.shape[:-1], *shape)


def each(observation, change):
    """`change` of an array, or of every array of a dictionary."""
    if isinstance(observation, dict):
        return {name: change(array) for name, array in observation.items()}
    return change(observation)


def joint_state(vectors):
    """`[..., A, D]` observation vectors to `[..., A * D]`, in slot order: the state for a centralised critic. Agents that have left are zeros."""
    return vectors.reshape(*vectors.shape[:-2], -1)


def joint_space(spec, num_agents):
    one = space_of(spec["observationSpace"])
    return spaces.Box(np.tile(one.low, num_agents), np.tile(one.high, num_agents), dtype=np.float32)


def named_terms(spec, terms):
    """`[..., W]` rewards by term to a dictionary of `[...]`; terms of one name are added up."""
    named = {}
    for index, name in enumerate(spec["rewardTerms"]):
        named[name] = named[name] + terms[..., index] if name in named else terms[..., index]
    return named
