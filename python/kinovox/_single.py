"""A scenario with one agent as a `gymnasium.Env`."""

import gymnasium as gym
import numpy as np

from ._batch import Batch
from ._connection import KinovoxError
from ._spaces import space_of


class SingleEnv(gym.Env):
    metadata = {"render_modes": []}

    def __init__(self, scenario, *, render_mode=None, **options):
        if render_mode is not None:
            raise ValueError(f"render_mode must be None; got {render_mode!r}. Watch with `kinovox view` instead.")
        self._batch = Batch(scenario, 1, autoreset="disabled", **options)
        if len(self._batch.agents) != 1:
            self._batch.close()
            raise KinovoxError(
                f"kinovox.make must get a scenario with one agent; got {len(self._batch.agents)} in {scenario}. "
                "Use kinovox.parallel_env or kinovox.make_vec."
            )
        self.render_mode = None
        self.action_space = space_of(self._batch.spec["actionSpace"])
        self.observation_space = space_of(self._batch.spec["observationSpace"])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._batch.reset(seed=seed).observations[0, 0], {}

    def step(self, action):
        result = self._batch.step(np.asarray(action, np.float32).reshape(self._batch.action_shape))
        return (
            result.observations[0, 0],
            float(result.rewards[0, 0]),
            bool(result.terminated[0, 0]),
            bool(result.truncated[0, 0]),
            {},
        )

    def close(self):
        self._batch.close()
