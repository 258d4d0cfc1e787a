"""Where pages of a template that nobody described keep their fields: the places that say, page after page, what another witness says.

    pages ─▶ read by what all pages have in common ─▶ `PageContext` each
    a field's reference (JSON-LD, metas, feed)      ─▶ elements and metas that say the same ─▶ `Finding`: hint, how many pages, of how many

A finding is **sure** where nearly all pages that have the reference bear it out, and many do; **likely** where most do; else a **guess**.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from cssselect import SelectorSyntaxError

from archive.text import fold_label
from crawlers.extraction.agencies import codes_inside
from crawlers.extraction.article import context_of
from crawlers.extraction.body import read_body
from crawlers.extraction.dates import read_time
from crawlers.extraction.fields import read_headline, read_standfirst
from crawlers.extraction.html import text_of
from crawlers.extraction.jsonld import look_up
from crawlers.extraction.page_checks import ExtractionError
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lxml.etree import _Element

    from crawlers.addresses import AddressRules
    from crawlers.extraction.body import Body
    from crawlers.extraction.page_context import Page, PageContext
    from crawlers.extraction.rules import ExtractionRules

_MANY, _NEARLY_ALL, _MOST = 3, 0.9, 0.6
_TRIED = 40  # selectors of a field
_FEW = 3  # elements that a selector means on a page; of more it is no place of one field
_SHORT_CREDIT = 8  # words
_LONGEST = 400  # letters of what a field's element says
_NAMELY = re.compile(r"[A-Za-z][\w-]*\Z")
_VARYING = re.compile(
    r"\d{3,}|(?:^|[-_])(?:active|current|first|last|odd|even|col|row|clearfix|container|hidden|visible|wow|fade|text)(?=$|[-_])",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d")
_NAIVE = re.compile(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\s*$", re.IGNORECASE)
_STEP = timedelta(minutes=15)  # zones differ by quarters of an hour


class Finding(NamedTuple):
    """A hint, the pages that bear it out, and those on which it could."""

    hint: str
    pages: int
    of: int

    @property
    def certainty(self) -> str:
        """Return ``sure``, ``likely`` or ``guess``."""
        share = self.pages / max(1, self.of)
        if self.pages >= _MANY and share >= _NEARLY_ALL:
            return "sure"
        return "likely" if share >= _MOST and self.pages > 1 else "guess"


@dataclass(slots=True)
class Reading:
    """One page of the sample, read by what all pages have in common.

    Attributes:
        context: what it may be asked.
        body: its text.
        headline, standfirst: as they were read.
    """

    context: PageContext
    body: Body
    headline: str
    standfirst: str | None

    @classmethod
    def of(cls, page: Page, reading: ExtractionRules, addresses: AddressRules) -> Reading:
        """Read a page; raises `ExtractionError` where it is no article."""
        context = context_of(page, reading=reading, addresses=addresses)
        headline = context.headline = read_headline(context)
        standfirst = read_standfirst(context, headline)
        return cls(context, read_body(context, headline=headline, standfirst=standfirst), headline, standfirst)


def readings_of(pages: Iterable[Page], reading: ExtractionRules, addresses: AddressRules) -> Iterator[Reading]:
    """Yield the pages that are articles."""
    for page in pages:
        with suppress(ExtractionError):
            yield Reading.of(page, reading, addresses)


# --- Selectors of the elements that say something --------------------------------------------------------------------


def agreeing(readings: Sequence[Reading], said: Callable[[Reading], str | None], *, most: int = 3) -> list[Finding]:
    """Return the selectors whose first element says what ``said`` does, the best first, each for pages that those before it lack."""
    wanted = [
        (reading, fold_label(value)) for reading in readings if (value := said(reading)) and len(value) <= _LONGEST
    ]
    tried: Counter[str] = Counter()
    for reading, key in wanted:
        tried.update({selector for element in _saying(reading, key) for selector in selectors_of(element)})
    verdicts: dict[str, set[int]] = {}
    common: dict[str, int] = {}
    for selector, _ in tried.most_common(_TRIED):
        meant = [len(reading.context.document.all(selector)) for reading, _ in wanted]
        common[selector] = sum(meant)
        if max(meant) > _FEW:
            continue
        answers = [
            (number, first) for number, (reading, _) in enumerate(wanted) if (first := _first(reading, selector))
        ]
        right = {number for number, first in answers if first == wanted[number][1]}
        if len(right) >= _NEARLY_ALL * len(answers):
            verdicts[selector] = right
    return _cover(verdicts, len(wanted), most, common)


def _cover(verdicts: dict[str, set[int]], of: int, most: int, common: Mapping[str, int] | None = None) -> list[Finding]:
    """Choose selectors while each brings pages that the others lack: those of most pages, of equals the most particular, the shortest."""
    found: list[Finding] = []
    covered: set[int] = set()
    while verdicts and len(found) < most:
        best = max(
            verdicts,
            key=lambda selector: (len(verdicts[selector] - covered), -(common or {}).get(selector, 0), -len(selector)),
        )
        new = verdicts.pop(best) - covered
        if len(new) < (2 if of > _MANY else 1):
            break
        found.append(Finding(best, len(new), of - len(covered)))
        covered |= new
    return found


def _saying(reading: Reading, key: str) -> Iterator[_Element]:
    for element in reading.context.document.root.iter(
        "h1", "h2", "h3", "p", "div", "span", "a", "time", "li", "strong", "section"
    ):
        text = "".join(element.itertext())
        if len(text) <= 2 * _LONGEST and fold_label(tidy(text_of(element))) == key:
            yield element


def _first(reading: Reading, selector: str) -> str | None:
    try:
        return next((fold_label(line) for line in reading.context.document.texts(selector)), None)
    except SelectorSyntaxError:
        return None


def selectors_of(element: _Element) -> Iterator[str]:
    """Yield selectors of an element: by its id, its classes, its item property, or as its parent's child."""
    yield from own_selectors(element)
    parent = element.getparent()
    if parent is not None and isinstance(parent.tag, str) and element.tag not in {"div", "span", "section"}:
        yield from (f"{selector} {element.tag!s}" for selector in own_selectors(parent))
    if element.tag == "h1":
        yield "h1"


