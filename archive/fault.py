"""What could not be read, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read.

    Attributes:
        key: the object.
        line: the line in it, from 1; None where the whole object is meant.
        error: what was raised.
    """

    key: str
    line: int | None
    error: Exception

    def __str__(self) -> str:
        place = self.key if self.line is None else f"{self.key}, line {self.line}"
        return f"{place}: {self.error}"
