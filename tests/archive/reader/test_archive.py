import gzip
import itertools
import json
import subprocess
import sys
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import brotli
import pytest
import zstandard

from archive import open_archive
from archive.article import Article, Story
from archive.catalog import Catalog
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import Missing, StoreRefused, open_store
from archive.store.protocol import NotAsPublished, ReadError
from archive.verify import verify
from archive.warc.capture import CaptureFault
from tests.archive.samples import OUTLET, article_of, body_of, clock, exchange_of, fill, publish_anew, url_of


@pytest.fixture
def archive(filled, tmp_path):
    fill(
        filled,
        tmp_path,
        range(5),
        crawl="c2",
        version=2,
        headline="العنوان المعدَّل",
        tags=["غزة"],
        agencies=["afp"],
        kind="opinion",
    )
    return open_archive(filled)


def ids(articles):
    return [article.id.partition(":")[2] for article in articles]


def test_the_latest_version_of_each_newest_first(archive):
    found = list(archive.articles())
    assert len(found) == 30
    # both crawls captured in the same seconds: where two were at work at a time, the order is that of the captures
    assert [article.captured for article in found] == sorted((one.captured for one in found), reverse=True)
    assert [article.version for article in found] == [1] * 25 + [2] * 5
    assert sorted(ids(archive.articles(newest_first=False))) == sorted(ids(found))
    assert all(isinstance(article, Article) for article in found)


def test_all_versions(archive):
    assert len(list(archive.articles(versions="all"))) == 35
    assert [article.version for article in archive.versions(f"{OUTLET}:3")] == [1, 2]


@pytest.mark.parametrize(
    ("choice", "count"),
    [
        ({"tag": "غزة"}, 5),
        ({"agency": "afp"}, 5),
        ({"kind": "opinion"}, 5),
        ({"kind": "video"}, 0),
        ({"text": "العنوان المعدل"}, 5),
        ({"text": "الخبر رقم 17"}, 1),
        ({"outlet": OUTLET}, 30),
        ({"outlet": [OUTLET, "alaraby"]}, 30),
        ({"outlet": "alaraby"}, 0),
        ({"since": "2026-11-23", "until": date(2026, 11, 23)}, 30),
        ({"since": "2026-11-24"}, 0),
        ({"until": "2026-11-22"}, 0),
        ({"since": "2026-11-23T10:00:10Z", "until": "2026-11-23T10:00:12Z"}, 3),
        ({"as_of": "2026-11-23T10:00:02Z"}, 3),
        ({"as_of": "2026-11-22"}, 0),
    ],
)
def test_a_choice(archive, choice, count):
    assert len(list(archive.articles(**choice))) == count
    assert len(list(archive.articles(**choice, newest_first=False))) == count


def test_a_wrong_choice_is_refused(archive):
    with pytest.raises(ValueError, match="'gestern' is no date"):
        next(archive.articles(since="gestern"))
    with pytest.raises(ValueError, match=r"no word stands in '\?!'"):
        archive.articles(text="?!")
    with pytest.raises(ValueError, match="sort is 'published' or 'captured'"):
        archive.articles(sort="headline")
    with pytest.raises(ValueError, match="versions is 'latest' or 'all'"):
        next(archive.articles(versions="some"))


def test_one_article_and_what_it_was_read_from(archive):
    article = archive.article(f"{OUTLET}:7")
    capture = archive.capture(article)
    assert (capture.url, capture.status, capture.content()) == (article.url, 200, body_of(7))
    assert capture.pointer == article.warc
    assert archive.article(f"{OUTLET}:99") is None


def test_reading_a_bucket_is_the_same(filled_anywhere):
    archive = open_archive(filled_anywhere)
    assert len(list(archive.articles())) == 30
    assert archive.capture(archive.article(f"{OUTLET}:7")).content() == body_of(7)


def test_a_pointer_to_another_record_is_no_capture(archive):
    article = archive.article(f"{OUTLET}:7")
    article.warc.record_id = "<urn:uuid:00000000-0000-0000-0000-000000000000>"
    with pytest.raises(CaptureFault, match="not the capture"):
        archive.capture(article)
    article.warc.offset += 1
    with pytest.raises(CaptureFault, match="no record"):
        archive.capture(article)


