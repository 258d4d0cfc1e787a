"""What a verification says: single findings, and how much it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        kind: ``manifest``, ``missing``, ``size``, ``hash``, ``record``, ``count``, ``line``, ``version``, ``pointer``, ``gap``, ``chain``,
            ``orphan``, ``stray``.
        key: the object it was found at.
        what: one sentence.
        is_fault: False for what harms no reader, such as an object that a crash left behind and no manifest lists.
    """

    kind: str
    key: str
    what: str
    is_fault: bool = True


@dataclass(slots=True)
class Tally:
    """How much was looked at."""

    manifests: int = 0
    objects: int = 0
    bytes: int = 0
    records: int = 0
    lines: int = 0
    faults: int = 0
    notes: int = 0
