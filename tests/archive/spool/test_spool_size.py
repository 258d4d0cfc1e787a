"""The size of a spool in which segments move from state to state meanwhile."""

import threading

import pytest

from archive.spool.spool import Facts, Spool

STEM = "WARRAQ-20261126120000000-00000-alaraby"
ROUNDS = 400


@pytest.fixture
def spool(tmp_path):
    spool = Spool(tmp_path / "spool")
    facts = Facts(
        collection="news", outlet="alaraby", crawl="c", segment_id=STEM, opened="2026-11-26T12:00:00Z", warcinfo={}
    )
    spool.create(facts).warc.write_bytes(b"x" * 1000)
    return spool


def test_it_is_the_bytes_of_all_files(spool):
    facts = spool.root / "alaraby/open" / STEM / "facts.json"
    assert spool.size() == 1000 + facts.stat().st_size


def test_a_spool_that_is_not_there_holds_nothing(tmp_path):
    assert Spool(tmp_path / "none").size() == 0


def test_a_segment_that_moves_or_goes_meanwhile_breaks_nothing(spool):
    done = threading.Event()

    def move():
        folder = spool.root / "alaraby/open" / STEM
        while not done.is_set():
            for state in ("closed", "sealed", "open"):
                folder = folder.rename(spool.root / "alaraby" / state / STEM)

    for state in ("closed", "sealed"):
        (spool.root / "alaraby" / state).mkdir()
    mover = threading.Thread(target=move)
    mover.start()
    try:
        sizes = [spool.size() for _ in range(ROUNDS)]
    finally:
        done.set()
        mover.join()
    assert max(sizes) >= 1000
