"""Independent PPO in one file: every agent of a team learns from its own observation, with a critic of its own view; the agents share weights.

    python ippo.py --scenario plates-and-door-v1 --updates 400 --out runs/plates-ippo-0

Success is measured on levels of the test split by the task's own verdict, with choices drawn from the policy, and with its most likely ones beside that.
Training may add a potential (`--shaping`), which is no part of the task's reward or verdict: "doors" knows that a door needs somebody on a plate,
"near" is metres nearer to the first goal, "way" metres of the way that a guide shows (`guidance`, `rivalGuidance`), "none" leaves the task's reward alone.

Algorithm: de Witt et al., "Is Independent Learning All You Need in the StarCraft Multi-Agent Challenge?", 2020; PPO of Schulman et al. 2017 with the
details of Huang et al. 2022. Shaping: Ng et al. 1999; for a joint plan of a team Devlin and Kudenko, "Plan-based reward shaping", 2016.
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
parser.add_argument("--scenario", default="plates-and-door-v1")
parser.add_argument(
    "--observation", type=json.loads, default={"mechanisms": 8, "crop": 0, "nearestAgents": 1}, help="parts to observe, as JSON"
)
parser.add_argument("--lidar", type=int, default=0, help="beams of a lidar to see, a multiple of 8; they are given from north, not from ahead")
parser.add_argument(
    "--choices",
    default="idle,forward,back,left,right",
    help='discrete actions to choose among; "compass": none, or to run in one of eight directions, turning at once',
)
parser.add_argument("--opponents", type=json.loads, default=None, help='agents that the server plays, such as \'{"runner": "scripted"}\'')
parser.add_argument("--updates", type=int, default=400)
parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after this time, whatever is left")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--worlds", type=int, default=256)
parser.add_argument("--steps", type=int, default=32, help="decisions per world and update")
parser.add_argument("--repeat", type=int, default=2, help="ticks for which a choice is held")
parser.add_argument("--shaping", choices=("doors", "near", "way", "none"), default="doors")
parser.add_argument("--metre", type=float, default=0.05, help="shaping per metre")
parser.add_argument("--passage", type=float, default=1.5, help="shaping for each agent that is through a door")
parser.add_argument("--reward-scale", type=float, default=5)
parser.add_argument(
    "--fine", type=float, default=0.2, help="metres that the second copy of a distance is divided by: it tells whether one stands in a doorway"
)
parser.add_argument("--gamma", type=float, default=0.99)
parser.add_argument("--gae-lambda", type=float, default=0.95)
parser.add_argument("--learning-rate", type=float, default=1e-3, help="falls to a tenth, linearly")
parser.add_argument("--entropy", type=float, default=0.01, help="falls to a twentieth, linearly")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--minibatch", type=int, default=4096, help="rows of a gradient step")
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--test-levels", type=int, default=500, help="episodes of the test split after training")
parser.add_argument("--out", type=Path, default=None)
CLIP = 5.0
LIDAR_METRES = 16.0
UNKNOWN_METRES = 64.0
# North is yaw 0 and -z; then counter-clockwise.
COMPASS = ["idle", *(f"run-{point}" for point in ("n", "nw", "w", "sw", "s", "se", "e", "ne"))]


def layer(inputs, outputs, gain=2**0.5):
    made = nn.Linear(inputs, outputs)
    nn.init.orthogonal_(made.weight, gain)
    nn.init.zeros_(made.bias)
    return made


def network(inputs, hidden, outputs, gain):
    return nn.Sequential(layer(inputs, hidden), nn.Tanh(), layer(hidden, hidden), nn.Tanh(), layer(hidden, outputs, gain))


class Scale:
    """Running mean and variance of some components; the `fine` ones keep a fixed scale. Inputs are clip((x - mean) / scale)."""

    def __init__(self, size, fine, metres):
        self.mean, self.variance, self.count = np.zeros(size), np.ones(size), 1e-4
        self.fine, self.metres = fine, metres

    def observe(self, rows):
        """Chan et al.'s parallel update."""
        delta, total = rows.mean(0) - self.mean, self.count + len(rows)
        squares = self.variance * self.count + rows.var(0) * len(rows) + delta**2 * self.count * len(rows) / total
        self.mean, self.variance, self.count = self.mean + delta * len(rows) / total, squares / total, total

    def offset(self):
        return np.where(self.fine, 0, self.mean)

    def divisor(self):
        return np.where(self.fine, self.metres, np.sqrt(self.variance + 1e-6))

    def inputs(self, rows):
        return torch.from_numpy(np.clip((rows - self.offset()) / self.divisor(), -CLIP, CLIP).astype(np.float32))


