"""Machines that share a bucket, a machine that lost what it had placed, and state that is damaged, missing, old or another program's."""

import json
import shutil
import sqlite3
from argparse import Namespace
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO, TextIOWrapper
from itertools import chain
from operator import attrgetter
from random import Random

import pytest

from archive.files import DamagedState, Unreadable
from archive.reader import jsonl
from archive.reader.archive import Archive
from archive.spool.spool import Spool
from archive.store import StoreError
from crawlers.commands.recluster import Command
from pipelines.syndication import MemoryStoryIndex, Piece, SqliteStoryIndex, Stories
from pipelines.syndication import stories as stories_module
from pipelines.syndication.index import Told
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.publishing import Machine
from tests.pipelines.syndication.writing import ARTICLES, BACKGROUND, BASES, START, line

DAM, MUSEUM = (ARTICLES[name][1] for name in ("dam", "museum"))


@pytest.fixture
def machines(tmp_path):
    return [Machine(tmp_path / "bucket", tmp_path / name) for name in ("one", "other")]


def test_what_another_machine_published_is_learned_once(machines):
    one, other = machines
    one.crawl("alaraby", (1, DAM, 5, {}), (2, MUSEUM, 6, {}))
    assert other.catch_up() == 1
    assert other.catch_up() == 0
    _, placed = other.place("aljazeera", 7, f"{DAM}\n{BACKGROUND[0]}", 1)
    assert placed.story.id == "aljazeera:7"
    assert [line.id for line in placed.taught] == ["alaraby:1"]


def test_machines_converge_and_then_have_nothing_to_teach(machines):
    one, other = machines
    one.crawl("alaraby", (1, DAM, 5, {}))
    other.crawl("aljazeera", (7, DAM, 1, {}))
    for machine in machines:
        machine.catch_up()
    assert next(list(machine.stories.placements()) for machine in machines) == list(other.stories.placements())
    assert [line.id for line in one.stories.untold()[0]] == ["alaraby:1"]
    one.crawl("alaraby", (3, MUSEUM, 9, {}))
    for machine in machines:
        machine.catch_up()
        assert machine.stories.untold()[0] == []


def test_what_an_outlet_earlier_in_the_alphabet_told_of_a_later_one_is_not_told_again(machines, tmp_path):
    one, other = machines
    one.crawl("skynewsarabia", (1, DAM, 5, {}), (2, f"{DAM}\n{BACKGROUND[0]}", 6, {}))
    other.catch_up()
    other.crawl("alaraby", (7, f"{DAM}\n{BACKGROUND[1]}", 1, {}))
    fresh = Machine(tmp_path / "bucket", tmp_path / "fresh")
    fresh.catch_up()
    assert fresh.stories.untold()[0] == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("index", [MemoryStoryIndex, SqliteStoryIndex])
def test_what_was_told_last_counts_in_whatever_order_it_is_read(tmp_path, index, order):
    index = index(*([tmp_path / "stories"] if index is SqliteStoryIndex else []))
    stories = Stories(index)
    stories.catch_up([Piece.of_line(line("a:1", DAM)), Piece.of_line(line("b:1", DAM, 1))])
    now = {each.id: each for each in stories.placements()}
    elsewhere = replace(now["b:1"], story="b:1", role="first", origin="b:1", overlap=1.0)
    for id_, early, late in (("a:1", now["a:1"], replace(now["a:1"], overlap=0.5)), ("b:1", elsewhere, now["b:1"])):
        told = [Told(early, "2026-03-10T06:00:00.000000+00:00"), Told(late, "2026-03-11T06:00:00.000000+00:00")]
        assert early.id == id_
        stories.catch_up(told[place] for place in order)
    assert [each.id for each in stories.untold()[0]] == ["a:1"]
    ahead = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="microseconds")
    stories.catch_up([Told(elsewhere, ahead)])
    untold, moment = stories.untold()
    assert ahead < moment.isoformat(timespec="microseconds")  # else readers would keep what a clock that is ahead told
    stories.catch_up(Told(each, moment.isoformat(timespec="microseconds")) for each in untold)
    assert stories.untold()[0] == []


def test_what_waits_in_the_spool_is_no_loss_and_what_does_not_is_forgotten(machines):
    one, _ = machines
    one.crawl("alaraby", (1, DAM, 5, {}), publish=False)
    one.place("alaraby", 2, f"{DAM}\n{BACKGROUND[0]}", 1)
    assert one.catch_up() == 0
    assert [(line.id, line.origin) for line in one.stories.placements()] == [("alaraby:1", "alaraby:1")]


