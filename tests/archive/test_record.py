"""The record has one source: what is published, typed and documented of it says the same, nested fields too."""

import dataclasses
import gzip
import json
import re
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from archive.article import Article, Changes, Entry, EntryChanges, Image, RecordPointer, Related, Story
from archive.export.columns import row, schema
from archive.schema import line_checker
from archive.schema.record import duckdb_call, json_schema, tables, to_json
from tests.archive.samples import OUTLET, article_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "record.md").read_text(encoding="utf-8")
PUBLISHED = files("archive.schema").joinpath("article-1.schema.json").read_text(encoding="utf-8")


POINTER = RecordPointer(
    file="a.warc.gz", offset=9, length=8, record_id=f"<urn:uuid:{UUID(int=1)}>", payload_digest=None
)
EAST = datetime(2026, 11, 23, 13, 5, tzinfo=timezone(timedelta(hours=3)))


def full(number, **other):
    """An article with something in every field."""
    pointer = None
    story = Story(id="a:1", role="copy", origin="a:1", overlap=0.5, agencies={"afp": {"a:1": "tail", "a:2": "credit"}})
    values = {
        "agencies": ["afp"],
        "agency_evidence": {"afp": "tail"},
        "images": [Image(url="https://a.example/1.jpg", caption="صورة", credit="AFP", warc=POINTER)],
        "provenance": {"text": "selector", "headline": "json-ld"},
        "published_raw": "28 نوفمبر 2026",
        "zone": "Asia/Qatar",
        "changes": Changes(
            previous="<urn:uuid:1>",
            headline=False,
            words_added=1,
            words_removed=0,
            silent=True,
            entries=EntryChanges(came=["77001"], went=[], changed=[]),
        ),
        "entries": [Entry(id="77001", published=EAST, text="نص التحديث")],
        "story": story,
        "related": [Related(id="a:3", relation="contains", overlap=0.25)],
    }
    return article_of(number, pointer, **(values | other))


def written(folder, articles):
    """Write articles as an archive lays them; return the documented call over them."""
    path = folder / f"articles/outlet={OUTLET}/date=2026-11-23/a.jsonl.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress("".join(f"{article.to_line()}\n" for article in articles).encode(), 1))
    return re.search(r"read_json\(.*?\}\)", PAGE, re.DOTALL)[0].replace("collection/", f"{folder}/")


def test_what_is_checked_in_is_current():
    assert to_json(json_schema()) == PUBLISHED
    assert tables() in PAGE
    assert duckdb_call("collection/articles/**/*.jsonl.gz") in PAGE


def paths_of_schema(found, below=""):
    """Yield the path of every named field of a JSON Schema."""
    for name, part in found.get("properties", {}).items():
        yield below + name
        yield from paths_of_schema(part.get("items", part), f"{below}{name}.")


def paths_of_class(found, below=""):
    for name, part in ((field.name, getattr(found, field.name)) for field in dataclasses.fields(found)):
        yield below + name
        each = part[0] if isinstance(part, list) and part else part
        if dataclasses.is_dataclass(each):
            yield from paths_of_class(each, f"{below}{name}.")


def paths_of_duckdb(name, kind, below=""):
    yield below + name
    kind = dict(kind.children)["child"] if kind.id == "list" else kind
    if kind.id == "struct":
        for inner, part in kind.children:
            yield from paths_of_duckdb(inner, part, f"{below}{name}.")


def paths_of_arrow(fields, below=""):
    for field in fields:
        yield below + field.name
        kind = field.type.value_type if hasattr(field.type, "value_type") else field.type
        if hasattr(kind, "fields") and (below + field.name) not in MAPS:
            yield from paths_of_arrow(kind.fields, f"{below}{field.name}.")


MAPS = {"agency_evidence", "provenance", "story.agencies"}


def test_every_tool_has_every_field_nested_ones_too(tmp_path):
    expected = list(paths_of_schema(json.loads(PUBLISHED)))
    assert {"story.agencies", "images.caption", "warc.record_id", "zone"} <= set(expected)
    article = full(1)
    assert [path for path in expected if not path.startswith("warc.")] == list(paths_of_class(article))
    view = duckdb.sql(f"SELECT * EXCLUDE (date) FROM {written(tmp_path, [article])}")
    types = zip(view.columns, view.types, strict=True)
    assert [path for name, kind in types for path in paths_of_duckdb(name, kind)] == expected
    assert list(paths_of_arrow(schema())) == expected


def test_a_line_means_the_same_in_every_tool(tmp_path):
    article = full(1)
    call = written(tmp_path, [article])
    line = json.loads(article.to_line())
    ((story, images, raw, evidence),) = duckdb.sql(
        f"SELECT story, images, published_raw, agency_evidence FROM {call}"
    ).fetchall()
    assert (story, images, raw) == (line["story"], line["images"], line["published_raw"])
    assert evidence == line["agency_evidence"]
    assert line["entries"] == [{"id": "77001", "published": "2026-11-23T10:05:00Z", "text": "نص التحديث"}]
    ((at, entry, came),) = duckdb.sql(
        f"SELECT epoch(e.published), e.text, changes.entries.came FROM (SELECT unnest(entries) AS e, changes FROM {call})"
    ).fetchall()
    assert (at, entry, came) == (EAST.timestamp(), "نص التحديث", ["77001"])
    arrow = row(article)
    assert arrow["story"]["agencies"] == [
        {"agency": "afp", "article": "a:1", "where": "tail"},
        {"agency": "afp", "article": "a:2", "where": "credit"},
    ]
    assert arrow["provenance"] == [
        {"field": "headline", "witness": "json-ld"},
        {"field": "text", "witness": "selector"},
    ]
    assert arrow["story"] | {"agencies": None} == line["story"] | {"agencies": None}


def test_select_everything_never_breaks_on_a_sample(tmp_path):
    guessed = [full(number, published_raw="2026-11-23T10:00:00+03:00", story=None) for number in range(21_000)]
    last = full(21_000, agencies=["mena"], agency_evidence={"mena": "head"}, provenance={"published": "meta"})
    call = written(tmp_path, [*guessed, last])
    rows = duckdb.sql(f"SELECT * FROM {call} WHERE id = '{OUTLET}:21000'").fetchall()
    assert len(rows) == 1
    assert last.published_raw in rows[0]
    assert duckdb.sql(f"SELECT count(COLUMNS(*)) FROM {call}").fetchall()[0][0] == 21_001


@pytest.mark.parametrize("name", ["agency_evidence", "zone", "entries"])
def test_lines_from_before_a_field_was_added_stay_lines(name):
    line = json.loads(full(1, changes=None).to_line())
    line |= {"warc": {"file": "a.warc.gz", "offset": 0, "length": 1, "record_id": RECORD, "payload_digest": None}}
    check = line_checker()
    assert check(line) is None
    del line[name], line["story"]["agencies"]
    assert check(line) is None
    assert Article.from_line(json.dumps(line)).story.agencies == {}
    del line["section"]
    assert "section" in check(line)


RECORD = "<urn:uuid:00000000-0000-4000-8000-000000000000>"
