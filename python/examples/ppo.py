"""PPO in one file: agents of a scenario share one policy (with one agent this is PPO, with several independent PPO).

    python ppo.py --scenario reach-flat-v1 --minutes 2 --out runs/reach-flat

Writes policy.json (play it: kinovox eval --policy learned:runs/reach-flat/policy.json --suite reach-flat-v1), metrics.jsonl, curve.png and,
where tensorboard is installed, its events. Success is measured on levels of the test split, by the task's own verdict.
Training may add a potential: `--shaping` times the metres that an agent came nearer to its goal, as the crow flies or along the shortest way
(`--potential way`). It is no part of the task's reward or verdict. docs/learning.md has the commands that were run, with their results.

Algorithm: Schulman et al. 2017, with the details of Huang et al., "The 37 Implementation Details of PPO", 2022.
"""

import argparse
import base64
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
parser.add_argument("--train-in", default=None, help="scenario or file to train in, where it is not the one of the test: other levels, say")
parser.add_argument("--observation", type=json.loads, default={}, help='parts to observe, such as \'{"mechanisms": 8}\'')
parser.add_argument("--walls", type=int, default=0, help="also see which of the N x N cells around the feet hold a block; N is odd")
parser.add_argument("--minutes", type=float, default=5, help="training time")
parser.add_argument("--updates", type=int, default=None, help="train for so many updates, however long they take")
parser.add_argument("--stop-at", type=float, default=1.01, help="stop once the last 1000 training episodes succeed this often")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--worlds", type=int, default=256)
parser.add_argument("--steps", type=int, default=64, help="decisions per world and update")
parser.add_argument("--repeat", type=int, default=4, help="ticks for which a choice is held")
parser.add_argument("--shaping", type=float, default=0.2, help="reward per metre nearer to the first goal; 0: the task's reward alone")
parser.add_argument("--potential", choices=("distance", "way"), default="distance", help="metres as the crow flies, or along the shortest way")
parser.add_argument("--reward-scale", type=float, default=5)
parser.add_argument("--gamma", type=float, default=0.98)
parser.add_argument("--gae-lambda", type=float, default=0.95)
parser.add_argument("--learning-rate", type=float, default=1e-3)
parser.add_argument("--entropy", type=float, default=0.01)
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--minibatch", type=int, default=4096)
parser.add_argument("--hidden", type=int, default=128)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--test-levels", type=int, default=500, help="episodes of the test split after training")
parser.add_argument("--act", choices=("best", "draw"), default="best", help="in the test: the most likely choice, or one drawn by likelihood")
parser.add_argument("--out", type=Path, default=None)
CLIP = 5.0
# Of `Result.outcome`: what the task says of an episode that ended.
SUCCEEDED = 1


def layer(inputs, outputs, gain=2**0.5):
    made = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(made.weight, gain)
    nn.init.zeros_(made.bias)
    return made


class Agent(nn.Module):
    """Actor and critic over one body; inputs are normalised by running statistics that are part of the policy."""

    def __init__(self, size, choices, hidden):
        super().__init__()
        self.mean, self.variance, self.count = np.zeros(size), np.ones(size), 1e-4
        self.body = nn.Sequential(layer(size, hidden), nn.Tanh(), layer(hidden, hidden), nn.Tanh())
        self.actor = layer(hidden, choices, 0.01)
        self.critic = layer(hidden, 1, 1.0)

    def observe(self, rows):
        """Chan et al.'s parallel update of mean and variance."""
        delta, total = rows.mean(0) - self.mean, self.count + len(rows)
        self.variance = (
            self.variance * self.count + rows.var(0) * len(rows) + delta**2 * self.count * len(rows) / total
        ) / total
        self.mean, self.count = self.mean + delta * len(rows) / total, total

    def scale(self):
        return np.sqrt(self.variance + 1e-6)

    def inputs(self, rows):
        return torch.from_numpy(np.clip((rows - self.mean) / self.scale(), -CLIP, CLIP).astype(np.float32))

    def forward(self, inputs):
        hidden = self.body(inputs)
        return self.actor(hidden), self.critic(hidden)[:, 0]


