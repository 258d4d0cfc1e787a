"""The golden pages: a saved page, how it was captured, and what must be read from it.

    tests/outlets/<outlet>/<case>.html     the page, byte for byte
    tests/outlets/<outlet>/<case>.json     {"url", "captured", "content_type"?, "announcement"?, "expect": {field: value}}

`expect` names the fields as the published line does; a field that is not named is not tested, an empty `expect` fails.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.article import parse_time
from crawlers.extraction import Announcement, Page
from crawlers.extraction.article import read_and_judge
from crawlers.monitoring.postcrawl import line_of

if TYPE_CHECKING:
    from crawlers.outlet import OutletSpider

ROOT = Path(__file__).parent
OUTLETS = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")


@dataclass(frozen=True)
class Case:
    """One golden page."""

    outlet: str
    name: str

    @property
    def id(self) -> str:
        return f"{self.outlet}/{self.name}"

    @property
    def path(self) -> Path:
        return ROOT / self.outlet / f"{self.name}.json"

    @property
    def record(self) -> dict[str, Any]:
        return json.loads(self.path.read_text(encoding="utf-8"))

    @property
    def body(self) -> bytes:
        page = self.path.with_suffix(".html")
        return page.read_bytes() if page.exists() else b""

    def page(self) -> Page:
        record = self.record
        said = record.get("announcement")
        return Page(
            url=record["url"],
            captured=parse_time(record["captured"]),
            body=self.body,
            content_type=record.get("content_type"),
            announcement=Announcement(**{**said, "tags": tuple(said.get("tags", ()))}) if said else None,
        )


def all_cases() -> list[Case]:
    """Return every case, in order."""
    return [Case(outlet, path.stem) for outlet in OUTLETS for path in sorted((ROOT / outlet).glob("*.json"))]


@cache
def spider_of(outlet: str) -> type[OutletSpider]:
    """Return the outlet's spider class."""
    module = import_module(f"spiders.{outlet}")
    return next(cls for _, cls in getmembers(module, isclass) if getattr(cls, "name", None) == outlet)


@cache
def read_case(case: Case) -> dict[str, Any]:
    """Return the line read from a case's page, as a consumer parses it."""
    spider = spider_of(case.outlet)
    article = read_and_judge(case.page(), reading=spider.reading, addresses=spider.addresses)
    return line_of(article)


def digest_of(outlet: str) -> str:
    """Return the digest of an outlet's cases: pages and expectations."""
    digest = sha256()
    for path in sorted((ROOT / outlet).iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
