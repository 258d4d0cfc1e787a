"""The spider of a new outlet, written from a survey: every line with what speaks for it, and how sure that is.

Survey ─▶ addresses (shapes) · sources (channels that answered) · reading (places that agree) ─▶ `Draft`: the file's text
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from archive.text import fold_label
from crawlers.addresses import ASIDE, AddressRules, DomainAddresses, kinds_of, path_of, pattern_of, shape_of
from crawlers.extraction.article import read_and_judge
from crawlers.extraction.evidence import (
    Finding,
    Reading,
    agreeing,
    bodies,
    credit_places,
    dumped,
    embedded_in,
    exact_time,
    false_clocks,
    leads,
    metas_saying,
    offsets,
    readings_of,
)
from crawlers.extraction.html import text_of
from crawlers.extraction.page_checks import ExtractionError
from crawlers.extraction.rules import MODIFIED, PUBLISHED, reading_of_any
from crawlers.extraction.times import read_time
from pipelines.cleaning import tidy
from pipelines.validation import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crawlers.extraction import ExtractionRules, Page
    from crawlers.monitoring.probe import Survey
    from crawlers.sources import JsonListing

_WORDS = 25  # of a text that needs no JSON-LD beside it to be an article
_MUCH = 0.15  # of a text
_LONGEST_NAME = 60  # letters
LEAST = 3  # articles of the sample; fewer are no evidence
_WIDTH = 116  # letters of a line
_MOST_SECTIONS = 24
_ZONES = {  # the end of a host, or the region of a language → where its newsroom's clock hangs
    "ae": "Asia/Dubai", "bh": "Asia/Bahrain", "dz": "Africa/Algiers", "eg": "Africa/Cairo", "iq": "Asia/Baghdad", "jo": "Asia/Amman",
    "kw": "Asia/Kuwait", "lb": "Asia/Beirut", "ly": "Africa/Tripoli", "ma": "Africa/Casablanca", "mr": "Africa/Nouakchott",
    "om": "Asia/Muscat", "ps": "Asia/Hebron", "qa": "Asia/Qatar", "sa": "Asia/Riyadh", "sd": "Africa/Khartoum", "sy": "Asia/Damascus",
    "tn": "Africa/Tunis", "ye": "Asia/Aden", "uk": "Europe/London",
}  # fmt: skip
_OF_OFFSET = {
    0: "UTC",
    60: "Africa/Tunis",
    120: "Africa/Cairo",
    180: "Asia/Riyadh",
    210: "Asia/Tehran",
    240: "Asia/Dubai",
}


class EvidenceError(ValueError):
    """There is nothing to write a spider from; the message is the sentence that says why."""


@dataclass(slots=True)
class Draft:
    """A spider that was written.

    Attributes:
        name: of the outlet.
        text: of its file.
        claims: what was said of each line: certainty, line, reason.
        pages: the articles of the sample.
    """

    name: str
    text: str
    claims: list[tuple[str, str, str]] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)


@dataclass(slots=True)
class _Writer:
    """Lines of a file, each with what speaks for it."""

    lines: list[str] = field(default_factory=list)
    claims: list[tuple[str, str, str]] = field(default_factory=list)

    def say(self, line: str, certainty: str = "", reason: str = "") -> None:
        """Add a line; one that a survey speaks for says so behind it."""
        self.lines.append(f"{line}  # {certainty}: {reason}" if certainty else line)
        if certainty:
            self.claims.append((certainty, line.strip(), reason))

    def hints(self, name: str, findings: Iterable[Finding]) -> None:
        """Add a field's hints, where there are some; the least certain one speaks for the line."""
        found = list(findings)
        if found:
            certainty = max((finding.certainty for finding in found), key=("sure", "likely", "guess").index)
            reason = ", ".join(f"{finding.pages} of {finding.of} pages" for finding in found)
            self.say(f"        {name}={_tuple([finding.hint for finding in found])},", certainty, reason)


def _imports(body: _Writer, main: str) -> list[str]:
    """Return the lines that import what a spider's body and its articles' pattern name."""
    kinds = ("Feed", "JsonListing", "SectionPages", "Sitemap")
    used = [kind for kind in kinds if any(f"{kind}(" in line for line in body.lines)]
    return [
        f"from crawlers.addresses import {'ASIDE, ' if ASIDE in main else ''}AddressRules",
        "from crawlers.extraction import ExtractionRules",
        "from crawlers.outlet import OutletSpider",
        f"from crawlers.sources import {', '.join(used)}",
    ]


