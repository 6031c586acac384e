"""Trains what docs/learning-language.md claims, over seeds, and keeps the results.

    python test/bench/learning_language.py say-and-dig --seeds 3   # appends a line to test/bench/results/learning-language.jsonl
    python test/bench/learning_language.py --figures               # draws docs/images/learning-language.png from the latest kept line of each experiment

Success is the share of levels of the test split that are solved after training; over the seeds of an experiment they are added up, with a 95 % interval after Wilson.
Needs a build, numpy, websockets, jax and optax; figures need matplotlib.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

from learning import COMMIT, IMAGES, ROOT, device, pyplot

sys.path[:0] = [str(ROOT / "python"), str(ROOT / "python/examples")]
from grpo.training import wilson

RESULTS = ROOT / "test/bench/results/learning-language.jsonl"
# As many updates as trainings that learn took at most, and some more.
UNLEARNABLE = ["--updates", "300"]

# Arguments of `python -m grpo` by the name of the experiment.
EXPERIMENTS = {
    "say-and-dig": [],
    "say-and-dig, global advantage": ["--advantage", "global"],
    "say-and-dig, blind": ["--feedback", "blind"],
    "say-and-dig, shuffled rewards": ["--shuffle-rewards", *UNLEARNABLE],
    "ask-the-door": ["--task", "ask-the-door"],
    "ask-the-door, blind": ["--task", "ask-the-door", "--feedback", "blind", *UNLEARNABLE],
}
# By what an experiment leaves out or does otherwise.
COLOURS = {"": "#0072b2", ", blind": "#56b4e9", ", shuffled rewards": "#e69f00", ", global advantage": "#999999"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiments", nargs="*", metavar="experiment", help=f"any of {'; '.join(EXPERIMENTS)}")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time; their times are then those of a shared machine")
    parser.add_argument("--figures", action="store_true", help="draw the figure of the docs")
    args = parser.parse_args()
    unknown = [name for name in args.experiments if name not in EXPERIMENTS]
    if unknown:
        parser.error(f"experiment must be one of {list(EXPERIMENTS)}; got {unknown[0]!r}")
    # One pool for all, so that no processor waits for the last training of an experiment.
    with ThreadPoolExecutor(args.jobs) as pool:
        begun = {name: [pool.submit(train, name, seed) for seed in range(args.seeds)] for name in args.experiments}
        for name, trainings in begun.items():
            keep(name, [one.result() for one in trainings], args.jobs)
    if args.figures:
        draw()


def train(name, seed):
    """One training; gives its result without what all trainings of the experiment share."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "result.jsonl"
        command = [sys.executable, "-m", "grpo", *EXPERIMENTS[name], "--seed", str(seed), "--out", str(out)]
        path = os.pathsep.join(str(ROOT / part) for part in ("python", "python/examples"))
        done = subprocess.run(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": path}, check=False)
        if done.returncode != 0:
            sys.exit(f"{name}, seed {seed}: must end well; got exit code {done.returncode}. Its message is above.")
        result = json.loads(out.read_text())
    print(f"{name}, seed {seed}: {100 * result['after']['success']:.1f} % of test levels after {result['minutes']} min", file=sys.stderr)
    return result


def keep(name, runs, jobs):
    options = {key: value for key, value in runs[0]["options"].items() if key != "seed"}
    both = {when: pooled([run[when] for run in runs]) for when in ("before", "after")}
    line = {
        "experiment": name,
        "commit": COMMIT,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "device": device("JAX"),
        "arguments": EXPERIMENTS[name],
        "jobs": jobs,
        **both,
        "options": options,
        "runs": [{"seed": run["options"]["seed"], **{key: value for key, value in run.items() if key != "options"}} for run in runs],
    }
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    each = ", ".join(f"{100 * run['after']['success']:.1f}" for run in runs)
    print(f"{name}: {text_of(both['before'])} before, {text_of(both['after'])} after; by seed {each} %")


def pooled(tests):
    levels = sum(test["levels"] for test in tests)
    succeeded = round(sum(test["success"] * test["levels"] for test in tests))
    return {"success": succeeded / levels, "interval": wilson(succeeded, levels), "levels": levels}


def text_of(test):
    low, high = test["interval"]
    return f"{100 * test['success']:.1f} % [{100 * low:.1f}, {100 * high:.1f}] of {test['levels']} levels"


def draw():
    kept = {}
    for line in RESULTS.read_text().splitlines():
        report = json.loads(line)
        kept[report["experiment"]] = report
    drawn = pyplot()
    figure, both = drawn.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")
    for axes, task in zip(both, ("say-and-dig", "ask-the-door"), strict=True):
        for name in EXPERIMENTS:
            if name not in kept or name.split(",")[0] != task:
                continue
            colour = COLOURS[name.removeprefix(task)]
            for number, run in enumerate(kept[name]["runs"]):
                updates, success = [point[0] for point in run["curve"]], [100 * point[1] for point in run["curve"]]
                axes.plot(updates, success, color=colour, lw=1.2, alpha=0.85, label=(name.removeprefix(task).removeprefix(", ") or "as it is") if number == 0 else None)
        axes.set(xlabel="updates of 64 episodes", ylim=(-2, 102), title=task)
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left", fontsize="small")
    both[0].set_ylabel("training episodes that succeed, %")
    figure.savefig(IMAGES / "learning-language.png", dpi=110)


if __name__ == "__main__":
    main()
