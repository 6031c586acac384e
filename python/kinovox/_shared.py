"""Steps through memory that client and server share: a file that is mapped here, and a Unix socket that rings. Linux, one machine.

The bytes: docs/batch-protocol.md. Nothing stays behind: the server removes both names as soon as this client has opened them.
"""

import json
import mmap
import os
import re
import socket
import stat
import struct
import sys

from ._connection import KinovoxError

_RING = struct.Struct("<I")
_ANSWER = struct.Struct("<II")
_PATH = re.compile(r"/dev/shm/kinovox-\d+-[A-Za-z0-9_]+/(arrays|bell)")
_CONNECT_SECONDS = 10


def is_offered():
    """Whether this machine can share memory at all."""
    return sys.platform == "linux" and hasattr(socket, "AF_UNIX")


class SharedMemory:
    def __init__(self, spec):
        """Maps what the server offers. Raises OSError or ValueError where it cannot be, or should not be, opened."""
        for path in (spec["file"], spec["bell"]):
            if not _PATH.fullmatch(path):
                raise ValueError(f"shared memory must lie in a folder /dev/shm/kinovox-*; got {path!r}")
        self._socket = None
        descriptor = os.open(spec["file"], os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
                raise ValueError("shared memory must be a plain file of this user that nobody else may open")
            if found.st_size != spec["bytes"]:
                raise ValueError(f"shared memory must have {spec['bytes']} bytes; got {found.st_size}")
            self.memory = memoryview(mmap.mmap(descriptor, spec["bytes"]))
        finally:
            os.close(descriptor)
        self.step_at = spec["step"]
        self.results_at = tuple(spec["results"])
        try:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._socket.settimeout(_CONNECT_SECONDS)
            self._socket.connect(spec["bell"])
            self._heard(_ANSWER.size)
            self._socket.settimeout(None)
        except BaseException:
            self.close()
            raise

    def step(self, number):
        """Rings for the step that lies in memory, and waits for its result. Returns where the result lies."""
        try:
            self._socket.sendall(_RING.pack(number))
            _, num_error_bytes = _ANSWER.unpack(self._heard(_ANSWER.size))
            if num_error_bytes == 0:
                return self.results_at[number & 1]
            error = json.loads(self._heard(num_error_bytes))
        except OSError as cause:
            raise KinovoxError(f"The server ended the connection: {cause}.", "closed") from cause
        raise KinovoxError(error["message"], error["code"])

    def close(self):
        """The mapping goes when the last array that shows it goes."""
        if self._socket is not None:
            self._socket.close()

    def _heard(self, length):
        text = b""
        while len(text) < length:
            more = self._socket.recv(length - len(text))
            if not more:
                raise ConnectionResetError("it closed its socket")
            text += more
        return text
