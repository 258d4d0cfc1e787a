"""Which articles are wanted: the one set of conditions that the reader, the command line and the exports share; and a word in its contexts.

Selection.of(outlet=, since=, text=, sort=, …)
    excludes(manifest)   by the dates that the manifest says: nothing is opened
    may_hold(line)       by the line's bytes: nothing is parsed
    holds(article)       by what it says
"""

from __future__ import annotations

import json
import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from archive.article import Article, parse_time
from archive.text import (
    ARTICLE,
    Phrase,
    fold,
    is_servant,
    parse_duration,
    pattern_of,
    searchable,
    servant_apart,
    terms_of,
    to_definite,
    unwanted_terms_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archive.article import Head
    from archive.manifests.manifest import Item, Manifest

_MARGIN_DAYS = 2  # an outlet's clock may be a day ahead of ours, and a segment bears the day on which it was opened
AHEAD = timedelta(
    days=31
)  # a date so much later than the capture is a typing error, and would stand before all others for years
Versions = Literal["latest", "all"]
Sort = Literal["published", "captured"]


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
        text: words that all stand in headline, standfirst or text, in any form in which the site's search finds them, a broken
            plural for its singular too; what stands in quotes, one word or several, is looked for as it is, and none of what
            stands directly behind a minus.
        as_of: the archive as it was at this time: later captures are left out, and what was taken in from other archives on a later
            day, however old; so what was counted once is counted again. `Archive.article` of one id goes by the capture alone.
        versions: ``latest``, one article per id, or ``all``.
        unique_stories: leave out the copies of a story that another article told first.
        newest_first: False turns the order round.
        sort: ``published`` or ``captured``: in the order of these moments, over all outlets; None: as they lie, by crawl date,
            outlet, segment, which costs the least.
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
    sort: Sort | None
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
    sort: Sort | None = None
    settle: bool = False
    _marks: tuple[bytes, ...] = field(default=(), repr=False)
    _words: tuple[re.Pattern[str], ...] = field(default=(), repr=False)
    _unwanted: tuple[re.Pattern[str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, choice: Choice) -> Selection:
        """Read a choice.

        Raises:
            ValueError: one sentence that says which argument is wrong.
        """
        if unknown := sorted(set(choice) - set(Choice.__annotations__)):
            raise ValueError(f"articles are not chosen by {unknown[0]!r}, but by {', '.join(Choice.__annotations__)}")
        values: dict[str, Any] = dict(choice)
        outlet = values.get("outlet")
        for name, options in (("versions", ("latest", "all")), ("sort", ("published", "captured", None))):
            if values.setdefault(name, options[0] if name == "versions" else None) not in options:
                raise ValueError(f"{name} is {options[0]!r} or {options[1]!r}, not {values[name]!r}")
        if values.get("settle") is None:
            values["settle"] = not outlet or bool(values.get("story") or values.get("unique_stories"))
        values["since"], values["until"], values["as_of"] = (
            read(values.get(name)) for name, read in (("since", start_of), ("until", end_of), ("as_of", end_of))
        )
        values["outlets"] = frozenset([outlet] if isinstance(outlet, str) else outlet or ())
        values.pop("outlet", None)
        marks = _marks_of(*(values.get(name) for name in ("tag", "agency", "kind")))
        patterns = tuple(map(pattern_of, terms_of(values.get("text") or "")))
        unwanted = tuple(map(pattern_of, map(Phrase, unwanted_terms_of(values.get("text") or ""))))
        if values.get("text") is not None and not patterns:
            raise ValueError(f"no word stands in {values['text']!r}")
        return cls(**values, _marks=marks, _words=patterns, _unwanted=unwanted)

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
        if not self._marks:
            return True
        return all(mark in line for mark in self._marks) or b"\\u" in line  # letters may be written as escapes

    def is_captured_in_time(self, captured: datetime) -> bool:
        """Say whether a capture had been made at ``as_of``."""
        return self.as_of is None or captured <= self.as_of

    def holds(self, article: Article | Head) -> bool:
        """Say whether the article fits; its story is taken as it stands in it. Texts are looked for in an `Article` alone."""
        return (
            (not self.outlets or article.outlet in self.outlets)
            and self.holds_moment(article.published or article.captured)
            and (self.kind is None or article.kind == self.kind)
            and (self.tag is None or self.tag in article.tags)
            and (self.agency is None or self.agency in article.agencies)
            and (self.story is None or (article.story is not None and article.story.id == self.story))
            and not (self.unique_stories and article.story is not None and article.story.role == "copy")
            and (not self._words or (isinstance(article, Article) and self._is_written_in(article)))
        )

    def holds_moment(self, moment: datetime) -> bool:
        """Say whether what was published at a moment fits."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment <= self.until)

    def _is_written_in(self, article: Article) -> bool:
        parts = [searchable(part) for part in (article.headline, article.standfirst, article.text) if part]
        found = (any(pattern.search(part) for part in parts) for pattern in self._words)
        return all(found) and not any(pattern.search(part) for pattern in self._unwanted for part in parts)


def moment_of(published: datetime | None, captured: datetime) -> datetime:
    """Return the moment by which an article is sorted: its publication, or its capture where that is not said or in doubt."""
    return captured if published is None or published > captured + AHEAD else published


def _marks_of(*values: str | None) -> tuple[bytes, ...]:
    """Return the values as they stand in a line, quotes and all."""
    return tuple(json.dumps(value, ensure_ascii=False).encode() for value in values if value is not None)


def start_of(moment: date | datetime | str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a day, a month, a year or a moment as the beginning of a span; where it names no zone it is of ``zone``. Raises ``ValueError``."""
    return _moment(moment, 0, zone)


def end_of(moment: date | datetime | str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read a day, a month, a year or a moment as the end of a span."""
    return _moment(moment, 1, zone)


def _moment(moment: date | datetime | str | None, side: int, zone: tzinfo) -> datetime | None:
    parsed = _read(moment, zone)[side] if isinstance(moment, str) else moment
    if parsed is None:
        return None
    if not isinstance(parsed, datetime):
        parsed = datetime.combine(parsed, (time.min, time.max)[side])
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment} lies outside the years 1 to 9999 in UTC") from None


# --- Dates as people write them: 2026-11-23, 2026-11, 2026, today, yesterday, 7d (so long ago), 2026-11-23T10:00 ------

_NAMED = {"today": 0, "yesterday": 1}  # days ago
_AGO = re.compile(r"\d+ ?[hdw]")
_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?")
Span = tuple[date | datetime, date | datetime]


def _read(text: str, zone: tzinfo) -> Span:
    """Return the first and the last day of what is written, or the one moment twice. Raises ``ValueError``."""
    try:
        if text in _NAMED:
            day = datetime.now(zone).date() - timedelta(days=_NAMED[text])
            return day, day
        if _AGO.fullmatch(text):
            moment = datetime.now(UTC) - parse_duration(text)
            return moment, moment
        if month := _MONTH.fullmatch(text):
            year, first, last = int(month[1]), int(month[2] or 1), int(month[2] or 12)
            return date(year, first, 1), date(year, last, monthrange(year, last)[1])
        return _written(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no date; write 2026-11-23, 2026-11, yesterday, 7d or 2026-11-23T10:00:00Z"
        ) from None


def _written(text: str) -> Span:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment, moment
    return day, day


_ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_TYPED = re.compile(r"(?P<day>\d{1,2})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<year>\d{4})")


def typed_day(text: str) -> str:
    """Return a day as the archive's commands take it: «٢٩-١١-٢٠٢٦» and «29/11/2026» are 2026-11-29; anything else stays."""
    plain = text.strip().translate(_ARABIC_DIGITS)
    match = _TYPED.fullmatch(plain)
    return (
        plain.replace("/", "-") if match is None else f"{match['year']}-{int(match['month']):02}-{int(match['day']):02}"
    )


# --- A word in its contexts (KWIC, key word in context): every place where it stands, with the words around it ------
#     «للحكومة» «والحكومة» «حكومتها»   ──▶ الحكومة       clitics folded: what Arabic writes together with a word is left aside
#     ف و  +  ب ك ل  +  ال  or  س        before it
#     ه ها هم … نا ك كم … ي              behind it; ta marbuta is ت then, and itself no «ه» (خبر finds خبره, not خبرة)
#
# Letters are folded as for the search (`archive.text.fold`). Only clitics are known and no roots, so a word that begins like one with a
# clitic is found too (زير finds وزير); ``clitics=False`` asks for the word alone.

_SIGNS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200c\u200d"  # vowel signs and joiners stand inside words
_TOKEN = re.compile(rf"\w[\w{_SIGNS}]*")
_BEFORE = "(?:[وف])?(?:ال|[بك](?:ال)?|لل?|س)?"
_BEFORE_BARE = "(?:[وف])?[بكلس]?"  # what has a pronoun behind it has no article: «المصري» is nobody's «مصر»
_BEHIND = "(?:هما|هم|هن|ها|ه|كما|كم|كن|ك|نا|ني|ي)"
_SHORTEST = 3  # letters that are left of a word without its article
_TA_MARBUTA = re.compile(rf"ة[{_SIGNS}]*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One place: the words before, the word as it is written there, the words behind, and where that is.

    ``place`` counts the text's words from 0; the headline is not searched.
    """

    id: str
    outlet: str
    published: datetime | None
    left: str
    keyword: str
    right: str
    place: int
    url: str


class Pattern:
    """Finds one word, or several that follow one another.

    Args:
        text: the word or words.
        clitics: whether what is written together with a word is left aside.

    Raises:
        ValueError: there is no word in it.
    """

    def __init__(self, text: str, *, clitics: bool = True) -> None:
        tokens = _TOKEN.findall(text)
        if not tokens:
            raise ValueError(f"there is no word in {text!r}")
        self._ways = [[_forms(token, clitics=clitics) for token in way] for way in _ways_to_write(tokens)]
        self._matches = lru_cache(maxsize=1 << 16)(self._fits)

    def lines(self, article: Article, width: int) -> Iterator[Line]:
        """Yield the places in an article's text, in their order, each with up to ``width`` words before and behind it."""
        text = article.text
        tokens = list(_TOKEN.finditer(text))
        for place in range(len(tokens)):
            if length := self._length_at(tokens, place):
                first, last = tokens[place].start(), tokens[place + length - 1].end()
                begin = tokens[max(0, place - width)].start() if width else first
                end = tokens[min(len(tokens), place + length + width) - 1].end() if width else last
                yield Line(
                    id=article.id,
                    outlet=article.outlet,
                    published=article.published,
                    left=_one_line(text[begin:first]),
                    keyword=_one_line(text[first:last]),
                    right=_one_line(text[last:end]),
                    place=place,
                    url=article.url,
                )

    def _length_at(self, tokens: Sequence[re.Match[str]], place: int) -> int:
        """Return how many words of a text from a place on are what is looked for; 0 where they are not."""
        for way, parts in enumerate(self._ways):
            there = tokens[place : place + len(parts)]
            if len(there) == len(parts) and all(self._matches(way, n, token[0]) for n, token in enumerate(there)):
                return len(parts)
        return 0

    def _fits(self, way: int, number: int, token: str) -> bool:
        alone, with_pronoun = self._ways[way][number]
        folded = fold(token)
        if alone.fullmatch(folded):
            return True
        return with_pronoun.fullmatch(folded) is not None and not _TA_MARBUTA.search(token)


def _ways_to_write(tokens: Sequence[str]) -> list[list[str]]:
    """Return what is looked for as it may be written: «عبد الله» is «عبدالله», as for the search."""
    together: list[str] = []
    for token in tokens:
        if together and is_servant(fold(together[-1]), fold(token)):
            together[-1] += token
        else:
            together.append(token)
    apart = [part for token in together for part in servant_apart(fold(token)).split()]
    return [together] if len(apart) == len(together) else [together, apart]


def _forms(token: str, *, clitics: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return expressions for a folded word without and with a pronoun behind it; a letter is no other's («و», «لو»)."""
    word = fold(token)
    if not clitics or len(word) == 1:
        return (alone := re.compile(re.escape(word))), alone
    is_definite = word.startswith(ARTICLE)
    if is_definite and len(word) >= len(ARTICLE) + _SHORTEST:
        word, is_definite = word.removeprefix(ARTICLE), False
    stem = f"{re.escape(word[:-1])}[هت]" if word.endswith("ه") and len(word) >= _SHORTEST else re.escape(word)
    if is_definite:  # «الحق» is more than «حق», and yet «للحق»
        return (alone := re.compile(f"{_BEFORE}{stem}|[وف]?{re.escape(to_definite(word))}")), alone
    return re.compile(f"{_BEFORE}{stem}"), re.compile(f"{_BEFORE_BARE}{stem}{_BEHIND}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
