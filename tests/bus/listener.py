"""A listener for drills, sound or broken on purpose: `python -m tests.bus.listener URL [none|acks_first]`."""

from __future__ import annotations

import os
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hearout.settings")


def main(url: str, broken: str) -> None:
    from hearout.cli import app
    from hearout.listening.streams import sharing

    if broken == "acks_first":
        right = sharing.Taker._store

        def store(self, messages):
            self._bus.acknowledge(messages)
            time.sleep(0.2)  # nobody stores at once: a longer moment shows sooner what a short one hides
            self._bus.acknowledge, kept = lambda messages: None, self._bus.acknowledge
            right(self, messages)
            self._bus.acknowledge = kept

        sharing.Taker._store = store
    app(["listen", "--bus", url, "--only", "take"])


if __name__ == "__main__":
    import django

    django.setup()
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "none")
