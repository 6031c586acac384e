"""A batch as a `gymnasium.vector.VectorEnv`: row w * A + a is agent a of world w, for one policy that all agents share.

An agent that ended before its world is idle: its observations and rewards are zeros until the world resets.
`infos["world_ended"]` says which rows reset; `infos["final_obs"]` is their last observation.
"""

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from ._batch import Batch
from ._spaces import space_of

_MODES = {
    AutoresetMode.SAME_STEP: "same-step",
    AutoresetMode.NEXT_STEP: "next-step",
    AutoresetMode.DISABLED: "disabled",
}


class VectorBatch(VectorEnv):
    def __init__(self, scenario, num_worlds=1, *, autoreset=AutoresetMode.SAME_STEP, masks=False, **options):
        """`autoreset`: an AutoresetMode, or its value such as "NextStep"."""
        mode = AutoresetMode(autoreset)
        self._batch = Batch(scenario, num_worlds, autoreset=_MODES[mode], masks=masks, **options)
        self.metadata = {"render_modes": [], "autoreset_mode": mode}
        self.agents_per_world = len(self._batch.agents)
        self.num_worlds = num_worlds
        self.num_envs = num_worlds * self.agents_per_world
        self.single_action_space = space_of(self._batch.spec["actionSpace"])
        self.single_observation_space = space_of(self._batch.spec["observationSpace"])
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.spec = None
        self.render_mode = None

    def reset(self, *, seed=None, options=None):
        """An int seeds world w with seed + w; a list has a seed per world. `options["reset_mask"]`: `[num_envs]`, whole worlds."""
        mask = (options or {}).get("reset_mask")
        if mask is not None:
            mask = np.asarray(mask, bool).reshape(self.num_worlds, self.agents_per_world)
            if (mask.any(axis=1) != mask.all(axis=1)).any():
                raise ValueError(
                    "reset_mask must select whole worlds; got some agents of a world. A world resets as one."
                )
            mask = mask[:, 0]
        if seed is None or isinstance(seed, (int, np.integer)):
            result = self._batch.reset(seed=seed, mask=mask)
        else:
            result = self._batch.reset(seeds=seed, mask=mask)
        return self._rows(result.observations), self._infos(result)

    def step(self, actions):
        result = self._batch.step(np.asarray(actions, np.float32).reshape(self._batch.action_shape))
        return (
            self._rows(result.observations),
            self._rows(result.rewards),
            self._rows(result.terminated),
            self._rows(result.truncated),
            self._infos(result),
        )

    def close_extras(self, **_):
        self._batch.close()

    def _rows(self, array):
        return array.reshape(self.num_envs, *array.shape[2:])

    def _infos(self, result):
        infos = {}
        if result.action_masks is not None:
            infos["action_masks"] = self._rows(result.action_masks)
        if not result.ended.any():
            return infos
        ended = np.repeat(result.ended, self.agents_per_world)
        infos["world_ended"] = ended
        if result.final_observations is not None:
            final = np.full(self.num_envs, None, dtype=object)
            rows = self._rows(result.final_observations)
            for row in np.flatnonzero(ended):
                final[row] = rows[row]
            infos.update(final_obs=final, _final_obs=ended, final_info={}, _final_info=ended)
        return infos