def draft_spider(survey: Survey, name: str) -> Draft:
    """Write the spider of a surveyed site.

    Raises:
        EvidenceError: too little of it was to be had.
    """
    articles = _articles(survey)
    if len(articles) < LEAST:
        why = "; ".join(survey.failures[:2]) or "its front page, sitemaps and feeds lead to none"
        raise EvidenceError(f"{len(articles)} articles were found at {survey.home}, {LEAST} are the least ({why})")
    out = _Writer()
    names = _names(survey, articles)
    home = urlsplit(survey.home)
    out.say(
        f'"""{names[0]}: {home.hostname}. Written from {len(articles)} of its pages on {datetime.now(UTC):%Y-%m-%d}; correct what is a guess."""'
    )
    out.say("")
    body = _Writer()
    addresses, main = _addresses(body, survey, articles, name)
    _sources(body, survey, addresses)
    _reading(body, survey, articles, addresses, names)
    out.lines += [
        *_imports(body, main),
        "",
        f'SITE = "{home.scheme}://{home.netloc}"',
        *_section_lines(survey),
        f"ARTICLE = {_raw(main)}",
        "",
        "",
    ]
    out.say(f"class {name.capitalize()}Spider(OutletSpider):")
    out.say('    """What is odd about its pages, say here."""')
    out.say("")
    out.say(f'    name = "{name}"')
    out.lines += body.lines
    return Draft(name, "\n".join(out.lines) + "\n", body.claims, [page for page, _ in articles])


# --- Addresses ---------------------------------------------------------------------------------------------------------


def _articles(survey: Survey) -> list[tuple[Page, Reading]]:
    """Return the pages of the sample that read as articles, each with its reading."""
    found = []
    for page in survey.pages:
        addresses = DomainAddresses.of(page.url)
        reading = reading_of_any(addresses.outlet, "UTC")
        found += [
            (page, read)
            for read in readings_of([page], reading, addresses)
            if len(" ".join(read.body.lines).split()) >= _WORDS or read.context.linked
        ]
    return found


def _addresses(
    out: _Writer, survey: Survey, articles: Sequence[tuple[Page, Reading]], name: str
) -> tuple[AddressRules, str]:
    """Write the hosts and the shapes that articles have; return them as rules, and the expression that the kinds share."""
    right = Counter(shape_of(path_of(page.url)) for page, _ in articles)
    tried = Counter(shape_of(path_of(page.url)) for page in survey.pages)
    announced: dict[tuple[str, ...], list[str]] = {}
    for url in dict.fromkeys([*(page.url for page, _ in articles), *(entry.url for entry in survey.announcements)]):
        announced.setdefault(shape_of(path_of(url)), []).append(path_of(url))
    shapes = [shape for shape, count in right.most_common() if 2 * count >= tried[shape]]
    main = max(shapes, key=lambda shape: len(announced[shape]))
    patterns = [pattern_of(main, announced[main])]
    for shape in shapes:
        if not any(re.search(patterns[0], path) for path in announced[shape]) and right[shape] > 1:
            patterns.append(pattern_of(shape, announced[shape], named=False))
    hosts = _hosts(survey, articles, patterns)
    main_pattern = patterns[0].removeprefix("^/")
    out.say("    addresses = AddressRules(")
    out.say(f'        outlet="{name}",')
    out.say(f"        hosts={_tuple(hosts)},", *_claim(len(hosts) <= 2, "pages, and what they name as twins"))  # noqa: PLR2004  with and without www
    out.say("        kinds={")
    kinds: dict[str, str] = {}
    for kind, words in kinds_of([path for paths in announced.values() for path in paths]).items():
        ahead = f"^/(?=(?:[^/]+/)*?(?:{'|'.join(words)})/)"
        kinds[kind] = ahead + main_pattern
        out.say(f'            "{kind}": rf"{ahead}{{ARTICLE}}",', "likely", "a word in the address")
    kinds["article"] = "|".join(patterns)
    certain = sum(right[shape] for shape in shapes)
    others = "".join(f"|{_doubled(pattern)}" for pattern in patterns[1:])
    out.say(f'            "article": rf"^/{{ARTICLE}}{others}",', *_of(certain, len(articles), "addresses of articles"))
    out.say("        },")
    query = tuple(dict.fromkeys(shape[-1][1:] for shape in shapes if shape[-1:] and shape[-1].startswith("?")))
    if query:
        out.say(f"        query={_tuple(query)},", *_of(certain, len(articles), "addresses of articles"))
    out.say("    )")
    rules = AddressRules(outlet=name, hosts=tuple(hosts), kinds=kinds, query=query)
    return rules, main_pattern


