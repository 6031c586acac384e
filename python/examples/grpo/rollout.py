"""Episodes through the real loop: the text of each observation is the prompt, two sampled words are a call, and what comes back is the next text.

Data flow per turn, all sessions at once: texts -> token ids -> the model's cache -> two sampled ids -> calls -> `kinovox openenv` -> texts.
What is sampled is written into the transcript itself, with its log probability: training reads the same ids.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import kinovox.openenv
import numpy as np

from . import model
from .tokenizer import without_preamble

# Ticks of 1/20 s that a turn lasts at least: what is said at its begin is heard at its end.
MIN_TICKS = 5
# Tokens are added in pieces of these lengths: one compilation each.
PIECES = (1, 32, 64)


@dataclass
class Transcript:
    """One agent in one episode. `sampled` holds the places in `ids` that the model wrote, `written` what it wrote there, `log_probs` what it gave that."""

    agent: str
    ids: list = field(default_factory=list)
    sampled: list = field(default_factory=list)
    written: list = field(default_factory=list)
    log_probs: list = field(default_factory=list)
    # By turn: what it got, and whether its call was malformed.
    rewards: list = field(default_factory=list)
    malformed: list = field(default_factory=list)
    over: bool = False
    # Ended because the model can read no more.
    cut: bool = False

    @property
    def invalid(self):
        return sum(self.malformed)


@dataclass
class Episode:
    seed: int
    reset_hash: str
    # By agent id, in the order of slots.
    transcripts: dict
    succeeded: bool = False


class Sessions:
    """Worlds of one server that are played at the same time: `count` of them, on levels of `split`, told of refusals by `feedback` (`full` or `blind`)."""

    def __init__(self, task, split, count, feedback="full"):
        self.task = task
        self._server = kinovox.openenv.launch(
            task.scenario,
            *("--agents", "all", "--levels", "skill", "--verbs", *task.verbs),
            *("--feedback", feedback, "--split", split, "--max-sessions", str(count + 1)),
        )
        self._clients = [kinovox.openenv.Client(self._server.url) for _ in range(count)]
        self._pool = ThreadPoolExecutor(count)

    def __len__(self):
        return len(self._clients)

    def each(self, use, numbers):
        """`use(client, number)` for the given sessions at once: answers in their order."""
        return list(self._pool.map(lambda number: use(self._clients[number], number), numbers))

    def close(self):
        for client in self._clients:
            client.close()
        self._pool.shutdown()
        self._server.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def play(sessions, seeds, shape, weights, tokenizer, rng):
    """One episode per session, with the seeds given. Words are drawn from the model. Returns `Episode`s in the order of the seeds."""
    task = sessions.task
    numbers = range(len(seeds))
    episodes, texts = [], {}
    for number, (first, state) in enumerate(sessions.each(lambda client, k: (client.reset(seed=int(seeds[k])), client.state()), numbers)):
        views = _views(first)
        episodes.append(Episode(int(seeds[number]), state["state_hash"], {agent: Transcript(agent) for agent in views}))
        texts.update({(number, agent): without_preamble(view["text"]) for agent, view in views.items()})
    if task.opening:
        opened = sessions.each(lambda client, k: client.step_team(_openings(task, episodes[k]), task.max_ticks, MIN_TICKS), numbers)
        for number, data in enumerate(opened):
            for agent, view in _views(data).items():
                texts[number, agent] += view["text"]
    writer = _Writer(shape, weights, tokenizer, rng, episodes)
    for _ in range(task.turns):
        fresh = {key: tokenizer.encode(text) for key, text in texts.items()}
        calls = writer.sample_calls(fresh)
        if not calls:
            break
        by_session = {}
        for (number, agent), words in calls.items():
            by_session.setdefault(number, {})[agent] = task.call(agent, *words)
        texts = {}
        played = list(by_session)
        for number, data in zip(played, sessions.each(lambda client, k: client.step_team(by_session[k], task.max_ticks, MIN_TICKS), played), strict=True):
            _take(episodes[number], number, data, by_session[number], texts)
    return episodes


def _openings(task, episode):
    return {agent: task.call(agent, *task.opening) for agent in episode.transcripts}


def _take(episode, number, data, calls, texts):
    for agent, view in _views(data).items():
        transcript = episode.transcripts[agent]
        if agent in calls:
            transcript.rewards.append(view["reward"] or 0.0)
            transcript.malformed.append(view["result"]["status"] == "invalid")
        elif transcript.rewards:
            # What comes to an agent that has no room left for calls.
            transcript.rewards[-1] += view["reward"] or 0.0
        outcome = view["info"].get("outcome")
        episode.succeeded |= outcome is not None and outcome["outcome"] == "succeeded"
        transcript.over |= view["terminated"] or view["truncated"] or data["done"]
        if not transcript.over:
            texts[number, agent] = view["text"]


def _views(data):
    observation = data["observation"]
    return observation.get("agents") or {observation["agent"]: {**observation, "reward": data["reward"]}}


class _Writer:
    """The transcripts of all agents of all sessions, and the model's cache of them, row by row."""

    def __init__(self, shape, weights, tokenizer, rng, episodes):
        self._shape = shape
        self._weights = weights
        self._tokenizer = tokenizer
        self._rng = rng
        self._transcripts = {(number, agent): one for number, episode in enumerate(episodes) for agent, one in episode.transcripts.items()}
        self._rows = {key: row for row, key in enumerate(self._transcripts)}
        self._cache = model.create_cache(shape, len(self._rows))
        # Ids that are in the transcript and not yet in the cache.
        self._pending = {key: [] for key in self._transcripts}

    def sample_calls(self, fresh):
        """Adds texts, then two sampled words to each. Returns the words by `(session, agent)`; transcripts that have no room any more end."""
        live = []
        for key, ids in fresh.items():
            transcript = self._transcripts[key]
            if len(transcript.ids) + len(ids) + 2 > self._shape.length:
                transcript.over = transcript.cut = True
                continue
            transcript.ids.extend(int(one) for one in ids)
            self._pending[key].extend(int(one) for one in ids)
            live.append(key)
        if not live:
            return {}
        first = self._sample(live)
        second = self._sample(live)
        return {key: self._tokenizer.decode((first[key], second[key])) for key in live}

    def _sample(self, keys):
        log_probs = self._read(keys)
        sampled = {}
        for key in keys:
            row = log_probs[self._rows[key]]
            # The largest of log p + Gumbel noise is a draw from p.
            word = int(np.argmax(row + self._rng.gumbel(size=len(row))))
            transcript = self._transcripts[key]
            sampled[key] = int(self._tokenizer.action_ids[word])
            transcript.sampled.append(len(transcript.ids))
            transcript.written.append(sampled[key])
            transcript.log_probs.append(float(row[word]))
            transcript.ids.append(sampled[key])
            self._pending[key].append(sampled[key])
        return sampled

    def _read(self, keys):
        """Brings the cache up to date; returns `[rows, W]` log probabilities of the next word, of which those of `keys` mean something."""
        out = np.zeros((len(self._rows), len(self._tokenizer.action_ids)), np.float32)
        left = {key: self._pending[key] for key in keys}
        while left:
            longest = max(len(ids) for ids in left.values())
            piece = next((one for one in PIECES if one >= longest), PIECES[-1])
            tokens = np.zeros((len(self._rows), piece), np.int32)
            begins, counts, before = np.zeros((3, len(self._rows)), np.int32)
            for key, ids in left.items():
                row, part = self._rows[key], ids[:piece]
                begins[row] = len(self._transcripts[key].ids) - len(ids)
                counts[row] = len(part)
                before[row] = self._transcripts[key].ids[begins[row] - 1] if begins[row] > 0 else 0
                tokens[row, : len(part)] = part
            self._cache, log_probs = model.extend(self._shape, self._weights, self._cache, tokens, before, begins, counts)
            log_probs = np.asarray(log_probs)
            for key, ids in list(left.items()):
                if len(ids) <= piece:
                    out[self._rows[key]] = log_probs[self._rows[key]]
                    self._pending[key] = []
                    del left[key]
                else:
                    left[key] = ids[piece:]
        return out
