"""The main job end to end: five outlets on loopback sockets, `scrapy crawl` for each, an archive that others can read."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from operator import itemgetter
from pathlib import Path

import duckdb
import jsonschema
import pytest
from cdxj_indexer.main import CDXJIndexer
from fastwarc import ArchiveIterator as FastIterator
from warcio.checker import Checker

from archive import open_archive
from archive.warc.capture import captures
from crawlers.reextract import read_again
from tests.crawling import OUTLETS as SPIDERS
from tests.crawling import QUICK, lines_of, moto, places, run
from tests.replica import Replica

ROOT = Path(__file__).parents[1]
UNHURRIED = ("alaraby", "aljazeera", "skynewsarabia")
OUTLETS = ("alaraby", "albawaba", "albawabhnews", "aljazeera", "skynewsarabia")
NAMED = () if list(OUTLETS) == SPIDERS else OUTLETS  # an outlet more is none of the replica's
SCHEMA = json.loads((ROOT / "archive/schema/article-1.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first-light")
    with Replica(seed=1) as replica:
        environment = {**replica.env, **places(folder)}
        since = min(piece["published"] for piece in replica.truth if piece["expect"] == "article")[:10]
        answer = run("scrapy", "crawlall", *NAMED, "-a", f"since={since}", *QUICK, **environment)
        yield answer, replica.truth, folder / "collection", environment


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    """The same crawl, of the outlets that ask for no delay, into an S3 bucket over HTTP."""
    folder = tmp_path_factory.mktemp("bucket")
    with Replica(seed=1) as replica, moto() as store:
        environment = {**replica.env, **places(folder), **store, "ARCHIVE_URI": "s3://news/warraq"}
        since = min(piece["published"] for piece in replica.truth if piece["expect"] == "article")[:10]
        answer = run("scrapy", "crawlall", *UNHURRIED, "-a", f"since={since}", *QUICK, **environment)
        verified = run("archive", "verify", "--deep", **environment)
        printed = run("archive", "articles", "--json", **environment)
    return answer, verified, [json.loads(line) for line in printed.stdout.splitlines()]


@pytest.fixture(scope="module")
def lines(crawled):
    return lines_of(crawled[2])


def warcs(crawled):
    found = sorted(path for path in crawled[2].glob("warc/**/*.warc.gz") if "-meta-" not in path.name)
    assert found
    return found


def test_the_crawl_says_that_it_went_well(crawled):
    answer = crawled[0]
    assert answer.returncode == 0, answer.stderr
    for outlet in OUTLETS:
        assert f"{outlet}: " in answer.stderr


def test_every_article_is_there_once_and_nothing_else(crawled, lines):
    expected = Counter(entry["id"] for entry in crawled[1] if entry["expect"] == "article")
    assert Counter(line["id"] for line in lines) == expected


@pytest.mark.parametrize("outlet", OUTLETS)
def test_what_the_pages_say_is_what_the_lines_say(crawled, lines, outlet):
    truth = {entry["id"]: entry for entry in crawled[1] if entry["expect"] == "article"}
    wrong = [
        (line["id"], name, line[name], truth[line["id"]][name])
        for line in lines
        if line["outlet"] == outlet
        for name in ("headline", "text", "kind", "published", "canonical_url", "origin_url")
        if line[name] != truth[line["id"]][name]
    ]
    assert not wrong


def test_every_line_validates_against_the_published_schema(lines):
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    for line in lines:
        validator.validate(line)


def test_warcio_finds_every_digest_right(crawled):
    for path in warcs(crawled):
        checker = Checker(type("Arguments", (), {"inputs": [str(path)], "verbose": False})())
        assert checker.process_all() == 0


def test_fastwarc_verifies_every_record(crawled):
    for path in warcs(crawled):
        blocks = [
            record.verify_block_digest() for record in FastIterator(str(path), fsspec_args=False, parse_http=False)
        ]
        payloads = [
            record.verify_payload_digest()
            for record in FastIterator(str(path), fsspec_args=False)
            if "WARC-Payload-Digest" in record.headers
        ]
        assert len(blocks) > 60
        assert len(payloads) > 20
        assert all(blocks + payloads)


def test_cdxj_indexer_agrees_with_our_index(crawled, tmp_path):
    for path in warcs(crawled):
        theirs = tmp_path / "theirs.cdxj"
        CDXJIndexer(inputs=[str(path)], output=str(theirs), sort=True).process_all()
        ours = gzip.decompress(Path(str(path).replace("/warc/", "/cdxj/").replace(".warc.gz", ".cdxj.gz")).read_bytes())
        places = [
            {
                (entry["offset"], entry["length"])
                for line in text.splitlines()
                if (entry := json.loads(line.split(" ", 2)[2]))
            }
            for text in (theirs.read_text(encoding="utf-8"), ours.decode())
        ]
        assert {(str(o), str(n)) for o, n in places[0]} == {(str(o), str(n)) for o, n in places[1]}


def test_verify_finds_no_fault(crawled):
    answer = run("archive", "verify", "--deep", **crawled[3])
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_each_pointer_opens_its_record_and_reading_it_again_gives_the_same_line(crawled, lines):
    archive = open_archive(str(crawled[2]))
    judged_later = ("story", "formulas", "related", "crawl", "version", "changes")
    stored = {}
    for path in warcs(crawled):
        with path.open("rb") as stream:
            stored |= {capture.pointer.record_id: capture for capture in captures(stream, path.name)}
    for article in archive.articles():
        capture = stored[article.warc.record_id]
        assert archive.capture(article).body == capture.body
        (again,) = (found for found in read_again(capture) if found.id == article.id)
        theirs, ours = json.loads(again.to_line()), json.loads(article.to_line())
        for name in judged_later:
            theirs.pop(name), ours.pop(name)
        assert theirs == ours


def test_duckdb_reads_the_lines_as_they_lie(crawled, lines):
    query = f"SELECT outlet, count(*) FROM read_json('{crawled[2]}/articles/**/*.jsonl.gz', hive_partitioning = true) GROUP BY 1"
    assert dict(duckdb.sql(query).fetchall()) == Counter(line["outlet"] for line in lines)


def test_planted_wire_stories_are_recognised_exactly(crawled, lines):
    truth = {entry["id"]: entry for entry in crawled[1] if entry["expect"] == "article"}
    settled = {line["id"]: line["story"]["id"] for line in lines}
    taught = sorted(lines_of(crawled[2], "stories"), key=itemgetter("told"))
    settled |= {line["id"]: line["story"] for line in taught}  # the last word wins
    stories, planted = {}, {}
    for line in lines:
        stories.setdefault(settled[line["id"]], set()).add(line["id"])
        if group := truth[line["id"]]["story_group"]:
            planted.setdefault(group, set()).add(line["id"])
    assert len(planted) >= 12
    assert {group: stories[settled[min(members)]] for group, members in planted.items()} == planted


@pytest.mark.slow
def test_the_same_crawl_into_a_bucket_gives_the_same_lines(lines, bucket):
    answer, verified, theirs = bucket
    assert answer.returncode == verified.returncode == 0, answer.stderr + verified.stdout
    kept = {line["id"]: line for line in lines if line["outlet"] in UNHURRIED}
    assert {line["id"] for line in theirs} == set(kept)
    told_by_time = ("captured", "crawl", "warc", "story", "formulas", "related")
    wrong = {
        (line["id"], name): (line[name], kept[line["id"]][name])
        for line in theirs
        for name in line
        if name not in told_by_time and line[name] != kept[line["id"]][name]
    }
    assert not wrong


def test_the_reader_needs_no_scrapy(crawled):
    code = "import sys; sys.modules['scrapy'] = sys.modules['twisted'] = None; import runpy; sys.argv = ['archive', 'ls']; "
    answer = subprocess.run(
        [sys.executable, "-c", code + "runpy.run_module('archive', run_name='__main__')"],
        cwd=ROOT,
        env={**os.environ, **crawled[3]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert all(outlet in answer.stdout for outlet in OUTLETS)
