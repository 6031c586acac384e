#!/usr/bin/env bash
# Builds the Python wheel with the server inside: scripts/python/build-wheel.sh [folder for the wheel, default python/dist] [python, default python3].
# Run after `npm run build`. pip fetches setuptools for the build.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-python/dist}
python=${2:-python3}
node scripts/python/bundle-server.js
rm -rf python/build python/kinovox.egg-info
"$python" -m pip wheel --quiet --no-deps --wheel-dir "$out" ./python
rm -rf python/build python/kinovox.egg-info
ls -l "$out"/kinovox-*.whl