def test_only_what_a_manifest_lists_exists(filled):
    store = open_store(filled)
    key = next(store.listing(f"articles/outlet={OUTLET}/")).key
    store.create(key.replace("-00000-", "-00099-"), store.read(key))
    assert len(list(open_archive(filled).articles(versions="all"))) == 30


def test_days_that_cannot_fit_are_not_opened(filled, monkeypatch):
    archive = open_archive(filled)
    opened = []
    keep = archive.store.open
    monkeypatch.setattr(archive.store, "open", lambda key: opened.append(key) or keep(key))
    assert len(list(archive.articles(since="2026-11-23T10:00:28Z"))) == 2
    assert len([key for key in opened if key.startswith("articles/")]) == 1


def test_there_must_be_something_to_open(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHIVE_URI", str(tmp_path / "nothing"))
    with pytest.raises(StoreRefused, match="there is no collection at"):
        open_archive()


def test_reading_needs_no_scrapy(filled):
    program = f"""
import sys
class Refuse:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {{"scrapy", "twisted", "itemadapter", "trafilatura"}}:
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
from archive import open_archive
archive = open_archive({filled!r})
print(len(list(archive.articles())), archive.capture(archive.article("{OUTLET}:7")).status)
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["30", "200"]


def test_the_body_of_a_revisit_is_its_original_s(uri, tmp_path):
    fill(uri, tmp_path, range(3))
    catalog = Catalog(tmp_path / "catalog")
    exchange = exchange_of(2)
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl="c2", warcinfo={}, clock=clock)
    pointer = writer.write_exchange(exchange, catalog.original(exchange.payload_digest))
    writer.write_article(article_of(7, pointer))
    writer.close()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    archive = open_archive(uri)
    capture = archive.capture(archive.article(f"{OUTLET}:7"))
    assert (capture.kind, capture.body) == ("revisit", body_of(2))
    assert not list(verify(archive.store, deep=True, chain=True))


def test_stories_are_read_as_they_were_last_told(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    story = Story(id="s1", role="first", origin=f"{OUTLET}:1", overlap=1.0)
    fill(uri, tmp_path, range(1, 2), story=story)
    fill(uri, tmp_path, range(2, 3), crawl="c2", story=replace(story, role="copy", overlap=0.9))
    fill(uri, tmp_path, range(3, 4), crawl="c3", story=replace(story, id="s3", origin=f"{OUTLET}:3"))
    tell(uri, tmp_path, f"{OUTLET}:1", "2026-11-24T10:00:00.000000+00:00")
    tell(uri, tmp_path, f"{OUTLET}:2", "2026-11-24T09:00:00.000000+00:00")
    archive = open_archive(uri)
    assert [(a.id, a.story.role) for a in archive.story("s1")] == [
        (f"{OUTLET}:1", "origin"),
        (f"{OUTLET}:2", "copy"),
        (f"{OUTLET}:3", "copy"),
    ]
    assert archive.article(f"{OUTLET}:3").story.id == "s3"
    assert ids(archive.articles(unique_stories=True)) == ["1"]
    assert ids(archive.articles(unique_stories=True, as_of="2026-11-23")) == ["3", "1"]
    assert [a.story.role for a in archive.story("s3")] == []


def test_a_story_that_became_part_of_another_is_found_by_its_former_id(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    story = Story(id=f"{OUTLET}:3", role="first", origin=f"{OUTLET}:3", overlap=1.0)
    fill(uri, tmp_path, range(3, 4), story=story)
    fill(uri, tmp_path, range(1, 2), crawl="c2", story=replace(story, id="s1", origin=f"{OUTLET}:1"))
    tell(uri, tmp_path, f"{OUTLET}:1", "2026-11-24T10:00:00.000000+00:00")
    archive = open_archive(uri)
    former = archive.article(f"{OUTLET}:3").story.id
    assert [a.id for a in archive.story(former)] == [f"{OUTLET}:1", f"{OUTLET}:3"]
    assert archive.story("nobody's") == []


def tell(uri, folder, origin, told):
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet=OUTLET, crawl="c9" + told, warcinfo={}, clock=clock
    )
    said = {"id": f"{OUTLET}:3", "story": "s1", "role": "copy", "origin": origin, "overlap": 0.8, "told": told}
    writer.write_story(json.dumps(said))
    writer.close()
    Publisher(open_store(uri), folder / "spool").publish_sealed()


def test_errors_are_values_where_one_asks_for_it(archive, tmp_path):
    paths = sorted((tmp_path / "collection" / "articles").rglob("*.gz"))
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-30])
    lines = [b"no json", b'{"schema":2,"id":"aljazeera:77"}', b'{"id":"aljazeera:78"}', b"[]"]
    publish_anew(paths[2], gzip.compress(b"\n".join([*lines, article_of(99, None).to_line().encode()])))
    for newest_first in (True, False):
        found = list(archive.articles(tolerant=True, newest_first=newest_first))
        faults = [found for found in found if isinstance(found, ReadError)]
        assert sorted({(fault.key.rpartition("/")[2], fault.line is None) for fault in faults}) == [
            (paths[0].name, True),
            (paths[1].name, True),
            (paths[2].name, False),
        ]
        assert len(faults) == 6
        assert {type(fault.error) for fault in faults if paths[1].name in fault.key} == {NotAsPublished}
        assert f"{OUTLET}:99" in {article.id for article in found if isinstance(article, Article)}
    with pytest.raises(Missing):
        list(archive.articles(newest_first=False, versions="all"))
    with pytest.raises(ValueError, match=r"jsonl\.gz"):
        list(archive.articles())


def test_oldest_first_gives_each_article_where_its_newest_version_stands(archive):
    assert ids(archive.articles(newest_first=False)) == list(reversed(ids(archive.articles())))


def test_only_that_year_s_and_outlet_s_objects_are_touched(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    for place, (outlet, year) in enumerate(itertools.product((OUTLET, "alaraby"), (2024, 2025, 2026))):
        day = datetime(year, 6, 1, tzinfo=UTC)
        writer = SegmentWriter(
            tmp_path / "spool", collection="w", outlet=outlet, crawl=f"c{place}", warcinfo={}, clock=lambda day=day: day
        )
        article = article_of(place, None, outlet=outlet, id=f"{outlet}:{place}", published=day, captured=day)
        writer.write_article(replace(article, agencies=["afp"]))
        writer.write_article(replace(article, id=f"{outlet}:x{place}"))
        writer.close()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    archive, asked = open_archive(uri), []
    read, open_ = archive.store.read, archive.store.open
    archive.store.read = lambda key: asked.append(key) or read(key)
    archive.store.open = lambda key: asked.append(key) or open_(key)
    found = archive.articles(outlet=OUTLET, agency="afp", since="2025-01-01", until="2025-12-31")
    assert ids(found) == ["1"]
    lines = [key for key in asked if not key.startswith("manifests/")]
    assert [key.split("/")[:3] for key in lines] == [["articles", f"outlet={OUTLET}", "date=2025-06-01"]]
    assert {key.split("/")[1] for key in asked} == {f"outlet={OUTLET}"}
    assert not [key for key in asked if "date=2024" in key]


def test_a_segment_of_the_day_before_yesterday_may_hold_today_s(tmp_path):
    uri, opened = (tmp_path / "collection").as_uri(), datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
    writer = SegmentWriter(
        tmp_path / "spool", collection="w", outlet=OUTLET, crawl="c", warcinfo={}, clock=lambda: opened
    )
    captured, ahead = datetime(2026, 11, 22, 0, 20, tzinfo=UTC), datetime(2026, 11, 23, 0, 10, tzinfo=UTC)
    writer.write_article(article_of(1, None, captured=captured, published=ahead))
    writer.close()
    Publisher(open_store(uri), tmp_path / "spool").publish_sealed()
    assert ids(open_archive(uri).articles(since="2026-11-23")) == ["1"]


SPELLED = "https://www.aljazeera.net/News/%D8%AE%D8%A8%D8%B1/Gaza-2026?b=2&a=1"


@pytest.mark.parametrize(
    "asked",
    [
        SPELLED,
        "http://aljazeera.net/News/%d8%ae%d8%a8%d8%b1/Gaza-2026?b=2&a=1",
        "https://WWW.ALJAZEERA.NET/news/%D8%AE%D8%A8%D8%B1/gaza-2026?a=1&b=2",
        "https://www.aljazeera.net/News/خبر/Gaza-2026?b=2&a=1",
        "https://www.aljazeera.net/News/%D8%AE%D8%A8%D8%B1/%47aza-%32026/?a=1&b=2",
        "www.aljazeera.net/News/%D8%AE%D8%A8%D8%B1/Gaza-2026?b=2&a=1",
    ],
)
@pytest.mark.parametrize("written", [SPELLED, SPELLED.replace("Gaza", "%47%61za")])
def test_without_an_index_an_address_in_any_spelling_is_found_and_other_lines_are_not_read(
    filled, tmp_path, monkeypatch, asked, written
):
    fill(filled, tmp_path, range(40, 41), crawl="c2", url=written, canonical_url=written)
    read, from_line = [], Article.from_line
    monkeypatch.setattr(Article, "from_line", lambda line: read.append(line) or from_line(line))
    article = open_archive(filled).article(asked)
    assert article is not None
    assert article.id == f"{OUTLET}:40"
    assert len(read) < 4  # of thirty-one


def test_a_capture_by_its_address_and_time(archive):
    assert archive.capture(url_of(7)).content() == body_of(7)
    assert archive.capture(url_of(7), at="2026-11-23T10:00:07Z").date.second == 7
    for choice in ({"at": "2026-11-23T10:00:06Z"}, {"outlet": "alaraby"}):
        with pytest.raises(Missing, match="holds no capture of"):
            archive.capture(url_of(7), **choice)
    with pytest.raises(Missing, match="holds no capture of"):
        archive.capture("https://www.aljazeera.net/none")


def test_a_payload_that_is_not_its_digest_s_is_refused(archive):
    article = archive.article(f"{OUTLET}:7")
    capture = archive.capture(article)
    capture.body += b" "
    with pytest.raises(CaptureFault, match="the record says sha1:"):
        capture.check()
    other = archive.capture(archive.article(f"{OUTLET}:8"))
    with pytest.raises(CaptureFault, match="whose payload is another"):
        capture.take_body(other)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate"])
def test_the_content_of_a_revisit_is_decoded_as_its_original_was_coded(uri, tmp_path, coding):
    body = b"<h1>" + "عنوان".encode() + bytes(range(250)) * 2
    coded = {
        "gzip": gzip.compress,
        "br": brotli.compress,
        "zstd": zstandard.ZstdCompressor().compress,
        "deflate": zlib.compress,
    }[coding](body)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nETag: x\r\n\r\n".encode()
    writer = SegmentWriter(tmp_path / "spool", collection="w", outlet=OUTLET, crawl="c1", warcinfo={}, clock=clock)
    first = replace(exchange_of(1), head=head, body=coded)
    writer.write_exchange(first)
    writer.close()
    catalog = Catalog(tmp_path / "catalog")
    Publisher(open_store(uri), tmp_path / "spool", catalog).publish_sealed()
    writer = SegmentWriter(tmp_path / "spool", collection="w", outlet=OUTLET, crawl="c2", warcinfo={}, clock=clock)
    later = replace(
        first, head=b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", body=b"", started=first.started + timedelta(1)
    )
    writer.write_exchange(later, catalog.original(first.payload_digest))
    writer.close()
    Publisher(open_store(uri), tmp_path / "spool", catalog).publish_sealed()
    capture = open_archive(uri).capture(first.url)
    assert (capture.kind, capture.status, capture.content()) == ("revisit", 304, body)
