"""The article's pictures: the one on top, then those in the text, each with its caption and who took it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.article import Image
from crawlers.extraction.document import text_of
from crawlers.extraction.linked import look_up
from pipelines.cleaning import tidy
from pipelines.credit import split_caption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.evidence import Evidence

_CAPTION_CLASS = re.compile(r"caption|image-?(?:title|desc)|photo-?desc|image_heading", re.IGNORECASE)
_NO_PICTURE = re.compile(
    r"^data:|\.svg(?:$|\?)|default_img|placeholder|/(?:img|spacer|blank|pixel|loading|lazy)\.(?:gif|png|jpg)|/themes/|/logos?/|\blogo\b",
    re.IGNORECASE,
)
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", "data-srcset", "srcset")
_LEAD_HOLDERS = ("[itemprop=image]", "article figure", "main figure")
_HEIGHT = 4  # how far above a picture its caption may stand
_MOST = 40


def read_images(evidence: Evidence, body: _Element | None) -> list[Image]:
    """Return the pictures in page order, each once; the page's own share image where it shows none."""
    found: dict[str, Image] = {}
    lead = list(_lead(evidence))
    for element in [*lead, *(body.iter("img") if body is not None else ())]:
        image = _image(element, evidence.page.url)
        if image and (key := _key(image.url)) not in found and len(found) < _MOST:
            found[key] = image
    announced = _announced(evidence)
    if found:
        evidence.provenance["images"] = "selector"
        first = next(iter(found.values()))
        if announced and first.caption is None and _key(announced.url) == _key(first.url):
            first.caption, first.credit = announced.caption, announced.credit
    elif announced:
        found[announced.url] = announced
    images = list(found.values())
    if images:
        images[0].caption = images[0].caption or next(iter(_said(evidence, evidence.reading.caption)), None)
        images[0].credit = images[0].credit or next(iter(_said(evidence, evidence.reading.photographer)), None)
    return images


def _said(evidence: Evidence, hints: tuple[str, ...]) -> list[str]:
    return [line for testimony in evidence.testimonies(hints) for line in testimony.said]


def _lead(evidence: Evidence) -> Iterator[_Element]:
    for selector in (*evidence.reading.image, *_LEAD_HOLDERS):
        if selector.startswith(("json:", "meta:", "ld:", "feed:")):
            continue
        for element in evidence.document.all(selector):
            images = [element] if element.tag == "img" else list(element.iter("img"))
            if images:
                yield images[0]
                return


def _announced(evidence: Evidence) -> Image | None:
    """Return the picture that embedded JSON, the feed, JSON-LD or the share image names."""
    for witness in (*evidence.reading.image, "feed:image", "ld:image", "meta:og:image"):
        if not witness.startswith(("json:", "feed:", "ld:", "meta:")) or witness in evidence.reading.distrust:
            continue
        said = (
            look_up(evidence.linked, "image.url") or evidence.ask(witness)
            if witness == "ld:image"
            else evidence.ask(witness)
        )
        urls = [url for url in said if not _NO_PICTURE.search(url)]
        if urls:
            caption = evidence.ask("feed:caption") if witness.startswith("feed:") else []
            evidence.provenance["images"] = {"json": "embedded-json", "ld": "json-ld"}.get(
                *[witness.partition(":")[0]] * 2
            )
            text, credit = _split(caption[0]) if caption else (None, None)
            return Image(url=urljoin(evidence.page.url, urls[0]), caption=text, credit=credit)
    return None


def _image(element: _Element, base: str) -> Image | None:
    for name in _SOURCES:
        value = (element.get(name) or "").strip()
        source = value.split(",")[0].split()[0] if value and "srcset" in name else value
        if source and not _NO_PICTURE.search(source):
            caption, credit = _split(_caption(element))
            try:
                return Image(url=urljoin(base, source), caption=caption, credit=credit)
            except ValueError:
                return None
    return None


def _caption(image: _Element) -> str:
    """Return the words under a picture: its figure's caption, or a neighbour whose class says so."""
    holder = image.getparent()
    for _ in range(_HEIGHT):
        if holder is None or holder.tag in {"body", "article", "main"}:
            break
        for element in holder.iter(etree.Element):
            is_caption = element.tag == "figcaption" or _CAPTION_CLASS.search(element.get("class", ""))
            if is_caption and (text := tidy(text_of(element))):
                return text
        if holder.tag == "figure":
            break
        holder = holder.getparent()
    return ""


def _split(text: str) -> tuple[str | None, str | None]:
    line = tidy(text)
    caption, credit = split_caption(line)
    if not caption and credit != line.strip("()[] .") and ":" not in line:  # «صورة جوية …» is a caption, no label
        return line or None, None
    return caption or None, credit


def _key(url: str) -> str:
    """Return what stays the same over a picture's sizes: its file name."""
    return urlsplit(url).path.rpartition("/")[2] or url
