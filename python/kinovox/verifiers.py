"""A `verifiers` environment (verifiers 0.4, `verifiers.v1`): a team plays one world of `kinovox openenv`, with one trace per agent.

    with kinovox.openenv.launch("bridge-gap-v1", "--max-sessions", "64") as server:
        env = kinovox.verifiers.load_environment(server.url, seeds=range(100))

Agents are played by the role `player`, or by roles of their own (`players` of `load_environment`), each with its model and client; the task of a trace names
the agent, and its reward is that agent's own. verifiers' commands find it by the id `kinovox_verifiers`, with `player` alone: roles are fields of a class.
Source: verifiers 0.4.0, v1/env.py, v1/agent.py, v1/configs/agent.py, v1/tasksets/openenv/taskset.py.
"""

import asyncio
import os
from contextlib import AsyncExitStack

try:
    import verifiers.v1 as vf
except ImportError as error:
    raise ImportError('kinovox.verifiers needs the package verifiers, which is not installed here. Run "pip install verifiers==0.4.0".') from error
from pydantic import Field, create_model

from ._team_talk import TeamTalk, role_names
from .openenv import Client

__all__ = ["KinovoxEnv", "KinovoxTaskset", "load_environment"]

_ID = "kinovox_verifiers"


class KinovoxData(vf.TaskData):
    seed: int
    agent: str | None = None
    """Whom a trace is of; None: the whole team, as the taskset has it."""


class KinovoxTask(vf.Task[KinovoxData]):
    pass


class KinovoxTasksetConfig(vf.TasksetConfig):
    url: str = Field("", description="Of the server; see `kinovox.openenv.launch`.")
    token_env: str | None = Field(None, description="Variable that holds the token, where the server is not on loopback.")
    seeds: list[int] = Field(default_factory=lambda: [0], min_length=1, description="One task per seed.")
    agents: list[str] | None = Field(None, description="Ids of those that the model plays; None: all. The server's --others plays the rest.")
    max_ticks: int | None = Field(None, ge=1, le=1200, description="Most ticks of 1/20 s per step; None: the server's default.")


class KinovoxTaskset(vf.Taskset[KinovoxTask, KinovoxTasksetConfig]):
    def load(self):
        for seed in self.config.seeds:
            yield KinovoxTask(KinovoxData(name=f"seed {seed}", seed=seed), self.config.task)


class KinovoxEnvConfig(vf.EnvConfig):
    player: vf.AgentConfig = vf.AgentConfig(harness={"id": "null"}, runtime=vf.SubprocessConfig(), max_turns=200)
    """Plays every agent that has no role of its own, each in a conversation of its own."""
    roles: dict[str, str] = Field(default_factory=dict, description="Role by agent id; others are played by `player`.")
    frozen: list[str] = Field(default_factory=list, description="Ids of agents whose traces are not trained on; they have roles of their own.")
    max_concurrent_agents: int | None = Field(None, ge=1, description="Agents of a team that are asked at the same time; None: all.")


class KinovoxEnv(vf.Env[KinovoxEnvConfig]):
    async def setup(self, agents):
        if nameless := [agent for agent in self.config.frozen if agent not in self.config.roles]:
            raise ValueError(f'frozen must name agents with roles of their own; got "{nameless[0]}". Give it one in roles, or use load_environment.')
        for agent in self.config.frozen:
            getattr(agents, self.config.roles[agent]).trainable = False

    async def run(self, task, agents):
        config = self.taskset.config
        token = None if config.token_env is None else os.environ.get(config.token_env)
        if config.token_env is not None and not token:
            raise ValueError(f"The variable {config.token_env} must hold the server's token; got none. Set it, or leave token_env out.")
        client = await asyncio.to_thread(Client, config.url, token)
        try:
            await self._play(TeamTalk(client, config.max_ticks), task, agents)
        finally:
            await asyncio.to_thread(client.close)

    async def _play(self, talk, task, agents):
        texts = await asyncio.to_thread(talk.begin, task.data.seed, self.taskset.config.agents or "all")
        guide = await asyncio.to_thread(talk.guide)
        if unknown := sorted(set(self.config.roles) - set(texts)):
            raise ValueError(f'players must name agents that are played; got "{unknown[0]}". Played: {", ".join(texts)}.')
        open_talks = {}
        async with AsyncExitStack() as stack:
            for agent in texts:
                own = task.with_data(agent=agent, name=f"{task.data.name}, {agent}", system_prompt=guide)
                player = getattr(agents, self.config.roles.get(agent, "player"))
                open_talks[agent] = await stack.enter_async_context(player.interaction(own))
            while texts:
                asked = list(texts)
                segments = await _all(open_talks[agent].turn(texts[agent]) for agent in asked)
                replies = {}
                for agent, segment in zip(asked, segments, strict=True):
                    # A limit of the run ended it: what the agent does goes on, and the others play on.
                    if segment.terminated:
                        talk.leave(agent)
                    else:
                        replies[agent] = segment.last_reply
                texts = await asyncio.to_thread(talk.step, replies)
        for agent, interaction in open_talks.items():
            interaction.trace.record_reward("kinovox", talk.rewards[agent])
            interaction.trace.record_metric("useless_replies", float(talk.useless[agent]))
            interaction.trace.record_metric("episode_ticks", float(talk.ticks))


async def _all(turns):
    """What all came to; where one fails the others are ended first, so that nobody goes on asking a model."""
    tasks = [asyncio.ensure_future(turn) for turn in turns]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def load_environment(url, *, seeds=(0,), agents=None, max_ticks=None, token_env=None, player=None, players=None, frozen=()):
    """The environment for a running server.

    Args:
        url: Of the server; see `kinovox.openenv.launch`. Each episode takes one of its sessions.
        seeds: One task per seed.
        agents: Ids of those that the model plays; default all.
        max_ticks: Most ticks of 1/20 s per step.
        token_env: Variable that holds the token, where the server is not on loopback.
        player: Fields of verifiers' `AgentConfig`, such as `{"max_turns": 50}`.
        players: The same by agent id, for those whose model, adapter or client is another: `{"bob": {"model": "other", "client": vf.EvalClientConfig(...)}}`.
            What they leave out is as in `player`; a model or client that neither names is that of the run.
        frozen: Ids of agents whose traces are marked as not to be trained on.
    """
    chosen = {"id": _ID, "url": url, "seeds": list(seeds), "agents": agents, "max_ticks": max_ticks, "token_env": token_env}
    common = player or {}
    # A frozen agent needs a role, since it is a role that is trained or not.
    own = {**{agent: {} for agent in frozen}, **(players or {})}
    roles = role_names(own)
    default = KinovoxEnvConfig.model_fields["player"].default
    fields = {roles[agent]: (vf.AgentConfig, default) for agent in own}
    config = create_model("KinovoxTeamConfig", __base__=KinovoxEnvConfig, **fields) if fields else KinovoxEnvConfig
    given = {"player": common} if common else {}
    given |= {roles[agent]: {**common, **about} for agent, about in own.items()}
    return KinovoxEnv(config(taskset=chosen, roles=roles, frozen=list(frozen), **given))
