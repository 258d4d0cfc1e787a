"""The second edition: what the outlets changed, took down and added after the first crawl."""

from __future__ import annotations

import copy
import random
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from tests.replica.piece import Block, Piece

if TYPE_CHECKING:
    from tests.replica.newsroom import Newsroom

UPDATED = (
    "وفي وقت لاحق أفادت الجهات المعنية بأن حصيلة جديدة ستُعلن خلال ساعات.",
    "ولم يصدر حتى ساعة إعداد هذا التحديث أي تعليق إضافي من الأطراف المذكورة.",
    "وأُضيفت هذه الفقرة بعد ورود توضيح مكتوب إلى غرفة الأخبار.",
)


def second(newsroom: Newsroom) -> tuple[dict[str, list[Piece]], dict[str, list[Piece]]]:
    """Return (pieces by outlet, pieces taken down by outlet); the first edition stays as it is."""
    rng = random.Random("edition 2")
    pieces, gone = {}, {}
    for name, first in newsroom.pieces.items():
        mine = copy.deepcopy(first)
        plain = [
            p
            for p in mine[len(mine) // 2 :]
            if p.kind == "article" and not p.story_group and not p.event and not p.trouble
        ]
        chosen = rng.sample(plain, 8)
        for turn, piece in enumerate(chosen[:5]):
            _edit(piece, turn, newsroom)
        down = chosen[5:7]
        pieces[name] = [p for p in mine if p not in down]
        gone[name] = down
        pieces[name] += newsroom.later[name]
    return pieces, gone


def _edit(piece: Piece, turn: int, newsroom: Newsroom) -> None:
    """Edit openly (``modified`` raised) or, every other time, silently."""
    piece.edition = 2
    piece.body.append(Block("p", UPDATED[turn % len(UPDATED)]))
    if turn == 2:
        piece.headline = f"{piece.headline} (محدث)"
    if turn % 2 == 0:
        latest = datetime.combine(newsroom.until, time(11), UTC)
        piece.modified = max(latest - timedelta(minutes=7 * turn), piece.stamp)
