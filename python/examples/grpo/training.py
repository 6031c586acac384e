"""A training from weights drawn at random to success on test levels, through a server of its own for each split."""

import math
import resource
import time
from dataclasses import asdict, dataclass

import jax
import numpy as np
from kinovox.advantages import turn_advantages

from . import learner, model
from .rollout import Sessions, play
from .tasks import TASKS
from .tokenizer import Tokenizer
from .vocabulary import sample_texts

# Levels of a test while training goes on.
FEW_LEVELS = 64


@dataclass(frozen=True)
class Options:
    """What may differ between trainings."""

    task: str = "say-and-dig"
    seed: int = 0
    # Whether advantages are taken over the returns of each agent by itself, or over those of the group: `agent` or `global`.
    advantage: str = "agent"
    # Whether the rewards are dealt out among all transcripts of an update at random: nothing can be learned then.
    shuffle_rewards: bool = False
    # What agents are told of refused calls: `full` or `blind`.
    feedback: str = "full"
    # Training ends with the first of these. `stop_at`: success of the last 10 updates' episodes.
    minutes: float = 30
    updates: int = 100_000
    stop_at: float = 0.97
    test_levels: int = 192
    test_every: int = 100
    # Groups of episodes of an update; episodes of a group, which begin in the same state.
    groups: int = 8
    members: int = 8
    steps_per_update: int = 1
    rate: float = 2e-3
    entropy: float = 0.05
    # What a malformed call costs.
    invalid_penalty: float = 0.05
    layers: int = 2
    width: int = 32
    heads: int = 2


def train(options, report):
    """Trains and tests. `report(kind, told)` is called with `begin`, `update` and `test`.

    Returns what came of it, as JSON can hold it: success on test levels before and after with 95 % intervals, the curve, times, and what was asserted.
    """
    task = TASKS[options.task]
    rng = np.random.default_rng(options.seed)
    began = time.monotonic()
    cpu = _processor_seconds()
    count = options.groups * options.members
    with Sessions(task, "train", count, options.feedback) as sessions, Sessions(task, "test", count, options.feedback) as tests:
        tokenizer = Tokenizer(task.action_words, sample_texts(sessions, rng, 2 * count))
        shape = model.Shape(len(tokenizer), len(task.action_words), task.length, options.width, options.layers, options.heads)
        weights = model.create(shape, jax.random.key(options.seed))
        report("begin", {"words": len(tokenizer), "weights": model.num_weights(weights), "seed": options.seed})
        run = _Run(options, task, sessions, tokenizer, shape, weights, rng)

        def test(levels, when):
            # Draws of its own: what is drawn in training does not depend on how often it is tested.
            told = evaluate(tests, levels, shape, run.weights, tokenizer, np.random.default_rng(7))
            report("test", {"when": when, **told})
            return told

        before = test(options.test_levels, "before")
        trained_from = time.monotonic()
        tested = []
        while run.updates < options.updates and time.monotonic() - began < 60 * options.minutes:
            report("update", {**run.update(), "seconds": time.monotonic() - began})
            if run.recent_success(10) >= options.stop_at:
                break
            if run.updates % options.test_every == 0:
                tested.append([run.updates, test(FEW_LEVELS, "during")["success"]])
        trained = time.monotonic() - trained_from
        after = test(options.test_levels, "after")
    return {
        "options": asdict(options),
        "before": before,
        "after": after,
        "tested": tested,
        "updates": run.updates,
        "episodes": run.updates * count,
        "training_minutes": round(trained / 60, 2),
        "minutes": round((time.monotonic() - began) / 60, 2),
        "processor_minutes": round((_processor_seconds() - cpu) / 60, 2),
        "weights": model.num_weights(weights),
        "sampled_ids_trained": run.num_trained,
        "transcripts_cut": run.num_cut,
        "largest_log_prob_difference": run.largest_difference,
        "unknown_share": tokenizer.num_unknown / max(1, tokenizer.num_encoded),
        "curve": run.curve,
    }


