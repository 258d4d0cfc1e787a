"""The article: what one page of one outlet said, and the published JSON line of it (schema 1).

    Article  ──to_line()──▶  one JSON line  ──from_line()──▶  Article

The line is a contract with other people (docs/record.md, schema in archive/schema/). Fields may be added, never renamed
or dropped inside schema 1; a field with nothing in it is ``null`` or ``[]``, never missing, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

SCHEMA = 1
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says its zone."""


@dataclass(slots=True, kw_only=True)
class Image:
    """A picture of the article: its address, the caption under it, and who took it."""

    url: str
    caption: str | None = None
    credit: str | None = None


@dataclass(slots=True, kw_only=True)
class Discovered:
    """The source that announced the article."""

    kind: str
    url: str


@dataclass(slots=True, kw_only=True)
class Story:
    """Which story the article carries, as known when the line was written.

    ``role`` is ``first`` (nothing earlier of this story known) or ``copy``; ``origin`` is the id of the story's first
    article; ``overlap`` the share (0 to 1) of this article's words that stand in it. ``agencies``: those that any article of the
    story credits → the articles that do → where: ``source_line``, ``byline``, ``tail`` or ``head``; ``credit`` where that is not known.
    """

    id: str
    role: str
    origin: str
    overlap: float
    agencies: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Related:
    """An article that contains this one, or is contained in it, without being the same story."""

    id: str
    relation: str
    overlap: float


@dataclass(slots=True, kw_only=True)
class Changes:
    """What a version changed against the one before it; ``previous`` is that one's WARC record id."""

    previous: str
    headline: bool
    words_added: int
    words_removed: int
    silent: bool


@dataclass(slots=True, kw_only=True)
class Policy:
    """What the outlet asked of machines at capture: robots.txt, ``noai``, TDM reservation. None: nothing said."""

    robots: str | None = None
    noai: bool | None = None
    tdm: str | None = None


@dataclass(slots=True, kw_only=True)
class RecordPointer:
    """Where a capture lies: WARC file name, byte offset and length of its gzip member, record id, payload digest."""

    file: str
    offset: int
    length: int
    record_id: str
    payload_digest: str | None


@dataclass(slots=True, kw_only=True)
class Article:
    """One article of one outlet, in the order of the published line."""

    schema: int = SCHEMA
    id: str
    outlet: str
    url: str
    canonical_url: str
    origin_url: str | None = None
    kind: str = "article"
    headline: str
    standfirst: str | None = None
    text: str
    section: str | None = None
    tags: list[str] = field(default_factory=list)
    byline: list[str] = field(default_factory=list)
    credit: str | None = None
    agencies: list[str] = field(default_factory=list)
    agency_evidence: dict[str, str] = field(default_factory=dict)
    dateline: str | None = None
    images: list[Image] = field(default_factory=list)
    language: str = "ar"
    published: Moment | None = None
    modified: Moment | None = None
    published_raw: str | None = None
    captured: Moment
    provenance: dict[str, str] = field(default_factory=dict)
    discovered: Discovered
    extractor: str
    words: int = 0
    text_sha256: str = ""
    version: int = 1
    changes: Changes | None = None
    story: Story | None = None
    related: list[Related] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)
    warc: RecordPointer | None = None
    crawl: str | None = None

    def to_line(self) -> str:
        """Return the published JSON line, without its newline. Arabic stays Arabic, times are in UTC.

        Raises:
            ValueError: a time without zone.
        """
        elsewhere: dict[str, Any] = {
            name: in_utc(moment)
            for name, moment in (
                ("published", self.published),
                ("modified", self.modified),
                ("captured", self.captured),
            )
            if moment is not None and moment.tzinfo is not UTC
        }
        return msgspec.json.encode(replace(self, **elsewhere) if elsewhere else self).decode()

    @classmethod
    def from_line(cls, line: str | bytes) -> Article:
        """Read a published line.

        Fields that a later release added are left alone.

        Raises:
            ValueError: it is no JSON, of another schema, or a field is of another type or missing. (Of a field that may
                hold nothing, the reader takes nothing; that it is missing, `archive.verification` says.)
        """
        try:
            article = _DECODER.decode(line)
        except msgspec.DecodeError as error:
            raise ValueError(f"no article line: {error}") from None
        if article.schema != SCHEMA:
            raise ValueError(f"article line of schema {article.schema}, this reader knows schema {SCHEMA}")
        return article


_DECODER = msgspec.json.Decoder(Article)


def in_utc(moment: datetime) -> datetime:
    """Return an aware datetime in UTC; one without a zone is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {moment}")
    return moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """Write an aware datetime as ISO 8601 in UTC with ``Z``; microseconds only where there are some."""
    return in_utc(moment).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read what `format_time` wrote."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {text}")
    return moment.astimezone(UTC)
