"""Which articles are wanted: the one set of conditions that the reader, the command line and the exports share.

Selection.of(outlet=, since=, …)
    excludes(manifest)   by the dates that the manifest says: nothing is opened
    may_hold(line)       by the line's bytes: nothing is parsed
    holds(article)       by what it says
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from archive.article import parse_time
from archive.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.article import Article
    from archive.manifests.manifest import Item, Manifest

_MARGIN_DAYS = 2  # an outlet's clock may be a day ahead of ours, and a segment bears the day on which it was opened
Versions = Literal["latest", "all"]


class Choice(TypedDict, total=False):
    """The arguments by which articles are chosen, the same for the reader, the command line and the exports.

    Attributes:
        outlet: one outlet, or several.
        since: published on or after this day or moment (captured, where the page says no date).
        until: published on or before it; a day counts to its end.
        tag: one of the outlet's own tags.
        agency: code of a credited agency.
        story: id of a story.
        kind: ``article``, ``live``, ``video`` …
        text: words that stand in headline or text, compared without diacritics and letter variants.
        as_of: the archive as it was at this time: later captures are left out.
        versions: ``latest``, one article per id, or ``all``.
        unique_stories: leave out the copies of a story that another article told first.
        newest_first: by crawl date, outlet, segment; False turns the order round.
        settle: apply what later articles taught about stories, of which the story lines of all outlets tell. By default so,
            but where ``outlet`` is named and neither ``story`` nor ``unique_stories`` is: then no other outlet is looked at.
    """

    outlet: str | Sequence[str] | None
    since: date | datetime | str | None
    until: date | datetime | str | None
    tag: str | None
    agency: str | None
    story: str | None
    kind: str | None
    text: str | None
    as_of: datetime | str | None
    versions: Versions
    unique_stories: bool
    newest_first: bool
    settle: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Conditions that all have to hold; None or empty asks for nothing."""

    outlets: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    tag: str | None = None
    agency: str | None = None
    kind: str | None = None
    story: str | None = None
    text: str | None = None
    as_of: datetime | None = None
    versions: Versions = "latest"
    unique_stories: bool = False
    newest_first: bool = True
    settle: bool = False
    _marks: tuple[bytes, ...] = field(default=(), repr=False)
    _folded: str = field(default="", repr=False)

    @classmethod
    def of(cls, choice: Choice) -> Selection:
        """Read a choice.

        Raises:
            ValueError: one sentence that says which argument is wrong.
        """
        if unknown := sorted(set(choice) - set(Choice.__annotations__)):
            raise ValueError(f"articles are not chosen by {unknown[0]!r}, but by {', '.join(Choice.__annotations__)}")
        values: dict[str, Any] = dict(choice)
        outlet, versions = values.get("outlet"), values.get("versions", "latest")
        if versions not in {"latest", "all"}:
            raise ValueError(f"versions is 'latest' or 'all', not {versions!r}")
        if values.get("settle") is None:
            values["settle"] = not outlet or bool(values.get("story") or values.get("unique_stories"))
        values["since"], values["until"], values["as_of"] = (
            read(values.get(name)) for name, read in (("since", start_of), ("until", end_of), ("as_of", end_of))
        )
        values["outlets"] = frozenset([outlet] if isinstance(outlet, str) else outlet or ())
        values.pop("outlet", None)
        marks = _marks_of(*(values.get(name) for name in ("tag", "agency", "kind")))
        return cls(**values, _marks=marks, _folded=fold(values.get("text") or ""))

    @property
    def outlet(self) -> str | None:
        """Return the outlet where there is only one."""
        return next(iter(self.outlets)) if len(self.outlets) == 1 else None

    @property
    def crawl_dates(self) -> tuple[date | None, date | None]:
        """Return the first and the last crawl date that can hold anything wanted; None: no limit."""
        margin = timedelta(days=_MARGIN_DAYS)
        since = date.min if self.since is None else self.since.date()
        first = None if since < date.min + margin else since - margin
        return first, None if self.as_of is None else self.as_of.date()

    def item_of(self, manifest: Manifest) -> Item | None:
        """Return a manifest's ``articles`` object, None where it cannot hold anything wanted."""
        item = manifest.by_kind.get("articles")
        is_ours = not self.outlets or manifest.outlet in self.outlets
        return None if item is None or not is_ours or self.excludes(item) else item

    def excludes(self, item: Item) -> bool:
        """Say whether the dates of an ``articles`` object rule out that it holds anything wanted."""
        if item.first is None or item.last is None:
            return False
        too_old = self.since is not None and parse_time(item.last) < self.since
        return too_old or (self.until is not None and parse_time(item.first) > self.until)

    def may_hold(self, line: bytes) -> bool:
        """Say whether a line's bytes leave it possible that its article fits."""
        return all(mark in line for mark in self._marks) or b"\\u" in line  # letters may be written as escapes

    def is_captured_in_time(self, captured: datetime) -> bool:
        """Say whether a capture had been made at ``as_of``."""
        return self.as_of is None or captured <= self.as_of

    def holds(self, article: Article) -> bool:
        """Say whether the article fits; its story is taken as it stands in it."""
        moment = article.published or article.captured
        return (
            (not self.outlets or article.outlet in self.outlets)
            and (self.since is None or moment >= self.since)
            and (self.until is None or moment <= self.until)
            and (self.kind is None or article.kind == self.kind)
            and (self.tag is None or self.tag in article.tags)
            and (self.agency is None or self.agency in article.agencies)
            and (self.story is None or (article.story is not None and article.story.id == self.story))
            and not (self.unique_stories and article.story is not None and article.story.role == "copy")
            and (not self._folded or self._folded in fold(f"{article.headline}\n{article.text}"))
        )


def _marks_of(*values: str | None) -> tuple[bytes, ...]:
    """Return the values as they stand in a line, quotes and all."""
    return tuple(json.dumps(value, ensure_ascii=False).encode() for value in values if value is not None)


def start_of(moment: date | datetime | str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a day or a moment as the beginning of a span; where it names no zone it is of ``zone``. Raises ``ValueError``."""
    return _moment(moment, time.min, zone)


def end_of(moment: date | datetime | str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a day or a moment as the end of a span."""
    return _moment(moment, time.max, zone)


def _moment(moment: date | datetime | str | None, of_day: time, zone: tzinfo) -> datetime | None:
    parsed = _read(moment) if isinstance(moment, str) else moment
    if parsed is None:
        return None
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, of_day)
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment} lies outside the years 1 to 9999 in UTC") from None


def _read(text: str) -> date | datetime:
    for shape in (date, datetime):
        try:
            return shape.fromisoformat(text)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no date; write 2026-11-23 or 2026-11-23T10:00:00Z")
