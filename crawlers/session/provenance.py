"""A crawl's provenance: software, warcinfo, settings without secrets, and the resource records in which they are kept."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.manifests.manifest import as_outlet
from archive.text import keep_named_secrets, masked, masked_all
from archive.warc.writer import WRITER, ResourceRecord, named
from archive.warc.writer import software as software_of
from crawlers.download.handler import capture_mode
from crawlers.politeness.robots import NoContact, user_agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

# ---------------------------------------------------------------------------------------------------------------------
# What a crawl says of itself: software and versions, the warcinfo of its WARCs, its settings without their secrets.

PARTS = ("scrapy", WRITER, "lxml", "trafilatura", "boto3")


@cache
def software() -> dict[str, str]:
    """Return names and versions of what crawls and reads, with the git revision of this project where there is one."""
    return software_of(*PARTS)


def effective_settings(settings: BaseSettings) -> dict[str, Any]:
    """Return the settings that differ from Scrapy's own, secrets masked."""
    own = {name: settings[name] for name in settings if settings.getpriority(name)}
    shown: dict[str, Any] = masked_all(dict(sorted(own.items())))
    return shown


def settings_digest(settings: BaseSettings) -> str:
    """Return the SHA-256 of the effective settings, so that two crawls can be compared."""
    text = json.dumps(effective_settings(settings), sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def warcinfo(crawler: Crawler, crawl: str) -> dict[str, str]:
    """Return the fields of the warcinfo record: everything that is needed to understand the file, no internal address."""
    settings = crawler.settings
    return {
        "software": named(software()),
        "isPartOf": f"{settings['COLLECTION']}-{as_outlet(crawler.spidercls.name)}",
        "description": f"crawl {crawl} of {crawler.spidercls.name}",
        "operator": settings["CONTACT"] or "not given",
        "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        "http-header-user-agent": _agent(settings),
        "capture": capture_mode(),
        "transfer-coding": settings["WARC_TRANSFER_CODING"],
        "settings-digest": settings_digest(settings),
    }


def _agent(settings: BaseSettings) -> str:
    """Return what a crawl sends as its User-Agent; another project's, archived by the add-on, needs no contact in it."""
    try:
        return user_agent(settings)
    except NoContact:
        return str(settings["USER_AGENT"])


def without_secrets(text: str, settings: BaseSettings) -> str:
    """Return a text, such as a log, with the secrets among the settings masked, and what else the mask knows."""
    keep_named_secrets({name: settings[name] for name in settings if settings.getpriority(name)})
    return masked(text)


# ---------------------------------------------------------------------------------------------------------------------
# A crawl's own resources, as resource records of a WARC of their own: with them a reader a century on knows what was run.
#     settings   what differs from Scrapy's own, secrets masked          urn:warraq:crawl:<crawl>:settings      JSON
#     stats      every counter of the crawl                              urn:warraq:crawl:<crawl>:stats         JSON
#     lock       the exact versions of everything that ran               urn:warraq:crawl:<crawl>:uv.lock       TOML; kept once for each content
#     log        where the crawl wrote one (LOG_FILE)                    urn:warraq:crawl:<crawl>:log           text
#
# robots.txt files are responses of the crawl and stand with the other captures.

LOCK = Path(__file__).parents[2] / "uv.lock"


def resource_records_of(crawler: Crawler, crawl: str) -> Iterator[ResourceRecord]:
    """Yield the resources of a crawl that is about to end."""
    root = f"urn:warraq:crawl:{crawl}"
    assert crawler.stats is not None
    yield ResourceRecord(f"{root}:settings", _json(effective_settings(crawler.settings)), "application/json")
    yield ResourceRecord(f"{root}:stats", _json(masked_all(crawler.stats.get_stats())), "application/json")
    if LOCK.exists():
        yield ResourceRecord(f"{root}:uv.lock", LOCK.read_bytes(), "application/toml", is_lasting=True)
    log = crawler.settings["LOG_FILE"]
    if log and Path(log).exists():
        text = Path(log).read_text(encoding=crawler.settings["LOG_ENCODING"], errors="replace")
        yield ResourceRecord(
            f"{root}:log", without_secrets(text, crawler.settings).encode(), "text/plain; charset=utf-8"
        )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()
