"""What the outlet's hosts say in robots.txt, and whether it is what they said before; chapter ``robots``.

robots_read ──▶ scheme and host → verdict, digest of what is in it but for remarks, patterns that refuse us something
    afterwards: held against the newest report in which the host answered ──▶ `robots_changes`, sentences
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from crawlers.politeness.robots import robots_read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from scrapy.crawler import Crawler

MOST_PATTERNS = 100  # in a report; of a longer file only is told that it changed
MOST_SAID = 5
_REMARK = re.compile(rb"#[^\r\n]*")


class RobotsReadings:
    """Keeps what was answered: URL of scheme and host → verdict, digest, refuses."""

    chapter = "robots"

    def __init__(self) -> None:
        self.hosts: dict[str, dict[str, Any]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the middleware that reads them."""
        extension = cls()
        crawler.signals.connect(extension.read, signal=robots_read)
        return extension

    def read(self, root: str, verdict: str, body: bytes, refuses: Sequence[str]) -> None:
        """Note an answer."""
        told = list(refuses) if len(refuses) <= MOST_PATTERNS else None
        digest = digest_of(body) if verdict == "rules" else ""
        self.hosts[root] = {"verdict": verdict, "digest": digest, "refuses": told}

    def tell(self) -> dict[str, Any]:
        """Return the hosts."""
        return self.hosts


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a robots.txt without its remarks and blank lines, which may bear the time of day."""
    lines = (line.strip() for line in _REMARK.sub(b"", body).splitlines())
    return hashlib.sha256(b"\n".join(line for line in lines if line)).hexdigest()


def robots_changes(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each host whose robots.txt is another one than in the newest report that has it.

    Args:
        report: of the crawl.
        earlier: reports of the same outlet, oldest first.
    """
    for root, now in report.get("robots", {}).items():
        answers = (other["robots"][root] for other in reversed(earlier) if root in other.get("robots", {}))
        was = next((said for said in answers if said["verdict"] != "unreachable"), None)
        if now["verdict"] == "unreachable":
            yield f"robots.txt did not answer, so nothing is fetched: {root}"
        elif was and now["verdict"] == "no-rules" != was["verdict"]:
            yield f"robots.txt is gone: {root}"
        elif was and now["digest"] != was["digest"]:
            yield f"robots.txt changed: {root}{_difference(was['refuses'], now['refuses'])}"


def _difference(was: list[str] | None, now: list[str] | None) -> str:
    if was is None or now is None:
        return ""
    closed = [pattern for pattern in now if pattern not in was]
    opened = [pattern for pattern in was if pattern not in now]
    return _said(" refuses now ", closed) + _said(" no longer refuses ", opened)


def _said(words: str, patterns: list[str]) -> str:
    more = f" and {len(patterns) - MOST_SAID} more" if len(patterns) > MOST_SAID else ""
    return f",{words}{', '.join(patterns[:MOST_SAID])}{more}" if patterns else ""
