"""What a crawl leaves for those who watch it, and what they make of it.

    while it runs   outcomes.py  each page in one outcome        traffic.py   requests, bytes, seconds of each host
                    quality.py   how the pages were read         channels.py  what each channel announced, how much was new
    afterwards      each of them a chapter of the report (`Chapter`)

An extension that has something to tell is a `Chapter`: the report takes it in under its name, and nobody else knows of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@runtime_checkable
class Chapter(Protocol):
    """An extension with a part of the crawl's report."""

    chapter: str
    """Its name in the report."""

    def tell(self) -> Mapping[str, Any]:
        """Return the part, as JSON can hold it; asked once, when the crawl is over and its papers are written."""


def chapters_of(extensions: Iterable[object]) -> dict[str, Mapping[str, Any]]:
    """Return what a crawl's extensions have to tell, by name."""
    return {extension.chapter: extension.tell() for extension in extensions if isinstance(extension, Chapter)}
