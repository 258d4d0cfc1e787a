"""The article: what one page of one outlet said, and the published JSON line of it (schema 1).

    Article  ──to_line()──▶  one JSON line  ──from_line()──▶  Article

The line is a contract with other people. Fields may be added, never renamed or dropped inside schema 1; a field with nothing in
it is ``null`` or ``[]``, never missing, never a guess. The classes here are its one source: the published JSON Schema, the types
that DuckDB, Parquet and Hugging Face datasets get, and the tables of docs/record.md are made from them (`archive.schema.record`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from archive.files import Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEMA = 1
VERSION = "0.2.0"  # of this software; pyproject.toml and reader/pyproject.toml have the same
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says its zone."""


class About:
    """What the published record says of a value, beside its Python type; `archive.schema.record` reads it.

    Args:
        text: what it holds, for docs/record.md and as the schema's description; Markdown.
        later: whether lines of this schema were written before it was added.
        entries: how the keys and values of a mapping are called where a tool knows no maps.
        bits: of an integer.
        always: whether a published line has it, though a draft of it may lack it.
        rules: further keywords of JSON Schema.
    """

    __slots__ = ("always", "bits", "entries", "later", "rules", "text")

    def __init__(
        self,
        text: str = "",
        *,
        later: bool = False,
        always: bool = False,
        entries: tuple[str, ...] = (),
        bits: int = 32,
        **rules: Any,
    ) -> None:
        self.text, self.rules = text, rules
        self.later, self.always, self.entries, self.bits = later, always, entries, bits


ID = r"^[a-z0-9_.-]+:[!-~]+$"
_OUTLET = r"^[a-z0-9_.-]+$"
URL = r"^https?://[!-~]+$"
_CODE = r"^[a-z0-9-]+$"
_RECORD = r"^<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}>$"
_Name = Annotated[str, About(minLength=1)]
_Whole = msgspec.Meta(ge=0, le=2**63 - 1)
_Count = Annotated[int, _Whole, About(minimum=0)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1), About(minimum=0, maximum=1)]
_CREDITED = ["source_line", "byline", "tail", "head"]
_Credited = Annotated[str, About(enum=_CREDITED)]
_Witness = Annotated[str, About(enum=["json-ld", "embedded-json", "meta", "selector", "feed", "url", "trafilatura"])]


@dataclass(slots=True, kw_only=True)
class Image:
    """A picture of the article: its address, the caption under it, and who took it."""

    url: Annotated[_Name, About("address of the picture")]
    caption: Annotated[str | None, About("the words under it")] = None
    credit: Annotated[str | None, About("who took it")] = None
    warc: Annotated[
        RecordPointer | None,
        About(
            "its capture, where there was one before the line was written (setting `MEDIA`)",
            later=True,
        ),
    ] = None


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry of a live blog. Of one that the page names and does not carry, the text is None."""

    id: Annotated[
        _Name,
        About(
            "the outlet's own number; else 16 hex digits of the SHA-256 of its time, heading or text, the first that stands once in the blog"
        ),
    ]
    published: Annotated[Moment | None, About("where the page says it to the minute")] = None
    text: Annotated[
        str | None,
        About("heading and paragraphs, joined by `\\n`; none where the page only names the entry"),
    ] = None


@dataclass(slots=True, kw_only=True)
class EntryChanges:
    """Which entries of a live blog a version has and the one before had not, and the other way round; ids."""

    came: Annotated[list[_Name], About("ids of entries that are new")] = field(default_factory=list)
    went: Annotated[list[_Name], About("ids of entries that are gone")] = field(default_factory=list)
    changed: Annotated[list[_Name], About("ids of entries whose text changed")] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Discovered:
    """The source that announced the article."""

    kind: Annotated[
        str, About("what sort of source it is", enum=["sitemap", "news-sitemap", "feed", "section", "api", "argument"])
    ]
    url: Annotated[_Name, About("address of the source")]


@dataclass(slots=True, kw_only=True)
class Story:
    """Which story the article carries, as known when the line was written.

    ``role`` is ``first`` (nothing earlier of this story known) or ``copy``; ``origin`` is the id of the story's first
    article; ``overlap`` the share (0 to 1) of this article's words that stand in it. ``agencies``: those that any article of the
    story credits → the articles that do → where: ``source_line``, ``byline``, ``tail`` or ``head``; ``credit`` where that is not known.
    """

    id: Annotated[_Name, About("that of the article that was its first when it was found")]
    role: Annotated[
        str,
        About(
            "`first` (nothing earlier known) or `copy`; settled: `single`, `origin` or `copy`",
            enum=["first", "copy"],
        ),
    ]
    origin: Annotated[str, About("id of the story's first article", pattern=ID)]
    overlap: Annotated[_Share, About("share of this article's own words that stand in the origin")]
    agencies: Annotated[
        dict[str, dict[str, Annotated[str, About(enum=[*_CREDITED, "credit"])]]],
        About(
            "credited by any of its articles: agency → article → where (`credit`: not known)",
            later=True,
            entries=("agency", "article", "where"),
        ),
    ] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Related:
    """An article that contains this one, or is contained in it, without being the same story."""

    id: Annotated[str, About("id of the other article", pattern=ID)]
    relation: Annotated[_Name, About("`contained-in` or `contains`")]
    overlap: Annotated[_Share, About("share of the contained one")]


@dataclass(slots=True, kw_only=True)
class Changes:
    """What a version changed against the one before it; ``previous`` is that one's WARC record id, None where it has no record."""

    previous: Annotated[
        str | None,
        About("record id of the version before; none where an HTTP cache gave that", pattern=_RECORD),
    ]
    headline: Annotated[bool, About("the headline changed")]
    words_added: Annotated[_Count, About("words that are new")]
    words_removed: Annotated[_Count, About("words that are gone")]
    silent: Annotated[bool, About("the text changed, `modified` did not")]
    entries: Annotated[
        EntryChanges | None,
        About("of a live blog: `came`, `went`, `changed`, ids; none where either version tells no entries", later=True),
    ] = None