def _hosts(survey: Survey, articles: Sequence[tuple[Page, Reading]], patterns: Sequence[str]) -> list[str]:
    """Return the hosts, the front page's first: its twin with or without www, those on which it announces, those pages name."""
    first = (urlsplit(survey.home).hostname or "").lower()
    bare = first.removeprefix("www.")
    seen = Counter(
        (urlsplit(entry.url).hostname or "").lower()
        for entry in survey.announcements
        if re.search("|".join(patterns), path_of(entry.url))
    )
    others = [host for host, count in (seen + Counter(survey.twins)).most_common() if count > 1]
    most = Counter((urlsplit(page.url).hostname or "").lower() for page, _ in articles).most_common(1)[0][0]
    return list(dict.fromkeys([most, first, *((f"www.{bare}", bare) if bare.count(".") < 3 else ()), *others]))  # noqa: PLR2004  labels


# --- Sources -----------------------------------------------------------------------------------------------------------


def _sources(out: _Writer, survey: Survey, addresses: AddressRules) -> None:
    out.say("    sources = (")
    for url, found in survey.sitemaps.items():
        count = sum(addresses.classify(entry.url) is not None for entry in found)
        stated = "robots.txt names it" if url in survey.stated else "it answers where most have one"
        out.say(
            f"        Sitemap({_site(url, survey)}),",
            *_claim(url in survey.stated and bool(count), f"{stated}; {count} articles"),
        )
    if survey.feeds:
        linked = all(url in survey.stated for url in survey.feeds)
        inner = ", ".join(_site(url, survey) for url in survey.feeds)
        out.say(
            f"        Feed(({inner},)),",
            *_claim(linked, "pages link it" if linked else "it answers where some have one"),
        )
    for api, entries in survey.listings:
        count = sum(addresses.classify(entry.url) is not None for entry in entries)
        out.say(f"        {_listing(api, survey)},", *_claim(bool(count), f"it answers, {count} articles"))
    pagers = Counter(section.next for section in survey.sections if section.next).most_common(2)
    listing = [
        section for section in survey.sections if any(addresses.classify(entry.url) for entry in section.announced)
    ]
    out.say("        SectionPages(")
    front = f'f"{{SITE}}{urlsplit(survey.home).path}"'
    rest = ' *(f"{SITE}{path}" for path in SECTIONS)' if _section_lines(survey) else ""
    out.say(f"            ({front},{rest}),", *_claim(len(listing) > 1, f"{len(listing)} pages list articles"))
    if pagers:
        of = sum(count for _, count in pagers)
        out.say(f"            next={_tuple([selector for selector, _ in pagers])},", *_of(of, of, "pages lead on"))
    out.say("        ),")
    out.say("    )")


def _listing(listing: JsonListing, survey: Survey) -> str:
    """Return a listing API as the file declares it."""
    said = [f"({_site(listing.urls[0], survey)},)", f"items={dumped(listing.items)}", f"link={dumped(listing.link)}"]
    said += [f"fields={dumped(dict(listing.fields))}"] if listing.fields else []
    said += [f"{name}={dumped(value)}" for name in ("page", "next") if (value := getattr(listing, name))]
    return f"JsonListing({', '.join(said)})"


def _section_lines(survey: Survey) -> list[str]:
    """Return the tuple of the sections' paths, as the file declares it."""
    home = urlsplit(survey.home).hostname
    urls = [section.url for section in survey.sections[1:] if urlsplit(section.url).hostname == home]
    paths = dict.fromkeys(unquote(urlsplit(url).path) + (f"?{q}" if (q := urlsplit(url).query) else "") for url in urls)
    inner = ", ".join(
        dumped(path)
        for path in list(paths)[:_MOST_SECTIONS]
        if path not in {"", "/", unquote(urlsplit(survey.home).path)}
    )
    if not inner:
        return []
    wrapped = textwrap.wrap(f"{inner},", _WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return ["SECTIONS = (", *(f"    {line}" for line in wrapped), ")"]


def _site(url: str, survey: Survey) -> str:
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}"
    if parts.hostname == urlsplit(survey.home).hostname:
        return f'f"{{SITE}}{url.removeprefix(root)}"' if "{" not in url else dumped(url)
    return dumped(url)


