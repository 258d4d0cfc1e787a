"""The article's pictures, each with its caption and who took it; and what else a page needs to look like itself."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from lxml import etree

from archive.article import Image
from archive.text import fold_label
from crawlers.addresses import absolute_url, canonical_path
from crawlers.extraction.credit import split_caption
from crawlers.extraction.html import text_of
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from crawlers.extraction.body import Body
    from crawlers.extraction.html import Document
    from crawlers.extraction.page_context import PageContext

_CAPTION_CLASS = re.compile(r"caption|image-?(?:title|desc)|photo-?desc|image_heading", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[\w-]+|#.*|(?:https?:)?/*|https?:(?!//[^/]).*|[^#]*/#[^#./]*", re.IGNORECASE)
_NO_PICTURE = re.compile(
    r"^data:|\.svg(?:$|\?)|default_img|placeholder|/(?:img|spacer|blank|pixel|loading|lazy)\.(?:gif|png|jpg)|/themes/|/logos?/|\blogo\b|"
    r"gravatar\.com|/avatars?/|/(?:arrow|icon|bullet|sprite|btn)[\w-]*\.(?:png|gif|webp)(?:$|\?)",
    re.IGNORECASE,
)
_OF_NO_PICTURE = (  # one of them stands in what that pattern finds, and they are found ten times quicker
    *("data:", ".svg", "default_img", "placeholder", "/img.", "/spacer.", "/blank.", "/pixel.", "/loading.", "/lazy."),
    *("avatar", "/themes/", "logo", "/arrow", "/icon", "/bullet", "/sprite", "/btn"),
)
_ELSEWHERE = ("json:", "feed:", "ld:", "meta:")
_JUNK_CLASS = re.compile(
    r"(?:^|[\s_-])(?:related|share|social|ads?|banner|more-on|read-also|newsletter|avatar|rounded-(?:full|circle)|img-circle|author|writer|columnist|logo|icon|recommend\w*)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_PICTURES = ("img", "amp-img")
_SHARED = ("ld:image.url", "ld:image.contentUrl", "ld:image", "meta:og:image")
_FRAMES = frozenset(("figure", "picture", "noscript", "a"))
_PICTURE_CLASS = re.compile(
    r"image|img|photo|picture|thumb|gallery|slider|carousel|caption|figure|media", re.IGNORECASE
)
PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif|jxl)(?:$|[?#])", re.IGNORECASE)
_CREDITS = frozenset(("small", "cite"))
_LARGE = frozenset(("body", "article", "main", "section"))
_LEAST_SIZE = 100  # pixels; a smaller one is an icon or a face
_LONGEST_CAPTION = 250
_PARAGRAPH = 80  # letters
_SIZE = re.compile(
    r"w|h|wid|hei|width|height|size|resize|fit|crop|quality|q|dpr|format|fm|auto|ssl|strip|zoom|scale|v|ver|t|ts|c?ache?|itok",
    re.IGNORECASE,
)
_SIZE_IN_NAME = re.compile(r"(?:[-_]\d{2,4}[xX]\d{2,4}|-scaled)(?=\.\w{3,4}$)")
_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_SCRIPT_SIZE = re.compile(
    r"w|h|wid|hei|width|height|resize|fit|crop|quality|dpr|format|fm|auto|ssl|strip", re.IGNORECASE
)
_SIZE_IN_PATH = re.compile(
    r"\d{1,4}[xX]\d{1,4}|styles|public|[\w-]*?(?:_\d+x\d+|\d+_\d+)|(?:[a-z]{1,2}_[\w.:-]+,?)+|"
    r"x?(?:small|medium|meduim|large|big|thumb(?:nail)?s?|original|resized?|crop(?:ped)?)(?:[_-]\w+)?",
    re.IGNORECASE,
)
_ANY_NAME = re.compile(
    r"(?:\d{1,4}|image|img|photo|picture|pic|main|default|cover|thumb\w*|small|medium|large|original|file|news|\d{2,4}x\d{2,4})(?:\.\w{3,4})?",
    re.IGNORECASE,
)
"""Names of files that many pictures have; their folder tells them apart."""
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src", *_SETS)
_NUMBERS_AT_END = re.compile(r"(?:/\d+)+$")
_DESCRIPTOR = re.compile(r"(\d+)w|(\d+(?:\.\d+)?)x|\d+h")
_UNSPACED = re.compile(r"(\.(?:jpe?g|png|webp|gif|avif|jxl)),(?=(?:https?:)?/)", re.IGNORECASE)
_LEAD_HOLDERS = ("[itemprop=image]", "article figure", "main figure", "article amp-img")
_HEIGHT = 4  # how far above a picture its caption may stand
_MOST = 40
_MOST_SEEN = 2000  # of an element; no article shows more, and a monster's would cost seconds


def read_images(context: PageContext, body: Body) -> list[Image]:
    """Return the pictures in page order, each once; the page's own share image where it shows none."""
    by_key: dict[str, Image] = {}
    place = body.elements[0] if body.elements else None
    for element in [*_lead(context, place), *_inside(context, place, body.skipped)]:
        url = _url_of(element, context)
        if url and (key := _key(url)) not in by_key and len(by_key) < _MOST:
            by_key[key] = _image(element, url, context)
    if by_key:
        context.provenance["images"] = "selector"
    images = list(by_key.values()) or _announced(context)
    if images:
        if not images[0].caption and (line := next(_lines_of(context, context.reading.caption), None)):
            images[0].caption, credit = _split(line)
            images[0].credit = images[0].credit or credit
        images[0].credit = images[0].credit or next(_lines_of(context, context.reading.photographer), None)
    return images