def test_what_another_crawl_is_about_to_write_is_no_loss(machines):
    one, _ = machines
    one.crawl("alaraby", (1, DAM, 5, {}))
    one.place("alaraby", 2, f"{DAM}\n{BACKGROUND[0]}", 1)  # its line is still to come
    Spool(one.spool).note_crawl("alaraby", {"crawl": "c2", "stems": []})
    one.catch_up("aljazeera")
    assert {line.id: line.origin for line in one.stories.placements()} == dict.fromkeys(
        ("alaraby:1", "alaraby:2"), "alaraby:2"
    )
    one.catch_up("alaraby")  # that crawl has died: its outlet is ours now
    assert {line.id: line.origin for line in one.stories.placements()} == {"alaraby:1": "alaraby:1"}


def test_what_is_published_while_another_catches_up_is_no_loss(machines, monkeypatch):
    one, _ = machines
    one.crawl("alaraby", (1, DAM, 5, {}), publish=False)

    def listed_before_it_came(store, since):
        keys = manifests(store, since)
        assert not one.publisher.publish_sealed(["alaraby"]).waiting
        return keys

    manifests = stories_module.manifests
    monkeypatch.setattr(stories_module, "manifests", listed_before_it_came)
    one.catch_up("aljazeera")
    assert not Spool(one.spool).segments("alaraby", "sealed")
    assert [line.id for line in one.stories.placements()] == ["alaraby:1"]


def test_a_reader_sees_what_was_told_backwards(machines):
    one, other = machines
    reuters, afp = ({"agencies": [code], "agency_evidence": {code: "tail"}} for code in ("reuters", "afp"))
    one.crawl("alaraby", (1, DAM, 5, reuters))
    other.catch_up()
    digest = "\n".join(ARTICLES[name][1].split("\n")[0] for name in ("museum", "dam", "strike", "vaccine"))
    other.crawl("aljazeera", (7, DAM, 1, afp), (8, digest, 6, {}))
    seen = {article.id: article for article in Archive(one.store).articles(settle=True)}
    union = {"afp": {"aljazeera:7": "tail"}, "reuters": {"alaraby:1": "tail"}}
    for name, role in (("alaraby:1", "copy"), ("aljazeera:7", "first")):
        story = seen[name].story
        assert (story.id, story.role, story.agencies) == ("aljazeera:7", role, union)
        (relation,) = seen[name].related
        assert (relation.id, relation.relation) == ("aljazeera:8", "contained-in")
        assert relation.overlap == {each.id: each.overlap for each in seen["aljazeera:8"].related}[name]
    assert [article.story.agencies for article in Archive(one.store).story("aljazeera:7")] == [union, union]
    for machine in machines:
        machine.catch_up()
        assert machine.stories.untold()[0] == []


def spoil(path, *, pages):
    """Overwrite all pages behind the first ones."""
    body = bytearray(path.read_bytes())
    body[pages * 4096 :] = b"\x5a" * (len(body) - pages * 4096)
    path.write_bytes(body)


def rewrite(statement):
    def done(path):
        with closing(sqlite3.connect(path)) as database:
            database.execute(statement)
            database.commit()

    return done


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:9000]),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "pages": partial(spoil, pages=1),
    "letters": rewrite("UPDATE article SET origin = CAST(x'616CFF' AS TEXT)"),
    "old": rewrite("PRAGMA application_id = 3"),
    "foreign": rewrite("PRAGMA application_id = 77"),
    "tables": rewrite("DROP TABLE text"),
    "missing": lambda path: path.unlink(),
    "relations": rewrite("""UPDATE article SET related = '[["aljazeera:7"'"""),
    "credits": rewrite("UPDATE article SET credits = '7'"),
    "agencies": rewrite("UPDATE article SET agencies = 'afp'"),
    "moment": rewrite("UPDATE article SET at = 1e300"),
    "kind": rewrite("UPDATE article SET overlap = 'much'"),
    "unplaced": rewrite("UPDATE article SET story = NULL, role = NULL, origin = NULL, overlap = NULL"),
    "half placed": rewrite("UPDATE article SET role = NULL"),
    "no text": rewrite("UPDATE article SET current = 77"),
    "words": rewrite("UPDATE text SET words = substr(words, 1, 41)"),
    "hashes": rewrite("UPDATE text SET sketch = substr(sketch, 1, 41)"),
    "day": rewrite("UPDATE text SET at = 'yesterday'"),
    "links": rewrite("UPDATE pairing SET link = 9"),
    "column": rewrite("ALTER TABLE text RENAME COLUMN sketch TO sample"),
    "format": lambda path: path.write_bytes(path.read_bytes()[:18] + b"\x07\x07" + path.read_bytes()[20:]),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A bucket of two outlets that two machines crawled, whose indexes are closed and stand whole in their files."""
    folder = tmp_path_factory.mktemp("published")
    one, other = (Machine(folder / "bucket", folder / name) for name in ("one", "other"))
    one.crawl("alaraby", (1, DAM, 5, {}), (2, MUSEUM, 6, {}))
    other.catch_up()
    other.crawl("aljazeera", (7, DAM, 1, {}))
    one.catch_up()
    placed = list(one.stories.placements())
    for machine in (one, other):
        machine.index._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        machine.index.close()
        machine.catalog.close()
    return folder, placed


@pytest.fixture
def shared(published, tmp_path):
    """A copy of them; returns the file of one machine's index, and where its articles stand."""
    folder, placed = published
    shutil.copytree(folder, tmp_path, copy_function=shutil.copy, dirs_exist_ok=True)
    return tmp_path / "one" / "stories", placed


