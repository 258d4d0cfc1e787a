"""Files of other archives taken in: WARC 1.0 and 1.1, gzip and zstd, ARC, WACZ, a bucket, a list; read back with warcio."""

from __future__ import annotations

import argparse
import gzip
import io
import json
import re
import zipfile
import zlib
from datetime import UTC, datetime
from itertools import islice
from uuid import uuid4

import brotli
import pytest
import zstandard
from scrapy.utils.project import get_project_settings
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import open_archive
from archive.cli import main
from archive.warc.message import read_kept
from archive.warc.payload import label_of
from archive.warc.reading import few_responses, lenient_responses
from crawlers.configuration import Destination
from crawlers.reextract import spider_of
from crawlers.session import foreign
from crawlers.session.foreign import Broken, Importer, Response, responses
from crawlers.session.session import LocalArchive
from tests.archive.conftest import bucket, s3  # noqa: F401  fixtures
from tests.crawlers.reextract.collection import cases
from tests.little_outlet import HOST, page, path
from tests.outlets.cases import all_cases

pytestmark = [  # what warcio's writer leaves to the garbage collector
    pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
GOOD = [case for case in cases() if case.record["expect"].get("headline") and not case.record.get("announcement")]
OTHER = next(
    case for case in all_cases() if case.outlet == "alaraby" and case.body and case.record["expect"].get("headline")
)


def warc(pages, *, version="1.0", squeezed=True, status="200 OK", headers=(), **more):
    """Return a WARC as another crawler would write it: a warcinfo, requests, responses, and a page of somebody else."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=squeezed, warc_version=version)
    writer.write_record(writer.create_warcinfo_record("theirs.warc.gz", {"software": "another crawler"}))
    for url, date, body in [("https://somebody.example/", "2019-01-01T00:00:00Z", b"<html>x</html>"), *pages]:
        http = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8"), *headers], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), http_headers=http, warc_headers_dict={"WARC-Date": date, **more}
        )
        writer.write_record(record)
    return out.getvalue()


def arc(pages, line="{url} 192.0.2.1 {digits} text/html {size}"):
    head = b"1 0 other\nURL IP-address Archive-date Content-type Archive-length\n"
    records = [b"filedesc://a.arc 0.0.0.0 20100101000000 text/plain %d\n%s\n" % (len(head), head)]
    for url, date, body in pages:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
        digits = "".join(letter for letter in date if letter.isdigit())
        records.append(line.format(url=url, digits=digits, size=len(block)).encode() + b"\n" + block + b"\n")
    return b"".join(map(gzip.compress, records))


def pages_of(chosen, date="2020-05-17T10:11:12Z"):
    return [(case.record["url"], date, case.body) for case in chosen]


@pytest.fixture
def place(tmp_path, monkeypatch):
    settings = get_project_settings()
    assert spider_of(GOOD[0].record["url"]) is not None  # the project's spiders, found from the project's folder
    monkeypatch.chdir(tmp_path)
    settings.set("ARCHIVE_URI", (tmp_path / "collection").as_uri(), priority="cmdline")
    settings.set("SPOOL_DIR", str(tmp_path / "spool"), priority="cmdline")
    settings.set("CONTACT", "x@example.org", priority="cmdline")
    return settings


def run(settings, *words):
    """Run the command; return its exit code."""
    command = __import__("importlib").import_module("crawlers.commands.import").Command()
    command.settings = settings
    parser = argparse.ArgumentParser(prog="import")
    command.add_options(parser)
    options, files = parser.parse_known_args([*words, "--json"])
    command.exitcode = 0
    command.run(files, options)
    return int(command.exitcode)


def counts(capsys):
    return json.loads(capsys.readouterr().out)


def test_captures_keep_date_bytes_and_where_they_are_from(place, tmp_path, capsys):
    chosen = GOOD[:4]
    (tmp_path / "theirs.warc.gz").write_bytes(warc(pages_of(chosen)))
    assert run(place, "theirs.warc.gz") == 0
    done = counts(capsys)["counts"]
    assert (done["captures"], done["articles"], done.get("broken", 0)) == (4, 4, 0)
    uri = place["ARCHIVE_URI"]
    assert main(["verify", "--archive", uri, "--deep", "--chain"]) == 0
    archive = open_archive(uri)
    for case in chosen:
        capture = archive.capture(case.record["url"])
        assert (capture.date, capture.body) == (datetime(2020, 5, 17, 10, 11, 12, tzinfo=UTC), case.body)
    article = next(one for one in archive.articles() if one.url == chosen[0].record["url"])
    assert article.headline == chosen[0].record["expect"]["headline"]
    assert (article.captured.year, article.version, article.discovered.kind) == (2020, 1, "argument")
    (manifest,) = [one for one in archive.manifests() if "articles" in one.by_kind]
    assert manifest.date == f"{datetime.now(UTC):%Y-%m-%d}"
    with archive.store.open(manifest.by_kind["warc"].key) as stream:
        metadata = [
            record.content_stream().read().decode()
            for record in ArchiveIterator(stream, check_digests="raise")
            if record.rec_type == "metadata"
        ]
    assert all("imported-from: theirs.warc.gz\r\nimported-record-id: <urn:uuid:" in block for block in metadata)


def packed(data):
    return zstandard.ZstdCompressor().compress(data)


def records_of(data):
    """Return the records of a WARC that is not compressed."""
    return [b"WARC/1." + record for record in data.split(b"WARC/1.")[1:]]


def with_dictionary(data):
    """Return a WARC as ArchiveTeam packs it: a dictionary in a frame that is skipped, itself packed, then a frame a record."""
    dictionary = zstandard.ZstdCompressionDict(b"WARC/1.0 WARC-Type: response WARC-Target-URI: https://www." * 9)
    squeeze = zstandard.ZstdCompressor(dict_data=dictionary).compress
    content = packed(dictionary.as_bytes())
    frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    return frame + b"".join(map(squeeze, records_of(data)))


SHAPES = {
    "1.1.warc": lambda pages: warc(pages, version="1.1", squeezed=False),
    "1.0.warc.gz": warc,
    "a.warc.zst": lambda pages: b"".join(packed(part) for part in (warc(pages, squeezed=False),)),
    "old.arc.gz": arc,
    "chunked.warc.gz": lambda pages: warc(
        [(url, date, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)) for url, date, body in pages],
        headers=[("Transfer-Encoding", "chunked")],
    ),
    "no-chunks.warc.gz": lambda pages: warc(pages, headers=[("Transfer-Encoding", "chunked")]),  # as CDP gives bodies
    "br.warc.gz": lambda pages: warc(
        [(url, date, brotli.compress(body)) for url, date, body in pages], headers=[("Content-Encoding", "br")]
    ),
    "zstd.warc.gz": lambda pages: warc(
        [(url, date, packed(body)) for url, date, body in pages], headers=[("Content-Encoding", "zstd")]
    ),
    "dictionary.warc.zst": lambda pages: with_dictionary(warc(pages, squeezed=False)),
    "2.arc": lambda pages: gzip.decompress(
        arc(pages, line="{url} 192.0.2.1 {digits} text/html 200 - - 0 a.arc {size}")
    ),
    "wget.warc": lambda pages: (
        warc(pages, squeezed=False)
        .replace(b"Target-URI: ", b"Target-URI: <")
        .replace(b"\r\nWARC-Date", b">\r\nWARC-Date")
    ),
    "gzip.warc.gz": lambda pages: warc(
        [(url, date, gzip.compress(body)) for url, date, body in pages], headers=[("Content-Encoding", "gzip")]
    ),
    "cc-news-2018.warc.gz": lambda pages: (
        warc(  # before May 2019: what was coded is decoded, and its headers are as they came
            pages, headers=[("content-encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "7")]
        )
    ),
    "cc-news.warc.gz": lambda pages: warc(
        pages, headers=[("X-Crawler-Content-Encoding", "gzip"), ("X-Crawler-Transfer-Encoding", "chunked")]
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_few_addresses_are_found_without_unpacking_the_others(name):
    pages = pages_of(GOOD[:3])
    data, wanted = SHAPES[name](pages), {pages[1][0]}.__contains__
    assert list(few_responses(name, io.BytesIO(data), wanted)) == list(
        lenient_responses(name, io.BytesIO(data), wanted)
    )


def test_what_is_passed_over_may_be_broken(tmp_path):
    parts = members(warc(pages_of(GOOD[:4])))
    data = b"".join([*parts[:3], damaged(parts[3]), b"\x1f\x8b\x08 no member", *parts[4:]])
    urls = [case.record["url"] for case in GOOD[:4]]
    found = few_responses("a", io.BytesIO(data), {urls[0], urls[1], urls[2]}.__contains__)
    assert [one.url for one in found] == [urls[0], urls[2]]


@pytest.mark.parametrize("name", SHAPES)
def test_files_of_all_shapes(place, tmp_path, capsys, name):
    (tmp_path / name).write_bytes(SHAPES[name](pages_of(GOOD[:2])))
    assert run(place, name) == 0
    said = counts(capsys)
    assert (said["counts"].get("articles"), said["broken"]) == (2, []), said
    found = {article.headline for article in open_archive(place["ARCHIVE_URI"]).articles()}
    assert found == {case.record["expect"]["headline"] for case in GOOD[:2]}


def test_nothing_is_taken_twice_and_our_own_wacz_not_either(place, tmp_path, capsys):
    (tmp_path / "a.warc.gz").write_bytes(warc(pages_of(GOOD[:3])))
    (tmp_path / "list").write_text("# their files\na.warc.gz\n\na.warc.gz\n")
    assert run(place, "@list") == 0
    done = counts(capsys)["counts"]
    assert (done["captures"], done["there"]) == (3, 3)
    uri = place["ARCHIVE_URI"]
    assert main(["wacz", "--archive", uri, "own.wacz"]) == 0
    capsys.readouterr()
    assert run(place, "own.wacz", "a.warc.gz") == 0
    assert "captures" not in counts(capsys)["counts"]
    place.set("ARCHIVE_URI", (tmp_path / "another").as_uri(), priority="cmdline")
    assert run(place, "own.wacz") == 0
    assert counts(capsys)["counts"]["articles"] == 3


def test_versions_go_by_the_time_of_capture(place, tmp_path, capsys):
    """In one run and in several: what an earlier run took in is known by its words, years before the day on which it came."""
    case = GOOD[0]
    url, headline = case.record["url"], case.record["expect"]["headline"].encode()
    word = max(case.record["expect"]["text"].split(), key=len).encode()
    later = case.body.replace(word, "مبدلة".encode()).replace(headline, headline + " معدل".encode())
    files = {  # name → pages, and how many of them are captures, articles, unchanged
        "c.warc.gz": ([(url, "2021-01-03T00:00:00Z", later), (url, "2021-01-04T00:00:00Z", later)], (2, 1, 1)),
        "a.warc.gz": ([(url, "2021-01-01T00:00:00Z", case.body), (url, "2021-01-02T00:00:00Z", case.body)], (2, 1, 1)),
        "d.warc.gz": ([(url, "2021-01-05T00:00:00Z", later)], (1, 0, 1)),
    }
    for name, (pages, counted) in files.items():
        (tmp_path / name).write_bytes(warc(pages))
        assert run(place, name) == 0
        done = counts(capsys)["counts"]
        assert (done["captures"], done.get("articles", 0), done["unchanged"]) == counted, name
    archive = open_archive(place["ARCHIVE_URI"])
    first, second = sorted(archive.articles(versions="all"), key=lambda article: article.captured)
    assert (first.version, second.version) == (2, 1)
    assert first.changes.headline
    assert first.changes.words_added == first.changes.words_removed >= 1
    assert second.headline.endswith("معدل")
    assert not any(
        {"lines_said_again", "lines_renumbered"} & set(manifest.recovered) for manifest in archive.manifests()
    )
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep"]) == 0


def news(pages, *, masked):
    """Return a file as Common Crawl's news crawler writes it: masked headers, truncation, addresses since May 2019, before as they came."""
    prefix = "X-Crawler-" if masked else ""
    out = [
        zipped(
            "warcinfo",
            b"format: WARC File Format 1.0\r\nrobots: checked via crawler-commons\r\n",
            "application/warc-fields",
        )
    ]
    for number, (url, date, body, cut) in enumerate(pages):
        path = url.partition("://")[2].partition("/")[2]
        common = [("WARC-Target-URI", url), ("WARC-Date", date)]
        asked = f"GET /{path} {'HTTP/1.1' if masked else ''}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        out.append(zipped("request", asked, "application/http; msgtype=request", common))
        head = f"HTTP/1.1 200 OK\r\n{prefix}Content-Encoding: gzip\r\n{prefix}Transfer-Encoding: chunked\r\n"
        head += f"Content-Type: text/html\r\n{prefix}Content-Length: {number}\r\n"
        head += f"Content-Length: {len(body)}\r\n" if masked else ""
        more = [("WARC-IP-Address", "192.0.2.1"), *([("WARC-Truncated", "length")] if cut else [])] if masked else []
        block = head.encode() + b"\r\n" + body
        fields = [*common, *more, ("WARC-Payload-Digest", label_of(body)), ("WARC-Block-Digest", label_of(block))]
        out.append(zipped("response", block, "application/http; msgtype=response", fields))
    return b"".join(out)


def zipped(kind, block, content_type, fields=()):
    lines = [("WARC-Type", kind), ("WARC-Record-ID", f"<{uuid4().urn}>"), ("Content-Length", str(len(block)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in [*lines, *fields, ("Content-Type", content_type)])
    return gzip.compress(b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n")


@pytest.mark.parametrize("masked", [False, True], ids=["to May 2019", "since"])
def test_the_news_crawls_files_of_all_years(place, tmp_path, capsys, masked):
    pages = [(*page, False) for page in pages_of(GOOD[:3])]
    pages.append((*pages_of(GOOD[3:4])[0], masked))  # cut at the crawler's bound, which is said since then
    (tmp_path / "CC-NEWS-20200517.warc.gz").write_bytes(news(pages, masked=masked))
    assert run(place, "CC-NEWS-20200517.warc.gz") == 0
    said = counts(capsys)
    assert (said["counts"]["articles"], said["counts"].get("truncated", 0)) == ((3, 1) if masked else (4, 0))
    archive = open_archive(place["ARCHIVE_URI"])
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep"]) == 0
    capture = archive.capture(pages[0][0])
    names = {name.lower() for name, _ in capture.headers}
    assert capture.content() == pages[0][2]  # every reader of the record reads the page
    assert names & {"content-encoding", "transfer-encoding"} == set()
    assert ("x-crawler-content-encoding" if masked else "x-archive-orig-content-encoding") in names
    (manifest,) = [one for one in archive.manifests() if "articles" in one.by_kind]
    assert (
        manifest.by_kind["warc"].bytes < sum(len(page[2]) for page in pages) / 2
    )  # packed, though they say that they are


@pytest.mark.parametrize("held", [0, 4000])
def test_an_article_that_comes_again_is_looked_for_in_the_archive_where_its_words_are_not_held(
    place, tmp_path, capsys, monkeypatch, held
):
    url, body = GOOD[0].record["url"], GOOD[0].body
    later = body.replace(max(GOOD[0].record["expect"]["text"].split(), key=len).encode(), "مبدلة".encode())
    pages = [(url, f"2021-01-0{day}T00:00:00Z", page) for day, page in enumerate((body, body, later, body), 1)]
    monkeypatch.setattr(foreign, "PUBLISH_EVERY", 1)
    monkeypatch.setattr(foreign, "_RECENT", held)
    if held:
        monkeypatch.setattr(foreign, "published_version", None)  # reads a segment's lines
    (tmp_path / "a.warc.gz").write_bytes(warc(pages))
    assert run(place, "a.warc.gz") == 0
    done = counts(capsys)["counts"]
    assert (done["captures"], done["articles"], done["unchanged"]) == (4, 3, 1)
    first, second, third = sorted(
        open_archive(place["ARCHIVE_URI"]).articles(versions="all"), key=lambda one: one.version
    )
    assert first.text == third.text != second.text
    assert third.changes.words_added == second.changes.words_removed >= 1
    (tmp_path / "b.warc.gz").write_bytes(warc([(url, "2022-01-01T00:00:00Z", body)]))
    assert run(place, "b.warc.gz") == 0
    assert counts(capsys)["counts"]["unchanged"] == 1


def test_an_import_holds_so_much_and_no_more_however_long_its_file_is(place, tmp_path, monkeypatch):
    monkeypatch.setattr(foreign, "PUBLISH_EVERY", 4)
    monkeypatch.setattr(foreign, "_PLACE_EVERY", 2)
    monkeypatch.setattr(foreign, "_RECENT", 3)
    given_back, held = [], []
    monkeypatch.setattr(foreign, "give_memory_back", lambda: given_back.append(True))
    (tmp_path / "a.warc.gz").write_bytes(warc(pages_of(GOOD[:16])))
    with Importer(Destination.from_settings(place), place) as importer:

        def look(_):
            outlets = importer._outlets.values()
            pending = sum(len(versions) for outlet in outlets for versions in outlet.pending.values())
            held.append((len(importer._unplaced), pending, sum(len(outlet.words) for outlet in outlets)))

        importer.take("a.warc.gz", look)
        articles = importer.result.counts["articles"]
    assert articles > 2 * 4
    unplaced, pending, words = map(max, zip(*held, strict=True))
    assert unplaced < 2
    assert pending < 4  # what is being placed and published has gone when the next page comes
    assert words <= 3 + 4
    assert len(given_back) >= articles // 2  # with each placement: a gigabyte's pages leave holes of 60 MB


def damaged(member):
    """Return a gzip member that breaks in its middle, with a header of its own in it that begins no record."""
    middle = len(member) // 2
    return member[:middle] + b"\x1f\x8b\x08" + b"\xff" * 97 + member[middle + 100 :]


def members(data):
    """Return the gzip members of a file."""
    parts = []
    while data:
        inflater = zlib.decompressobj(31)
        inflater.decompress(data)
        parts.append(data[: len(data) - len(inflater.unused_data)])
        data = inflater.unused_data
    return parts


@pytest.mark.parametrize("make", [warc, arc])
@pytest.mark.parametrize(
    "spoil", [damaged, lambda member: member[: len(member) // 2], lambda _: gzip.compress(b"dear diary\n" * 999), lambda member: member + bytes(512)],
    ids=["broken", "cut", "no record", "padded"],
)  # fmt: skip
def test_a_broken_member_ends_no_other(place, tmp_path, make, spoil):
    parts = members(make(pages_of(GOOD[:4])))
    spoilt = len(parts) - 3  # the record of the second page
    (tmp_path / "a.gz").write_bytes(b"".join([*parts[:spoilt], spoil(parts[spoilt]), *parts[spoilt + 1 :]]))
    results = list(responses(str(tmp_path / "a.gz"), lambda url: "somebody" not in url))
    kept = [one.url for one in results if isinstance(one, Response)]
    broken = [one.what for one in results if isinstance(one, Broken)]
    whole = [case.record["url"] for case in GOOD[:4]]
    if spoil(b"xx") == b"xx" + bytes(512):
        assert (kept, broken) == (whole, [])
    else:
        assert kept == [whole[0], *whole[2:]]
        assert len(broken) == 1
        assert broken[0].startswith(f"a.gz: at byte {sum(map(len, parts[:spoilt]))}: ")


def kept_of(path):
    results = list(responses(str(path), lambda url: "somebody" not in url))
    return [one.url for one in results if isinstance(one, Response)], [
        one.what for one in results if isinstance(one, Broken)
    ]


@pytest.mark.parametrize(
    "spoil", [lambda frame: frame[: len(frame) // 2], lambda frame: frame[:40] + b"\xff" * 40 + frame[80:]]
)
def test_a_broken_frame_of_zstd_ends_no_other(place, tmp_path, spoil):
    frames = [packed(record) for record in records_of(warc(pages_of(GOOD[:4]), squeezed=False))]
    frames[3] = spoil(frames[3])  # behind the warcinfo, somebody else's page and the first
    (tmp_path / "a.warc.zst").write_bytes(b"".join(frames))
    kept, broken = kept_of(tmp_path / "a.warc.zst")
    whole = [case.record["url"] for case in GOOD[:4]]
    assert kept == [whole[0], *whole[2:]]
    assert len(broken) == 1
    assert broken[0].startswith(f"a.warc.zst: at byte {sum(map(len, frames[:3]))}: ")


@pytest.mark.parametrize("length", [b"7", b"none"])
def test_a_wrong_length_in_a_plain_file_ends_no_other_record(place, tmp_path, length):
    records = records_of(warc(pages_of(GOOD[:4]), squeezed=False))
    records[3] = re.sub(rb"(?m)(?<=^Content-Length: )\d+(?=\r\n\r\nHTTP)", length, records[3])
    (tmp_path / "a.warc").write_bytes(b"".join(records))
    kept, broken = kept_of(tmp_path / "a.warc")
    assert kept[-2:] == [case.record["url"] for case in GOOD[2:4]]
    assert len(broken) == 1
    assert broken[0].startswith("a.warc: at byte ")


def test_dates_may_be_shorter_and_a_segmented_record_is_a_part(place, tmp_path):
    url = GOOD[0].record["url"]
    for date, read in {"2016": (2016, 1, 1), "2016-11": (2016, 11, 1), "2016-11-03": (2016, 11, 3)}.items():
        (tmp_path / "a.warc").write_bytes(warc([(url, date, b"x")], squeezed=False, **{"WARC-Segment-Number": "1"}))
        (one,) = responses(str(tmp_path / "a.warc"), lambda url: "somebody" not in url)
        assert (one.date, one.truncated) == (datetime(*read, tzinfo=UTC), "unspecified")


def test_a_file_that_is_one_member_is_read_in_pieces(place, tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(warc(pages_of(GOOD[:4]), squeezed=False)))
    assert len(list(responses(str(tmp_path / "a.warc.gz"), lambda url: "somebody" not in url))) == 4


def test_take_downs_hold_for_what_comes_from_elsewhere(place, tmp_path, capsys):
    (tmp_path / "a.warc.gz").write_bytes(warc(pages_of(GOOD[:2])))
    assert run(place, "a.warc.gz") == 0
    uri, url = place["ARCHIVE_URI"], GOOD[0].record["url"]
    said = ["--who", "w", "--basis", "b", "--reason", "r"]
    assert main(["redact", "--archive", uri, "--url", url, *said]) == 0
    (tmp_path / "b.warc.gz").write_bytes(warc(pages_of(GOOD[:2], date="2022-01-01T00:00:00Z")))
    capsys.readouterr()
    assert run(place, "b.warc.gz") == 0
    done = counts(capsys)["counts"]
    assert (done["taken-down"], done["captures"]) == (1, 1)


def test_a_number_that_a_template_states_on_every_page_makes_no_versions(place, tmp_path, capsys):
    headlines = {"one": "افتتاح الميناء الجديد", "two": "وزير النقل يزور المطار", "three": "أمطار على الساحل"}
    of = {
        "one": "قال مدير الميناء في تقريره رقم {} إن السفن الكبيرة ستدخل من القناة الجديدة قبل نهاية العام.",
        "two": "تفقد الوزير البوابة {} وصالة المسافرين، واستمع إلى شرح من المهندسين عن مراحل العمل.",
        "three": "هطلت أمطار غزيرة مساء اليوم {} فأغلقت البلدية شوارع كثيرة وحذرت السكان من السيول.",
    }
    texts = {slug: [sentence.format(n) for n in range(5)] for slug, sentence in of.items()}
    number = '<meta name="postID" content="9578001">'
    body = {slug: page(slug, headlines[slug], *texts[slug], head=number).body for slug in headlines}
    later = page("one", headlines["one"], *texts["one"], "وأضاف البيان أن الأعمال ستنتهي قريبًا.", head=number).body
    url = {slug: f"https://{HOST}{path(slug)}" for slug in headlines}
    captures = [(url[slug], f"2020-05-17T10:1{n}:12Z", body[slug]) for n, slug in enumerate(headlines)]
    (tmp_path / "theirs.warc.gz").write_bytes(warc([*captures, (url["one"], "2020-05-18T10:11:12Z", later)]))
    assert run(place, "theirs.warc.gz") == 0
    done = counts(capsys)["counts"]
    assert (done["articles"], done["versions"], done["ids-of-another"]) == (4, 1, 2)
    lines = {
        (line.headline, line.version): line.id for line in open_archive(place["ARCHIVE_URI"]).articles(versions="all")
    }
    assert lines == {
        (headlines["one"], 1): "aljazeera:9578001",
        (headlines["one"], 2): "aljazeera:9578001",
        **{(headlines[slug], 1): spider_of(url[slug]).addresses.classify(url[slug]).id for slug in ("two", "three")},
    }


def test_outlets_stand_beside_one_another_and_any_host_may_be_named(place, tmp_path, capsys):
    page = (
        "<html lang='ar'><head><title>عنوان الخبر</title><meta property='article:published_time' content='2018-02-03T08:00:00+03:00'>"
        '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "headline": "عنوان الخبر الطويل"}</script></head>'
        f"<body><article><h1>عنوان الخبر الطويل</h1>{'<p>' + 'قال الوراق إن الكتاب نسخ مرتين في السوق القديمة ثم باعه مع كتب أخرى. ' * 4 + '</p>'}</article></body></html>"
    ).encode()
    pages = [
        *pages_of([GOOD[0], OTHER]),
        ("https://www.somepaper.example/news/2018/1234-story", "2018-02-03T10:00:00Z", page),
    ]
    (tmp_path / "a.warc.gz").write_bytes(warc(pages))
    assert run(place, "a.warc.gz", "--host", "somepaper.example", "--zone", "Asia/Riyadh") == 0
    assert counts(capsys)["counts"]["articles"] == 3
    archive = open_archive(place["ARCHIVE_URI"])
    assert len(archive.outlets()) == 3
    (article,) = [one for one in archive.articles() if "somepaper" in one.url]
    assert (article.headline, article.published.year) == ("عنوان الخبر الطويل", 2018)


def test_what_has_no_address_or_no_status_ends_no_segment(place, tmp_path, capsys):
    """An index knows no port that is no number: a record of such an address would cut off all behind it."""
    host = "https://www.aljazeera.net"
    odd = [(f"{host}:99999/news/2020/1/1/a", "2020-05-17T10:11:12Z", b"x"), *pages_of(GOOD[:1])]
    odd += [(f"{host}/robots.txt", "2020-05-17T10:11:12Z", b"x")]
    data = warc(odd, squeezed=False)
    at = data.rindex(b"HTTP/1.1 200 OK")
    (tmp_path / "a.warc").write_bytes(data[:at] + b"SPDY/1.1 200 OK" + data[at + 15 :])
    (tmp_path / "b.warc").write_bytes(
        warc([(f"{host}/news/2020/1/1/عنوان", *pages_of(GOOD[:1])[0][1:])], squeezed=False)
    )
    assert run(place, "a.warc", "b.warc") == 0
    said = counts(capsys)
    assert (said["counts"]["broken"], said["counts"]["captures"]) == (2, 2)
    assert "Port out of range" in said["broken"][0]
    assert "no status line" in said["broken"][1]
    archive = open_archive(place["ARCHIVE_URI"])
    assert archive.capture(f"{host}/news/2020/1/1/%D8%B9%D9%86%D9%88%D8%A7%D9%86") is not None
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep"]) == 0


@pytest.mark.parametrize(
    "shape",
    [lambda data: data, gzip.decompress, lambda data: gzip.compress(gzip.decompress(data))],
    ids=["members", "plain", "one member"],
)
def test_a_robots_txt_counts_wherever_it_stands_in_the_file_and_by_its_time(place, tmp_path, capsys, shape):
    """The rules that a page was captured under: the last before it; where none is known from before, the first after it."""
    first, second = (case.record["url"] for case in GOOD[:2])
    host, _, path = first.removeprefix("https://").partition("/")
    robots = [
        (f"https://{host}/robots.txt", f"{year}-06-01T00:00:00Z", b"\xef\xbb\xbfUser-agent: *\n" + rule)
        for year, rule in ((2018, f"Disallow: /{path}\n".encode()), (2021, b"Disallow:\n"))
    ]
    assert second.startswith(f"https://{host}/")
    pages = [(first, f"{year}-05-17T00:00:00Z", GOOD[0].body) for year in (2017, 2020, 2022)]
    (tmp_path / "a.warc.gz").write_bytes(shape(warc([*pages, *pages_of(GOOD[1:2]), *reversed(robots)])))
    assert run(place, "a.warc.gz") == 0
    done = counts(capsys)["counts"]
    assert (done["refused-by-robots"], done["captures"], done["articles"]) == (2, 2, 2)
    assert done["records"] == 7  # each is counted once, with the page of somebody else
    archive = open_archive(place["ARCHIVE_URI"])
    assert archive.capture(first).date.year == 2022
    assert archive.capture(second).date.year == 2020


def test_after_a_kill_the_same_command_goes_on(place, tmp_path, capsys, monkeypatch):
    (tmp_path / "a.warc.gz").write_bytes(warc(pages_of(GOOD[:6])))
    keep, kept = Importer._keep, iter(range(100))

    def dies(*args):
        if next(kept) == 3:
            raise KeyboardInterrupt
        keep(*args)

    monkeypatch.setattr(Importer, "_keep", dies)
    assert run(place, "a.warc.gz") == 1
    assert capsys.readouterr().err == "stopped; what was taken in is kept, and the same command goes on.\n"
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert run(place, "a.warc.gz") == 0
    assert counts(capsys)["counts"]["there"] == 3
    archive = open_archive(place["ARCHIVE_URI"])
    assert len(list(archive.articles(versions="all"))) == 6
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep", "--chain"]) == 0


@pytest.mark.parametrize("last", [1, 2])
def test_a_kill_between_a_capture_and_its_line_loses_no_version(place, tmp_path, capsys, monkeypatch, last):
    """Of three versions of a page, the second said twice, and another page; so many articles have their lines at the kill."""
    case = GOOD[0]
    url, headline = case.record["url"], case.record["expect"]["headline"].encode()
    bodies = [case.body, *(case.body.replace(headline, headline + word.encode()) for word in (" معدل", " أخير"))]
    years = (2020, 2021, 2022, 2023)
    pages = [(url, f"{year}-05-17T10:11:12Z", bodies[n]) for year, n in zip(years, (0, 1, 1, 2), strict=True)]
    (tmp_path / "a.warc.gz").write_bytes(warc([*pages, *pages_of(GOOD[1:2])]))

    def dies(_):
        raise KeyboardInterrupt

    place_next = Importer._place
    monkeypatch.setattr(foreign, "_PLACE_EVERY", last)
    monkeypatch.setattr(
        Importer, "_place", lambda self: (place_next(self), monkeypatch.setattr(Importer, "_place", dies))
    )
    assert run(place, "a.warc.gz") == 1
    capsys.readouterr()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    read_unwritten, read_anew = LocalArchive._read_unwritten, []
    monkeypatch.setattr(
        LocalArchive, "_read_unwritten", lambda self, one: (read_anew.append(one), read_unwritten(self, one))[1]
    )
    assert run(place, "a.warc.gz") == 0
    said = counts(capsys)["counts"]
    assert said["there"] + said.get("captures", 0) == 5
    assert len(read_anew) == said["there"] - last  # what has its line is not read again
    archive = open_archive(place["ARCHIVE_URI"])
    lines = sorted(archive.articles(versions="all"), key=lambda article: article.captured)
    read = [(article.url, article.captured.year, article.version) for article in lines if article.url == url]
    assert read == [(url, 2020, 1), (url, 2021, 2), (url, 2023, 3)]
    assert len(lines) == 4
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep", "--chain"]) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name a file"),
        (["none.warc.gz"], "none.warc.gz cannot be read"),
        (["@none"], "none cannot be read"),
        (["a.warc.gz", "--host", "a.example", "--zone", "Mars"], "no time zone"),
    ],
)
def test_wrong_input_is_one_sentence(place, tmp_path, capsys, words, sentence):
    (tmp_path / "a.warc.gz").write_bytes(warc([]))
    assert run(place, *words) == 2
    err = capsys.readouterr().err
    assert sentence in err
    assert "Traceback" not in err


def test_what_is_no_archive_file_is_named(place, tmp_path, capsys):
    (tmp_path / "text.warc").write_text("dear diary")
    assert run(place, "text.warc") == 0
    assert counts(capsys)["broken"][0].startswith("text.warc")


def test_the_files_are_enough(place):
    assert len(list(islice(GOOD, 6))) == 6


def test_a_file_in_a_bucket(place, bucket, s3, capsys):  # noqa: F811  the fixtures
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    s3.put_object(Bucket=name, Key=f"{prefix}/deep/theirs.warc.gz", Body=warc(pages_of(GOOD[:2])))
    assert run(place, f"{bucket}/deep/theirs.warc.gz") == 0
    assert counts(capsys)["counts"]["articles"] == 2
    for missing in ([f"{bucket}/deep/none.warc.gz"], [f"{bucket}/deep/theirs.warc.gz", f"{bucket}/deep/none.warc.gz"]):
        assert run(place, *missing) == 1
        assert capsys.readouterr().err == f"there is no none.warc.gz in {bucket}/deep.\n"


def zip_of(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return out.getvalue()


def test_a_collection_of_packages_and_a_package_without_warc(place, tmp_path):
    wacz = zip_of({"datapackage.json": b"{}", "archive/a.warc.gz": warc(pages_of(GOOD[:2]))})
    (tmp_path / "collection.wacz").write_bytes(zip_of({"datapackage.json": b"{}", "one.wacz": wacz}))
    (tmp_path / "letters.zip").write_bytes(zip_of({"dear.txt": b"diary"}))
    (tmp_path / "hole.wacz").write_bytes(wacz[:4] + wacz[900:])  # its directory leads to before its beginning
    assert kept_of(tmp_path / "collection.wacz") == ([case.record["url"] for case in GOOD[:2]], [])
    assert kept_of(tmp_path / "letters.zip") == ([], [f"{tmp_path}/letters.zip: no WARC lies in it"])
    assert kept_of(tmp_path / "hole.wacz") == ([], [f"{tmp_path}/hole.wacz: [Errno 22] Invalid argument"])


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0), b"\r\n\r\n"])
def test_a_file_without_a_record_is_named(tmp_path, data):
    (tmp_path / "a.warc.gz").write_bytes(data)
    assert kept_of(tmp_path / "a.warc.gz") == ([], ["a.warc.gz: it holds no record"])


def test_a_page_kept_otherwise_than_as_a_response_is_counted(place, tmp_path, capsys):
    data = warc(pages_of(GOOD[:4]), squeezed=False)
    for kind in (b"resource", b"conversion", b"revisit"):
        at = data.rindex(b"WARC-Type: response")
        data = data[:at] + data[at:].replace(b"response", kind, 1)
    (tmp_path / "a.warc").write_bytes(data)
    assert run(place, "a.warc") == 0
    done = counts(capsys)["counts"]
    assert [done[name] for name in ("captures", "resources", "conversions", "revisits")] == [1, 1, 1, 1]


def test_a_capture_that_is_to_come_is_named(place, tmp_path, capsys):
    (tmp_path / "a.warc").write_bytes(warc(pages_of(GOOD[:1], date="2199-01-01T00:00:00Z")))
    assert run(place, "a.warc") == 0
    said = counts(capsys)
    assert said["counts"]["broken"] == 1
    assert "captured on 2199-01-01, which is to come" in said["broken"][0]


BODY = GOOD[0].body
HALF = BODY[: len(BODY) // 2]


@pytest.mark.parametrize(
    ("status", "header", "body", "is_whole"),
    [
        ("200 OK", f"Content-Length: {len(BODY)}", HALF, False),
        ("200 OK", f"Content-Length: {len(BODY) + 7}", BODY, True),  # the page ends there all the same
        ("200 OK", "Transfer-Encoding: chunked", b"%x\r\n%s\r\n" % (len(HALF), HALF), False),
        ("200 OK", "X: y", HALF, True),  # nobody can know
        ("304 Not Modified", f"Content-Length: {len(BODY)}", b"", True),
    ],
)
def test_a_body_shorter_than_its_framing_says_is_truncated(status, header, body, is_whole):
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{header}\r\n\r\n".encode()
    assert read_kept(head + body).complete is is_whole


def test_a_newer_http_is_read_and_kept_as_all_readers_know_it(place, tmp_path, capsys):
    data = warc(pages_of(GOOD[:2]), squeezed=False)
    for line in (b"HTTP/2 200   ", b"HTTP/3.0 200 "):  # as long as before
        at = data.rindex(b"HTTP/1.1 200 OK")
        data = data[:at] + line + b" " * (15 - len(line)) + data[at + 15 :]
    (tmp_path / "a.warc").write_bytes(data)
    assert run(place, "a.warc") == 0
    assert counts(capsys)["counts"]["articles"] == 2
    archive = open_archive(place["ARCHIVE_URI"])
    (manifest,) = [one for one in archive.manifests() if "warc" in one.by_kind]
    with archive.store.open(manifest.by_kind["warc"].key) as stream:
        lines = [
            one.http_headers.protocol for one in ArchiveIterator(stream, verify_http=True) if one.rec_type == "response"
        ]
    assert lines == ["HTTP/1.1"] * 2


def test_a_list_as_any_editor_writes_it(place, tmp_path, capsys):
    name = "ملف.warc.gz"
    (tmp_path / name).write_bytes(warc(pages_of(GOOD[:1])))
    (tmp_path / "b c.warc.gz").write_bytes(warc(pages_of(GOOD[1:2])))
    listed = f"\ufeff{(tmp_path / name).as_uri()}\r\n\r\n  # a comment\r\n{name}\r\n b c.warc.gz \r\n"
    (tmp_path / "list").write_bytes(listed.encode())
    assert run(place, "@list") == 0
    done = counts(capsys)["counts"]
    assert (done["captures"], done["there"]) == (2, 1)


def test_nothing_is_begun_where_one_of_many_files_is_missing(place, tmp_path, capsys):
    (tmp_path / "a.warc.gz").write_bytes(warc(pages_of(GOOD[:1])))
    for missing, sentence in {
        "none.warc": "none.warc cannot be read",
        "https://a.example/b": "fetched first",
        "s3://bucket": "s3://bucket/key",
        "s3://bucket/": "key",
    }.items():
        assert run(place, "a.warc.gz", missing) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("host", ["https://www.Papers.example/", "papers.example", "EXAMPLE"])
def test_a_host_is_asked_for_as_an_address_too_and_what_stands_below_it_are_outlets(place, host):
    with Importer(Destination.from_settings(place), place, [host]) as importer:
        found, is_declared = importer._spider("https://www.papers.example/news/1")
        assert (found.name, is_declared) == ("papers.example", False)
        assert importer._spider("https://papers.test/1") == (None, False)
    with pytest.raises(ValueError, match="names no host"):
        Importer(Destination.from_settings(place), place, ["//"])


def test_what_was_taken_in_is_found_by_its_time_and_a_revisit_of_it_by_its_record(place, tmp_path, capsys):
    """Its segments are of today: long after the captures that they hold."""
    url, body = GOOD[0].record["url"], GOOD[0].body
    other = body.replace(max(GOOD[0].record["expect"]["text"].split(), key=len).encode(), "مبدلة".encode())
    for year, content in ((2020, body), (2021, other), (2022, body)):  # the last is a revisit of the first
        (tmp_path / "a.warc.gz").write_bytes(warc([(url, f"{year}-05-17T00:00:00Z", content)]))
        assert run(place, "a.warc.gz") == 0
    uri = place["ARCHIVE_URI"]
    archive = open_archive(uri)
    for at, year, content in (("2020-12", 2020, body), ("2021-12", 2021, other), ("2022-12", 2022, body)):
        capture = archive.capture(url, at=at)
        assert (capture.date.year, capture.body) == (year, content)
    assert capture.kind == "revisit"
    assert main(["verify", "--archive", uri, "--deep", "--chain"]) == 0


def test_a_record_without_id_is_named_by_its_address(place, tmp_path):
    url = GOOD[0].record["url"]
    (tmp_path / "a.arc.gz").write_bytes(arc([(url, "2020-99-17T10:11:12", b"x")]))
    assert kept_of(tmp_path / "a.arc.gz") == ([], [f"a.arc.gz: {url}: no time: '2020-99-17T10:11:12Z'"])


def test_capitals_and_interim_responses_change_nothing(place, tmp_path, capsys):
    data = warc(pages_of(GOOD[:2]), squeezed=False).replace(b"WARC-Type: response", b"WARC-Type: RESPONSE")
    data = data.replace(b"WARC-Target-URI: https://", b"WARC-Target-URI: HTTPS://")
    (tmp_path / "a.warc").write_bytes(data)
    assert run(place, "a.warc") == 0
    assert counts(capsys)["counts"]["articles"] == 2
    assert main(["verify", "--archive", place["ARCHIVE_URI"], "--deep"]) == 0
    final = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    message = read_kept(b"HTTP/1.1 100 Continue\r\n\r\n" + final + b"<p>x")
    assert (message.head, message.body) == (final, b"<p>x")
    with pytest.raises(ValueError, match="no whole HTTP head"):
        read_kept(b"HTTP/1.1 100 Continue\r\n\r\n")


@pytest.mark.parametrize("sort", [None, "published", "captured"])
@pytest.mark.parametrize("newest_first", [True, False])
def test_an_older_capture_that_came_later_is_nobodys_newest_in_any_order(place, tmp_path, sort, newest_first):
    url, body = GOOD[0].record["url"], GOOD[0].body
    other = body.replace(max(GOOD[0].record["expect"]["text"].split(), key=len).encode(), "مبدلة".encode())
    for year, content in ((2021, body), (2020, other)):
        (tmp_path / "a.warc.gz").write_bytes(
            warc([(url, f"{year}-05-17T00:00:00Z", content), *pages_of(GOOD[1:2], date=f"{year}-05-17T00:00:00Z")])
        )
        assert run(place, "a.warc.gz") == 0
    archive = open_archive(place["ARCHIVE_URI"])
    latest = [(one.url, one.captured.year) for one in archive.articles(sort=sort, newest_first=newest_first)]
    assert sorted(latest) == sorted([(url, 2021), (GOOD[1].record["url"], 2021)])
    assert sum(1 for _ in archive.articles(sort=sort, newest_first=newest_first, versions="all")) == 3
