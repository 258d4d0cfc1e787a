"""The figures of the pinned draws: ``python -m tests.pipelines.syndication.raise_floor`` writes them into floor.json.

With ``--seeds FIRST LAST`` the figures of other draws are printed, eight wires each, and nothing is written.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.pipelines.syndication.draws import Draw, judge
from tests.pipelines.syndication.writing import BASES

if TYPE_CHECKING:
    from collections.abc import Iterable

FLOOR = Path(__file__).with_name("floor.json")
SEEDS = range(12)


def sources() -> bytes:
    """Return the articles that the draws are made of, as bytes."""
    return json.dumps(BASES, ensure_ascii=False).encode()


def measure(seeds: Iterable[int] = SEEDS, wires: int = 6) -> dict[str, float]:
    """Return the mean figures of draws: precision, recall, f1 and the recall of each class."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for seed in seeds:
        draw = Draw(BASES, seed, wires=wires)
        stories = Stories(MemoryStoryIndex())
        for each in draw.articles:
            stories.place(Piece.of_line(each.line()))
        for name, value in judge(draw, {placement.id: placement.story for placement in stories.placements()}).items():
            if not name.startswith("wrong:"):
                found[name].append(value)
    return {name: floor(1000 * sum(values) / len(values)) / 1000 for name, values in sorted(found.items())}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The figures of the draws")
    parser.add_argument("--seeds", nargs=2, type=int, metavar=("FIRST", "LAST"), help="print those of other draws")
    if wanted := parser.parse_args().seeds:
        sys.stdout.write(f"{measure(range(wanted[0], wanted[1] + 1), 8)}\n")
    else:
        held = {"articles": hashlib.sha256(sources()).hexdigest(), "figures": measure()}
        FLOOR.write_text(json.dumps(held, indent=2) + "\n", "utf-8")
