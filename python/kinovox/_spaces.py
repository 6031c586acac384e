"""Gymnasium spaces of a spec."""

import numpy as np
from gymnasium import spaces


def space_of(data):
    if data["kind"] == "discrete":
        return spaces.Discrete(data["n"])
    shape = tuple(data["shape"])
    bounds = [np.broadcast_to(np.asarray(data[side], np.float32), shape).copy() for side in ("low", "high")]
    return spaces.Box(*bounds, shape, np.float32)
