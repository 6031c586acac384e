"""Worlds on a Ray cluster: actors that each own a server, and one vector environment over them.

`python -m kinovox.ray` prints how it scales on a local cluster of two nodes. RLlib: `rllib_env`, and python/examples/rllib_ippo.py.
"""

import argparse
import time

import numpy as np
import ray
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from ._launch import launch
from ._vector import VectorBatch


@ray.remote(num_cpus=1)
class Shard:
    """A server of its own, number `index` of `count`, and a vector environment on it."""

    def __init__(self, index, count, scenario, num_worlds, seed=0, **options):
        self._server = launch("--shard", f"{index}/{count}", "--seed", str(seed))
        self._env = VectorBatch(scenario, num_worlds, server=self._server, **options)

    def about(self):
        """What the vector over the shards must know; the node's id last."""
        env = self._env
        return (
            env.single_observation_space,
            env.single_action_space,
            env.state_space,
            env.num_envs,
            env.agents_per_world,
            env.metadata["autoreset_mode"],
            ray.get_runtime_context().get_node_id(),
        )

    def reset(self, seed, options):
        return self._env.reset(seed=seed, options=options)

    def step(self, actions):
        return self._env.step(actions)

    def state(self):
        return self._env.state()

    def close(self):
        self._env.close()
        self._server.close()


class DistributedVector(VectorEnv):
    """`num_worlds` worlds over `num_shards` actors, spread over the cluster's nodes; rows shard by shard.

    With the same seed it does what one `kinovox.make_vec` of as many worlds does. Its actors end with `close()`, or with the driver.
    """

    def __init__(self, scenario, num_worlds, num_shards, *, num_cpus=1, seed=0, **options):
        self.shards = []
        if num_worlds % num_shards != 0:
            raise ValueError(f"num_worlds must be a multiple of num_shards; got {num_worlds} and {num_shards}.")
        if not ray.is_initialized():
            ray.init()
        self.num_worlds = num_worlds
        self.num_shards = num_shards
        self._worlds_per_shard = num_worlds // num_shards
        actor = Shard.options(num_cpus=num_cpus, scheduling_strategy="SPREAD")
        self.shards = [actor.remote(index, num_shards, scenario, self._worlds_per_shard, seed, **options) for index in range(num_shards)]
        abouts = ray.get([shard.about.remote() for shard in self.shards])
        self.single_observation_space, self.single_action_space, self.state_space, rows, self.agents_per_world, mode, _ = abouts[0]
        self.node_ids = [about[-1] for about in abouts]
        self.num_envs = rows * num_shards
        self._rows_per_shard = rows
        self.metadata = {"render_modes": [], "autoreset_mode": AutoresetMode(mode)}
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.spec = None
        self.render_mode = None

    def reset(self, *, seed=None, options=None):
        """As `make_vec`: an int seeds world w with seed + w; a list has a seed per world. A `reset_mask` selects whole worlds of any shards."""
        results = [shard.reset.remote(*given) for shard, given in zip(self.shards, self._split_reset(seed, options or {}), strict=True)]
        observations, infos = zip(*ray.get(results), strict=True)
        return _joined(observations), _joined_infos(infos, self._rows_per_shard)

    def step(self, actions):
        return self.step_wait(self.step_async(actions))

    def step_async(self, actions):
        """Begins a step; give what it returns to `step_wait`."""
        parts = np.split(np.asarray(actions), self.num_shards)
        return [shard.step.remote(part) for shard, part in zip(self.shards, parts, strict=True)]

    def step_wait(self, pending):
        *arrays, infos = zip(*ray.get(pending), strict=True)
        return (*(_joined(parts) for parts in arrays), _joined_infos(infos, self._rows_per_shard))

    def state(self):
        """`[num_worlds, A * D]`."""
        return np.concatenate(ray.get([shard.state.remote() for shard in self.shards]))

    def close_extras(self, **_):
        # An environment that is collected as the process ends finds the cluster gone, and its actors with it.
        if not ray.is_initialized():
            return
        ray.get([shard.close.remote() for shard in self.shards])
        for shard in self.shards:
            ray.kill(shard)
        self.shards = []

    def _split_reset(self, seed, options):
        masks = [None] * self.num_shards
        if options.get("reset_mask") is not None:
            masks = np.split(np.asarray(options["reset_mask"], bool), self.num_shards)
            if not all(mask.any() for mask in masks):
                raise ValueError("reset_mask must select a world of every shard; got a shard without one. Use fewer shards, or another autoreset mode.")
        for index in range(self.num_shards):
            first = index * self._worlds_per_shard
            part = {**options, "reset_mask": masks[index]} if masks[index] is not None else options
            if seed is None or isinstance(seed, (int, np.integer)):
                yield None if seed is None else int(seed) + first, part
            else:
                yield [int(value) for value in seed[first : first + self._worlds_per_shard]], part


def rllib_env(config):
    """A creator for `ray.tune.register_env`: RLlib's wrapper around `kinovox.parallel_env`. `config`: `scenario`, and options of parallel_env.

    Each env runner's process starts a server of its own; `worker_index` of RLlib's context keeps their seeds apart.
    """
    from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv

    from ._parallel import Parallel

    options = dict(config)
    scenario = options.pop("scenario")
    index = getattr(config, "worker_index", 0) * 1024 + getattr(config, "vector_index", 0)
    options.setdefault("seed", index * 2**20)
    return ParallelPettingZooEnv(Parallel(scenario, **options))


def _joined(parts):
    if isinstance(parts[0], dict):
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return np.concatenate(parts)


def _joined_infos(infos, rows):
    """Infos of the shards as one: what a shard does not mention is empty there."""
    joined = {}
    for name in dict.fromkeys(name for info in infos for name in info):
        sample = next(info[name] for info in infos if name in info)
        if isinstance(sample, dict):
            joined[name] = _joined_infos([info.get(name, {}) for info in infos], rows)
        else:
            empty = np.full(sample.shape, None, object) if sample.dtype == object else np.zeros_like(sample)
            joined[name] = np.concatenate([info.get(name, empty) for info in infos])
    return joined


def main():
    parser = argparse.ArgumentParser(description="Agent-steps per second over one and two shards, on a local Ray cluster of two nodes.")
    parser.add_argument("--scenario", default="plates-and-door-v1")
    parser.add_argument("--worlds", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    cluster.add_node(num_cpus=1)
    ray.init(address=cluster.address, log_to_driver=False)
    try:
        _compare(given)
    finally:
        ray.shutdown()
        cluster.shutdown()


def _compare(given):
    """One shard, then two, in turns; the same worlds in all."""
    best = {1: 0.0, 2: 0.0}
    for _ in range(given.rounds):
        for num_shards in best:
            env = DistributedVector(given.scenario, given.worlds, num_shards, engine="cpu")
            env.reset(seed=0)
            actions = np.full(env.action_space.shape, 0.25, np.float32)
            for _ in range(5):
                env.step(actions)
            begin = time.perf_counter()
            for _ in range(given.steps):
                env.step(actions)
            best[num_shards] = max(best[num_shards], env.num_envs * given.steps / (time.perf_counter() - begin))
            env.close()
    print(f"{given.scenario}, {given.worlds} worlds, best of {given.rounds} rounds of {given.steps} steps, two nodes of one machine")
    print(f"1 shard    {best[1]:12,.0f} agent-steps/s")
    print(f"2 shards   {best[2]:12,.0f} agent-steps/s, {best[2] / best[1]:.2f} of one")



if __name__ == "__main__":
    main()
