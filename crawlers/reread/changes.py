"""What a second reading changed, counted and shown."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archive.diff import compare, render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.maintenance.generations import Line

SAMPLES = 3  # of each field
_EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(slots=True)
class Changes:
    """What a second reading changed.

    Attributes:
        pages: captures that were read.
        lines: article lines that were compared.
        changed: how many of them read differently now.
        unread: how many of them whose record gives no such article any more; they stay as they were.
        gained: articles in records that had no line.
        fields: field → Counter of ``gained``, ``lost``, ``different``.
        samples: field → a few of (article id, old value, new value).
        faults: records on which the extraction broke, with the error.
        generations: keys of the manifests that were published.
    """

    pages: int = 0
    lines: int = 0
    changed: int = 0
    unread: int = 0
    gained: int = 0
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    samples: dict[str, list[tuple[str, Any, Any]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    generations: list[str] = field(default_factory=list)

    def take(self, old: Line, new: Line | None) -> None:
        """Compare a line with its new reading, None where there is none."""
        self.lines += 1
        if new is None:
            self.unread += 1
            return
        names = [name for name in new if old.get(name) != new[name]]
        self.changed += bool(names)
        for name in names:
            before, after = old.get(name), new[name]
            what = "gained" if before in _EMPTY else "lost" if after in _EMPTY else "different"
            self.fields.setdefault(name, Counter())[what] += 1
            found = self.samples.setdefault(name, [])
            if len(found) < SAMPLES:
                found.append((new["id"], before, after))

    def as_json(self) -> dict[str, Any]:
        """Return it for machines."""
        counts = {name: getattr(self, name) for name in ("pages", "lines", "changed", "unread", "gained")}
        samples = {
            name: [{"id": article, "old": old, "new": new} for article, old, new in found]
            for name, found in self.samples.items()
        }
        fields = {name: dict(sorted(found.items())) for name, found in sorted(self.fields.items())}
        return counts | {"fields": fields, "samples": samples, "faults": self.faults, "generations": self.generations}

    def as_text(self, *, colour: bool = False) -> Iterator[str]:
        """Yield it for people, a line at a time."""
        yield (
            f"{self.pages:,} pages read again, {self.lines:,} articles compared: {self.changed:,} read differently, "
            f"{self.gained:,} gained, {self.unread:,} no longer read (their lines stay)"
        )
        yield from (f"the reading broke on {fault}" for fault in self.faults)
        for name, found in sorted(self.fields.items()):
            counts = ", ".join(f"{what} {count:,}" for what, count in sorted(found.items()))
            yield f"\n{name}: {counts}"
            for article, old, new in self.samples[name]:
                yield f"  {article}"
                yield from (f"    {line}" for line in _difference(old, new, colour=colour))


def _difference(old: Any, new: Any, *, colour: bool) -> Iterator[str]:
    if isinstance(old, str) and isinstance(new, str):
        shown = list(render(compare(old, new), colour=colour))
        if shown:
            yield from shown
            return
    for mark, value in (("-", old), ("+", new)):
        if value not in _EMPTY:
            yield f"{mark} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
