"""An environment of the OpenEnv contract, without the package openenv: one WebSocket, one world. The messages: docs/openenv.md.

    with kinovox.openenv.launch("bridge-gap-v1") as server, kinovox.openenv.Client(server.url) as env:
        print(env.reset(seed=1)["observation"]["text"])
        print(env.step("moveTo", x=12, y=8, z=16)["observation"]["text"])
"""

import json

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

from ._connection import KinovoxError
from ._launch import start


def launch(scenario, *arguments):
    """Starts `kinovox openenv` for a scenario on a free port of this machine; `arguments` are further options. Ends with this process."""
    return start("openenv", "--scenario", str(scenario), *arguments)


class Client:
    """One environment of a server; it is gone when the client is closed.

    Args:
        url: What the server printed, http:// or ws://.
        token: Where the server is not on loopback.
    """

    def __init__(self, url, token=None):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        address = url.replace("http", "ws", 1).rstrip("/") + "/ws"
        try:
            self._socket = connect(
                address, additional_headers=headers, max_size=None, compression=None, proxy=None, ping_interval=None
            ).__enter__()
        except InvalidStatus as error:
            raise KinovoxError(f"{url} refused the connection: {error.response.body.decode()}", "refused") from error
        except (OSError, WebSocketException) as error:
            raise KinovoxError(f"No server answers at {url}: {error}. Start `kinovox openenv`.", "unreachable") from error

    def reset(self, **data):
        """Begins an episode: `seed`, `episode_id`, `agents` (ids, or "all"). Returns `{"observation", "reward", "done"}`."""
        return self._ask("reset", data)

    def step(self, name, max_ticks=None, min_ticks=None, **arguments):
        """Calls a verb of the agent and waits until it has ended and `min_ticks` of 1/20 s have passed, or until `max_ticks` have."""
        return self._ask("step", {"name": name, "arguments": arguments, **_limits(max_ticks, min_ticks)})

    def step_team(self, calls, max_ticks=None, min_ticks=None):
        """Calls of several agents at once: `{agent: (name, arguments)}`. Ticks as of `step`."""
        actions = {agent: {"name": name, "arguments": arguments} for agent, (name, arguments) in calls.items()}
        return self._ask("step", {"actions": actions, **_limits(max_ticks, min_ticks)})

    def state(self):
        return self._ask("state")

    def tools(self):
        """The verbs of the agent: `[{"name", "description", "input_schema"}]`, JSON Schema."""
        return self._ask("step", {"type": "list_tools"})["observation"]["tools"]

    def close(self):
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, kind, data=None):
        try:
            self._socket.send(json.dumps({"type": kind} if data is None else {"type": kind, "data": data}))
            reply = json.loads(self._socket.recv())
        except ConnectionClosed as error:
            raise KinovoxError(f"The server closed the session: {error}.", "closed") from error
        if reply["type"] == "error":
            raise KinovoxError(reply["data"]["message"], reply["data"]["code"])
        return reply["data"]


def _limits(max_ticks, min_ticks):
    limits = {"maxTicks": max_ticks, "minTicks": min_ticks}
    return {name: ticks for name, ticks in limits.items() if ticks is not None}
