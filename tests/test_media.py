"""Pictures of articles, and what pages need: captured after the pages, named by the lines, never a film."""

import gzip
import json
import os
import re
import signal
import zipfile
from io import BytesIO
from operator import itemgetter

import pytest
from fastwarc import ArchiveIterator
from PIL import Image, ImageChops

from archive import open_archive
from archive.cli import main
from archive.store import Missing
from tests.archive.export.test_pywb import pywb
from tests.archive.warc.test_wacz import played
from tests.crawling import lines_of, run
from tests.little_outlet import HOST, MAP, SENTENCE, page, path, reports
from tests.pictured_outlet import (
    CDN,
    FAR,
    FILM,
    GRAIN,
    HUGE,
    LEAD,
    MOVED,
    PAGE,
    SECOND,
    URL,
    PicturedOutlet,
    article_page,
    picture,
    png,
)
from tests.replica.wire.message import Response
from tests.screens import CHROMIUM, chromium

SMALL = ("-a", "since=2026-05-19", "-s", "MEDIA_MAXSIZE=200000")
NEEDED = {"/wp-content/uploads/wide.png", "/img/poster.png", "/img/paper.png", "/img/paper-2.png", "/img/dots.png", "/site.css", "/more.css"} | {"/fonts/naskh.woff2"}  # fmt: skip


RESERVED = Response(b'[{"location": "/", "tdm-reservation": 1}]', content_type="application/json")


class Told:
    """An archive with the articles' pictures, and one with all that pages need, then with a later version of the article."""

    def __init__(self, folder):
        self.folder, self.logs, self.results, self.log_of = folder, [], [], {}
        with PicturedOutlet() as outlet:
            self.outlet = outlet
            self._crawl("lead", "MEDIA=lead", "2026-05-20T10:00:00+00:00")
            self._crawl("page", "MEDIA=page", "2026-05-20T10:00:00+00:00")
            outlet.pages[PAGE] = article_page(SENTENCE.format(9))
            self._crawl("page", "MEDIA=page", "2026-05-20T11:30:00+00:00")
            self.live = shown(f"https://{HOST}{PAGE}", *outlet.browser_arguments) if CHROMIUM else None
            dying = ("-s", 'ADDONS={"tests.faults.KilledByPicture": 300}')
            self._crawl("killed", "MEDIA=lead", "2026-05-20T10:00:00+00:00", *dying)
            self._crawl("few", "MEDIA=page", "2026-05-20T10:00:00+00:00", "-s", "MEDIA_BUDGET=2")
            self._crawl("light", "MEDIA=page", "2026-05-20T10:00:00+00:00", "-s", "MEDIA_BUDGET_BYTES=1")
            self._crawl("scattered", "MEDIA=page", "2026-05-20T10:00:00+00:00", "-s", "SEGMENT_MAX_BYTES=1")
            outlet.cdn["/.well-known/tdmrep.json"] = RESERVED
            self._crawl("reserved", "MEDIA=lead", "2026-05-20T10:00:00+00:00", "-s", "RESPECT_RESERVATIONS=tdm")
            del outlet.pages[MAP]  # nothing announces the page again
            self._crawl("killed", "MEDIA=none", "2026-05-20T10:10:00+00:00")
            self._crawl_slowly(outlet)

    def _crawl_slowly(self, outlet):
        """Fourteen articles with a picture each, a second apart by the crawl's own clocks: after eight a segment is closed.

        One request at a time, and the next when what came is read: the machine's pace changes nothing.
        """
        slugs = [f"harbour-{number}" for number in range(14)]
        for number, slug in enumerate(slugs):
            head = f'<meta property="og:image" content="https://{CDN}/pictures/{number}.png">'
            outlet.pages[path(slug)] = page(
                slug, f"افتتاح الميناء رقم {number}", SENTENCE.format(number) * 3, head=head
            )
            outlet.cdn[f"/pictures/{number}.png"] = png(300, 200, (number, 90, 160))
        urls = " ".join(f"https://{HOST}{path(slug)}" for slug in slugs)
        paced = ("-s", 'ADDONS={"tests.faults.SecondPerArticle": 300}', "-s", "CONCURRENT_REQUESTS=1")
        slow = ("-a", f"url={urls}", "-s", "SEGMENT_MAX_SECONDS=8", "-s", "SCRAPER_SLOT_MAX_ACTIVE_SIZE=1", *paced)
        self._crawl("slow", "MEDIA=lead", None, *slow, words=())

    def _crawl(self, name, media, at, *more, words=SMALL):
        self.outlet.log.clear()
        self.results.append(self.outlet.crawl(self.folder / name, *words, "-s", media, *more, at=at))
        self.log_of[name] = [(entry.host, entry.path) for entry in self.outlet.log]
        self.logs.append([(entry.host, entry.path) for entry in self.outlet.log])


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("media"))


