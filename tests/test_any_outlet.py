"""`scrapy crawl any`: pages of outlets that nobody declared, with every guarantee that a declared outlet's pages have."""

import json

import jsonschema
import pytest

from crawlers.arguments import ArgumentError
from crawlers.frontier.any_outlet import parse_any
from tests.crawling import QUICK, ROOT, lines_of, places, run
from tests.little_outlet import HOST, LittleOutlet, events, page, path, reports
from tests.outlets.cases import spider_of
from tests.replica.wire.message import Response, html, redirect

BRIDGE, CITY, CLOSED = "http://www.al-jisr.example", "http://city.example.co.uk", "http://closed.example"
LATE = "http://late.example.net"
FIRST = [
    f"قال المتحدث رقم {n} إن الجسر الجديد سيفتح أمام السيارات قبل نهاية العام بعد ثلاث سنوات من العمل المتواصل فيه."
    for n in range(1, 7)
]
SECOND = [
    f"وتقول البلدية في تقريرها رقم {n} إن الحدائق العامة استقبلت هذا الصيف ضعف من زارها في الصيف الماضي كله."
    for n in range(1, 7)
]
THIRD = [
    f"ويضيف البيان رقم {n} أن المكتبة المتنقلة زارت في شهر واحد سبعين قرية لم يصل إليها كتاب جديد منذ سنوات طويلة."
    for n in range(1, 7)
]
DECLARED = f"https://{HOST}{path('bridge')}"
SHORTENED = f"https://{HOST}{path('harbour')}"


def written(headline, *lines, published="2026-05-20T10:00:00"):
    return html(
        f'<html lang="ar"><head><title>{headline}</title><meta property="article:published_time" content="{published}">'
        f"</head><body><article><h1>{headline}</h1>{''.join(f'<p>{line}</p>' for line in lines)}</article></body></html>"
    )


class Towns(LittleOutlet):
    """Hosts that nobody declared beside the one that somebody did; ``pages`` by whole address."""

    @property
    def env(self):
        return {**super().env, "CONNECT_TO": f":443:127.0.0.1:{self.tls_port},:80:127.0.0.1:{self.plain_port}"}

    def _answer(self, request):
        scheme = "https" if request.secure else "http"
        lacking = Response(b"", status=404, validators=False)
        return self.pages.get(f"{scheme}://{request.host}{request.target}", lacking)


PAGES = {
    f"{BRIDGE}/?p=7": written("افتتاح الجسر الجديد على النهر", *FIRST),
    f"{BRIDGE}/news/8": written("الحدائق العامة تستقبل ضعف زوارها", *SECOND),
    f"{BRIDGE}/news/9": written("القرى البعيدة تقرأ", *reversed(THIRD)),
    f"{CITY}/story": written("الجسر الجديد يفتح قبل نهاية العام", *FIRST, published="2026-05-20T12:00:00"),
    f"{CLOSED}/robots.txt": Response(b"User-agent: *\nDisallow: /\n", content_type="text/plain"),
    f"{CLOSED}/story": written("ما لا يقرؤه أحد", *FIRST),
    DECLARED: page("bridge", "افتتاح الميناء الجديد"),
    SHORTENED: page("harbour", "المرفأ يستقبل سفينة العلماء"),
    "http://aja.ws/r8d0xl": redirect(SHORTENED),
    f"{BRIDGE}/known": redirect(f"{CITY}/story"),
    f"{BRIDGE}/late": redirect("/later"),
    f"{BRIDGE}/later": redirect(f"{LATE}/"),
    f"{BRIDGE}/library": redirect("/library/2"),
    f"{BRIDGE}/library/2": redirect(f"{LATE}/library"),
    f"{LATE}/library": written("المكتبة المتنقلة تزور سبعين قرية", *THIRD),
    f"{LATE}/back": redirect(f"{BRIDGE}/library"),
    f"{BRIDGE}/loop": redirect("/loop/2"),
    f"{BRIDGE}/loop/2": redirect("/loop"),
}
LINES = [
    "\ufeff# one address a line",
    f"{BRIDGE}/?p=7&utm_source=x",
    "",
    "ftp://www.al-jisr.example/9",
    f"  {BRIDGE}/news/8\t",
    f"{BRIDGE}/news/9",
    "الجسر",
    f"{BRIDGE}/",
    f"{CITY}/story",
    DECLARED,
    f"https://{HOST}/news/",
    f"{CLOSED}/story",
    f"{BRIDGE}/news/8",
    "http://[::1]:80/x",
    f"{BRIDGE}/a {BRIDGE}/b",
    *(f"{BRIDGE}/{name}" for name in ("known", "late", "library", "loop")),
    f"{LATE}/back",
    "http://aja.ws/r8d0xl",
]
WRONG = (4, 7, 8, 11, 14, 15)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    """Two crawls of a file of addresses; between them one page changed."""
    folder = tmp_path_factory.mktemp("any")
    (folder / "pages.txt").write_text("\r\n".join(LINES), encoding="utf-8")
    with Towns() as towns:
        towns.pages = {**PAGES, f"{BRIDGE}/?p=7&utm_source=x": PAGES[f"{BRIDGE}/?p=7"]}
        environment = {**towns.env, **places(folder)}
        words = ("scrapy", "crawl", "any", "-a", f"urls={folder / 'pages.txt'}", "--zone", "Asia/Riyadh", *QUICK)
        first = run(*words, "-s", "RETRY_TIMES=0", **environment)
        towns.pages[f"{BRIDGE}/?p=7&utm_source=x"] = written("افتتاح الجسر الجديد على النهر", *FIRST, SECOND[0])
        asked = [f"{entry.host}{entry.path}" for entry in towns.log]
        later = {"published": "2026-05-20T11:30:00"}
        towns.pages[f"{BRIDGE}/gardens"] = written("زوار الحدائق ضعف ما كانوا", *SECOND, **later)  # new headline, too
        towns.pages[f"{BRIDGE}/news/8"] = redirect("/gardens")
        towns.pages[f"https{BRIDGE[4:]}/news/9"] = towns.pages[f"{BRIDGE}/news/9"]
        towns.pages[f"{BRIDGE}/news/9"] = redirect(f"https{BRIDGE[4:]}/news/9")
        again = f"url={BRIDGE}/?p=7&utm_source=x {BRIDGE}/news/8 {BRIDGE}/news/9"
        second = run("scrapy", "crawl", "any", "-a", again, *QUICK, **environment)
    return folder, first, second, environment, asked


