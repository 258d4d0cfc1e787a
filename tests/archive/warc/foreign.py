"""Tools of others that need an environment of their own: pywb and py-wacz, in .venv-pywb, made when first asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / ".venv-pywb"
WANTED = ["pywb==2.10.0", "wacz==0.6.0", "setuptools<81"]  # pywb still imports pkg_resources


def tool(name: str) -> Path:
    """Return the path of an installed command; skip where it cannot be had, but never in CI."""
    if not (FOLDER / "ready").exists():
        venv.create(FOLDER, with_pip=True)
        command = [FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode and not os.environ.get("CI"):
            pytest.skip(f"{name} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        (FOLDER / "ready").touch()
    return FOLDER / "bin" / name


def clean_environment() -> dict[str, str]:
    """Return the environment without this one's Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}", "no_proxy": "127.0.0.1"}


if __name__ == "__main__":
    sys.stdout.write(f"{tool('wayback')}\n")
