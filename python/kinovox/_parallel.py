"""One world as a `pettingzoo.ParallelEnv`."""

import numpy as np
from pettingzoo import ParallelEnv

from ._batch import Batch
from ._observation import Observer, chosen, each, joint_space, joint_state, named_terms
from ._spaces import space_of


class Parallel(ParallelEnv):
    def __init__(
        self, scenario, *, observation=None, show=None, observe=None, masks=False, reward_terms=False, text=False, render_mode=None, **options
    ):
        """`observation`: what is computed, see Batch; `show`: how it is shown, see Observer. `text`: `infos[agent]["text"]`, see Batch.text."""
        if render_mode is not None:
            raise ValueError(f"render_mode must be None; got {render_mode!r}. Watch with `kinovox view` instead.")
        observation, show = chosen(observation, show, observe)
        self._observer = Observer(show)
        self._tells = text
        deliver = self._observer.deliver + (("masks",) if masks else ()) + (("terms",) if reward_terms else ())
        self._batch = Batch(scenario, 1, autoreset="disabled", deliver=deliver, observation=observation, **options)
        spec = self._batch.spec
        self._observer.bind(spec)
        self.metadata = {"name": spec["scenario"], "render_modes": [], "is_parallelizable": True}
        self.render_mode = None
        self.possible_agents = list(self._batch.agents)
        self.agents = []
        self.observation_spaces = {agent: self._observer.bind(spec).space for agent in self.possible_agents}
        self.action_spaces = {agent: space_of(spec["actionSpace"]) for agent in self.possible_agents}
        self.state_space = joint_space(spec, len(self.possible_agents))
        self._state = None

    @property
    def batch(self):
        """The Batch of one world below: messages, snapshots."""
        return self._batch

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
        infos = self._infos(self.agents, result)
        if self._batch.draws:
            for agent, drawn in zip(self.possible_agents, self._batch.drawn([0])[0], strict=True):
                infos[agent]["drawn"] = drawn
        return self._observed(self.agents, result), infos

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
        return self._observed(live, result), rewards, terminations, truncations, self._infos(live, result)

    def state(self):
        """`[A * D]`: the observation vectors of all agents in slot order, for centralised critics."""
        if self._state is None:
            raise ValueError("state() must be called after reset(); got no reset yet.")
        return joint_state(self._state)[0]

    def say(self, agent, text):
        """Gives an agent words to say in the next step. Returns the symbol that they mean, or None when none will be said."""
        return self._batch.say(0, agent, text)

    def hear(self):
        """By agent, the messages that it can read now: see Batch.hear."""
        return dict(zip(self.possible_agents, self._batch.hear([0])[0], strict=True))

    def close(self):
        self._batch.close()

    def _observed(self, agents, result):
        self._state = result.observations
        observations = self._observer.of(result)
        return {agent: each(observations, lambda array, slot=self.possible_agents.index(agent): array[0, slot]) for agent in agents}

    def _by_agent(self, agents, array):
        return {agent: array[0, self.possible_agents.index(agent)] for agent in agents}

    def _infos(self, agents, result):
        infos = {agent: {} for agent in agents}
        if self._tells and agents:
            for agent, text in zip(agents, self._batch.text([0], agents)[0], strict=True):
                infos[agent]["text"] = text
        for agent in agents:
            slot = self.possible_agents.index(agent)
            if result.action_masks is not None:
                # Not "action_mask": that name is a mask of the whole action space, and this one is of `interact` and `argument`.
                infos[agent]["action_masks"] = result.action_masks[0, slot]
            if result.reward_terms is not None:
                terms = named_terms(self._batch.spec, result.reward_terms)
                infos[agent]["reward_terms"] = {name: float(values[0, slot]) for name, values in terms.items()}
            if result.crashed[0]:
                infos[agent]["world_crashed"] = True
        return infos
