"""Independent PPO with RLlib on a team scenario: one policy that all agents share, over RLlib's own PettingZoo wrapper.

pip install "kinovox[ray,node]" torch; python rllib_ippo.py --scenario tag-v1 --iterations 5
"""

import argparse

from kinovox.ray import rllib_env
from ray.rllib.algorithms.ppo import PPOConfig
from ray.tune.registry import register_env


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="tag-v1")
    parser.add_argument("--iterations", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000, help="environment steps per iteration")
    parser.add_argument("--runners", type=int, default=1, help="processes that step, each with a server of its own")
    given = parser.parse_args()
    register_env("kinovox", rllib_env)
    config = (
        PPOConfig()
        .environment("kinovox", env_config={"scenario": given.scenario})
        .env_runners(num_env_runners=given.runners, rollout_fragment_length="auto")
        .training(train_batch_size_per_learner=given.steps, minibatch_size=256, num_epochs=2, lr=3e-4)
        .multi_agent(policies={"shared"}, policy_mapping_fn=lambda agent, episode, **_: "shared")
    )
    algorithm = config.build_algo()
    for iteration in range(given.iterations):
        result = algorithm.train()
        runners = result["env_runners"]
        print(
            f"iteration {iteration + 1}: {runners['num_env_steps_sampled_lifetime']:.0f} steps, "
            f"return {runners.get('episode_return_mean', float('nan')):.3f}"
        )
    algorithm.stop()


if __name__ == "__main__":
    main()
