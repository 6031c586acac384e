"""What travels beside vectors and rewards, over both transports, against what the server's rules say."""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import kinovox
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from pettingzoo.test import parallel_api_test

LINUX = sys.platform == "linux"


@pytest.fixture(scope="module")
def server():
    with kinovox.launch() as started:
        yield started


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    """The shortest scenario with a camera, a lidar and a crop; one agent; 12 ticks."""
    path = tmp_path_factory.mktemp("scenarios") / "pictured-v1.scenario.json"
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "id": "pictured-v1",
                "title": "Look about",
                "world": {"size": [16, 12, 16], "terrain": {"generator": "flat", "ground": 4}},
                "agents": [{"id": "ada", "body": "walker", "spawn": {"region": [[2, 4, 2], [12, 4, 12]]}}],
                "task": {"reach": {"agents": "ada", "region": [[15, 4, 15], [15, 5, 15]]}},
                "observation": {
                    "crop": 3,
                    "camera": {"width": 12, "height": 8, "channels": ["depth", "rgb"]},
                    "lidar": {"beams": 6},
                },
                "episode": {"maxTicks": 12},
            }
        )
    )
    return path


@pytest.fixture(scope="module")
def talking(tmp_path_factory):
    """Two agents who may talk; the first half of the task is done where they begin; two terms of reward."""
    path = tmp_path_factory.mktemp("scenarios") / "talking-v1.scenario.json"
    floor, far = [[0, 4, 0], [14, 8, 15]], [[15, 4, 15], [15, 5, 15]]
    agent = {"body": "walker", "spawn": {"region": [[2, 4, 2], [12, 4, 12]]}}
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "id": "talking-v1",
                "title": "Talk",
                "world": {"size": [16, 12, 16], "terrain": {"generator": "flat", "ground": 4}},
                "agents": [{"id": "ada", **agent}, {"id": "bob", **agent}],
                "task": {"sequence": [{"reach": {"agents": "ada", "region": floor}}, {"reach": {"agents": "ada", "region": far}}]},
                "messages": {"symbols": ["wait", "come here"], "maxLength": 40},
                "rewards": [{"name": "way", "on": "progress", "value": 1}, {"name": "half", "on": "progress", "value": 0.5}],
                "episode": {"maxTicks": 50},
            }
        )
    )
    return path


def random_actions(batch, steps, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1, 1, batch.action_shape).astype(np.float32) for _ in range(steps)]


@pytest.mark.skipif(not LINUX, reason="shared memory needs Linux")
def test_both_transports_give_the_same(server):
    seen = []
    for transport in ("websocket", "shared-memory"):
        batch = kinovox.Batch("plates-and-door-v1", 3, server=server, seed=4, transport=transport, deliver=("masks", "crop", "terms"))
        assert batch.transport == transport
        results = [batch.reset(seed=9)] + [batch.step(actions) for actions in random_actions(batch, 30)]
        seen.append([(r.observations, r.rewards, r.crop, r.reward_terms, r.action_masks, r.ended) for r in results])
        batch.close()
    for one, other in zip(*seen, strict=True):
        for left, right in zip(one, other, strict=True):
            assert np.array_equal(left, right)


def test_held_actions_are_single_steps_up_to_the_end_of_an_episode(server, pictured):
    held = kinovox.make_vec(str(pictured), 2, server=server, seed=3, repeat=5, show=["self", "cameraRgb"])
    single = kinovox.make_vec(str(pictured), 2, server=server, seed=3, show=["self", "cameraRgb"], autoreset="Disabled")
    observations = [held.reset(seed=3)[0], single.reset(seed=3)[0]]
    for actions in random_actions(held.batch, 3):
        actions = actions.reshape(held.action_space.shape)
        seen = held.step(actions)
        rewards, ended = np.zeros(2), np.zeros(2, bool)
        for _ in range(5):
            if not ended.any():
                last = single.step(actions)
                rewards, ended = rewards + last[1], last[2] | last[3]
        assert np.array_equal(seen[1], rewards)
        assert np.array_equal(seen[2] | seen[3], ended)
        # Both episodes end by the time limit, in tick 12: the third decision has two ticks.
        final = seen[4]["final_obs"][0] if ended.any() else {name: array[0] for name, array in seen[0].items()}
        for name, array in final.items():
            assert np.array_equal(array, last[0][name][0]), name
    assert ended.all()
    assert held.batch.spec["repeat"] == 5
    assert held.batch.episodes()[0]["tick"] == 0
    held.close()
    single.close()


