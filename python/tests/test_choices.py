"""An environment chooses how it acts and what it sees; the levels stay those of the scenario."""

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
