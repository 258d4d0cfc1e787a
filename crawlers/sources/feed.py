"""RSS 2.0 and Atom, read with the fields that carry whole articles (content:encoded, media:*, dc:*)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin

from crawlers.announcement import Announcement
from crawlers.sources.base import Found, Source, SourceError, Window, child_text, local_name, parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree


ATOM = "http://www.w3.org/2005/Atom"


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

    def read(self, body: bytes, url: str, window: Window) -> Found:  # noqa: ARG002
        """Read the items of a feed in their order."""
        return Found(read_feed(body, url))


def read_feed(body: bytes, url: str) -> list[Announcement]:
    """Read the items of the feed at ``url``. Raises `SourceError` where the body is no feed."""
    root = parse_xml(body)
    if local_name(root) not in {"rss", "rdf", "feed"}:
        raise SourceError(f"not a feed: <{local_name(root)}>")
    items = (element for element in root.iter() if local_name(element) in {"item", "entry"})
    return [_announcement(item, link, url) for item in items if (link := _link(item))]


def _link(item: etree._Element) -> str | None:
    links = [child for child in item if local_name(child) == "link"]
    for link in links:
        if link.get("rel", "alternate") == "alternate" and (address := link.get("href") or (link.text or "").strip()):
            return address
    guid = next((child for child in item if local_name(child) == "guid"), None)
    permanent = guid is not None and guid.get("isPermaLink", "true") == "true" and (guid.text or "").startswith("http")
    return (guid.text or "").strip() if permanent and guid is not None else None


def _announcement(item: etree._Element, link: str, url: str) -> Announcement:
    return Announcement(
        kind="feed",
        source=url,
        url=urljoin(url, link),
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
