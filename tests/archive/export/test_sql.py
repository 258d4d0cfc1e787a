"""The articles in DuckDB, straight on the objects: what stands, and nothing that was taken down."""

import json
from dataclasses import asdict

import duckdb
import pytest

from archive.article import Story
from archive.cli import main
from archive.export.columns import articles_view
from archive.maintenance.compaction import compact
from archive.manifests.publisher import Publisher
from archive.reader.archive import open_archive
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import OUTLET, clock, fill


def rows(uri, query):
    with duckdb.connect() as connection:
        connection.execute(articles_view(open_archive(uri)))
        return connection.execute(query).fetchall()


def test_the_view_is_what_a_reader_sees(filled, tmp_path):
    fill(filled, tmp_path, range(3), crawl="c2", version=2, tags=["غزة"])
    query = "SELECT count(*), count(DISTINCT id), sum(words), min(published) FROM articles"
    before = rows(filled, query)
    assert before[0][:3] == (33, 30, 132)
    list(compact(open_archive(filled).store, OUTLET, "2026-11"))
    assert rows(filled, query) == before
    assert (
        main(["redact", "--archive", filled, "--id", f"{OUTLET}:2", "--who", "w", "--basis", "b", "--reason", "r"]) == 0
    )
    assert rows(filled, query)[0][:2] == (31, 29)
    assert rows(filled, "SELECT id FROM articles WHERE list_contains(tags, 'غزة') ORDER BY id") == [
        (f"{OUTLET}:0",),
        (f"{OUTLET}:1",),
    ]
    assert rows(filled, "SELECT warc.offset FROM articles WHERE id = 'aljazeera:4'")[0][0] > 0


def test_stories_are_those_that_were_last_told(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    for number in range(3):
        story = Story(id=f"{OUTLET}:{number}", role="first", origin=f"{OUTLET}:{number}", overlap=1.0)
        fill(uri, tmp_path, range(number, number + 1), crawl=f"c{number}", story=story)
    assert rows(uri, "SELECT count(DISTINCT story.id) FROM articles") == [(3,)]
    writer = SegmentWriter(tmp_path / "spool", collection="w", outlet=OUTLET, crawl="c9", warcinfo={}, clock=clock)
    said = {"id": f"{OUTLET}:2", "story": f"{OUTLET}:0", "role": "copy", "origin": f"{OUTLET}:1"}
    related = [{"id": f"{OUTLET}:1", "relation": "contained-in", "overlap": 0.4}]
    late = {"overlap": 0.8, "told": "2026-11-24T10:00:00.000000+00:00", "related": related}
    for told in (late, {"overlap": 0.1, "told": "2026-11-24T09:00:00.000000+00:00"}):
        writer.write_story(json.dumps(said | told))
    writer.write_story(json.dumps(said | late | {"id": f"{OUTLET}:77"}))
    writer.close()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    query = "SELECT id, story.id, story.role, story.origin, story.overlap, len(related) FROM articles ORDER BY id"
    seen = [
        (a.id, a.story.id, a.story.role, a.story.origin, a.story.overlap, len(a.related))
        for a in sorted(open_archive(uri).articles(), key=lambda article: article.id)
    ]
    assert rows(uri, query) == seen
    assert seen[2] == (f"{OUTLET}:2", f"{OUTLET}:0", "copy", f"{OUTLET}:1", 0.8, 1)


def told(uri, tmp_path, *lines):
    """Publish lines under stories/."""
    writer = SegmentWriter(tmp_path / "spool", collection="w", outlet=OUTLET, crawl="c9", warcinfo={}, clock=clock)
    for line in lines:
        writer.write_story(json.dumps(line))
    writer.close()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()


@pytest.mark.parametrize("outlet", [None, OUTLET])
def test_the_agencies_of_a_story_are_those_that_a_reader_sees(tmp_path, outlet):
    uri = (tmp_path / "collection").as_uri()
    first, own = f"{OUTLET}:0", {"afp": {f"{OUTLET}:1": "tail"}}
    stories = [
        Story(id=first, role="first", origin=first, overlap=1.0),  # told below
        Story(id=first, role="copy", origin=first, overlap=0.9, agencies=own),
        Story(id=f"{OUTLET}:2", role="first", origin=f"{OUTLET}:2", overlap=1.0, agencies=own),  # as its line says
        Story(id=f"{OUTLET}:3", role="first", origin=f"{OUTLET}:3", overlap=1.0),  # what it credits itself
        Story(id=f"{OUTLET}:4", role="first", origin=f"{OUTLET}:4", overlap=1.0),  # credits nobody
        None,
    ]
    for number, story in enumerate(stories):
        credited = {"agencies": ["reuters", "afp"], "agency_evidence": {"afp": "head"}} if number == 3 else {}
        fill(uri, tmp_path, range(number, number + 1), crawl=f"c{number}", story=story, **credited)
    line = {"id": first, "story": first, "role": "first", "origin": first, "overlap": 1.0, "related": []}
    agencies = {"ap": {first: "byline"}, "afp": {f"{OUTLET}:1": "tail"}}
    told(uri, tmp_path, line | {"agencies": agencies, "told": "2026-11-24T10:00:00.000000+00:00"})
    with duckdb.connect() as connection:
        connection.execute(articles_view(open_archive(uri), outlet))
        seen = dict(connection.execute("SELECT id, story FROM articles").fetchall())
    read = {
        article.id: article.story and asdict(article.story) for article in open_archive(uri).articles(outlet=outlet)
    }
    assert seen == read
    assert [len(read[f"{OUTLET}:{number}"]["agencies"]) for number in (2, 3, 4)] == [1, 2, 0]
    assert (read[first]["agencies"] == agencies) == (outlet is None)


def test_nothing_published_is_said(tmp_path, capsys):
    (tmp_path / "collection").mkdir()
    assert main(["sql", "--archive", str(tmp_path / "collection")]) == 2
    assert "no article is published" in capsys.readouterr().err