def told_again(machine):
    """Return the story of a copy that a crawl meets, and where all articles stand then."""
    machine.catch_up()
    _, copy = machine.place("aljazeera", 9, f"{DAM}\n{BACKGROUND[1]}", 7)
    return copy.story.id, {line.id: line.story for line in machine.stories.placements()}


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_that_is_not_what_it_was_is_made_anew_and_nothing_is_lost(shared, tmp_path, damage):
    path, placed = shared
    DAMAGES[damage](path)
    again = Machine(tmp_path / "bucket", tmp_path / "one")
    other = Machine(tmp_path / "bucket", tmp_path / "other")
    other.crawl("alaraby", (3, f"{MUSEUM}\n{BACKGROUND[0]}", 8, {}))
    try:
        story, standing = told_again(again)
    except DamagedState:  # seen by the crawl alone: it ends, and the next one begins anew
        again.index.close()
        story, standing = told_again(Machine(tmp_path / "bucket", tmp_path / "one"))
    assert story == "aljazeera:7"
    assert standing == {line.id: line.story for line in placed} | {
        "alaraby:3": "alaraby:2",
        "aljazeera:9": "aljazeera:7",
    }


def spoilt(whole, rng):
    """Return what a bad disk makes of a file: bits turned, bytes or pages overwritten, emptied or exchanged, the end lost."""
    body, pages = bytearray(whole), len(whole) // 4096
    one, other = (4096 * rng.randrange(pages) for _ in range(2))
    how = rng.choice(("bits", "run", "noise", "nothing", "exchanged", "cut"))
    if how == "bits":
        for _ in range(rng.choice((1, 5, 30))):
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    elif how == "exchanged":
        body[one : one + 4096], body[other : other + 4096] = body[other : other + 4096], body[one : one + 4096]
    elif how == "cut":
        return bytes(body[: rng.randrange(len(body))])
    else:
        at, size = (rng.randrange(len(body)), rng.choice((4, 16, 100, 600))) if how == "run" else (one, 4096)
        body[at : at + size] = bytes(size) if how == "nothing" else rng.randbytes(size)
    return bytes(body)


def test_whatever_a_disk_makes_of_an_index_is_told_by_name_or_made_anew(shared, tmp_path):
    path, placed = shared
    whole = path.read_bytes()
    for seed in range(8):
        folder = tmp_path / f"spoilt-{seed}"
        folder.mkdir()
        (folder / "stories").write_bytes(spoilt(whole, Random(seed)))
        with suppress(DamagedState):
            machine = Machine(tmp_path / "bucket", folder)
            told_again(machine)
            machine.stories.untold()
            continue
        again = Machine(tmp_path / "bucket", folder)
        again.catch_up()
        assert list(again.stories.placements()) == placed


def test_what_is_no_file_is_refused_by_name(shared, tmp_path):
    path = shared[0]
    path.unlink()
    path.mkdir()
    with pytest.raises(DamagedState, match=f"{path} is no file"):
        Machine(tmp_path / "bucket", tmp_path / "one")


@pytest.mark.parametrize("kind", ["manifests", "articles", "stories"])
@pytest.mark.parametrize("damage", ["empty", "cut", "noise", "missing"])
def test_a_published_object_that_is_damaged_is_named_and_learned_once_it_is_mended(shared, tmp_path, kind, damage):
    _, placed = shared
    (path,) = (tmp_path / "bucket" / kind / "outlet=aljazeera").rglob("warraq-*")
    whole = path.read_bytes()
    damaged = {"empty": b"", "cut": whole[:-20], "noise": bytes(range(256)), "missing": None}[damage]
    path.unlink()
    if damaged is not None:
        path.write_bytes(damaged)
    fresh = Machine(tmp_path / "bucket", tmp_path / "fresh")
    if (kind, damage) == ("manifests", "missing"):
        assert fresh.catch_up() == 1  # what no manifest names is not published
    else:
        with pytest.raises((Unreadable, StoreError), match=path.name):
            fresh.catch_up()
    path.write_bytes(whole)
    fresh.catch_up()
    assert list(fresh.stories.placements()) == placed


