"""An episode of a team as talk: what the model of each agent is told, and what its replies come to. It needs no trainer's package.

Data flow: `begin` -> texts by agent -> replies of their models -> `step` -> texts by agent, until `over`.
"""

import json
import re

# Replies in a row that are no call, after which an agent is asked no more.
MOST_USELESS = 5

GUIDE = """You are an agent in a voxel world; each turn tells what came of your call and what changed. The world waits while you think.
Answer with one JSON object and nothing else: {"name": VERB, "arguments": {...}}. {"name": "continue"} goes on with what is under way.
The verbs, each with the JSON Schema of its arguments:
"""


class TeamTalk:
    """One episode at a time of `client`, a `kinovox.openenv.Client`; all agents that the client plays act in each step.

    Args:
        max_ticks: Most ticks of 1/20 s per step; None: the server's default.

    `rewards` is the sum so far by agent, `useless` the number of replies that were no call, `ticks` the tick of the episode.
    """

    def __init__(self, client, max_ticks=None):
        self._client = client
        self._max_ticks = max_ticks
        self.rewards = {}
        self.useless = {}
        self.ticks = 0
        self._in_a_row = {}
        self._gone = set()
        self._done = True

    def guide(self):
        """What a model is told first: the form of replies, and the verbs of the first agent."""
        return GUIDE + "\n".join(json.dumps(tool) for tool in self._client.tools())

    def begin(self, seed=None, agents="all"):
        """Begins an episode. Returns the first text of each agent."""
        chosen = {"agents": agents} if seed is None else {"agents": agents, "seed": seed}
        data = self._client.reset(**chosen)
        views = _by_agent(data)
        self.rewards = dict.fromkeys(views, 0.0)
        self.useless = dict.fromkeys(views, 0)
        self._in_a_row = dict.fromkeys(views, 0)
        self._gone = set()
        self.ticks = 0
        self._done = data["done"]
        return {agent: view["text"] for agent, view in views.items()}

    @property
    def over(self):
        """Whether nobody is to be asked any more."""
        return self._done or len(self._gone) == len(self.rewards)

    def leave(self, agent):
        """Asks this agent no more; what it does goes on to its end."""
        self._gone.add(agent)

    def has_left(self, agent):
        return agent in self._gone

    def step(self, replies):
        """Plays the replies of agents. One that is no call costs no time: its agent is told why, and the calls of the others are played.

        Returns the next text of each agent that is to be asked again.
        """
        calls, texts = {}, {}
        for agent, reply in replies.items():
            try:
                calls[agent] = parse_call(reply)
                self._in_a_row[agent] = 0
            except ValueError as error:
                self.useless[agent] += 1
                self._in_a_row[agent] += 1
                texts[agent] = f"{error}\n"
                if self._in_a_row[agent] >= MOST_USELESS:
                    self.leave(agent)
        if calls:
            data = self._client.step_team(calls, self._max_ticks)
            self._done = data["done"]
            self.ticks = data["observation"]["info"]["tick"]
            for agent, view in _by_agent(data).items():
                self.rewards[agent] += view["reward"] or 0.0
                texts[agent] = texts.get(agent, "") + view["text"]
                if view["terminated"] or view["truncated"]:
                    self.leave(agent)
        return {} if self.over else {agent: text for agent, text in texts.items() if agent not in self._gone}


def parse_call(reply):
    """`(name, arguments)` of a model's reply: JSON, alone or in a fence of Markdown. Raises ValueError with a sentence for the model."""
    text = reply.strip()
    if text.startswith("```") and text.endswith("```"):
        text = text[3:-3].removeprefix("json").strip()
    try:
        call = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(f'A reply must be one JSON object such as {{"name": "wait", "arguments": {{"ticks": 20}}}}; got "{text[:80]}".') from None
    if not isinstance(call, dict) or not isinstance(call.get("name"), str) or not isinstance(call.get("arguments", {}), dict):
        raise ValueError('A reply must be a JSON object with "name", a text, and "arguments", an object.')
    if unknown := sorted(set(call) - {"name", "arguments"}):
        raise ValueError(f'A reply must have "name" and "arguments" only; got "{unknown[0][:80]}".')
    return call["name"], call.get("arguments", {})


def role_names(agents):
    """A name for each agent that can be a field of a configuration: `player_bot_0` for bot-0; none twice."""
    names = {}
    for agent in agents:
        name = f"player_{re.sub(r'[^0-9a-zA-Z]', '_', agent)}"
        while name in names.values():
            name += "_"
        names[agent] = name
    return names


def _by_agent(data):
    """Observations by agent, each with its reward; a world of one agent has no field `agents`."""
    observation = data["observation"]
    return observation.get("agents") or {observation["agent"]: {**observation, "reward": data["reward"]}}
