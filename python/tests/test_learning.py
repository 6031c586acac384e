"""Agents learn from what the client gives them, on levels they have not seen; and do not where the scores are shuffled."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def needs_torch():
    """Torch, or a skip that `pytest -rs` tells in a sentence."""
    return pytest.importorskip("torch", reason="torch is not installed, so what trains with it is NOT tested here: pip install torch, and run python/tests/test_learning.py again")


def run(example, *arguments):
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
    done = subprocess.run(
        [sys.executable, EXAMPLES / example, *arguments], capture_output=True, text=True, env=environment, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_cross_entropy_method_learns_to_walk_to_the_pad():
    assert run("cem.py", "--seed", "3")["test_success"] >= 0.95


def test_it_does_not_learn_from_shuffled_scores():
    assert run("cem.py", "--seed", "3", "--shuffle")["test_success"] <= 0.3


def test_ppo_learns_and_writes_a_policy(tmp_path):
    needs_torch()
    result = run("ppo.py", "--updates", "24", "--stop-at", "0.99", "--test-levels", "200", "--out", str(tmp_path))
    assert result["train_success"] >= 0.9
    policy = json.loads((tmp_path / "policy.json").read_text())
    assert policy["format"] == "kinovox-policy" and len(policy["layers"]) == 3


def test_a_maze_is_learned_by_agents_that_are_shown_the_way_and_not_by_others():
    needs_torch()
    few = {"crop": 0, "nearestAgents": 0, "inventory": False, "messages": 0, "goals": 1}
    arguments = ("--scenario", "reach-maze-v1", "--potential", "way", "--updates", "40", "--stop-at", "0.9", "--test-levels", "100", "--act", "draw")
    guided = run("ppo.py", *arguments, "--observation", json.dumps({**few, "guidance": 2}))
    assert guided["test_success"] >= 0.7
    alone = run("ppo.py", *arguments, "--observation", json.dumps(few))
    assert alone["test_success"] <= 0.2


def test_levels_to_train_on_are_others_than_those_of_the_test(tmp_path):
    needs_torch()
    result = run("ppo.py", "--train-in", "reach-maze-v1", "--walls", "3", "--updates", "1", "--test-levels", "4", "--out", str(tmp_path))
    assert result["train_levels_success"] == 0 and result["test_success"] <= 1
    assert not (tmp_path / "policy.json").exists()


FLAT = ("--scenario", "reach-flat-v1", "--observation", '{"crop": 0}', "--choices", "forward,back,left,right", "--metre", "0.2", "--repeat", "4")


@pytest.mark.parametrize("example", ["ippo.py", "mappo.py"])
def test_examples_for_teams_learn_and_write_a_policy_with_fine_copies_of_distances(tmp_path, example):
    needs_torch()
    run_of = lambda *more: run(example, *FLAT, "--shaping", "near", "--worlds", "64", "--test-levels", "200", *more)
    assert run_of("--updates", "30", "--out", str(tmp_path))["test_success"] >= 0.9
    assert run_of("--updates", "1")["test_success"] <= 0.3
    policy = json.loads((tmp_path / "policy.json").read_text())
    assert policy["components"].count("goals.0.dx") == 2 and policy["scale"][-1] == 0.2


@pytest.mark.parametrize("example", ["ippo.py", "mappo.py"])
def test_shaping_by_doors_is_refused_where_there_are_none(example):
    needs_torch()
    with pytest.raises(AssertionError, match="--shaping doors must have two agents"):
        run(example, *FLAT, "--shaping", "doors")


def test_shaping_by_the_way_is_refused_without_a_guide():
    needs_torch()
    with pytest.raises(AssertionError, match="--shaping way must have a guide to follow"):
        run("ippo.py", *FLAT, "--shaping", "way")


def test_chasers_that_are_shown_the_way_train_and_write_a_policy_of_the_compass(tmp_path):
    needs_torch()
    tag = ("--scenario", "tag-v1", "--choices", "compass", "--shaping", "way", "--opponents", '{"runner": "idle"}')
    few = ("--worlds", "2", "--steps", "4", "--updates", "1", "--test-levels", "2")
    run("ippo.py", *tag, *few, "--observation", '{"crop": 0, "rivalGuidance": 3}', "--out", str(tmp_path))
    policy = json.loads((tmp_path / "policy.json").read_text())
    assert "run-n" in policy["choices"] and policy["components"].count("rivalGuidance.dx") == 2


def test_ppo_from_pictures_trains_and_writes_its_weights(tmp_path):
    torch = needs_torch()
    result = run("ppo_camera.py", "--updates", "1", "--worlds", "4", "--steps", "4", "--test-levels", "2", "--out", str(tmp_path))
    assert result["agent_steps"] == 4 * 4 * 6
    assert "body.0.weight" in torch.load(tmp_path / "policy.pt", weights_only=True)["actor"]