class Doors:
    """A potential for a team that must let each other through doors in a row along x, each with a plate before and one behind it.

    While nobody is through: one goes to the plate and the other to the door, whichever way round is shorter. Once one is: it to the plate behind, the
    other to the door. `[B, A, D]` observations to `[B]`.
    """

    def __init__(self, args, batch, first):
        names = batch.spec["observationSpace"]["names"]
        rows = sum(name.startswith("mechanisms.") and name.endswith(".kind") for name in names)
        fields = ("kind", "mechanism", "dx", "dz")
        self.columns = np.array([[names.index(f"mechanisms.{row}.{field}") for field in fields] for row in range(rows)], int).reshape(-1, 4)
        seen = first[0, 0][self.columns]
        self.doors = []
        for number in sorted({int(row[1]) for row in seen if row[0] > 0}):
            plates = [row for row in range(rows) if seen[row, 0] == 1 and seen[row, 1] == number]
            blocks = [row for row in range(rows) if seen[row, 0] == 3 and seen[row, 1] == number]
            if len(plates) == 2 and blocks:
                self.doors.append((blocks[0], *plates))
        if not self.doors or len(batch.agents) != 2:
            raise SystemExit(
                f"--shaping doors must have two agents, and doors with two plates each that are observed; got {batch.spec['scenario']}. Try --shaping near."
            )
        self.metre, self.passage = args.metre, args.passage

    def __call__(self, observations):
        seen = observations[..., self.columns]
        distance = np.hypot(seen[..., 2], seen[..., 3])
        potential, reached = np.zeros(len(observations)), np.ones(len(observations), bool)
        for door, before, behind in self.doors:
            through = seen[..., door, 2] < 0
            nobody = np.minimum(distance[:, 0, before] + distance[:, 1, door], distance[:, 1, before] + distance[:, 0, door])
            one = np.where(
                through[:, 0], distance[:, 0, behind] + distance[:, 1, door], distance[:, 1, behind] + distance[:, 0, door]
            )
            count = through.sum(1)
            to_go = np.where(count == 0, nobody, np.where(count == 1, one, 0))
            potential += np.where(reached, self.passage * count - self.metre * to_go, 0)
            reached &= count == 2
        return potential


class Nearer:
    """Metres to the first goal of each learner, averaged. `[B, A, D]` to `[B]`."""

    def __init__(self, args, batch, _):
        self.column, self.metre = batch.spec["observationSpace"]["names"].index("goals.0.distance"), args.metre
        self.learners = learners_of(batch)

    def __call__(self, observations):
        return -self.metre * observations[:, self.learners, self.column].mean(1)


class Way:
    """Metres of the way that a guide shows each learner, averaged; one that is not known counts UNKNOWN_METRES. `[B, A, D]` to `[B]`."""

    def __init__(self, args, batch, _):
        names = batch.spec["observationSpace"]["names"]
        guide = next((guide for guide in ("rivalGuidance", "guidance") if f"{guide}.left" in names), None)
        if guide is None:
            raise SystemExit("--shaping way must have a guide to follow; got an --observation without `guidance` and `rivalGuidance`. Add one.")
        self.known, self.left, self.metre = names.index(f"{guide}.known"), names.index(f"{guide}.left"), args.metre
        self.learners = learners_of(batch)

    def __call__(self, observations):
        seen = observations[:, self.learners]
        return -self.metre * np.where(seen[..., self.known] > 0, seen[..., self.left], UNKNOWN_METRES).mean(1)


