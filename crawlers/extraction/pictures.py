"""The article's pictures: the one on top, then those in the text, each with its caption and who took it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from lxml import etree

from archive.article import Image
from crawlers.extraction.document import text_of
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
_ELSEWHERE = ("json:", "feed:", "ld:", "meta:")
_JUNK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|share|social|ads?|banner|more-on|read-also|newsletter|avatar|author|logo|icon|recommend\w*)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_PICTURES = ("img", "amp-img")
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", "data-srcset", "srcset")
_LEAD_HOLDERS = ("[itemprop=image]", "article figure", "main figure", "article amp-img")
_HEIGHT = 4  # how far above a picture its caption may stand
_MOST = 40


def read_images(evidence: Evidence, body: _Element | None) -> list[Image]:
    """Return the pictures in page order, each once; the page's own share image where it shows none."""
    found: dict[str, Image] = {}
    for element in [*_lead(evidence), *_inside(body)]:
        image = _image(element, evidence.page.url)
        if image and (key := _key(image.url)) not in found and len(found) < _MOST:
            found[key] = image
    if found:
        evidence.provenance["images"] = "selector"
    images = list(found.values()) or _announced(evidence)
    if images:
        images[0].caption = images[0].caption or next(_said(evidence, evidence.reading.caption), None)
        images[0].credit = images[0].credit or next(_said(evidence, evidence.reading.photographer), None)
    return images


def _said(evidence: Evidence, hints: tuple[str, ...]) -> Iterator[str]:
    return (line for testimony in evidence.testimonies(hints) for line in testimony.said)


def _lead(evidence: Evidence) -> list[_Element]:
    """Return the picture above the text; in a gallery all that stand there."""
    for selector in (*evidence.reading.image, *_LEAD_HOLDERS):
        if selector.startswith(_ELSEWHERE):
            continue
        holders = evidence.document.all(selector)
        images = [image for holder in holders for image in holder.iter(*_PICTURES) if not _in_junk(image, None)]
        if images:
            return images if evidence.address.kind == "gallery" else images[:1]
    return []


def _inside(body: _Element | None) -> Iterator[_Element]:
    if body is not None:
        yield from (image for image in body.iter(*_PICTURES) if not _in_junk(image, body))


def _in_junk(image: _Element, body: _Element | None) -> bool:
    """Say whether a picture belongs to a share button, an advertisement or a link to another article."""
    for ancestor in (image, *image.iterancestors()):
        if ancestor is body:
            break
        if _JUNK_CLASS.search(ancestor.get("class", "")):
            return True
    return False


def _announced(evidence: Evidence) -> list[Image]:
    """Return the picture that embedded JSON, the feed, JSON-LD or the share image names."""
    own = [hint for hint in evidence.reading.image if hint.startswith(_ELSEWHERE)]
    for testimony in evidence.testimonies((*own, "feed:image", "ld:image.url", "ld:image", "meta:og:image")):
        urls = [url for url in testimony.said if not _NO_PICTURE.search(url)]
        if not urls:
            continue
        said = evidence.ask("feed:caption") if testimony.witness == "feed:image" else []
        caption, credit = _split(said[0]) if said else (None, None)
        evidence.provenance["images"] = testimony.provenance
        try:
            return [Image(url=urljoin(evidence.page.url, _sized(urls[0])), caption=caption, credit=credit)]
        except ValueError:
            continue
    return []


def _sized(url: str) -> str:
    """Fill the blanks of a picture's address: Sky's JSON leaves width and height open."""
    return url.replace("{width}", "1200").replace("{height}", "630")


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
        if holder is None or holder.tag in {"body", "article", "main"} or sum(1 for _ in holder.iter(*_PICTURES)) > 1:
            break
        for element in holder.iter(etree.Element):
            is_caption = element.tag == "figcaption" or _CAPTION_CLASS.search(element.get("class", ""))
            if is_caption and (text := tidy(text_of(element))):
                return text
        if holder.tag == "figure":
            break
        holder = holder.getparent()
    return _caption_after(image)


def _caption_after(image: _Element) -> str:
    """Return the caption that follows a picture side by side with others."""
    following = image.getnext()
    if following is not None and _CAPTION_CLASS.search(following.get("class", "")):
        return tidy(text_of(following))
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
