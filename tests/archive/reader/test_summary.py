"""Sums and stories from the heads in the cache: the same as from the lines, whatever was published, told, taken down or cut short."""

import json
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from archive.article import Head, Story
from archive.catalog import Catalog
from archive.cli import main
from archive.files import Unreadable
from archive.manifests.publisher import Publisher
from archive.reader import summary
from archive.reader.archive import open_archive
from archive.reader.query import Selection
from archive.reader.summary import BY, Summary, count_of, summary_of
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import START, article_of, clock, exchange_of

OUTLETS = ("aljazeera", "alaraby", "albawaba")
TAGS = ("غزة", 'a"غزة', "الأمم", "[]")
CHOICES = [
    (),
    ("--outlet", "alaraby"),
    ("--outlet", "alaraby", "--outlet", "albawaba", "--since", "2026-11-22"),
    ("--since", "2026-11-21", "--until", "2026-11-22T12:00:00Z"),
    ("--tag", "غزة"),
    ("--agency", "afp", "--kind", "video"),
    ("--unique-stories",),
    ("--story", "aljazeera:0", "--oldest-first"),
    ("--tag", "nobody's"),
]


def publish(where, folder, numbers, *, version=1, told=(), seed=1):
    """Publish articles of three outlets, each otherwise than the one before, and lines of what was told of some."""
    rng = random.Random(seed)
    for outlet in OUTLETS:
        writer = SegmentWriter(
            folder / "spool", collection="warraq", outlet=outlet, crawl=f"c{seed}", warcinfo={}, clock=clock
        )
        for number in numbers:
            if OUTLETS[number % 3] != outlet:
                continue
            pointer = writer.write_exchange(exchange_of(1000 * seed + number, size=0))
            origin = f"{OUTLETS[(number // 4) % 3]}:{number // 4}"
            about = {
                "published": rng.choice([None, START - timedelta(hours=rng.randrange(80), seconds=number)]),
                "zone": rng.choice([None, "Asia/Riyadh", "America/New_York"]),
                "flags": rng.choice([[], [], ["date-without-time"]]),
                "section": rng.choice([None, "سياسة", "رياضة", "[1]"]),
                "tags": rng.sample(TAGS, rng.randrange(4)),
                "agencies": rng.sample(("afp", "reuters"), rng.randrange(3)),
                "kind": rng.choice(["article", "video"]),
                "captured": START + timedelta(days=seed, seconds=number),
                "story": rng.choice([None, Story(id=origin, role=rng.choice(["first", "copy"]), origin=origin, overlap=1.0)]),
            }  # fmt: skip
            writer.write_article(article_of(number, pointer, outlet=outlet, version=version, **about))
        for line in told if outlet == OUTLETS[0] else ():
            writer.write_story(json.dumps(line))
        writer.close()
    with closing(Catalog(folder / "catalog")) as catalog:
        assert not Publisher(open_store(where), folder / "spool", catalog).publish_sealed().waiting


