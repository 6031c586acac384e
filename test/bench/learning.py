"""Trains what docs/learning.md claims, over seeds, and keeps the results.

    python test/bench/learning.py reach-maze --seeds 5      # appends a line to test/bench/results/learning.jsonl
    python test/bench/learning.py --figures                 # draws docs/images/learning-*.png from the latest kept line of each experiment

Success is the share of 500 levels of the test split whose task the trained policy achieves. Over seeds: the interquartile mean, with a 95 % bootstrap
interval (Agarwal et al., "Deep RL at the Edge of the Statistical Precipice", NeurIPS 2021). Needs a build, torch and matplotlib.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "test/bench/results/learning.jsonl"
IMAGES = ROOT / "docs/images"
GUIDED = '{"crop": 0, "guidance": 2, "nearestAgents": 0, "inventory": false, "messages": 0, "goals": 1}'
PLAIN = '{"crop": 0, "nearestAgents": 0, "inventory": false, "messages": 0, "goals": 1}'
# Many worlds and short rollouts: fewer messages between learner and server for the same data.
WIDE = ["--threads", "1", "--worlds", "1024", "--steps", "16"]
MAZE = ["ppo.py", "--scenario", "reach-maze-v1", *WIDE]
TASK_REWARD = ["--threads", "1", "--shaping", "0", "--repeat", "8", "--gamma", "0.99", "--entropy", "0.003", "--stop-at", "0.95", "--act", "draw"]

# Arguments of an example by the name of the experiment.
EXPERIMENTS = {
    "reach-maze": [*MAZE, "--observation", GUIDED, "--potential", "way", "--act", "draw", "--updates", "64"],
    "reach-maze, task reward alone": ["ppo.py", "--scenario", "reach-maze-v1", "--observation", GUIDED, *TASK_REWARD, "--updates", "240"],
    "reach-maze, no guidance": [*MAZE, "--observation", PLAIN, "--walls", "7", "--potential", "way", "--act", "draw", "--updates", "96"],
}
# The baseline as it is, with every choice of the profile `discrete`, digging and building among them: what it solves, and what it does not.
BUILD = ["--threads", "1", "--repeat", "4", "--worlds", "256", "--steps", "32", "--updates", "120", "--act", "draw"]
PLAIN_PPO = {name: ["ppo.py", "--scenario", f"{name}-v1", *BUILD] for name in ("build-tower", "bridge-gap", "dig-tunnel", "lever-vault")}
# The policy sees 32 x 32 pixels and nothing else.
CAMERA = {
    "reach-flat, camera": ["ppo_camera.py", "--minutes", "60", "--stop-at", "0.97"],
    "reach-flat, camera, task reward alone": ["ppo_camera.py", "--shaping", "0", "--updates", "200", "--stop-at", "0.97"],
}
TAG = ["ippo.py", "--scenario", "tag-v1", "--observation", '{"crop": 0, "nearestAgents": 2}', "--lidar", "24", "--choices", "compass"]
# The way to the runner is shown, as a tracker with a map would; the same without it is what the guide is worth.
SEEN = {"crop": 0, "nearestAgents": 2, "inventory": False, "messages": 0, "goals": 1}
TRACKED = json.dumps({**SEEN, "rivalGuidance": 3})
HUNT = ["ippo.py", "--scenario", "tag-v1", "--choices", "compass", "--repeat", "4", "--worlds", "128", "--updates", "64"]
CHASERS = [*TAG, "--shaping", "near", "--metre", "0.03", "--repeat", "8", "--worlds", "64", "--updates", "100"]

# Teams, described in docs/learning-teams.md.
TEAMS = {
    "plates-and-door, MAPPO": ["mappo.py", "--updates", "400"],
    "plates-and-door, IPPO": ["ippo.py", "--updates", "400"],
    "plates-and-door, MAPPO, nearer pays": ["mappo.py", "--shaping", "near", "--updates", "400"],
    "plates-and-door, MAPPO, task reward alone": ["mappo.py", "--shaping", "none", "--updates", "400"],
}
# Chasers that learn, described there too.
TAGS = {
    "tag": [*HUNT, "--observation", TRACKED, "--shaping", "way", "--opponents", '{"runner": "scripted"}'],
    "tag, no guide": [*HUNT, "--observation", json.dumps(SEEN), "--shaping", "near", "--opponents", '{"runner": "scripted"}'],
    "tag, task reward alone": [*HUNT, "--observation", TRACKED, "--shaping", "none", "--opponents", '{"runner": "scripted"}'],
    "tag, IPPO chasers, scripted runner": [*CHASERS, "--opponents", '{"runner": "scripted"}'],
    "tag, IPPO chasers, idle runner": [*CHASERS, "--fine", "0.4", "--opponents", '{"runner": "idle"}'],
}
# As the program began: a training takes long enough for others to land.
COMMIT = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
VARIANTS = (8, 64, 512, "unbounded")
SMALL_MAZE = ["--threads", "1", "--walls", "7", "--potential", "way", "--act", "draw", "--updates", "40"]
RESAMPLES, BOOTSTRAP_SEED = 2000, 2021


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiments", nargs="*", metavar="experiment", help=f"any of {', '.join([*EXPERIMENTS, *PLAIN_PPO, *CAMERA, *TEAMS, *TAGS, 'generalisation'])}")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--extend", action="store_true", help="keep the seeds together with those of the latest kept line with the same arguments")
    parser.add_argument("--jobs", type=int, default=1, help="trainings at a time; their times are then those of a shared machine")
    parser.add_argument("--figures", action="store_true", help="draw the figures of the docs")
    args = parser.parse_args()
    for name in args.experiments:
        known = {**EXPERIMENTS, **PLAIN_PPO, **CAMERA, **TEAMS, **TAGS}
        if name not in known and name != "generalisation":
            parser.error(f"experiment must be one of {[*known, 'generalisation']}; got {name!r}")
        seeds = range(args.first_seed, args.first_seed + args.seeds)
        if name == "generalisation":
            generalise(seeds, args.jobs)
        else:
            before = earlier(name, known[name], seeds) if args.extend else []
            keep(name, known[name], before + train_all([(known[name], seed) for seed in seeds], args.jobs))
    if args.figures:
        draw_curves(EXPERIMENTS, "learning-maze.png")
        draw_curves(CAMERA, "learning-camera.png")
        draw_curves(TEAMS, "learning-teams.png")
        draw_curves(TAGS, "learning-tag.png")
        draw_gap()


def earlier(name, arguments, seeds):
    """The runs of the latest kept line, each with the commit that it ran at; ends the program where they cannot stand beside runs of these seeds."""
    line = latest().get((name, None))
    if line is None or line["arguments"] != arguments:
        sys.exit(f"--extend needs a kept line of {name!r} with the same arguments; got {'none' if line is None else line['arguments']}. Leave --extend out.")
    twice = sorted({run["seed"] for run in line["runs"]} & set(seeds))
    if twice:
        sys.exit(f"--extend needs seeds that are not kept yet; got {twice} again. Choose --first-seed.")
    return [{"commit": line["commit"], **run} for run in line["runs"]]


def train_all(trainings, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda training: train(*training), trainings))


def train(arguments, seed):
    """One training; gives the example's result and its curve, thinned to at most 40 points."""
    with tempfile.TemporaryDirectory() as out:
        example, *options = arguments
        command = [sys.executable, ROOT / "python/examples" / example, *options, "--seed", str(seed), "--out", out]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT / "python")})
        printed = running.stdout.read()
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode != 0:
            sys.exit(f"{example} must end well; got exit code {running.returncode}. Its message is above.")
        result = json.loads(printed)
        # Of the trainer and its server, test included: what a training costs, however many others share the machine.
        result["processor_minutes"] = round((used.ru_utime + used.ru_stime) / 60, 2)
        curve = [json.loads(line) for line in (Path(out) / "metrics.jsonl").read_text().splitlines()]
    kept = curve[:: len(curve) // 40 + 1]
    points = [[point["agent_steps"], round(point["success"], 4)] for point in kept]
    print(
        f"seed {seed}: {result['test_success']:.3f} of test levels after {result['minutes']:.1f} min, {result['processor_minutes']:.1f} processor minutes",
        file=sys.stderr,
    )
    return {**{key: result[key] for key in result if key not in ("scenario", "shaping", "command")}, "curve": points}


def keep(name, arguments, runs, **more):
    scores = [run["test_success"] for run in runs]
    line = {
        "experiment": name,
        **more,
        "commit": COMMIT,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "device": device(),
        "arguments": arguments,
        "iqm": interquartile_mean(scores),
        "interval": interval(scores),
        "runs": runs,
    }
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
    low, high = line["interval"]
    print(f"{name}: interquartile mean {line['iqm']:.3f} [{low:.3f}, {high:.3f}] of {len(scores)} seeds, least {min(scores):.3f}")


def generalise(seeds, jobs):
    """The gap between levels trained on and levels never seen, by the number of the former: mazes of 4 x 4 cells, walls seen within 3 m, no guidance."""
    with tempfile.TemporaryDirectory() as folder:
        files = {variants: Path(folder) / f"{variants}.scenario.json" for variants in VARIANTS}
        for variants, file in files.items():
            file.write_text(json.dumps(small_maze(variants)))
        arguments = ["ppo.py", "--observation", PLAIN, *SMALL_MAZE, "--scenario", str(files["unbounded"])]
        trainings = [([*arguments, "--train-in", str(files[variants])], seed) for variants in VARIANTS for seed in seeds]
        runs = train_all(trainings, jobs)
    for k, variants in enumerate(VARIANTS):
        keep("generalisation", ["ppo.py", "--observation", PLAIN, *SMALL_MAZE], runs[k * len(seeds) : (k + 1) * len(seeds)], variants=variants)


def small_maze(variants):
    """reach-maze-v1 with 4 x 4 cells."""
    scenario = json.loads((ROOT / "scenarios/reach-maze-v1.scenario.json").read_text())
    del scenario["$schema"]
    scenario["id"] = "small-maze-v1"
    scenario["parameters"] = {"startZ": {"int": [0, 3]}, "goalCellX": {"int": [2, 3]}, "goalCellZ": {"int": [0, 3]}}
    scenario["world"]["size"] = [13, 8, 13]
    # The pads; the lamps stand at the corners of the large maze.
    scenario["world"]["edits"] = scenario["world"]["edits"][:2]
    scenario["episode"] = {"maxTicks": 300, "variants": variants}
    return scenario


def interquartile_mean(scores):
    """Mean of the middle half; values on the border count in part, as in `kinovox eval`."""
    ordered, n = np.sort(np.asarray(scores, float)), len(scores)
    i = np.arange(n)
    weight = np.clip(np.minimum(i + 1, n - n / 4) - np.maximum(i, n / 4), 0, None)
    return float((weight * ordered).sum() / weight.sum())


def interval(scores):
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    found = [interquartile_mean(rng.choice(scores, len(scores))) for _ in range(RESAMPLES)]
    return [float(value) for value in np.percentile(found, [2.5, 97.5])]


def device(learner="torch"):
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{cpu}, {os.cpu_count()} logical processors, Python {platform.python_version()}, {learner} on the CPU"


def latest():
    """The last kept line of each experiment; generalisation has one per number of levels."""
    found = {}
    for line in RESULTS.read_text().splitlines():
        report = json.loads(line)
        found[report["experiment"], report.get("variants")] = report
    return found


def pyplot():
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as drawn

    return drawn


def draw_curves(experiments, image):
    drawn, kept = pyplot(), latest()
    figure, axes = drawn.subplots(figsize=(7, 4), layout="constrained")
    for colour, name in zip(("#0072b2", "#e69f00", "#999999", "#000000", "#d55e00", "#cc79a7"), experiments):
        if (name, None) not in kept:
            continue
        for number, run in enumerate(kept[name, None]["runs"]):
            steps, success = np.array(run["curve"]).T
            axes.plot(steps / 1e6, 100 * success, color=colour, lw=1.2, alpha=0.8, label=name if number == 0 else None)
    axes.set(xlabel="million agent-steps", ylabel="training episodes that succeed, %", ylim=(-2, 102))
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")
    figure.savefig(IMAGES / image, dpi=110)


def draw_gap():
    drawn, kept = pyplot(), latest()
    reports = [kept.get(("generalisation", variants)) for variants in VARIANTS]
    if None in reports:
        print("No figure of generalisation: not all numbers of levels are kept.", file=sys.stderr)
        return
    figure, axes = drawn.subplots(figsize=(6, 3.6), layout="constrained")
    for colour, key, label in (("#0072b2", "train_levels_success", "levels trained on"), ("#e69f00", "test_success", "levels never seen")):
        scores = [[100 * run[key] for run in report["runs"]] for report in reports]
        axes.plot(range(len(VARIANTS)), [interquartile_mean(values) for values in scores], color=colour, marker="o", label=label)
        for at, values in enumerate(scores):
            axes.scatter([at] * len(values), values, color=colour, s=9, alpha=0.5)
    axes.set_xticks(range(len(VARIANTS)), [str(variants) for variants in VARIANTS])
    axes.set(xlabel="levels to train on", ylabel="success, %", ylim=(0, 102))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(IMAGES / "learning-gap.png", dpi=110)


if __name__ == "__main__":
    main()
