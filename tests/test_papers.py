"""A crawl's own papers: what was run and how, kept beside what was captured, without the operator's secrets."""

import json

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archive import open_archive
from tests.crawling import QUICK, places, run
from tests.replica import Replica

SECRET = "n0t-for-the-archive"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    settings = (f"AWS_SECRET_ACCESS_KEY={SECRET}", f"LOG_FILE={folder / 'crawl.log'}", "CONTACT=أرشيف@example.org")
    with Replica(seed=4, days=2) as replica:
        environment = {**places(folder), **replica.env}
        given = [word for setting in settings for word in ("-s", setting)]
        answer = run("scrapy", "crawl", "aljazeera", "-a", "limit=2", *given, *QUICK, **environment)
        verified = run("archive", "verify", "--deep", "--chain", **environment)
    return answer, verified, folder


def warc(folder):
    (found,) = (folder / "collection").glob("warc/outlet=aljazeera/**/warraq-meta-aljazeera-*.warc.gz")
    return found


def papers(folder):
    with warc(folder).open("rb") as stream:
        return {
            record.rec_headers["WARC-Target-URI"].rpartition(":")[2]: record.content_stream().read()
            for record in ArchiveIterator(stream)
            if record.rec_type == "resource"
        }


def test_the_crawl_and_its_archive_are_well(crawled):
    assert crawled[0].returncode == 0, crawled[0].stderr
    assert crawled[1].returncode == 0, crawled[1].stdout + crawled[1].stderr


def test_a_warc_of_their_own_holds_the_papers(crawled):
    found = papers(crawled[2])
    assert set(found) == {"settings", "stats", "uv.lock", "log"}
    assert json.loads(found["settings"])["CONTACT"] == "أرشيف@example.org"
    assert json.loads(found["stats"])["archive/articles"] == 2
    assert b'name = "scrapy"' in found["uv.lock"]
    assert "Spider opened" in found["log"].decode()
    checker = Checker(type("Arguments", (), {"inputs": [str(warc(crawled[2]))], "verbose": False})())
    assert checker.process_all() == 0


def test_no_secret_gets_into_them(crawled):
    found = papers(crawled[2])
    assert SECRET not in (crawled[2] / "crawl.log").read_text(encoding="utf-8")
    assert json.loads(found["settings"])["AWS_SECRET_ACCESS_KEY"] == "***"
    assert not [name for name, content in found.items() if SECRET.encode() in content]


def test_readers_do_not_notice_them(crawled):
    archive = open_archive(str(crawled[2] / "collection"))
    assert len(list(archive.articles())) == 2
    meta = [manifest for manifest in archive.manifests() if manifest.collection == "warraq-meta"]
    assert [set(manifest.by_kind) for manifest in meta] == [{"warc"}]
