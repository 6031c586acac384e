"""Texts in which a tokenizer finds its words: what agents are told while they play calls drawn at random."""

import numpy as np

# Of calls, so many have a verb and an argument; the others are any two words, so that what is said about malformed calls is met too.
_WELL_FORMED = 0.8


def sample_texts(sessions, rng, episodes):
    """Plays at least so many episodes, seeds and calls drawn from `rng`. Returns every text of every agent, `list[str]`."""
    texts = []
    for _ in range(-(-episodes // len(sessions))):
        seeds = rng.integers(2**31, size=len(sessions))
        for told in sessions.each(lambda client, number: _play(client, sessions.task, int(seeds[number])), range(len(sessions))):
            texts.extend(told)
    return texts


def _play(client, task, seed):
    rng = np.random.default_rng(seed)

    def call(agent):
        if rng.random() < _WELL_FORMED:
            return task.call(agent, str(rng.choice(list(task.verbs))), str(rng.choice(task.arguments)))
        return task.call(agent, *(str(word) for word in rng.choice(task.action_words, size=2)))

    data = client.reset(seed=seed)
    texts = []
    for _ in range(task.turns):
        views = data["observation"]["agents"]
        texts.extend(view["text"] for view in views.values())
        if data["done"]:
            return texts
        data = client.step_team({agent: call(agent) for agent in views}, task.max_ticks)
    return texts + [view["text"] for view in data["observation"]["agents"].values()]
