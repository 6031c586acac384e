"""B worlds with A agents each, as numpy arrays. The environments of the other files are views of this."""

import struct
import warnings
from dataclasses import dataclass, field

import numpy as np

from ._launch import shared_server
from ._shared import SharedMemory, is_offered

_HEADER = struct.Struct("<IHHII")
_MAGIC = 0x4258564B
_FLAG_FINAL = 1
_CRASHED = 2
_EXTRAS = ("masks", "crop", "pictures", "terms", "way", "outcome")
_TRANSPORTS = ("auto", "shared-memory", "websocket")


@dataclass
class Result:
    """What a reset or a step gives; read-only arrays. B worlds, A agents, D observation components, E worlds that ended."""

    observations: np.ndarray  # [B, A, D] float32
    rewards: np.ndarray  # [B, A] float32
    terminated: np.ndarray  # [B, A] bool
    truncated: np.ndarray  # [B, A] bool
    ended: np.ndarray  # [B] bool: the episode of the world ended in this step
    crashed: np.ndarray  # [B] bool: it ended because the world crashed; see Batch.crashes
    action_masks: np.ndarray | None = None  # [B, A, N] bool: what each agent can begin
    reward_terms: np.ndarray | None = None  # [B, A, W] float32, in the order of spec["rewardTerms"]
    way_left: np.ndarray | None = None  # [B, A, 2] int32: tenths of a metre to the goal before and after the tick; 0, 0 for those who did not act
    outcome: np.ndarray | None = None  # [B] uint8: verdict of the first task where an episode ended, 1 succeeded, 2 failed, 3 out of time; else 0
    crop: np.ndarray | None = None  # [B, A, n, n, n] uint16 block ids, y-major
    pictures: dict = field(default_factory=dict)  # name -> [B, A, ...] uint8 or uint16
    final: dict | None = None  # name -> [E, A, ...]: last observations of the worlds with `ended`, in row order; autoreset "same-step"

    @property
    def final_observations(self):
        """[E, A, D], or None."""
        return None if self.final is None else self.final["observations"]


