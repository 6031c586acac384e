#!/usr/bin/env bash
# The promise of `pip install kinovox[node]`: from an empty virtual environment to a first step within 60 s, without a Node of the system.
# scripts/python/check-wheel.sh WHEEL [python, default python3]. Needs PyPI.
set -euo pipefail
wheel=$(realpath "$1")
python=${2:-python3}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
begin=$SECONDS
"$python" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "kinovox[node] @ file://$wheel"
cd "$folder"
# Only the environment's own programs: a Node of the system is out of reach.
env -i PATH="$folder/venv/bin" HOME="$folder" "$folder/venv/bin/python" - <<'PYTHON'
import shutil

import kinovox
import numpy as np
from kinovox.__main__ import main

assert shutil.which("node") is None, "a Node of the system is within reach"
assert "site-packages" in kinovox.__file__, kinovox.__file__
batch = kinovox.Batch("tag-v1", 64)
batch.reset(seed=1)
first = batch.step(np.zeros(batch.action_shape))
assert first.observations.any()
# Its worker threads and the physics library of the rigid engine are inside, too.
for scenario, engine, threads in (("tag-v1", "workers", 2), ("push-crate-v1", "rigid", 1), ("push-crate-v1", "rigid", 2)):
    other = kinovox.Batch(scenario, 8, engine=engine, threads=threads)
    other.reset(seed=1)
    assert other.step(np.zeros(other.action_shape)).observations.any() and other.spec["engine"] == engine
try:
    kinovox.Batch("tag-v1", engine="gpu")
except kinovox.KinovoxError as error:
    print(error)
# The examples are inside, too.
assert main(["example", "ppo.py"]) == 0
print("first step over", batch.transport)
PYTHON
seconds=$((SECONDS - begin))
echo "From an empty virtual environment to a first step: $seconds s."
if [ "$seconds" -gt 60 ]; then
  echo "It must be within 60 s; got $seconds s. See what pip fetched, or the load of the machine." >&2
  exit 1
fi
