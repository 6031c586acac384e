"""A `verifiers` environment (verifiers 0.4, `verifiers.v1`): a team plays one world of `kinovox openenv`, with one trace per agent.

    with kinovox.openenv.launch("bridge-gap-v1", "--max-sessions", "64") as server:
        env = kinovox.verifiers.load_environment(server.url, seeds=range(100))

All agents are played by the role `player`; the task of a trace names the agent, and its reward is that agent's own. verifiers' commands find it by the
id `kinovox_verifiers`. Source: verifiers 0.4.0, v1/env.py, v1/agent.py, v1/tasksets/openenv/taskset.py.
"""

import asyncio
import os
from contextlib import AsyncExitStack

try:
    import verifiers.v1 as vf
except ImportError as error:
    raise ImportError('kinovox.verifiers needs the package verifiers, which is not installed here. Run "pip install verifiers==0.4.0".') from error
from pydantic import Field

from ._team_talk import TeamTalk
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
    """Plays every agent, each in a conversation of its own."""
    max_concurrent_agents: int | None = Field(None, ge=1, description="Agents of a team that are asked at the same time; None: all.")


class KinovoxEnv(vf.Env[KinovoxEnvConfig]):
    async def run(self, task, agents):
        config = self.taskset.config
        token = None if config.token_env is None else os.environ.get(config.token_env)
        if config.token_env is not None and not token:
            raise ValueError(f"The variable {config.token_env} must hold the server's token; got none. Set it, or leave token_env out.")
        client = await asyncio.to_thread(Client, config.url, token)
        try:
            await self._play(TeamTalk(client, config.max_ticks), task, agents.player)
        finally:
            await asyncio.to_thread(client.close)

    async def _play(self, talk, task, player):
        texts = await asyncio.to_thread(talk.begin, task.data.seed, self.taskset.config.agents or "all")
        guide = await asyncio.to_thread(talk.guide)
        open_talks = {}
        async with AsyncExitStack() as stack:
            for agent in texts:
                own = task.with_data(agent=agent, name=f"{task.data.name}, {agent}", system_prompt=guide)
                open_talks[agent] = await stack.enter_async_context(player.interaction(own))
            while texts:
                asked = list(texts)
                segments = await asyncio.gather(*(open_talks[agent].turn(texts[agent]) for agent in asked))
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


def load_environment(url, *, seeds=(0,), agents=None, max_ticks=None, token_env=None, player=None):
    """The environment for a running server.

    Args:
        url: Of the server; see `kinovox.openenv.launch`. Each episode takes one of its sessions.
        seeds: One task per seed.
        agents: Ids of those that the model plays; default all.
        max_ticks: Most ticks of 1/20 s per step.
        token_env: Variable that holds the token, where the server is not on loopback.
        player: Fields of verifiers' `AgentConfig`, such as `{"max_turns": 50}`.
    """
    chosen = {"id": _ID, "url": url, "seeds": list(seeds), "agents": agents, "max_ticks": max_ticks, "token_env": token_env}
    return KinovoxEnv(KinovoxEnvConfig(taskset=chosen, **({} if player is None else {"player": player})))
