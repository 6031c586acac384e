"""A batch as a `gymnasium.vector.VectorEnv`.

Rows are worlds x agents, row w * A + a being agent a of world w, for one policy that all agents share; or worlds, for one policy that moves all agents.
An agent that ended before its world is idle: its observations and rewards are zeros until the world resets.
`infos["world_ended"]` says which rows' worlds ended; `infos["final_obs"]` is their last observation.
"""

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from ._batch import Batch
from ._observation import Observer, chosen, each, joint_space, joint_state, named_terms
from ._spaces import space_of

_MODES = {
    AutoresetMode.SAME_STEP: "same-step",
    AutoresetMode.NEXT_STEP: "next-step",
    AutoresetMode.DISABLED: "disabled",
}


class VectorBatch(VectorEnv):
    def __init__(
        self,
        scenario,
        num_worlds=1,
        *,
        rows="agents",
        observation=None,
        show=None,
        observe=None,
        autoreset=AutoresetMode.SAME_STEP,
        masks=False,
        reward_terms=False,
        draws=False,
        render_mode=None,
        **options,
    ):
        """`rows`: "agents" or "worlds". `observation`: what is computed, see Batch; `show`: how it is shown, see Observer. `autoreset`: an AutoresetMode, or its value such as "NextStep".

        `draws`: `infos["drawn"]`, what the episode of each row drew, after resets and in steps after which a row plays a new episode.
        """
        self._batch = None
        if rows not in ("agents", "worlds"):
            raise ValueError(f'rows must be "agents" or "worlds"; got {rows!r}.')
        if render_mode is not None:
            raise ValueError(f"render_mode must be None; got {render_mode!r}. Watch with `kinovox view` instead.")
        mode = AutoresetMode(autoreset)
        observation, show = chosen(observation, show, observe)
        self._observer = Observer(show)
        self._tells_draws = draws
        deliver = self._observer.deliver + (("masks",) if masks else ()) + (("terms",) if reward_terms else ())
        self._batch = Batch(scenario, num_worlds, autoreset=_MODES[mode], deliver=deliver, observation=observation, **options)
        self._observer.bind(self._batch.spec)
        self.metadata = {"render_modes": [], "autoreset_mode": mode}
        self.agents_per_world = len(self._batch.agents)
        self.num_worlds = num_worlds
        self._rows_are_worlds = rows == "worlds"
        one_action = space_of(self._batch.spec["actionSpace"])
        if self._rows_are_worlds:
            self.num_envs = num_worlds
            self.single_action_space = batch_space(one_action, self.agents_per_world)
            self.single_observation_space = batch_space(self._observer.space, self.agents_per_world)
        else:
            self.num_envs = num_worlds * self.agents_per_world
            self.single_action_space = one_action
            self.single_observation_space = self._observer.space
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.state_space = joint_space(self._batch.spec, self.agents_per_world)
        self.spec = None
        self.render_mode = None
        self._state = None
        self._ended_before = False

    @property
    def batch(self):
        """The Batch below: messages, snapshots, groups."""
        return self._batch

    def reset(self, *, seed=None, options=None):
        """An int seeds world w with seed + w; a list has a seed per world.

        Options: `reset_mask` `[num_envs]`, whole worlds; `group_size` and `group_id`, see Batch.reset. Others are ignored.
        """
        options = options or {}
        mask = options.get("reset_mask")
        given = dict(mask=None if mask is None else self._world_mask(mask))
        for name in ("group_size", "group_id"):
            if name in options:
                given[name] = options[name]
        given["seed" if seed is None or isinstance(seed, (int, np.integer)) else "seeds"] = seed
        result = self._batch.reset(**given)
        return self._observed(result), self._with_draws(self._infos(result))

    def step(self, actions):
        result = self._batch.step(np.asarray(actions, np.float32).reshape(self._batch.action_shape))
        infos = self._infos(result)
        if self._begins(result):
            infos = self._with_draws(infos)
        observations = self._observed(result)
        if not self._rows_are_worlds:
            return observations, self._rows(result.rewards), self._rows(result.terminated), self._rows(result.truncated), infos
        infos["agent_rewards"] = result.rewards
        infos["agent_ended"] = result.terminated | result.truncated
        # A world is cut short when its time limit, not its task, ended the last of its agents.
        truncated = result.ended & result.truncated.any(axis=1)
        return observations, result.rewards.mean(axis=1), result.ended & ~truncated, truncated, infos

    def state(self):
        """`[num_worlds, A * D]`: the observation vectors of all agents of a world, for centralised critics."""
        if self._state is None:
            raise ValueError("state() must be called after reset(); got no reset yet.")
        return joint_state(self._state)

    def close_extras(self, **_):
        # Gymnasium closes what it collects, also where it never opened.
        if self._batch is not None:
            self._batch.close()

    def _world_mask(self, mask):
        if self._rows_are_worlds:
            return np.asarray(mask, bool)
        mask = np.asarray(mask, bool).reshape(self.num_worlds, self.agents_per_world)
        if (mask.any(axis=1) != mask.all(axis=1)).any():
            raise ValueError("reset_mask must select whole worlds; got some agents of a world. A world resets as one.")
        return mask[:, 0]

    def _observed(self, result):
        self._state = result.observations
        return each(self._observer.of(result), self._rows)

    def _rows(self, array):
        return array if self._rows_are_worlds else array.reshape(self.num_envs, *array.shape[2:])

    def _per_row(self, worlds):
        """`[B]` flags of worlds to `[num_envs]`."""
        return worlds if self._rows_are_worlds else np.repeat(worlds, self.agents_per_world)

    def _begins(self, result):
        """Whether rows play another episode after this step: those that ended in it, or, with NextStep, in the step before."""
        before, self._ended_before = self._ended_before, bool(result.ended.any())
        mode = self.metadata["autoreset_mode"]
        return before if mode == AutoresetMode.NEXT_STEP else self._ended_before and mode == AutoresetMode.SAME_STEP

    def _with_draws(self, infos):
        if self._tells_draws:
            drawn = np.empty(self.num_envs, dtype=object)
            for world, agents in enumerate(self._batch.drawn()):
                if self._rows_are_worlds:
                    drawn[world] = agents
                else:
                    for slot, own in enumerate(agents):
                        drawn[world * self.agents_per_world + slot] = own
            infos.update(drawn=drawn, _drawn=np.ones(self.num_envs, bool))
        return infos

    def _infos(self, result):
        infos = {}
        if result.action_masks is not None:
            infos["action_masks"] = self._rows(result.action_masks)
        if result.reward_terms is not None:
            infos["reward_terms"] = {name: self._rows(values) for name, values in named_terms(self._batch.spec, result.reward_terms).items()}
        if not result.ended.any():
            return infos
        ended = self._per_row(result.ended)
        infos["world_ended"] = ended
        if result.crashed.any():
            infos["world_crashed"] = self._per_row(result.crashed)
        if result.final is not None:
            packed = each(self._observer.of(result.final), self._packed_rows)
            final = np.full(self.num_envs, None, dtype=object)
            for index, row in enumerate(np.flatnonzero(ended)):
                final[row] = each(packed, lambda array, index=index: array[index])
            infos.update(final_obs=final, _final_obs=ended, final_info={}, _final_info=ended)
        return infos

    def _packed_rows(self, array):
        return array if self._rows_are_worlds else array.reshape(-1, *array.shape[2:])
