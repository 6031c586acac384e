"""B worlds with A agents each, as numpy arrays. The environments of the other files are views of this."""

import struct
from dataclasses import dataclass

import numpy as np

from ._launch import shared_server

_HEADER = struct.Struct("<IHHII")
_MAGIC = 0x4258564B
_FLAG_FINAL = 1


@dataclass
class Result:
    """What a reset or a step gives; read-only arrays of its own. B worlds, A agents, D observation components."""

    observations: np.ndarray  # [B, A, D] float32
    rewards: np.ndarray  # [B, A] float32
    terminated: np.ndarray  # [B, A] bool
    truncated: np.ndarray  # [B, A] bool
    ended: np.ndarray  # [B] bool: the episode of the world ended in this step
    final_observations: np.ndarray | None  # [B, A, D] float32: valid in rows with `ended`, with autoreset "same-step"
    action_masks: np.ndarray | None  # [B, A, N] bool: what each agent can begin, when asked for


class Batch:
    def __init__(
        self,
        scenario,
        num_worlds=1,
        *,
        server=None,
        split="train",
        engine="auto",
        seed=None,
        autoreset="same-step",
        masks=False,
    ):
        """Makes the batch on `server`, or on a shared one started at first use. Row r plays `seed` + r."""
        self._connection = (server or shared_server()).connection()
        request = dict(
            type="make",
            scenario=scenario,
            numWorlds=num_worlds,
            split=split,
            engine=engine,
            autoreset=autoreset,
            masks=masks,
        )
        if seed is not None:
            request["seed"] = int(seed)
        try:
            self.spec = self._connection.request(**request)
        except BaseException:
            self.close()
            raise
        self.num_worlds = self.spec["numWorlds"]
        self.agents = tuple(self.spec["agents"])
        self.action_shape = tuple(self.spec["actions"]["shape"])
        self._steps = 0

    def reset(self, seed=None, seeds=None, mask=None):
        """Starts episodes: anew from seeds, else each row's next one. `mask` `[B]` selects rows."""
        request = {"type": "reset"}
        if seed is not None:
            request["seed"] = int(seed)
        if seeds is not None:
            request["seeds"] = [int(value) for value in seeds]
        if mask is not None:
            request["mask"] = [int(bool(value)) for value in mask]
        return self._read(self._connection.request(**request))

    def step(self, actions):
        """Advances every world by one tick. `actions`: `[B, A, F]` floats, or `[B, A]` choices in the discrete profile."""
        values = np.ascontiguousarray(actions, dtype="<f4")
        if values.shape != self.action_shape:
            raise ValueError(
                f"actions must have shape {self.action_shape}; got {values.shape}. See spec['actionSpace']."
            )
        self._steps = (self._steps + 1) & 0xFFFFFFFF
        header = _HEADER.pack(_MAGIC, 1, 1, self._steps, 0)
        return self._read(self._connection.step(header + values.tobytes()))

    def close(self):
        self._connection.close()

    def _read(self, message):
        _, _, _, _, flags = _HEADER.unpack_from(message)
        found = {array["name"]: self._array(message, array) for array in self.spec["arrays"]}
        for name in ("terminated", "truncated", "ended", "action_masks"):
            if name in found:
                found[name] = found[name].view(np.bool_)
        found.setdefault("action_masks", None)
        final = self._array(message, self.spec["final"]) if flags & _FLAG_FINAL else None
        return Result(**found, final_observations=final)

    @staticmethod
    def _array(message, array):
        shape = array["shape"]
        return np.frombuffer(
            message, np.dtype(array["dtype"]), int(np.prod(shape)), _HEADER.size + array["offset"]
        ).reshape(shape)
