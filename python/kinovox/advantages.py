"""Advantages of groups of episodes for GRPO, and for teams as in Dr. MAS. Needs numpy.

Data flow: returns of G groups of K episodes of A agents, or rewards of their T turns -> advantages of the same shape. Episodes of a group begin in
the same state.
Source: Shao et al., arXiv 2402.03300 (GRPO, and its form for rewards of single steps); arXiv 2602.08847 (Dr. MAS: mean and deviation of each agent by
itself).
"""

import numpy as np

# Deviations below this are rounding: all members came to the same, and there is nothing to learn.
_LEAST_DEVIATION = 1e-6


def group_advantages(returns, mode="agent"):
    """How much better than its group each agent's episode was, in deviations of that group.

    Args:
        returns: `[G, K, A]`, the return of each agent in each episode.
        mode: `"agent"`: mean and deviation over the K returns of the agent itself (Dr. MAS); `"global"`: over the K x A returns of the group (GRPO).

    Returns:
        `[G, K, A]` float64. 0 throughout where the returns that are compared do not differ.
    """
    returns = _checked("returns", returns, ("groups", "episodes", "agents"))
    axes = _axes(mode)
    deviation = returns.std(axis=axes, keepdims=True)
    differs = deviation > _LEAST_DEVIATION
    return np.where(differs, (returns - returns.mean(axis=axes, keepdims=True)) / np.where(differs, deviation, 1), 0)


def turn_advantages(rewards, mode="agent", least_deviation=0.1):
    """Advantages of single turns: how much more than its group an agent got from each turn on, in deviations of that group over all turns.

    A turn is paid for what comes after it alone, so that what was right and what was wrong in an episode are told apart.

    Args:
        rewards: `[G, K, A, T]`, of each agent in each turn; 0 after its last.
        mode: As of `group_advantages`.
        least_deviation: Smaller deviations count as this one, in units of reward: small differences must not be blown up.

    Returns:
        `[G, K, A, T]` float64.
    """
    rewards = _checked("rewards", rewards, ("groups", "episodes", "agents", "turns"))
    axes = _axes(mode)
    if not least_deviation > 0:
        raise ValueError(f"least_deviation must be above 0; got {least_deviation}. Give it in units of reward.")
    to_go = np.cumsum(rewards[..., ::-1], axis=-1)[..., ::-1]
    differences = to_go - to_go.mean(axis=axes, keepdims=True)
    deviation = np.sqrt((differences**2).mean(axis=(*axes, 3), keepdims=True))
    return differences / np.maximum(deviation, least_deviation)


def _checked(name, values, axes):
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != len(axes) or 0 in values.shape:
        raise ValueError(f"{name} must have the shape [{', '.join(axes)}], none of them 0; got {list(values.shape)}. Stack them so.")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite numbers; got an infinity or NaN. Look for the episode that gave it.")
    return values


def _axes(mode):
    if mode not in ("agent", "global"):
        raise ValueError(f'mode must be "agent" or "global"; got {mode!r}. Choose one.')
    return (1,) if mode == "agent" else (1, 2)
