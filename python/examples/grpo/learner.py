"""GRPO on transcripts: which ids are trained, with which advantage, and the step itself. Needs jax and optax."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax

from . import model

# The log probability of a sampled id, computed again under the weights that sampled it, may differ by this much: two orders of adding up.
MOST_DIFFERENCE = 1e-4


def create_batch(transcripts, advantages, length):
    """Transcripts as arrays. Returns `(tokens, mask, words, recorded, advantages)`.

    Shapes: tokens `[N, L]` i32; of what follows each token `[N, L - 1]`: mask 1 where the model wrote it, words its number among the action words,
    recorded its log probability when it was sampled, advantages that of the turn.

    Args:
        advantages: `[N, turns]`; each turn has two sampled ids.
    """
    count = len(transcripts)
    tokens = np.zeros((count, length), np.int32)
    mask, recorded, worth = np.zeros((3, count, length - 1), np.float32)
    words = np.zeros((count, length - 1), np.int32)
    for row, transcript in enumerate(transcripts):
        tokens[row, : len(transcript.ids)] = transcript.ids
        places = np.array(transcript.sampled, np.int32) - 1
        mask[row, places] = 1
        recorded[row, places] = transcript.log_probs
        worth[row, places] = np.repeat(advantages[row], 2)[: len(places)]
        # Action words have the ids 1..W.
        words[row, places] = tokens[row, places + 1] - 1
    return tokens, mask, words, recorded, worth


def assert_trained_is_sampled(transcripts, batch):
    """That the ids trained are the ids sampled, at their places, each as often. Raises AssertionError."""
    _, mask, words, recorded, _ = batch
    for row, transcript in enumerate(transcripts):
        places = np.flatnonzero(mask[row]) + 1
        assert list(places) == list(transcript.sampled), f"trained places {places} of transcript {row} are not the sampled ones {transcript.sampled}"
        assert list(words[row, places - 1] + 1) == list(transcript.written), f"trained ids of transcript {row} are not the sampled ones"
        assert np.array_equal(recorded[row, places - 1], np.float32(transcript.log_probs)), f"log probabilities of transcript {row} are not the recorded ones"


def assert_recorded(difference):
    """That log probabilities computed again under the weights that sampled are those recorded. Returns the largest difference. Raises AssertionError."""
    difference = float(difference)
    assert difference <= MOST_DIFFERENCE, f"log probabilities must be those recorded within {MOST_DIFFERENCE}; got a difference of {difference}"
    return difference


def create_optimizer(rate, clip=1.0):
    return optax.chain(optax.clip_by_global_norm(clip), optax.adam(rate, b2=0.99))


@partial(jax.jit, static_argnums=(0, 1))
def train_step(shape, optimizer, weights, state, batch, entropy_weight, clip=0.2):
    """One step of the clipped policy gradient.

    Returns weights, state and, all under the weights given, `{loss, entropy, difference}`: `difference` is the largest one between a log probability and
    the recorded one.
    """
    tokens, mask, words, recorded, advantages = batch

    def loss_of(weights):
        log_probs = model.log_probs(shape, weights, tokens)[:, :-1]
        chosen = jnp.take_along_axis(log_probs, words[:, :, None], axis=2)[:, :, 0]
        ratio = jnp.exp(jnp.where(mask > 0, chosen - recorded, 0))
        gain = jnp.minimum(ratio * advantages, jnp.clip(ratio, 1 - clip, 1 + clip) * advantages)
        entropy = -jnp.sum(jnp.exp(log_probs) * log_probs, axis=-1)
        total = jnp.sum(mask)
        mean_entropy = jnp.sum(entropy * mask) / total
        loss = -jnp.sum(gain * mask) / total - entropy_weight * mean_entropy
        return loss, {"loss": loss, "entropy": mean_entropy, "difference": jnp.max(jnp.abs(chosen - recorded) * mask)}

    gradient, told = jax.grad(loss_of, has_aux=True)(weights)
    updates, state = optimizer.update(gradient, state)
    return optax.apply_updates(weights, updates), state, told