def own_selectors(element: _Element) -> Iterator[str]:
    """Yield selectors of an element by what it is called itself."""
    if (name := element.get("id")) and _is_name(name):
        yield f"#{name}"
    yield from (f".{name}" for name in (element.get("class") or "").split() if _is_name(name))
    yield from (f"{element.tag!s}.{name}" for name in (element.get("class") or "").split() if _is_name(name))
    if (name := element.get("itemprop")) and _is_name(name):
        yield f"[itemprop={name}]"


def _is_name(name: str) -> bool:
    return len(name) > 1 and _NAMELY.match(name) is not None and not _VARYING.search(name)


_LEAD = re.compile(
    r"standfirst|sub-?_?(?:title|head)|summary|lead|lede|excerpt|highlight|teaser|intro|deck|description|brief|مقدمة",
    re.IGNORECASE,
)


def leads(readings: Sequence[Reading]) -> list[Finding]:
    """Return the selector of what stands between headline and text, is called a summary, and is one on most pages that have it."""
    said: dict[str, list[str]] = {}
    for reading in readings:
        body = reading.body.elements[0] if reading.body.elements else None
        for place in reading.context.layout.head(body):
            text = tidy(text_of(place)) if len("".join(place.itertext())) <= _LONGEST else ""
            for selector in set(_lead_selectors(place)) if text else ():
                if len(reading.context.document.all(selector)) == 1:
                    said.setdefault(selector, []).append(text)
    found = [
        Finding(selector, len(lines), len(readings))
        for selector, lines in said.items()
        if len(lines) >= _MANY
        and len({line.split()[0] for line in lines}) > 1  # no label leads it
        and len(set(lines)) == len(lines)
        and min(line.count(" ") for line in lines) >= _MANY
    ]
    return sorted(found, key=lambda finding: (-finding.pages, len(finding.hint)))[:1]


def _lead_selectors(place: _Element) -> Iterator[str]:
    """Yield selectors of a place that is called a summary, or stands in one that is."""
    own = list(own_selectors(place))
    yield from (selector for selector in own if _LEAD.search(selector))
    parent = place.getparent()
    for outer in own_selectors(parent) if parent is not None and isinstance(parent.tag, str) else ():
        if _LEAD.search(outer):
            yield from (f"{outer} {selector}" for selector in own)


