"""An item of any type as an `Article`: its fields are read through ItemAdapter, under the names that it has.

    Article                                                          ─▶ itself
    dict · Item · dataclass · attrs · pydantic ──ItemAdapter──▶ our names, else schema.org's and Zyte's ──▶ Article

Nothing is guessed: a value of another form than a field wants is taken for nothing said, a date without a zone stays in
``published_raw`` alone. What no article can be without is missed by `pipelines.validation`, by name.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from string import punctuation
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urljoin, urlsplit

import msgspec
from itemadapter import ItemAdapter
from scrapy.exceptions import DropItem
from w3lib.url import safe_url_string

from archive.article import Article

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("identifier",),
    "canonical_url": ("canonicalUrl",),
    "headline": ("title", "name"),
    "standfirst": ("description", "abstract"),
    "text": ("articleBody",),
    "section": ("articleSection",),
    "tags": ("keywords",),
    "byline": ("authors", "author"),
    "credit": ("creditText", "sourceOrganization"),
    "images": ("mainImage", "image"),
    "language": ("inLanguage",),
    "published": ("datePublished",),
    "published_raw": ("datePublishedRaw",),
    "modified": ("dateModified",),
}
"""Field of the record → what schema.org and Zyte's items call it, the first that says something first; docs/record.md."""

_OWN = tuple(field.name for field in fields(Article))
_ADDRESSES, _WEB = frozenset(("url", "canonical_url", "origin_url")), ("http://", "https://")
_SPLIT = str.maketrans("،;؛", ",,,")


class Malformed(DropItem):
    """What was yielded is no item, or a field of the record has a value in it that it cannot hold."""

    reason: ClassVar[str] = "malformed"


def article_of(
    item: object, *, known: Mapping[str, Any] | None = None, otherwise: Mapping[str, Any] | None = None
) -> Article:
    """Return an item as the record; an `Article` is returned as it is.

    Args:
        item: what a spider yielded.
        known: fields that the crawl knows better than the item, such as the place of its capture.
        otherwise: fields in place of those of which the item says nothing.

    Raises:
        Malformed: it is no item, or cannot be one of the record.
    """
    if isinstance(item, Article):
        return item
    if not ItemAdapter.is_item(item):
        raise Malformed(f"{type(item).__name__} is no item")
    fields = ItemAdapter(item).asdict()
    own = {name: value for name in _OWN if (value := _value_of(fields, name)) is not None}
    otherwise = otherwise or {}
    for name in _ADDRESSES & own.keys():
        own[name] = urljoin(otherwise.get("url", ""), own[name])  # of a link as it stands on the page
        if not own[name].startswith(_WEB):
            del own[name]
    own = {**otherwise, "published_raw": _raw(fields), **own, **(known or {})}
    try:
        return msgspec.convert(_whole(own), Article)
    except msgspec.ValidationError as error:
        raise Malformed(f"{own.get('url') or type(item).__name__}: {error}") from error


def _whole(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what was found with the least that a record has; what is empty then is missed by the validation."""
    outlet, url = fields.get("outlet", ""), fields.get("url", "")
    identity = fields.get("id", "")
    least = {
        "outlet": outlet,
        "url": url,
        "canonical_url": url,
        "headline": "",
        "text": "",
        "captured": datetime.now(UTC),
        "discovered": {"kind": "argument", "url": url},
        "extractor": f"{outlet}/0",  # a spider's own reading, which has no number
    }
    if identity and outlet:
        native = quote(identity.strip().removeprefix(f"{outlet}:"), safe=punctuation)
        fields["id"] = f"{outlet}:{native}"
    return {"id": "", **least, **fields}


def _value_of(fields: Mapping[str, Any], name: str) -> Any:
    """Return what an item says of a field of the record, in the form that the field has; None for nothing."""
    values = [value for each in (name, *NAMES.get(name, ())) if (value := fields.get(each)) not in (None, "", [], {})]
    if name == "images":
        return _pictures(values) or None
    read = _FORMS.get(name)
    return next((present for value in values if (present := read(value) if read else value) is not None), None)


def _raw(fields: Mapping[str, Any]) -> str | None:
    """Return what the item says of its publication, verbatim."""
    value = next((fields[name] for name in ("published", *NAMES["published"]) if fields.get(name)), None)
    return value if isinstance(value, str) else None


def _text(value: Any) -> str | None:
    """Return a string, a number's digits, or the name of what has one."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("nameRaw")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


def _texts(value: Any) -> list[str] | None:
    """Return names or words: of a list, or of one string."""
    values = value if isinstance(value, list | tuple | set) else [value]
    return [text for each in values if (text := _text(each))] or None


def _keywords(value: Any) -> list[str] | None:
    """Return tags; a string of several has commas between them."""
    return _texts(value.translate(_SPLIT).split(",") if isinstance(value, str) else value)


def _url(value: Any) -> str | None:
    """Return an address, or a link to be made one; nothing where it can be none."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        url = safe_url_string(value.strip())
        urlsplit(url)
    except ValueError:
        return None
    return url


def _moment(value: Any) -> datetime | None:
    """Return a time that says its zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


def _pictures(values: list[Any]) -> list[dict[str, str | None]]:
    """Return pictures, each address once: of addresses, of schema.org's and Zyte's image objects, of lists of either."""
    pictures: dict[str, dict[str, str | None]] = {}
    for value in _flat(values):
        picture = {"url": value} if isinstance(value, str) else value if isinstance(value, dict) else {}
        url = _url(picture.get("url") or picture.get("contentUrl"))
        if url and url.startswith(_WEB):
            credit = _text(picture.get("credit") or picture.get("creditText"))
            pictures.setdefault(url, {"url": url, "caption": _text(picture.get("caption")), "credit": credit})
    return list(pictures.values())


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(list(value))
        else:
            yield value


_FORMS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("id", "headline", "standfirst", "text", "section", "credit", "language", "published_raw"), _text),
    **dict.fromkeys(("url", "canonical_url", "origin_url"), _url),
    **dict.fromkeys(("published", "modified", "captured"), _moment),
    "byline": _texts,
    "tags": _keywords,
}