# --- Reading -----------------------------------------------------------------------------------------------------------


def _names(survey: Survey, articles: Sequence[tuple[Page, Reading]]) -> list[str]:
    """Return what the site calls itself, an Arabic name first."""
    found: Counter[str] = Counter()
    for _, reading in articles:
        context = reading.context
        found.update(
            {
                line
                for source in ("meta:og:site_name", "ld:publisher.name", "meta:application-name")
                for line in context.ask(source)
            }
        )
        for title in context.document.texts("title"):
            parts = [part.strip() for part in re.split(r"\s[|–—-]\s|:\s", title)]
            found.update(
                part
                for part in (parts[-1], parts[0])
                if len(parts) > 1 and fold_label(part) not in fold_label(reading.headline)
            )
    found.update({tidy(title): 1 for title in survey.titles})
    common = [
        name
        for name, count in found.most_common()
        if name and len(name) < _LONGEST_NAME and (count > 1 or name in survey.titles)
    ]
    label = (urlsplit(survey.home).hostname or "").removeprefix("www.").partition(".")[0]
    names = list(dict.fromkeys([*common[:5], label]))
    return sorted(names, key=lambda name: not re.search("[ء-ي]", name))


def _zone(survey: Survey, readings: Sequence[Reading]) -> tuple[str, str, str]:
    """Return the zone, how sure it is, and why."""
    host = (urlsplit(survey.home).hostname or "").rpartition(".")[2]
    regions = [language.rpartition("-")[2].lower() for language in survey.languages if "-" in language]
    places = [_ZONES[place] for place in (*regions, host) if place in _ZONES]
    shown = offsets(readings)
    stated = Counter(
        moment
        for reading in readings
        for source in ("ld:datePublished", "meta:article:published_time", "feed:published")
        for raw in reading.context.ask(source)[:1]
        if (moment := _offset_in(raw))
    )
    for found, certain, why in ((shown, True, "clocks that pages show"), (stated, False, "offsets for machines")):
        if found:
            offset, count = found.most_common(1)[0]
            zone = _zone_of(offset, places, readings)
            if zone:
                return (
                    zone,
                    "sure" if certain and count >= LEAST else "likely",
                    f"{count} of {sum(found.values())} {why}",
                )
    return (places or ["UTC"])[0], "guess", "after its address" if places else "nothing says it"


