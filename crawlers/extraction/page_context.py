"""Everything known of one page, and the one way to ask for it: by witness.

Evidence.ask("ld:headline") ─▶ strings            ask() over a ladder ─▶ the first that speaks, with its provenance
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from crawlers.extraction.charset import LIMIT
from crawlers.extraction.jsonld import article_node, look_up, media_node
from crawlers.extraction.layout import Layout
from pipelines.cleaning import tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crawlers.addresses import Address
    from crawlers.extraction.html import Document
    from crawlers.extraction.page import Page
    from crawlers.extraction.reading import Reading

_PROVENANCE = {"meta": "meta", "ld": "json-ld", "json": "embedded-json", "feed": "feed"}
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)  # summaries of feeds may be HTML
_EMBEDDED_DEPTH = 4
_MOST = 200  # answers of one witness, and _LONGEST letters of each: no field needs more
_LONGEST = 5000


class Testimony(NamedTuple):
    """What a witness said, and who it was."""

    witness: str
    said: list[str]

    @property
    def provenance(self) -> str:
        """Return the published name of the kind of witness."""
        prefix, colon, _ = self.witness.partition(":")
        return _PROVENANCE.get(prefix, "selector") if colon else ("url" if self.witness == "url" else "selector")


@dataclass(slots=True)
class Evidence:
    """One page under one outlet's reading.

    Attributes:
        markup: the page, scripts, menus and all; UTF-8, but for bad bytes in what `Document` cuts.
        linked: the article's JSON-LD node; on a video or gallery page without one, the film's or the pictures'.
        embedded: the article's JSON that the page carries.
        headline: as it will be published, once it is known.
        provenance, flags: filled while the fields are read.
    """

    page: Page
    reading: Reading
    address: Address
    document: Document
    markup: bytes = b""
    linked: dict[str, Any] = field(default_factory=dict)
    embedded: dict[str, Any] = field(default_factory=dict)
    headline: str | None = None
    _layout: Layout | None = None
    provenance: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.document.is_cut or len(self.page.body) > LIMIT:
            self.flag("truncated")
        nodes = self.document.linked
        self.linked = article_node(nodes, self.address.canonical_url) or media_node(nodes, self.address.kind)
        self.embedded = _embedded(self.document, self.reading.embedded)

    @property
    def base(self) -> str:
        """Return the address against which the page's relative ones are read."""
        return self.document.base(self.page.url)

    @property
    def is_generic(self) -> bool:
        """Say whether the text was found without the outlet's selectors: its template is one that nobody described."""
        return "generic-extraction" in self.flags

    @property
    def layout(self) -> Layout:
        """Return where on the page the article with this headline stands; made once, when it is first asked for."""
        if self._layout is None:
            self._layout = Layout(self.document, self.headline)
        return self._layout

    def ask(self, witness: str) -> list[str]:
        """Return the tidy strings that ``witness`` has; none is an empty list."""
        prefix, colon, path = witness.partition(":")
        if colon and prefix in _PROVENANCE:
            return _ASK[prefix](self, path)
        return [line[:_LONGEST] for line in islice(self.document.texts(witness), _MOST)]

    def testimonies(self, ladder: Iterable[str]) -> Iterator[Testimony]:
        """Yield what each witness of the ladder said, those who are silent or distrusted left out."""
        for witness in ladder:
            if witness not in self.reading.distrust and (said := self.ask(witness)):
                yield Testimony(witness, said)

    def first(self, name: str, ladder: Iterable[str], accept: Callable[[str], str | None] = str) -> str | None:
        """Return the first string on the ladder that ``accept`` lets through, and note where field ``name`` is from."""
        for testimony in self.testimonies(ladder):
            for line in testimony.said:
                if value := accept(line):
                    self.provenance[name] = testimony.provenance
                    return value
        return None

    def flag(self, name: str) -> None:
        """Note a doubt, once."""
        if name not in self.flags:
            self.flags.append(name)


def _ask_feed(evidence: Evidence, path: str) -> list[str]:
    announcement = evidence.page.announcement
    value = getattr(announcement, path) if announcement else None
    values = value if isinstance(value, tuple) else (value,)
    return [line for entry in values if entry and (line := tidy(_TAG.sub(" ", entry)))]


def _ask_meta(evidence: Evidence, path: str) -> list[str]:
    content = evidence.document.metas.get(path.lower())
    return [line] if content and (line := tidy(content[:_LONGEST])) else []


_ASK: dict[str, Callable[[Evidence, str], list[str]]] = {
    "meta": _ask_meta,
    "ld": lambda evidence, path: look_up(evidence.linked, path),
    "json": lambda evidence, path: look_up(evidence.embedded, path),
    "feed": _ask_feed,
}


def _embedded(document: Document, hint: str | None) -> dict[str, Any]:
    """Return the object that holds a headline and a body in the JSON of the hinted attribute; ``{}`` where none does."""
    if hint is None:
        return {}
    path, _, attribute = hint.partition("@")
    for element in document.all(path):
        try:
            found = _search(json.loads(element.get(attribute) or "null", strict=False), _EMBEDDED_DEPTH)
        except (ValueError, RecursionError):
            continue
        if found:
            return found
    return {}


def _search(value: Any, depth: int) -> dict[str, Any]:
    if not isinstance(value, dict) or depth == 0:
        return {}
    if isinstance(value.get("headline"), str) and ("body" in value or "summary" in value):
        return value
    return next((found for inner in value.values() if (found := _search(inner, depth - 1))), {})
