"""Worlds over a Ray cluster of two nodes on this machine. Needs ray; skips loudly without."""

import sys

import kinovox
import numpy as np
import pytest

ray = pytest.importorskip("ray", reason="ray is not installed: nothing of kinovox.ray is tested")


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    started.add_node(num_cpus=1)
    ray.init(address=started.address, log_to_driver=False)
    yield started
    ray.shutdown()
    started.shutdown()


def play(env, steps=60):
    """All that an environment gives over some steps, with the infos' final observations."""
    rng = np.random.default_rng(2)
    seen = [env.reset(seed=11)[0]]
    for _ in range(steps):
        observations, rewards, terminated, truncated, infos = env.step(rng.uniform(-1, 1, env.action_space.shape).astype(np.float32))
        seen += [observations, rewards, terminated, truncated]
        if "final_obs" in infos:
            seen += [infos["_final_obs"], *infos["final_obs"][infos["_final_obs"]]]
    return seen


def test_two_shards_on_two_nodes_do_what_one_server_does(cluster, tmp_path):
    from kinovox.ray import DistributedVector

    scenario = tmp_path / "short-v1.scenario.json"
    scenario.write_text(
        '{"version": 1, "id": "short-v1", "title": "Short",'
        ' "world": {"size": [16, 12, 16], "terrain": {"generator": "flat", "ground": 4}},'
        ' "agents": [{"id": "ada", "body": "walker", "spawn": {"region": [[2, 4, 2], [12, 4, 12]]}}],'
        ' "task": {"reach": {"agents": "ada", "region": [[2, 4, 2], [7, 8, 7]]}}, "episode": {"maxTicks": 25}}'
    )
    spread = DistributedVector(str(scenario), 4, 2)
    assert len(set(spread.node_ids)) == 2
    single = kinovox.make_vec(str(scenario), 4)
    ours, theirs = play(spread), play(single)
    assert len(ours) == len(theirs) > 60 * 4 + 1
    for one, other in zip(ours, theirs, strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(spread.state(), single.state())
    with pytest.raises(ValueError, match="multiple of num_shards"):
        DistributedVector(str(scenario), 3, 2)
    spread.close()
    single.close()


def test_rllib_wraps_an_environment(cluster):
    pytest.importorskip("torch", reason="torch is not installed: RLlib's wrapper is not tested")
    from kinovox.ray import rllib_env

    env = rllib_env({"scenario": "tag-v1"})
    observations, _ = env.reset(seed=1)
    assert set(observations) == set(env.par_env.possible_agents)
    observations, rewards, terminated, truncated, _ = env.step({agent: env.par_env.action_space(agent).sample() for agent in observations})
    assert set(rewards) == set(observations) and not terminated["__all__"] and not truncated["__all__"]
    env.close()
    assert "ray" in sys.modules
