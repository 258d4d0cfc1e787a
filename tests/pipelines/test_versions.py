import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest

from archive.article import Article, Discovered, RecordPointer
from archive.schema import article_schema
from pipelines.versions import Earlier, changes, number

MOMENT = datetime(2026, 3, 1, 8, tzinfo=UTC)
RECORD = RecordPointer(file="a.warc.gz", offset=0, length=9, record_id="<urn:uuid:1>", payload_digest=None)


@pytest.fixture
def first():
    return Article(
        id="a:1", outlet="a", url="https://a/1", canonical_url="https://a/1", headline="سقوط 12 قتيلا",
        text="قال مصدر إن 12 شخصا قتلوا.", modified=MOMENT, captured=MOMENT, extractor="a/1", warc=RECORD,
        discovered=Discovered(kind="feed", url="https://a/feed"),
    )  # fmt: skip


def test_the_first_text_is_version_one(first):
    assert number(first, None)
    assert (first.version, first.changes) == (1, None)


def test_the_same_again_writes_nothing(first):
    again = replace(first, text="قال مصدر  إن 12 شخصا قتلوا.\u200f", captured=datetime(2026, 3, 2, tzinfo=UTC))
    assert not number(again, Earlier.of(first))


def test_a_silent_edit(first):
    edited = replace(first, text="قال مصدر إن 15 شخصا لقوا حتفهم.")
    assert number(edited, replace(Earlier.of(first), version=3))
    assert edited.version == 4
    found = edited.changes
    assert (found.previous, found.headline, found.words_added, found.words_removed, found.silent) == (
        "<urn:uuid:1>",
        False,
        3,
        2,
        True,
    )


def test_an_announced_edit_is_not_silent(first):
    edited = replace(first, text="نص آخر", modified=datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert changes(edited, Earlier.of(first)).silent is False


def test_a_new_headline_alone_is_a_version_and_no_silent_text(first):
    found = changes(replace(first, headline="ارتفاع حصيلة القتلى"), Earlier.of(first))
    assert (found.headline, found.words_added, found.words_removed, found.silent) == (True, 0, 0, False)


def test_a_version_after_one_that_a_cache_gave_points_at_no_record(first):
    edited = replace(first, text=f"{first.text} وأعيدت صياغته")
    assert number(edited, Earlier.of(replace(first, warc=None, flags=["cached"])))
    assert (edited.version, edited.changes.previous, edited.changes.words_added) == (2, None, 2)
    rules = json.loads(article_schema())["properties"]["changes"]
    jsonschema.validate(json.loads(edited.to_line())["changes"], rules)