def evaluate(sessions, levels, shape, weights, tokenizer, rng):
    """Success in that many levels of the split of `sessions`, words drawn from the model. Seeds 0, 1, ... name the levels."""
    succeeded = 0
    for first in range(0, levels, len(sessions)):
        seeds = range(first, min(levels, first + len(sessions)))
        succeeded += sum(episode.succeeded for episode in play(sessions, seeds, shape, weights, tokenizer, rng))
    return {"success": succeeded / levels, "interval": wilson(succeeded, levels), "levels": levels}


def wilson(successes, count, z=1.96):
    """95 % interval of a share, after Wilson (1927)."""
    share = successes / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


class _Run:
    def __init__(self, options, task, sessions, tokenizer, shape, weights, rng):
        self._options = options
        self._sessions = sessions
        self._tokenizer = tokenizer
        self._shape = shape
        self._rng = rng
        self.weights = weights
        self._optimizer = learner.create_optimizer(options.rate)
        self._state = self._optimizer.init(weights)
        self.updates = 0
        self.num_trained = 0
        self.largest_difference = 0.0
        # Transcripts that ended because they had no room left.
        self.num_cut = 0
        # `[update, success, mean return, malformed calls per agent, entropy]`
        self.curve = []
        self._successes = []

    def recent_success(self, updates):
        return float(np.mean(self._successes[-updates:])) if len(self._successes) >= updates else 0.0

    def update(self):
        options = self._options
        seeds = np.repeat(self._rng.integers(2**31, size=options.groups), options.members)
        episodes = play(self._sessions, seeds, self._shape, self.weights, self._tokenizer, self._rng)
        assert_groups_begin_alike(episodes, options.members)
        transcripts = [one for episode in episodes for one in episode.transcripts.values()]
        rewards = self._rewards_of(transcripts)
        if options.shuffle_rewards:
            rewards = self._rng.permutation(rewards)
        turns = rewards.shape[1]
        advantages = turn_advantages(rewards.reshape(options.groups, options.members, -1, turns), options.advantage).reshape(-1, turns)
        batch = learner.create_batch(transcripts, advantages, self._shape.length)
        learner.assert_trained_is_sampled(transcripts, batch)
        difference = 0.0
        for step in range(options.steps_per_update):
            self.weights, self._state, told = learner.train_step(self._shape, self._optimizer, self.weights, self._state, batch, options.entropy)
            if step == 0:
                # Computed under the weights that sampled.
                difference = learner.assert_recorded(told["difference"])
        self.updates += 1
        self.num_trained += int(batch[1].sum())
        self.num_cut += sum(one.cut for one in transcripts)
        self.largest_difference = max(self.largest_difference, difference)
        self._successes.append(np.mean([episode.succeeded for episode in episodes]))
        facts = {
            "update": self.updates,
            "success": self.recent_success(min(10, self.updates)),
            "return": float(rewards.sum(axis=1).mean()),
            "malformed": float(np.mean([one.invalid for one in transcripts])),
            "entropy": float(told["entropy"]),
        }
        if self.updates % 10 == 0:
            self.curve.append([self.updates, *(round(facts[name], 3) for name in ("success", "return", "malformed", "entropy"))])
        return facts

    def _rewards_of(self, transcripts):
        """What each turn gave, malformed calls paid for: `[N, turns]`."""
        rewards = np.zeros((len(transcripts), self._sessions.task.turns))
        for row, one in enumerate(transcripts):
            rewards[row, : len(one.rewards)] = np.array(one.rewards) - self._options.invalid_penalty * np.array(one.malformed)
        return rewards


def assert_groups_begin_alike(episodes, members):
    """That the episodes of a group have the same reset hash. Raises AssertionError."""
    for first in range(0, len(episodes), members):
        hashes = {episode.reset_hash for episode in episodes[first : first + members]}
        assert len(hashes) == 1, f"the members of a group must begin in one state; got the reset hashes {sorted(hashes)}"


def _processor_seconds():
    """Of this process and of the servers that have ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
