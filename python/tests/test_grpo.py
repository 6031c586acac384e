"""The example that trains a small transformer through the real loop: its words, what it trains on, and one step of it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

from grpo.tasks import TASKS
from grpo.tokenizer import Tokenizer, pieces


def needs_jax():
    for name in ("jax", "optax"):
        pytest.importorskip(
            name, reason=f'{name} is not installed, so GRPO is NOT tested here: pip install "jax==0.10.2" "optax==0.2.8", and run python/tests/test_grpo.py again'
        )


def test_texts_fall_into_words_numbers_and_signs():
    assert pieces('* bob says "red_wool"\nat 2.5 10 -1') == ["*", "bob", "says", '"', "red_wool", '"', "\n", "at", "2.5", "10", "-", "1"]


def test_words_keep_their_ids_and_unknown_ones_are_counted():
    tokenizer = Tokenizer(["dig", "red_wool"], ["you see red_wool", "go on"])
    assert tokenizer.words == ["<unknown>", "dig", "red_wool", "go", "on", "see", "you"]
    assert list(tokenizer.action_ids) == [1, 2]
    assert list(tokenizer.encode("you dig blue_wool , go")) == [6, 1, 0, 0, 3]
    assert (tokenizer.num_unknown, tokenizer.num_encoded) == (2, 5)
    assert tokenizer.decode([1, 2, 0]) == ["dig", "red_wool", "<unknown>"]
    with pytest.raises(ValueError, match="must differ"):
        Tokenizer(["dig", "dig"], [])


def test_the_first_text_keeps_who_the_agent_is_and_what_it_sees():
    from grpo.tokenizer import without_preamble

    text = 'You are ada of team pair in "T".\nTask: dig.\nOthers: bob.\nWords you can send: a.\nPlaces are x y z.\n[0.0 s]\nnearest dirt: block 2 1 6\n'
    assert without_preamble(text) == 'You are ada of team pair in "T".\n[0.0 s]\nnearest dirt: block 2 1 6\n'


def test_two_words_become_a_call_and_malformed_pairs_are_sent_as_they_are():
    dig, door = TASKS["say-and-dig"], TASKS["ask-the-door"]
    assert dig.call("ada", "dig", "red_wool") == ("dig", {"block": "red_wool"})
    assert dig.call("ada", "wait", "5") == ("wait", {"ticks": 5})
    assert dig.call("ada", "wait", "dig") == ("wait", {"ticks": "dig"})
    assert dig.call("ada", "red_wool", "dig") == ("red_wool", {"argument": "dig"})
    assert door.call("bob", "use", "lever-2") == ("use", {"x": 16, "y": 2, "z": 12})
    assert door.call("bob", "use", "use") == ("use", {"place": "use"})


@pytest.fixture(scope="module")
def played():
    """Episodes of the real loop, two groups of two, with what they were sampled by."""
    needs_jax()
    import jax
    from grpo import model
    from grpo.rollout import Sessions, play
    from grpo.vocabulary import sample_texts

    task = TASKS["say-and-dig"]
    rng = np.random.default_rng(0)
    with Sessions(task, "train", 4) as sessions:
        tokenizer = Tokenizer(task.action_words, sample_texts(sessions, rng, 8))
        shape = model.Shape(len(tokenizer), len(task.action_words), task.length, width=16, layers=2, heads=2)
        weights = model.create(shape, jax.random.key(0))
        episodes = play(sessions, [5, 5, 6, 6], shape, weights, tokenizer, rng)
    return shape, weights, tokenizer, episodes


@pytest.fixture(scope="module")
def optimizer():
    needs_jax()
    from grpo import learner

    return learner.create_optimizer(1e-2)


def test_the_loop_tells_malformed_calls_and_groups_begin_alike(played):
    from grpo.training import assert_groups_begin_alike

    _, _, tokenizer, episodes = played
    transcripts = [one for episode in episodes for one in episode.transcripts.values()]
    assert sum(one.invalid for one in transcripts) > 0
    told = " ".join(word for one in transcripts for word in tokenizer.decode(one.ids))
    assert "must" in told and "You are ada of team pair" in told
    assert_groups_begin_alike(episodes, 2)
    with pytest.raises(AssertionError, match="members of a group must begin in one state"):
        assert_groups_begin_alike(episodes, 4)


def test_an_opening_call_is_made_for_the_agents_and_read_in_the_first_turn_and_transcripts_without_room_are_counted():
    needs_jax()
    import jax
    from grpo import model
    from grpo.rollout import Sessions, play
    from grpo.vocabulary import sample_texts

    task = TASKS["ask-the-door"]
    rng = np.random.default_rng(0)
    with Sessions(task, "train", 2) as sessions:
        tokenizer = Tokenizer(task.action_words, sample_texts(sessions, rng, 4))

        def transcripts(length):
            shape = model.Shape(len(tokenizer), len(task.action_words), length, width=16, layers=2, heads=2)
            episodes = play(sessions, [5, 6], shape, model.create(shape, jax.random.key(0)), tokenizer, rng)
            return [one for episode in episodes for one in episode.transcripts.values()]

        whole, cut = transcripts(task.length), transcripts(80)
    for one in whole:
        first = " ".join(tokenizer.decode(one.ids[: one.sampled[0]]))
        assert "moveTo : iron_bars" in first and "which is off" in first
    assert not any(one.cut for one in whole) and all(one.cut and len(one.ids) <= 80 for one in cut)


def test_the_ids_trained_are_the_ids_sampled(played):
    from grpo import learner

    shape, _, tokenizer, episodes = played
    transcripts = [one for episode in episodes for one in episode.transcripts.values()]
    batch = learner.create_batch(transcripts, np.zeros((len(transcripts), 4)), shape.length)
    learner.assert_trained_is_sampled(transcripts, batch)
    words = {word for one in transcripts for word in tokenizer.decode(one.written)}
    assert words <= set(TASKS["say-and-dig"].action_words) and len(words) > 4

    for part, message in ((2, "trained ids"), (1, "trained places"), (3, "log probabilities")):
        broken = [array.copy() for array in batch]
        broken[part][0, transcripts[0].sampled[0] - 1] += 1
        if part == 1:
            broken[part][0, 0] = 1
        with pytest.raises(AssertionError, match=f"{message} .* of transcript 0 are not the|{message} of transcript 0 are not the"):
            learner.assert_trained_is_sampled(transcripts, broken)


def test_log_probabilities_are_those_recorded_under_the_weights_that_sampled_and_under_no_others(played, optimizer):
    import jax
    from grpo import learner, model

    shape, weights, _, episodes = played
    transcripts = [one for episode in episodes for one in episode.transcripts.values()]
    batch = learner.create_batch(transcripts, np.zeros((len(transcripts), 4)), shape.length)

    def difference(of):
        return learner.train_step(shape, optimizer, of, optimizer.init(of), batch, 0.0)[2]["difference"]

    assert learner.assert_recorded(difference(weights)) <= 1e-4
    with pytest.raises(AssertionError, match="must be those recorded"):
        learner.assert_recorded(difference(model.create(shape, jax.random.key(1))))


def test_a_step_makes_what_was_better_likelier_and_changes_nothing_without_advantage(played, optimizer):
    import jax
    from grpo import learner, model

    shape, weights, _, episodes = played
    transcripts = [one for episode in episodes for one in episode.transcripts.values()]

    def stepped(advantages):
        batch = learner.create_batch(transcripts, advantages, shape.length)
        after, _, _ = learner.train_step(shape, optimizer, weights, optimizer.init(weights), batch, 0.0)
        given = np.asarray(model.log_probs(shape, after, batch[0]))[:, :-1]
        chosen = np.take_along_axis(given, batch[2][:, :, None], axis=2)[:, :, 0]
        return after, ((chosen - batch[3]) * batch[1]).sum(axis=1)

    advantages = np.zeros((len(transcripts), 4))
    advantages[0], advantages[1] = 1, -1
    _, gained = stepped(advantages)
    assert gained[0] > 0.01 and gained[1] < -0.01
    same, _ = stepped(np.zeros((len(transcripts), 4)))
    for before, after in zip(jax.tree.leaves(weights), jax.tree.leaves(same), strict=True):
        np.testing.assert_array_equal(before, after)


def test_the_command_tells_its_options():
    needs_jax()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXAMPLES.parent), str(EXAMPLES)])}
    done = subprocess.run([sys.executable, "-m", "grpo", "--help"], capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0 and "--shuffle-rewards" in done.stdout, done.stderr
