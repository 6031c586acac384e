"""Starts `kinovox openenv`, which serves the contract by itself; options are passed on. KINOVOX_SCENARIO names the scenario, default bridge-gap-v1."""

import os
import shutil
import sys
from pathlib import Path


def main():
    built = Path(__file__).resolve().parents[3] / "packages" / "server" / "bin" / "kinovox.js"
    command = [shutil.which("node") or "node", str(built)] if built.exists() else [shutil.which("kinovox") or "kinovox"]
    scenario = os.environ.get("KINOVOX_SCENARIO", "bridge-gap-v1")
    arguments = [*command, "openenv", "--scenario", scenario, *sys.argv[1:]]
    try:
        os.execvp(arguments[0], arguments)
    except OSError as error:
        sys.exit(f"The kinovox command must be built (npm run build) or on the PATH; got {error}.")


if __name__ == "__main__":
    main()
