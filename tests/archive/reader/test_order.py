"""The order of a moment over all outlets: what comes first is found without reading the rest, whatever was captured when."""

import random
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from archive.catalog import Catalog
from archive.index import build
from archive.manifests.publisher import Publisher
from archive.reader.archive import Archive, open_archive
from archive.reader.query import moment_of
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import article_of, exchange_of
from tests.stopwatch import takes_under

OUTLETS = ("aljazeera", "alaraby", "albawaba")
FIRST = datetime(2026, 4, 20, 6, tzinfo=UTC)


def write(folder, outlet, day, versions):
    """Write a crawl's segment: of each article its number, version, time of publication and minute of capture."""
    opened = FIRST + timedelta(days=day)
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet=outlet, crawl=f"c{day}", warcinfo={}, clock=lambda: opened
    )
    for number, version, published, minute in versions:
        captured = opened + timedelta(minutes=minute)
        pointer = writer.write_exchange(replace(exchange_of(number, size=0), started=captured))
        writer.write_article(
            article_of(
                number, pointer, outlet=outlet, version=version, published=published, captured=captured,
                headline=f"عنوان {number} {version}", crawl=f"c{day}",
            )
        )  # fmt: skip
    writer.close()


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    """Twenty crawl days of three outlets in five months: articles come again, some with another date, some dated in the future or not at all."""
    folder, chance = tmp_path_factory.mktemp("order"), random.Random(23)
    known = {outlet: {} for outlet in OUTLETS}
    for day in range(0, 160, 8):
        for outlet in OUTLETS:
            rows = []
            for minute in range(9):
                had = known[outlet]
                number = chance.choice(sorted(had)) if had and chance.random() < 0.4 else len(had)
                if number in {row[0] for row in rows}:
                    continue
                version, published = had.get(number, (0, None))
                if version == 0 or chance.random() < 0.3:
                    ago = chance.choice([0, 0, 1, 2, 40, -300])
                    published = FIRST + timedelta(days=day - ago, minutes=chance.randrange(-600, 0))
                    published = None if chance.random() < 0.1 else published
                had[number] = (version + 1, published)
                rows.append((number, version + 1, published, minute))
            write(folder, outlet, day, rows)
    uri = (folder / "collection").as_uri()
    with closing(Catalog(folder / "catalog")) as catalog:
        assert not Publisher(open_store(uri), folder / "spool", catalog).publish_sealed().waiting
    return uri


def rank(sort):
    def key(article):
        moment = article.captured if sort == "captured" else moment_of(article.published, article.captured)
        return moment, article.captured

    return key


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("sort", ["published", "captured"])
@pytest.mark.parametrize(
    "choice",
    [{}, {"versions": "all"}, {"outlet": "alaraby"}, {"as_of": "2026-08-20"}, {"since": "2026-07-01", "until": "2026-08"}],
    ids=["all", "versions", "outlet", "as-of", "days"],
)  # fmt: skip
def test_the_same_articles_in_the_order_of_a_moment(where, choice, sort, newest_first):
    archive = open_archive(where)
    expected = {(a.id, a.version) for a in archive.articles(**choice)}
    found = list(archive.articles(**choice, sort=sort, newest_first=newest_first))
    assert {(a.id, a.version) for a in found} == expected
    assert len(found) == len(expected) > 20
    keys = [rank(sort)(a) for a in found]
    assert keys == sorted(keys, reverse=newest_first)


class Counting:
    """A store that notes what is read of it."""

    def __init__(self, store):
        self._store, self.keys = store, []

    def __getattr__(self, name):
        found = getattr(self._store, name)
        if name not in {"read", "open", "read_range"}:
            return found

        def noted(key, *args, **named):
            self.keys.append(key)
            return found(key, *args, **named)

        return noted


@pytest.mark.parametrize("sort", ["published", "captured"])
def test_the_first_of_many_are_found_without_reading_the_rest(where, sort):
    store = Counting(open_store(where))
    found = Archive(store).articles(sort=sort, since=None)
    first = [rank(sort)(next(found)) for _ in range(5)]
    found.close()
    read = {key for key in store.keys if key.startswith("articles/")}
    assert 0 < len(read) <= 30, len(read)  # of 60
    assert (
        len({key for key in store.keys if key.startswith("manifests/")}) < 50
    )  # of 60: those of the newest months alone
    assert first == sorted(map(rank(sort), open_archive(where).articles()), reverse=True)[:5]


def test_a_backfill_of_later_captures_is_asked_through_the_index(tmp_path):
    """Forty segments of old articles, captured after the newest: the index says that they hold no later version of it."""
    write(tmp_path, "alaraby", 90, [(1, 1, FIRST + timedelta(days=90), 0)])
    for day in range(40):
        opened = FIRST + timedelta(days=91, hours=day)
        write(tmp_path, "alaraby", 91 + day / 24, [(100 + day, 1, opened - timedelta(days=400 + day), 0)])
    write(tmp_path, "alaraby", 93, [(2, 2, FIRST + timedelta(days=89), 0), (7, 1, FIRST, 1)])
    uri = (tmp_path / "collection").as_uri()
    assert not Publisher(open_store(uri), tmp_path / "spool").publish_sealed().waiting

    def opened(*names):
        store = Counting(open_store(uri))
        found = Archive(store).articles(sort="published")
        assert [next(found).id for _ in names] == [f"alaraby:{name}" for name in names]
        found.close()
        return len({key for key in store.keys if key.startswith("articles/")})

    assert opened(1, 2) == 42  # each may hold a later version
    build(open_archive(uri))
    assert opened(1, 2) < 14  # two, and those that are fetched ahead


def test_ten_thousand_are_sorted_within_a_second(tmp_path):
    opened, chance = FIRST, random.Random(1)
    writer = SegmentWriter(
        tmp_path / "spool", collection="warraq", outlet="alaraby", crawl="c", warcinfo={}, clock=lambda: opened
    )
    writer.write_exchange(replace(exchange_of(1, size=0), started=opened))
    for number in range(10_000):
        published = opened - timedelta(seconds=chance.randrange(10**7))
        writer.write_article(
            article_of(number, None, outlet="alaraby", published=published, captured=opened, text="نص الخبر " * 200)
        )
    writer.close()
    uri = (tmp_path / "collection").as_uri()
    assert not Publisher(open_store(uri), tmp_path / "spool").publish_sealed().waiting

    def act():
        found = [article.published for article in open_archive(uri).articles(sort="published")]
        assert found == sorted(found, reverse=True)
        assert len(found) == 10_000

    assert takes_under(1, act)
