"""Advantages of groups of episodes for GRPO, and for teams as in Dr. MAS. Needs numpy.

Data flow: returns of G groups of K episodes of A agents -> advantages of the same shape. Episodes of a group begin in the same state.
Source: Shao et al., arXiv 2402.03300 (GRPO); arXiv 2602.08847 (Dr. MAS: mean and deviation of each agent by itself).
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
    returns = np.asarray(returns, dtype=np.float64)
    if returns.ndim != 3 or 0 in returns.shape:
        raise ValueError(f"returns must have the shape [groups, episodes, agents], none of them 0; got {list(returns.shape)}. Stack them so.")
    if not np.isfinite(returns).all():
        raise ValueError("returns must be finite numbers; got an infinity or NaN. Look for the episode that gave it.")
    if mode not in ("agent", "global"):
        raise ValueError(f'mode must be "agent" or "global"; got {mode!r}. Choose one.')
    axes = (1,) if mode == "agent" else (1, 2)
    deviation = returns.std(axis=axes, keepdims=True)
    differs = deviation > _LEAST_DEVIATION
    return np.where(differs, (returns - returns.mean(axis=axes, keepdims=True)) / np.where(differs, deviation, 1), 0)
