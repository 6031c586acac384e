"""A scenario with one agent as a `gymnasium.Env`."""

import gymnasium as gym
import numpy as np

from ._batch import Batch
from ._connection import KinovoxError
from ._observation import Observer, chosen, each, named_terms
from ._spaces import space_of


class SingleEnv(gym.Env):
    metadata = {"render_modes": []}

    def __init__(
        self, scenario, *, render_mode=None, observation=None, show=None, observe=None, masks=False, reward_terms=False, text=False, **options
    ):
        """`observation`: what is computed, see Batch; `show`: how it is shown, see Observer. `text`: `info["text"]`, see Batch.text."""
        if render_mode is not None:
            raise ValueError(f"render_mode must be None; got {render_mode!r}. Watch with `kinovox view` instead.")
        observation, show = chosen(observation, show, observe)
        self._observer = Observer(show)
        self._tells = text
        deliver = self._observer.deliver + (("masks",) if masks else ()) + (("terms",) if reward_terms else ())
        self._batch = Batch(scenario, 1, autoreset="disabled", deliver=deliver, observation=observation, **options)
        if len(self._batch.agents) != 1:
            self._batch.close()
            raise KinovoxError(
                f"kinovox.make must get a scenario with one agent; got {len(self._batch.agents)} in {scenario}. "
                "Use kinovox.parallel_env or kinovox.make_vec."
            )
        self.render_mode = None
        self.action_space = space_of(self._batch.spec["actionSpace"])
        self.observation_space = self._observer.bind(self._batch.spec).space

    @property
    def batch(self):
        """The Batch of one world below: messages, snapshots."""
        return self._batch

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        result = self._batch.reset(seed=seed)
        info = self._info(result)
        if self._batch.draws:
            info["drawn"] = self._batch.drawn([0])[0][0]
        return self._observed(result), info

    def step(self, action):
        result = self._batch.step(np.asarray(action, np.float32).reshape(self._batch.action_shape))
        return (
            self._observed(result),
            float(result.rewards[0, 0]),
            bool(result.terminated[0, 0]),
            bool(result.truncated[0, 0]),
            self._info(result),
        )

    def close(self):
        self._batch.close()

    def _observed(self, result):
        return each(self._observer.of(result), lambda array: array[0, 0])

    def _info(self, result):
        info = {}
        if self._tells:
            info["text"] = self._batch.text([0])[0][0]
        if result.action_masks is not None:
            info["action_masks"] = result.action_masks[0, 0]
        if result.reward_terms is not None:
            info["reward_terms"] = {name: float(values[0, 0]) for name, values in named_terms(self._batch.spec, result.reward_terms).items()}
        if result.crashed[0]:
            info["world_crashed"] = True
        return info