WINDOW = {"width": 1280, "height": 3000}  # all of the page stands in it
ARTICLE, LOADED = (
    "main",
    "[document.fonts.check('24px Naskh', 'الميناء'), ...[...document.images].map(i => i.naturalWidth)]",
)


def shown(url, *arguments):
    """Return what Chromium shows of an article at its own address: a picture, and what has loaded."""
    with chromium(*arguments) as browser:
        page = browser.new_page(viewport=WINDOW)
        page.goto(url, wait_until="networkidle")
        return page.locator(ARTICLE).screenshot(), page.evaluate(LOADED)


def framed(page, address, url, loaded):
    """Open a replay that shows the page in a frame; return a picture of it when the same has loaded as at its own address."""
    page.goto(address)
    for _ in range(6):
        for _ in range(40):
            for frame in page.frames:
                is_page = frame.url.endswith(url) and "mp_/" in frame.url and frame.locator(ARTICLE).count()
                if is_page and frame.evaluate(LOADED) == loaded:
                    return frame.locator(ARTICLE).screenshot()
            page.wait_for_timeout(250)
        page.reload()  # a service worker came too late for the first load
    raise AssertionError([frame.url for frame in page.frames])


def differing(one, other):
    """Return the share of the pixels in which two pictures differ."""
    ours, theirs = (Image.open(BytesIO(body)).convert("RGB") for body in (one, other))
    assert ours.size == theirs.size
    difference = ImageChops.difference(ours, theirs).convert("L")
    return sum(difference.histogram()[16:]) / (ours.width * ours.height)


def images_of(line):
    return {image["url"]: image["warc"] for image in line["images"]}


def records(collection):
    for file in sorted(collection.glob("warc/**/*.warc.gz")):
        if "-meta-" not in file.name:
            with file.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    yield record.headers, record.reader.read()


def test_the_line_names_the_record_of_each_picture_that_came(told):
    assert [result.returncode for result in told.results[:3]] == [0, 0, 0], told.results[0].stderr
    (line,) = lines_of(told.folder / "lead/collection")
    pointers = images_of(line)
    assert {url for url, pointer in pointers.items() if pointer} == {LEAD, SECOND}
    archive = open_archive(str(told.folder / "lead/collection"))
    (article,) = archive.articles()
    lead, second, *others = article.images
    assert archive.capture(lead, outlet="aljazeera").content() == picture(900, 300, GRAIN)
    assert archive.capture(second, outlet="aljazeera").content() == picture(300, 200, (0, 90, 160))
    assert (archive.capture(SECOND).status, archive.capture(MOVED).status) == (302, 200)
    with pytest.raises(Missing):
        archive.capture(next(image for image in others if "closed" in image.url), outlet="aljazeera")


def test_pictures_are_asked_for_after_the_pages_and_as_politely(told):
    log = told.logs[0]
    assert (CDN, "/robots.txt") in log
    assert [path for host, path in log if host == CDN and "closed" in path] == []
    last_page = log.index((HOST, PAGE))
    pictures = [place for place, (_, path) in enumerate(log) if path.endswith(".png")]
    assert min(pictures) > last_page
    assert (
        len(pictures) == 6
    )  # two that come, one of them from where it has moved, one that is gone, a film, one that is too large; each once
    assert "/.well-known/tdmrep.json" not in [path for host, path in log if host == CDN]
    assert not any(path.startswith("/films") for crawl in told.logs for _, path in crawl)


def test_of_a_film_of_what_is_too_large_and_of_a_private_network_no_byte_is_kept(told):
    kept = [(headers["WARC-Type"], headers.get("WARC-Target-URI", ""), body.decode(errors="replace")) for headers, body in records(told.folder / "lead/collection")]  # fmt: skip
    said = {}
    for kind, url, text in kept:
        if url in {FILM, HUGE} or url.startswith("http://169.254"):
            assert kind == "metadata", url
            said[url] = re.search("fetchError: (.*)", text)[1].strip()
    assert said[FILM] == "NotMedia: video/mp4 is no picture"
    assert said[HUGE].startswith("DownloadCancelledError")
    assert len(said) == 3


def test_with_page_comes_what_a_browser_would_ask_for(told):
    paths = {path for host, path in told.logs[1] if host == HOST}
    assert paths >= NEEDED
    assert not paths & {"/img/never.png", "/img/fallback.png", "/img/half.png", "/img/tiny.png", "/fonts/naskh.ttf"}
    metadata = {headers["WARC-Target-URI"]: body.decode() for headers, body in records(told.folder / "page/collection") if headers["WARC-Type"] == "metadata"}  # fmt: skip
    dots = metadata[f"https://{HOST}/img/dots.png"]
    assert f"via: https://{HOST}/more.css" in dots
    assert "hopsFromSeed: LEEE" in dots
    assert f"via: {URL}" in metadata[FAR]


