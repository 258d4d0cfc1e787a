"""What happens in the month: which pieces there are, when they are edited and taken down, and which faults the outlets have."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tests.replica.newsroom import Newsroom
from tests.replica.piece import Block

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.replica.piece import Piece

EDITED, REMOVED = 0.25, 0.06  # shares of the pieces
SLICE = 6  # days of a newsroom, which has so much to write about and no more
CALM = 6  # crawls at the beginning without a fault at least: so many are a measure
LENGTHS = {
    "outage": 1.0,
    "storm": 0.75,
    "robots-closed": 2.0,
    "robots-503": 0.5,
    "blocked": 0.5,
    "dead-channel": 1.0,
    "store-lost": 0.0,
    "changed_body_class": 2.0,
    "lost_jsonld": 2.0,
}
"""Fault → days of a month; one that is shorter than the time between two crawls has one crawl."""
UNSEEN = {
    ("alaraby", "changed_body_class"),  # its texts come from feeds, the others are found by their density already
    ("albawabhnews", "lost_jsonld"),  # it has none
    ("skynewsarabia", "changed_body_class"),  # it is read from what its pages embed
    ("skynewsarabia", "lost_jsonld"),
}
"""What changes nothing for our reading."""
ORDER = tuple(LENGTHS)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one outlet (``storm``: 429; ``store-lost``: the bucket's), some of them switches of the replica."""

    kind: str
    outlet: str
    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def __str__(self) -> str:
        return f"{self.outlet}: {self.kind} {self.start:%m-%d %H}h to {self.end:%m-%d %H}h"


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


def pieces_of(seed: int, until: date, days: int) -> dict[str, list[Piece]]:
    """Write what the outlets publish, oldest first: one newsroom after another, each some days long.

    A newsroom's last day ends in the morning, so each is a day longer than what is taken of it. No outlet gives a number or an
    address twice.
    """
    found: dict[str, dict[str, Piece]] = {}
    for turn, back in enumerate(range(0, days, SLICE)):
        first, last = (until - timedelta(days=min(back + SLICE, days) - 1), until - timedelta(days=back))
        newsroom = Newsroom(seed + 1000 * turn, last + timedelta(days=1), (last - first).days + 2)
        for outlet, pieces in newsroom.pieces.items():
            taken = (piece for piece in pieces if first <= piece.published.date() <= last)
            there = found.setdefault(outlet, {})
            for piece in taken:
                if piece.path not in {other.path for other in there.values()}:
                    there.setdefault(piece.id, piece)
    return {outlet: sorted(pieces.values(), key=lambda piece: piece.published) for outlet, pieces in found.items()}


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


def faults_of(outlet: str, turn: int, start: datetime, days: int, every: timedelta) -> list[Fault]:
    """Spread the faults over the month, at least a crawl apart; each outlet begins with another one.

    Args:
        outlet: the outlet.
        turn: its place among the outlets.
        start: of the month.
        days: of the month; of a short one the first faults, as they find room.
        every: between two crawls.
    """
    kinds = [kind for kind in ORDER if (outlet, kind) not in UNSEEN]
    kinds = kinds[4 * turn % len(kinds) :] + kinds[: 4 * turn % len(kinds)]
    lengths = [max(LENGTHS[kind] * min(days / 30, 1) // (every / timedelta(days=1)), 1) for kind in kinds]
    crawls = int(timedelta(days=days) / every)
    calm = max(CALM, crawls // 10)
    pause = max((crawls - calm - sum(lengths)) // len(kinds), 2)
    found, at = [], calm
    for kind, length in zip(kinds, lengths, strict=True):
        if at + length <= crawls:
            begin = start + (at + 0.5) * every
            found.append(Fault(kind, outlet, begin, begin + length * every))
        at += int(length + pause)
    return found
