"""An outlet that means harm, or is merely broken, through real crawls: what it loses is named, and nothing else suffers.

channels   entity bombs, garbage, hanging, gzip bomb, 502, redirect loop ─▶ the other channels bring the articles
pages      bombs, endless, cut, walls, another language, ``../``          ─▶ records, but no articles
links      loopback, private and metadata addresses                       ─▶ nobody is called
refusals   403 after 403, robots.txt 503                                  ─▶ the crawl stops and says so
"""

import json
import re
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.warc.capture import captures
from crawlers.reextract import read_again
from tests.crawling import QUICK, lines_of, places, run
from tests.replica import Replica
from tests.replica.replica import HOSTS
from tests.replica.wire.message import Response, html, redirect, xml
from tests.replica.wire.misbehaviour import INSTEAD, SWITCHES

JAZEERA, ARABY = "www.aljazeera.net", "www.alaraby.co.uk"
FEED = "/aljazeerarss/a7c186be-1baa-4bd4-9d80-a84db769f779/73d0e1b4-532f-45ef-b135-bfdff8b8cab9"
HASTY = ("-s", "DOWNLOAD_TIMEOUT=3", "-s", "RETRY_TIMES=0", "-s", "DOWNLOAD_MAXSIZE=4000000")
DEAD = Response(b"Bad Gateway", status=502, content_type="text/plain", validators=False)
BLOCKED = Response(b"<title>Access Denied</title><h1>Access Denied</h1>", status=403, validators=False)
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "بوم">{ENTITIES}<!ENTITY own SYSTEM "file:///etc/passwd">]>'
BOMBED_MAP = xml(f"{LAUGHS}<urlset><url><loc>https://{JAZEERA}/news/2026/5/1/&e9;&own;</loc></url></urlset>")
BOMBED_FEED = xml(f"{LAUGHS}<rss><channel><item><title>&e9;&own;</title><link>&e9;</link></item></channel></rss>")
STORY = " ".join(f"قال مسؤول محلي إن العمل في الميناء الجديد سيبدأ خلال الأسبوع رقم {n}." for n in range(1, 30))


class Hostile(Replica):
    """The replica with ``pages`` of its own, {(host, path): Response}; only the outlets' names lead to it."""

    def __init__(self):
        super().__init__(seed=3, days=3)
        self.pages = {}

    @property
    def env(self):
        hosts = dict.fromkeys([*HOSTS, *(host.removeprefix("www.") for host in HOSTS)])
        ports = (443, self.tls_port), (80, self.plain_port)
        routes = [f"{host}:{port}:127.0.0.1:{there}" for host in hosts for port, there in ports]
        return {**super().env, "CONNECT_TO": ",".join(routes)}

    def urls(self):
        """Return the addresses of Al Jazeera's plain articles, those without a trouble of their own."""
        return [f"https://{JAZEERA}{p.path}" for p in self.sites()["aljazeera"].pieces if not p.trouble]

    def _answer(self, request):
        return self.pages.get((request.host, request.path)) or super()._answer(request)


class Crawl:
    """One crawl into a folder of its own, and what it left."""

    def __init__(self, replica, folder, outlet, *arguments, pages=None, **switches):
        replica.pages = pages or {}
        replica.misbehave(**switches)
        self.folder = folder
        self.environment = {**replica.env, **places(folder)}
        before = len(replica.log)
        self.answer = run("scrapy", "crawl", outlet, *arguments, *QUICK, *HASTY, **self.environment)
        self.asked = [(entry.host, entry.path) for entry in replica.log[before:]]
        self.lines = lines_of(folder / "collection")
        (report,) = folder.glob("collection/reports/**/*.json")
        self.report = json.loads(report.read_text(encoding="utf-8"))

    def records(self):
        """Return (type, target, truncated, status) of every record of the crawl."""
        found = []
        for path in sorted(self.folder.glob("collection/warc/**/*.warc.gz")):
            with path.open("rb") as stream:
                for record in ArchiveIterator(stream):
                    head, http = record.rec_headers, record.http_headers
                    status = http.get_statuscode() if http and record.rec_type == "response" else None
                    target = head.get_header("WARC-Target-URI")
                    found.append((record.rec_type, target, head.get_header("WARC-Truncated"), status))
        return found

    def check(self):
        """The archive is whole, and nothing that came from outside broke the program."""
        assert "Traceback" not in self.answer.stderr, self.answer.stderr
        assert self.report["errors"].keys() <= {"log"}
        verified = run("archive", "verify", "--deep", **self.environment)
        assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.fixture(scope="module")
