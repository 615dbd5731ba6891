"""`hearout up`: one command, that survives kill -9 of its server and of itself, and leaves nothing running behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2
import pytest

from hearout.cli.up import free_port
from hearout.lib.processes import command
from tests.drill.day import reachable, wait_for


class Up:
    """One `hearout up` in a home of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port(18_000 + os.getpid() % 1_000 * 10)
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "HEAROUT_DATABASE_URL"}
        return {**kept, "HEAROUT_HOME": str(self.home), "COLUMNS": "160", "HEAROUT_LOG_LEVEL": "INFO"}

    def start(self) -> None:
        self.lines.clear()
        arguments = [sys.executable, "-m", "hearout.cli", "up", "--port", str(self.port)]
        self.process = subprocess.Popen(
            arguments, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        wait_for(lambda: self.said("Hearout is up") or self.process.poll() is not None, 120, "hearout up")
        assert self.process.poll() is None, self.log

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout:
            self.lines.append(line)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def said(self, words: str) -> bool:
        return words in self.log

    def ready(self) -> bool:
        return reachable(f"{self.url}/readyz")

    def server(self) -> int:
        """The process number of the embedded server."""
        told = list(self.home.glob("postgres/**/postmaster.pid"))
        elsewhere = self.home / "postgres" / "elsewhere.txt"
        if not told and elsewhere.exists():
            told = list(Path(elsewhere.read_text().strip()).glob("**/postmaster.pid"))
        return int(told[0].read_text().split()[0])

    def run(self, *words: str) -> str:
        """Another `hearout` command in the same home."""
        done = subprocess.run(
            [sys.executable, "-m", "hearout.cli", *words],
            env=self.environment(), capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return done.stdout


@pytest.fixture(scope="module")
def up():
    home = Path(tempfile.mkdtemp(prefix="hearout-up-"))
    made = Up(home)
    made.start()
    yield made
    if made.process.poll() is None:
        made.process.send_signal(signal.SIGTERM)
        made.process.wait(60)
    shutil.rmtree(home, ignore_errors=True)


def test_it_says_where_the_desk_is_and_how_to_get_in(up):
    assert up.said(f"{up.url}/")
    login = json.loads((up.home / "demo.json").read_text())
    assert up.said(login["email"])
    assert up.said(login["password"])
    assert (up.home / "demo.json").stat().st_mode & 0o077 == 0


def test_the_login_it_prints_opens_the_inbox_and_a_case(up):
    login = json.loads((up.home / "demo.json").read_text())
    with httpx2.Client(base_url=up.url, follow_redirects=True, timeout=30, trust_env=False) as client:
        page = client.get("/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        form = {"login": login["email"], "password": login["password"], "csrfmiddlewaretoken": token}
        inbox = client.post("/accounts/login/", data=form, headers={"Referer": up.url})
        assert inbox.status_code == 200, up.log
        assert "/accounts/login" not in str(inbox.url)
        wait_for(lambda: re.search(r"/cases/\d+/", client.get("/inbox/all/").text), 60, "the first case")
        case = re.search(r"/cases/\d+/", client.get("/inbox/all/").text)[0]
        assert client.get(case).status_code == 200


def test_everything_listens_on_this_machine_alone(up):
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("no /proc/net/tcp here")
    port = f"{up.port:04X}"
    listening = [line.split()[1] for line in table.read_text().splitlines()[1:] if line.split()[3] == "0A"]
    assert [address for address in listening if address.endswith(f":{port}")] == [f"0100007F:{port}"]


def test_other_commands_use_the_running_server(up):
    people = json.loads(up.run("user", "list", "--json"))
    assert {person["role"] for person in people} == {"agent", "supervisor", "admin", "analyst"}
    assert up.ready()


def test_the_doctor_finds_nothing_to_mend(up):
    findings = json.loads(up.run("doctor", "--json"))
    assert [finding for finding in findings if finding["state"] == "fail"] == []


def test_a_killed_server_comes_back_by_itself(up):
    os.kill(up.server(), signal.SIGKILL)
    wait_for(lambda: not up.ready(), 30, "the end of the server")
    wait_for(up.ready, 90, "the server again")


def test_a_killed_worker_comes_back_by_itself(up):
    def workers():
        pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        return [pid for pid in pids if "work --inside" in command(pid) and parent(pid) == up.process.pid]

    (worker,) = workers()
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: [pid for pid in workers() if pid != worker] != [], 60, "the worker again")


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def test_after_kill_9_of_ourselves_a_second_start_finds_everything_again(up):
    before = json.loads(up.run("user", "list", "--json"))
    up.process.kill()
    up.process.wait()
    wait_for(lambda: not reachable(f"{up.url}/healthz"), 60, "the end of the desk")
    began = time.monotonic()
    up.start()
    print(f"second start after {time.monotonic() - began:.1f} s")
    assert up.ready()
    assert json.loads(up.run("user", "list", "--json")) == before


def test_it_stops_cleanly_and_leaves_nothing_running(up):
    server = up.server()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(60) == 0
    assert not reachable(f"{up.url}/healthz")
    wait_for(lambda: "postgres" not in command(server), 30, "the end of the server")
