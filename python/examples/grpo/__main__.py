"""A small transformer, drawn at random, learns a text task for two agents by GRPO through the real loop: docs/learning-language.md.

    pip install numpy websockets "jax==0.10.2" "optax==0.2.8"
    PYTHONPATH=python:python/examples python -m grpo --seed 0

Data flow: text of each agent's observation -> words as token ids -> two sampled words -> a call of `kinovox openenv` -> the next text. Both agents are
the same network, who read in their text who they are. Progress goes to stderr; one JSON object with what came of it to stdout.
"""

import argparse
import json
import sys
from dataclasses import fields, replace

from .tasks import TASKS
from .training import Options, train


def main():
    parser = argparse.ArgumentParser(prog="python -m grpo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=lambda text: [int(one) for one in text.split(",")], metavar="0,1,2", help="train once with each; in place of --seed")
    parser.add_argument("--out", metavar="FILE.jsonl", help="append a line per training")
    choices = {"task": TASKS, "advantage": ("agent", "global"), "feedback": ("full", "blind")}
    for field in fields(Options):
        name = f"--{field.name.replace('_', '-')}"
        if field.type in (bool, "bool"):
            parser.add_argument(name, action="store_true")
        else:
            parser.add_argument(name, type=type(field.default), default=field.default, choices=choices.get(field.name), help=f"default {field.default}")
    arguments = vars(parser.parse_args())
    seeds, out = arguments.pop("seeds"), arguments.pop("out")
    options = Options(**arguments)
    results = []
    for seed in seeds or [options.seed]:
        result = train(replace(options, seed=seed), Progress())
        results.append(result)
        if out:
            with open(out, "a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
    json.dump(results[0] if seeds is None else results, sys.stdout)
    print()


class Progress:
    """A line that is written over where stderr is a terminal, else a line now and then."""

    def __init__(self):
        self._open = False

    def __call__(self, kind, told):
        if kind == "begin":
            self._line(f"seed {told['seed']}: {told['words']} words, {told['weights']} weights")
        elif kind == "test":
            low, high = told["interval"]
            self._line(f"{told['when']}: {100 * told['success']:.1f} % of {told['levels']} test levels, 95 % interval {100 * low:.1f} to {100 * high:.1f} %")
        elif sys.stderr.isatty() or told["update"] % 20 == 0:
            done = round(20 * told["success"])
            self._line(
                f"[{'#' * done}{'.' * (20 - done)}] {100 * told['success']:5.1f} % of training episodes, update {told['update']}, {told['seconds']:.0f} s, "
                f"return {told['return']:.2f}, malformed calls {told['malformed']:.2f}, entropy {told['entropy']:.2f}",
                over=sys.stderr.isatty(),
            )

    def _line(self, text, over=False):
        if self._open:
            sys.stderr.write("\r\033[K")
        sys.stderr.write(text if over else f"{text}\n")
        sys.stderr.flush()
        self._open = over


if __name__ == "__main__":
    main()
