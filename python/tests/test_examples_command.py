"""`python -m kinovox`: examples come to an empty folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kinovox.__main__ import main

EXAMPLES = Path(__file__).parents[1] / "examples"


def test_examples_are_listed_with_what_they_are(capsys):
    assert main(["examples"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(path.name for path in EXAMPLES.glob("*.py"))
    assert all(len(line) > 30 for line in lines)


def test_an_example_is_copied_once(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["example", "cem.py"]) == 0
    assert Path("cem.py").read_text() == (EXAMPLES / "cem.py").read_text()
    Path("cem.py").write_text("mine")
    assert main(["example", "cem.py"]) == 2
    assert Path("cem.py").read_text() == "mine"
    assert "must not exist yet" in capsys.readouterr().err


def test_an_unknown_example_is_refused_with_the_nearest(capsys):
    assert main(["example", "poo.py"]) == 2
    assert "Did you mean ppo.py?" in capsys.readouterr().err


def test_an_installed_package_lists_its_own_examples_and_not_those_that_lie_beside_it(tmp_path):
    package = Path(__file__).parents[1] / "kinovox"
    shutil.copytree(package, tmp_path / "kinovox", ignore=shutil.ignore_patterns("_server", "__pycache__"))
    for folder, name, text in (("examples", "foreign.py", '"""Of another package."""'), ("kinovox/_server/examples", "silent.py", "größe = 1")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C"}
    listed = subprocess.run([sys.executable, "-m", "kinovox", "examples"], capture_output=True, text=True, env=environment, cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == ["silent.py", "(says", "nothing", "of", "itself)"]
