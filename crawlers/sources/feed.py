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
    linked = [(item, link) for item in tree.entries("item", "entry") if (link := _link(item))]
    entries = [(item, absolute(absolute(url, item.base or "") or url, link)) for item, link in linked]
    return SourceAnswer(
        [_announcement(item, address, url) for item, address in entries if address],
        fault=tree.fault,
        nowhere=sum(address is None for _, address in entries),
    )


def _link(item: etree._Element) -> str | None:
    """Return the item's link: its own, that of a guid which is one, or in RSS 1.0 the name that the item has."""
    for link in item:
        alternate = local_name(link) == "link" and link.get("rel", "alternate") == "alternate"
        if alternate and (address := (link.get("href") or "").strip() or "".join(link.itertext()).strip()):
            return address
    guid = child_text(item, "guid") or ""
    permanent = next((child.get("isPermaLink", "true") for child in item if local_name(child) == "guid"), "true")
    if permanent.strip().lower() == "true" and guid.startswith(("http://", "https://")):
        return guid
    return item.get(f"{{{RDF}}}about")


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
