"""Agent-steps per second by every way into Python, beside the same batch in TypeScript and beside other environments: `python -m kinovox.bench`.

All rows run in turns, round after round; each row's figure is its best round, so that a machine's other load falls on all alike.
"""

import argparse
import functools
import json
import os
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from ._batch import Batch
from ._launch import launch
from ._launch import node as find_node

_TYPESCRIPT = """
import { createBatchEnvSync } from './packages/env/dist/index.js';
const [scenario, worlds, steps] = process.argv.slice(1);
const observation = ['state'];
const env = createBatchEnvSync({ scenario: `scenarios/${scenario}.scenario.json`, numWorlds: Number(worlds), engine: 'cpu', observation });
env.reset();
const actions = new Float32Array(env.actionLength).fill(0.25);
for (let t = 0; t < 20; t++) env.stepSync(actions);
const begin = performance.now();
for (let t = 0; t < Number(steps); t++) env.stepSync(actions);
console.log(JSON.stringify(env.numWorlds * env.numAgents * Number(steps) / (performance.now() - begin) * 1000));
"""
_WARM_UP = 20
_BARS = {"shared memory": 0.5, "WebSocket": 0.2}


class Skipped(Exception):
    """Why a row has no figure."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", default="plates-and-door-v1")
    parser.add_argument("--worlds", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=100, help="steps per row and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--peers",
        nargs="*",
        choices=sorted(_PEERS),
        help="also other environments, where they are installed; without names, all. Craftax-Classic compiles for minutes on a CPU",
    )
    parser.add_argument("--append", action="store_true", help="append the report to test/bench/results/python.jsonl of the repository")
    given = parser.parse_args()
    rows = {
        "TypeScript, in process": _typescript,
        "shared memory": lambda given: _step(given, "shared-memory"),
        "WebSocket": lambda given: _step(given, "websocket"),
        "torch tensor": _torch,
        "with PPO updates": _ppo,
    }
    if given.peers is not None:
        for name in given.peers or _PEERS:
            rows[name] = _PEERS[name]
    best, reasons = {}, {}
    for turn in range(given.rounds):
        for name, measure in rows.items():
            if name in reasons:
                continue
            try:
                figure = measure(given)
                print(f"  round {turn + 1}: {name} {figure:,.0f}", file=sys.stderr, flush=True)
                best[name] = max(best.get(name, 0), figure)
            except Skipped as reason:
                reasons[name] = str(reason)
    _print(given, rows, best, reasons)
    if given.append:
        _append(given, rows, best, reasons)


def _print(given, rows, best, reasons):
    typescript = best.get("TypeScript, in process")
    print(f"{given.scenario}, {given.worlds} worlds, state observations, engine cpu; best of {given.rounds} rounds of {given.steps} steps, in turns")
    for name in rows:
        if name in reasons:
            print(f"{name:24} not measured: {reasons[name]}")
            continue
        line = f"{name:24}{best[name]:14,.0f} agent-steps/s"
        if typescript and name != "TypeScript, in process":
            ratio = best[name] / typescript
            line += f"  {ratio:6.2g} of TypeScript"
            if name in _BARS:
                line += f" (bar {_BARS[name]:.2f}: {'met' if ratio >= _BARS[name] else 'MISSED'})"
        print(line)


def _repository():
    return Path(__file__).resolve().parents[2]


def _typescript(given):
    repository = _repository()
    if not (repository / "packages/env/dist").exists():
        raise Skipped("it needs the repository's build; install with `pip install -e python`")
    run = subprocess.run(
        [find_node(), "--input-type=module", "-e", _TYPESCRIPT, given.scenario, str(given.worlds), str(given.steps)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        raise Skipped(run.stderr.strip().splitlines()[-1])
    return float(run.stdout)


def _step(given, transport):
    with launch() as server:
        batch = Batch(given.scenario, given.worlds, server=server, engine="cpu", observation="state", transport=transport, copy=False)
        if batch.transport != transport:
            raise Skipped("see the warning")
        batch.reset(seed=0)
        actions = np.full(batch.action_shape, 0.25, np.float32)
        return _timed(lambda: batch.step(actions), given.steps, batch.num_worlds * len(batch.agents))


def _timed(step, steps, agents):
    for _ in range(_WARM_UP):
        step()
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return agents * steps / (time.perf_counter() - begin)


def _import_torch():
    try:
        import torch
    except ImportError:
        raise Skipped("torch is not installed") from None
    return torch


def _torch(given):
    """Observations and rewards as tensors on the device, CUDA where there is one; the copy counts."""
    torch = _import_torch()
    with launch() as server:
        batch = Batch(given.scenario, given.worlds, server=server, engine="cpu", observation="state", copy=False)
        actions = np.full(batch.action_shape, 0.25, np.float32)
        deliver = _deliverer(torch, batch.reset(seed=0))
        return _timed(lambda: deliver(batch.step(actions)), given.steps, batch.num_worlds * len(batch.agents))


def _deliverer(torch, first):
    """A function from results to tensors: to CUDA through pinned memory, else into memory of torch's own."""
    is_cuda = torch.cuda.is_available()
    host = {name: torch.empty(getattr(first, name).shape, pin_memory=is_cuda) for name in ("observations", "rewards")}

    def deliver(result):
        for name, tensor in host.items():
            np.copyto(tensor.numpy(), getattr(result, name))
        if not is_cuda:
            return host["observations"], host["rewards"]
        moved = [tensor.to("cuda", non_blocking=True) for tensor in host.values()]
        torch.cuda.synchronize()
        return moved

    return deliver


