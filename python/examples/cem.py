"""The cross-entropy method with numpy alone: a linear policy that walks to its goal, learned in seconds.

    python cem.py --scenario reach-flat-v1

Keys for forward, strafe and sprint are linear in the way to the goal; the mean of the best tenth of each generation leads the next.
Every candidate of a generation plays the same levels of the train split; the answer is measured on 200 levels of the test split.
Method: Rubinstein 1999; Mannor, Rubinstein, Gat 2003.
"""

import argparse
import json
import sys

import numpy as np

import kinovox

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--scenario", default="reach-flat-v1")
parser.add_argument("--generations", type=int, default=12)
parser.add_argument("--candidates", type=int, default=64)
parser.add_argument("--levels", type=int, default=4, help="episodes per candidate")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--shuffle", action="store_true", help="give the scores to the wrong candidates: nothing should be learned")
SEEN = ("goals.0.dx", "goals.0.dz", "self.vx", "self.vz")
KEYS = ("forward", "strafe", "sprint")
SIZE = len(KEYS) * (len(SEEN) + 1)


def play(batch, policies, seeds):
    """Plays one episode per world with its own policy `[B, SIZE]`. Returns whether each succeeded, and how near it came, in metres."""
    names, keys = batch.spec["observationSpace"]["names"], batch.spec["actionSpace"]["names"]
    seen, distance = [names.index(name) for name in SEEN], names.index("goals.0.distance")
    weights = policies.reshape(len(policies), len(KEYS), -1)
    observations = batch.reset(seeds=seeds).observations[:, 0]
    actions = np.zeros(batch.action_shape, np.float32)
    running, succeeded, near = np.ones(len(policies), bool), np.zeros(len(policies), bool), observations[:, distance].copy()
    while running.any():
        inputs = np.concatenate([observations[:, seen] / 10, np.ones((len(policies), 1))], axis=1)
        actions[:, 0, [keys.index(key) for key in KEYS]] = np.einsum("bki,bi->bk", weights, inputs)
        result = batch.step(actions)
        ended = result.ended & running
        succeeded |= ended & result.terminated[:, 0] & (result.rewards[:, 0] > 0)
        running &= ~result.ended
        observations = result.observations[:, 0]
        near = np.where(running, np.minimum(near, observations[:, distance]), near)
    return succeeded, np.where(succeeded, 0, near)


def main():
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    mean, spread = np.zeros(SIZE), np.full(SIZE, 2.0)
    batch = kinovox.Batch(args.scenario, args.candidates * args.levels, split="train", autoreset="same-step")
    for generation in range(args.generations):
        candidates = mean + spread * rng.standard_normal((args.candidates, SIZE))
        seeds = np.tile(rng.integers(1 << 31, size=args.levels), args.candidates)
        succeeded, near = play(batch, np.repeat(candidates, args.levels, axis=0), seeds)
        scores = (10.0 * succeeded - near).reshape(args.candidates, args.levels).mean(1)
        if args.shuffle:
            rng.shuffle(scores)
        best = candidates[np.argsort(scores)[-args.candidates // 10 :]]
        mean, spread = best.mean(0), best.std(0) + 0.3 / (generation + 1)
        print(f"generation {generation}: {succeeded.mean():.2f} of all candidates' episodes succeed", file=sys.stderr)
    test = kinovox.Batch(args.scenario, 200, split="test")
    succeeded, _ = play(test, np.tile(mean, (200, 1)), np.arange(200))
    print(json.dumps({"scenario": args.scenario, "seed": args.seed, "test_success": float(succeeded.mean()), "test_levels": 200}))


if __name__ == "__main__":
    main()
