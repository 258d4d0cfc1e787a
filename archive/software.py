"""What makes the archive: names and versions, as warcinfo records, manifests and packages say them.

    software("scrapy", …) ─▶ {"warraq": "0.1.0+<revision>", "warcio": …, "scrapy": …} ──named──▶ "warraq/0.1.0+<revision>, …"

Named is what took part: who joins bytes names no writer of records, and a crawl its download handler and its readers too.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "0.1.0"
REVISION = "WARRAQ_REVISION"  # for code that was sent somewhere without its history
WRITER = "warcio"  # serialises every WARC record


def software(*parts: str) -> dict[str, str]:
    """Return names and versions: this project, with its git revision where there is one, and distributions that took part."""
    return {"warraq": "+".join(filter(None, (VERSION, revision()))), **{name: version(name) for name in parts}}


def named(made_by: Mapping[str, str]) -> str:
    """Write names and versions in one line, as a warcinfo record does."""
    return ", ".join(f"{name}/{number}" for name, number in made_by.items())


@cache
def revision() -> str:
    """Return the short git revision of the project, or what ``WARRAQ_REVISION`` says; empty outside a checkout without it."""
    if given := os.environ.get(REVISION):
        return given
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return ""
    command = ["git", "rev-parse", "--short=12", "HEAD"]  # a fixed command
    answer = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stdout.strip()
