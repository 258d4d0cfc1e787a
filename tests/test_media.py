"""Pictures of articles, and what pages need: captured after the pages, named by the lines, never a film."""

import re
import signal
from operator import itemgetter

import pytest
from fastwarc import ArchiveIterator

from archive import open_archive
from archive.store import Missing
from tests.crawling import lines_of, run
from tests.little_outlet import HOST, MAP, SENTENCE, reports
from tests.pictured_outlet import (
    CDN,
    FAR,
    FILM,
    GRAIN,
    HUGE,
    LEAD,
    PAGE,
    SECOND,
    URL,
    PicturedOutlet,
    article_page,
    picture,
)

SMALL = ("-a", "since=2026-05-19", "-s", "MEDIA_MAXSIZE=200000")
NEEDED = {"/wp-content/uploads/wide.png", "/img/poster.png", "/img/paper.png", "/img/dots.png", "/site.css", "/more.css"} | {"/fonts/naskh.woff2"}  # fmt: skip


class Told:
    """An archive with the articles' pictures, and one with all that pages need, then with a later version of the article."""

    def __init__(self, folder):
        self.folder, self.logs, self.results = folder, [], []
        with PicturedOutlet() as outlet:
            self.outlet = outlet
            self._crawl("lead", "MEDIA=lead", "2026-05-20T10:00:00+00:00")
            self._crawl("page", "MEDIA=page", "2026-05-20T10:00:00+00:00")
            outlet.pages[PAGE] = article_page(SENTENCE.format(9))
            self._crawl("page", "MEDIA=page", "2026-05-20T11:30:00+00:00")
            dying = ("-s", 'ADDONS={"tests.faults.KilledByPicture": 300}')
            self._crawl("killed", "MEDIA=lead", "2026-05-20T10:00:00+00:00", *dying)
            del outlet.pages[MAP]  # nothing announces the page again
            self._crawl("killed", "MEDIA=none", "2026-05-20T10:10:00+00:00")

    def _crawl(self, name, media, at, *more):
        self.outlet.log.clear()
        self.results.append(self.outlet.crawl(self.folder / name, *SMALL, "-s", media, *more, at=at))
        self.logs.append([(entry.host, entry.path) for entry in self.outlet.log])


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("media"))


def images_of(line):
    return {image["url"]: image["warc"] for image in line["images"]}


def records(collection):
    for path in sorted(collection.glob("warc/**/*.warc.gz")):
        if "-meta-" not in path.name:
            with path.open("rb") as stream:
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
    assert (
        archive.capture(second, outlet="aljazeera").content()
        == picture(300, 200, (0, 90, 160))
        == archive.capture(SECOND).content()
    )
    with pytest.raises(Missing):
        archive.capture(next(image for image in others if "closed" in image.url), outlet="aljazeera")


def test_pictures_are_asked_for_after_the_pages_and_as_politely(told):
    log = told.logs[0]
    assert (CDN, "/robots.txt") in log
    assert [path for host, path in log if host == CDN and "closed" in path] == []
    last_page = log.index((HOST, PAGE))
    pictures = [place for place, (_, path) in enumerate(log) if path.endswith(".png")]
    assert min(pictures) > last_page
    assert len(pictures) == 5  # two that come, one that is gone, a film, one that is too large; each once
    assert "/.well-known/tdmrep.json" not in [path for host, path in log if host == CDN]
    assert not any(path.startswith("/films") for crawl in told.logs for _, path in crawl)


def test_no_film_and_nothing_too_large_or_of_a_private_network_is_kept(told):
    for headers, body in records(told.folder / "lead/collection"):
        url, kind = headers.get("WARC-Target-URI", ""), headers["WARC-Type"]
        if url in {FILM, HUGE} and kind == "response":
            assert headers["WARC-Truncated"] == "length"
            assert len(body.partition(b"\r\n\r\n")[2]) <= 200_000 * (url == HUGE)
        assert kind != "response" or not url.startswith("http://169.254")


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


def test_a_crawl_that_dies_between_page_and_picture_loses_no_page(told):
    killed, after = told.results[3:]
    assert killed.returncode == -signal.SIGKILL
    assert after.returncode == 3, after.stderr  # no source answered
    (line,) = lines_of(told.folder / "killed/collection")
    assert (line["url"], set(images_of(line).values())) == (URL, {None})
    assert not any(path == PAGE for _, path in told.logs[4])


def test_a_crawl_says_how_many_came(told):
    stats = told.results[0].stderr
    assert re.search(r"'media/picture': 2,", stats), stats
    assert re.search(r"'media/failed': 5,", stats)
    assert reports(told.folder / "lead")[0]["exit_code"] == 0
