"""A crawl's own papers, as resource records of a WARC of their own: with them a reader a century on knows what was run.

    settings   what differs from Scrapy's own, secrets masked          urn:warraq:crawl:<crawl>:settings      JSON
    stats      every counter of the crawl                              urn:warraq:crawl:<crawl>:stats         JSON
    lock       the exact versions of everything that ran               urn:warraq:crawl:<crawl>:uv.lock       TOML; kept once for each content
    log        where the crawl wrote one (LOG_FILE)                    urn:warraq:crawl:<crawl>:log           text

robots.txt files are responses of the crawl and stand with the other captures.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.text import masked_all
from archive.warc.writer import Paper
from crawlers.session.provenance import effective_settings, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

LOCK = Path(__file__).parents[1] / "uv.lock"


def papers_of(crawler: Crawler, crawl: str) -> Iterator[Paper]:
    """Yield the papers of a crawl that is about to end."""
    root = f"urn:warraq:crawl:{crawl}"
    assert crawler.stats is not None
    yield Paper(f"{root}:settings", _json(effective_settings(crawler.settings)), "application/json")
    yield Paper(f"{root}:stats", _json(masked_all(crawler.stats.get_stats())), "application/json")
    if LOCK.exists():
        yield Paper(f"{root}:uv.lock", LOCK.read_bytes(), "application/toml", is_lasting=True)
    log = crawler.settings["LOG_FILE"]
    if log and Path(log).exists():
        text = Path(log).read_text(encoding=crawler.settings["LOG_ENCODING"], errors="replace")
        yield Paper(f"{root}:log", without_secrets(text, crawler.settings).encode(), "text/plain; charset=utf-8")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()
