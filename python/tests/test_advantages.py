"""Advantages of groups: the figures of Dr. MAS' two ways of taking mean and deviation, and what has no variance."""

import numpy as np
import pytest
from kinovox.advantages import group_advantages, turn_advantages

# Three agents whose returns differ in mean and spread.
MEANS, DEVIATIONS = np.array([0.1, 0.5, 0.9]), np.array([0.02, 0.1, 0.3])


def drawn(means, deviations, members=100_000, groups=1, seed=0):
    return np.random.default_rng(seed).normal(means, deviations, size=(groups, members, len(means)))


def test_advantages_over_the_group_are_far_from_unit_size_where_agents_differ():
    squares = (group_advantages(drawn(MEANS, DEVIATIONS), "global") ** 2).mean(axis=(0, 1))
    np.testing.assert_allclose(squares, [1.149, 0.073, 1.778], rtol=0.05)
    spread = (DEVIATIONS**2 + (MEANS - MEANS.mean()) ** 2) / (DEVIATIONS**2 + (MEANS - MEANS.mean()) ** 2).mean()
    np.testing.assert_allclose(squares, spread, rtol=0.02)


def test_advantages_of_each_agent_by_itself_have_unit_size():
    squares = (group_advantages(drawn(MEANS, DEVIATIONS), "agent") ** 2).mean(axis=(0, 1))
    np.testing.assert_allclose(squares, 1, rtol=1e-9)


def test_groups_are_taken_by_themselves():
    returns = np.array([[[0.0, 3.0], [1.0, 5.0]], [[100.0, 7.0], [300.0, 7.0]]])
    expected = np.array([[[-1.0, -1.0], [1.0, 1.0]], [[-1.0, 0.0], [1.0, 0.0]]])
    np.testing.assert_allclose(group_advantages(returns, "agent"), expected)
    np.testing.assert_allclose(group_advantages(returns, "global")[0].mean(), 0, atol=1e-12)


@pytest.mark.parametrize("mode", ["agent", "global"])
@pytest.mark.parametrize("value", [0.0, 1 / 3, 1e6])
def test_groups_without_variance_have_no_advantage(mode, value):
    advantages = group_advantages(np.full((2, 8, 3), value), mode)
    assert (advantages == 0).all()


def test_both_ways_agree_for_agents_that_are_alike():
    returns = drawn([0.4, 0.4], [0.2, 0.2])
    np.testing.assert_allclose(group_advantages(returns, "agent"), group_advantages(returns, "global"), atol=0.05)
    other = drawn([0.4, 0.9], [0.2, 0.2])
    assert np.abs(group_advantages(other, "agent") - group_advantages(other, "global")).mean() > 0.3


@pytest.mark.parametrize(
    ("returns", "mode", "message"),
    [
        (np.zeros((4, 2)), "agent", r"got \[4, 2\]"),
        (np.zeros((1, 0, 2)), "agent", r"got \[1, 0, 2\]"),
        (np.full((1, 2, 2), np.nan), "agent", "NaN"),
        (np.zeros((1, 2, 2)), "team", "'team'"),
    ],
)
def test_what_is_no_group_of_returns_is_refused(returns, mode, message):
    with pytest.raises(ValueError, match=message):
        group_advantages(returns, mode)


def test_a_turn_is_paid_for_what_comes_after_it_alone():
    # Two episodes of one agent: one was right in its first turn, one in its second.
    advantages = turn_advantages([[[[1.0, 0.0]], [[0.0, 1.0]]]])[0, :, 0]
    # To go: 1, 0 and 1, 1; the first turns are equally good, and deviations are over all turns.
    np.testing.assert_allclose(advantages, np.array([[0.0, -0.5], [0.0, 0.5]]) / np.sqrt(0.125))


def test_advantages_of_a_single_turn_are_those_of_its_returns():
    returns = drawn(MEANS, DEVIATIONS)
    for mode in ("agent", "global"):
        np.testing.assert_allclose(turn_advantages(returns[..., None], mode, 1e-3)[..., 0], group_advantages(returns, mode))


def test_small_differences_between_turns_are_not_blown_up():
    rewards = np.zeros((1, 8, 2, 3))
    rewards[0, 0, 0, 0] = 0.01
    assert np.abs(turn_advantages(rewards, least_deviation=0.1)).max() < 0.1
    assert (turn_advantages(np.ones((2, 8, 2, 3))) == 0).all()
    with pytest.raises(ValueError, match="above 0"):
        turn_advantages(rewards, least_deviation=0)
    with pytest.raises(ValueError, match=r"got \[1, 8, 2\]"):
        turn_advantages(rewards[..., 0])
