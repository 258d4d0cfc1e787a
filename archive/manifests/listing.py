"""Tailing an archive: what was published since, each segment once, in the order of publication.

    cursor = Cursor()                                    from the beginning; Cursor.from_json(…) goes on
    for manifest in archive.manifests(after=cursor):     oldest first, predecessors before successors
        …                                                do the work, and in the same transaction:
        cursor.advance(manifest)                         save cursor.to_json()

A cursor names the last manifests of each outlet's chain that were worked through, as a branch names commits. What is new is
what the chain's heads reach and the cursor does not: a segment recovered late, with an old date in its name, is not missed, and
none comes twice.
"""

from __future__ import annotations

import heapq
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.article import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.manifests.manifest import Manifest


@dataclass(slots=True)
class Cursor:
    """How far a follower has come: outlet → keys of the last manifests that it has worked through."""

    heads: dict[str, set[str]] = field(default_factory=dict)

    def advance(self, manifest: Manifest) -> None:
        """Take a manifest as worked through."""
        heads = self.heads.setdefault(manifest.outlet, set())
        heads.difference_update(link.key for link in manifest.previous)
        heads.add(manifest.key)

    def to_json(self) -> str:
        """Return the cursor as text, to be kept."""
        return json.dumps({outlet: sorted(heads) for outlet, heads in sorted(self.heads.items())})

    @classmethod
    def from_json(cls, text: str) -> Cursor:
        """Read what `to_json` wrote; raises ``ValueError`` where it is something else."""
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if not isinstance(said, dict) or not all(isinstance(heads, list) for heads in said.values()):
            raise ValueError("this is no cursor; one looks like {outlet: [keys of manifests]}")
        return cls({outlet: set(heads) for outlet, heads in said.items()})


def news(read: Callable[[str], Manifest], heads: Iterable[str], had: Iterable[str]) -> list[str]:
    """Return the keys of the manifests that ``heads`` reach and ``had`` do not, predecessors first.

    Args:
        read: gives the manifest of a key.
        heads: keys at the head of the chain.
        had: keys that were worked through, and with them all that they reach.
    """
    is_had = dict.fromkeys(heads, False) | dict.fromkeys(had, True)
    waiting = [_entry(read(key)) for key in is_had]
    heapq.heapify(waiting)
    found, pending = [], sum(not known for known in is_had.values())
    while pending:  # newest first, so that who is reached from both sides is known before it is taken
        _, key = heapq.heappop(waiting)
        if not is_had[key]:
            found.append(key)
            pending -= 1
        for link in read(key).previous:
            if link.key not in is_had:
                heapq.heappush(waiting, _entry(read(link.key)))
                pending += not is_had[key]
                is_had[link.key] = is_had[key]
            elif is_had[key] and not is_had[link.key]:
                pending -= link.key not in found
                is_had[link.key] = True
    return [key for key in reversed(found) if not is_had[key]]


def _entry(manifest: Manifest) -> tuple[float, str]:
    return -parse_time(manifest.created).timestamp(), manifest.key