def learners_of(batch):
    """Slots that the server does not play."""
    return [slot for slot, policy in enumerate(batch.spec.get("opponents") or [None] * len(batch.agents)) if policy is None]


class Worlds:
    """A batch stepped by choices that are held for some ticks. Rows are worlds x learners; the learners are a team and share its reward."""

    def __init__(self, args, split, num_worlds, seed):
        self.batch = kinovox.Batch(
            args.scenario,
            num_worlds,
            split=split,
            seed=seed,
            action_profile="native" if args.choices == "compass" else "discrete",
            observation={**args.observation, **({"lidar": {"beams": args.lidar, "ringsDeg": [0]}} if args.lidar else {})},
            opponents=args.opponents,
            deliver=("pictures",) if args.lidar else (),
        )
        names = self.batch.spec["observationSpace"]["names"]
        self.learners, self.num_worlds, self.repeat = learners_of(self.batch), num_worlds, args.repeat
        self.rows = num_worlds * len(self.learners)
        self.choices = COMPASS if args.choices == "compass" else args.choices.split(",")
        self.known, self.yaw = self.batch.spec["actionSpace"]["names"], [names.index("self.sinYaw"), names.index("self.cosYaw")]
        # Messages and inventory say nothing here; of goals the first row. Ways to things come twice, the second time fine.
        kept = [name for name in names if name.split(".")[0] in ("self", "agents", "mechanisms", "guidance", "rivalGuidance") or name.startswith("goals.0.")]
        fine = [name for name in kept if name.endswith((".dx", ".dz"))]
        self.components, self.fine = kept + fine, np.array([False] * len(kept) + [True] * len(fine))
        self.columns = np.array([names.index(name) for name in self.components])
        self.beams = args.lidar
        self._take(self.batch.reset())
        self.potential = {"doors": Doors, "near": Nearer, "way": Way, "none": lambda *_: lambda seen: np.zeros(len(seen))}[args.shaping](
            args, self.batch, self.observations
        )
        self.before = self.potential(self.observations)

    def _take(self, result):
        self.observations = result.observations
        self.seen = result.observations[:, self.learners][..., self.columns].reshape(self.rows, -1)
        if self.beams:
            ranges = result.pictures["lidar"][:, self.learners, 0].reshape(self.rows, self.beams)
            # Beam 0 looks ahead: turned by the yaw, it is the one that looks north.
            turned = np.rint(self._yaws() * self.beams / (2 * np.pi)).astype(int)
            order = (np.arange(self.beams) - turned[:, None]) % self.beams
            self.ranges = np.minimum(np.take_along_axis(ranges, order, 1) / (1000 * LIDAR_METRES), 1).astype(np.float32)

    def _yaws(self):
        """`[rows]` radians."""
        sine, cosine = np.moveaxis(self.observations[:, self.learners][..., self.yaw].reshape(self.rows, 2), 1, 0)
        return np.arctan2(sine, cosine)

    def inputs(self, scale):
        inputs = scale.inputs(self.seen)
        return torch.cat([inputs, torch.from_numpy(self.ranges)], 1) if self.beams else inputs

    @property
    def size(self):
        return len(self.components) + self.beams

    def _actions(self, choices, first):
        """The batch's actions; only the `first` tick of a choice turns."""
        shape = (self.num_worlds, len(self.learners))
        actions = np.zeros(self.batch.action_shape, np.float32)
        if self.choices is not COMPASS:
            numbers = np.array([self.known.index(choice) for choice in self.choices], np.float32)
            actions[:, self.learners] = numbers[choices].reshape(shape)
            return actions
        column = {name: index for index, name in enumerate(self.known)}
        turn = (choices - 1) * (np.pi / 4) - self._yaws()
        runs = (choices > 0).reshape(shape)
        actions[:, self.learners, column["forward"]] = actions[:, self.learners, column["sprint"]] = runs
        if first:
            actions[:, self.learners, column["turn"]] = runs * np.arctan2(np.sin(turn), np.cos(turn)).reshape(shape)
        return actions

    def step(self, choices):
        """Returns per world the task's reward, the shaping, whether it ended, and the verdicts (world, success) of those that did."""
        reward, ended, verdicts = np.zeros(self.num_worlds, np.float32), np.zeros(self.num_worlds, bool), []
        for tick in range(self.repeat):
            result = self.batch.step(self._actions(choices, tick == 0))
            # What happens in the rest of a held choice belongs to the next episode.
            reward += np.where(ended, 0, result.rewards[:, self.learners].mean(1))
            for world in np.flatnonzero(result.ended & ~ended):
                verdicts.append((world, bool(result.rewards[world, self.learners[0]] > 0 and result.terminated[world].all())))
            ended |= result.ended
        self._take(result)
        after = self.potential(self.observations)
        shaping, self.before = np.where(ended, 0, after - self.before).astype(np.float32), after
        return reward, shaping, ended, verdicts


