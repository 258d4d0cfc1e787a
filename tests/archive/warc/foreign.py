"""Tools of others that need an environment of their own: pywb, py-wacz and clients of archives, in .venv-pywb; ReplayWeb.page, in .replaywebpage;
Lighthouse, in .lighthouse.

``python -m tests.archive.warc.foreign`` makes them beforehand; else the first test that wants a tool does, which takes a minute.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tarfile
import venv
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[3] / ".venv-pywb"
PLAYER = FOLDER.with_name(".replaywebpage")
PLAYER_WANTED = "replaywebpage@2.5.3"
LIGHTHOUSE, LIGHTHOUSE_WANTED = FOLDER.with_name(".lighthouse"), "lighthouse@12.8.2"
LIGHTHOUSE_COMMAND = LIGHTHOUSE / "node_modules" / ".bin" / "lighthouse"
WANTED = [
    "pywb==2.10.0",
    "setuptools<81",  # pywb still imports pkg_resources
    "boto3>=1.44",  # with which pywb reads a bucket
    "wacz==0.6.0",
    "cdx_toolkit==0.9.39",
    "memento-client==0.6.1",
    "ruamel.yaml",  # with the next two, what cffconvert needs; its own old bounds fit nothing else
    "pykwalify",
    "click",
]
WITHOUT_ITS_BOUNDS = ["cffconvert==2.0.0"]


def tool(name: str) -> Path:
    """Return the path of an installed command; skip where it cannot be had, but never in CI."""
    with _alone(FOLDER):
        trouble = None if is_ready() else install()
    _skip_or_fail(name, trouble)
    return FOLDER / "bin" / name


def replaywebpage() -> Path:
    """Return the folder with ReplayWeb.page's ``ui.js`` and ``sw.js``; skip where it cannot be had, but never in CI.

    The package is taken without what it names as dependencies: it carries them in itself.
    """
    with _alone(PLAYER):
        trouble = None if (PLAYER / "package").exists() else fetch_player()
    _skip_or_fail("ReplayWeb.page", trouble)
    return PLAYER / "package"


def lighthouse() -> Path:
    """Return Lighthouse's command; skip where it was not fetched beforehand, but never in CI: it is 190 MB."""
    with _alone(LIGHTHOUSE):
        there = LIGHTHOUSE_COMMAND.exists()
        trouble = fetch_lighthouse() if not there and os.environ.get("CI") else None
    if not there and not os.environ.get("CI"):
        pytest.skip("Lighthouse is not here: python -m tests.archive.warc.foreign")
    _skip_or_fail("Lighthouse", trouble)
    return LIGHTHOUSE_COMMAND


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made where it is not there: tests run side by side, and beside who fetches beforehand."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _skip_or_fail(name: str, trouble: str | None) -> None:
    if trouble and not os.environ.get("CI"):
        pytest.skip(f"{name} cannot be installed here: {trouble.splitlines()[-1]}")
    assert not trouble, trouble


def fetch_lighthouse() -> str | None:
    """Install Lighthouse; return what went wrong, None where nothing did."""
    if (npm := shutil.which("npm")) is None:
        return "there is no npm on this machine"
    fetch = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", LIGHTHOUSE, LIGHTHOUSE_WANTED]
    done = subprocess.run(fetch, capture_output=True, text=True, check=False)
    return (done.stderr.strip() or f"npm ended with {done.returncode}") if done.returncode else None


def fetch_player() -> str | None:
    """Unpack ReplayWeb.page; return what went wrong, None where nothing did."""
    if (npm := shutil.which("npm")) is None:
        return "there is no npm on this machine"
    done = subprocess.run(
        [npm, "pack", "--silent", PLAYER_WANTED], cwd=PLAYER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return done.stderr.strip() or f"npm ended with {done.returncode}"
    with tarfile.open(PLAYER / done.stdout.split()[-1]) as packed:
        packed.extractall(PLAYER, filter="data")
    return None


def install() -> str | None:
    """Make the environment; return what went wrong, None where nothing did."""
    venv.create(FOLDER, with_pip=False)
    command = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--python", FOLDER / "bin" / "python"]
    for more in (WANTED, ["--no-deps", *WITHOUT_ITS_BOUNDS]):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip() or f"uv ended with {done.returncode}"
    (FOLDER / "ready").write_text("\n".join(WANTED))
    return None


def is_ready() -> bool:
    """Say whether the environment holds what is wanted now."""
    ready = FOLDER / "ready"
    return ready.exists() and ready.read_text() == "\n".join(WANTED)


def clean_environment() -> dict[str, str]:
    """Return the environment without this one's Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}", "no_proxy": "127.0.0.1"}


def fetch_all() -> str | None:
    """Fetch what is not there yet; return what went wrong first, None where nothing did.

    All are held from the beginning, so that a test that is there meanwhile waits and does not take them for missing.
    """
    with _alone(FOLDER), _alone(PLAYER), _alone(LIGHTHOUSE):
        first = None if is_ready() else install()
        second = None if (PLAYER / "package").exists() else fetch_player()
        third = None if LIGHTHOUSE_COMMAND.exists() else fetch_lighthouse()
    return first or second or third


if __name__ == "__main__":
    sys.exit(fetch_all())