def told_of(number, story, role, when="2026-11-25T00:00:00Z", **more):
    said = {"id": f"{OUTLETS[number % 3]}:{number}", "story": story, "role": role, "origin": story, "overlap": 0.9}
    return said | {"told": when} | more


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Forty articles and what was told of two, the spool and the catalog: to be copied."""
    folder = tmp_path_factory.mktemp("published")
    told = [
        told_of(7, "aljazeera:0", "copy"),
        told_of(0, "aljazeera:0", "first", agencies={"dpa": {"alaraby:7": "tail"}}),
    ]
    publish((folder / "collection").as_uri(), folder, range(40), told=told)
    return folder


@pytest.fixture
def where(published, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(published, tmp_path, copy_function=shutil.copy, dirs_exist_ok=True)
    return (tmp_path / "collection").as_uri()


@pytest.fixture
def agree(where, capsys, monkeypatch):
    """Ask the commands by the heads and by the lines, for some choices; say how many rows both gave."""

    def rows(words):
        assert main([*words, "--archive", where, "--json"]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def check(choices=((), ("--unique-stories",))):
        count = 0
        for choice in choices:
            for command in (*(["count", "--by", by] for by in BY), ["stories", "--least", "1"], ["stories"]):
                by_heads = rows([*command, *choice])
                with monkeypatch.context() as lines_alone:
                    lines_alone.setattr(summary, "summary_of", lambda *_: None)
                    assert rows([*command, *choice]) == by_heads, (command, choice)
                count += len(by_heads)
        return count

    return check


def test_heads_and_lines_say_the_same(where, agree):
    assert agree(CHOICES) > 100
    with summary_of(open_archive(where), Selection.of({})) as heads:
        listed = list(heads.in_stories(Selection.of({"story": "aljazeera:0"}), 1, None))
    assert "alaraby:7" in {head.id for head in listed}  # told later than its line
    assert all(head.story.agencies == {"dpa": {"alaraby:7": "tail"}} for head in listed)


@pytest.mark.parametrize("sort", [None, "published"])
@pytest.mark.parametrize(
    "choice", [{}, {"outlet": "alaraby"}, {"tag": "غزة", "since": "2026-11-21"}, {"unique_stories": True}]
)
def test_heads_are_those_of_the_articles(where, choice, sort):
    archive = open_archive(where)
    articles = list(archive.articles(sort=sort, **choice))
    heads = list(archive.heads(sort=sort, **choice))
    assert len(heads) == len(articles) > 3
    for head, article in zip(heads, articles, strict=True):
        for name in (*Head.__struct_fields__, "issued", "is_dated_by_day"):
            assert getattr(head, name) == getattr(article, name), name


def test_a_head_has_no_text_and_needs_its_fields(where):
    with pytest.raises(ValueError, match="ask for articles"):
        open_archive(where).heads(text="نص")
    for line in (b"{}", b"[", b'{"id":"a:1","outlet":"a","headline":"h","captured":"9999-12-31T23:59:59Z"}'):
        with pytest.raises(Unreadable):
            Head.from_line(line)


def test_what_comes_later_is_read_alone(where, agree, tmp_path):
    agree([()])
    told = [
        told_of(9, "aljazeera:0", "copy", "2026-11-26T00:00:00Z"),
        told_of(7, "x:1", "copy", "2026-11-24T00:00:00Z"),
    ]
    publish(where, tmp_path, range(30, 50), version=2, told=told, seed=2)
    read = []
    with summary_of(open_archive(where), Selection.of({}), read.append):
        pass
    assert len(read) == 4  # the articles of three outlets, and what was told
    with summary_of(open_archive(where), Selection.of({}), read.append):
        pass
    assert len(read) == 4
    agree()


def test_what_was_taken_down_is_not_counted(where, agree, capsys):
    agree([()])
    said = ["--who", "w", "--basis", "b", "--reason", "r", "--archive", where]
    assert main(["redact", "--id", "alaraby:7", *said]) == 0
    capsys.readouterr()
    agree()
    with summary_of(open_archive(where), Selection.of({})) as heads:
        assert heads.count(Selection.of({}), "outlet")["alaraby", "alaraby"] == 12


def test_a_look_that_was_cut_short_goes_on(where, agree, monkeypatch):
    take = Summary._take

    def dies(self, archive, key, lines):
        if "alaraby" in key:
            raise KeyboardInterrupt
        take(self, archive, key, lines)

    monkeypatch.setattr(Summary, "_take", dies)
    with pytest.raises(KeyboardInterrupt):
        summary_of(open_archive(where), Selection.of({}))
    monkeypatch.setattr(Summary, "_take", take)
    agree()


@pytest.mark.parametrize("spoil", [b"no database", None])
def test_a_cache_that_is_spoiled_or_of_another_release_is_made_anew(where, agree, tmp_path, spoil):
    agree([()])
    (path,) = (tmp_path / "cache" / "warraq").glob("*.heads.sqlite")
    if spoil:
        path.write_bytes(spoil * 1000)
    else:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA user_version = 99")
    agree()


def test_it_is_not_made_where_little_is_asked_for_or_the_lines_alone_know(where, tmp_path, monkeypatch):
    archive = open_archive(where)
    for choice in (
        {"outlet": "alaraby"},
        {"since": "2026-11-22"},
        {"text": "نص"},
        {"versions": "all"},
        {"as_of": "2026-11-25"},
    ):
        assert summary_of(archive, Selection.of(choice)) is None
    assert not (tmp_path / "cache").exists()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))  # no folder can be made in it
    assert summary_of(archive, Selection.of({})) is None
    assert count_of(archive.articles(), "outlet").total() == 40
