"""What an outlet of the replica publishes, before any page is made of it: a piece, and its line of truth.

Draft (words alone)  ──outlet's house style──▶  Piece  ──sites──▶  pages, feeds, listings
                                                  └──truth()──▶  what a perfect reader would say of it
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote


@dataclass(slots=True)
class Block:
    """One block of a body: ``p`` paragraph, ``h`` sub-heading, ``ul`` list (a line an item), ``q`` pull-quote.

    A pull-quote repeats a sentence of the text, so it is on the page and not in the truth.
    """

    kind: str
    text: str


@dataclass(slots=True)
class Picture:
    url: str
    caption: str | None
    credit: str | None  # None where the page does not tell
    bracketed: bool = False  # the credit stands in brackets behind the caption

    @property
    def shown(self) -> str | None:
        return f"{self.caption} ({self.credit})" if self.bracketed else self.caption


@dataclass(slots=True)
class Draft:
    """Words that no outlet has put its mark on yet."""

    topic: str
    headline: str
    standfirst: str
    body: list[Block]
    tags: list[str]
    scene: str  # what a photographer would have taken: the caption
    city: str
    kind: str = "article"
    story_group: str | None = None
    event: str | None = None
    agency: str | None = None


@dataclass(slots=True, kw_only=True)
class Piece:
    """One article of one outlet, in one edition."""

    outlet: str
    host: str
    number: int  # the content system's own id
    native: str | None  # the id in the address; None where the address has none
    path: str  # decoded, canonical
    kind: str
    topic: str
    slug: str  # section slug in addresses
    section: str | None  # section in the outlet's words
    headline: str
    standfirst: str | None
    body: list[Block]
    tags: list[str]
    byline: list[str] = field(default_factory=list)
    credit: str | None = None
    agencies: list[str] = field(default_factory=list)
    dateline: str | None = None
    head: str = ""  # place and agency before the first paragraph, on the page alone
    pictures: list[Picture] = field(default_factory=list)
    published: datetime
    modified: datetime | None = None
    tells_modified: bool = True  # some pages never say when they changed
    look: str = ""  # which of the outlet's templates shows it
    origin_url: str | None = None
    story_group: str | None = None
    event: str | None = None
    trouble: str | None = None  # 429-seconds, 429-date, 503: the first request for it fails so
    charset: str = "utf-8"
    edition: int = 1
    channels: frozenset[str] = frozenset()  # which of the outlet's channels announce it; empty: all of them
    lead_in_text: bool = False  # the standfirst is the text's first paragraph (Sky)

    @property
    def id(self) -> str:
        native = self.native or hashlib.sha256(unicodedata.normalize("NFC", self.path).encode()).hexdigest()[:16]
        return f"{self.outlet}:{native}"

    @property
    def url(self) -> str:
        return f"https://{self.host}{quote(unicodedata.normalize('NFC', self.path))}"

    @property
    def text(self) -> str:
        lines = [self.standfirst] if self.lead_in_text and self.standfirst else []
        return "\n".join(lines + [b.text for b in self.body if b.kind != "q"])

    @property
    def entries(self) -> list[dict]:
        """Of a live blog its entries, newest first: a heading and what stands under it; only Al Jazeera's show their times and numbers."""
        starts = [place for place, block in enumerate(self.body) if block.kind == "h"] if self.kind == "live" else []
        return [
            {
                "published": zulu(self.entry_time(turn)) if self.outlet == "aljazeera" else None,
                "text": "\n".join(b.text for b in self.body[start:end]),
            }
            for turn, (start, end) in enumerate(zip(starts, [*starts[1:], len(self.body)], strict=False))
        ]

    def entry_time(self, turn: int) -> datetime:
        return (self.stamp - timedelta(minutes=22 * turn)).replace(second=0)

    @property
    def stamp(self) -> datetime:
        """When the page last changed, for Last-Modified and sitemaps."""
        return self.modified or self.published

    def announced_by(self, channel: str) -> bool:
        return not self.channels or channel in self.channels

    def truth(self) -> dict:
        """Return what a perfect reader says of this page, in the words of the published record."""
        return {
            "expect": "article",
            "id": self.id,
            "outlet": self.outlet,
            "kind": self.kind,
            "headline": self.headline,
            "standfirst": self.standfirst,
            "text": self.text,
            "entries": self.entries,
            "section": self.section,
            "tags": self.tags,
            "byline": self.byline,
            "credit": self.credit,
            "agencies": self.agencies,
            "dateline": self.dateline,
            "images": [{"url": p.url, "caption": p.caption, "credit": p.credit} for p in self.pictures],
            "published": zulu(self.published),
            "modified": zulu(self.modified) if self.modified and self.tells_modified else None,
            "canonical_url": self.url,
            "origin_url": self.origin_url,
            "story_group": self.story_group,
            "event": self.event,
            "edition": self.edition,
            "look": self.look,
            "channels": sorted(self.channels),
            "page_only": ["modified", "tags"] if self.outlet == "alaraby" else [],  # its full-text feeds lack these
        }


def zulu(moment: datetime) -> str:
    """Write a time as ISO 8601 UTC with ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