def _lines_of(context: PageContext, hints: tuple[str, ...]) -> Iterator[str]:
    return (line for candidate in context.candidates(hints) for line in candidate.values)


def _lead(context: PageContext, place: _Element | None) -> list[_Element]:
    """Return the picture above the text; in a gallery all that stand there."""
    own = [hint for hint in context.reading.image if not hint.startswith(_ELSEWHERE)]
    if context.is_generic:
        return _of_holders(context, own) or _about_headline(context, place)
    return _of_holders(context, [*own, *_LEAD_HOLDERS])


def _of_holders(context: PageContext, selectors: list[str]) -> list[_Element]:
    for selector in selectors:
        holders = context.document.all(selector)
        images = [image for holder in holders for image in holder.iter(*_PICTURES) if not _in_boilerplate(image, None)]
        if images:
            return images if context.address.kind == "gallery" else images[:1]
    return []


def _about_headline(context: PageContext, place: _Element | None) -> list[_Element]:
    """Return the lead picture of a template that nobody described: the shared one where it is shown, else one at the headline."""
    head = context.layout.head(place)
    near = [image for image in head if image.tag in _PICTURES]
    shared = {_key(url) for source in _SHARED for value in context.ask(source) if (url := _picture(context, value))}
    shown = near + (list(islice(place.iter(*_PICTURES), _MOST_SEEN)) if place is not None else [])
    for image in shown:
        if (url := _url_of(image, context)) and _key(url) in shared:
            return [image]
    own = [image for image in near if not (_in_boilerplate(image, None) or _is_quoted(image))]
    return [image for image in own if _is_articles(image, context)][:1]


def _is_quoted(image: _Element) -> bool:
    """Say whether a picture stands in a quotation, as that of an embedded post does."""
    return any(up.tag == "blockquote" for up in islice(image.iterancestors(), _HEIGHT))


def _inside(context: PageContext, place: _Element | None, skipped: frozenset[_Element]) -> Iterator[_Element]:
    if place is None:
        return
    pictures = _of_one_article(context, place) if context.is_generic else place.iter(*_PICTURES)
    for image in islice(pictures, _MOST_SEEN):
        if (
            not _in_boilerplate(image, place)
            and not _is_dropped(image, place, skipped)
            and _is_articles(image, context)
        ):
            yield image


def _of_one_article(context: PageContext, place: _Element) -> Iterator[_Element]:
    """Yield the pictures of ``place`` down to the headline of the next article, which scrolling appended: a further ``h1`` under a paragraph, no link."""
    if next(place.iter("h1"), None) is None:
        yield from place.iter(*_PICTURES)
        return
    own, is_text = fold_label(context.headline or ""), False
    for element in place.iter("h1", "p", *_PICTURES):
        if element.tag in _PICTURES:
            yield element
        elif element.tag == "p":
            is_text = is_text or len(text_of(element)) >= _PARAGRAPH
        elif is_text and fold_label(tidy(text_of(element))) != own and next(element.iter("a"), None) is None:
            return


def _is_dropped(image: _Element, place: _Element, skipped: frozenset[_Element]) -> bool:
    """Say whether a picture stands in an element that the text drops, but for those that are made for pictures."""
    for ancestor in image.iterancestors():
        if ancestor is place:
            break
        if (
            ancestor in skipped
            and ancestor.tag not in _FRAMES
            and not _PICTURE_CLASS.search(ancestor.get("class") or "")
        ):
            return True
    return False


