"""Stories stay what they are when an archive's segments are compacted, swept, or something in them is taken down."""

from datetime import UTC, datetime

from archive.maintenance.compaction import compact, months, sweep
from archive.reader.redactions import redaction_of
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES

DAM, MUSEUM = (ARTICLES[name][1] for name in ("dam", "museum"))


def published(tmp_path):
    one = Machine(tmp_path / "bucket", tmp_path / "one")
    one.crawl("alaraby", (1, DAM, 5, {}), (2, MUSEUM, 6, {}))
    one.catch_up()
    one.crawl("alaraby", (3, DAM, 1, {}))
    one.catch_up()
    return one


def rewritten(store, *, swept):
    for month in months(store, "alaraby"):
        assert list(compact(store, "alaraby", month))
        assert not swept or list(sweep(store, "alaraby", month, days=0, now=datetime(2100, 1, 1, tzinfo=UTC)))


def test_who_knew_the_old_segments_learns_nothing_from_the_new(tmp_path):
    one = published(tmp_path)
    before = list(one.stories.placements())
    rewritten(one.store, swept=True)
    one.catch_up()
    assert list(one.stories.placements()) == before
    assert one.stories.untold()[0] == []


def test_a_new_machine_learns_the_same_from_either(tmp_path):
    one = published(tmp_path)
    for swept in (False, True):
        if not swept:
            rewritten(one.store, swept=False)
        else:
            for month in months(one.store, "alaraby"):
                list(sweep(one.store, "alaraby", month, days=0, now=datetime(2100, 1, 1, tzinfo=UTC)))
        fresh = Machine(tmp_path / "bucket", tmp_path / f"fresh{swept}")
        fresh.catch_up()
        assert list(fresh.stories.placements()) == list(one.stories.placements())
        assert fresh.stories.untold()[0] == []


def test_what_was_taken_down_is_no_story_s_origin(tmp_path):
    one = published(tmp_path)
    gone = redaction_of([], [], ids=["alaraby:3"], who="w", basis="b", reason="r")
    one.store.create(gone.key, gone.to_bytes())
    fresh = Machine(tmp_path / "bucket", tmp_path / "fresh")
    fresh.catch_up()
    placed = {line.id: line.origin for line in fresh.stories.placements()}
    assert set(placed) == {"alaraby:1", "alaraby:2"}
