"""What happens in the month: when pieces are edited and taken down, and which faults the outlet has."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.replica.piece import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.replica.piece import Piece

EDITED, REMOVED = 0.25, 0.06  # shares of the pieces
KINDS = ("outage", "storm", "robots-closed", "robots-503", "changed_body_class", "lost_jsonld")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one outlet: ``outage``, ``storm`` (429), ``robots-closed``, ``robots-503``, or a switch of the replica."""

    kind: str
    outlet: str
    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(slots=True)
class Life:
    """One piece: when it is edited (silently or not) and taken down, if it is."""

    piece: Piece
    edited: datetime | None = None
    silent: bool = False
    removed: datetime | None = None

    def at(self, moment: datetime) -> Piece:
        """Return the piece as it reads at a moment."""
        if self.edited is None or moment < self.edited:
            return self.piece
        later = copy.deepcopy(self.piece)
        later.body.append(Block("p", "وأُضيفت هذه الفقرة بعد ورود توضيح مكتوب إلى غرفة الأخبار."))
        if not self.silent:
            later.modified = self.edited.replace(microsecond=0)
        return later

    def is_there(self, moment: datetime) -> bool:
        return self.piece.published <= moment and (self.removed is None or moment < self.removed)

    def is_gone(self, moment: datetime) -> bool:
        return self.removed is not None and moment >= self.removed


def lives_of(pieces: Iterable[Piece], seed: int, end: datetime) -> list[Life]:
    """Give each piece its fate."""
    chance = random.Random(f"month:{seed}")
    lives = []
    for piece in pieces:
        piece.trouble = None  # the month has faults of its own
        life = Life(piece)
        fate, age = chance.random(), timedelta(hours=chance.uniform(0.5, 20 * 24) ** chance.choice((1, 0.5)))
        if piece.kind == "article" and piece.published + age < end:
            if fate < EDITED:
                life.edited, life.silent = piece.published + age, chance.random() < 0.5
            elif fate < EDITED + REMOVED:
                life.removed = piece.published + age
        lives.append(life)
    return lives


def faults_of(outlet: str, start: datetime, days: int) -> list[Fault]:
    """Spread the faults over the month, each well apart from the next; a short one has the first of them."""
    lengths = {"outage": 1.0, "storm": 0.75, "robots-closed": 2.0, "robots-503": 0.5}
    found, day = [], 1.5
    for kind in KINDS:
        length = lengths.get(kind, 1.5)
        if day + length + 1 <= days:
            begin = start + timedelta(days=day)
            found.append(Fault(kind, outlet, begin, begin + timedelta(days=length)))
        day += length + max(1.0, days / len(KINDS) - length)
    return found
