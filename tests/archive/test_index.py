"""The index: one article or capture by few range requests, and never a wrong one, whatever state the index is in."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from archive import open_archive
from archive.catalog import Catalog
from archive.index import build, check, sweep
from archive.index.format import KEY, Cache, Head
from archive.index.lookup import ArchiveIndex
from archive.maintenance.compaction import compact
from archive.maintenance.compaction import sweep as sweep_compacted
from archive.manifests.publisher import Publisher
from archive.reader.archive import Archive
from archive.reader.redactions import ReadFilter
from archive.spool.segment import SegmentWriter
from archive.store import Missing, StoreUnavailable, open_store
from archive.store.protocol import NotAsPublished
from archive.warc.cdxj import _plain_key, _surt
from tests.archive.samples import OUTLET, article_of, body_of, clock, exchange_of, fill, url_of


class Counting:
    """A store that counts what is asked of it, without the look for take-downs, one in half a minute at most."""

    def __init__(self, store):
        self._store, self.asked = store, []

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in {"read", "read_tagged", "read_range", "open", "listing", "folders", "stat"}:
            return found

        def counted(*args, **named):
            if args[0] != "redactions/":
                self.asked.append((name, args[0]))
            return found(*args, **named)

        return counted


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "warraq"


@pytest.fixture
def indexed(filled, tmp_path):
    """An indexed archive with second versions; its run is large, so that only the fan-out is kept."""
    fill(filled, tmp_path, range(5), crawl="c2", version=2, headline="العنوان المعدَّل")
    build(open_archive(filled), small=0)
    return filled


def counting(uri):
    archive = Archive(Counting(open_store(uri)))
    assert archive.index is not None  # the head is read, its small parts are in the cache from here on
    archive.store.asked.clear()
    return archive


def test_an_article_costs_two_ranges_and_a_look_at_the_chain(indexed):
    counting(indexed)  # fills the cache
    archive = counting(indexed)
    article = archive.article(f"{OUTLET}:3")
    assert (article.version, article.headline) == (2, "العنوان المعدَّل")
    assert [name for name, _ in archive.store.asked] == ["read_range", "read_tagged", "read_range"]
    archive.store.asked.clear()
    assert archive.article(url_of(17).replace("https://www.", "http://")).id == f"{OUTLET}:17"
    assert len(archive.store.asked) == 6  # by the address, then by the id: it may have moved since
    archive.store.asked.clear()
    assert archive.capture(url_of(17)).content() == body_of(17)
    assert len(archive.store.asked) == 3


def test_the_same_as_without_it(indexed):
    archive, plain = open_archive(indexed), open_archive(indexed)
    plain.index = None
    names = [f"{OUTLET}:{n}" for n in range(32)]
    assert [archive.versions(name) for name in names] == [plain.versions(name) for name in names]
    assert [len(archive.versions(name)) for name in names] == [2] * 5 + [1] * 25 + [0, 0]
    assert archive.article(names[3], as_of="2026-11-23T10:00:03Z").version == 2
    assert archive.article(names[3], as_of="2026-11-23T09:00:00Z") is None
    assert [archive.article(url_of(n)) for n in range(32)] == [plain.article(url_of(n)) for n in range(32)]
    assert archive.capture(url_of(20)).pointer == plain.capture(url_of(20)).pointer
    with pytest.raises(Missing, match="holds no capture of"):
        archive.capture(url_of(99))


def test_a_short_link_that_a_page_names_finds_it(filled, tmp_path):
    fill(
        filled,
        tmp_path,
        range(40, 41),
        crawl="c2",
        aliases=["https://aja.ws/r8d0xl", f"https://{OUTLET}.example/?p=40"],
    )
    build(archive := open_archive(filled))
    fresh, plain = open_archive(filled), open_archive(filled)
    plain.index = None
    for short in ("https://aja.ws/r8d0xl", f"https://{OUTLET}.example/?p=40"):
        assert fresh.article(short).id == plain.article(short).id == f"{OUTLET}:40"
    assert archive.article("https://aja.ws/other") is None


def test_what_was_published_since_is_found(indexed, tmp_path):
    fill(indexed, tmp_path, range(4, 40), crawl="c3", version=3)
    archive = open_archive(indexed)
    assert [article.version for article in archive.versions(f"{OUTLET}:4")] == [1, 2, 3]
    assert archive.article(f"{OUTLET}:35").version == 3
    assert archive.article(f"{OUTLET}:3").version == 2
    assert archive.capture(url_of(39)).status == 200


def test_it_goes_on_from_where_it_was(filled, tmp_path):
    archive = open_archive(filled)
    first = build(archive)
    assert (build(archive).segments, first.entries) == (0, 90)  # an id, an address, a capture each
    fill(filled, tmp_path, range(30, 33), crawl="c2")
    later = build(archive)
    assert (later.segments, later.known, later.entries) == (1, first.segments, 99)
    assert check(archive) == (99, True)
    build(archive, anew=True, small=0)
    fill(filled, tmp_path, range(33, 36), crawl="c3")
    build(archive)
    assert [run.kept < run.bytes for run in Head.from_bytes(archive.store.read(KEY)).runs] == [True, False]
    assert check(archive) == (108, True)
    fresh = open_archive(filled)
    assert [fresh.article(f"{OUTLET}:{n}").id for n in (0, 31, 35)] == [f"{OUTLET}:{n}" for n in (0, 31, 35)]


def test_a_damaged_index_costs_time_and_nothing_else(indexed, tmp_path):
    (run,) = (tmp_path / "collection" / "index").glob("*.run")
    run.write_bytes(run.read_bytes()[:-400] + b"\xff" * 400)
    archive = open_archive(indexed)
    assert {archive.article(f"{OUTLET}:{n}").id for n in range(30)} == {f"{OUTLET}:{n}" for n in range(30)}
    assert check(archive)[1] is False
    run.write_bytes(b"none")
    assert ArchiveIndex.opened(archive.store, Cache(tmp_path / "empty")) is None
    run.unlink()
    assert ArchiveIndex.opened(archive.store, Cache(tmp_path / "empty")) is None
    (tmp_path / "collection" / KEY).write_text("{}")
    assert open_archive(indexed).index is None
    assert build(open_archive(indexed)).known == 0
    assert check(open_archive(indexed))[1] is True


def test_it_is_made_of_what_was_published_or_not_at_all(filled, tmp_path):
    path = next((tmp_path / "collection" / "articles").rglob("*.gz"))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(NotAsPublished, match="has other bytes than its manifest says"):
        build(open_archive(filled))


def test_a_lens_is_looked_through(indexed):
    class Hiding(ReadFilter):
        def hides(self, article):
            return article.id == f"{OUTLET}:3" and article.version == 2

    archive = Archive(open_store(indexed), [Hiding()])
    assert archive.index is not None
    assert archive.article(f"{OUTLET}:3").version == 1


def test_a_revisit_s_original_is_found_by_it(indexed, tmp_path):
    catalog, exchange = Catalog(tmp_path / "catalog"), exchange_of(20)
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl="c4", warcinfo={}, clock=clock)
    pointer = writer.write_exchange(exchange, catalog.original(exchange.payload_digest))
    writer.write_article(article_of(77, pointer))
    writer.close()
    Publisher(open_store(indexed), tmp_path / "spool").publish_sealed()
    archive = counting(indexed)
    article = article_of(77, pointer)
    capture = archive.capture(article)
    assert (capture.kind, capture.content(), capture.original.kind) == ("revisit", body_of(20), "response")
    assert [name for name, _ in archive.store.asked] == ["read_range"] * 3


def test_what_a_compaction_joined_is_found_before_and_after_it_is_indexed(indexed):
    plain = open_archive(indexed)
    names = [f"{OUTLET}:{n}" for n in range(30)]
    before = [plain.versions(name) for name in names]
    store, now = plain.store, datetime.now(UTC) + timedelta(2)
    assert list(compact(store, OUTLET, "2026-11"))
    for is_swept in (False, True):
        archive = open_archive(indexed)
        assert archive.index is not None
        assert [archive.versions(name) for name in names] == before
        assert [archive.capture(found[-1]).url for found in before] == [found[-1].url for found in before]
        assert archive.capture(url_of(20)).content() == body_of(20)
        build(archive)
        assert check(open_archive(indexed))[1] is True
        assert bool(list(sweep_compacted(store, OUTLET, "2026-11", 1, now))) is not is_swept
    archive = counting(indexed)
    assert archive.article(names[9]).id == names[9]
    assert len(archive.store.asked) == 2  # the run is small enough to be kept as a whole


def test_parts_of_former_indexes_can_be_removed(indexed):
    archive = open_archive(indexed)
    before = {found.key for found in archive.store.listing("index/")}
    build(archive, anew=True)
    after = {found.key for found in archive.store.listing("index/")}
    assert list(sweep(archive.store)) == []
    gone = set(sweep(archive.store, datetime.now(UTC) + timedelta(days=2)))
    assert {found.key for found in archive.store.listing("index/")} == after - gone
    assert gone < before
    assert open_archive(indexed).article(f"{OUTLET}:3").version == 2
    assert check(open_archive(indexed))[1] is True


def test_of_two_builds_at_once_the_second_leaves_the_first_ones_head(filled, tmp_path):
    build(open_archive(filled))
    fill(filled, tmp_path, range(30, 33), crawl="c2")
    others = []

    def meanwhile(_):
        if not others:
            others.append(build(open_archive(filled)))

    with pytest.raises(StoreUnavailable, match="another process has moved the index"):
        build(open_archive(filled), on_progress=meanwhile)
    archive = open_archive(filled)
    assert check(archive) == (99, True)
    assert archive.article(f"{OUTLET}:31").id == f"{OUTLET}:31"
    assert build(archive).segments == 0


HOSTS = (
    "www.example.com",
    "www2.x.co.uk",
    "www.com",
    "www.1.com",
    "WWW.a.com",
    "a-b.c.de",
    "1.2.3.4",
    "a..b.com",
    "localhost",
    "x.y1",
)
SEGMENTS = (
    "news",
    "A-B_c~",
    "%D8%AE",
    "%d8%ae",
    "%2F",
    "%25",
    "a%20b",
    ".",
    "..",
    ".a",
    "",
    "a,b;c",
    "!$&'*+@=",
    "(a)",
    "ü",
    "a.aspx",
)
QUERIES = (
    "",
    "?",
    "?b=2&a=1",
    "?A=%20",
    "?x&=&",
    "?a=b=c&a=b",
    "?a&a=",
    "?a-=1&a=2",
    f"?sid={'0aF1' * 8}",
    "?cfid=1&cftoken=2",
)


def test_a_plain_address_has_the_key_that_the_library_gives_it():
    draw, plain = random.Random(5), 0
    for _ in range(3000):
        path = "".join(f"/{draw.choice(SEGMENTS)}" for _ in range(draw.randrange(4)))
        url = f"{draw.choice(('http', 'https'))}://{draw.choice(HOSTS)}{path}{draw.choice(QUERIES)}"
        if (key := _plain_key(url)) is not None:
            plain += 1
            assert key == _surt()(url), url
    assert plain > 300
    assert _plain_key("https://www.example.com/a/../b") is None
