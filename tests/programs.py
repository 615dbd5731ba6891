"""The programs that tests need beside Python: those that are here, else installed now.

python tests/programs.py     find or install them; fails when one cannot be had and CI=true
"""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def find_java() -> str | None:
    """The path of a Java, or None."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")


def find_pango() -> str | None:
    """The name of the Pango library, or None."""
    return ctypes.util.find_library("pangoft2-1.0")


@dataclass(frozen=True)
class Program:
    name: str
    what_for: str
    find: Callable[[], str | None]
    debian: tuple[str, ...]
    remedy: str


PROGRAMS = (
    Program(
        "browser", "the journeys", find_browser, ("chromium",), "Install chromium, or set HEAROUT_BROWSER."
    ),
    Program(
        "Java 17", "audits on Spark", find_java, ("openjdk-17-jre-headless",), "Install a Java 17 runtime."
    ),
    Program("Pango", "reports as PDF", find_pango, ("libpango-1.0-0", "libpangoft2-1.0-0"), "Install Pango."),
)


def install(program: Program) -> None:
    """Debian's as root; a browser otherwise from Playwright. Failing is said by `main`."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(program.debian)} for {program.what_for} ...", flush=True)
        subprocess.run(["apt-get", "update", "-qq"], check=False, stdout=subprocess.DEVNULL)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *program.debian]
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
    elif program.find is find_browser:
        print("Installing Playwright's chromium for the journeys ...", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> int:
    missing = 0
    for program in PROGRAMS:
        if program.find() is None:
            install(program)
        if found := program.find():
            print(f"{program.name} for {program.what_for}: {found}")
            continue
        missing += 1
        print(
            f"\n!!! NO {program.name.upper()}: {program.what_for} will not be tested. {program.remedy} !!!\n",
            file=sys.stderr,
            flush=True,
        )
    return 1 if missing and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
