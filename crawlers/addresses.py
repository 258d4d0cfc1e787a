"""What a URL of an outlet is: an article, a live blog, a video, a section page, or nothing of ours.

    URL ──AddressRules.classify()──▶ Address(kind, id, canonical_url, …)  or None

One article has many addresses: AMP pages, host twins, feed links with a tracking query, percent-encoding in either case,
decomposed letters. All of them have one ``Address`` and so one id.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from tldextract import TLDExtract


INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
"""Marks of direction, joining and hyphenation that nobody sees in an address; the tatweel is seen, and is a letter."""

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_TRACKING = re.compile(r"utm_\w+|[a-z]{1,4}clid|traffic_source|igshid|mc_[ce]id|_ga", re.IGNORECASE)
_ENCODED = re.compile(r"%(?:[0-9A-Fa-f][a-f]|[a-f][0-9A-F])")  # in lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An article's address: its kind, its lasting id (``outlet:native``), its canonical URL, the date in it, its section slug.

    ``is_numbered``: the outlet's own number stands in it; else the id is a hash of its path.
    """

    id: str
    kind: str
    canonical_url: str
    day: date | None = None
    section: str | None = None
    is_numbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """How an outlet's URLs are read.

    Args:
        outlet: the outlet's name, the first half of every id.
        hosts: the hosts that serve this outlet; the first is canonical.
        short: hosts of short links, each of which redirects to one of its pages.
        kinds: kind → regular expression over the decoded path; the first that matches wins, so the special kinds stand
            before ``article``. Named groups: ``id`` (the outlet's own article id), ``section``, ``year``, ``month``, ``day``.
        amp: a path prefix that marks an AMP page, removed before matching.
        query: names of the parameters that tell articles apart where the path does not (``/?p=12``, ``/news.aspx?id=12``); the first
            that an address has stands behind its path, as ``?name=value``, before the expressions are matched.
    """

    outlet: str
    hosts: tuple[str, ...]
    kinds: Mapping[str, str]
    short: tuple[str, ...] = ()
    amp: str = "/amp"
    query: tuple[str, ...] = ()

    def classify(self, url: str) -> Address | None:
        """Return the address that ``url`` is, or None where it is no article of this outlet (or no URL at all)."""
        try:
            parts = urlsplit(url.strip(f"{INVISIBLE} \t\n\r\u00a0"))
            host = (parts.hostname or "").lower()
        except ValueError:
            return None
        if parts.scheme not in {"http", "https"} or host not in self.hosts:
            return None
        path = canonical_path(parts.path)
        if self._amp(path):
            path = path[len(self.amp) :]
        named = self._named(parts.query)
        for kind, pattern in self.kinds.items():
            if match := _compiled(pattern).search(f"{path}{named}"):
                return self._address(kind, match, path, named)
        return None

    def _named(self, query: str) -> str:
        """Return ``?name=value`` of the parameter that tells articles apart, "" without one."""
        if not (self.query and query):
            return ""
        values = dict(reversed(parse_qsl(query)))
        return next((f"?{name}={values[name]}" for name in self.query if name in values), "")

    def best_url(self, url: str, address: Address) -> str:
        """Return the URL to fetch: on the outlet's own host, without AMP, tracking query and fragment, by the scheme it was announced with.

        Percent-encoding is in upper case (RFC 3986, 6.2.2.1), whichever channel announced the page.
        """
        parts = urlsplit(url)
        if parts.hostname != self.hosts[0] or self._amp(canonical_path(parts.path)):
            return urlunsplit(urlsplit(address.canonical_url)._replace(scheme=parts.scheme))
        return urlunsplit(
            (
                parts.scheme,
                parts.netloc,
                _ENCODED.sub(lambda octet: octet[0].upper(), parts.path),
                quote(self._named(parts.query).removeprefix("?"), safe="=:"),
                "",
            )
        )

    def _amp(self, path: str) -> bool:
        return path.startswith(f"{self.amp}/")

    def owns(self, url: str) -> bool:
        """Say whether ``url`` stands on one of the outlet's hosts."""
        host = _host(url)
        return host in self.hosts or host in self.short

    def shortens(self, url: str) -> bool:
        """Say whether ``url`` is a short link of the outlet, which may lead to an article."""
        return _host(url) in self.short and urlsplit(url).path.strip("/") != ""

    def _address(self, kind: str, match: re.Match[str], path: str, named: str) -> Address:
        groups = match.groupdict()
        native = (groups.get("id") or "").lower() or hashlib.sha256(f"{path}{named}".encode()).hexdigest()[:16]
        return Address(
            id=f"{self.outlet}:{native}",
            kind=kind,
            canonical_url=f"https://{self.hosts[0]}{quote(path)}{quote(named, safe='?=:')}",
            day=_day(groups),
            section=groups.get("section"),
            is_numbered=bool(groups.get("id")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainAddresses(AddressRules):
    """The addresses of an outlet that nobody declared: every page below its registered domain, but the home pages.

    The id is a hash of the canonical address, its query without what only tracks; ``/?p=12`` and ``/?p=13`` are two articles.
    """

    @classmethod
    def of(cls, url: str) -> Self:
        """Return the rules of the outlet that a URL is of, named by its registered domain. Raises ``ValueError`` where it is no web address."""
        from archive.manifests.manifest import is_outlet  # noqa: PLC0415  what declared outlets need not load

        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in {"http", "https"} or not host:
            raise ValueError(f"{url} is not a web address; it begins with https://")
        outlet = registered_domain(host)
        if not is_outlet(outlet):
            raise ValueError(f"{url} stands on a host after which no outlet can be named")
        return cls(outlet=outlet, hosts=(host,), kinds={})

    def classify(self, url: str) -> Address | None:
        """Return the address that ``url`` is, or None where it is a home page or of another outlet (or no URL at all)."""
        if not self.owns(url):
            return None
        parts = urlsplit(url.strip(f"{INVISIBLE} \t\n\r\u00a0"))
        parameters = [(name, value) for name, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(name)]
        path = canonical_path(parts.path)
        if parts.scheme not in {"http", "https"} or (path == "/" and not parameters):
            return None
        query = urlencode(sorted(parameters))
        canonical = urlunsplit(("https", ascii_host((parts.hostname or "").lower()), quote(path), query, ""))
        native = hashlib.sha256(canonical.encode()).hexdigest()[:16]
        return Address(id=f"{self.outlet}:{native}", kind="article", canonical_url=canonical)

    def owns(self, url: str) -> bool:
        """Say whether ``url`` stands below the outlet's domain."""
        try:
            return registered_domain(_host(url)) == self.outlet
        except ValueError:
            return False


@lru_cache(maxsize=256)  # each outlet is asked in turn whether a page is its own
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def registered_domain(host: str) -> str:
    """Return the domain that somebody registered: ``www.bbc.co.uk`` is of ``bbc.co.uk``; a host that has none, an IP address, itself.

    By the Public Suffix List that tldextract brings along; nothing is downloaded. A suffix that it lacks is the last part, as the list says.
    """
    split = _suffixes()(host)
    is_number = bool(split.ipv4 or split.ipv6)
    domain = split.top_domain_under_public_suffix or (host if is_number else ".".join(host.split(".")[-2:]))
    return ascii_host(domain)


def ascii_host(host: str) -> str:
    """Return a host, with its port where it has one, as it is asked for: in ASCII (IDNA). Raises ``ValueError`` where it can be none."""
    return host if host.isascii() else host.encode("idna").decode()


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract  # noqa: PLC0415  its list is read only where an outlet is not declared

    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


_WHOLE = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[^\s;?#]*)?(?:\?[^\s#]+)?(?:#\S+)?")


def absolute_url(base: str, href: str) -> str:
    """Return ``href`` made absolute, as `urllib.parse.urljoin` does; most are it, and are not taken apart. Raises `ValueError` where it is no URL."""
    return href if _WHOLE.fullmatch(href) else urljoin(base, href)


_PRINTABLE = "!#$%&'()*+,/:;=?@[]~"
_ASCII_URL = re.compile(
    r"https?://[A-Za-z0-9.:-]+(?:/[\w.!$%&'()*+,/:;=@\[\]~-]*)?(?:\?[\w.!$%&'()*+,/:;=?@\[\]~-]+)?", re.ASCII
)


def ascii_url(url: str) -> str:
    """Return ``url`` percent-encoded, what is encoded already left as it is. Raises `ValueError` where it is no URL."""
    if _ASCII_URL.fullmatch(url):
        return url
    parts = urlsplit(url.strip())
    path, query = (quote(part, safe=_PRINTABLE) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, ascii_host(parts.netloc), path, query, ""))


@lru_cache(
    maxsize=4096
)  # an address is classified where it is announced, and again, some thousand pages later, where it is read
def canonical_path(path: str) -> str:
    """Decode a path, compose its letters (NFC), drop invisible marks, doubled and trailing slashes: the key of one page."""
    decoded = unicodedata.normalize("NFC", _INVISIBLE.sub("", unquote(path)))
    decoded = re.sub(r"/{2,}", "/", decoded)
    return decoded.rstrip("/") or "/"


@lru_cache(maxsize=64)  # outlets' kinds; re's own cache takes five times as long to answer
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _day(groups: Mapping[str, str | None]) -> date | None:
    year, month, day = (groups.get(name) for name in ("year", "month", "day"))
    if not (year and month and day):
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


# --- What a source said of one article: a link and, with luck, a title, a time, a section, the whole text ---------------
#     sitemap · news-sitemap · feed · section · api · argument  ──▶  Announcement  ──▶  crawlers.extraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One entry of a source, its strings verbatim: entities resolved once by the XML or JSON parser, nothing more.

    Args:
        kind: ``sitemap``, ``news-sitemap``, ``feed``, ``section``, ``api`` or ``argument``.
        source: the URL of the source that said it.
        url: the article's URL as the source wrote it, made absolute.
        guid: the entry's own identifier in the source.
        title, summary, text: headline, standfirst and full text (HTML or plain) where the source carries them.
        published, modified: the source's own strings; a sitemap's ``lastmod`` is ``modified``.
        section, tags, author: as the source names them.
        image, caption: the entry's picture and the words under it.
        language: as the source names it.
        zone: IANA zone of the page's times that name none, where the operator said it: of an outlet that nobody declared.
    """

    kind: str
    source: str
    url: str
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    author: str | None = None
    image: str | None = None
    caption: str | None = None
    language: str | None = None
    zone: str | None = None


_WRITTEN = [each.name for each in fields(Announcement) if each.name != "text"]


def write_announcement(announcement: Announcement) -> str:
    """Return an announcement as one line of JSON, without the whole text, which only the feed's own record keeps."""
    record = {name: value for name in _WRITTEN if (value := getattr(announcement, name))}
    return json.dumps(record, ensure_ascii=False)


@lru_cache(maxsize=8)  # who reads a capture again asks whose it is, then what was said
def read_announcement(line: str) -> Announcement:
    """Read what `write_announcement` wrote."""
    data = json.loads(line)
    return Announcement(**{**data, "tags": tuple(data.get("tags", ()))})


def day_of(text: str | None) -> date | None:
    """Return the day that an announcement's own words for its time name, None where they are no ISO 8601 or RFC 5322."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read((text or "").strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return None


# --- What an outlet's article addresses look like, learned from addresses that it announces ---------------------------
# /news/2026/5/20/المستشفى-يفتح     ──shape_of──▶ word / year / month / day / slug
# /ar/أخبار/نداء-عاجل-1500003       ──shape_of──▶ word / slug / slug-id
# shapes, each with its addresses   ──pattern_of──▶ the regular expression of `crawlers.addresses.AddressRules`

_WORDS_ASIDE = (
    "tags?|topics?|terms?|keywords?|search|authors?|writers?|users?|profiles?|categor(?:y|ies)|sections?|pages?|programs?|podcasts?|episodes?|"
    "archives?|rss|feeds?|api|amp|print|pdf|comments?|login|register|about(?:-?us)?|contact(?:-?us)?|privacy|terms-of-use|polic(?:y|ies)|"
    "advertise|newsletters?|subscribe|sitemap|wp-[a-z-]+|node|cdn-cgi|static[a-z]*|keyword-search|schedule|live-?stream"
)
ASIDE = f"(?!(?:[a-z]{{2}}/)?(?:{_WORDS_ASIDE})(?:[/.]|$))"
"""What stands at the head of a pattern of addresses: the first words of paths that are no article's, at whatever outlet."""

_ASIDE = re.compile(rf"^/(?:[a-z]{{2}}/)?(?:{_WORDS_ASIDE})(?:[/.]|$)", re.IGNORECASE)
_NUMBERED = re.compile(r"^/(?:[a-z]{2}/)?(?:archives?|node|pages?)/(?:[^/]+-)?\d{4,}", re.IGNORECASE)
_YEAR, _MONTH = re.compile(r"(?:19|20)\d\d"), re.compile(r"\d{1,2}")
_NUMBER, _HEAD, _TAIL = re.compile(r"\d{4,}"), re.compile(r"\d{5,}[-_].+"), re.compile(r".*[-_]\d{5,}")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,23}")
_ARABIC = re.compile("[ء-ي]")
_QUERY_NUMBER = re.compile(r"\d{1,15}(?::.*)?")  # Joomla writes the title behind it
_OF_LISTS = re.compile(
    r"page|paged|pg|pageno|pagenum|start|offset|limit|cat|category|catid|cid|section|sec|secid|tag|lang|year|month|day|yyyy|mm|dd|y|m|d|w|h|v|ver|itemid|print",
    re.IGNORECASE,
)
_HYPHENS = 3  # in a slug of Latin letters; fewer are a section's name
KINDS = {
    "live": ("live", "liveblog", "live-blog", "live-story"),
    "video": ("video", "videos", "فيديو"),
    "gallery": ("gallery", "galleries", "photos", "image_gallery", "infographic", "أحداث-في-صور", "صور"),
    "opinion": ("opinion", "opinions", "blogs", "مقالات", "رأي"),
    "explainer": ("encyclopedia", "موسوعة"),
}
"""Kind of article → the words in an address that say so."""


def is_aside(path: str) -> bool:
    """Say whether a decoded path begins as no article's does; ``/node/15432`` may be one."""
    return _ASIDE.match(path) is not None and _NUMBERED.match(path) is None


def path_of(url: str) -> str:
    """Return the decoded path of an address, behind it ``?name=value`` where a parameter has the number that its path lacks."""
    parts = urlsplit(url)
    path = canonical_path(parts.path)
    if _tells_apart(path):
        return path
    numbered = (f"?{name}={value}" for name, value in parse_qsl(parts.query) if _names_article(name, value))
    return path + next(numbered, "")


def _tells_apart(path: str) -> bool:
    """Say whether a path alone is one article's: it has a number, a year or a title."""
    shape = shape_of(path)
    return any("id" in part.split("-") or part == "year" for part in shape) or any(
        part.count("-") >= _HYPHENS - 1 or _ARABIC.search(part) for part in path.split("/")
    )


def _names_article(name: str, value: str) -> bool:
    return bool(_QUERY_NUMBER.fullmatch(value)) and not (_TRACKING.fullmatch(name) or _OF_LISTS.fullmatch(name))


def shape_of(path: str) -> tuple[str, ...]:
    """Return what the parts of a decoded path are: ``year``, ``month``, ``day``, ``id``, ``id-slug``, ``slug-id``, ``slug``, ``word``.

    Of one with a parameter behind it (`path_of`) the last is ``?`` and that one's name.
    """
    path, _, query = path.partition("?")
    if query:
        return (*shape_of(path), f"?{query.partition('=')[0]}")
    parts = [part for part in path.split("/") if part]
    shape: list[str] = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        before = shape[-1] if shape else ""
        if _YEAR.fullmatch(part) and not last:
            shape.append("year")
        elif before in {"year", "month"} and _MONTH.fullmatch(part):
            shape.append("month" if before == "year" else "day")
        else:
            shape.append(_part(part, last=last))
    if shape[-1:] == ["word"] and "year" in shape:
        shape[-1] = "slug"
    return tuple(shape)


def _part(part: str, *, last: bool) -> str:
    if _NUMBER.fullmatch(part):
        return "id"
    if _HEAD.fullmatch(part):
        return "id-slug"
    if _TAIL.fullmatch(part):
        return "slug-id"
    is_word = _WORD.fullmatch(part) and part.count("-") < _HYPHENS
    return "word" if is_word and not (last and "-" in part) else "slug"


def pattern_of(shape: Sequence[str], paths: Sequence[str], *, named: bool = True) -> str:
    """Return the regular expression of a shape.

    Args:
        shape: of all the paths.
        paths: decoded.
        named: with the groups that `AddressRules` reads; without them as an alternative beside another pattern.
    """
    if shape[-1:] and shape[-1].startswith("?"):
        pages = [path.partition("?")[0] for path in paths]
        inner = f"^{re.escape(pages[0])}$" if len(set(pages)) == 1 else pattern_of(shape[:-1], pages, named=named)
        number = r"(?P<id>\d{1,15})" if named else r"\d{1,15}"
        return rf"{inner[:-1]}\?{re.escape(shape[-1][1:])}={number}(?::.*)?$"
    rows = [[part for part in path.split("/") if part] for path in paths]
    prefix = "" if any(map(_ASIDE.match, paths)) else ASIDE
    if "year" in shape:
        at = shape.index("year")
        head = "(?:(?P<section>[^/]+)/)?(?:[^/]+/)*?" if at else ""
        date = "".join(
            {"year": r"(?P<year>\d{4})/", "month": r"(?P<month>\d{1,2})/", "day": r"(?P<day>\d{1,2})/"}.get(part, "")
            for part in shape
        )
        body = (
            head
            + date
            + "/".join(_piece(part, column, None) for part, column in _columns(shape, rows)[at + date.count("(?P<") :])
        )
    else:
        columns = _columns(shape, rows)
        section = next((n for n, (_, column) in enumerate(columns[:-1]) if len(set(column)) > 1), None)
        body = "/".join(_piece(part, column, n if n == section else None) for n, (part, column) in enumerate(columns))
    pattern = f"^/{prefix}{body}$"
    return pattern if named else re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _columns(shape: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, list[str]]]:
    return [(part, [row[number] for row in rows]) for number, part in enumerate(shape)]