def test_each_page_is_an_article_of_its_registered_domain(crawled):
    folder, first, second, _, _ = crawled
    assert first.returncode == 0, first.stderr
    assert second.returncode == 0, second.stderr
    lines = lines_of(folder / "collection")
    schema = json.loads((ROOT / "archive/schema/article-1.schema.json").read_text(encoding="utf-8"))
    for line in lines:
        jsonschema.validate(line, schema)
    assert sorted((line["outlet"], line["version"]) for line in lines) == [
        ("al-jisr.example", 1),
        ("al-jisr.example", 1),
        ("al-jisr.example", 1),
        ("al-jisr.example", 2),
        ("al-jisr.example", 2),
        ("aljazeera", 1),
        ("aljazeera", 1),
        ("example.co.uk", 1),
        ("example.net", 1),
    ]
    (bridge,) = [line for line in lines if line["version"] == 2 and "moved" not in line["flags"]]
    assert bridge["canonical_url"] == "https://www.al-jisr.example/?p=7"
    assert bridge["text"].split("\n") == [*FIRST, SECOND[0]]
    by_outlet = {line["outlet"]: line for line in lines}
    assert by_outlet["example.co.uk"]["published"] == "2026-05-20T09:00:00Z"  # Riyadh's clock
    ids = {spider_of("aljazeera").addresses.classify(url).id for url in (DECLARED, SHORTENED)}
    assert {line["id"] for line in lines if line["outlet"] == "aljazeera"} == ids
    roles = {line["outlet"]: line["story"]["role"] for line in lines if line["text"].startswith(FIRST[0])}
    assert roles == {"al-jisr.example": "first", "example.co.uk": "copy"}


def test_wrong_lines_are_named_with_their_number(crawled):
    folder, first, *_ = crawled
    named = [line for line in first.stderr.splitlines() if line.startswith("left out: ")]
    assert [int(line.partition("line ")[2].partition(":")[0]) for line in named[: len(WRONG)]] == list(WRONG)
    assert all(str(folder / "pages.txt") in line for line in named[: len(WRONG)])


def test_a_page_that_redirects_to_another_outlet_is_read_in_a_crawl_of_that_one(crawled):
    folder, first, _, environment, asked = crawled
    named = [line for line in first.stderr.splitlines() if line.startswith("left out: ")]
    (late,) = named[len(WRONG) :]
    assert late.startswith(f"left out: {BRIDGE}/late leads elsewhere: {LATE}/ is not the address of an article")
    (bridge, _) = [report["pages"] for report in reports(folder) if report["outlet"] == "al-jisr.example"]
    assert bridge["reasons"] == {"failed/redirect-elsewhere": 3, "failed/redirect-loop": 1}
    crawls = [report["pages"] for report in reports(folder) if report["outlet"] == "example.net"]
    assert [pages["reasons"] for pages in crawls] == [{"failed/redirect-elsewhere": 1}]
    assert [asked.count(f"late.example.net/{name}") for name in ("library", "back", "")] == [1, 1, 0]
    assert asked.count("city.example.co.uk/story") == 1
    got = run("archive", "get", f"{BRIDGE}/library", "--json", **environment)
    assert json.loads(got.stdout)["canonical_url"] == "https://late.example.net/library", got.stderr


