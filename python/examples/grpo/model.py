"""A small causal transformer in JAX: pre-norm blocks, attention that falls off with distance (ALiBi, Press et al., ICLR
2022), one output per word that calls are made of. A token is read together with the one before it, so that one layer can find what stands after a word.

Two forms of the same function: `log_probs` over whole transcripts, for training, and `extend`, which adds tokens to a cache, for sampling.
Sizes: N transcripts of at most L tokens, V words of which the W action words can be sampled, D = width, H heads.
"""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp


@dataclass(frozen=True)
class Shape:
    """Sizes of a model. `length` is the longest transcript, in tokens."""

    vocabulary: int
    actions: int
    length: int = 256
    width: int = 64
    layers: int = 2
    heads: int = 2


def create(shape, key):
    """Weights drawn at random: a tree of f32 arrays."""
    keys = iter(jax.random.split(key, 3 + 4 * shape.layers))
    width = shape.width

    def matrix(rows, columns, gain=1.0):
        return gain * jax.random.normal(next(keys), (rows, columns)) / rows**0.5

    def block():
        return {
            "attention": {"scale": jnp.ones(width), "in": matrix(width, 3 * width), "out": matrix(width, width, 0.5)},
            "mlp": {"scale": jnp.ones(width), "in": matrix(width, 4 * width), "out": matrix(4 * width, width, 0.5)},
        }

    return {
        "words": jax.random.normal(next(keys), (shape.vocabulary, width)),
        "before": jax.random.normal(next(keys), (shape.vocabulary, width)),
        "blocks": [block() for _ in range(shape.layers)],
        "scale": jnp.ones(width),
        # Small: at first all words of calls are about as likely.
        "out": matrix(width, shape.actions, 0.1),
    }


def num_weights(weights):
    return sum(leaf.size for leaf in jax.tree.leaves(weights))


def create_cache(shape, count):
    """Keys and values of no tokens yet: `[layers, 2, N, L, H, D / H]` f32."""
    return jnp.zeros((shape.layers, 2, count, shape.length, shape.heads, shape.width // shape.heads))


def _norm(x, scale):
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + 1e-6) * scale


def _attend(query, key, value, positions):
    """query `[N, T, H, d]` at `positions` `[N, T]` over keys and values `[N, L, H, d]`: each sees the places up to its own."""
    heads = query.shape[2]
    # The first head looks back some 4 tokens, each further one 8 times as far.
    slopes = 2.0 ** (-2 - 3 * jnp.arange(heads))
    distance = positions[:, None, :, None] - jnp.arange(key.shape[1])[None, None, None, :]
    scores = jnp.einsum("nthd,nlhd->nhtl", query, key) / query.shape[-1] ** 0.5 - slopes[None, :, None, None] * distance
    weights = jax.nn.softmax(jnp.where(distance >= 0, scores, -1e9), axis=-1)
    return jnp.einsum("nhtl,nlhd->nthd", weights, value)


def _run(shape, weights, tokens, before, positions, remember):
    """The hidden state of each token, `[N, T, D]`; `before` holds the tokens before them, 0 where there is none. `remember(layer, keys, values)` gives all keys and values that may be seen."""
    count, steps = tokens.shape
    x = weights["words"][tokens] + weights["before"][before]
    for layer, block in enumerate(weights["blocks"]):
        attention = block["attention"]
        split = (_norm(x, attention["scale"]) @ attention["in"]).reshape(count, steps, 3, shape.heads, -1)
        keys, values = remember(layer, split[:, :, 1], split[:, :, 2])
        x = x + _attend(split[:, :, 0], keys, values, positions).reshape(count, steps, -1) @ attention["out"]
        mlp = block["mlp"]
        x = x + jax.nn.gelu(_norm(x, mlp["scale"]) @ mlp["in"]) @ mlp["out"]
    return _norm(x, weights["scale"])


def _action_log_probs(weights, hidden):
    """Of the next word among the action words."""
    return jax.nn.log_softmax(hidden @ weights["out"], axis=-1)


@partial(jax.jit, static_argnums=0)
def log_probs(shape, weights, tokens):
    """tokens `[N, T]` -> `[N, T, W]`, of the word after each token."""
    positions = jnp.broadcast_to(jnp.arange(tokens.shape[1]), tokens.shape)
    before = jnp.pad(tokens, ((0, 0), (1, 0)))[:, :-1]
    return _action_log_probs(weights, _run(shape, weights, tokens, before, positions, lambda _, keys, values: (keys, values)))


@partial(jax.jit, static_argnums=0, donate_argnums=2)
def extend(shape, weights, cache, tokens, before, begins, counts):
    """Adds tokens to the transcripts of a cache.

    Args:
        tokens: `[N, T]`, of which the first `counts` `[N]` of each transcript count. before: `[N]`, its last token so far, 0 where it has
            none. begins: `[N]`, how many it had before.

    Returns:
        The cache, and `[N, W]` log probabilities of the word after the last one.
    """
    numbers = jnp.arange(tokens.shape[1])
    positions = begins[:, None] + numbers[None, :]
    # What is padding is written nowhere: it would lie where the transcript goes on, or over its end.
    targets = jnp.where(numbers[None, :] < counts[:, None], begins[:, None] + numbers[None, :], shape.length)
    rows = jnp.arange(tokens.shape[0])[:, None]
    kept = [None] * shape.layers

    def remember(layer, keys, values):
        both = cache[layer].at[0, rows, targets].set(keys, mode="drop").at[1, rows, targets].set(values, mode="drop")
        kept[layer] = both
        return both[0], both[1]

    before = jnp.concatenate([before[:, None], tokens[:, :-1]], axis=1)
    hidden = _run(shape, weights, tokens, before, positions, remember)
    last = jnp.take_along_axis(hidden, jnp.maximum(counts - 1, 0)[:, None, None], axis=1)[:, 0]
    return jnp.stack(kept), _action_log_probs(weights, last)
