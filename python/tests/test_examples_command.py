"""`python -m kinovox`: examples come to an empty folder."""

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
