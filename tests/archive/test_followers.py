"""Followers of a long chain: what they ask of the store goes by what is new, at ten thousand manifests too."""

import gzip
import hashlib
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from archive.cli import articles as tail
from archive.cli import make_parser
from archive.manifests.listing import Cursor
from archive.manifests.manifest import Item, Manifest, heads_to_bytes, link_to, make_segment_id, object_key, pointer_key
from archive.reader.archive import Archive
from archive.store import Missing, Stat
from tests.archive.samples import OUTLET, article_of

MANY = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)


class Counted:
    """A store in memory that counts what is asked of it."""

    uri = place = "memory"

    def __init__(self):
        self.objects, self.asked = {}, Counter()

    def read(self, key):
        self.asked["read"] += 1
        if key not in self.objects:
            raise Missing(key)
        return self.objects[key]

    def read_tagged(self, key):
        return self.read(key), ""

    def open(self, key):
        return io.BytesIO(self.read(key))

    def stat(self, key):
        return Stat(key, len(self.objects[key]), START) if key in self.objects else None

    def listing(self, prefix, *, after=""):
        self.asked["listing"] += 1
        return (Stat(key, 1, START) for key in sorted(self.objects) if key.startswith(prefix) and key > after)

    def folders(self, prefix):
        self.asked["folders"] += 1
        below = (key.removeprefix(prefix) for key in self.objects if key.startswith(prefix))
        return sorted({name.partition("/")[0] for name in below if "/" in name})

    def publish(self, number):
        """Publish a segment with one article, and a line that tells of the story of the one before it."""
        moment = START + timedelta(minutes=number)
        segment_id = make_segment_id("w", OUTLET, moment, 0)
        told = {
            "schema": 1, "id": f"{OUTLET}:{number - 1}", "story": f"{OUTLET}:0", "role": "first", "origin": f"{OUTLET}:0",
            "overlap": 1.0, "related": [], "agencies": {}, "told": moment.isoformat(),
        }  # fmt: skip
        bodies = {"articles": article_of(number, None).to_line(), "stories": json.dumps(told)}
        items = []
        for kind, line in bodies.items():
            key, body = object_key(kind, OUTLET, segment_id), gzip.compress(line.encode() + b"\n", 1, mtime=0)
            self.objects[key] = body
            digest = hashlib.sha256(body).hexdigest()
            items.append(Item(kind=kind, key=key, bytes=len(body), sha256=digest, records={kind: 1}))
        heads = [self.head] if hasattr(self, "head") else []
        manifest = Manifest(
            collection="w", outlet=OUTLET, crawl=f"c{number}", segment=segment_id, date=f"{moment:%Y-%m-%d}",
            created=moment.isoformat(), software={}, objects=items, previous=heads,
        )  # fmt: skip
        packed = self.objects[manifest.key] = manifest.to_bytes()
        self.head = link_to(manifest.key, packed)
        self.objects[pointer_key(OUTLET)] = heads_to_bytes([self.head])


def filled_with(count):
    store = Counted()
    for number in range(count):
        store.publish(number)
    return store


@pytest.fixture(scope="module")
def filled():
    return filled_with(MANY)


@pytest.fixture
def store(filled):
    filled.asked.clear()
    return filled


def documented(archive, cursor):
    """The loop of docs/python.md and docs/for-data-engineers.md."""
    for manifest in archive.manifests(after=cursor):
        if archive.filters.is_news(manifest):
            yield from archive.articles_of(manifest)
        cursor.advance(manifest)


def tailed(archive, cursor, capsys):
    args = make_parser().parse_args(["tail", "--once", "--json"])
    tail._round(archive, cursor, args)
    return [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.slow
def test_a_follower_s_work_is_linear_in_what_is_new(store):
    archive, cursor = Archive(store), Cursor()
    found = [article.id for article in documented(archive, cursor)]
    assert found == [f"{OUTLET}:{number}" for number in range(MANY)]
    first = store.asked.total()
    assert first <= 6 * MANY  # each manifest is read a few times, each object once; it was MANY * MANY
    store.publish(MANY)
    (article,) = documented(archive, cursor)
    assert article.id == f"{OUTLET}:{MANY}"
    assert store.asked.total() - first <= 20


@pytest.mark.slow
def test_follow_and_tail_do_no_more(store, capsys):
    count = len([key for key in store.objects if key.startswith("articles/")])
    archive = Archive(store)
    assert len(list(islice(archive.follow(Cursor(), wait=lambda _: None), count))) == count
    assert store.asked.total() <= 6 * count
    store.asked.clear()
    assert len(tailed(Archive(store), Cursor(), capsys)) == count
    assert store.asked.total() <= 6 * count


def test_what_was_told_since_the_last_look_is_heard():
    store = filled_with(100)
    archive = Archive(store)
    cursor = archive.cursor()
    number = len([key for key in store.objects if key.startswith("articles/")])
    store.publish(number)
    (first,) = documented(archive, cursor)
    assert first.story is None
    store.publish(number + 1)
    manifests = [manifest for manifest in archive.manifests() if manifest.crawl == f"c{number}"]
    (again,) = archive.articles_of(manifests[0])
    assert again.story is not None
    assert again.story.id == f"{OUTLET}:0"