def test_what_has_not_changed_is_a_revisit_in_the_next_crawl(told):
    first, second = sorted(lines_of(told.folder / "page/collection"), key=itemgetter("version"))
    assert (second["version"], images_of(second).keys()) == (2, images_of(first).keys())
    archive = open_archive(str(told.folder / "page/collection"))
    article = max(archive.articles(), key=lambda one: one.version)
    again = archive.capture_at("aljazeera", article.images[0].warc)
    assert again.kind == "revisit"
    assert archive.capture(article.images[0], outlet="aljazeera").content() == picture(900, 300, GRAIN)
    verified = run("archive", "verify", "--deep", ARCHIVE_URI=str(told.folder / "page/collection"))
    assert verified.returncode == 0, verified.stdout


def test_a_budget_ends_where_it_is_spent(told):
    """Of two requests, the article's own pictures; of one byte, one picture. What came is named by the line all the same."""
    (few,), (light,) = (reports(told.folder / name) for name in ("few", "light"))
    assert few["media"]["picture"] == 2
    assert few["media"]["over-budget"] >= len(NEEDED) - 2  # a style that did not come names nothing more
    assert light["media"].items() >= {"picture": 1}.items()
    assert "failed" not in light["media"]
    for name, named in (("few", {LEAD, SECOND}), ("light", {LEAD})):
        (line,) = lines_of(told.folder / name / "collection")
        assert {url for url, pointer in images_of(line).items() if pointer} == named, name


def test_a_host_that_reserves_its_pictures_keeps_them_where_that_is_heeded(told):
    (line,) = lines_of(told.folder / "reserved/collection")
    assert {url for url, pointer in images_of(line).items() if pointer} == {LEAD}
    assert {path for host, path in told.log_of["reserved"] if host == CDN} == {
        "/robots.txt",
        "/.well-known/tdmrep.json",
    }


def test_a_package_has_the_styles_of_its_pages_from_other_segments(told, tmp_path):
    uri = (told.folder / "scattered/collection").as_uri()
    assert main(["wacz", "--archive", uri, str(tmp_path / "a.wacz")]) == 0
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        index = gzip.decompress(package.read("indexes/index.cdx.gz")).decode()
        urls = {json.loads(line.split(" ", 2)[2])["url"] for line in index.splitlines()}
        assert len([name for name in package.namelist() if name.startswith("archive/")]) > len(NEEDED)
    assert {url.partition("?")[0] for url in urls} >= {f"https://{HOST}{path}" for path in NEEDED}


def test_where_pages_take_long_lines_have_their_pictures_before_their_segment_is_closed(told):
    lines = lines_of(told.folder / "slow/collection")
    pointers = [pointer for line in lines for pointer in images_of(line).values()]
    assert len({line["warc"]["file"] for line in lines}) > 1
    assert len(pointers) == 14
    assert None not in pointers  # of what was under way when a segment was closed, the line stands in the next one
    asked = told.log_of["slow"]
    assert asked.index((CDN, "/pictures/0.png")) < asked.index((HOST, path("harbour-13")))


def test_a_crawl_that_dies_between_page_and_picture_loses_no_page(told):
    killed, after = told.results[3], told.results[8]
    assert killed.returncode == -signal.SIGKILL
    assert after.returncode == 3, after.stderr  # no source answered
    (line,) = lines_of(told.folder / "killed/collection")
    assert (line["url"], set(images_of(line).values())) == (URL, {None})
    assert not any(path == PAGE for _, path in told.logs[8])


def test_a_crawl_says_how_many_came(told):
    (report,) = reports(told.folder / "lead")
    assert report["media"] == {"picture": 2, "failed": 5}
    assert report["exit_code"] == 0
    assert re.search("media +failed 5, picture 2", told.results[0].stderr)
    assert "media" not in reports(told.folder / "killed")[-1]


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine")
def test_a_replay_shows_the_article_as_the_outlet_does(told, tmp_path):
    live, loaded = told.live
    assert loaded[:3] == [True, 900, 320], "the page itself does not load"  # 1200w in a place of 620 pixels
    uri, folder, wacz = (told.folder / "page/collection").as_uri(), tmp_path / "pywb", tmp_path / "a.wacz"
    assert main(["pywb", "--archive", uri, str(folder)]) == 0
    assert main(["wacz", "--archive", uri, str(wacz)]) == 0
    (tmp_path / "played").mkdir()
    with chromium() as browser:
        page = browser.new_page(viewport=WINDOW)
        with pywb(folder) as root:
            by_pywb = framed(page, f"{root}/20260520113000/{URL}", URL, loaded)
        with played(wacz, tmp_path / "played", URL) as root:
            by_player = framed(page, root, URL, loaded)
    assert differing(live, by_pywb) < 0.001
    assert differing(live, by_player) < 0.001
