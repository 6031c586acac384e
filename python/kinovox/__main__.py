"""`python -m kinovox examples`, `python -m kinovox example ppo.py`: the single-file trainers, copied to where you are, to be read and changed."""

import argparse
import ast
import difflib
import shutil
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m kinovox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("examples", help="list them, with what each is")
    one = commands.add_parser("example", help="copy one into this folder")
    one.add_argument("name", help="its file, such as ppo.py")
    asked = parser.parse_args(arguments)
    try:
        return _list() if asked.command == "examples" else _copy(asked.name)
    except (LookupError, FileExistsError) as error:
        print(error, file=sys.stderr)
        return 2


def _list():
    for name, path in _examples().items():
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "(says nothing of itself)"
        print(f"{name:18} {said.splitlines()[0]}")
    return 0


def _copy(name):
    examples = _examples()
    if name not in examples:
        near = difflib.get_close_matches(name, examples, 1)
        raise LookupError(f'An example must be one of {", ".join(examples)}; got {name}.{f" Did you mean {near[0]}?" if near else ""}')
    if Path(name).exists():
        raise FileExistsError(f"{name} must not exist yet; got one in {Path.cwd()}. Move it, or go to another folder.")
    shutil.copyfile(examples[name], name)
    print(f"{name} is here. Its options: python {name} --help")
    return 0


def _examples():
    """Path by name: of the repository, else of the wheel. Beside an installed package, `examples` may be anybody's."""
    in_repository = (_PACKAGE.parents[1] / "packages" / "server").is_dir()
    folder = (_PACKAGE.parent if in_repository else _PACKAGE / "_server") / "examples"
    if folder.is_dir():
        return {path.name: path for path in sorted(folder.glob("*.py"))}
    raise LookupError("Examples must lie in the repository or in the wheel; got none beside this package. Build the wheel by scripts/python/build-wheel.sh.")


if __name__ == "__main__":
    sys.exit(main())
