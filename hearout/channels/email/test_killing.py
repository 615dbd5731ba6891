"""A sender that is killed at any moment answers nobody twice and forgets nobody, by the mail server's own word.

`HEAROUT_FULL=1` kills 20 times during 200 replies instead of 4 times during 40.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

FULL = os.environ.get("HEAROUT_FULL") == "1"
REPLIES, KILLS = (200, 20) if FULL else (40, 4)

# The order of hearout.replies: noted before it is sent, looked for when no outcome was noted.
SENDER = """
import sys, time
from pathlib import Path
from hearout.channels import registry
from hearout.channels.base import Act, ChannelError, OutgoingReply
from hearout.channels.email.channel import EmailChannel

address, imap, smtp, told, naive, *keys = sys.argv[1:]
settings = {"address": address, "imap": imap, "smtp": smtp, "plain": "yes"}
# the minute that a copy is waited for has passed: these servers deliver at once
channel = EmailChannel(manifest=registry.manifest("email"), settings=settings,
    secrets={"password": "password-of-tests"}, now=lambda: time.time() + offset)
offset = 61
log = Path(told)
begun, done = set(), set()
for line in log.read_text().split("\\n"):
    word, _, key = line.partition(" ")
    (begun if word == "begun" else done).add(key)
with log.open("a", buffering=1) as file:
    for key in keys:
        if key in done:
            continue
        reply = OutgoingReply(key, Act.PRIVATE_MESSAGE, "Found it.", None, f"{key}@customers.test")
        if key in begun and naive != "naive" and channel.look_up(reply):
            file.write(f"done {key}\\n")
            continue
        file.write(f"begun {key}\\n")
        offset = 0
        channel.send(reply)
        offset = 61
        file.write(f"done {key}\\n")
"""


def sent_counts(office: Any, folder: Path, sender: str) -> list[int]:
    """How often each reply left, with the sender killed now and then, mostly right after the server took one."""
    keys = [uuid.uuid4().hex for _ in range(REPLIES)]
    told = folder / "told.txt"
    told.write_text("")
    servers = [f"127.0.0.1:{office.imap.port}", f"127.0.0.1:{office.smtp_port}"]
    call = [
        sys.executable,
        "-c",
        SENDER,
        f"care.{keys[0][:9]}@tidewing.test",
        *servers,
        str(told),
        sender,
        *keys,
    ]
    chance = random.Random(7)
    for _ in range(KILLS):
        before = len(office.accepted)
        child = subprocess.Popen(call)
        wanted = before + chance.randrange(2, 2 * REPLIES // KILLS)
        while len(office.accepted) < wanted and child.poll() is None:
            time.sleep(0.001)
        time.sleep(0 if sender == "naive" else chance.choice([0, 0.002, 0.005, 0.02]))
        child.kill()
        child.wait()
    subprocess.run(call, check=True)
    return [office.times_sent(f"{key}@customers.test", f"hearout.{key}.") for key in keys]


def test_a_killed_sender_answers_nobody_twice_and_forgets_nobody(post_office: Any, tmp_path: Path) -> None:
    assert sent_counts(post_office, tmp_path, "careful") == [1] * REPLIES


def test_a_sender_that_does_not_look_answers_twice(post_office: Any, tmp_path: Path) -> None:
    """The test above is only worth something if it fails for a sender that just tries again."""
    assert max(sent_counts(post_office, tmp_path, "naive")) > 1
