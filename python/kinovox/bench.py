"""Agent-steps per second over WebSocket, beside the same batch stepped in TypeScript: `python -m kinovox.bench`."""

import argparse
import os
import subprocess
import time
from pathlib import Path

import numpy as np

from ._batch import Batch
from ._launch import launch

_TYPESCRIPT = """
import { createBatchEnvSync } from './packages/env/dist/index.js';
const [scenario, worlds, steps] = process.argv.slice(1);
const env = createBatchEnvSync({ scenario: `scenarios/${scenario}.scenario.json`, numWorlds: Number(worlds), engine: 'cpu' });
env.reset();
const actions = new Float32Array(env.actionLength).fill(0.25);
for (let t = 0; t < 10; t++) env.stepSync(actions);
const begin = performance.now();
for (let t = 0; t < Number(steps); t++) env.stepSync(actions);
console.log(JSON.stringify(env.numWorlds * env.numAgents * Number(steps) / (performance.now() - begin) * 1000));
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="plates-and-door-v1")
    parser.add_argument("--worlds", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=100)
    given = parser.parse_args()
    repository = Path(__file__).resolve().parents[2]
    if not (repository / "packages/env/dist").exists() or os.environ.get("KINOVOX_COMMAND"):
        parser.error("the comparison needs the repository's build: install with `pip install -e python`")
    inside = subprocess.run(
        ["node", "--input-type=module", "-e", _TYPESCRIPT, given.scenario, str(given.worlds), str(given.steps)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    typescript = float(inside.stdout)
    with launch() as server:
        batch = Batch(given.scenario, given.worlds, server=server, engine="cpu")
        batch.reset()
        actions = np.full(batch.action_shape, 0.25, np.float32)
        for _ in range(10):
            batch.step(actions)
        begin = time.perf_counter()
        for _ in range(given.steps):
            batch.step(actions)
        websocket = actions.shape[0] * actions.shape[1] * given.steps / (time.perf_counter() - begin)
        batch.close()
    print(f"{given.scenario}, {given.worlds} worlds x {actions.shape[1]} agents, {given.steps} steps")
    print(f"TypeScript, in process  {typescript:12,.0f} agent-steps/s")
    print(f"Python over WebSocket   {websocket:12,.0f} agent-steps/s, {websocket / typescript:.2f} of it (bar: 0.20)")


if __name__ == "__main__":
    main()
