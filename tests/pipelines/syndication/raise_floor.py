"""The figures of the pinned draws: ``python -m tests.pipelines.syndication.raise_floor`` writes them into floor.json."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from math import floor
from pathlib import Path

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.pipelines.syndication.draws import Draw, judge
from tests.pipelines.syndication.writing import BASES

FLOOR = Path(__file__).with_name("floor.json")
SEEDS = range(12)


def sources() -> bytes:
    """Return the articles that the draws are made of, as bytes."""
    return json.dumps(BASES, ensure_ascii=False).encode()


def measure() -> dict[str, float]:
    """Return the mean figures of the pinned draws: precision, recall, f1 and the recall of each class."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for seed in SEEDS:
        draw = Draw(BASES, seed, wires=6)
        stories = Stories(MemoryStoryIndex())
        for each in draw.articles:
            stories.place(Piece.of_line(each.line()))
        for name, value in judge(draw, {placement.id: placement.story for placement in stories.placements()}).items():
            if not name.startswith("wrong:"):
                found[name].append(value)
    return {name: floor(1000 * sum(values) / len(values)) / 1000 for name, values in sorted(found.items())}


if __name__ == "__main__":
    held = {"articles": hashlib.sha256(sources()).hexdigest(), "figures": measure()}
    FLOOR.write_text(json.dumps(held, indent=2) + "\n", "utf-8")
