"""Tailing: each segment once, in the order of publication, whatever its date; and articles as they come."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from archive import open_archive
from archive.maintenance.compaction import compact
from archive.manifests.listing import Cursor, days_of, news
from archive.manifests.manifest import Link, Manifest
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import StoreUnavailable, open_store
from tests.archive.samples import OUTLET, article_of, fill

START = datetime(2026, 11, 23, tzinfo=UTC)


def publish(uri, folder, number, opened):
    writer = SegmentWriter(
        folder / "spool", collection="w", outlet=OUTLET, crawl=f"c{number}", warcinfo={}, clock=lambda: opened
    )
    writer.write_article(article_of(number, None))
    writer.close()
    Publisher(open_store(uri), folder / "spool").publish_sealed()


def test_each_once_and_late_ones_with_an_old_date_too(filled_anywhere, tmp_path):
    archive, cursor = open_archive(filled_anywhere), Cursor()
    first = list(archive.manifests(after=cursor))
    assert [manifest.key for manifest in first] == [manifest.key for manifest in archive.manifests()]
    for manifest in first[:2]:
        cursor.advance(manifest)
    cursor = Cursor.from_json(cursor.to_json())
    assert list(archive.manifests(after=cursor)) == first[2:]
    for manifest in first[2:]:
        cursor.advance(manifest)
    assert cursor == archive.cursor()
    publish(filled_anywhere, tmp_path, 90, START - timedelta(days=40))
    (late,) = archive.manifests(after=cursor)
    assert late.date == "2026-10-14"
    assert [article.id for article in archive.articles_of(late)] == [f"{OUTLET}:90"]
    cursor.advance(late)
    assert not list(archive.manifests(after=cursor))
    with pytest.raises(ValueError, match="this is no cursor"):
        Cursor.from_json("[]")


def test_articles_come_as_they_are_published_and_an_outage_is_waited_out(filled, tmp_path, monkeypatch):
    archive, waits = open_archive(filled), []
    open_, is_away = archive.store.open, [False]

    def sometimes(key):
        if is_away[0] and key.startswith("articles/"):
            is_away[0] = False
            raise StoreUnavailable("away")
        return open_(key)

    monkeypatch.setattr(archive.store, "open", sometimes)

    def wait(seconds):
        waits.append(seconds)
        if len(waits) == 1:
            fill(filled, tmp_path, range(50, 53), crawl="c5")
            is_away[0] = True
        if len(waits) == 3:
            assert list(compact(open_store(filled), OUTLET, "2026-11"))
        if len(waits) == 4:
            publish(filled, tmp_path, 60, START + timedelta(days=1))

    found = list(islice(archive.follow(every=5, wait=wait), 4))
    assert [article.id for article in found] == [f"{OUTLET}:{n}" for n in (50, 51, 52, 60)]
    assert waits == [5] * 4


def manifest(name, *previous, minute):
    key = f"w-{OUTLET}-20261123100000000-0000{name}-00000000"
    return Manifest(
        collection="w", outlet=OUTLET, crawl="c", segment=key, date="2026-11-23", created=f"2026-11-23T10:{minute:02d}:00Z",
        software={}, objects=[], previous=[Link(key=one.key, sha256="") for one in previous],
    )  # fmt: skip


def test_two_branches_that_were_joined():
    root = manifest(0, minute=0)
    left, right = manifest(1, root, minute=1), manifest(2, root, minute=2)
    joined = manifest(3, left, right, minute=3)
    known = {one.key: one for one in (root, left, right, joined)}

    def new(*had):
        return [known[key].segment[-10] for key in news(known.__getitem__, [joined.key], [one.key for one in had])]

    assert new() == ["0", "1", "2", "3"]
    assert new(left) == ["2", "3"]
    assert new(right) == ["1", "3"]
    assert new(left, right) == ["3"]
    assert new(joined) == []


def test_days_are_summed_up(filled):
    manifests = list(open_archive(filled).manifests())
    (day,) = days_of(manifests)
    sizes = [item.bytes for manifest in manifests for item in manifest.objects]
    assert (day.outlet, day.date) == (OUTLET, "2026-11-23")
    assert (day.segments, day.articles, day.captures, day.bytes) == (len(manifests), 30, 30, sum(sizes))