def test_a_held_article_to_whose_new_address_the_old_one_redirects_has_moved(crawled):
    folder, *_, environment, _ = crawled
    first, moved = [line for line in lines_of(folder / "collection") if line["text"].startswith(SECOND[0])]
    assert (moved["id"], moved["version"], moved["canonical_url"]) == (first["id"], 2, f"https{BRIDGE[4:]}/gardens")
    (event,) = events(folder, "moved")
    assert (event["id"], event["url"], event["to"]) == (first["id"], f"{BRIDGE}/news/8", f"{BRIDGE}/gardens")
    for address in ("news/8", "gardens"):
        assert first["id"] in run("archive", "get", f"{BRIDGE}/{address}", "--json", **environment).stdout


def test_an_article_that_moved_to_https_is_the_same(crawled):
    folder, *_, environment, _ = crawled
    (line,) = [line for line in lines_of(folder / "collection") if line["text"].startswith(THIRD[-1])]
    for scheme in ("http", "https"):
        got = run("archive", "get", f"{scheme}{BRIDGE[4:]}/news/9", "--json", **environment)
        assert json.loads(got.stdout)["id"] == line["id"]


def test_robots_is_asked_of_each_host_and_obeyed(crawled):
    folder, _, _, _, asked = crawled
    assert "closed.example/robots.txt" in asked
    assert "closed.example/story" not in asked
    assert asked.count("www.al-jisr.example/news/8") == 1  # named twice
    (report,) = [report for report in reports(folder) if report["outlet"] == "closed.example"]
    assert report["pages"]["outcomes"]["refused"] == 1
    assert (
        sum(report["outlet"] == "al-jisr.example" for report in reports(folder)) == 2
    )  # a crawl each time, not a page


def test_the_archive_is_whole_and_its_readers_find_them(crawled):
    *_, environment, _ = crawled
    verified = run("archive", "verify", "--deep", "--chain", **environment)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    listed = run("archive", "articles", "--outlet", "al-jisr.example", "--json", **environment)
    assert len(listed.stdout.splitlines()) == 3
    for asked in (f"{BRIDGE}/?p=7", f"{BRIDGE}/news/8"):
        got = run("archive", "get", asked, "--json", **environment)
        assert got.returncode == 0, got.stderr
        assert json.loads(got.stdout)["outlet"] == "al-jisr.example"


def test_what_is_read_again_is_read_the_same(crawled):
    *_, environment, _ = crawled
    again = run("scrapy", "reread", "--since", "2020-01-01", "--dry-run", "--jobs", "1", "--json", **environment)
    changes = json.loads(again.stdout)
    assert (changes["lines"], changes["changed"], changes["gained"], changes["unread"]) == (9, 0, 0, 0)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "say which pages"),
        ({"url": f"{BRIDGE}/a", "urls": "x"}, "say which pages"),
        ({"url": "ftp://x.example/a"}, "is not a web address"),
        ({"url": "http://[x/a"}, "not a web address|Invalid"),
        ({"url": f"{BRIDGE}/"}, "is not the address of an article of al-jisr.example"),
        ({"url": f"https://{HOST}/news/"}, "is not the address of an article of aljazeera"),
        ({"urls": "/no/such/file"}, "urls=/no/such/file cannot be read: No such file"),
        ({"urls": "/dev/null"}, "no address was given"),
        ({"url": f"{BRIDGE}/a", "zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"url": f"{BRIDGE}/a", "since": "2026-01-01"}, "a crawl of any takes url, urls and zone"),
    ],
)
def test_wrong_words_are_refused_with_one_sentence(given, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        parse_any(given, [spider_of("aljazeera")])


def test_the_pages_of_an_outlet_are_one_crawl_whatever_their_hosts_and_each_is_asked_once(tmp_path):
    lines = (
        "www.x.example/a",
        "news.x.example/b",
        "\u200fhttps://x.example/c\u200f",
        "x.example/c#top",
        "x.example/c?utm_source=y",
    )
    lines += ("موقع.example/d", "xn--4gbrim.example/d", "name:s3cret@x.example/e")
    urls = [line if "://" in line else f"https://{line}" for line in lines]
    (tmp_path / "pages.txt").write_text("\n".join(urls), encoding="utf-8")
    crawls = parse_any({"urls": str(tmp_path / "pages.txt")}, [])
    assert [(spider.name, list(asked)) for spider, asked in crawls.urls.items()] == [
        ("x.example", ["https://www.x.example/a", "https://news.x.example/b", "https://x.example/c"]),
        ("xn--4gbrim.example", ["https://xn--4gbrim.example/d"]),
    ]
    (wrong,) = crawls.wrong
    assert "line 8" in wrong
    assert "s3cret" not in wrong


def test_a_file_of_wrong_lines_alone_is_refused(tmp_path):
    (tmp_path / "pages.txt").write_bytes(b"\xff\xfe\nhttp://x.example/\xd8\n")
    done = run("scrapy", "crawl", "any", "-a", f"urls={tmp_path / 'pages.txt'}", **places(tmp_path))
    assert done.returncode == 2, done.stderr
    assert "line 1" in done.stderr
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_zone_is_for_any():
    done = run("scrapy", "crawl", "aljazeera", "--zone", "UTC")
    assert done.returncode == 2
    assert "--zone is for any" in done.stderr