def train(args):
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    worlds = Worlds(args, "train", args.worlds, args.seed * 1_000_000)
    scale = Scale(len(worlds.components), worlds.fine, args.fine)
    scale.observe(worlds.seen)
    actor, critic = network(worlds.size, args.hidden, len(worlds.choices), 0.01), network(worlds.size, args.hidden, 1, 1.0)
    optimiser = torch.optim.Adam([*actor.parameters(), *critic.parameters()], eps=1e-5)
    began, recent, curve, team = time.time(), [], [], len(worlds.learners)
    for update in range(args.updates):
        left = 1 - update / args.updates
        optimiser.param_groups[0]["lr"] = args.learning_rate * max(left, 0.1)
        kept = []
        for step in range(args.steps):
            inputs = worlds.inputs(scale)
            with torch.no_grad():
                policy = Categorical(logits=actor(inputs))
                choices, value = policy.sample(), critic(inputs)[:, 0]
            reward, shaping, ended, verdicts = worlds.step(choices.numpy())
            recent = (recent + [success for _, success in verdicts])[-1000:]
            signal = torch.from_numpy(np.repeat(args.reward_scale * reward + shaping, team))
            ends = torch.from_numpy(np.repeat(ended, team).astype(np.float32))
            kept.append((inputs, choices, policy.log_prob(choices), value, signal, ends))
            if step % 8 == 0:
                scale.observe(worlds.seen)
        with torch.no_grad():
            following = critic(worlds.inputs(scale))[:, 0]
        learn(args, actor, critic, optimiser, [torch.stack(column) for column in zip(*kept)], following, args.entropy * max(left, 0.05))
        share = float(np.mean(recent)) if recent else 0.0
        steps = (update + 1) * args.steps * args.repeat * worlds.rows
        curve.append({"seconds": time.time() - began, "agent_steps": steps, "success": share})
        print(f"{curve[-1]['seconds']:6.0f} s  {steps / 1e6:7.2f} M agent-steps  success {share:.3f}", file=sys.stderr, flush=True)
        if curve[-1]["seconds"] > args.minutes * 60:
            break
    return actor, scale, worlds, curve


