"""PPO from pictures in one file: the policy sees a small camera picture and nothing else.

    python ppo_camera.py --scenario reach-flat-v1 --minutes 30 --out runs/camera

While training, the critic sees the state vector instead (asymmetric actor-critic): it is thrown away afterwards, and the policy never sees it. Success is measured
on levels of the test split, by the task's own verdict. Scenarios with one agent.

Algorithm: Schulman et al. 2017; Pinto et al., "Asymmetric Actor Critic for Image-Based Robot Learning", 2018.
"""

import argparse
import json
import shlex
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical

import kinovox

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--scenario", default="reach-flat-v1")
parser.add_argument("--size", type=int, default=32, help="pixels across and from top to bottom")
parser.add_argument("--fov", type=float, default=90, help="degrees across")
parser.add_argument("--choices", default="forward,sprint,turn-left,turn-right", help="discrete actions to choose from, by name, with commas between")
parser.add_argument("--minutes", type=float, default=30, help="training time")
parser.add_argument("--updates", type=int, default=None, help="train for so many updates, however long they take")
parser.add_argument("--stop-at", type=float, default=0.95, help="stop once the last 500 training episodes succeed this often")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--worlds", type=int, default=64)
parser.add_argument("--steps", type=int, default=32, help="decisions per world and update")
parser.add_argument("--repeat", type=int, default=6, help="ticks for which the server holds a choice, with one picture at the end")
parser.add_argument("--shaping", type=float, default=0.2, help="reward per metre gained along the shortest way; 0: the task's reward alone")
parser.add_argument("--reward-scale", type=float, default=5)
parser.add_argument("--gamma", type=float, default=0.97)
parser.add_argument("--gae-lambda", type=float, default=0.95)
parser.add_argument("--learning-rate", type=float, default=1e-3)
parser.add_argument("--entropy", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--minibatch", type=int, default=512)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--test-levels", type=int, default=500, help="episodes of the test split after training")
parser.add_argument("--out", type=Path, default=None)
# Of `Result.outcome`: what the task says of an episode that ended.
SUCCEEDED = 1


def layer(made, gain=2**0.5):
    nn.init.orthogonal_(made.weight, gain)
    nn.init.zeros_(made.bias)
    return made


class Actor(nn.Module):
    """[N, 3, S, S] u8 pictures to [N, C] logits."""

    def __init__(self, size, choices):
        super().__init__()
        eye = [
            *(layer(nn.Conv2d(3, 16, 5, 2)), nn.ReLU()),
            *(layer(nn.Conv2d(16, 32, 3, 2)), nn.ReLU()),
            *(layer(nn.Conv2d(32, 32, 3, 2)), nn.ReLU(), nn.Flatten()),
        ]
        with torch.no_grad():
            width = nn.Sequential(*eye)(torch.zeros(1, 3, size, size)).shape[1]
        self.body = nn.Sequential(*eye, layer(nn.Linear(width, 128)), nn.ReLU(), layer(nn.Linear(128, choices), 0.01))

    def forward(self, pictures):
        return self.body(pictures.float() / 255 - 0.5)


class Critic(nn.Module):
    """[N, D] state vectors to [N] values; inputs are scaled by the bounds of their space."""

    def __init__(self, space):
        super().__init__()
        low, high = (torch.as_tensor(np.asarray(space[end], np.float32)) for end in ("low", "high"))
        self.register_buffer("scale", torch.clamp((high - low) / 4, 0.5, 16))
        self.body = nn.Sequential(layer(nn.Linear(len(low), 128)), nn.Tanh(), layer(nn.Linear(128, 128)), nn.Tanh(), layer(nn.Linear(128, 1), 1.0))

    def forward(self, vectors):
        return self.body((vectors / self.scale).clamp(-5, 5))[:, 0]


class Worlds:
    def __init__(self, args, split, num_worlds, seed):
        camera = {"width": args.size, "height": args.size, "fovDeg": args.fov, "channels": ["rgb"]}
        self.batch = kinovox.Batch(
            args.scenario,
            num_worlds,
            split=split,
            seed=seed,
            action_profile="discrete",
            observation={"crop": 0, "camera": camera},
            deliver=["pictures", "way", "outcome"],
            repeat=args.repeat,
        )
        if len(self.batch.agents) != 1:
            sys.exit(f"The scenario must have one agent; got {len(self.batch.agents)} in {args.scenario}. ppo.py takes several.")
        names, self.choices = self.batch.spec["actionSpace"]["names"], args.choices.split(",")
        if unknown := set(self.choices) - set(names):
            sys.exit(f"--choices must be some of {', '.join(names)}; got {', '.join(unknown)}.")
        self.actions = np.array([names.index(choice) for choice in self.choices])
        self.see(self.batch.reset())

    def see(self, result):
        self.vectors = torch.from_numpy(result.observations[:, 0].copy())
        self.pictures = torch.from_numpy(np.ascontiguousarray(result.pictures["cameraRgb"][:, 0].transpose(0, 3, 1, 2)))

    def step(self, choices):
        """Holds choices `[B]`. Returns the task's reward, the metres gained, which worlds ended, and which of these succeeded."""
        result = self.batch.step(self.actions[choices][:, None])
        self.see(result)
        reward, way = result.rewards[:, 0], result.way_left[:, 0]
        gained = ((way[:, 0] - way[:, 1]) / 10).astype(np.float32)
        return reward, gained, result.ended, result.outcome == SUCCEEDED


