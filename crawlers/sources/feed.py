"""RSS 2.0 and Atom, read with the fields that carry whole articles (content:encoded, media:*, dc:*)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from crawlers.addresses import Announcement
from crawlers.sources.base import Source, SourceAnswer, SourceError, Window, absolute, child_text, local_name, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree


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