def _is_articles(image: _Element, context: PageContext) -> bool:
    """Say whether a picture is larger than an icon, and no link to another page: such a link is a teaser, or an advertisement."""
    if any(_is_tiny(image.get(side)) for side in ("width", "height")):
        return False
    link = next((ancestor for ancestor in islice(image.iterancestors(), _HEIGHT) if ancestor.tag == "a"), None)
    href = (link.get("href") or "").strip() if link is not None else ""
    if not href or href.startswith("#") or PICTURE_FILE.search(href):
        return True
    target = _joined(context, href)
    return target is None or _page_of(target) in {_page_of(context.page.url), _page_of(context.address.canonical_url)}


def _is_tiny(size: str | None) -> bool:
    number = (size or "").removesuffix("px")
    return number.isdecimal() and int(number) < _LEAST_SIZE


def _page_of(url: str) -> str:
    return canonical_path(urlsplit(url).path)


def _in_boilerplate(image: _Element, body: _Element | None) -> bool:
    """Say whether a picture belongs to a share button, an advertisement or a link to another article."""
    for ancestor in (image, *image.iterancestors()):
        if ancestor is body:
            break
        if (name := ancestor.get("class")) and _names_boilerplate(name):
            return True
    return False


@lru_cache(maxsize=4096)  # an outlet's pages have the same few hundred
def _names_boilerplate(name: str) -> bool:
    return bool(_JUNK_CLASS.search(name))


@lru_cache(maxsize=4096)
def _names_caption(name: str) -> bool:
    return bool(_CAPTION_CLASS.search(name))


def _announced(context: PageContext) -> list[Image]:
    """Return the picture that embedded JSON, the feed, JSON-LD or the share image names."""
    own = [hint for hint in context.reading.image if hint.startswith(_ELSEWHERE)]
    for candidate in context.candidates((*own, "feed:image", *_SHARED)):
        urls = [url for value in candidate.values if (url := _picture(context, _sized(value)))]
        if not urls:
            continue
        words = {"feed:image": "feed:caption", "ld:image.url": "ld:image.caption"}.get(candidate.source)
        value = context.ask(words) if words else []
        caption, credit = _split(value[0]) if value else (None, None)
        context.provenance["images"] = candidate.provenance
        return [Image(url=urls[0], caption=caption, credit=credit)]
    return []


def _joined(context: PageContext, source: str) -> str | None:
    """Return the absolute address of ``source``; None where it is none of the web (``javascript:``, ``blob:``)."""
    try:
        url = absolute_url(context.base, source)
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _picture(context: PageContext, source: str) -> str | None:
    """Return the absolute address of a picture; None where ``source`` is none, or the page's own, or a bare word (``null``)."""
    if any(map(source.lower().__contains__, _OF_NO_PICTURE)) and _NO_PICTURE.search(source):
        return None
    if _NO_ADDRESS.fullmatch(source):
        return None
    url = _joined(context, source)
    bare = urldefrag(url)[0] if url and "#" in url else url
    return None if bare is None or bare in {context.page.url, context.base} else url


def _sized(url: str) -> str:
    """Fill the blanks of a picture's address: Sky's JSON leaves width and height open."""
    return url.replace("{width}", "1200").replace("{height}", "630")


def _image(element: _Element, url: str, context: PageContext) -> Image:
    shown = _caption(element) if _has_captions(context.document) else ""
    caption, credit = _split(shown or (_caption_beside(element, context) if context.is_generic else ""))
    return Image(url=url, caption=caption, credit=credit)


def _url_of(element: _Element, context: PageContext) -> str | None:
    for name in _SOURCES:
        if not (value := (element.get(name) or "").strip()):
            continue
        for source in _of_srcset(value) if name in _SETS else [value]:
            if source and (url := _picture(context, source)):
                return url
    frame = next((around for around in islice(element.iterancestors(), _HEIGHT) if around.tag == "picture"), None)
    others = frame.iter("source") if frame is not None else ()
    sets = (other.get(name) or "" for other in others for name in _SETS)
    return next((url for value in sets for source in _of_srcset(value) if (url := _picture(context, source))), None)


def _of_srcset(value: str) -> list[str]:
    """Return the addresses of a ``srcset``, the largest first."""
    return [address for *_, address in sorted(_sized_of_srcset(value), key=lambda each: each[:2], reverse=True)]