def train(args):
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    worlds = Worlds(args, "train", args.worlds, args.seed * 1_000_000)
    actor, critic = Actor(args.size, len(worlds.choices)), Critic(worlds.batch.spec["observationSpace"])
    optimiser = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=args.learning_rate, eps=1e-5)
    began, ticks, recent, curve = time.time(), 0, [], []
    while len(curve) < args.updates if args.updates is not None else time.time() - began < args.minutes * 60:
        kept = {name: [] for name in ("pictures", "vectors", "choices", "logs", "values", "rewards", "ends")}
        for _ in range(args.steps):
            pictures, vectors = worlds.pictures, worlds.vectors
            with torch.no_grad():
                policy = Categorical(logits=actor(pictures))
                choices, values = policy.sample(), critic(vectors)
            reward, gained, ended, verdict = worlds.step(choices.numpy())
            recent = (recent + verdict[ended].tolist())[-500:]
            signal = torch.from_numpy(args.reward_scale * reward + args.shaping * gained)
            row = (pictures, vectors, choices, policy.log_prob(choices), values, signal, torch.from_numpy(ended.astype(np.float32)))
            for name, value in zip(kept, row):
                kept[name].append(value)
        ticks += args.steps * args.repeat * args.worlds
        with torch.no_grad():
            following = critic(worlds.vectors)
        update(args, actor, critic, optimiser, kept, following)
        share = float(np.mean(recent)) if recent else 0.0
        curve.append({"seconds": time.time() - began, "agent_steps": ticks, "success": share})
        print(f"{curve[-1]['seconds']:6.0f} s  {ticks / 1e6:7.2f} M agent-steps  success {share:.3f}", file=sys.stderr)
        if len(recent) == 500 and share >= args.stop_at:
            break
    return actor, curve


def update(args, actor, critic, optimiser, kept, following):
    rewards, values, ends = (torch.stack(kept[name]) for name in ("rewards", "values", "ends"))
    advantages, last = torch.zeros_like(rewards), 0
    for t in reversed(range(len(rewards))):
        after = following if t == len(rewards) - 1 else values[t + 1]
        delta = rewards[t] + args.gamma * after * (1 - ends[t]) - values[t]
        last = delta + args.gamma * args.gae_lambda * (1 - ends[t]) * last
        advantages[t] = last
    returns, advantages = (advantages + values).flatten(), advantages.flatten()
    pictures, vectors, choices, logs = (torch.cat(kept[name]) for name in ("pictures", "vectors", "choices", "logs"))
    for _ in range(args.epochs):
        for part in torch.randperm(len(choices)).split(args.minibatch):
            policy = Categorical(logits=actor(pictures[part]))
            ratio = (policy.log_prob(choices[part]) - logs[part]).exp()
            gain = (advantages[part] - advantages[part].mean()) / (advantages[part].std() + 1e-8)
            surrogate = torch.min(gain * ratio, gain * ratio.clamp(0.8, 1.2)).mean()
            loss = 0.5 * (critic(vectors[part]) - returns[part]).square().mean() - surrogate - args.entropy * policy.entropy().mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([*actor.parameters(), *critic.parameters()], 0.5)
            optimiser.step()


def test(args, actor):
    """Share of levels of the test split that the policy solves, by choices drawn from it; 100 worlds at a time, each with one episode."""
    torch.manual_seed(args.seed)
    verdicts = []
    for first in range(0, args.test_levels, 100):
        worlds = Worlds(args, "test", min(100, args.test_levels - first), first)
        waiting = np.ones(worlds.batch.num_worlds, bool)
        while waiting.any():
            with torch.no_grad():
                choices = Categorical(logits=actor(worlds.pictures)).sample()
            _, _, ended, verdict = worlds.step(choices.numpy())
            verdicts += verdict[ended & waiting].tolist()
            waiting &= ~ended
        worlds.batch.close()
    return float(np.mean(verdicts))


def write(args, actor, curve, result):
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({"actor": actor.state_dict(), "arguments": {**vars(args), "out": str(args.out)}}, args.out / "policy.pt")
    (args.out / "result.json").write_text(json.dumps({**result, "command": shlex.join(["python", *sys.argv])}))
    (args.out / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in curve))
    try:
        from torch.utils.tensorboard import SummaryWriter

        with SummaryWriter(args.out) as log:
            for point in curve:
                log.add_scalar("charts/success_rate", point["success"], point["agent_steps"])
    except ImportError:
        print("tensorboard is not installed: no events were written", file=sys.stderr)


def main():
    args = parser.parse_args()
    actor, curve = train(args)
    result = {
        "scenario": args.scenario,
        "seed": args.seed,
        "minutes": curve[-1]["seconds"] / 60,
        "agent_steps": curve[-1]["agent_steps"],
        "train_success": curve[-1]["success"],
        "test_success": test(args, actor),
        "test_levels": args.test_levels,
        "shaping": args.shaping,
    }
    if args.out is not None:
        write(args, actor, curve, result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
