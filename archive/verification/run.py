"""One verification from end to end."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.keys import manifests_in, outlets_in
from archive.manifests.manifest import Manifest
from archive.verification.finding import Finding, Tally
from archive.verification.lines import LineChecker, event_faults
from archive.verification.objects import check_warc, fetch, lines_of, temporary
from archive.verification.second_opinion import second_opinion
from archive.verification.whole import Whole, chain_faults, gaps, orphans, strays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from archive.manifests.manifest import Item
    from archive.store import Store


def verify(  # noqa: PLR0913  each is a choice of its own
    store: Store,
    *,
    outlets: Sequence[str] | None = None,
    deep: bool = False,
    chain: bool = False,
    sample: int | None = None,
    tally: Tally | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Finding]:
    """Yield everything that is not as it should be.

    Args:
        store: the archive.
        outlets: only these.
        deep: also open each article's record by its pointer, and have warcio read every WARC.
        chain: also follow the chain of manifests.
        sample: look into the objects of so many manifests only, chosen at random; orphans, gaps and the chain stay whole.
        tally: is told how much was looked at.
        on_progress: is told the key of each manifest that is looked into.
    """
    names = outlets_in(store) if outlets is None else outlets
    run = _Run(store, LineChecker(store, deep=deep), tally or Tally(), on_progress, deep)
    for outlet in names:
        keys = list(manifests_in(store, outlet))
        chosen = set(keys if sample is None else random.sample(keys, min(sample, len(keys))))
        yield from run.counted(run.outlet(outlet, keys, chosen))
        if chain:
            yield from run.counted(chain_faults(store, outlet, set(keys)))
    yield from run.counted(strays(store, outlets))


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    checker: LineChecker
    tally: Tally
    on_progress: Callable[[str], None]
    deep: bool

    def counted(self, findings: Iterator[Finding]) -> Iterator[Finding]:
        """Yield the findings and tell the tally of each."""
        for finding in findings:
            self.tally.faults += finding.is_fault
            self.tally.notes += not finding.is_fault
            yield finding

    def outlet(self, outlet: str, keys: list[str], chosen: set[str]) -> Iterator[Finding]:
        """Look at all manifests of an outlet, and into the objects of the chosen ones."""
        found = dict[str, Manifest]()
        for key in keys:
            try:
                found[key] = Manifest.from_bytes(self.store.read(key))
            except (ValueError, KeyError, TypeError) as error:
                yield Finding("manifest", key, f"it cannot be read: {error}")
        self.tally.manifests += len(found)
        whole = Whole.of(found.values())
        self.checker.begin(whole.places, whole.stated)
        for key, manifest in found.items():
            if manifest.key != key:
                yield Finding("manifest", key, f"it says that it is {manifest.key}")
            elif key in chosen:
                self.on_progress(key)
                for item in whole.items(self.store, manifest):
                    yield from self._object(manifest, item, is_read=whole.is_read(manifest, item))
        yield from orphans(self.store, outlet, whole.listed)
        yield from gaps(whole.serials, outlet)

    def _object(self, manifest: Manifest, item: Item, *, is_read: bool) -> Iterator[Finding]:
        with temporary() as copy:
            found = list(fetch(self.store, item, copy, self.tally))
            yield from found
            if found:
                return  # what is not the object that was published needs no further look
            if item.kind in {"warc", "wet"}:
                found = list(check_warc(item, copy, self.tally))
                yield from found
                if self.deep and not found:
                    yield from second_opinion(item, copy)
                return
            try:
                count = sum(1 for _ in lines_of(copy))
            except (OSError, EOFError, zlib.error) as error:
                yield Finding("record", item.key, f"it does not unpack: {error}")
                return
            self.tally.lines += count
            if item.kind == "articles":
                yield from self.checker.check(manifest, item, lines_of(copy), is_read=is_read)
                return
            if item.kind == "events":
                yield from event_faults(manifest, item, lines_of(copy))
            if count != sum(item.records.values()):
                yield Finding("count", item.key, f"it holds {count} lines, the manifest says {item.records}")