def _sized_of_srcset(value: str) -> list[tuple[float, float, str]]:
    """Return width in pixels, density and address of each candidate of a ``srcset``, as HTML reads it.

    Addresses may hold commas (Cloudinary's do): one ends at a blank, or at a comma before it; some outlets put none between two. What has
    a descriptor that HTML does not know is left out.
    """
    rest, sized = _UNSPACED.sub(r"\1, ", value), list[tuple[float, float, str]]()
    while pieces := rest.lstrip(", \t\n\f\r").split(maxsplit=1):
        address, rest, descriptors = pieces[0], "".join(pieces[1:]), ""
        if address.endswith(","):
            address = address.rstrip(",")
        else:
            descriptors, _, rest = rest.partition(",")
        size = _size_of(descriptors.split())
        if size is not None:
            sized.append((*size, address))
    return sized


def _size_of(descriptors: list[str]) -> tuple[float, float] | None:
    """Return width in pixels and density that a candidate's descriptors name (0 and 1 where they name none); None for others."""
    width, density = 0.0, 1.0
    for descriptor in descriptors:
        match = _DESCRIPTOR.fullmatch(descriptor)
        if match is None:
            return None
        width, density = float(match[1] or width), float(match[2] or density)
    return width, density


def _has_captions(document: Document) -> bool:
    """Say whether a page has anything that `_caption` looks for above a picture and beside it, element by element."""
    return "figcaption" in document.names or any(map(_names_caption, document.names))


def _caption(image: _Element) -> str:
    """Return the words under a picture: its figure's caption, or a neighbour whose class says so."""
    holder = image.getparent()
    for _ in range(_HEIGHT):
        if holder is None or _is_large(holder) or _holds_several(holder):
            break
        for element in holder.iter(etree.Element):
            is_caption = element.tag == "figcaption" or _names_caption(element.get("class", ""))
            if is_caption and (text := tidy(_parted(element))):
                return text
        if holder.tag == "figure":
            break
        holder = holder.getparent()
    return _caption_after(image)


def _parted(caption: _Element) -> str:
    """Return a caption's text, a blank before who took the picture where that has an element of its own."""
    if any(child.tag in _CREDITS for child in caption):
        return " ".join(caption.itertext())
    return text_of(caption)


def _is_large(holder: _Element) -> bool:
    """Say whether an element is the page's, or an article's; Drupal keeps a picture with its caption in an ``article``, too."""
    return holder.tag in {"body", "main"} or (
        holder.tag == "article" and not _PICTURE_CLASS.search(holder.get("class") or "")
    )


def _holds_several(holder: _Element) -> bool:
    return sum(1 for _ in islice(holder.iter(*_PICTURES), 2)) > 1


def _caption_after(image: _Element) -> str:
    """Return the caption that follows a picture side by side with others."""
    following = image.getnext()
    if following is not None and _names_caption(following.get("class", "")):
        return tidy(text_of(following))
    return ""


def _caption_beside(image: _Element, context: PageContext) -> str:
    """Return the only words beside a picture in a box of its own: a caption, whatever its class."""
    holder = image.getparent()
    for _ in range(_HEIGHT):
        if holder is None or holder.tag in _LARGE or _holds_several(holder):
            return ""
        words = tidy(text_of(holder))
        if words:
            is_headline = fold_label(words) == fold_label(context.headline or "")
            return words if len(words) <= _LONGEST_CAPTION and not is_headline and holder.find(".//h1") is None else ""
        holder = holder.getparent()
    return ""


def _split(text: str) -> tuple[str | None, str | None]:
    if not text:
        return None, None
    line = tidy(text)
    caption, credit = split_caption(line)
    if not caption and credit != line.strip("()[] .") and ":" not in line:  # «صورة جوية …» is a caption, no label
        return line or None, None
    return caption or None, credit


def _key(url: str) -> str:
    """Return what stays the same over a picture's sizes: its file's name without its size, and what of the query is no size.

    A name that many pictures have (``1.jpg``, or a size where a file should be) counts with its folder; of a script's query only
    width, height and their like are sizes.
    """
    parts = urlsplit(url)
    if parts.path.endswith("/_next/image") and (inner := dict(parse_qsl(parts.query)).get("url")):
        parts = urlsplit(inner)
    path, name = parts.path.rsplit("/", 1) if "/" in parts.path else ("", parts.path)
    is_file = PICTURE_FILE.search(name) is not None
    if _ANY_NAME.fullmatch(name):
        folders = (path if is_file else _NUMBERS_AT_END.sub("", path)).split("/")  # …/640/350 is a size
        name = "/".join([*(piece for piece in folders if not _SIZE_IN_PATH.fullmatch(piece)), name if is_file else ""])
    size = _SIZE if is_file else _SCRIPT_SIZE
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = [pair for pair in sorted(pairs) if not size.fullmatch(pair[0])]
    return f"{_SIZE_IN_NAME.sub('', name)}?{urlencode(query)}" if query else _SIZE_IN_NAME.sub("", name) or url


