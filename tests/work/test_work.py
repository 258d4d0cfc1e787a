"""What a crawl may cost, in work: an exact guard where a stopwatch would only be noise."""

import json

import pytest
from warcio import ArchiveIterator

from archive.warc.capture import captures
from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    with Replica(seed=3, days=3) as replica:
        environment = {**replica.env, **places(folder)}
        since = str(min(piece["published"] for piece in replica.truth if piece["expect"] == "article"))[:10]
        options = ("-a", f"since={since}", *QUICK, "-s", "PUBLISH_EVERY=60")  # a slow machine keeps no lease meanwhile
        answer = run("tests.work", folder / "counts.json", "crawl", "aljazeera", *options, **environment)
    assert answer.returncode == 0, answer.stderr
    counts = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    return counts, list(folder.glob("collection/warc/**/*.warc.gz")), lines_of(folder / "collection"), answer.stderr


@pytest.fixture(scope="module")
def found(crawled):
    every = []
    for path in crawled[1]:
        with path.open("rb") as stream:
            every += list(captures(stream, path.name))
    return every


def size_of_blocks(paths):
    total = 0
    for path in paths:
        with path.open("rb") as stream:
            total += sum(record.length for record in ArchiveIterator(stream, no_record_parse=True))
    return total


def test_a_page_is_parsed_once(crawled, found):
    pages = [capture for capture in found if capture.kind == "response" and b"text/html" in capture.head.lower()]
    assert len(crawled[2]) > 15
    assert crawled[0]["html/parsers"] <= len(pages)


def test_a_page_in_utf_8_is_not_decoded_with_all_its_scripts(crawled):
    counts, _, lines, _ = crawled
    assert counts.get("decoded whole", 0) < len(lines) / 10  # an answer that may be a firewall's is


def test_what_was_answered_is_not_asked_for_again(found):
    answered = [capture.url for capture in found if capture.status == 200]
    assert len(answered) == len(set(answered)) > 50


def test_a_byte_is_hashed_twice_when_it_is_written_and_twice_when_it_is_verified(crawled):
    # payload and block digest each time: WARC 1.1, clauses 5.8 and 5.9
    counts, paths, *_ = crawled
    assert counts["sha1/bytes"] <= 4 * size_of_blocks(paths) + 500_000  # the texts' own WARC is the rest


def test_a_byte_on_its_way_to_the_store_is_hashed_three_times(crawled):
    # when it is written, by the seal, and by the store of its copy, before that gets its name; the fourth is the index's, of the payloads
    counts, paths, *_ = crawled
    packed = sum(path.stat().st_size for path in paths)
    assert counts["sha256/bytes"] <= 4 * packed + 1_500_000  # texts, lines, manifests


def test_what_the_outlet_compressed_is_not_compressed_again(crawled, found):
    packed = sum(len(capture.body) for capture in found if b"content-encoding: gzip" in capture.head.lower())
    assert packed > 50_000
    assert crawled[0]["stored/bytes"] >= packed


def test_a_segment_is_synced_and_not_each_record(crawled, found):
    # 34 for a segment: six published files and their names, four state files, and five of the chain, two of them its turn
    counts, paths, *_ = crawled
    folders = [
        path for path in paths[0].parents[4].rglob("*") if path.is_dir()
    ]  # the name of each new one is synced, too
    assert len(folders) < 40
    assert 0 < counts["fsync"] - len(folders) <= 34 * len(paths) < len(found)


def test_no_page_writes_a_line_into_the_log(crawled):
    *_, lines, log = crawled
    said = [line for line in log.splitlines() if line.startswith("20") and " INFO: " in line]
    assert 0 < len(said) < len(lines) / 2
