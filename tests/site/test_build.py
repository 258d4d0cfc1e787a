"""The static site: whole, incremental, into a bucket, and taken back with what it shows."""

import json
import re
import shutil
from urllib.parse import unquote

import boto3
import lxml.html
import pytest

from archive.cli import main
from archive.site.static_site import open_output
from archive.store import StoreRefused
from tests.s3_server import endpoint
from tests.site.newsstand import publish
from tests.site.writing import article, labelled, shelf


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with an archive, its index, and its site in ``out``."""
    folder = tmp_path_factory.mktemp("built")
    wire = {"text": "قال رستم عمروف إن الهدنة قريبة. وأضاف عمروف أنها مكتوبة.", "headline": "هدنة قريبة"}
    copies = [
        article(50, **wire),
        article(51, "alaraby", origin="aljazeera:50", **wire),
        article(77, "goner", headline="خبر سيسحب"),
    ]
    _, index = shelf(folder, [page for page, *_ in labelled()] + copies)
    index.close()
    assert write(folder, folder / "out") == 0
    return folder


@pytest.fixture
def folder(built, tmp_path):
    """A copy that a test may change."""
    shutil.copytree(built, tmp_path / "copy")
    return tmp_path / "copy"


def write(folder, out, *more):
    """Run the command."""
    place = ["--archive", (folder / "collection").as_uri(), "--index", str(folder / "site.sqlite")]
    return main(["site", str(out), *place, "--json", "--processes", "1", *more])


def test_every_link_of_every_page_leads_to_a_page(built):
    pages = sorted((built / "out").rglob("*.html"))
    assert len(pages) > 60
    for page in pages:
        document = lxml.html.parse(str(page), parser=lxml.html.HTMLParser(encoding="utf-8"))
        for element, _, address, _ in document.getroot().iterlinks():
            if element.tag == "iframe" or re.match(r"https?://", address):
                continue
            target = page.parent / unquote(address.partition("?")[0].partition("#")[0])
            assert target.resolve().is_file() or address.startswith("#"), f"{page.name} links to {address}"


def test_every_article_is_reached_from_its_outlet_section_day_and_letter_by_pages_that_end(built, tmp_path):
    assert write(built, tmp_path / "out", "--page-size", "3", "--without-replays") == 0
    out = tmp_path / "out"
    articles = {path.relative_to(out).as_posix() for path in out.glob("articles/*/*.html")}
    links = {path.relative_to(out).as_posix(): links_of(path, out) for path in out.rglob("*.html")}
    for kind in ("outlets", "sections", "days"):
        lists = [path for path in links if path.startswith(f"{kind}/")]
        assert set.union(*(links[path] for path in lists)) >= articles
        assert max(len(articles & links[path]) for path in lists) < 2 * 3 + 3, (
            "pages end; copies of a story stand with it"
        )
        seen, ahead = set(), [f"{kind}.html"]
        while ahead:
            seen.add(path := ahead.pop())
            ahead += [
                each for each in links[path] if each.startswith(f"{kind}/") and each in links and each not in seen
            ]
        assert seen == {f"{kind}.html", *lists}, "each page is reached from the list of all"
    named = {path for path in links["tags.html"] if path.startswith("letters/")}
    tags = {path for path in links["tags.html"] if path.startswith("tags/")}
    assert "tags/رستم-عمروف.html" in tags
    assert tags <= set.union(*(links[path] for path in named))
    assert "stories/aljazeera.50.html" in links["stories.html"]


def links_of(page, out):
    """Return the paths in the site to which a page leads."""
    root = lxml.html.document_fromstring(page.read_text(encoding="utf-8"))
    there = (
        page.parent / unquote(link.partition("#")[0]) for link in root.xpath("//main//a/@href") if "://" not in link
    )
    return {path.resolve().relative_to(out.resolve()).as_posix() for path in there}


def test_only_what_changed_is_written_again(folder, capsys):
    out = folder / "out"
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    new = article(60, "albawaba", headline="عمروف يعود", text="عاد رستم عمروف إلى كييف.")
    publish((folder / "collection").as_uri(), folder, [new], crawl="c2")
    capsys.readouterr()
    write(folder, out)
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["article"], said["outlet"]) == (False, 2, 3)
    changed = {path.relative_to(out).as_posix() for path, when in before.items() if path.stat().st_mtime_ns != when}
    assert {"index.html", "tags/رستم-عمروف.html", "tags/عمروف.html", "outlets/albawaba.html"} <= changed
    alike = ("articles/alaraby", "replay/alaraby", "static/", "outlets/alaraby", "days/2026-11-20")
    assert not any(path.startswith(alike) for path in changed)
    assert (said["day"], said["section"]) == (1, 1), "of lists, the pages on which it stands"
    whole = len(json.loads((out / "site.json").read_text())["lists"])
    assert 10 < said["lists"] < whole / 3, "of the files of words, those of its words"
    assert (out / "articles/albawaba/60.html").is_file()
    assert "عمروف يعود" in (out / "tags/رستم-عمروف.html").read_text(encoding="utf-8")


def test_what_was_taken_from_the_archive_goes_from_the_site(folder, capsys):
    out = folder / "out"
    (out / "notes.txt").write_text("not ours")
    assert (out / "articles/goner/77.html").is_file()
    for manifest in (folder / "collection/manifests/outlet=goner").rglob("*.json"):
        manifest.unlink()
    capsys.readouterr()
    write(folder, out, "--digits", "arab", "--without-replays")
    said = json.loads(capsys.readouterr().out)
    assert (said["whole"], said["deleted"] > 20) == (True, True), "the replays go too"
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in out.rglob("*") if path.is_file()}
    assert not [path for path, text in texts.items() if "خبر سيسحب" in text]
    assert not list((out / "replay").rglob("*.html"))
    assert re.search(r"<small>[٠-٩]+</small>", texts[out / "tags.html"])
    assert (out / "notes.txt").is_file()


def test_several_processes_write_the_same(built, tmp_path, monkeypatch):
    monkeypatch.setattr("archive.site.static_site._WORTH_PROCESSES", 1)
    assert write(built, tmp_path / "two", "--processes", "2") == 0
    files = [
        {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        for out in (built / "out", tmp_path / "two")
    ]
    assert files[0] == files[1]


def test_the_page_for_what_is_not_there_leads_back_from_anywhere(built, tmp_path):
    assert write(built, tmp_path / "out", "--address", "https://news.example/arabic") == 0
    page = lxml.html.document_fromstring((tmp_path / "out" / "404.html").read_text(encoding="utf-8"))
    links = page.xpath("//link/@href | //a[not(starts-with(@href, '#'))]/@href | //form/@action | //script/@src")
    assert links
    assert all(link.startswith("https://news.example/arabic/") for link in links)
    assert b"https://news.example/arabic/sitemap-0.xml" in (tmp_path / "out" / "sitemap.xml").read_bytes()


def test_into_a_bucket(built, monkeypatch, capsys):
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint(),
        "AWS_ACCESS_KEY_ID": "t",
        "AWS_SECRET_ACCESS_KEY": "t",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="site")
    assert write(built, "s3://site/news") == 0
    page = client.get_object(Bucket="site", Key="news/tags/رستم-عمروف.html")
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert "هدنة قريبة" in page["Body"].read().decode()
    capsys.readouterr()
    assert write(built, "s3://site/news") == 0
    assert json.loads(capsys.readouterr().out)["files"] == 0
    assert write(built, "s3://missing/news") == 2
    assert "the bucket missing refuses" in capsys.readouterr().err
    client.close()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--zone", "Mars"), "there is no time zone 'Mars'; write one as Asia/Riyadh\n"),
        (("--address", "news.example"), "--address starts with http:// or https://, not as 'news.example'\n"),
        (("--page-size", "0"), "--page-size is at least 1\n"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(built, tmp_path, capsys, words, sentence):
    capsys.readouterr()
    assert write(built, tmp_path / "never", *words) == 2
    assert capsys.readouterr().err == sentence
    assert not (tmp_path / "never").exists()


def test_the_archive_itself_is_no_place_for_a_site(built, capsys):
    capsys.readouterr()
    assert write(built, (built / "collection").as_uri()) == 2
    assert "the site cannot stand in the archive's own place" in capsys.readouterr().err
    with pytest.raises(StoreRefused, match="ftp:, but only"):
        open_output("ftp://x/y")
