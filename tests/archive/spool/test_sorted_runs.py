"""Lines in order, though only a few are in memory at a time."""

import random

import pytest

from archive.spool import sealing
from archive.spool.sealing import SortedRuns


@pytest.mark.parametrize("count", [0, 1, 6, 7, 8, 500])
def test_lines_come_in_the_order_of_bytes(monkeypatch, count):
    monkeypatch.setattr(sealing, "_RUN", 7)
    draw, runs = random.Random(count), SortedRuns()
    lines = [f"com,example)/{draw.choice('abا')}{draw.randrange(90)} {n}\n".encode() for n in range(count)]
    for line in lines:
        runs.take(line)
    assert list(runs) == sorted(lines)
    assert list(runs) == sorted(lines)  # and again