def _zone_of(offset: timedelta, places: Sequence[str], readings: Sequence[Reading]) -> str | None:
    """Return a zone with this offset when the pages were published: one of the places, else the best known."""
    moment = next((moment for reading in readings if (moment := exact_time(reading))), datetime.now(UTC))
    for zone in (*places, _OF_OFFSET.get(int(offset.total_seconds() // 60), ""), *_OF_OFFSET.values()):
        if zone and moment.astimezone(ZoneInfo(zone)).utcoffset() == offset:
            return zone
    return None


def _offset_in(raw: str) -> timedelta | None:
    match = re.search(r"([+-])(\d\d):?(\d\d)\s*$", raw)
    if match is None or match[2] + match[3] == "0000":
        return None
    return (1 if match[1] == "+" else -1) * timedelta(hours=int(match[2]), minutes=int(match[3]))


def _reading(
    out: _Writer, survey: Survey, articles: Sequence[tuple[Page, Reading]], addresses: AddressRules, names: list[str]
) -> None:
    """Write the reading: the zone, the names, and the hints that agree with another witness."""
    zone, certainty, why = _zone(survey, [reading for _, reading in articles])
    rules = replace(reading_of_any(addresses.outlet, zone), names=tuple(names))
    embedded = embedded_in([reading for _, reading in articles])
    if embedded:
        rules = replace(rules, embedded=embedded.hint)
    readings = list(readings_of([page for page, _ in articles], rules, addresses))
    hints = _hints(readings, rules, [page for page, _ in articles], addresses)
    out.say("    reading = ExtractionRules(")
    out.say("        number=1,")
    out.say(f"        zone={dumped(zone)},", certainty, why)
    out.say(f"        names={_tuple(names)},", *_claim(len(names) > 1, "titles, og:site_name, publisher"))
    if embedded:
        out.hints("embedded", [])
        out.say(
            f"        embedded={dumped(embedded.hint)},", embedded.certainty, f"{embedded.pages} of {embedded.of} pages"
        )
    if hints.lead:
        out.say("        lead=True,", "likely", "the summary is the text's first paragraph")
    for name, findings in hints.fields.items():
        out.hints(name, findings)
    if "body" not in hints.fields:
        out.say("        body=(),", "guess", "no place holds the text on most pages; it is looked for on each")
    if hints.leads:
        out.say("        section_leads_tags=True,", "likely", "the first keyword is the section")
    if hints.half_day:
        out.say(
            "        twelve_hour=True,",
            "likely",
            "clocks that pages show are twelve hours off, and name no half of the day",
        )
    if hints.clocks:
        clocks = ", ".join(f'"{source}": "UTC"' for source in hints.clocks)
        out.say(f"        source_timezones={{{clocks}}},", "sure", "their digits are those of times with an offset")
    out.say("    )")


@dataclass(slots=True)
class _Hints:
    """What was found for the reading: hints by field, and four facts."""

    fields: dict[str, list[Finding]] = field(default_factory=dict)
    clocks: list[str] = field(default_factory=list)
    lead: bool = False
    leads: bool = False
    half_day: bool = False


def _hints(readings: list[Reading], rules: ExtractionRules, pages: Sequence[Page], addresses: AddressRules) -> _Hints:
    hints = _Hints()
    found = hints.fields
    found["body"] = _bodies(readings, hints)
    found["headline"] = agreeing(readings, lambda reading: reading.headline)
    found["standfirst"] = agreeing(readings, _summary) or leads(readings)
    found["section"] = [*metas_saying(readings, _section), *agreeing(readings, _section)]
    found["tags"] = _tags(readings, hints)
    found["byline"] = agreeing(readings, _author)
    found["credit"], found["author_line"] = credit_places(readings, rules.own)
    found["published"], hints.half_day = _published(readings)
    hints.clocks = list(false_clocks(readings, [*_told(readings), "feed:published"]))
    hints.fields = {name: findings for name, findings in found.items() if findings}
    _prove(hints, rules, pages, addresses)
    return hints


def _bodies(readings: Sequence[Reading], hints: _Hints) -> list[Finding]:
    of_json = [reading for reading in readings if reading.context.ask("json:body")]
    found = bodies(readings)
    if of_json:
        told = [(each.context, fold_label(said[0])) for each in of_json if (said := each.context.ask("json:summary"))]
        apart = [(page, said) for page, said in told if said not in fold_label(page.ask("json:body")[0])]
        hints.lead = 2 * sum(said in fold_label(text_of(page.document.root)) for page, said in apart) >= len(of_json)
        found.insert(0, Finding("json:body", len(of_json), len(readings)))
    return found


def _summary(reading: Reading) -> str | None:
    for source in ("json:summary", "ld:description", "meta:description", "meta:og:description", "feed:summary"):
        for line in reading.context.ask(source):
            if line.count(" ") >= 4 and fold_label(line) != fold_label(reading.headline):  # noqa: PLR2004  words of a summary
                return line
    return None


def _section(reading: Reading) -> str | None:
    return next(
        (line for source in ("feed:section", "ld:articleSection") for line in reading.context.ask(source)), None
    )


def _author(reading: Reading) -> str | None:
    for source in ("ld:author", "meta:author", "feed:author"):
        for line in reading.context.ask(source):
            if 1 <= line.count(" ") <= 3 and not re.search(r"[|@/]", line):  # noqa: PLR2004  a name has two words to four
                return line
    return None


def _told(readings: Sequence[Reading]) -> list[str]:
    """Return the metas that tell a time."""
    metas = {name for reading in readings for name in reading.context.document.metas}
    common = [source for source in (*PUBLISHED, *MODIFIED) if source.startswith("meta:")]
    return [source for source in common if source.removeprefix("meta:").lower() in metas]


def _tags(readings: Sequence[Reading], hints: _Hints) -> list[Finding]:
    """Return metas of keywords that differ from page to page, and note whether the section leads them."""
    said = [re.split("[,،]", line) for reading in readings for line in reading.context.ask("meta:keywords")]
    lists = [[tidy(part) for part in parts if tidy(part)] for parts in said]
    if len(lists) < LEAST or len({tuple(parts) for parts in lists}) < len(lists) / 2:
        return []
    sections = {fold_label(section) for reading in readings for section in _sections_of(reading)}
    hints.leads = sum(fold_label(parts[0]) in sections for parts in lists if parts) >= len(lists) / 2
    return [Finding("meta:keywords", len(lists), len(readings))]


def _sections_of(reading: Reading) -> list[str]:
    sources = ("feed:section", "ld:articleSection", "meta:article:section", "meta:primaryTopic", "meta:topics")
    return [line for source in sources for line in reading.context.ask(source)]


def _published(readings: Sequence[Reading]) -> tuple[list[Finding], bool]:
    """Return the places about the headline that show the time that machines are told, and whether clocks there lack a half of the day."""
    halves = 0

    def shown(reading: Reading) -> str | None:
        nonlocal halves
        exact = exact_time(reading)
        body = reading.body.elements[0] if reading.body.elements else None
        for label in reading.context.layout.labels(body) if exact else ():
            moment = read_time(label, zone=reading.context.reading.zone, captured=reading.context.page.captured)
            if moment and exact and moment.precision in {"second", "minute"}:
                off = abs(moment.value - exact)
                halves += abs(off - timedelta(hours=12)) < timedelta(minutes=1)
                if off < timedelta(minutes=1):
                    return label
        return None

    found = agreeing(readings, shown, most=2)
    return ([], True) if halves > 1 else (found, False)


def _prove(hints: _Hints, rules: ExtractionRules, pages: Sequence[Page], addresses: AddressRules) -> None:
    """Drop the hints under which pages of the sample lose their author, their time or a line of their text."""
    plain = [_line(page, rules, addresses) for page in pages]
    if (
        hints.fields.get("body", [Finding("", 0, 0)])[0].hint == "json:body"
    ):  # the article itself, not what stands around it
        rules = replace(rules, body=("json:body",), lead=hints.lead)
        plain = [_line(page, rules, addresses) for page in pages]
    for name in dict.fromkeys(name for name in ("body", *hints.fields) if name in hints.fields):
        said: dict[str, Any] = {name: tuple(finding.hint for finding in hints.fields[name])}
        tried = replace(rules, **said)
        lost = sum(_loses(before, _line(page, tried, addresses)) for page, before in zip(pages, plain, strict=True))
        if lost > len(pages) // 10:
            del hints.fields[name]
        else:
            rules = tried


class _Line(NamedTuple):
    """What must not be lost of an article."""

    headline: str
    byline: list[str]
    published: datetime | None
    lines: list[str]
    standfirst: str


def _line(page: Page, rules: ExtractionRules, addresses: AddressRules) -> _Line | None:
    try:
        article = read_and_judge(page, reading=rules, addresses=addresses)
    except (ExtractionError, Invalid):
        return None
    return _Line(
        article.headline, article.byline, article.published, article.text.split("\n"), article.standfirst or ""
    )


def _loses(before: _Line | None, after: _Line | None) -> bool:
    """Say whether a headline, an author, a time or much of a text went, but for a summary that stands in its own field now."""
    if before is None or after is None:
        return before is not None
    summary = {fold_label(after.standfirst)}
    was = sum(map(len, before.lines))
    lost = sum(len(line) for line in before.lines if line not in after.lines and fold_label(line) not in summary)
    more = sum(len(line) for line in after.lines if line not in before.lines)
    return (
        before.headline != after.headline
        or (bool(before.byline) and before.byline != after.byline)
        or (before.published is not None and before.published != after.published)
        or max(lost, more) > _MUCH * was
    )


# --- Words of the file -------------------------------------------------------------------------------------------------


def _tuple(values: Sequence[str]) -> str:
    inner = ", ".join(dumped(value) for value in values)
    return f"({inner},)" if len(values) == 1 else f"({inner})"


def _raw(pattern: str) -> str:
    """Return a regular expression as the file writes it, with what all outlets share by its name."""
    return f'rf"{_doubled(pattern)}"' if ASIDE in pattern else f'r"{pattern}"'


def _doubled(pattern: str) -> str:
    return pattern.replace(ASIDE, "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{ASIDE}")


def _claim(is_sure: bool, reason: str) -> tuple[str, str]:  # noqa: FBT001  the two words for it
    return ("sure" if is_sure else "likely", reason)


def _of(count: int, of: int, what: str) -> tuple[str, str]:
    return Finding("", count, of).certainty, f"{count} of {of} {what}"