@pytest.mark.skipif(not LINUX, reason="shared memory needs Linux")
def test_results_stay_unless_views_are_asked_for(server):
    batch = kinovox.Batch("tag-v1", 2, server=server)
    batch.reset(seed=0)
    actions = random_actions(batch, 4)
    first = batch.step(actions[0])
    kept = first.observations.copy()
    for action in actions[1:]:
        batch.step(action)
    assert np.array_equal(first.observations, kept)
    with pytest.raises(ValueError):
        first.observations[0] = 1
    views = kinovox.Batch("tag-v1", 2, server=server, copy=False)
    views.reset(seed=0)
    view = views.step(actions[0])
    views.step(actions[1])
    assert np.array_equal(view.observations, kept)
    views.step(actions[2])
    assert not np.array_equal(view.observations, kept)


@pytest.mark.skipif(not LINUX, reason="shared memory needs Linux")
def test_memory_has_no_name_left_and_falls_back_with_a_sentence(server, monkeypatch):
    before = set(os.listdir("/dev/shm"))
    batch = kinovox.Batch("tag-v1", 2, server=server, transport="shared-memory")
    assert set(os.listdir("/dev/shm")) <= before
    batch.close()
    monkeypatch.setattr(kinovox._shared, "_PATH", kinovox._shared.re.compile("/nowhere"))
    with pytest.warns(RuntimeWarning, match="Steps go over WebSocket"):
        batch = kinovox.Batch("tag-v1", 2, server=server, transport="shared-memory")
    assert batch.transport == "websocket"
    batch.reset(seed=0)
    batch.step(np.zeros(batch.action_shape))


@pytest.mark.skipif(not LINUX, reason="shared memory needs Linux")
@pytest.mark.parametrize("transport", ["websocket", "shared-memory"])
def test_a_killed_server_is_an_error_and_a_killed_client_frees_its_worlds(transport):
    with kinovox.launch("--max-worlds", "4") as server:
        code = (
            "import kinovox, sys, os; b = kinovox.Batch('tag-v1', 4, server=kinovox.connect(sys.argv[1]), transport=sys.argv[2]);"
            "b.reset(); b.step(__import__('numpy').zeros(b.action_shape)); os.kill(os.getpid(), 9)"
        )
        subprocess.run([sys.executable, "-c", code, server.url, transport], check=False)
        for _ in range(100):
            try:
                batch = kinovox.Batch("tag-v1", 4, server=server, transport=transport)
                break
            except kinovox.KinovoxError as error:
                assert error.code == "max-worlds"
        batch.reset()
        server._process.kill()
        server._process.wait()
        with pytest.raises(kinovox.KinovoxError, match="server"):
            for _ in range(3):
                batch.step(np.zeros(batch.action_shape))


def test_pictures_lidar_and_crop_arrive_with_their_types(server, pictured):
    batch = kinovox.Batch(pictured, 2, server=server, deliver=("pictures", "crop"))
    result = batch.reset(seed=1)
    assert {name: (array.dtype.name, array.shape) for name, array in result.pictures.items()} == {
        "cameraDepth": ("uint16", (2, 1, 8, 12)),
        "lidar": ("uint16", (2, 1, 1, 6)),
        "cameraRgb": ("uint8", (2, 1, 8, 12, 3)),
    }
    assert result.crop.dtype == np.uint16 and result.crop.shape == (2, 1, 3, 3, 3)
    # The layer under the feet is ground, the two others are air.
    assert result.crop[0, 0, 0].all() and not result.crop[0, 0, 1:].any()
    lower = result.pictures["cameraDepth"][0, 0, -1]
    assert (lower < 65535).all() and result.pictures["cameraRgb"].any()


def last_observations(server, scenario, mode, observation):
    """The last observation of row 0's first episode, and the first of its next one, however the mode shows them."""
    env = kinovox.make_vec(scenario, 2, server=server, autoreset=mode, show=observation)
    env.reset(seed=1)
    turn = np.zeros(env.action_space.shape, np.float32)
    turn[:, 0] = turn[:, 5] = 0.2
    for _ in range(1000):
        observations, _, terminated, truncated, infos = env.step(turn)
        if (terminated | truncated).all():
            break
    assert env.observation_space.contains(observations)
    row = lambda batch: {name: values[0] for name, values in batch.items()}  # noqa: E731
    if mode == AutoresetMode.SAME_STEP:
        return infos["final_obs"][0], row(observations)
    last = row(observations)
    if mode == AutoresetMode.NEXT_STEP:
        observations, rewards, terminated, truncated, _ = env.step(turn)
        assert not (rewards.any() or terminated.any() or truncated.any())
    else:
        observations, _ = env.reset(options={"reset_mask": np.ones(env.num_envs, bool)})
    return last, row(observations)