def replica():
    with Hostile() as hostile:
        yield hostile


@pytest.fixture(scope="module")
def trap():
    """A loopback port that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


def path_of(url):
    return unquote(urlsplit(url).path)


def test_dead_channels_are_counted_and_the_others_bring_the_articles(replica, tmp_path):
    pages = {
        (JAZEERA, "/sitemap.xml"): BOMBED_MAP,
        (JAZEERA, "/"): INSTEAD["bomb"](None),
        (JAZEERA, "/news/"): DEAD,
        (JAZEERA, "/sport/"): redirect("/sport/", 302),
    }
    arguments = ("-a", f"since={replica.until - timedelta(days=3)}", "-a", "limit=5")
    crawl = Crawl(replica, tmp_path, "aljazeera", *arguments, pages=pages, hang=FEED)
    crawl.check()
    assert crawl.answer.returncode == 0
    assert len(crawl.lines) == 5
    assert crawl.report["sources"]["dead"] == {"feed": 1, "section": 3}
    assert crawl.report["sources"]["incomplete"] == {"sitemap": 1 + 4}  # so the days were asked by their own addresses
    assert crawl.report["not_followed"] == {"not-an-article": 1 + 4}  # the map's entities stayed shut
    assert not any("بوم" in path or "root:" in path for _, path in crawl.asked)
    for path in (FEED, "/", "/news/", "/sport/"):
        assert any("WARNING" in line and line.endswith(path) for line in crawl.answer.stderr.splitlines()), path


@pytest.fixture(scope="module")
def spoiled(replica, trap, tmp_path_factory):
    names = [
        "good",
        "bomb",
        "endless",
        "cut",
        "english",
        "consent_wall",
        "redirect_loop",
        "garbage",
        "hang",
        "blocked",
        "inward",
    ]
    urls = dict(zip(names, replica.urls(), strict=False))
    switches = {name: path_of(url) for name, url in urls.items() if name in SWITCHES}
    pages = {
        (JAZEERA, path_of(urls["blocked"])): BLOCKED,
        (JAZEERA, path_of(urls["inward"])): redirect(f"http://127.0.0.1:{trap.getsockname()[1]}/", 302),
    }
    asked = ("-a", f"url={' '.join(urls.values())}")
    crawl = Crawl(replica, tmp_path_factory.mktemp("pages"), "aljazeera", *asked, pages=pages, **switches)
    return crawl, urls


def test_spoiled_pages_never_become_articles_and_each_is_counted(spoiled, trap):
    crawl, urls = spoiled
    crawl.check()
    assert [path_of(line["canonical_url"]) for line in crawl.lines] == [path_of(urls["good"])]
    assert crawl.report["articles"]["unreadable"] == {"consent-wall": 1, "other-language": 1}
    assert crawl.report["articles"]["refused"] == {"robots-unreachable": 1}
    assert crawl.report["articles"]["failed"] == {
        "403": 1,
        "DownloadFailedError": 1,
        "DownloadTimeoutError": 1,
        "ResponseDataLossError": 1,
        "redirect-loop": 1,
        "too-large": 2,
    }
    with pytest.raises(BlockingIOError):
        trap.accept()


def test_what_came_of_a_cut_body_is_kept_as_a_truncated_record(spoiled):
    crawl, urls = spoiled
    truncated = {unquote(target): how for _, target, how, _ in crawl.records() if how}
    assert truncated == {urls["cut"]: "disconnect", urls["endless"]: "length"}


def test_links_to_private_addresses_are_never_followed(replica, trap, tmp_path):
    port = trap.getsockname()[1]
    inward = [f"http://{host}:{port}/" for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0")]
    inward += [
        "http://169.254.169.254/latest/meta-data/",
        f"https://127.0.0.1:{port}/news/2026/5/1/x",
        "file:///etc/passwd",
    ]
    index = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in inward)
    items = "".join(f"<item><title>خبر</title><link>{url}</link></item>" for url in inward)
    links = "".join(f'<a class="u-clickable-card__link" href="{url}">خبر</a>' for url in inward)
    pages = {
        (JAZEERA, "/sitemap.xml"): xml(f"<sitemapindex>{index}</sitemapindex>"),
        (JAZEERA, FEED): xml(f"<rss><channel>{items}</channel></rss>"),
        (JAZEERA, "/"): html(links),
        (JAZEERA, "/news/"): redirect(f"{inward[0]}section/", 302),
    }
    crawl = Crawl(replica, tmp_path, "aljazeera", "-a", "limit=1", pages=pages)
    crawl.check()
    with pytest.raises(BlockingIOError):
        trap.accept()
    assert crawl.answer.returncode == 0
    assert len(crawl.lines) == 1
    assert crawl.report["sources"]["dead"] == {"section": 1, "sitemap": len(inward) - 1}
    assert (
        crawl.report["not_followed"]["no-address"] == 2
    )  # file: in the index and in the feed; a section's links are many
    assert crawl.report["not_followed"]["not-an-article"] >= len(inward)
    answered = {urlsplit(target).hostname for kind, target, _, _ in crawl.records() if kind == "response"}
    assert answered == {JAZEERA}
    assert "no XML" not in crawl.answer.stderr  # file: was not even opened


def test_a_storm_of_refusals_ends_the_crawl_and_leaves_its_evidence(replica, tmp_path):
    pages = {(JAZEERA, path_of(url)): BLOCKED for url in replica.urls()}
    crawl = Crawl(replica, tmp_path, "aljazeera", "-a", f"url={' '.join(replica.urls())}", pages=pages)
    crawl.check()
    assert crawl.answer.returncode == 5
    assert crawl.report["finish_reason"] == "blocked"
    assert crawl.lines == []
    refused = [target for kind, target, _, status in crawl.records() if kind == "response" and status == "403"]
    assert 5 <= len(refused) <= 8
    assert crawl.report["articles"]["failed"] == {"403": len(refused)}


def test_without_robots_txt_nothing_is_fetched(replica, tmp_path):
    crawl = Crawl(replica, tmp_path, "aljazeera", robots_503="*")
    crawl.check()
    assert {path for _, path in crawl.asked} == {"/robots.txt"}
    assert crawl.answer.returncode == 3
    assert crawl.lines == []
    assert not crawl.report["sources"]["answered"]


def test_an_address_that_climbs_leaves_nothing_outside_the_folders(replica, tmp_path):
    folder = tmp_path / "a" / "b"
    climbs = ("../../../../خبر", "%2e%2e/%2e%2e/%2e%2e/خبر", "..%2f..%2f..%2f..%2fخبر", "\\..\\..\\خبر")
    items = "".join(
        f"<item><title>افتتاح الميناء الجديد {n}</title><link>https://{ARABY}/politics/{climb}-{n}</link>"
        f"<guid>../../../../{n}</guid><category>../../{n}</category><pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
        f"<content:encoded>&lt;p&gt;{STORY}&lt;/p&gt;</content:encoded></item>"
        for n, climb in enumerate(climbs)
    )
    feed = f'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{items}</channel></rss>'
    pages = {(ARABY, "/rss.xml"): xml(feed), (ARABY, "/rss/economy"): BOMBED_FEED}
    crawl = Crawl(replica, folder, "alaraby", "-a", "limit=40", pages=pages, garbage="/rss/sport")
    crawl.check()
    assert crawl.report["sources"]["dead"] == {"feed": 1}
    assert crawl.report["sources"]["empty"]["feed"] >= 1  # the bombed feed, whose entities stayed shut
    assert any(unquote(line["url"]).endswith("..\\خبر-3") for line in crawl.lines)
    assert all(re.fullmatch(r"alaraby:([0-9a-f]{16}|\d{8})", line["id"]) for line in crawl.lines)
    assert any(
        re.fullmatch(r"alaraby:[0-9a-f]{16}", line["id"]) for line in crawl.lines
    )  # a guid that climbs is no number
    inside = {folder / "collection", folder / "spool"}
    outside = [p for p in tmp_path.rglob("*") if p.is_file() and not inside & set(p.parents)]
    assert outside == []


def test_what_was_spoiled_is_no_article_when_it_is_read_again_either(spoiled):
    crawl, urls = spoiled
    again = []
    for path in sorted(crawl.folder.glob("collection/warc/**/*.warc.gz")):
        with path.open("rb") as stream:
            again += [article for capture in captures(stream, path.name) for article in read_again(capture)]
    assert [path_of(article.canonical_url) for article in again] == [path_of(urls["good"])]
