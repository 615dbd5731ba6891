"""The browser of the journeys: the one that is here, else one that is installed now.

python tests/browser.py     find or install one; fails when there is none and CI=true
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""A journey starts as root in containers, and a browser must not call home in the middle of one."""


def find_browser() -> str | None:
    """The path of a Chromium, or None."""
    given = os.environ.get("HEAROUT_BROWSER")
    if given:
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def install_browser() -> None:
    """Debian's as root, Playwright's otherwise. Failing is said by `main`."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Debian's chromium for the journeys ...", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    else:
        print("Installing Playwright's chromium for the journeys ...", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    if find_browser() is None:
        install_browser()
    if found := find_browser():
        print(f"Journeys use {found}")
        return 0
    print(
        "\n!!! NO BROWSER: the journeys will not run. Install chromium, or set HEAROUT_BROWSER to one. !!!\n",
        file=sys.stderr,
        flush=True,
    )
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