def test_three_autoreset_modes_agree_on_the_last_and_the_next_observation(server, pictured):
    expected = last_observations(server, pictured, AutoresetMode.DISABLED, "dict")
    assert set(expected[0]) >= {"self", "crop", "cameraDepth", "cameraRgb", "lidar"}
    assert not np.array_equal(expected[0]["cameraRgb"], expected[1]["cameraRgb"])
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP):
        for one, other in zip(expected, last_observations(server, pictured, mode, "dict"), strict=True):
            assert set(one) == set(other)
            for name, values in one.items():
                assert np.array_equal(values, other[name]), (mode, name)


def test_groups_are_parts_of_the_vector(server):
    vector = kinovox.parallel_env("relay-code-v1", server=server)
    grouped = kinovox.parallel_env("relay-code-v1", server=server, show="dict")
    agent = vector.possible_agents[0]
    flat, _ = vector.reset(seed=3)
    named, _ = grouped.reset(seed=3)
    assert list(named[agent]) == list(grouped.observation_space(agent).spaces)
    joined = np.concatenate([np.ravel(named[agent][name]) for name in named[agent] if name != "crop"])
    assert np.array_equal(joined, flat[agent])
    assert named[agent]["crop"].dtype == np.uint16 or "crop" not in named[agent]
    some = kinovox.parallel_env("relay-code-v1", server=server, show=["goals", "self"])
    assert list(some.reset(seed=3)[0][agent]) == ["goals", "self"]
    with pytest.raises(ValueError, match="selff"):
        kinovox.parallel_env("relay-code-v1", server=server, show=["selff"])
    with warnings.catch_warnings():
        # It advises one kind of space per agent; ours are the same for all.
        warnings.simplefilter("ignore")
        parallel_api_test(grouped, num_cycles=60)


def test_rows_may_be_worlds(server):
    env = kinovox.make_vec("plates-and-door-v1", 3, server=server, rows="worlds", reward_terms=True)
    observations, _ = env.reset(seed=0)
    assert env.num_envs == 3 and observations.shape == (3, 2, env.single_observation_space.shape[1])
    assert env.observation_space.contains(observations)
    for _ in range(5):
        observations, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
        assert rewards.shape == terminated.shape == truncated.shape == (3,)
        assert np.allclose(rewards, infos["agent_rewards"].mean(axis=1))
    flat = env.state()
    assert flat.shape == (3, env.state_space.shape[0])
    assert np.array_equal(flat.reshape(observations.shape), observations)
    mask = np.array([True, False, False])
    before = env.state()
    env.reset(options={"reset_mask": mask})
    assert np.array_equal(before[1:], env.state()[1:]) and not np.array_equal(before[0], env.state()[0])


def test_state_of_parallel_env_is_all_vectors(server):
    env = kinovox.parallel_env("tag-v1", server=server)
    observations, _ = env.reset(seed=2)
    assert np.array_equal(env.state(), np.concatenate([observations[agent] for agent in env.possible_agents]))
    assert env.state_space.contains(env.state())


def test_reward_terms_add_up_to_the_reward(server, talking):
    env = kinovox.make_vec(talking, 4, server=server, reward_terms=True)
    env.reset(seed=0)
    nonzero = 0
    for _ in range(8):
        _, rewards, _, _, infos = env.step(np.zeros(env.action_space.shape, np.float32))
        terms = infos["reward_terms"]
        assert set(terms) == {"way", "half"}
        assert np.allclose(terms["way"], 2 * terms["half"]) and np.allclose(terms["way"] + terms["half"], rewards)
        nonzero += np.count_nonzero(rewards)
    assert nonzero > 0


def test_the_way_left_shrinks_by_walking(server):
    batch = kinovox.Batch("reach-flat-v1", 4, server=server, deliver=("way",))
    assert not batch.reset(seed=0).way_left.any()
    moved = []
    for actions in random_actions(batch, 30):
        way = batch.step(actions).way_left
        assert way.dtype == np.int32 and (way >= 0).all()
        moved.append(way[..., 1] - way[..., 0])
    assert np.any(moved) and way.any()