PLACED = {
    "id": "alaraby:1",
    "story": "alaraby:1",
    "role": "first",
    "origin": "alaraby:1",
    "overlap": 1.0,
    "related": [],
}
ARTICLE = {"id": "a:1", "outlet": "a", "headline": "h", "text": DAM, "published": "2026-03-10T06:00:00Z"}
FOREIGN = [
    [1],
    {"story": "x"},
    {**PLACED, "id": 7},
    {**PLACED, "origin": None},
    {**PLACED, "overlap": "half"},
    {**PLACED, "related": [{"id": "x"}]},
    {**PLACED, "agencies": ["afp"]},
    {name: value for name, value in PLACED.items() if name != "role"},
    {**ARTICLE, "published": "yesterday"},
    {**ARTICLE, "outlet": None},
    {**ARTICLE, "version": "second"},
    {**ARTICLE, "agencies": ["a f p"]},
    {**ARTICLE, "agencies": ["afp"], "agency_evidence": {"afp": 3}},
    {**ARTICLE, "formulas": "everything"},
    {**ARTICLE, "story": "alaraby:1"},
]


@pytest.mark.parametrize("line", FOREIGN, ids=[str(number) for number in range(len(FOREIGN))])
def test_a_line_that_nobody_here_wrote_is_named_and_changes_no_story(shared, tmp_path, monkeypatch, line):
    _, placed = shared
    fresh = Machine(tmp_path / "bucket", tmp_path / "fresh")
    plain = jsonl.lines_of_object
    with monkeypatch.context() as foreign:
        foreign.setattr(jsonl, "lines_of_object", lambda store, item: chain(plain(store, item), [json.dumps(line).encode()]))  # fmt: skip
        with pytest.raises(Unreadable, match="no line of an article or of its story"):
            fresh.catch_up()
    fresh.catch_up()
    assert list(fresh.stories.placements()) == placed


DRAWN = list(enumerate(Draw(BASES, 21, wires=6).articles))


def crawled(machine, drawn, **options):
    for outlet in sorted({each.outlet for _, each in drawn}):
        runs = (
            (number, each.text, hours(each), {"headline": each.headline})
            for number, each in drawn
            if each.outlet == outlet
        )
        machine.crawl(outlet, *runs, **options)


def hours(each):
    return (each.published - START) / timedelta(hours=1)


def settled(store):
    """What a reader sees, as recluster tells it."""
    seen = sorted(Archive(store).articles(settle=True), key=attrgetter("id"))
    return {each.id: (each.story.id, each.story.role, each.story.origin, each.story.overlap) for each in seen}


def reclustered(store, monkeypatch, capsys):
    lines = [article.to_line() for article in Archive(store).articles(versions="all", settle=False)]
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO("\n".join(lines).encode())))
    Command().run(["-"], Namespace(archive=None, publish=False))
    said = map(json.loads, capsys.readouterr().out.splitlines())
    return {each["id"]: (each["story"], each["role"], each["origin"], each["overlap"]) for each in said}


def test_a_crash_in_mid_crawl_changes_nothing_and_recluster_says_the_same(tmp_path, monkeypatch, capsys):
    half = len(DRAWN) // 2
    crashing = Machine(tmp_path / "bucket", tmp_path / "machine")
    crawled(crashing, DRAWN[:half])
    crawled(crashing, DRAWN[half : half + 5], publish=False)  # they wait in the spool
    for number, each in DRAWN[half + 5 : half + 12]:  # placed; their lines were never written
        crashing.place(each.outlet, number, each.text, hours(each), headline=each.headline)
    crashing.index.close()
    again = Machine(tmp_path / "bucket", tmp_path / "machine")
    again.catch_up()
    again.publisher.publish_sealed(sorted({each.outlet for _, each in DRAWN}))
    again.catch_up()
    crawled(again, DRAWN[half + 5 :])
    again.catch_up()
    assert again.stories.untold()[0] == []
    unharmed = Machine(tmp_path / "other-bucket", tmp_path / "other")
    for part in (
        DRAWN[:half],
        DRAWN[half : half + 5],
        DRAWN[half + 5 :],
    ):  # the same crawls: what is formula is learned by day
        crawled(unharmed, part)
    assert list(again.stories.placements()) == list(unharmed.stories.placements())
    assert settled(again.store) == settled(unharmed.store) == reclustered(again.store, monkeypatch, capsys)
