"""What other tools are given, read by these tools; a second export adds only what is new."""

import csv
import errno
import gc
import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module

import duckdb
import pyarrow.parquet as pq
import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.article import Article, Image, Policy, Story
from archive.cli import main
from archive.export import FORMATS, export
from archive.export.columns import Rows
from archive.maintenance.compaction import compact
from archive.reader.archive import Archive
from archive.store import open_store
from tests.archive.samples import OUTLET, article_of, fill

RICH = {
    "tags": ["غزة", "سياسة"],
    "images": [Image(url="https://x.example/1.jpg", caption="تعليق")],
    "story": Story(id=f"{OUTLET}:1", role="first", origin=f"{OUTLET}:1", overlap=1.0),
    "provenance": {"headline": "json-ld", "text": "selector"},
    "policy": Policy(noai=True),
    "headline": "=عنوان",
}


@pytest.fixture
def collection(filled, tmp_path):
    fill(filled, tmp_path, range(100, 103), crawl="c2", **RICH)
    return open_store(filled)


def more(store, tmp_path, numbers=range(200, 204), **other):
    fill(store.uri, tmp_path, numbers, crawl=f"c{numbers.start}", **other)


def documents_in(folder):
    return [
        json.loads(line)
        for path in sorted(folder.glob("documents/*"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def pages_in(folder):
    return [
        json.loads(line)["url"].rpartition("/")[2]
        for path in sorted(folder.glob("*.wacz"))
        for line in zipfile.ZipFile(path).read("pages/pages.jsonl").splitlines()[1:]
    ]


def texts_in(folder):
    for path in sorted(folder.glob("*.wet.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, check_digests="raise"):
                if record.rec_type == "conversion":
                    yield record.rec_headers["X-Warraq-Article"]


READERS = {  # tools that know nothing of us
    "parquet": lambda out: [
        row[0] for row in duckdb.sql(f"SELECT id FROM read_parquet('{out}/**/*.parquet')").fetchall()
    ],
    "jsonl": lambda out: import_module("polars").read_ndjson(out / "articles.jsonl")["id"].to_list(),
    "csv": lambda out: import_module("pandas").read_csv(out / "articles.csv")["id"].tolist(),
    "hf": lambda out: pq.read_table(out / "data")["id"].to_pylist(),
    "datatrove": lambda out: [document["id"].partition("@")[0] for document in documents_in(out)],
    "jsonld": lambda out: [
        json.loads(line)["identifier"] for line in (out / "articles.jsonld").read_text(encoding="utf-8").splitlines()
    ],
    "xlsx": lambda out: [
        name for path in out.glob("*.xlsx") for name in import_module("pandas").read_excel(path)["id"]
    ],
    "wacz": lambda out: [f"{OUTLET}:{number}" for number in pages_in(out)],
    "wet": texts_in,
}


def ids_in(folder, format_):
    return sorted(READERS[format_](folder))


@pytest.mark.parametrize("format_", FORMATS)
def test_a_first_export_that_no_article_fits_writes_nothing(collection, tmp_path, format_):
    done = export(collection, tmp_path / "out", format_, {"since": "1990-01-01", "until": "1990-01-02"})
    assert (done.added, done.articles, done.is_written) == (0, 0, False)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format_", ["wet", "wacz"])
def test_an_article_without_a_capture_is_not_counted_as_exported(collection, tmp_path, format_, capsys):
    uri = (tmp_path / "cached").as_uri()
    fill(uri, tmp_path / "more", range(2), warc=None)  # as what comes out of an HTTP cache
    assert main(["wacz", "--archive", uri, str(tmp_path / "a.wacz")]) == 1
    assert capsys.readouterr().err == "no article with a capture fits\n"
    assert not export(open_store(uri), tmp_path / "out", format_, {}).is_written
    fill(uri, tmp_path / "more", range(2, 3), crawl="c2")
    assert (
        export(open_store(uri), tmp_path / "out", format_, {}).articles == len(ids_in(tmp_path / "out", format_)) == 1
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_a_second_export_adds_only_what_is_new(collection, tmp_path, format_):
    out = tmp_path / "out"
    first = export(collection, out, format_, {})
    assert (first.added, first.articles, first.anew) == (33, 33, None)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and "run-" in path.name}
    assert export(collection, out, format_, {}).added == 0
    more(collection, tmp_path)
    second = export(collection, out, format_, {})
    assert (second.added, second.articles, second.anew) == (4, 37, None)
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(ids_in(out, format_)) == sorted(article.id for article in Archive(collection).articles())


def test_parquet_is_typed_and_read_by_everybody(collection, tmp_path):
    out = tmp_path / "out"
    export(collection, out, "parquet", {})
    rows = duckdb.sql(
        f"""SELECT outlet, month, typeof(published), typeof(tags), count(*), list_distinct(flatten(list(tags)))
            FROM read_parquet('{out}/**/*.parquet', hive_partitioning = true) GROUP BY ALL"""
    ).fetchall()
    ((outlet, month, published, tags, count, distinct),) = rows
    assert (outlet, month, published, tags, count) == (OUTLET, "2026-11", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", 33)
    assert sorted(distinct) == ["سياسة", "غزة"]
    frame = import_module("pandas").read_parquet(out)
    assert str(frame["published"].dtype) == "datetime64[us, UTC]"
    assert frame["outlet"].unique().tolist() == [OUTLET]
    pl = import_module("polars")
    found = pl.read_parquet(out / "**" / "*.parquet", hive_partitioning=True)
    assert found["outlet"].unique().to_list() == [OUTLET]
    assert found.schema["words"] == pl.Int32
    for path in out.rglob("*.parquet"):
        assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"


def test_every_field_survives(collection, tmp_path):
    export(collection, tmp_path / "hf", "hf", {})
    export(collection, tmp_path / "jsonl", "jsonl", {})
    said = {article.id: article for article in Archive(collection).articles()}
    lines = (tmp_path / "jsonl" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    assert {article.id: article for article in map(Article.from_line, lines)} == said
    for row in pq.read_table(tmp_path / "hf" / "data").to_pylist():
        article = said[row["id"]]
        assert (row["published"], row["tags"], {one["field"]: one["witness"] for one in row["provenance"]}) == (
            article.published,
            article.tags,
            article.provenance,
        )
        assert (row["warc"]["offset"], row["policy"]["noai"]) == (article.warc.offset, article.policy.noai)
        assert (row["story"] and row["story"]["id"]) == (article.story and article.story.id)


def test_datasets_loads_the_folder(collection, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    out = tmp_path / "out"
    export(collection, out, "hf", {"outlet": [OUTLET]})
    more(collection, tmp_path)
    export(collection, out, "hf", {"outlet": [OUTLET]})
    program = f"""
from datasets import load_dataset
found = load_dataset({str(out)!r}, split="train", cache_dir={str(tmp_path / "cache")!r})
print(len(found), found.features["published"].dtype, found[0]["outlet"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["37", "timestamp[us,", "tz=UTC]", OUTLET]
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "37 versions of articles" in card
    assert "n<1K" in card


def test_a_csv_opens_in_a_spreadsheet(collection, tmp_path):
    export(collection, tmp_path / "out", "csv", {})
    text = (tmp_path / "out" / "articles.csv").read_text(encoding="utf-8")
    assert text.startswith("\ufeffschema,id,")
    rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    (row,) = [row for row in rows if row["id"] == f"{OUTLET}:100"]
    assert row["headline"] == "'=عنوان", "a headline is no formula"
    assert row["tags"] == "غزة | سياسة"
    assert json.loads(row["images"])[0]["caption"] == "تعليق"
    assert row["origin_url"] == ""


def test_a_document_says_what_is_permitted(collection, tmp_path):
    export(collection, tmp_path / "all", "datatrove", {})
    export(collection, tmp_path / "some", "datatrove", {}, permitted=True)
    documents = documents_in(tmp_path / "all")
    (one,) = [document for document in documents if document["id"] == f"{OUTLET}:100@1"]
    assert set(one) == {"text", "id", "metadata"}
    assert one["text"] == "=عنوان\nنص الخبر رقم 100"
    assert (one["metadata"]["policy_noai"], one["metadata"]["is_copy"], one["metadata"]["tags"]) == (
        True,
        False,
        RICH["tags"],
    )
    assert len(ids_in(tmp_path / "some", "datatrove")) == 30


def test_a_selection_is_the_reader_s(collection, tmp_path, capsys):
    out = tmp_path / "out"
    call = ["export", "--archive", collection.uri, "--format", "jsonl", "--tag", "غزة", "--json", str(out)]
    assert main(call) == 0
    assert json.loads(capsys.readouterr().out) == {"folder": str(out), "added": 3, "articles": 3, "anew": None}
    assert sorted(ids_in(out, "jsonl")) == [f"{OUTLET}:{number}" for number in (100, 101, 102)]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_selection_that_is_none_leaves_no_folder(filled, tmp_path, capsys, format_):
    out = tmp_path / "out"
    assert main(["export", "--archive", filled, "--format", format_, "--since", "some day", str(out)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not out.exists()


def test_another_export_does_not_go_into_the_same_folder(collection, tmp_path, capsys):
    out = str(tmp_path / "out")
    assert main(["export", "--archive", collection.uri, "--format", "jsonl", out]) == 0
    assert main(["export", "--archive", collection.uri, "--format", "csv", out]) == 2
    assert "another format" in capsys.readouterr().err
    assert main(["export", "--archive", collection.uri, "--format", "jsonl", "--tag", "x", out]) == 2
    assert "another selection" in capsys.readouterr().err
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("dear diary")
    assert main(["export", "--archive", collection.uri, "--format", "csv", str(tmp_path / "mine")]) == 2
    assert "holds no export" in capsys.readouterr().err
    assert (tmp_path / "mine" / "notes").exists()


@pytest.mark.parametrize("format_", ["parquet", "jsonl", "datatrove"])
def test_what_a_run_that_died_left_is_not_there_twice(collection, tmp_path, monkeypatch, format_):
    out = tmp_path / "out"
    export(collection, out, format_, {})
    more(collection, tmp_path)
    monkeypatch.setattr("archive.export.state.State.note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        export(collection, out, format_, {})
    monkeypatch.undo()
    assert export(collection, out, format_, {}).articles == 37
    assert len(ids_in(out, format_)) == 37


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("anew", [False, True])
def test_a_run_that_is_killed_can_be_said_again(collection, tmp_path, monkeypatch, format_, anew):
    """Killed with all its files written and none noted: the first run into a folder, and one that begins anew."""
    out, kept = tmp_path / "out", tmp_path / "out.killed"
    if anew:
        export(collection, out, format_, {})
    write = FORMATS[format_]

    def die(run, articles):
        write(run, articles)
        (run.folder / f"{run.prefix}.parts").mkdir()  # as a spreadsheet's
        shutil.copytree(run.folder, kept)
        raise KeyboardInterrupt

    monkeypatch.setitem(FORMATS, format_, die)
    with pytest.raises(KeyboardInterrupt):
        export(collection, out, format_, {}, anew=anew)
    monkeypatch.undo()
    assert not list(out.rglob("*run-0000*"))
    assert not json.loads((kept / "_export.json").read_bytes())["runs"]
    assert export(collection, kept, format_, {}).articles == 33
    assert len(ids_in(kept, format_)) == 33
    assert not [path for path in kept.rglob("*") if path.name.endswith((".parts", ".part"))]


@pytest.mark.parametrize("format_", ["jsonl", "csv", "hf"])
def test_a_run_that_fails_leaves_the_folder_as_it_was(collection, tmp_path, monkeypatch, format_):
    out = tmp_path / "out"
    export(collection, out, format_, {})
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "_export.json"}
    more(collection, tmp_path)
    monkeypatch.setattr(Article, "to_line", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    monkeypatch.setattr(
        "archive.export.formats.write_table", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space"):
        export(collection, out, format_, {})
    monkeypatch.undo()
    assert {
        path: path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != "_export.json"
    } == before
    assert export(collection, out, format_, {}).articles == 37


def test_the_card_and_what_stands_beside_it_speak_of_one_state(collection, tmp_path, monkeypatch):
    out = tmp_path / "out"
    export(collection, out, "hf", {})
    before = {path: path.read_bytes() for path in out.iterdir() if path.is_file() and path.name != "_export.json"}
    more(collection, tmp_path)
    monkeypatch.setattr(
        "archive.export.card.croissant", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error"))
    )
    with pytest.raises(OSError, match="Input/output"):
        export(collection, out, "hf", {})
    assert len(before) == 3
    assert {path: path.read_bytes() for path in before} == before


def test_a_file_that_somebody_cut_is_not_filled_up(collection, tmp_path, capsys):
    out = tmp_path / "out"
    call = ["export", "--archive", collection.uri, "--format", "jsonl", str(out)]
    assert main(call) == 0
    (out / "articles.jsonl").write_text("")
    assert main(call) == 2
    assert "is shorter than the last run left it" in capsys.readouterr().err
    (out / "articles.jsonl").unlink()
    assert main(call) == 2
    assert "is not there any more" in capsys.readouterr().err
    assert main([*call, "--anew"]) == 0
    assert len(ids_in(out, "jsonl")) == 33


def test_two_exports_do_not_write_into_one_folder(collection, tmp_path, monkeypatch):
    out, errors = tmp_path / "out", []
    write = FORMATS["jsonl"]

    def twice(run, articles):
        with pytest.raises(ValueError, match="another command exports into") as error:
            export(collection, out, "jsonl", {})
        errors.append(error)
        return write(run, articles)

    monkeypatch.setitem(FORMATS, "jsonl", twice)
    assert export(collection, out, "jsonl", {}).articles == 33
    assert len(errors) == 1


@pytest.mark.parametrize("code", [errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_folder_that_cannot_be_locked_is_exported_into_all_the_same(collection, tmp_path, monkeypatch, code):
    """As NFS has it: a lock wants a file that is open for writing, which no folder is."""
    monkeypatch.setattr("fcntl.flock", lambda *_: (_ for _ in ()).throw(OSError(code, "no lock")))
    assert export(collection, tmp_path / "out", "jsonl", {}).articles == 33


def test_a_compaction_brings_nothing_new(collection, tmp_path):
    out = tmp_path / "out"
    export(collection, out, "jsonl", {})
    list(compact(collection, OUTLET, "2026-11"))
    again = export(collection, out, "jsonl", {})
    assert (again.added, again.anew) == (0, None)
    more(collection, tmp_path)
    assert export(collection, out, "jsonl", {}).added == 4
    assert export(collection, tmp_path / "other", "jsonl", {}).added == 37
    more(collection, tmp_path, range(300, 302))
    list(compact(collection, OUTLET, "2026-11"))
    last = export(collection, out, "jsonl", {})
    assert last.anew == "lines that were exported were joined with new ones since"
    assert (last.articles, len(ids_in(out, "jsonl"))) == (39, 39)


def test_without_pyarrow_a_sentence_says_what_to_do(collection, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["export", "--archive", collection.uri, "--format", "parquet", str(tmp_path / "out")]) == 2
    assert "pip install 'warraq[export]'" in capsys.readouterr().err
    assert main(["export", "--archive", collection.uri, "--format", "jsonl", str(tmp_path / "lines")]) == 0


def test_of_a_row_group_that_fills_few_articles_are_held_as_objects():
    rows, alive = Rows(("outlet",)), []
    for number in range(600):
        rows.append(article_of(number, None))
        if number % 100 == 99:
            alive.append(sum(isinstance(one, Article) for one in gc.get_objects()))
    assert max(alive) - alive[0] <= 200
    table = rows.table()
    assert table.column("id").to_pylist() == [article_of(number, None).id for number in range(600)]
    assert "outlet" not in table.column_names


def test_many_articles_make_several_files(collection, tmp_path, monkeypatch):
    monkeypatch.setattr("archive.export.columns.ROWS", 10)
    monkeypatch.setattr("archive.export.formats.ROWS", 10)
    export(collection, tmp_path / "parquet", "parquet", {})
    export(collection, tmp_path / "hf", "hf", {})
    assert len(list((tmp_path / "parquet").rglob("*.parquet"))) == 4
    assert len(list((tmp_path / "hf").rglob("*.parquet"))) == 4
    assert len(ids_in(tmp_path / "parquet", "parquet")) == 33
