"""One world as a `pettingzoo.ParallelEnv`."""

import numpy as np
from pettingzoo import ParallelEnv

from ._batch import Batch
from ._spaces import space_of


class Parallel(ParallelEnv):
    def __init__(self, scenario, *, masks=False, **options):
        self._batch = Batch(scenario, 1, autoreset="disabled", masks=masks, **options)
        spec = self._batch.spec
        self.metadata = {"name": spec["scenario"], "render_modes": [], "is_parallelizable": True}
        self.render_mode = None
        self.possible_agents = list(self._batch.agents)
        self.agents = []
        self.observation_spaces = {agent: space_of(spec["observationSpace"]) for agent in self.possible_agents}
        self.action_spaces = {agent: space_of(spec["actionSpace"]) for agent in self.possible_agents}

    def observation_space(self, agent):
        return self.observation_spaces[agent]

    def action_space(self, agent):
        return self.action_spaces[agent]

    def reset(self, seed=None, options=None):
        """Unknown options are ignored."""
        if seed is not None:
            for index, agent in enumerate(self.possible_agents):
                self.action_spaces[agent].seed(seed + index)
        result = self._batch.reset(seed=seed)
        self.agents = list(self.possible_agents)
        return self._by_agent(self.agents, result.observations), self._infos(self.agents, result)

    def step(self, actions):
        """A missing action is neutral; actions of agents that ended are ignored."""
        values = np.zeros(self._batch.action_shape, np.float32)
        for agent, action in actions.items():
            if agent not in self.possible_agents:
                raise ValueError(f"actions must be keyed by agents of {self.possible_agents}; got {agent!r}.")
            if agent in self.agents:
                values[0, self.possible_agents.index(agent)] = action
        live = self.agents
        if not live:
            return {}, {}, {}, {}, {}
        result = self._batch.step(values)
        terminations = {agent: bool(value) for agent, value in self._by_agent(live, result.terminated).items()}
        truncations = {agent: bool(value) for agent, value in self._by_agent(live, result.truncated).items()}
        self.agents = [agent for agent in live if not (terminations[agent] or truncations[agent])]
        rewards = {agent: float(value) for agent, value in self._by_agent(live, result.rewards).items()}
        observations = self._by_agent(live, result.observations)
        return observations, rewards, terminations, truncations, self._infos(live, result)

    def close(self):
        self._batch.close()

    def _by_agent(self, agents, array):
        return {agent: array[0, self.possible_agents.index(agent)] for agent in agents}

    def _infos(self, agents, result):
        if result.action_masks is None:
            return {agent: {} for agent in agents}
        # Not "action_mask": that name is a mask of the whole action space, and this one is of `interact` and `argument`.
        return {agent: {"action_masks": mask} for agent, mask in self._by_agent(agents, result.action_masks).items()}
