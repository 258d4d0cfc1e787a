"""A crawl's provenance: what was run and how, kept beside what was captured, without the operator's secrets."""

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


def test_what_stays_the_same_is_kept_once_and_revisited(tmp_path):
    with Replica(seed=4, days=2) as replica:
        environment = {**places(tmp_path), **replica.env}
        for _ in range(3):
            answer = run("scrapy", "crawl", "aljazeera", "-a", "limit=1", *QUICK, **environment)
            assert answer.returncode == 0, answer.stderr
        verified = run("archive", "verify", "--deep", "--chain", **environment)
        listed = run("archive", "ls", "--json", **environment)
    assert verified.returncode == 0, verified.stdout
    found, sizes = [], []
    for path in sorted((tmp_path / "collection").glob("warc/outlet=aljazeera/**/warraq-meta-*.warc.gz")):
        sizes.append(path.stat().st_size)
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                headers = record.rec_headers
                if (headers["WARC-Target-URI"] or "").endswith(":uv.lock"):
                    found.append((record.rec_type, headers, record.content_stream().read()))
        checker = Checker(type("Arguments", (), {"inputs": [str(path)], "verbose": False})())
        assert checker.process_all() == 0
    assert [kind for kind, _, _ in found] == ["resource", "revisit", "revisit"]
    original = found[0][1]
    for _, headers, content in found[1:]:
        assert (headers["WARC-Refers-To"], content) == (original["WARC-Record-ID"], b"")
        assert headers["WARC-Refers-To-Target-URI"] == original["WARC-Target-URI"]
        assert headers["WARC-Refers-To-Date"] == original["WARC-Date"]
        assert headers["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
        assert headers["WARC-Profile"].endswith("/identical-payload-digest")
    assert max(sizes[1:]) < sizes[0] / 3
    (day,) = map(json.loads, listed.stdout.splitlines())
    archive = open_archive(str(tmp_path / "collection"))
    captures = [manifest.by_kind["cdxj"] for manifest in archive.manifests() if "cdxj" in manifest.by_kind]
    assert day["captures"] == sum(item.records["capture"] for item in captures)
    meta = [manifest for manifest in archive.manifests() if manifest.collection == "warraq-meta"]
    assert [set(manifest.by_kind) for manifest in meta] == [{"warc"}] * 3
