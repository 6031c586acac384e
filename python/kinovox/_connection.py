"""One connection to a server: JSON requests and binary steps, one reply each. The bytes: docs/batch-protocol.md."""

import json

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import connect

PROTOCOL = 2


class KinovoxError(Exception):
    """What the server, or this client, cannot do; the message says what to change."""

    def __init__(self, message, code="client"):
        super().__init__(message)
        self.code = code


class Connection:
    def __init__(self, url, token=None):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        try:
            # Entered, not called alone: newer versions of the library ask for it, older ones return themselves.
            self._socket = connect(
                url, additional_headers=headers, max_size=None, compression=None, proxy=None, ping_interval=None
            ).__enter__()
        except InvalidStatus as error:
            reason = error.response.headers.get("x-kinovox-error") or f"HTTP {error.response.status_code}"
            raise KinovoxError(f"{url} refused the connection: {reason}", "refused") from error
        except (OSError, WebSocketException) as error:
            raise KinovoxError(f"No server answers at {url}: {error}. Start `kinovox serve`.", "unreachable") from error
        hello = self._receive()
        if hello.get("type") != "hello" or hello.get("protocol") != PROTOCOL:
            self.close()
            raise KinovoxError(
                f"{url} must speak batch protocol {PROTOCOL}; got {hello}. Update the client or the server."
            )
        self.rules_version = hello["rulesVersion"]

    def request(self, **message):
        """Sends JSON. Returns the reply: a dict, or bytes for a reset."""
        self._send(json.dumps(message))
        return self._receive()

    def step(self, message):
        self._send(message)
        return self._receive()

    def close(self):
        self._socket.close()

    def _send(self, message):
        try:
            self._socket.send(message)
        except ConnectionClosed as error:
            raise KinovoxError(f"The server closed the connection: {error}.", "closed") from error

    def _receive(self):
        try:
            message = self._socket.recv()
        except ConnectionClosed as error:
            raise KinovoxError(f"The server closed the connection: {error}.", "closed") from error
        if isinstance(message, bytes):
            return message
        data = json.loads(message)
        if data.get("type") == "error":
            raise KinovoxError(data["message"], data["code"])
        return data