def _ppo(given):
    """Acting by a policy of two hidden layers of 64, and PPO's update after every 16 steps: 2 epochs of 4 minibatches."""
    torch = _import_torch()
    # The server has a processor of its own: threads that wait for it would spin.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rollout = 16
    with launch() as server:
        batch = Batch(given.scenario, given.worlds, server=server, engine="cpu", observation="state", copy=False)
        first = batch.reset(seed=0)
        agents, size = batch.num_worlds * len(batch.agents), first.observations.shape[-1]
        width = batch.action_shape[-1] if len(batch.action_shape) == 3 else 1
        torch.manual_seed(0)
        layers = [torch.nn.Linear(size, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, width + 1)]
        net = torch.nn.Sequential(*layers).to(device)
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-4)
        kept = {"obs": (size,), "action": (width,), "logp": (), "value": (), "reward": (), "done": ()}
        store = {name: torch.zeros(rollout, agents, *shape, device=device) for name, shape in kept.items()}
        deliver = _deliverer(torch, first)
        now = deliver(first)[0].reshape(agents, size).to(device).clone()

        def iterate():
            nonlocal now
            for t in range(rollout):
                with torch.no_grad():
                    out = net(now)
                    policy = torch.distributions.Normal(out[:, :width], 1.0)
                    action = policy.sample()
                store["obs"][t], store["action"][t], store["value"][t] = now, action, out[:, width]
                store["logp"][t] = policy.log_prob(action).sum(-1)
                result = batch.step(action.cpu().numpy().reshape(batch.action_shape))
                observations, rewards = deliver(result)
                now = observations.reshape(agents, size).clone()
                store["reward"][t] = rewards.reshape(agents)
                store["done"][t] = torch.from_numpy(np.repeat(result.ended, len(batch.agents)).astype(np.float32)).to(device)
            _update(torch, net, optimizer, store, now, width)

        rounds = max(1, given.steps // rollout)
        iterate()
        begin = time.perf_counter()
        for _ in range(rounds):
            iterate()
        return agents * rollout * rounds / (time.perf_counter() - begin)


def _update(torch, net, optimizer, store, last, width, gamma=0.99, decay=0.95, clip=0.2):
    with torch.no_grad():
        following, running = net(last)[:, width], 0.0
        advantages = torch.zeros_like(store["reward"])
        for t in reversed(range(len(advantages))):
            live = 1 - store["done"][t]
            error = store["reward"][t] + gamma * following * live - store["value"][t]
            running = error + gamma * decay * live * running
            advantages[t], following = running, store["value"][t]
        returns = advantages + store["value"]
    flat = {name: tensor.reshape(-1, *tensor.shape[2:]) for name, tensor in {**store, "adv": advantages, "ret": returns}.items()}
    for _ in range(2):
        for rows in torch.randperm(len(flat["adv"]), device=last.device).chunk(4):
            out = net(flat["obs"][rows])
            logp = torch.distributions.Normal(out[:, :width], 1.0).log_prob(flat["action"][rows]).sum(-1)
            ratio, advantage = (logp - flat["logp"][rows]).exp(), flat["adv"][rows]
            advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
            gain = torch.min(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage).mean()
            loss = (out[:, width] - flat["ret"][rows]).square().mean() - gain
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def _crafter(given):
    try:
        import crafter
    except ImportError as error:
        raise Skipped(f"crafter is not installed ({error})") from None
    env = crafter.Env(seed=0)
    env.reset()
    rng = np.random.default_rng(0)

    def step():
        if env.step(int(rng.integers(env.action_space.n)))[2]:
            env.reset()

    return _timed(step, given.steps, 1)


def _craftax(given):
    """Symbolic, as many environments at once as Kinovox's worlds; compiled before the clock starts, and once for all rounds."""
    try:
        import jax
        from craftax.craftax_env import make_craftax_env_from_name  # noqa: F401
    except ImportError as error:
        raise Skipped(f"craftax is not installed ({error})") from None
    stepped, state = _compiled_craftax(given.worlds)

    def step():
        nonlocal state
        observations, state, rewards = stepped(state)
        jax.block_until_ready((observations, rewards))

    return _timed(step, given.steps, given.worlds)


@functools.cache
def _compiled_craftax(worlds):
    """A step of `worlds` environments, and their first state. Worlds that end are not reset: on a CPU, resets would make a new world for each row in each step."""
    import jax
    from craftax.craftax_env import make_craftax_env_from_name

    begin = time.perf_counter()
    env = make_craftax_env_from_name("Craftax-Classic-Symbolic-v1", auto_reset=False)
    params = env.default_params
    keys = jax.random.split(jax.random.PRNGKey(0), worlds)
    actions = jax.vmap(lambda key: jax.random.randint(key, (), 0, 17))(keys)

    @jax.jit
    def stepped(state):
        observations, state, rewards, *_ = jax.vmap(env.step, in_axes=(0, 0, 0, None))(keys, state, actions, params)
        return observations, state, rewards

    _, state = jax.jit(jax.vmap(env.reset, in_axes=(0, None)))(keys, params)
    # Twice: the first step's state is of other types than a reset's.
    for _ in range(2):
        _, state, _ = jax.block_until_ready(stepped(state))
    print(f"  Craftax-Classic: compiled in {time.perf_counter() - begin:.0f} s, which no figure counts", file=sys.stderr, flush=True)
    return stepped, state


def _simple_spread(given):
    try:
        from mpe2 import simple_spread_v3
    except ImportError:
        try:
            from pettingzoo.mpe import simple_spread_v3
        except ImportError as error:
            raise Skipped(f"neither mpe2 nor pettingzoo.mpe is installed ({error})") from None
    env = simple_spread_v3.parallel_env(N=2, max_cycles=given.steps + _WARM_UP + 1)
    env.reset(seed=0)
    return _timed(lambda: env.step({agent: 0 for agent in env.agents}), given.steps, 2)


def _append(given, rows, best, reasons):
    repository = _repository()
    folder = repository / "test/bench/results"
    if not folder.exists():
        sys.exit(f"Results are kept in a checkout; got no folder {folder}. Leave out --append, or run in a checkout.")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=repository, capture_output=True, text=True, check=False).stdout.strip()
    report = {
        "commit": commit,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "device": _device(),
        "scenario": given.scenario,
        "worlds": given.worlds,
        "steps": given.steps,
        "rounds": given.rounds,
        "rows": [{"name": name, "agentStepsPerSecond": best.get(name), **({"reason": reasons[name]} if name in reasons else {})} for name in rows],
    }
    with open(folder / "python.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(report) + "\n")
    print("Appended to test/bench/results/python.jsonl.")


def _device():
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        cpu = next((line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if line.startswith("model name")), cpu)
    try:
        import torch

        gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no CUDA"
    except ImportError:
        gpu = "no torch"
    return f"{cpu}, Python {platform.python_version()}, {gpu}"


_PEERS = {"Crafter": _crafter, "Craftax-Classic": _craftax, "simple_spread": _simple_spread}


if __name__ == "__main__":
    main()
