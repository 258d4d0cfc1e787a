"""What an archive holds, by outlet and crawl date, read from its manifests alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archive.manifests.manifest import Item, Manifest


@dataclass(frozen=True, slots=True)
class Day:
    """What was published of one outlet on one crawl date."""

    outlet: str
    date: str
    segments: int
    articles: int
    captures: int
    bytes: int


def days_of(manifests: Iterable[Manifest]) -> list[Day]:
    """Return the sums of the manifests, by crawl date and outlet."""
    sums: dict[tuple[str, str], list[int]] = {}
    for manifest in manifests:
        row = sums.setdefault((manifest.date, manifest.outlet), [0, 0, 0, 0])
        items = manifest.by_kind
        row[0] += 1
        row[1] += _count(items, "articles", "article")
        if "cdxj" in items:  # a WARC of a crawl's papers has captures of none
            row[2] += _count(items, "warc", "response") + _count(items, "warc", "revisit")
        row[3] += sum(item.bytes for item in manifest.objects)
    return [Day(name, date, *row) for (date, name), row in sorted(sums.items())]


def _count(items: Mapping[str, Item], kind: str, record: str) -> int:
    return items[kind].records.get(record, 0) if kind in items else 0
