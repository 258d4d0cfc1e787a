"""Recovery: what a crawl that died left in the spool becomes whole, and nothing that was on disk is lost.

    crawl.json is there, the outlet's lock is free  ─▶  the crawl died        "mended": all but the reading is done
    open/<stem> ─▶ cut to the last whole record and line ─▶ read again what has a record and no line ─▶ closed/<stem>

What was captured shortly before the end may have its record and not yet its article line: those records, of the
crawl's last segments, in the spool or already in the store, are handed to ``reread``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.spool.sealing import cut
from archive.spool.spool import Spool, SpoolBusy
from archive.unread import Unread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from archive.store.protocol import Store
    from archive.unread import Reread


@dataclass(slots=True)
class Recovered:
    """What was done for one outlet: the crawl that died, its open segments, what was cut off them, articles read again.

    ``reread`` is None where reading was left to the outlet's next crawl.
    """

    outlet: str
    crawl: str
    segments: list[str] = field(default_factory=list)
    cut: dict[str, int] = field(default_factory=dict)
    reread: int | None = None

    def __str__(self) -> str:
        """Return it as one line for the operator."""
        cut_off = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in self.cut.items()) or "nothing"
        read = f"{self.reread} articles read again from their records"
        later = "records without an article's line are read again by the outlet's next crawl"
        return (
            f"{self.outlet}: crawl {self.crawl} had died; {len(self.segments)} open segments closed, "
            f"cut off {cut_off}, {later if self.reread is None else read}"
        )


def recover(
    spool: Path, store: Store | None = None, *, outlets: Sequence[str] | None = None, reread: Reread | None = None
) -> list[Recovered]:
    """Close what died; `archive.manifests.publisher.Publisher.publish_sealed` then publishes it.

    An outlet whose spool a living process holds is left alone.

    Args:
        spool: the spool's folder.
        store: where the crawl's earlier segments are; None where only the spool is to be looked at.
        outlets: only these.
        reread: reads a capture again and returns its articles, none where it is no article's; None leaves captures to the
            next recovery that has it.
    """
    house = Spool(spool)
    done: list[Recovered] = []
    for outlet in house.outlets() if outlets is None else outlets:
        try:
            lock = house.lock(outlet)
        except SpoolBusy:
            continue
        try:
            done += recover_locked(house, outlet, store, reread)
        finally:
            lock.release()
    return done


def recover_locked(house: Spool, outlet: str, store: Store | None, reread: Reread | None) -> list[Recovered]:
    """Do what `recover` does, for one outlet whose spool the caller has locked; nothing where nobody died."""
    if house.segments(outlet, "open") or _has_died(house.crawl(outlet), reread):
        return [_recover_outlet(house, outlet, store, reread)]
    return []


def _recover_outlet(house: Spool, outlet: str, store: Store | None, reread: Reread | None) -> Recovered:
    for segment in house.segments(outlet, "open"):
        if not (segment.folder / "facts.json").exists():
            segment.remove()  # it died before it was begun
    opened = house.segments(outlet, "open")
    crawl = house.crawl(outlet) or {"crawl": "unknown", "stems": []}
    result = Recovered(outlet, opened[-1].facts().crawl if opened else crawl["crawl"])
    for segment in opened:
        _, lost = cut(segment)
        result.segments.append(segment.stem)
        for what, count in lost.items():
            result.cut[what] = result.cut.get(what, 0) + count
    stems = [*crawl["stems"], *(segment.stem for segment in opened if segment.stem not in crawl["stems"])]
    if reread is not None:
        result.reread = Unread(house, outlet, store, reread).run(result.crawl, stems) if stems else 0
    for segment in house.segments(outlet, "open"):
        segment.move("closed")
    left = reread is None and bool(stems)
    house.note_crawl(outlet, {"crawl": result.crawl, "stems": stems, "mended": True} if left else None)
    return result


def _has_died(crawl: dict[str, Any] | None, reread: Reread | None) -> bool:
    """Say whether there is something to do for a crawl: all of it, or the reading that an earlier recovery left."""
    return crawl is not None and (reread is not None or not crawl.get("mended"))
