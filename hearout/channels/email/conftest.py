"""A post office on loopback: Dovecot for IMAP, aiosmtpd for SMTP, and a truth log of what was handed over.

Without the two programs the tests that need them are skipped, saying so; with HEAROUT_NETWORKS=1 they fail.
"""

from __future__ import annotations

import asyncio
import mailbox
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "password-of-tests"  # noqa: S105
DOMAIN = "tidewing.test"
CONFIG = """
base_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%u
mail_max_userip_connections = 4
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Sent items" {{
    special_use = \\Sent
    auto = create
  }}
}}
"""


class Dovecot:
    """The real IMAP server, with a mailbox for whatever address logs in."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="dc", dir="/tmp"))  # sockets need a short path
        self.home.chmod(0o755)
        me = pwd.getpwuid(os.getuid())
        root = me.pw_uid == 0
        owner = pwd.getpwnam("dovecot") if root else me
        self._owner = (owner.pw_uid, owner.pw_gid)
        (self.home / "mail").mkdir()
        os.chown(self.home / "mail", *self._owner)
        self.port = free_port()
        names = {
            "login": "dovenull" if root else me.pw_name,
            "internal": owner.pw_name,
            "group": "dovecot" if root else str(me.pw_gid),
        }
        config = self.home / "dovecot.conf"
        config.write_text(
            CONFIG.format(
                home=self.home, password=PASSWORD, port=self.port, uid=owner.pw_uid, gid=owner.pw_gid, **names
            )
        )
        # by its own path, and no -c of anybody else's: the server of this machine stays as it is
        self._process = subprocess.Popen(
            [dovecot_program(), "-F", "-c", str(config)], stderr=subprocess.DEVNULL
        )
        wait_for(self.port)

    def deliver(self, address: str, mail: bytes, folder: str = "") -> None:
        """As a mail server does: into the folder of new mail."""
        box = self.home / "mail" / address / folder
        for below in ("", "tmp", "new", "cur"):
            (box / below).mkdir(exist_ok=True)
            os.chown(box / below, *self._owner)
        key = mailbox.Maildir(box, create=False).add(mail)
        os.chown(box / "new" / key, *self._owner)

    def number_anew(self, address: str) -> None:
        """Forget all UIDs and begin another numbering, as for a mailbox that was restored or moved."""
        for path in (self.home / "mail" / address).glob("dovecot*"):
            if "uidvalidity" not in path.name:
                path.unlink()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)


class PostOffice:
    """Both servers. `fault` is what the SMTP server does next; `accepted` every mail it took, by receiver."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        self.imap = Dovecot()
        self.fault = ""
        self.accepted: list[tuple[str, bytes]] = []

        def right(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            return AuthResult(success=data.password == PASSWORD.encode())

        self._smtp = Controller(
            self,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=right,
            auth_required=True,
            auth_require_tls=False,
        )
        self._smtp.start()
        self.smtp_port = self._smtp.port

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.fault == "busy":
            return "451 4.7.1 too many mails, slow down"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.fault == "spam":
            return "554 5.7.1 looks like spam"
        if self.fault == "drop before":
            server.transport.abort()
            return "250 OK"
        for address in envelope.rcpt_tos:
            self.accepted.append((address, envelope.content))
            if address.endswith(f"@{DOMAIN}") and self.fault != "slow copy":
                self.imap.deliver(address, envelope.content)
        if self.fault in ("drop after", "slow copy"):
            server.transport.abort()
        await asyncio.sleep(0)
        return "451 4.3.0 failed while queueing" if self.fault == "fail after" else "250 OK"

    def times_sent(self, to: str, beginning: str) -> int:
        """How often the server took a mail to this receiver whose Message-ID begins so."""
        return sum(
            address == to and str(message_from_bytes(mail)["Message-ID"]).startswith(f"<{beginning}")
            for address, mail in self.accepted
        )

    def stop(self) -> None:
        self._smtp.stop()
        self.imap.stop()


def dovecot_program() -> str:
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin") or ""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(port: int) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with closing(socket.create_connection(("127.0.0.1", port), 1)):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="session")
def post_office() -> Iterator[PostOffice]:
    missing = [] if dovecot_program() else ["dovecot (Debian: dovecot-imapd)"]
    try:
        import aiosmtpd  # noqa: F401
    except ImportError:
        missing.append("aiosmtpd (PyPI)")
    if missing:
        told = f"no real mail servers here: {', '.join(missing)}"
        if os.environ.get("HEAROUT_NETWORKS") == "1":
            pytest.fail(told)
        pytest.skip(told)
    office = PostOffice()
    yield office
    office.stop()


def message_id_of(mail: bytes) -> str:
    found = re.search(rb"(?im)^Message-ID:\s*<([^>]+)>", mail)
    assert found
    return found[1].decode()
