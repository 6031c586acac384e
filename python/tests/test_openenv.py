"""The server of the OpenEnv contract with real clients: the package openenv and its validator, where they are installed, and this package's own."""

import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path

import kinovox.openenv
import kinovox.trl
import pytest


@pytest.fixture(scope="module")
def server():
    with kinovox.openenv.launch("reach-flat-v1", "--max-sessions", "16") as started:
        yield started


def test_own_client_plays_an_episode(server):
    with kinovox.openenv.Client(server.url) as env:
        first = env.reset(seed=3, episode_id="mine")
        assert first["reward"] is None and not first["done"]
        assert {"hold", "waypoint", "moveTo"} <= {tool["name"] for tool in env.tools()}
        step = env.step("hold", forward=1, ticks=5)
        assert step["observation"]["info"]["tick"] == 5
        assert env.state()["episode_id"] == "mine"
        with pytest.raises(kinovox.KinovoxError, match="maxTicks"):
            env.step("wait", max_ticks=0)


def test_teams_are_played_by_one_client():
    with kinovox.openenv.launch("plates-and-door-v1", "--agents", "all") as team, kinovox.openenv.Client(team.url) as env:
        agents = list(env.reset(seed=1)["observation"]["agents"])
        step = env.step_team({agents[0]: ("wait", {"ticks": 5}), agents[1]: ("hold", {"forward": 1, "ticks": 9})})
        assert step["observation"]["info"]["ticks"] == 9
        assert [step["observation"]["agents"][agent]["result"]["status"] for agent in agents] == ["done", "done"]


def test_real_openenv_client(server):
    generic = pytest.importorskip("openenv.core.generic_client", reason="the package openenv-core is not installed: its client was NOT run")
    from openenv.core.mcp_client import MCPToolClient

    async def play():
        async with generic.GenericEnvClient(base_url=server.url) as env:
            first = await env.reset(seed=3)
            assert first.reward is None and first.done is False and "Task: " in first.observation["text"]
            step = await env.step({"name": "hold", "arguments": {"forward": 1, "ticks": 5}})
            assert step.observation["info"]["tick"] == 5 and step.reward == 0 and step.done is False
            assert (await env.state())["step_count"] == 1
            with pytest.raises(RuntimeError, match="VALIDATION_ERROR"):
                await env.step({"nam": "hold"})
        for production in (False, True):
            client = MCPToolClient(base_url=server.url)
            client.use_production_mode = production
            async with client:
                names = [tool.name for tool in await client.list_tools()]
                assert "moveTo" in names and not {"reset", "step", "state", "close"} & set(names)
                if not production:
                    await client.reset(seed=3)
                assert "scan" in str(await client.call_tool("scan"))

    asyncio.run(play())


def test_real_openenv_validator(server):
    pytest.importorskip("openenv", reason="the package openenv-core is not installed: its validator was NOT run")
    command = Path(sys.executable).with_name("openenv")
    checked = subprocess.run([command, "validate", "--url", server.url, "--timeout", "30"], capture_output=True, text=True, check=False)
    report = json.loads(checked.stdout)
    assert checked.returncode == 0 and report["passed"], report
    assert report["summary"]["failed_criteria"] == [] and report["mode"] == "simulation"


def test_trl_environment_plays_an_episode(server):
    make = kinovox.trl.environment_factory(server.url)
    env, other = make(), make()
    text = env.reset(seed=3, prompt="a row of a data set", environment="x")
    assert text == other.reset(seed=3) and "Task: " in text
    x, z = (float(word) for word in text.split("goal 1: at ")[1].split(",")[0].split()[::2])
    assert "outside" in env.moveTo(x=-9, y=4, z=4) and env.get_reward() == 0
    env.moveTo(x, 4, z)
    assert env.get_reward() > 0 and other.get_reward() == 0
    with pytest.raises(kinovox.trl.EpisodeOver):
        env.scan()
    env.reset(seed=4)
    assert env.get_reward() == 0
    with pytest.raises(ValueError, match="fly"):
        kinovox.trl.environment_factory(server.url, only=["fly"])


def test_trl_tools_have_types_and_google_docstrings(server):
    env = kinovox.trl.environment_factory(server.url, only=["moveTo", "hold"])()
    signature = inspect.signature(env.moveTo)
    assert [signature.parameters[name].annotation for name in ("x", "y", "z")] == [float, float, float]
    assert signature.parameters["range"].default == 0
    assert "Args:\n    x: " in env.moveTo.__doc__ and "Returns:" in env.moveTo.__doc__
    public = {name for name, _ in inspect.getmembers(env, inspect.ismethod) if not name.startswith("_")}
    assert public == {"reset", "get_reward", "moveTo", "hold"}


def test_trl_tools_are_read_by_transformers(server):
    utils = pytest.importorskip(
        "transformers.utils", reason="transformers is not installed: its reading of the tools was NOT run"
    )
    env = kinovox.trl.environment_factory(server.url)()
    for name, method in inspect.getmembers(env, inspect.ismethod):
        if name.startswith("_") or name in ("reset", "get_reward"):
            continue
        schema = utils.get_json_schema(method)["function"]
        assert schema["name"] == name and set(schema["parameters"]["properties"]) == set(inspect.signature(method).parameters)


def test_real_openenv_validator_of_the_folder():
    validation = pytest.importorskip("openenv.cli._validation", reason="the package openenv-core is not installed: its validator was NOT run")
    folder = Path(__file__).resolve().parents[1] / "kinovox_env"
    _, issues = validation.validate_multi_mode_deployment(folder)
    # `uv lock` makes it, and it is not kept: it would pin everything that openenv-core brings.
    assert [issue for issue in issues if "uv.lock" not in issue] == []
    assert (folder / "openenv.yaml").exists()
