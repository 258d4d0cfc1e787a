"""The quality floor: what the matching reaches on the project's own labelled draws may only rise.

``floor.json`` holds the figures of the pinned draws and a digest of the articles they are drawn from. Where the figures rise,
raise the floor: ``python -m tests.pipelines.syndication.raise_floor``.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.syndication import MemoryIndex, Piece, Stories
from tests.pipelines.syndication.draws import Draw, judge
from tests.pipelines.syndication.raise_floor import FLOOR, measure, sources
from tests.pipelines.syndication.writing import BASES

SHARED = Path("../shared/dedup")


def test_the_floor_is_kept():
    floor = json.loads(FLOOR.read_text("utf-8"))
    assert floor["articles"] == hashlib.sha256(sources()).hexdigest(), "the articles changed: raise the floor anew"
    reached = measure()
    assert {name: value for name, value in floor["figures"].items() if reached[name] < value} == {}


@pytest.mark.parametrize("seed", range(100, 104))
def test_draws_that_nothing_was_tuned_on(seed):
    draw = Draw(BASES, seed, wires=8)
    stories = Stories(MemoryIndex())
    for each in draw.articles:
        stories.place(Piece.of_line(each.line()))
    figures = judge(draw, {placement.id: placement.story for placement in stories.placements()})
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.85


@pytest.mark.skipif(not SHARED.exists(), reason="the training half is not here")
def test_the_training_half_is_above_its_bar(tmp_path):
    answer = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "scrapy", "recluster", str(SHARED / "stories.jsonl")]
    with answer.open("wb") as out:
        subprocess.run(command, stdout=out, check=True)
    scored = subprocess.run(
        [sys.executable, SHARED / "score.py", SHARED, answer], capture_output=True, text=True, check=False
    )
    assert scored.returncode == 0, scored.stdout
    assert float(scored.stdout.split("F1")[1].split()[0]) >= 0.98
