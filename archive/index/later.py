"""What manifests that the index does not know yet say of objects that it knows: replaced, or changed by an erasure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from archive.manifests.manifest import SUFFIXES
from archive.manifests.superseded import amendments

if TYPE_CHECKING:
    from collections.abc import Callable

    from archive.manifests.manifest import Item, Manifest


@dataclass(slots=True)
class Later:
    """What becomes of the entries of known segments.

    Attributes:
        replaced: segments' numbers and kinds whose objects are read no more.
        gone: segments' numbers and kinds whose entries, as they are, are to be forgotten: those, and what was changed.
        amended: objects as an erasure left them, by key.
        changed: the segments of those, which are to be read again.
    """

    replaced: set[tuple[int, str]] = field(default_factory=set)
    gone: set[tuple[int, str]] = field(default_factory=set)
    amended: dict[str, Item] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, manifest_of: Callable[[str], Manifest], stems: list[str], order: dict[str, int]) -> Self:
        """Learn it from the manifests of some segments; ``order`` numbers these and the known ones."""
        found = cls()
        speaking = [m for stem in stems if (m := manifest_of(stem)).replaces or m.amends]
        for manifest in speaking:
            for old in manifest.replaces:
                stem = old.key.rpartition("/")[2].removesuffix(".json")
                found.replaced |= {(order[stem], kind) for kind in old.kinds if stem in order}
        found.amended = amendments(speaking)
        for key, item in found.amended.items():
            stem = key.rpartition("/")[2].removesuffix(SUFFIXES[item.kind])
            if stem in order and stem not in stems:
                found.gone |= {(order[stem], kind) for kind in ("articles", "cdxj")}
                found.changed.append(stem)
        found.changed = sorted(set(found.changed))
        found.gone |= found.replaced
        return found

    def view(self, manifest: Manifest, number: int) -> Manifest:
        """Return a manifest with its standing objects."""
        left = (item for item in manifest.objects if (number, item.kind) not in self.replaced)
        return replace(manifest, objects=[self.amended.get(item.key, item) for item in left])