class Batch:
    def __init__(
        self,
        scenario,
        num_worlds=1,
        *,
        server=None,
        split="train",
        engine="auto",
        threads=None,
        action_profile=None,
        observation=None,
        seed=None,
        autoreset="same-step",
        opponents=None,
        repeat=1,
        deliver=(),
        transport="auto",
        copy=True,
    ):
        """Makes the batch on `server`, or on a shared one started at first use. Row r plays `seed` + r.

        `observation`: a profile such as "symbolic", a list of them, or parts such as {"mechanisms": 8}, in place of the scenario's; levels stay the same.

        `opponents`: by agent id, team or role, the name of the policy that plays it in the server, such as {"runner": "scripted"}; what you give
        for its slots is ignored, and spec["opponents"] says which those are.

        `engine`: "auto", "cpu", "workers", "gpujs", "rigid" or "webgpu"; on "webgpu" worlds lie on the GPU, and `say`, `hear`, `text`, `opponents` and
        `repeat` above 1 are refused.

        `repeat`: ticks for which a step holds its actions, 1 to 256; above 1 on "cpu", "workers" and "rigid". Rewards are summed, observations and pictures come from the last tick; a world whose
        episode ends is left alone until the next step.

        `deliver`: any of "masks", "crop", "pictures", "terms", "way", "outcome". `transport`: "auto" takes shared memory where client and server are
        on one Linux machine. `copy=False`: results are views of shared memory, valid until the step after the next.
        """
        for name in deliver:
            if name not in _EXTRAS:
                raise ValueError(f"deliver must hold some of {_EXTRAS}; got {name!r}.")
        if transport not in _TRANSPORTS:
            raise ValueError(f"transport must be one of {_TRANSPORTS}; got {transport!r}.")
        server = server or shared_server()
        wants_memory = transport == "shared-memory" or (transport == "auto" and is_offered() and server.is_loopback)
        request = dict(
            type="make",
            scenario=str(scenario),
            numWorlds=int(num_worlds),
            split=split,
            engine=engine,
            autoreset=autoreset,
            deliver=list(deliver),
            transport="shared-memory" if wants_memory and is_offered() else "websocket",
        )
        if threads is not None:
            request["threads"] = int(threads)
        if action_profile is not None:
            request["actionProfile"] = action_profile
        if repeat != 1:
            request["repeat"] = int(repeat)
        if opponents is not None:
            request["opponents"] = dict(opponents)
        if observation is not None:
            request["observation"] = dict(observation) if isinstance(observation, dict) else [observation] if isinstance(observation, str) else list(observation)
        if seed is not None:
            request["seed"] = int(seed)
        self._memory = None
        self._connection = server.connection()
        try:
            self.spec = self._connection.request(**request)
            if "engineNote" in self.spec:
                warnings.warn(self.spec["engineNote"], RuntimeWarning, stacklevel=2)
            if wants_memory:
                self._share()
        except BaseException:
            self.close()
            raise
        self.transport = "websocket" if self._memory is None else "shared-memory"
        self.num_worlds = self.spec["numWorlds"]
        self.agents = tuple(self.spec["agents"])
        self.action_shape = tuple(self.spec["actions"]["shape"])
        self._copies = copy
        self._steps = 0

    def reset(self, seed=None, seeds=None, mask=None, group_size=None, group_id=None):
        """Starts episodes: anew from seeds, else each row's next one. `mask` `[B]` selects rows.

        `group_size`: neighbouring rows that share seed, variant and first state; `group_id` is added to the first group's seed.
        """
        request = {"type": "reset"}
        if seed is not None:
            request["seed"] = int(seed)
        if seeds is not None:
            request["seeds"] = [int(value) for value in seeds]
        if mask is not None:
            request["mask"] = [int(bool(value)) for value in mask]
        if group_size is not None:
            request["groupSize"] = int(group_size)
        if group_id is not None:
            request["groupId"] = int(group_id)
        return self._read(self._connection.request(**request), 0)

    def step(self, actions):
        """Advances every world by one tick, or by `repeat` of them. `actions`: `[B, A, F]` floats, or `[B, A]` choices in the discrete profile."""
        values = np.asarray(actions, dtype="<f4")
        if values.shape != self.action_shape:
            raise ValueError(f"actions must have shape {self.action_shape}; got {values.shape}. See spec['actionSpace'].")
        self._steps = (self._steps + 1) & 0xFFFFFFFF
        if self._memory is None:
            header = _HEADER.pack(_MAGIC, 2, 1, self._steps, 0)
            return self._read(self._connection.step(header + values.tobytes()), 0)
        self._written[...] = values
        at = self._memory.step(self._steps)
        return self._read(self._memory.memory, at, self._copies)

    def say(self, row, agent, text):
        """Gives an agent words to say in the next step. Returns the symbol that they mean, or None when none will be said."""
        return self.say_all([(row, agent, text)])[0]

    def say_all(self, messages):
        """`say` for many `(row, agent, text)`, in one request. `agent`: id or slot."""
        listed = [dict(row=int(row), slot=self._slot_of(agent), text=text) for row, agent, text in messages]
        symbols = self._connection.request(type="say", messages=listed)["symbols"]
        return [self.spec["symbols"][symbol - 1] if symbol > 0 else None for symbol in symbols]

    def hear(self, rows):
        """What agents can read now: per row, per agent, a list of `{"sender", "tick", "symbol"}`, with "text" where some was given."""
        return self._connection.request(type="hear", rows=[int(row) for row in rows])["messages"]

    def text(self, rows, agents=None):
        """The observations of agents in words, for language models: per row, per agent (ids or slots; all by default), a text.

        The first of an episode holds everything, each later one what changed since it was last asked for.
        """
        request = dict(type="text", rows=[int(row) for row in rows])
        if agents is not None:
            request["slots"] = [self._slot_of(agent) for agent in agents]
        return self._connection.request(**request)["texts"]

    def episodes(self, rows=None):
        """What rows (all by default) play: a list of `{"row", "rowSeed", "episode", "variant", "tick", "groupId", "parameters"}`, with "randomisation"
        where the scenario declares ranges: "speed", "jump" and "actionDelayTicks" per agent, "friction" of the world.
        """
        chosen = range(self.num_worlds) if rows is None else rows
        return self._connection.request(type="episodes", rows=[int(row) for row in chosen])["episodes"]

    @property
    def draws(self):
        """Whether episodes draw anything: parameters of their level, or randomisation."""
        return any(self.spec["draws"].values())

    def drawn(self, rows=None):
        """What the episodes of rows (all by default) drew: per row, per agent, `{"parameters", "randomisation"}` as far as it concerns that agent."""
        return [[_drawn_by(episode, slot) for slot in range(len(self.agents))] for episode in self.episodes(rows)]

    def snapshot(self, rows):
        """Keeps rows as they are, on the server. Returns a number for each: give them to `restore`, and to `drop` when done."""
        return self._connection.request(type="snapshot", rows=[int(row) for row in rows])["ids"]

    def restore(self, rows, snapshots):
        """Puts rows back, bit for bit; one snapshot may serve several rows. Returns a result, as a reset does."""
        request = dict(type="restore", rows=[int(row) for row in rows], snapshots=[int(number) for number in snapshots])
        return self._read(self._connection.request(**request), 0)

    def drop(self, snapshots):
        """Forgets snapshots. Returns how many are held."""
        return self._connection.request(type="drop", snapshots=[int(number) for number in snapshots])["held"]

    def hashes(self):
        """State hash of every row, 16 hexadecimal digits each."""
        return self._connection.request(type="hashes")["rows"]

    def crashes(self):
        """What crashed since this was last asked: a list of `{"row", "message"}`, the latest 64."""
        return self._connection.request(type="crashes")["crashes"]

    def close(self):
        if self._memory is not None:
            self._memory.close()
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _share(self):
        offer = self.spec.get("sharedMemory")
        problem = self.spec.get("sharedMemoryRefused", "Shared memory needs Linux. Steps go over WebSocket.")
        if offer is not None:
            try:
                self._memory = SharedMemory(offer)
            except (OSError, ValueError) as error:
                problem = f"The server's shared memory cannot be used: {error}. Steps go over WebSocket."
        if self._memory is None:
            warnings.warn(problem, RuntimeWarning, stacklevel=3)
            return
        shape = tuple(self.spec["actions"]["shape"])
        at = self._memory.step_at
        _HEADER.pack_into(self._memory.memory, at, _MAGIC, 2, 1, 0, 0)
        self._written = np.frombuffer(self._memory.memory, "<f4", int(np.prod(shape)), at + _HEADER.size).reshape(shape)

    def _slot_of(self, agent):
        if isinstance(agent, str):
            if agent not in self.agents:
                raise ValueError(f"agent must be one of {self.agents}; got {agent!r}.")
            return self.agents.index(agent)
        return int(agent)

    def _read(self, message, at, copies=False):
        _, _, _, _, flags = _HEADER.unpack_from(message, at)
        first = at + _HEADER.size
        if copies:
            # One copy of all arrays costs less than one each.
            size = self.spec["arrayBytes"]
            held = np.frombuffer(message, np.uint8, size, first).copy()
            held.flags.writeable = False
            arrays = {array["name"]: _array(held, array, array["offset"]) for array in self.spec["arrays"]}
        else:
            arrays = {array["name"]: _array(message, array, first + array["offset"]) for array in self.spec["arrays"]}
        ended = arrays.pop("ended")
        crashed = ended == _CRASHED
        final = None
        if flags & _FLAG_FINAL:
            final = self._final(message, first + self.spec["arrayBytes"], int(np.count_nonzero(ended)), copies)
        fixed = {name: arrays.pop(name) for name in ("observations", "rewards", "reward_terms", "way_left", "outcome", "crop") if name in arrays}
        flagged = {name: arrays.pop(name).view(np.bool_) for name in ("terminated", "truncated", "action_masks") if name in arrays}
        return Result(**fixed, **flagged, ended=ended != 0, crashed=crashed, pictures=arrays, final=final)

    def _final(self, message, at, num_ended, copies):
        found = {}
        for array in self.spec["final"]:
            shape = [num_ended, *array["shape"]]
            values = _array(message, {**array, "shape": shape}, at)
            found[array["name"].removeprefix("final_")] = values.copy() if copies else values
            at += values.nbytes
        return found


def _drawn_by(episode, slot):
    drawn = {"parameters": episode["parameters"]}
    if "randomisation" in episode:
        values = episode["randomisation"].items()
        drawn["randomisation"] = {name: value[slot] if isinstance(value, list) else value for name, value in values}
    return drawn


def _array(message, array, at):
    shape = array["shape"]
    values = np.frombuffer(message, np.dtype(array["dtype"]), int(np.prod(shape)), at).reshape(shape)
    values.flags.writeable = False
    return values