@dataclass(slots=True, kw_only=True)
class Policy:
    """What the outlet asked of machines at capture: robots.txt, ``noai``, TDM reservation. None: nothing said."""

    robots: Annotated[str | None, About("the page's directives for robots")] = None
    noai: Annotated[bool | None, About("whether the page asks `noai`")] = None
    tdm: Annotated[str | None, About("the TDM reservation of page or host: `1` is reserved")] = None


@dataclass(slots=True, kw_only=True)
class RecordPointer:
    """Where a capture lies: WARC file name, byte offset and length of its gzip member, record id, payload digest."""

    file: Annotated[str, About("name of the WARC", pattern=r"^[a-z0-9][a-z0-9_.-]*\.warc\.gz$")]
    offset: Annotated[int, _Whole, About("where the record begins, in bytes", bits=64, minimum=0)]
    length: Annotated[int, _Whole, About("bytes of the gzip member", bits=64, minimum=1)]
    record_id: Annotated[str, About("of the WARC record", pattern=_RECORD)]
    payload_digest: Annotated[str | None, About("SHA-1 of the page as sent, base 32", pattern=r"^sha1:[A-Z2-7]{32}$")]


@dataclass(slots=True, kw_only=True)
class Article:
    """One article of one outlet, in the order of the published line: the one source of the record's schema."""

    schema: Annotated[int, About("1", bits=16, const=SCHEMA)] = SCHEMA
    id: Annotated[
        str,
        About(
            "`<outlet>:<its own article id>`; where it has none, 16 hex digits of the canonical path's SHA-256. Kept for ever, across hosts, AMP and feed twins",
            pattern=ID,
        ),
    ]
    outlet: Annotated[
        str, About("the spider's name, as `aljazeera`; of an outlet that nobody declared its domain", pattern=_OUTLET)
    ]
    url: Annotated[str, About("as requested, percent-encoded ASCII", pattern=URL)]
    canonical_url: Annotated[
        str,
        About(
            "the outlet's own; never another publisher's",
            pattern=URL,
        ),
    ]
    origin_url: Annotated[
        str | None, About("where it comes from, if the outlet names another publisher", pattern=URL)
    ] = None
    aliases: Annotated[
        list[Annotated[str, About(pattern=URL)]],
        About("its short links, as the page names them", later=True),
    ] = field(default_factory=list)
    kind: Annotated[
        str,
        About(
            "what sort of piece it is", enum=["article", "live", "video", "gallery", "opinion", "explainer", "breaking"]
        ),
    ] = "article"
    headline: Annotated[_Name, About("as shown, entities resolved")]
    standfirst: Annotated[str | None, About("the summary under the headline")] = None
    text: Annotated[
        str,
        About(
            "as people read it: paragraphs joined by `\\n`, sub-headings on their own line; without captions, related links, widgets, credits, the standfirst again"
        ),
    ]
    entries: Annotated[
        list[Entry],
        About("of a live blog, in the order of the page; `text` holds them, too", later=True),
    ] = field(default_factory=list)
    section: Annotated[str | None, About("as the outlet names it, e.g. `سياسة`")] = None
    tags: Annotated[list[_Name], About("the outlet's own tags")] = field(default_factory=list)
    byline: Annotated[list[_Name], About("persons who signed; never a login, an agency, the outlet")] = field(
        default_factory=list
    )
    credit: Annotated[str | None, About("the credit line verbatim, e.g. `الجزيرة + وكالات`")] = None
    agencies: Annotated[
        list[Annotated[str, About(pattern=_CODE)]],
        About(
            "codes of the agencies credited: `afp`, `reuters`, `anadolu`, `mena`, `wam`, `agencies` (unnamed) …",
            uniqueItems=True,
        ),
    ] = field(default_factory=list)
    agency_evidence: Annotated[
        dict[str, _Credited],
        About(
            "where each of them is credited (not quoted)",
            later=True,
            entries=("agency", "where"),
        ),
    ] = field(default_factory=dict)
    dateline: Annotated[str | None, About("place at the head of the text, e.g. `أبوظبي`")] = None
    images: Annotated[list[Image], About("pictures of the article")] = field(default_factory=list)
    language: Annotated[str, About("BCP 47, `ar`", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")] = "ar"
    published: Annotated[
        Moment | None,
        About(
            "from the best witness; where that knows the day alone (flags `date-without-time`, `date-from-url`) midnight in `zone`"
        ),
    ] = None
    modified: Annotated[Moment | None, About("from the best witness")] = None
    published_raw: Annotated[str | None, About("what that witness said, verbatim")] = None
    zone: Annotated[
        str | None,
        About(
            "in which the outlet's days begin, e.g. `Asia/Qatar`; citations name the day in it",
            later=True,
            minLength=1,
        ),
    ] = None
    captured: Annotated[Moment, About("when the request was sent")]
    provenance: Annotated[
        dict[str, _Witness],
        About(
            "for each field above, which part of the page said so",
            entries=("field", "witness"),
            propertyNames={"pattern": "^[a-z_]+$"},
        ),
    ] = field(default_factory=dict)
    discovered: Annotated[Discovered, About("the source that announced the article")]
    extractor: Annotated[
        str, About("`<outlet>/<n>`, raised when the outlet's reading changes", pattern=r"^[a-z0-9_.-]+/\d+$")
    ]
    words: Annotated[
        _Count,
        About("of `text`; [what a word is](for-researchers.md#words)"),
    ] = 0
    text_sha256: Annotated[str, About("of the normalised text; equal means unchanged", pattern=r"^[0-9a-f]{64}$")] = ""
    version: Annotated[
        int,
        _Whole,
        About(
            "1 for the first text of this id, raised when text, headline or a live blog's entries change",
            minimum=1,
        ),
    ] = 1
    changes: Annotated[Changes | None, About("from version 2 on: against the version before")] = None
    story: Annotated[
        Story | None,
        About("the story it carries, as known when the line was written ([later](#what-later-articles-teach))"),
    ] = None
    formulas: Annotated[
        str | None,
        About(
            "words of the text that prove no copy (titles, protocol, weather): runs, first and last, counted from 0, e.g. `0-11 40-48`",
            later=True,
            pattern=r"^(\d+-\d+( \d+-\d+)*)?$",
        ),
    ] = None
    related: Annotated[
        list[Related],
        About("articles that contain this one, or that it contains, without being its story"),
    ] = field(default_factory=list)
    flags: Annotated[
        list[Annotated[str, About(pattern=_CODE)]],
        About(
            "named doubts: `short`, `truncated`, `paywall`, `not-arabic`, `generic-extraction`, `selectors-missed` (the text is from the page's JSON), `canonical-home`, `embedded-unreadable`, `updates-not-captured` (of a live blog, or `updates-not-captured-39`); `no-date`, `date-from-url`, `date-without-time`, `date-disagreement`, `unreadable-date`, `local-time-as-utc`; `correction`: the page names one; `moved`: it was read at another address than its id's; `cached`: an HTTP cache gave it",
            uniqueItems=True,
        ),
    ] = field(default_factory=list)
    policy: Annotated[Policy, About("what the outlet asked of machines at capture")] = field(default_factory=Policy)
    warc: Annotated[RecordPointer | None, About("the capture it was read from; none where an HTTP cache gave it")] = (
        None
    )
    crawl: Annotated[_Name | None, About("id of the crawl", always=True)] = None

    @property
    def is_dated_by_day(self) -> bool:
        """Whether of its publication the day alone is known."""
        return is_dated_by_day(self.published, self.flags)

    @property
    def opening(self) -> list[str]:
        """The lines of the text that stand in no entry of a live blog; of any other article all of them."""
        within = {line for entry in self.entries for line in (entry.text or "").split("\n")}
        return [line for line in self.text.split("\n") if line and line not in within]

    @property
    def issued(self) -> datetime | date | None:
        """When it was published as its outlet counts time: in its zone, in UTC where a line does not name that; a day where no more is known."""
        return issued(self.published, self.zone, self.flags)

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
        if any(entry.published is not None and entry.published.tzinfo is not UTC for entry in self.entries):
            elsewhere["entries"] = [
                replace(entry, published=entry.published and in_utc(entry.published)) for entry in self.entries
            ]
        return msgspec.json.encode(replace(self, **elsewhere) if elsewhere else self).decode()

    @classmethod
    def from_line(cls, line: str | bytes) -> Article:
        """Read a published line.

        Fields that a later release added are left alone.

        Raises:
            Unreadable: it is no JSON, of another schema, or a field is of another type or missing. (Of a field that may
                hold nothing, the reader takes nothing; that it is missing, `archive.verify` says.)
        """
        try:
            article = _DECODER.decode(line)
        except msgspec.DecodeError as error:
            raise Unreadable(f"no article line: {error}") from None
        except (UnicodeError, RecursionError) as error:
            raise Unreadable(f"no article line: {error}") from None
        if article.schema != SCHEMA:
            raise Unreadable(f"article line of schema {article.schema}, this reader knows schema {SCHEMA}")
        if not _NAMED.match(article.id) or not article.id.startswith(f"{article.outlet}:"):
            raise Unreadable(f"{article.id[:_SHOWN]!r} is no id of an article of {article.outlet[:_SHOWN]!r}")
        for moment in (
            article.published,
            article.modified,
            article.captured,
            *(one.published for one in article.entries),
        ):
            if moment is not None:
                reckonable(moment)
        return article


class Head(msgspec.Struct, kw_only=True):
    """An article's line without texts, pictures and pointers, for who asks for no more: read in a quarter of the time."""

    id: str
    outlet: str
    captured: Moment
    version: int = 1
    url: str = ""
    headline: str
    published: Moment | None = None
    zone: str | None = None
    flags: list[str] = []
    kind: str = "article"
    section: str | None = None
    agencies: list[str] = []
    agency_evidence: dict[str, str] = {}
    tags: list[str] = []
    story: Story | None = None
    related: list[Related] = []

    @property
    def is_dated_by_day(self) -> bool:
        """Whether of its publication the day alone is known."""
        return is_dated_by_day(self.published, self.flags)

    @property
    def issued(self) -> datetime | date | None:
        """When it was published as its outlet counts time; see `Article.issued`."""
        return issued(self.published, self.zone, self.flags)

    @classmethod
    def from_line(cls, line: bytes) -> Head:
        """Read a published line. Raises `Unreadable` where a field that it takes is of another type or missing."""
        return head_of(_HEAD_DECODER, line)


class Dated(Protocol):
    """What has an article's times."""

    captured: datetime
    published: datetime | None


Decoded = TypeVar("Decoded", bound=Dated)


def head_of(decoder: msgspec.json.Decoder[Decoded], line: bytes) -> Decoded:
    """Return what a decoder reads of an article's line. Raises `Unreadable` where it is none, or a time of it stands at an end of time."""
    try:
        head = decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unreadable(f"no article line: {error}") from None
    reckonable(head.captured)
    if head.published is not None:
        reckonable(head.published)
    return head


_NAMED = re.compile(r"[a-z0-9][a-z0-9_.-]*:[!-~]+\Z")
_SHOWN = 80  # letters of what is no id
_BY_DAY = frozenset(("date-without-time", "date-from-url"))
_DECODER, _HEAD_DECODER = msgspec.json.Decoder(Article), msgspec.json.Decoder(Head)


def is_dated_by_day(published: datetime | None, flags: Collection[str]) -> bool:
    """Say whether of a publication the day alone is known; see `Article.is_dated_by_day`."""
    return published is not None and not _BY_DAY.isdisjoint(flags)


def issued(published: datetime | None, zone: str | None, flags: Collection[str]) -> datetime | date | None:
    """Return a publication as the outlet counts time; see `Article.issued`."""
    if published is None:
        return None
    if not is_dated_by_day(published, flags):
        return published.astimezone(zone_of(zone))
    if zone is None and not (published.minute or published.second):
        return (published + timedelta(hours=12)).date()  # a midnight somewhere: east of Greenwich the evening before
    return published.astimezone(zone_of(zone)).date()


def zone_of(name: str | None) -> tzinfo:
    """Return the time zone of an IANA name; UTC where there is none, or this machine does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def in_utc(moment: datetime) -> datetime:
    """Return an aware datetime in UTC; one without a zone is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without zone: {moment}")
    return moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """Write an aware datetime as ISO 8601 in UTC with ``Z``; microseconds only where there are some."""
    return in_utc(moment).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read what `format_time` wrote; raises `Unreadable` where it is something else, or at an end of time."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise Unreadable(f"no time: {text!r}") from None
    if moment.tzinfo is None:
        raise Unreadable(f"a time without zone: {text}")
    return reckonable(moment).astimezone(UTC)


def reckonable(moment: datetime) -> datetime:
    """Return a moment that may be moved by a day; raises `Unreadable` where it stands at an end of time."""
    if not date.min.year < moment.year < date.max.year:
        raise Unreadable(f"a time in the year {moment.year}")
    return moment