def _piece(part: str, column: Sequence[str], section: int | None) -> str:  # noqa: PLR0911  one return for each kind of part
    """Return the expression of one part of the path; a word that all have stands as it is."""
    digits = [len(match[0]) for value in column for match in re.finditer(r"\d{4,}", value)]
    number = rf"(?P<id>\d{{{max(4, min(digits, default=5) - 1)},}})"
    if part == "id":
        return rf"{number}"
    if part == "id-slug":
        return rf"{number}(?:[-_][^/]*)?"
    if part == "slug-id":
        return rf"[^/]*?[-_]?{number}"
    if section is not None:
        return "(?P<section>[^/]+)"
    if part == "word" and len(set(column)) == 1 and len(column) > 1:
        return re.escape(column[0]).replace(r"\-", "-")
    if part == "slug" and min(value.count("-") for value in column) >= _HYPHENS - 1:
        return "[^/]+-[^/]+-[^/]+"
    arabic = sum(bool(re.search("[ء-ي]", value)) for value in column)
    if part == "slug" and arabic == len(column):
        return "[^/]*[ء-ي][^/]*"
    return "[^/]+"


def kinds_of(paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the kinds of article that some addresses name, each with the words by which they do."""
    words = Counter(part for path in paths for part in path.split("/")[1:4])
    found = {kind: tuple(word for word in names if words[word]) for kind, names in KINDS.items()}
    return {kind: names for kind, names in found.items() if names}
