"""What nobody foresaw is counted and told once, decides over nothing else, and never ends as if all were well.

faults    of the reading, of a pipeline, of a source, of an entry
captures  from an HTTP cache, through another download handler, of an outlet that speaks http alone
"""

import json

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.crawling import lines_of, run
from tests.little_outlet import HOST, MAP, LittleOutlet, events, page, path, reports, sitemap
from tests.replica.wire.message import xml

WINDOW = ("-a", "since=2026-05-19")
NOON = "2026-05-20T12:00:00+00:00"
SLUGS = ("one", "two", "three")
FEED = "/aljazeerarss/a7c186be-1baa-4bd4-9d80-a84db769f779/73d0e1b4-532f-45ef-b135-bfdff8b8cab9"


@pytest.fixture
def outlet():
    with LittleOutlet() as little:
        little.pages = {path(slug): page(slug, f"افتتاح الميناء الجديد {slug}") for slug in SLUGS}
        little.pages[MAP] = sitemap(*SLUGS)
        yield little


def broken(what):
    """Return the settings of a crawl in which something breaks as nobody foresaw it."""
    return ("-s", f"ADDONS={json.dumps({f'tests.faults.{what}': 1})}")


def outcomes(folder):
    return {line["url"].rpartition("/")[2]: (line["outcome"], line["reason"]) for line in events(folder, "page")}


@pytest.mark.parametrize(("what", "read"), [("BrokenReading", 0), ("BrokenPipeline", 3)])
def test_a_crawl_that_loses_every_page_by_its_own_fault_does_not_end_well(outlet, tmp_path, what, read):
    answer = outlet.crawl(tmp_path, *WINDOW, *broken(what), at=NOON)
    assert answer.returncode == 3, answer.stderr
    assert outcomes(tmp_path) == dict.fromkeys(SLUGS, ("failed", "ZeroDivisionError"))
    (report,) = reports(tmp_path)
    assert report["articles"]["failed"] == {"ZeroDivisionError": 3}
    assert report["errors"]["ZeroDivisionError"] == 3
    assert report["pages"]["reasons"] == {"failed/ZeroDivisionError": 3}
    assert report["pages"]["steps"] == {"announced": 3, "chosen": 3, "fetched": 3, "read": read, "kept": 0}
    assert "faults of the program's own: ZeroDivisionError 3" in answer.stderr
    if what == "BrokenReading":
        assert answer.stderr.count("Traceback") == 1
        again = outlet.crawl(tmp_path, *WINDOW, at="2026-05-20T13:00:00+00:00")
        assert again.returncode == 0, again.stderr
        assert len(lines_of(tmp_path / "collection")) == 3


def test_one_entry_that_breaks_leaves_the_others(outlet, tmp_path):
    answer = outlet.crawl(tmp_path, *WINDOW, *broken("BrokenEntry"), at=NOON)
    assert answer.returncode == 0, answer.stderr
    assert outcomes(tmp_path) == {
        "one": ("kept", None),
        "two": ("failed", "ZeroDivisionError"),
        "three": ("kept", None),
    }
    assert not events(tmp_path, "sweep")[0]["complete"]
    assert reports(tmp_path)[0]["sources"]["incomplete"] == {"sitemap": 1}  # its source was not read whole
    assert answer.stderr.count("Traceback") == 1


def test_a_source_that_breaks_tries_its_other_way_in(outlet, tmp_path):
    link = f"https://{HOST}{path('two')}"
    other = f"<rss><channel><item><title>خبر</title><link>{link}</link></item></channel></rss>"
    outlet.pages[FEED] = xml(other)
    answer = outlet.crawl(tmp_path, *WINDOW, *broken("BrokenSitemap"), at=NOON)
    assert answer.returncode == 0, answer.stderr
    assert len(lines_of(tmp_path / "collection")) == 1
    (report,) = reports(tmp_path)
    assert report["sources"]["dead"]["sitemap"] >= 2  # its day sitemaps were asked for, too
    assert any(entry.target.startswith("/sitemap.xml?yyyy=") for entry in outlet.log)
    assert answer.stderr.count("Traceback") == 1


def test_cached_answers_become_articles_that_say_so(outlet, tmp_path):
    cache = ("-s", "HTTPCACHE_ENABLED=1", "-s", f"HTTPCACHE_DIR={tmp_path / 'cache'}")
    first = outlet.crawl(tmp_path / "a", *WINDOW, *cache, at=NOON)
    asked = len(outlet.log)
    second = outlet.crawl(tmp_path / "b", *WINDOW, *cache, at="2026-05-20T15:00:00+00:00")
    assert (first.returncode, second.returncode) == (0, 0), second.stderr
    assert not [entry for entry in outlet.log[asked:] if entry.path.startswith("/news/2026")]
    for folder, flagged in (("a", False), ("b", True)):
        lines = lines_of(tmp_path / folder / "collection")
        assert len(lines) == 3
        assert {("cached" in line["flags"], line["warc"] is None) for line in lines} == {(flagged, flagged)}
    places = {"ARCHIVE_URI": str(tmp_path / "b" / "collection"), "SPOOL_DIR": str(tmp_path / "b" / "spool")}
    verified = run("archive", "verify", "--deep", **places)
    assert verified.returncode == 0, verified.stdout
    assert "answers from an HTTP cache" in second.stderr


def test_another_download_handler_s_exchanges_are_reconstructed(outlet, tmp_path):
    handlers = json.dumps(dict.fromkeys(("http", "https"), "tests.faults.OtherHandler"))
    answer = outlet.crawl(tmp_path, *WINDOW, "-s", f"DOWNLOAD_HANDLERS={handlers}", at=NOON)
    assert answer.returncode == 0, answer.stderr
    lines = lines_of(tmp_path / "collection")
    assert len(lines) == 3
    records = {}
    for file in (tmp_path / "collection").glob("warc/**/*.warc.gz"):
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                records[record.rec_headers["WARC-Record-ID"]] = record.rec_type
    assert {records[line["warc"]["record_id"]] for line in lines} == {"response"}
    (report,) = reports(tmp_path)
    assert report["captures"].keys() == {"reconstructed"}


def test_an_outlet_that_speaks_http_alone(tmp_path):
    with LittleOutlet(plain=True) as outlet:
        outlet.pages = {path(slug): page(slug, f"افتتاح الميناء الجديد {slug}") for slug in SLUGS}
        words = ("-a", f"url={' '.join(f'http://{HOST}{path(slug)}' for slug in SLUGS)}")
        answer = outlet.crawl(tmp_path, *words, at=NOON)
    assert answer.returncode == 0, answer.stderr
    assert {line["url"] for line in lines_of(tmp_path / "collection")} == {
        f"http://{HOST}{path(slug)}" for slug in SLUGS
    }