def bodies(readings: Sequence[Reading]) -> list[Finding]:
    """Return selectors of the element that holds the text: those under which stands what was read, and hardly more."""
    tried: Counter[str] = Counter()
    for reading in readings:
        if reading.body.elements:
            tried.update(set(own_selectors(reading.body.elements[0])))
    verdicts: dict[str, set[int]] = {}
    for selector, _ in tried.most_common(_TRIED):
        found = [(number, reading, reading.context.document.all(selector)) for number, reading in enumerate(readings)]
        right = {number for number, reading, places in found if places and places[0] in reading.body.elements[:1]}
        if len(right) >= _NEARLY_ALL * sum(bool(places) for *_, places in found):
            verdicts[selector] = right
    return _cover(verdicts, len(readings), 3)


# --- What machines are told: metas, JSON in an attribute -------------------------------------------------------------


def metas_saying(readings: Sequence[Reading], said: Callable[[Reading], str | None]) -> list[Finding]:
    """Return the metas whose content is what ``said`` says."""
    wanted = [(reading, fold_label(value)) for reading in readings if (value := said(reading))]
    right: Counter[str] = Counter()
    for reading, key in wanted:
        right.update(
            name for name, content in reading.context.document.metas.items() if fold_label(tidy(content)) == key
        )
    return [
        Finding(f"meta:{name}", count, len(wanted))
        for name, count in right.most_common()
        if count >= _MOST * len(wanted)
    ]


def embedded_in(readings: Sequence[Reading]) -> Finding | None:
    """Return the attribute in which pages carry the article as JSON, as ``tag[attribute]@attribute``."""
    found: Counter[str] = Counter()
    for reading in readings:
        for element in reading.context.document.root.iter("body", "main", "article", "div", "section"):
            for name, value in element.attrib.items():
                if value.startswith("{") and '"headline"' in value and reading.headline.split()[0] in value:
                    found[f"{element.tag!s}[{name!s}]@{name!s}"] += 1
    (hint, count), *_ = found.most_common(1) or [("", 0)]
    return Finding(hint, count, len(readings)) if count >= _MANY else None


