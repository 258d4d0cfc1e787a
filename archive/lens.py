"""What stands between what is published and what a reader sees: take-downs hide, generations replace.

    keys of manifests ─▶ keys ─▶ manifests ─▶ lines ─▶ Article ─▶ hides ─▶ reader
    pointer to a capture ─▶ place ─▶ one range request ─▶ Capture ─▶ hides_capture ─▶ reader
    new manifests ─▶ is_news ─▶ follower

A `Lens` overrides what it changes. `archive.reader.archive.Archive` looks through all of its lenses wherever it reads, so that
whoever reads by it, the command line and the exports too, sees the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from archive.manifests.manifest import warc_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.article import Article, RecordPointer
    from archive.manifests.manifest import Manifest
    from archive.warc.capture import Capture


class Place(NamedTuple):
    """A span of bytes in an object: what one range request asks for."""

    key: str
    offset: int
    length: int


class Lens:
    """Changes nothing; a lens of its own kind overrides what it changes. Asked from several threads."""

    @property
    def is_clear(self) -> bool:
        """Whether it hides no article at all, so that none need be shown to it."""
        return False

    def first_date(self, outlet: str, date: str) -> str:  # noqa: ARG002  for those who override it
        """Return the crawl date (``yyyy-mm-dd``) from which on to list, so that nothing of ``date`` and later is missed."""
        return date

    def keys(self, outlet: str, keys: list[str]) -> list[str]:  # noqa: ARG002  for those who override it
        """Return the manifests that a reader reads, of those of an outlet and one crawl date, in their order."""
        return keys

    def is_news(self, manifest: Manifest) -> bool:
        """Say whether a manifest brought something new; one that stands for objects of earlier ones does not."""
        return not (manifest.replaces or manifest.amends)

    def hides(self, article: Article) -> bool:  # noqa: ARG002  for those who override it
        """Say whether an article is kept from every reader."""
        return False

    def hides_capture(self, outlet: str, capture: Capture) -> bool:  # noqa: ARG002  for those who override it
        """Say whether a capture is kept from every reader."""
        return False

    def place(self, outlet: str, pointer: RecordPointer) -> Place | None:  # noqa: ARG002  for those who override it
        """Return where the record of a pointer lies now; None where the pointer still says it."""
        return None


class Lenses(Lens):
    """Several lenses, looked through one after the other."""

    def __init__(self, lenses: Sequence[Lens] = ()) -> None:
        self._lenses = tuple(lenses)

    @property
    def is_clear(self) -> bool:
        """See `Lens.is_clear`."""
        return all(lens.is_clear for lens in self._lenses)

    def first_date(self, outlet: str, date: str) -> str:
        """See `Lens.first_date`."""
        return min([date, *(lens.first_date(outlet, date) for lens in self._lenses)])

    def keys(self, outlet: str, keys: list[str]) -> list[str]:
        """See `Lens.keys`."""
        for lens in self._lenses:
            keys = lens.keys(outlet, keys)
        return keys

    def is_news(self, manifest: Manifest) -> bool:
        """See `Lens.is_news`."""
        return super().is_news(manifest) and all(lens.is_news(manifest) for lens in self._lenses)

    def hides(self, article: Article) -> bool:
        """See `Lens.hides`."""
        return any(lens.hides(article) for lens in self._lenses)

    def hides_capture(self, outlet: str, capture: Capture) -> bool:
        """See `Lens.hides_capture`."""
        return any(lens.hides_capture(outlet, capture) for lens in self._lenses)

    def place(self, outlet: str, pointer: RecordPointer) -> Place:
        """See `Lens.place`; the pointer's own where no lens knows another."""
        found = (lens.place(outlet, pointer) for lens in self._lenses)
        its_own = Place(warc_key(outlet, pointer.file), pointer.offset, pointer.length)
        return next((place for place in found if place is not None), its_own)