@pytest.mark.parametrize("forbidden", [False, True])
def test_the_verdict_is_told_whatever_was_paid(server, tmp_path, forbidden):
    path = tmp_path / "paying-v1.scenario.json"
    inside = {"reach": {"agents": "ada", "region": [[2, 4, 2], [7, 5, 12]]}}
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "id": "paying-v1",
                "title": "Pay for everything",
                "world": {"size": [16, 12, 16], "terrain": {"generator": "flat", "ground": 4}},
                "agents": [{"id": "ada", "body": "walker", "spawn": {"region": [[2, 4, 2], [12, 4, 12]]}}],
                "task": {"never": inside} if forbidden else inside,
                "rewards": [{"name": "won", "on": "success", "value": -1}, {"name": "lost", "on": "failure", "value": 1}],
                "episode": {"maxTicks": 12},
            }
        )
    )
    batch = kinovox.Batch(path, 32, server=server, repeat=4, deliver=("outcome",))
    assert not batch.reset(seed=1).outcome.any()
    steps = [batch.step(np.zeros(batch.action_shape)) for _ in range(3)]
    told = np.stack([step.outcome for step in steps])
    ended = np.stack([step.ended for step in steps])
    assert told.dtype == np.uint8 and np.array_equal(told > 0, ended)
    assert set(told[ended]) == ({1, 2} if forbidden else {1, 3})
    # Success costs here, and failure pays: rewards would tell the opposite.
    rewards = np.stack([step.rewards[:, 0] for step in steps])
    assert (rewards[told == 1] < 0).all() and (rewards[told == 2] > 0).all()


def test_words_are_said_and_heard(server):
    env = kinovox.parallel_env("relay-code-v1", server=server)
    env.reset(seed=0)
    scout, runner = env.possible_agents
    assert env.say(scout, "row-1") == "row-1"
    assert env.say(scout, "qwertz") is None
    for _ in range(30):
        env.step({})
        heard = env.hear()[runner]
        if heard:
            break
    assert heard[0]["symbol"] == "row-1" and heard[0]["sender"] == 0 and "text" not in heard[0]
    with pytest.raises(ValueError, match="nobody"):
        env.say("nobody", "row-1")
    with pytest.raises(kinovox.KinovoxError, match="row"):
        env.batch.say(1, 0, "row-1")


def test_free_text_arrives_where_the_scenario_has_room_for_it(server, talking):
    batch = kinovox.Batch(talking, 2, server=server)
    batch.reset(seed=0)
    assert batch.say_all([(1, "ada", "Now come here, please"), (0, 0, "nothing")]) == ["come here", None]
    batch.step(np.zeros(batch.action_shape))
    batch.step(np.zeros(batch.action_shape))
    heard = batch.hear([0, 1])
    assert heard[0] == [[], []]
    assert [(message["symbol"], message["text"]) for message in heard[1][1]] == [("come here", "Now come here, please")]


def test_snapshots_continue_bit_for_bit(server):
    batch = kinovox.Batch("tag-v1", 3, server=server)
    batch.reset(seed=5)
    actions = random_actions(batch, 20)
    for action in actions[:10]:
        batch.step(action)
    (kept,) = batch.snapshot([0])
    for action in actions[10:]:
        batch.step(action)
    expected = batch.hashes()
    batch.restore([0, 1], [kept, kept])
    same = [np.repeat(action[:1], 3, axis=0) for action in actions[10:]]
    for action in same:
        result = batch.step(action)
    hashes = batch.hashes()
    assert hashes[0] == hashes[1] == expected[0] != hashes[2]
    assert np.array_equal(result.observations[0], result.observations[1])
    assert batch.drop([kept]) == 0
    with pytest.raises(kinovox.KinovoxError, match="snapshot"):
        batch.restore([0], [kept])


def test_members_of_a_group_begin_alike(server):
    batch = kinovox.Batch("reach-maze-v1", 4, server=server)
    first = batch.reset(group_size=2, group_id=7).observations
    assert np.array_equal(first[0], first[1]) and np.array_equal(first[2], first[3]) and not np.array_equal(first[0], first[2])
    assert np.array_equal(batch.reset(seed=7).observations[0], batch.reset(seed=0, group_size=2, group_id=7).observations[0])
    with pytest.raises(kinovox.KinovoxError, match="groupSize"):
        batch.reset(group_size=3)


def test_what_is_observed_may_be_chosen(server):
    env = kinovox.make("reach-flat-v1", server=server, observation=["state", "camera"], show=["self", "cameraRgb"])
    observation, _ = env.reset(seed=0)
    assert observation["cameraRgb"].dtype == np.uint8 and env.observation_space.contains(observation)
    assert kinovox.make("reach-flat-v1", server=server, observation={"crop": 3}).batch.spec["observationSpaces"]["crop"]["shape"] == [3, 3, 3]
    with pytest.raises(kinovox.KinovoxError, match='Did you mean "camera"'):
        kinovox.make("reach-flat-v1", server=server, observation="camra")


def test_unknown_words_are_refused(server):
    with pytest.raises(ValueError, match="deliver"):
        kinovox.Batch("tag-v1", server=server, deliver=("pictuers",))
    with pytest.raises(ValueError, match="transport"):
        kinovox.Batch("tag-v1", server=server, transport="pigeon")
    with pytest.raises(ValueError, match="rows"):
        kinovox.make_vec("tag-v1", server=server, rows="teams")
    assert Path(kinovox.__file__).exists()
