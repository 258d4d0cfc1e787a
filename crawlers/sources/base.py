"""What every source is: URLs to start from, and a way to read what comes back; and feeds."""

from __future__ import annotations

import html
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.warc.payload import CutOff, Undecodable, decode
from crawlers.addresses import INVISIBLE, Announcement
from crawlers.extraction.html import to_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HOST = re.compile(r"[^\s<>\"]+")
_PLAIN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/(?:[\w%~!@$&'()*+,=:-]+/?)*+"
)  # most are so, and half a million may come
_LINE_ENDS = re.compile("[\t\n\r]")  # browsers take them out of an address, wherever they stand
_AROUND = "".join(map(chr, range(0x21))) + "\u00a0" + INVISIBLE


class SourceError(ValueError):
    """A source answered with something that is not what it should be; the message says what."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked for, first and last included. Outlets' days and UTC's differ, so one day is added on either side."""

    since: date
    until: date

    def covers(self, day: date | None) -> bool:
        """Say whether ``day`` may hold an article of the window; an unknown day may."""
        slack = timedelta(days=1)
        return day is None or self.since - slack <= day <= self.until + slack

    def days(self) -> list[date]:
        """List the days, newest first."""
        return [self.until - timedelta(days=n) for n in range((self.until - self.since).days + 1)]


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one answer of a source holds: announcements in its order, and URLs of the same source to ask next."""

    announcements: list[Announcement] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)
    """URL → when its answer changed last, for those of ``more`` of which the answer says it."""
    fault: str | None = None
    """Why the answer may have held more than was read, None where it was read to its end."""
    nowhere: int = 0
    """Entries whose address is none, and which were passed over."""


class Source(ABC):
    """A place where an outlet announces its articles. Subclasses are frozen dataclasses."""

    kind: ClassVar[str]
    pages: int = 1000
    """The most answers in a row, each leading to the next, that are read in a crawl."""
    full_text: bool = False
    """The source carries whole articles, so that their pages need not be fetched."""

    @abstractmethod
    def start(self, window: Window) -> list[str]:
        """List the URLs to ask first."""

    @abstractmethod
    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> SourceAnswer:
        """Read the decoded body of an answer, its charset as the header says. Raises `SourceError` where it is something else."""

    def by_day(self, window: Window) -> list[str]:  # noqa: ARG002  a source that is kept by day overrides this
        """List the URLs that announce these days and no others: for days long past, and where ``start`` led nowhere."""
        return []


def ways_in(sources: Sequence[Source], window: Window, *, by_day: bool) -> list[tuple[Source, str]]:
    """Return the URLs at which to begin asking about a window, in the sources' order, each with its source.

    A back-fill asks the sources that are kept by day (``by_day``), where an outlet has some: a feed and the first pages of a
    section say nothing of days long past, and a thousand days would ask them a thousand times.
    """
    dated = [(source, url) for source in sources for url in source.by_day(window)] if by_day else []
    return dated or [(source, url) for source in sources for url in source.start(window)]


def absolute(base: str, link: str) -> str | None:
    """Return the web address that a link means where it stands, as browsers read it; None where it means none.

    Args:
        base: the address that it is relative to.
        link: as the source wrote it, with the blanks, line ends and invisible marks around it.
    """
    if _PLAIN.fullmatch(link):
        return link
    try:
        url = urljoin(base, _LINE_ENDS.sub("", link.strip(_AROUND)))
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and _HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return url if is_address else None


# ---------------------------------------------------------------------------------------------------------------------
# XML from a stranger: unpacked, decoded, mended where nothing is lost by it, and said to be broken where something may
# be.
#     bytes ─▶ gzip of a file taken off ─▶ UTF-8 ─▶ well-formed? ─▶ Tree
#                                                     └─ no ─▶ mended letter by letter ─▶ well-formed? ─▶ Tree
#                                                                                           └─ no ─▶ libxml2's guess: Tree with a fault
#
# What is mended letter by letter loses nothing: a bare ``&`` or ``<``, an entity of HTML, a control character. What libxml2 has to
# guess, and what ends before its end, is read as far as it goes, and whoever reads it learns that there may have been more.

MAX_BYTES = 50 * 1024 * 1024
"""Bytes of a sitemap, unpacked: the protocol's own limit."""

_GZIP = b"\x1f\x8b"
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_ELEMENT = re.compile("<[A-Za-z]")
_ENTITY_NAMES = re.compile(r"<!ENTITY\s+(?:%\s+)?([\w.:-]+)")
_MENDABLE = re.compile(
    r"""(?P<kept><!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)
    |&\#(?P<decimal>\d{1,7});|&\#[xX](?P<hexadecimal>[0-9A-Fa-f]{1,6});|&(?P<name>[A-Za-z][\w.:-]*);
    |(?P<bare>&|<(?![A-Za-z_/!?]))""",
    re.DOTALL | re.VERBOSE,
)
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_BARE = {"&": "&amp;", "<": "&lt;"}
_HARMLESS = frozenset(("NAMESPACE",))  # a prefix that nobody declared: the element is read all the same


@dataclass(frozen=True, slots=True)
class Tree:
    """What was read: its root, and where not all of it need be there, why."""

    root: etree._Element
    fault: str | None = None

    def entries(self, *names: str) -> Iterator[etree._Element]:
        """Yield the elements of these local names, in their order."""
        return (element for element in self.root.iter(etree.Element) if local_name(element) in names)


def parse_xml(body: bytes, content_type: str | None = None) -> Tree:
    """Parse XML: no entities, no network, no DTD.

    Args:
        body: as it was sent, content codings undone; a gzipped file is unpacked.
        content_type: the header's value, whose charset is one witness among others.

    Raises:
        SourceError: there is no XML in it.
    """
    plain, fault = _unpacked(body)
    markup = to_utf8(plain, content_type, limit=MAX_BYTES).lstrip()
    try:
        return Tree(etree.fromstring(markup, _parser(recover=False)), fault)
    except (etree.XMLSyntaxError, ValueError):
        mended = _mended(markup.decode("utf-8", "replace"))
    parser = _parser(recover=True)
    try:
        root = etree.fromstring(mended.encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"no XML: {error}") from error
    if root is None:
        raise SourceError("no XML: the body is empty or garbage")
    faults = [entry.message for entry in parser.error_log if entry.domain_name not in _HARMLESS]
    if faults:
        _drop_cut_entry(root, mended)
    return Tree(root, fault or next(iter(faults), None))


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace or undeclared prefix, lower-cased; comments and instructions have none."""
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, *names: str) -> str | None:
    """Return the stripped text of the first child with one of these local names that has any."""
    for name in names:
        for child in element:
            if local_name(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=recover,
        strip_cdata=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _unpacked(body: bytes) -> tuple[bytes, str | None]:
    """Return a gzipped file's content, as far as it goes, and why it goes no further; another body as it is."""
    if not body.startswith(_GZIP):
        return body, None
    try:
        return decode("gzip", body, limit=MAX_BYTES), None
    except CutOff as error:
        return error.content, "the gzip file ends before its end"
    except Undecodable as error:
        raise SourceError(f"broken gzip: {error}") from error


def _mended(text: str) -> str:
    """Return the text without what XML forbids and with what it wants escaped, from its declaration or first ``<`` on."""
    declared_at = text.find("<?xml ")
    begin = declared_at if declared_at > 0 and not _ELEMENT.search(text, 0, declared_at) else text.find("<")
    text = _FORBIDDEN.sub("", text[max(begin, 0) :])
    declared = frozenset(_ENTITY_NAMES.findall(text)) | _PREDEFINED

    def mend(match: re.Match[str]) -> str:
        if match["kept"]:
            return match[0]
        if match["bare"]:
            return _BARE[match["bare"]]
        if match["name"]:
            return match[0] if match["name"] in declared else _spelt(match[0])
        code = int(match["decimal"]) if match["decimal"] else int(match["hexadecimal"], 16)
        is_letter = code <= 0x10FFFF and not _FORBIDDEN.match(chr(code))  # noqa: PLR2004  the last of Unicode
        return match[0] if is_letter else ""

    return _MENDABLE.sub(mend, text)


def _spelt(entity: str) -> str:
    """Return the letters of an entity of HTML; one that HTML does not know either is text."""
    letters = html.unescape(entity)
    return html.escape(entity, quote=False) if letters == entity else html.escape(letters, quote=False)


def _drop_cut_entry(root: etree._Element, text: str) -> None:
    """Take away the last entry where the text ends inside it: half an address is none."""
    for element in reversed([*root.iter(etree.Element)]):
        name = local_name(element)
        if name in {"url", "sitemap", "item", "entry"}:
            last = list(re.finditer(rf"<(/?)(?:[\w.-]+:)?{name}[\s>]", text, re.IGNORECASE))[-1:]
            parent = element.getparent()
            if last and not last[0][1] and parent is not None:
                parent.remove(element)
            return


# --- RSS 2.0 and Atom, read with the fields that carry whole articles (content:encoded, media:*, dc:*) --------------------

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_WEB = ("http://", "https://")


@dataclass(frozen=True)
class Feed(Source):
    """One or more feeds of an outlet.

    Args:
        urls: their addresses.
        full_text: the feed carries whole articles, so that a page of its own need not be fetched for them.
    """

    urls: tuple[str, ...]
    full_text: bool = False
    kind: ClassVar[str] = "feed"

    def start(self, window: Window) -> list[str]:  # noqa: ARG002  a feed shows what is newest, whatever is asked
        """Ask each feed."""
        return list(self.urls)

    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> SourceAnswer:  # noqa: ARG002
        """Read the items of a feed in their order."""
        return _read(body, url, content_type)


def read_feed(body: bytes, url: str, content_type: str | None = None) -> list[Announcement]:
    """Return the items of the feed at ``url``. Raises `SourceError` where the body is no feed."""
    return _read(body, url, content_type).announcements


def _read(body: bytes, url: str, content_type: str | None) -> SourceAnswer:
    tree = parse_xml(body, content_type)
    if local_name(tree.root) not in {"rss", "rdf", "feed"}:
        raise SourceError(f"not a feed: <{local_name(tree.root)}>")
    entries = [(item, _address(item, url)) for item in tree.entries("item", "entry")]
    return SourceAnswer(
        [_announcement(item, address, url) for item, address in entries if address],
        fault=tree.fault,
        nowhere=sum(address is None for _, address in entries),
    )


def _address(item: etree._Element, url: str) -> str | None:
    """Return the first of what an item says of its address that is one of the web; None without one."""
    base = absolute(url, item.base or "") or url
    links = (link for link in _links(item) if link and not link.startswith("#"))
    return next((address for link in links if (address := absolute(base, link))), None)


def _links(item: etree._Element) -> Iterator[str]:
    """Yield what may be the item's address, the best first: its links, a guid that is one, its name in RSS 1.0, FeedBurner's note, Atom's id."""
    alternates = [link for link in item if local_name(link) == "link" and link.get("rel", "alternate") == "alternate"]
    yield from ("".join(link.itertext()).strip() for link in alternates)
    yield from ((link.get("href") or "").strip() for link in alternates)
    if (guid := child_text(item, "guid") or "").lower().startswith(_WEB) and _is_permanent(item):
        yield guid
    yield item.get(f"{{{RDF}}}about") or ""
    yield child_text(item, "origlink") or ""
    if (name := child_text(item, "id") or "").lower().startswith(_WEB):
        yield name


def _is_permanent(item: etree._Element) -> bool:
    """Say whether the item's guid is an address, as it is unless it says otherwise."""
    guid = next(child for child in item if local_name(child) == "guid")
    said = next((value for name, value in guid.items() if name.lower() == "ispermalink"), "true")
    return said.strip().lower() not in {"false", "0", "no"}


def _announcement(item: etree._Element, address: str, url: str) -> Announcement:
    return Announcement(
        kind="feed",
        source=url,
        url=address,
        guid=child_text(item, "guid", "id"),
        title=child_text(item, "title"),
        summary=child_text(item, "description", "summary"),
        text=child_text(item, "encoded") or _atom_content(item),
        published=child_text(item, "pubdate", "published", "date"),
        modified=child_text(item, "updated", "modified"),
        section=child_text(item, "category"),
        tags=tuple(_texts(item, "category"))[1:],
        author=child_text(item, "creator", "author"),
        image=_image(item),
        caption=_deep(item, "content", "description") or _deep(item, "thumbnail", "description"),
    )


def _atom_content(item: etree._Element) -> str | None:
    """Return Atom's own content; media:content shares its local name but holds a picture's description."""
    return next(("".join(child.itertext()).strip() or None for child in item.iterchildren(f"{{{ATOM}}}content")), None)


def _texts(item: etree._Element, name: str) -> Iterator[str]:
    for child in item:
        if local_name(child) == name and (text := "".join(child.itertext()).strip()):
            yield text


def _image(item: etree._Element) -> str | None:
    for child in item:
        picture = local_name(child) in {"content", "thumbnail", "enclosure"} and child.get("url")
        if picture and child.get("type", "image/").startswith("image/"):
            return str(picture)
    return None


def _deep(item: etree._Element, parent: str, name: str) -> str | None:
    """Return the text of media:content/media:description and its like."""
    return next((text for child in item if local_name(child) == parent and (text := child_text(child, name))), None)