def learn(args, actor, critic, optimiser, kept, following, entropy):
    inputs, choices, logs, values, rewards, ends = kept
    advantages, last = torch.zeros_like(rewards), 0
    for t in reversed(range(len(rewards))):
        after = following if t == len(rewards) - 1 else values[t + 1]
        delta = rewards[t] + args.gamma * after * (1 - ends[t]) - values[t]
        last = delta + args.gamma * args.gae_lambda * (1 - ends[t]) * last
        advantages[t] = last
    returns, advantages = (advantages + values).flatten(), advantages.flatten()
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    inputs, choices, logs = inputs.flatten(0, 1), choices.flatten(), logs.flatten()
    for _ in range(args.epochs):
        for part in torch.randperm(len(inputs)).split(args.minibatch):
            policy = Categorical(logits=actor(inputs[part]))
            ratio = (policy.log_prob(choices[part]) - logs[part]).exp()
            gain = advantages[part]
            surrogate = torch.min(gain * ratio, gain * ratio.clamp(0.8, 1.2)).mean()
            error = (critic(inputs[part])[:, 0] - returns[part]).square().mean()
            loss = 0.5 * error - surrogate - entropy * policy.entropy().mean()
            optimiser.zero_grad()
            loss.backward()
            # Each by itself: the critic's gradients are the larger.
            nn.utils.clip_grad_norm_(actor.parameters(), 0.5)
            nn.utils.clip_grad_norm_(critic.parameters(), 0.5)
            optimiser.step()


def test(args, actor, scale, drawn):
    """Share of levels of the test split that the policy solves; each world plays one episode. Choices are `drawn`, or the most likely."""
    torch.manual_seed(args.seed)
    worlds = Worlds(args, "test", args.test_levels, 0)
    verdicts, open_worlds = np.zeros(args.test_levels), np.ones(args.test_levels, bool)
    while open_worlds.any():
        with torch.no_grad():
            logits = actor(worlds.inputs(scale))
        choices = Categorical(logits=logits).sample() if drawn else logits.argmax(1)
        for world, success in worlds.step(choices.numpy())[3]:
            verdicts[world] = success if open_worlds[world] else verdicts[world]
            open_worlds[world] = False
    worlds.batch.close()
    return float(verdicts.mean())


def policy_file(args, actor, scale, worlds, notes):
    """The file that `kinovox eval --policy learned:FILE` plays; it takes the most likely choice."""

    def packed(linear, activation):
        encode = lambda tensor: base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()
        return {"outputs": linear.out_features, "weights": encode(linear.weight), "biases": encode(linear.bias), "activation": activation}

    return {
        "format": "kinovox-policy",
        "version": 1,
        "name": f"{Path(sys.argv[0]).stem}-{args.seed}",
        "scenario": worlds.batch.spec["scenario"],
        "observation": args.observation,
        "components": worlds.components,
        "mean": scale.offset().tolist(),
        "scale": scale.divisor().tolist(),
        "clip": CLIP,
        "layers": [packed(actor[0], "tanh"), packed(actor[2], "tanh"), packed(actor[4], "none")],
        "choices": worlds.choices,
        "repeat": args.repeat,
        "notes": notes,
    }


def write(args, actor, scale, worlds, curve, result):
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "result.json").write_text(json.dumps(result) + "\n")
    (args.out / "metrics.jsonl").write_text("".join(json.dumps(point) + "\n" for point in curve))
    if args.lidar:
        print("policy.json was not written: its format holds no lidar", file=sys.stderr)
    else:
        (args.out / "policy.json").write_text(json.dumps(policy_file(args, actor, scale, worlds, result)))
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        print("tensorboard is not installed: no events were written", file=sys.stderr)
    else:
        with SummaryWriter(args.out) as log:
            for point in curve:
                log.add_scalar("charts/success_rate", point["success"], point["agent_steps"])


def main():
    args = parser.parse_args()
    actor, scale, worlds, curve = train(args)
    result = {
        "command": shlex.join(["python", Path(sys.argv[0]).name, *sys.argv[1:]]),
        "scenario": args.scenario,
        "seed": args.seed,
        "minutes": curve[-1]["seconds"] / 60,
        "cpu_minutes": time.process_time() / 60,
        "agent_steps": curve[-1]["agent_steps"],
        "shaping": args.shaping,
        "train_success": curve[-1]["success"],
        "test_success": test(args, actor, scale, drawn=True),
        "test_success_most_likely": test(args, actor, scale, drawn=False),
        "test_levels": args.test_levels,
    }
    if args.out is not None:
        write(args, actor, scale, worlds, curve, result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
