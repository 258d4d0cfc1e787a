"""The articles in DuckDB, straight on the objects: what stands, and nothing that was taken down."""

import duckdb

from archive.article import Article
from archive.cli import main
from archive.export.sql import COLUMNS, articles_view
from archive.reader import open_archive
from archive.rewriting.compaction import compact
from tests.archive.samples import OUTLET, fill


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


def test_the_columns_are_those_of_the_line():
    assert (
        list(COLUMNS) == list(Article.__dataclass_fields__)
        if hasattr(Article, "__dataclass_fields__")
        else list(Article.__struct_fields__)
    )


def test_nothing_published_is_said(tmp_path, capsys):
    (tmp_path / "collection").mkdir()
    assert main(["sql", "--archive", str(tmp_path / "collection")]) == 2
    assert "no article is published" in capsys.readouterr().err
