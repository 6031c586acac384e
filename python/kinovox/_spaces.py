"""Gymnasium spaces of a spec."""

import numpy as np
from gymnasium import spaces


def space_of(data):
    if data["kind"] == "discrete":
        return spaces.Discrete(data["n"])
    if data["kind"] == "multi-discrete":
        return spaces.MultiDiscrete(data["nvec"])
    dtype = np.dtype(data["dtype"])
    shape = tuple(data["shape"])
    bounds = [np.broadcast_to(np.asarray(data[side], dtype).reshape(_bound_shape(data[side], shape)), shape).copy() for side in ("low", "high")]
    return spaces.Box(*bounds, shape, dtype)


def _bound_shape(bound, shape):
    return shape if isinstance(bound, list) else ()
