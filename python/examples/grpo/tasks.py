"""The tasks: a scenario, the words that calls are made of, and how two words become a call."""

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
WOOL = ("red_wool", "lime_wool", "blue_wool")


@dataclass(frozen=True)
class Task:
    """What is played.

    A call is two words, the first a verb and the second its argument. Nothing keeps a model from other pairs: those are sent as they are, and the loop
    refuses them.
    """

    scenario: Path
    # By verb: the name of its argument, or `place`, which stands for x, y and z.
    verbs: dict
    arguments: tuple
    # Most calls of an agent in an episode.
    turns: int
    # Most ticks of 1/20 s that a call may take.
    max_ticks: int
    # Longest transcript of an agent, in tokens.
    length: int
    # The first call of each agent in an episode, which is made for it: two words, or none. What comes of it is read in the first turn.
    opening: tuple = ()
    # Cells by word, in the frame of an agent; and where that frame lies, by agent.
    places: dict = field(default_factory=dict)
    origins: dict = field(default_factory=dict)

    @property
    def action_words(self):
        return (*self.verbs, *self.arguments)

    def call(self, agent, verb, argument):
        """`(name, arguments)` as the server takes it. Numbers are sent as numbers."""
        parameter = self.verbs.get(verb, "argument")
        if parameter == "place" and argument in self.places:
            return verb, {axis: at + by for axis, at, by in zip("xyz", self.places[argument], self.origins[agent], strict=True)}
        return verb, {parameter: int(argument) if argument.isdigit() else argument}


TASKS = {
    "say-and-dig": Task(
        HERE / "say-and-dig.scenario.json", {"chat": "text", "dig": "block", "wait": "ticks"}, (*WOOL, "5"), turns=3, max_ticks=60, length=144
    ),
    "ask-the-door": Task(
        HERE / "ask-the-door.scenario.json",
        {"moveTo": "place", "use": "place"},
        ("pad", "lever-1", "lever-2", "lever-3", "lever-4"),
        turns=3,
        max_ticks=100,
        length=224,
        # Without it, pulling some lever at once is as good as a try of the door for whoever cannot read yet, and is all that is learned.
        opening=("moveTo", "pad"),
        # Both rooms are built alike; levers are counted from the north.
        places={"pad": (10, 2, 13), "lever-1": (2, 2, 10), "lever-2": (2, 2, 12), "lever-3": (2, 2, 14), "lever-4": (2, 2, 16)},
        origins={"ada": (0, 0, 0), "bob": (14, 0, 0)},
    ),
}
