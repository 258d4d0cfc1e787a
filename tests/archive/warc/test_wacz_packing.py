"""What a reader takes along: a month's index, and chosen articles with the originals of their revisits."""

from __future__ import annotations

import gzip
import json
import subprocess
import zipfile
from dataclasses import replace
from io import BytesIO
from urllib.parse import urljoin

import pytest

from archive.catalog import Catalog
from archive.cli import main
from archive.manifests.publisher import Publisher
from archive.reader.archive import open_archive
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.warc.message import Original
from archive.warc.wacz import month_index, pack_articles
from tests.archive.samples import OUTLET, START, article_of, exchange_of
from tests.archive.warc.foreign import clean_environment, tool

ABOUT = {"title": "مختارات", "created": "2026-11-23T10:00:00Z", "software": "warraq"}


def test_a_months_index_is_sorted_and_whole(filled, monkeypatch):
    monkeypatch.setattr("archive.warc.wacz.AT_ONCE", 2)
    archive = open_archive(filled)
    lines = list(month_index(archive, OUTLET, month_of(archive)))
    assert len(lines) == 30
    assert lines == sorted(lines)
    assert all(line.endswith(b"\n") for line in lines)
    assert list(month_index(archive, OUTLET, "1999-01")) == []
    with pytest.raises(ValueError, match="yyyy-mm"):
        list(month_index(archive, OUTLET, "2026"))


def month_of(archive) -> str:
    return next(archive.manifests()).date[:7]


def test_a_wacz_of_chosen_articles_is_valid(filled, tmp_path):
    packed = tmp_path / "some.wacz"
    assert main(["wacz", "--archive", filled, "--limit", "3", str(packed)]) == 0
    done = subprocess.run(
        [tool("wacz"), "validate", "-f", str(packed)],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(packed) as archive:
        head, *pages = archive.read("pages/pages.jsonl").decode().splitlines()
        named = {json.loads(line.split(b" ", 2)[2])["filename"] for line in index_of(archive)}
        assert {f"archive/{name}" for name in named} == {n for n in archive.namelist() if n.startswith("archive/")}
    assert json.loads(head)["format"] == "json-pages-1.0"
    assert [json.loads(page)["title"] for page in pages] == [f"عنوان {number}" for number in (29, 28, 27)]


def index_of(archive: zipfile.ZipFile) -> list[bytes]:
    return gzip.decompress(archive.read("indexes/index.cdx.gz")).splitlines()


def test_for_machines_it_says_how_many_pages_there_are(filled, tmp_path, capsys):
    call = ["wacz", "--json", "--archive", filled]
    packed = str(tmp_path / "some.wacz")
    assert [main([*call, "--limit", "2", packed]), main([*call, "--tag", "x", str(tmp_path / "none.wacz")])] == [0, 1]
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said == [{"file": packed, "pages": 2}, {"file": str(tmp_path / "none.wacz"), "pages": 0}]


def test_an_existing_file_is_left_alone_and_nothing_chosen_leaves_none(filled, tmp_path):
    packed = tmp_path / "some.wacz"
    assert main(["wacz", "--archive", filled, "--tag", "لا شيء", str(packed)]) == 1
    assert list(tmp_path.glob("*.wacz*")) == []
    packed.write_bytes(b"mine")
    assert main(["wacz", "--archive", filled, str(packed)]) == 2
    assert packed.read_bytes() == b"mine"


def test_after_a_kill_it_is_made_at_once_and_two_do_not_make_one(filled, tmp_path, monkeypatch, capsys):
    call = ["wacz", "--archive", filled, str(tmp_path / "a.wacz")]
    (tmp_path / "a.wacz.part").write_bytes(b"of a run that was killed" * 9_000)
    within = []

    def again(*args):
        if not within:
            within.append(True)
            within.append(main(call))
        return pack_articles(*args)

    monkeypatch.setattr("archive.warc.wacz.pack_articles", again)
    assert main(call) == 0
    assert within == [True, 2]
    assert "another command writes" in capsys.readouterr().err
    assert main(["verify", "--wacz", str(tmp_path / "a.wacz")]) == 0
    assert not list(tmp_path.glob("*.part"))


def test_the_original_of_a_revisit_goes_along(tmp_path):
    uri = (tmp_path / "collection").as_uri()
    first = written(tmp_path, uri, None)
    original = Original(
        record_id=first.record_id,
        uri=exchange_of(1).url,
        date="2026-11-23T10:00:01.000000Z",
        payload_digest=first.payload_digest,
    )
    written(tmp_path, uri, original, version=2)
    out = BytesIO()
    archive = open_archive(uri)
    revisited = [article for article in archive.articles(versions="all") if article.version == 2]
    assert pack_articles(archive, revisited, out, ABOUT) == 1
    with zipfile.ZipFile(out) as packed:
        assert len([name for name in packed.namelist() if name.startswith("archive/")]) == 2
        said = [json.loads(line.split(b" ", 2)[2]) for line in index_of(packed)]
    assert {values["mime"] for values in said} == {"text/html", "warc/revisit"}


@pytest.mark.parametrize("link", ["http://[x", "//[::1", "http://a.example:x/", "http://a..b/"])
def test_a_link_that_is_none_keeps_no_page_out_of_a_package(tmp_path, monkeypatch, link):
    uri, page = (tmp_path / "collection").as_uri(), exchange_of(1)
    body = f'<html><a href="{link}">x</a><img src="/1.png"><h1>{"ن" * 900}</h1></html>'.encode()
    monkeypatch.setattr("tests.archive.samples.body_of", lambda *_: body)
    written(tmp_path, uri, None)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
    picture = replace(page, url=urljoin(page.url, "/1.png"), head=head, body=b"png")
    monkeypatch.setattr("tests.archive.warc.test_wacz_packing.exchange_of", lambda *_: picture)
    written(tmp_path, uri, None, id=f"{OUTLET}:2")  # a segment beside it, of the same crawl
    assert main(["wacz", "--archive", uri, "--limit", "1", "--oldest-first", str(tmp_path / "a.wacz")]) == 0
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        assert len([name for name in package.namelist() if name.startswith("archive/")]) == 2


def written(folder, uri, original, **other):
    """Publish one capture in a segment of its own and return its pointer."""
    catalog = Catalog(folder / "catalog.sqlite")
    publisher = Publisher(open_store(uri), folder / "spool", catalog, software={"warraq": "0.1.0"})
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet=OUTLET, crawl="c1", warcinfo={}, clock=lambda: START
    )
    pointer = writer.write_exchange(exchange_of(1), original)
    writer.write_article(article_of(1, pointer, **other))
    writer.close()
    publisher.publish_sealed()
    catalog.close()
    return pointer