# --- What a page needs to look like itself: pictures, styles, fonts ---------------------------------------------------
# As a browser of `_VIEWPORT` pixels width and one pixel a point asks for them before any script runs: of a srcset the one that it
# chooses, of a font the first file whose format it knows. Films and sounds are never among them (their poster is a picture).

Needs = dict[str, str]
"""Address → ``picture``, ``style`` or ``font``, in the order of the page."""

_VIEWPORT = 1280.0
_POINT = 16.0  # pixels of an em
_MOST_NEEDS = 500
_MOST_STEPS = 100_000  # elements of a page
_LONGEST_PAGE = 8_000_000  # bytes
_UNSEEN = frozenset(("noscript", "template", "script"))
_LONGEST_STYLE = 2_000_000  # characters
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORT = re.compile(r"@import\s+(?:url\(\s*)?[\"']?([^\"'()\s;]+)", re.IGNORECASE)
_FONT_FACE = re.compile(r"@font-face\s*\{([^{}]*)\}", re.IGNORECASE)
_SOURCE = re.compile(r"(?<![\w-])src\s*:", re.IGNORECASE)
_FONT_SOURCE = re.compile(
    r"url\(\s*[\"']?([^\"'()]+?)[\"']?\s*\)(?:\s*format\(\s*[\"']?([\w-]+)[\"']?\s*\))?", re.IGNORECASE
)
_FONTS = frozenset(
    ("", "woff2", "woff", "truetype", "opentype", "woff2-variations", "woff-variations", "truetype-variations")
)
_STYLE_URL = re.compile(r"url\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^\"'()\s]+))\s*\)", re.IGNORECASE)
_NAMESPACE = re.compile(r"@(?:namespace|import)[^;]*;?", re.IGNORECASE)
_FILM = re.compile(r"\.(?:mp4|m4v|webm|ogv|mov|avi|m3u8|mpd|ts|mp3|m4a|aac|ogg|oga|wav|flac)(?:$|[?#])", re.IGNORECASE)
_CONDITION = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)(px|em|rem)?\s*\)", re.IGNORECASE)
_LENGTH = re.compile(r"([\d.]+)(px|vw|em|rem)", re.IGNORECASE)
_UNKNOWN_TYPES = frozenset(
    ("image/jp2", "image/tiff", "image/heic")
)  # Chromium shows none of these; JPEG XL it does from 2026 on


def page_needs(markup: bytes, url: str) -> Needs:
    """Return what a page at ``url`` needs, its markup in UTF-8: of its links, pictures, style elements and attributes."""
    try:
        root = etree.fromstring(markup[:_LONGEST_PAGE], etree.HTMLParser(encoding="utf-8"))
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:  # nothing to parse
        return {}
    needs: Needs = {}
    base = _base(root, url)
    walker = etree.iterwalk(root, events=("start",))
    for _, element in islice(walker, _MOST_STEPS):
        if element.tag in _UNSEEN:
            walker.skip_subtree()
            continue
        for address, kind in _asked_by(element) if isinstance(element.tag, str) else ():
            _add(needs, base, address, kind)
        for style in [element.text if element.tag == "style" else None, element.get("style")]:
            needs = {**(style_needs(style, base) if style else {}), **needs}
    return dict(islice(needs.items(), _MOST_NEEDS))


def _base(root: _Element, url: str) -> str:
    href = next((element.get("href") for element in root.iter("base") if element.get("href")), None)
    try:
        return urljoin(url, href or "")
    except ValueError:
        return url


def style_needs(text: str, base: str) -> Needs:
    """Return what a style sheet, or a style attribute, needs: what it imports, its pictures, of each font the file that is taken."""
    needs: Needs = {}
    plain = _COMMENT.sub(" ", text[:_LONGEST_STYLE])
    for address in _IMPORT.findall(plain):
        _add(needs, base, address, "style")
    for face in _FONT_FACE.findall(plain):
        last = _SOURCE.split(face)[-1]  # of two ``src`` the first is for browsers that are gone
        address = next((one for one, kind in _FONT_SOURCE.findall(last) if kind.lower() in _FONTS), None)
        _add(needs, base, address or "", "font")
    rest = _NAMESPACE.sub("", _FONT_FACE.sub("", plain))
    for match in _STYLE_URL.finditer(rest):
        _add(needs, base, next(filter(None, match.groups()), ""), "picture")
    return dict(islice(needs.items(), _MOST_NEEDS))


