"""Random actions in 64 worlds of tag: the loop that a trainer has."""

import kinovox

env = kinovox.make_vec("tag-v1", num_worlds=64)
observations, infos = env.reset(seed=0)
episodes = 0
for _ in range(1100):
    observations, rewards, terminated, truncated, infos = env.step(env.action_space.sample())
    if "world_ended" in infos:
        episodes += int(infos["world_ended"].sum()) // env.agents_per_world
print(f"{episodes} episodes ended in {env.num_worlds} worlds; observations {observations.shape}")
env.close()