def paths_of(node: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the short strings of an article's JSON with their paths."""
    for name in node:
        for line in look_up(node, name):
            if len(line) <= _LONGEST:
                yield name, line


# --- Who is credited where: places near the headline and metas that name an agency on some pages, and always somebody ---------


def credit_places(readings: Sequence[Reading], own: frozenset[str]) -> tuple[list[Finding], list[Finding]]:
    """Return metas and JSON fields of a source, and places about the headline where an agency stands in the author's place.

    Args:
        readings: the sample.
        own: the outlet's names, folded.
    """
    machine: dict[str, list[str]] = {}
    shown: dict[str, list[str]] = {}
    for reading in readings:
        context = reading.context
        metas = ((f"meta:{name}", content) for name, content in context.document.metas.items())
        for name, content in (*metas, *((f"json:{name}", line) for name, line in paths_of(context.embedded))):
            if not _OTHER_FIELDS.search(name):
                machine.setdefault(name, []).append(content)
        body = reading.body.elements[0] if reading.body.elements else None
        for place in context.layout.head(body):
            text = tidy(text_of(place)) if len("".join(place.itertext())) <= _LONGEST // 2 else ""
            if text and not any(parent.tag in {"figure", "figcaption"} for parent in (place, *place.iterancestors())):
                for selector in set(own_selectors(place)):
                    if len(context.document.all(selector)) <= _FEW:
                        shown.setdefault(selector, []).append(text)

    def judged(places: dict[str, list[str]]) -> list[Finding]:
        told = {name: [_credits(line, own) for line in lines] for name, lines in places.items()}
        return [
            Finding(name, sum(told[name]), len(lines))
            for name, lines in places.items()
            if sum(told[name]) > 1 and len(set(lines)) > 1 and "caption" not in name
        ]

    called = [
        Finding(name, len(lines), len(readings))
        for name, lines in machine.items()
        if _SOURCE.fullmatch(name) and len(lines) >= _MANY and all(_is_short(line) for line in lines)
    ]
    named = called or [finding for finding in judged(machine) if finding.pages >= _MOST * finding.of]
    shown = {name: lines for name, lines in shown.items() if name == _shortest(name, lines, shown)}
    by_share = sorted(judged(shown), key=lambda finding: (-finding.pages, len(finding.hint)))
    return sorted(named, key=lambda finding: (finding.hint.startswith("json:"), -finding.pages)), by_share[:2]


_SOURCE = re.compile(r"meta:(?:[a-z]+[:._-])?(?:news_?)?(?:source|credits?|agency)(?:[A-Z]\w*)?")
_OTHER_FIELDS = re.compile(r"keyword|tag|title|headline|description|summary|caption|body|topic|section", re.IGNORECASE)


def _shortest(name: str, lines: list[str], places: Mapping[str, list[str]]) -> str:
    """Return the shortest selector of those that say the same as ``name``."""
    return min((other for other, said in places.items() if said == lines), key=len, default=name)


def _is_short(line: str) -> bool:
    return len(line.split()) <= _SHORT_CREDIT and "://" not in line


def _credits(line: str, own: frozenset[str]) -> bool:
    """Say whether a line credits an agency or the outlet, and says no more."""
    return _is_short(line) and (bool(codes_inside(line)) or any(name in fold_label(line) for name in own))


# --- Clocks: the zone in which times that name none run ---------------------------------------------------------------


def offsets(readings: Sequence[Reading]) -> Counter[timedelta]:
    """Return how far the clocks that pages show are before UTC, by their exact times for machines; each page counts once."""
    found: Counter[timedelta] = Counter()
    for reading in readings:
        exact = exact_time(reading)
        body = reading.body.elements[0] if reading.body.elements else None
        if exact is None:
            continue
        for label in reading.context.layout.labels(body):
            if _CLOCK.search(label) and (offset := _ahead(label, reading, exact)) is not None:
                found[offset] += 1
                break
    return found


def exact_time(reading: Reading) -> datetime | None:
    """Return the time of a page that its machine-readable sources, or its feed, state with an offset."""
    for source in ("ld:datePublished", "meta:article:published_time", "json:date", "feed:published"):
        for raw in reading.context.ask(source):
            moment = read_time(raw, zone="UTC", captured=reading.context.page.captured)
            if moment is not None and moment.precision in {"second", "minute"} and moment.zone_source == "offset":
                return moment.value
    return None


def _ahead(label: str, reading: Reading, exact: datetime) -> timedelta | None:
    moment = read_time(label, zone="UTC", captured=reading.context.page.captured + timedelta(days=1))
    if moment is None or moment.precision not in {"second", "minute"} or moment.zone_source != "outlet":
        return None
    ahead = moment.value.replace(second=0) - exact.replace(second=0, microsecond=0)
    return ahead if abs(ahead) <= timedelta(hours=14) and ahead % _STEP == timedelta() else None


def false_clocks(readings: Sequence[Reading], sources: Iterable[str]) -> dict[str, Finding]:
    """Return the sources whose digits are UTC's whatever offset they write, or though they write none."""
    found: dict[str, Finding] = {}
    for source in sources:
        pairs = [
            (raw, stated)
            for reading in readings
            for raw in reading.context.ask(source)[:1]
            if (stated := _stated(reading, source)) is not None
        ]
        told = [(raw, stated) for raw, stated in pairs if not re.search(r"(?:Z|\+00:?00|GMT|UTC)\s*$", raw)]
        if told and sum(_digits(raw) == stated for raw, stated in told) >= _NEARLY_ALL * len(told):
            found[source] = Finding(source, len(told), len(told))
    return found


def _stated(reading: Reading, source: str) -> str | None:
    kin = "ld:dateModified" if re.search(r"last|modif|update|revis", source, re.IGNORECASE) else "ld:datePublished"
    for raw in reading.context.ask(kin):
        moment = read_time(raw, zone="UTC", captured=reading.context.page.captured)
        if moment is not None and moment.zone_source == "offset":
            return f"{moment.value.astimezone(UTC):%Y-%m-%dT%H:%M}"
    return None


def _digits(raw: str) -> str | None:
    moment = read_time(_NAIVE.sub("", raw).strip(), zone="UTC", captured=datetime.now(UTC) + timedelta(days=1))
    return f"{moment.value:%Y-%m-%dT%H:%M}" if moment is not None else None


def dumped(value: Any) -> str:
    """Return a value as Python writes it, Arabic as text and with double quotes."""
    return json.dumps(value, ensure_ascii=False)