class Worlds:
    """A batch stepped by choices that are held for some ticks. Rows are worlds x agents."""

    def __init__(self, args, split, num_worlds, seed):
        parts = {**args.observation, "crop": args.walls} if args.walls > 0 else args.observation
        self.batch = kinovox.Batch(
            args.train_in if split == "train" and args.train_in is not None else args.scenario,
            num_worlds,
            split=split,
            seed=seed,
            action_profile="discrete",
            observation=parts or None,
            deliver=["outcome"] + (["way"] if args.potential == "way" else []) + (["crop"] if args.walls > 0 else []),
            repeat=args.repeat,
        )
        space = self.batch.spec["observationSpace"]
        self.walls = args.walls
        self.names = space["names"] + [f"walls.{cell}" for cell in range(args.walls**2)]
        self.choices = self.batch.spec["actionSpace"]["names"]
        self.agents = len(self.batch.agents)
        self.rows = num_worlds * self.agents
        self.shaping = args.shaping
        self.by_way = args.potential == "way"
        self.distance = self.names.index("goals.0.distance") if "goals.0.distance" in self.names and not self.by_way else None
        self.observations = self.seen(self.batch.reset())

    def _rows(self, array):
        return array.reshape(self.rows, *array.shape[2:])

    def seen(self, result):
        """[rows, D] what the network is given: the vector, and the layer of the feet."""
        vector = self._rows(result.observations)
        if self.walls == 0:
            return vector.copy()
        layer = self._rows(result.crop)[:, self.walls // 2].reshape(self.rows, -1)
        return np.concatenate([vector, layer != 0], axis=1, dtype=np.float32)

    def step(self, choices):
        """Returns the task's reward, the shaping, which rows ended, and the verdicts (1 succeeded, 0 not) of worlds that ended."""
        before = self.observations
        result = self.batch.step(choices.reshape(self.batch.action_shape))
        self.observations = self.seen(result)
        reward, ended = self._rows(result.rewards), np.repeat(result.ended, self.agents)
        verdicts = (result.outcome[result.ended] == SUCCEEDED).astype(float).tolist()
        nearer = np.zeros(self.rows, np.float32)
        if self.by_way:
            way = self._rows(result.way_left)
            nearer = ((way[:, 0] - way[:, 1]) / 10).astype(np.float32)
        elif self.distance is not None:
            nearer = np.where(ended, 0, before[:, self.distance] - self.observations[:, self.distance])
        # A team shares what its members gain, as it shares the task.
        shaping = self.shaping * np.repeat(nearer.reshape(-1, self.agents).mean(1), self.agents).astype(np.float32)
        return reward, shaping, ended, verdicts


def train(args):
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    worlds = Worlds(args, "train", args.worlds, args.seed * 1_000_000)
    agent = Agent(len(worlds.names), len(worlds.choices), args.hidden)
    agent.observe(worlds.observations)
    optimiser = torch.optim.Adam(agent.parameters(), lr=args.learning_rate, eps=1e-5)
    began, ticks, recent, curve = time.time(), 0, [], []
    while len(curve) < args.updates if args.updates is not None else time.time() - began < args.minutes * 60:
        kept = {name: [] for name in ("inputs", "choices", "logs", "values", "rewards", "ends")}
        for step in range(args.steps):
            inputs = agent.inputs(worlds.observations)
            with torch.no_grad():
                logits, values = agent(inputs)
                policy = Categorical(logits=logits)
                choices = policy.sample()
            reward, shaping, ended, verdicts = worlds.step(choices.numpy())
            recent = (recent + verdicts)[-1000:]
            signal = torch.from_numpy(args.reward_scale * reward + shaping)
            row = (inputs, choices, policy.log_prob(choices), values, signal, torch.from_numpy(ended.astype(np.float32)))
            for name, value in zip(kept, row):
                kept[name].append(value)
            if step % 8 == 0:
                agent.observe(worlds.observations)
        ticks += args.steps * args.repeat * worlds.rows
        with torch.no_grad():
            following = agent(agent.inputs(worlds.observations))[1]
        update(args, agent, optimiser, kept, following)
        share = float(np.mean(recent)) if recent else 0.0
        curve.append({"seconds": time.time() - began, "agent_steps": ticks, "success": share})
        print(f"{curve[-1]['seconds']:6.0f} s  {ticks / 1e6:7.2f} M agent-steps  success {share:.3f}", file=sys.stderr)
        if len(recent) == 1000 and share >= args.stop_at:
            break
    return agent, worlds, curve


def update(args, agent, optimiser, kept, following):
    rewards, values, ends = (torch.stack(kept[name]) for name in ("rewards", "values", "ends"))
    advantages, last = torch.zeros_like(rewards), 0
    for t in reversed(range(len(rewards))):
        after = following if t == len(rewards) - 1 else values[t + 1]
        delta = rewards[t] + args.gamma * after * (1 - ends[t]) - values[t]
        last = delta + args.gamma * args.gae_lambda * (1 - ends[t]) * last
        advantages[t] = last
    returns, advantages = (advantages + values).flatten(), advantages.flatten()
    inputs, choices, logs = (torch.cat(kept[name]) for name in ("inputs", "choices", "logs"))
    for _ in range(args.epochs):
        for part in torch.randperm(len(inputs)).split(args.minibatch):
            logits, value = agent(inputs[part])
            policy = Categorical(logits=logits)
            ratio = (policy.log_prob(choices[part]) - logs[part]).exp()
            gain = (advantages[part] - advantages[part].mean()) / (advantages[part].std() + 1e-8)
            surrogate = torch.min(gain * ratio, gain * ratio.clamp(0.8, 1.2)).mean()
            loss = 0.5 * (value - returns[part]).square().mean() - surrogate - args.entropy * policy.entropy().mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            optimiser.step()


def test(args, agent, split="test", act=None):
    """Share of levels of a split that the policy solves; each world plays one episode. `act`: in place of --act."""
    torch.manual_seed(args.seed)
    worlds = Worlds(args, split, args.test_levels, 0)
    verdicts, open_worlds = np.zeros(args.test_levels), np.ones(args.test_levels, bool)
    while open_worlds.any():
        with torch.no_grad():
            logits = agent(agent.inputs(worlds.observations))[0]
            choices = (logits.argmax(1) if (act or args.act) == "best" else Categorical(logits=logits).sample()).numpy()
        result = worlds.batch.step(choices.reshape(worlds.batch.action_shape))
        verdicts[open_worlds & result.ended] = result.outcome[open_worlds & result.ended] == SUCCEEDED
        open_worlds &= ~result.ended
        worlds.observations = worlds.seen(result)
    return float(verdicts.mean())


def policy_file(args, agent, worlds, notes):
    """The file that `kinovox eval --policy learned:FILE` plays."""

    def packed(linear, activation):
        encode = lambda tensor: base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()
        return {
            "outputs": linear.out_features,
            "weights": encode(linear.weight),
            "biases": encode(linear.bias),
            "activation": activation,
        }

    return {
        "format": "kinovox-policy",
        "version": 1,
        "name": f"ppo-{args.seed}",
        "scenario": worlds.batch.spec["scenario"],
        "observation": args.observation,
        "components": worlds.names,
        "mean": agent.mean.tolist(),
        "scale": agent.scale().tolist(),
        "clip": CLIP,
        "layers": [packed(agent.body[0], "tanh"), packed(agent.body[2], "tanh"), packed(agent.actor, "none")],
        "choices": worlds.choices,
        "repeat": args.repeat,
        "notes": notes,
    }


def write(args, agent, worlds, curve, notes):
    args.out.mkdir(parents=True, exist_ok=True)
    if args.walls > 0:
        print("policy.json is not written: its format has the components of the vector only, and this policy sees --walls", file=sys.stderr)
    else:
        (args.out / "policy.json").write_text(json.dumps(policy_file(args, agent, worlds, notes)))
    (args.out / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in curve))
    try:
        from torch.utils.tensorboard import SummaryWriter

        with SummaryWriter(args.out) as log:
            for point in curve:
                log.add_scalar("charts/success_rate", point["success"], point["agent_steps"])
    except ImportError:
        print("tensorboard is not installed: no events were written", file=sys.stderr)
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        figure, axes = pyplot.subplots(figsize=(6, 3.5), layout="constrained")
        axes.plot([p["agent_steps"] / 1e6 for p in curve], [100 * p["success"] for p in curve])
        axes.set(xlabel="million agent-steps", ylabel="training episodes that succeed, %", ylim=(0, 102), title=args.scenario)
        axes.grid(alpha=0.3)
        figure.savefig(args.out / "curve.png", dpi=120)
    except ImportError:
        print("matplotlib is not installed: no curve was drawn", file=sys.stderr)


def main():
    args = parser.parse_args()
    agent, worlds, curve = train(args)
    result = {
        "scenario": args.scenario,
        "seed": args.seed,
        "minutes": curve[-1]["seconds"] / 60,
        "agent_steps": curve[-1]["agent_steps"],
        "train_success": curve[-1]["success"],
        "test_success": test(args, agent),
        # What policy.json plays.
        **({} if args.act == "best" else {"test_success_most_likely": test(args, agent, act="best")}),
        "test_levels": args.test_levels,
        **({} if args.train_in is None else {"train_levels_success": test(args, agent, "train")}),
        "shaping": args.shaping,
    }
    if args.out is not None:
        write(args, agent, worlds, curve, {**result, "command": shlex.join(["python", *sys.argv])})
    print(json.dumps(result))


if __name__ == "__main__":
    main()