def is_film(url: str) -> bool:
    """Say whether an address names a film or a sound."""
    return bool(_FILM.search(urlsplit(url).path))


def _add(needs: Needs, base: str, address: str, kind: str) -> None:
    try:
        url = urldefrag(urljoin(base, tidy(address)))[0]
        is_web = urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:
        return
    if address.strip() and not address.lstrip().startswith("#") and is_web and not is_film(url):
        needs.setdefault(url, kind)


def _asked_by(element: _Element) -> Iterator[tuple[str, str]]:
    """Yield the addresses that a browser asks for because of one element, each with what it is."""
    if element.tag == "link":
        yield from _asked_by_link(element)
    elif element.tag == "img":
        yield from ((address, "picture") for address in [_chosen(element)] if address)
    elif element.tag == "input" and element.get("type") == "image":
        yield element.get("src") or "", "picture"
    elif element.tag in {"video", "amp-video"}:
        yield element.get("poster") or "", "picture"
    elif element.tag in {"image", "feimage", "use"}:  # ``use``: an icon out of a file of many
        yield element.get("href") or element.get("xlink:href") or "", "picture"
    elif element.tag in {"body", "table", "tr", "td", "th"} and element.get("background"):
        yield element.get("background") or "", "picture"


def _asked_by_link(link: _Element) -> Iterator[tuple[str, str]]:
    names, address = (link.get("rel") or "").lower().split(), link.get("href") or ""
    purpose = {"image": "picture", "style": "style", "font": "font"}.get((link.get("as") or "").lower())
    if "stylesheet" in names and "alternate" not in names:
        yield address, "style"
    elif "icon" in names:
        yield address, "picture"
    elif "preload" in names and purpose and link.get("imagesrcset") is None:
        yield address, purpose


def _chosen(image: _Element) -> str | None:
    """Return the address that the browser takes for a picture: of its ``picture``'s first fitting source, else its own."""
    around = islice(image.iterancestors(), _HEIGHT)  # libxml2 takes a ``source`` for the parent of what follows it
    frame = next((element for element in around if element.tag == "picture"), None)
    for source in frame.iter("source") if frame is not None else ():
        is_fitting = _fits(source.get("media") or "") and (source.get("type") or "").lower() not in _UNKNOWN_TYPES
        if is_fitting and (address := _densest(source.get("srcset") or "", source.get("sizes") or "", "")):
            return address
    return _densest(image.get("srcset") or "", image.get("sizes") or "", image.get("src") or "")


def _densest(srcset: str, sizes: str, own: str) -> str | None:
    """Return the candidate that Chromium takes at one pixel a point: the least dense that is dense enough, else the densest."""
    candidates = _sized_of_srcset(srcset)
    slot = _slot(sizes) if any(width for width, *_ in candidates) else 1.0
    dense = [((width / slot if width else density), address) for width, density, address in candidates]
    if own.strip() and not any(width for width, *_ in candidates) and not any(density == 1 for density, _ in dense):
        dense.append((1.0, own.strip()))
    dense.sort(key=lambda each: each[0])
    return next((address for density, address in dense if density >= 1), dense[-1][1] if dense else own.strip() or None)


def _slot(sizes: str) -> float:
    """Return the pixels that a picture takes by its ``sizes``; the whole width where it says nothing that is understood."""
    for part in sizes.split(","):
        if _fits(part) and (length := _LENGTH.search(part.rpartition(")")[2] if "calc" not in part else "")):
            unit = {"vw": _VIEWPORT / 100, "em": _POINT, "rem": _POINT}.get(length[2].lower(), 1.0)
            return float(length[1]) * unit or _VIEWPORT
    return _VIEWPORT


def _fits(media: str) -> bool:
    """Say whether a media query holds: widths alone are understood, and that print is no screen."""
    if re.search(r"\bprint\b", media, re.IGNORECASE):
        return False
    return all(
        (pixels <= _VIEWPORT) if bound.lower() == "min" else (pixels >= _VIEWPORT)
        for bound, number, unit in _CONDITION.findall(media)
        for pixels in [float(number) * (_POINT if unit.lower() in {"em", "rem"} else 1)]
    )
