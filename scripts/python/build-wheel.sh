#!/usr/bin/env bash
# Builds the Python wheel with the server inside: scripts/python/build-wheel.sh [folder for the wheel, default python/dist] [python, default python3].
# Run after `npm run build`. pip fetches setuptools for the build; a python without pip, as Debian's is, gets a throw-away virtual environment.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-python/dist}
python=${2:-python3}
if ! "$python" -m pip --version >/dev/null 2>&1; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  "$python" -m venv "$scratch/venv" >/dev/null 2>&1 || {
    echo "$python must have pip or venv to build a wheel; got neither. On Debian and Ubuntu: apt-get install python3-venv." >&2
    exit 1
  }
  python=$scratch/venv/bin/python
fi
node scripts/python/bundle-server.js
rm -rf python/build python/kinovox.egg-info
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$out" ./python
rm -rf python/build python/kinovox.egg-info
ls -l "$out"/kinovox-*.whl
