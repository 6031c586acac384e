"""An environment chooses how it acts and what it sees; the levels stay those of the scenario."""

import contextlib
import json
import os
import warnings

import numpy as np
import pytest

import kinovox


@pytest.fixture(scope="module")
def server():
    with kinovox.launch() as server:
        yield server


def test_observations_and_actions_are_chosen_without_touching_the_levels(server):
    plain = kinovox.Batch("plates-and-door-v1", 2, server=server, seed=5)
    chosen = kinovox.Batch(
        "plates-and-door-v1", 2, server=server, seed=5, action_profile="discrete", observation={"mechanisms": 8, "messages": 0}
    )
    for batch in (plain, chosen):
        batch.reset()
    names = chosen.spec["observationSpace"]["names"]
    assert "mechanisms.0.on" in names and "messages.0.present" not in names
    assert "mechanisms.0.on" not in plain.spec["observationSpace"]["names"]
    assert chosen.spec["actionSpace"]["kind"] == "discrete" and chosen.action_shape == (2, 2)
    for _ in range(20):
        forward = np.zeros(plain.action_shape)
        forward[..., 0] = 1
        plain.step(forward)
        chosen.step(np.full(chosen.action_shape, chosen.spec["actionSpace"]["names"].index("forward")))
    assert chosen.hashes() == plain.hashes()


def test_profiles_of_observation_combine(server):
    batch = kinovox.Batch("reach-flat-v1", 1, server=server, observation=["state", "camera"], deliver=("pictures",))
    assert "cameraRgb" in batch.reset().pictures
    with pytest.raises(kinovox.KinovoxError, match="symbolic"):
        kinovox.Batch("reach-flat-v1", server=server, observation=["symbol"])


def test_former_names_of_options_work_and_say_the_new_ones(server):
    with pytest.warns(DeprecationWarning, match="observe is now observation") as caught:
        env = kinovox.make("reach-flat-v1", server=server, observe={"crop": 3}, observation="dict")
    assert caught[0].filename == __file__
    assert env.batch.spec["observationSpaces"]["crop"]["shape"] == [3, 3, 3] and "crop" in env.observation_space.spaces
    with pytest.warns(DeprecationWarning, match="is now show='dict'"):
        shown = kinovox.make_vec("reach-flat-v1", server=server, observation="dict")
    assert "goals" in shown.single_observation_space.spaces
    with pytest.warns(DeprecationWarning, match="is now show="):
        assert list(kinovox.parallel_env("reach-flat-v1", server=server, observation=["self"]).observation_space("ada").spaces) == ["self"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = kinovox.make("reach-flat-v1", server=server, observation=["state", "camera"], show=["self", "cameraRgb"])
    assert set(plain.observation_space.spaces) == {"self", "cameraRgb"}


@pytest.fixture(scope="module")
def drawing(tmp_path_factory):
    """Two agents, a level with a parameter, ranges of everything, six ticks."""
    path = tmp_path_factory.mktemp("scenarios") / "drawing-v1.scenario.json"
    agent = {"body": "walker", "spawn": {"region": [[2, 4, 2], [12, 4, 12]]}}
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "id": "drawing-v1",
                "title": "Draw",
                "parameters": {"pillar": {"int": [1, 5]}},
                "world": {
                    "size": [16, 12, 16],
                    "terrain": {"generator": "flat", "ground": 4},
                    "edits": [{"fill": "stone", "from": [15, 4, 15], "size": [1, {"param": "pillar"}, 1]}],
                },
                "agents": [{"id": "ada", **agent}, {"id": "bob", **agent}],
                "randomisation": {"speed": [0.5, 1.5], "friction": [0.5, 1], "actionDelayTicks": [0, 3]},
                "task": {"reach": {"agents": "all", "region": [[15, 4, 0], [15, 5, 0]]}},
                "episode": {"maxTicks": 6},
            }
        )
    )
    return path


def test_what_episodes_draw_is_told_per_agent(server, drawing):
    env = kinovox.parallel_env(drawing, server=server)
    _, infos = env.reset(seed=3)
    episode = env.batch.episodes()[0]
    assert episode["rowSeed"] == 3 and 1 <= episode["parameters"]["pillar"] <= 5
    for slot, agent in enumerate(env.possible_agents):
        drawn = infos[agent]["drawn"]
        assert drawn["parameters"] == episode["parameters"]
        assert drawn["randomisation"]["speed"] == episode["randomisation"]["speed"][slot]
        assert 0.5 <= drawn["randomisation"]["speed"] <= 1.5 and drawn["randomisation"]["actionDelayTicks"] in range(4)
    again = kinovox.parallel_env(drawing, server=server).reset(seed=3)[1]
    other = env.reset(seed=4)[1]
    assert again["bob"]["drawn"] == infos["bob"]["drawn"] != other["bob"]["drawn"]
    assert "drawn" not in env.step({})[4]["ada"]
    assert "drawn" not in kinovox.make("reach-flat-v1", server=server).reset()[1] or kinovox.make("reach-flat-v1", server=server).batch.draws


@pytest.mark.parametrize("mode", ["SameStep", "NextStep"])
def test_vectors_tell_draws_when_episodes_begin(server, drawing, mode):
    env = kinovox.make_vec(drawing, 3, server=server, autoreset=mode, draws=True)
    _, infos = env.reset(seed=3)
    first = list(infos["drawn"])
    assert len(first) == 6 and infos["_drawn"].all()
    idle = np.zeros(env.action_space.shape, np.float32)
    told = []
    for tick in range(1, 9):
        infos = env.step(idle)[4]
        if "drawn" in infos:
            told.append(tick)
            assert list(infos["drawn"]) != first
    assert told == ([6] if mode == "SameStep" else [7])
    assert "drawn" not in kinovox.make_vec(drawing, server=server).reset()[1]


def test_observations_come_in_words(server):
    env = kinovox.parallel_env("tag-v1", server=server, text=True)
    agents = env.possible_agents
    _, infos = env.reset(seed=1)
    opening = {agent: infos[agent]["text"] for agent in agents}
    assert all(text.startswith(f"You are {agent} ") for agent, text in opening.items())
    later = env.step({agents[0]: env.action_space(agents[0]).sample()})[4][agents[0]]["text"]
    assert "[0.1 s]" in later and "You are" not in later
    batch = kinovox.Batch("tag-v1", 3, server=server, seed=0)
    batch.reset()
    # Row 1 plays seed 1.
    assert batch.text([1], [agents[0]]) == [[opening[agents[0]]]]
    assert len(batch.text([0, 2])[1]) == len(agents)
    assert kinovox.make("reach-flat-v1", server=server, text=True).reset()[1]["text"].startswith("You are ")


def test_an_engine_that_the_host_lacks_is_refused_with_what_to_do():
    # Without drivers there is no adapter, whatever this machine has.
    env = {"VK_ICD_FILENAMES": "/nonexistent.json", "VK_DRIVER_FILES": "/nonexistent.json"}
    with launched(env) as server:
        with pytest.raises(kinovox.KinovoxError, match='"webgpu" needs a GPU adapter; this host has none.*use the engine "cpu"'):
            kinovox.make_vec("reach-flat-v1", 2, server=server, engine="webgpu")
        with pytest.raises(kinovox.KinovoxError, match='got "webgp".*Did you mean "webgpu"'):
            kinovox.make_vec("reach-flat-v1", 2, server=server, engine="webgp")
        kinovox.make_vec("reach-flat-v1", 2, server=server, engine="cpu").reset()


@contextlib.contextmanager
def launched(env):
    """A server under other environment variables."""
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        with kinovox.launch() as server:
            yield server
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
