"""The server as a WSGI application: pages, feeds, the API, ETag, refusals, and headers that keep pages harmless."""

import contextlib
import gzip
import http.client
import json
import re
import select
import socket
import sqlite3
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlencode, urljoin
from urllib.request import urlopen
from wsgiref.validate import validator
from zoneinfo import ZoneInfo

import lxml.etree
import lxml.html
import pytest

from archive import open_archive, text
from archive.article import Related, Story
from archive.cli import main
from archive.reader.archive import Archive
from archive.reader.redactions import ReadFilter
from archive.site.lists import letters
from archive.site.pages import Pages, harmless
from archive.site.queries import entry_of
from archive.site.statistics import Table, figure_of, newsroom, outlet_figures
from archive.site.templating import Looks, Wording, article_path
from archive.site.web import app
from archive.site.web.app import App, Follower, Learner, Server
from archive.site.web.routes import Routes
from archive.store import NotAsPublished, StoreUnavailable
from archive.warc.capture import CaptureFault
from tests.site.newsstand import publish
from tests.site.writing import START, article, labelled, shelf


class Client:
    """Calls the application as a server would."""

    def __init__(self, pages, clock=lambda: 0.0):
        self.app = App(Routes(pages), lambda: pages.index.generation, clock=clock)

    def __call__(self, path, method="GET", **headers):
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/{path}".encode().decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "x",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": Errors(),
            "wsgi.input": Input(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        said = []
        body = validator(self.app)(environ, lambda status, headers, exc_info=None: said.append((status, dict(headers))))
        content = b"".join(body)
        body.close()
        return int(said[0][0][:3]), said[0][1], content


class Errors:
    def write(self, text):
        raise AssertionError(text)

    writelines = flush = write


class Input:
    read = readline = readlines = __iter__ = None


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    wire = {
        "text": "قال رستم عمروف إن الهدنة قريبة. وأضاف عمروف أنها مكتوبة.",
        "agencies": ["afp"],
        "headline": "هدنة قريبة",
    }
    copies = [article(50, **wire), article(51, "alaraby", origin="aljazeera:50", **wire)]
    odd = article(
        52, id=ODD, headline="رقم غريب في عُمان", related=[Related(id="aljazeera:50", relation="contains", overlap=0.7)]
    )
    archive, index = shelf(folder, [page for page, *_ in labelled()] + copies + [odd])
    clock = datetime(2026, 11, 23, tzinfo=UTC)
    pages = Pages(index, archive, Looks(Wording(clock=lambda: clock), live=True, address="https://news.example/"))
    yield pages, folder
    index.close()


@pytest.fixture
def get(site):
    return Client(site[0])


ROOT = Path(__file__).parents[2]
ODD = "aljazeera:../../x?<y>"
PATHS = (
    "",
    "index.html",
    "tags.html",
    "newsroom.html",
    "search.html",
    "search.html?q=" + quote("الهدنه"),
    f"tags/{'رستم-عمروف'}.html",
    "tags/عمروف.html",
    "articles/aljazeera/50.html",
    "replay/aljazeera/50.html",
    "stories/aljazeera.50.html",
    "outlets/alaraby.html",
    "outlets/alaraby.1.html",
    "outlets.html",
    "stories.html",
    "sections.html",
    "sections/سياسة.html",
    "days.html",
    "days/2026-11-20.html",
    "letters/ر.html",
)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there_and_harmless(get, path):
    status, headers, body = get(path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert body.startswith(b"<!doctype html>") or b"<!doctype html>" in body[:200]
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
    assert headers["X-Content-Type-Options"] == "nosniff"


class Sent:
    def __init__(self, page):
        self.content = page.encode
        self.header = lambda _: "text/html; charset=utf-8"


def test_of_a_captured_page_only_what_is_known_stays():
    page = harmless(
        Sent(
            "<html dir=rtl onload=x><head><meta http-equiv=refresh content=0><style>@import 'x'; p{color:red}</style></head><body>"
            "<!--[if IE]><script>1</script><![endif]--><p onclick=x data-a=1 style='background:url(x)' class=a>نص <o:p>كلمة</o:p>"
            "<a href=javascript:1 id=z>رابط</a><svg onload=1><script>1</script><path d=M1> بعد<img src=x onerror=1 srcset=y alt=صورة></p>"
            "<form action=x><button formaction=y>زر</button></form><x{y}>ق</x{y}><noembed><img src=1 onerror=1></noembed>"
        )
    )
    assert page == (
        "<!doctype html>\n<html dir=\"rtl\"><head><style>/**/none( 'x'; p{color:red}</style></head><body>"
        '<p class="a">نص كلمة<a id="z">رابط</a> بعد<span>[صورة: صورة]</span></p><form><button>زر</button></form>ق&lt;img src=1 onerror=1&gt;</body></html>'
    )
    for empty in ("", "<!-- nothing -->"):
        with pytest.raises(CaptureFault, match="there is nothing on the page"):
            harmless(Sent(empty))


def test_where_the_front_page_leads_is_asked_first(site, get):
    _, _, front = get("index.html")
    leads = {unquote(path) for path in re.findall(r'href="((?:tags|articles|outlets)/[^"]+\.html)"', front.decode())}
    assert leads >= {"articles/aljazeera/50.html", "outlets/alaraby.html"}
    ready = site[0].first_asked()
    assert leads <= {*ready}
    assert {get(path)[0] for path in ready} == {200}


def test_an_article_is_cited_with_one_press_and_its_address_is_readable(get):
    page = lxml.html.document_fromstring(get("articles/alaraby/51.html")[2])
    cited = {each.get("id"): each.text_content() for each in page.find_class("cited")}
    assert cited.keys() == {"cite-text", "cite-bibtex", "cite-csl"}
    assert "«هدنة قريبة»" in cited["cite-text"]
    assert cited["cite-bibtex"].startswith("@online{alaraby-51-v1,\n  title = {{هدنة قريبة}}")
    assert json.loads(cited["cite-csl"])[0]["archive"] == "https://news.example/"
    pressed = {button.get("data-copy") for button in page.findall(".//button")}
    assert cited.keys() <= pressed


def test_beside_an_article_stand_five_of_its_story_and_a_link_to_all(tmp_path):
    wire = {"text": "قال رستم عمروف إن الهدنة قريبة.", "headline": "هدنة قريبة", "origin": "aljazeera:1"}
    names = ["alaraby", "albawaba", "albawabhnews", "skynewsarabia", "one", "two", "three"]
    copies = [article(10 + n, names[n % 7], hours=2 + n / 9, **wire) for n in range(80)]
    other = wire | {"text": "قال رستم عمروف إن الهدنة قريبة جدا هذه المرة."}
    _, index = shelf(tmp_path, [article(1, **wire), *copies, article(99, "alaraby", hours=9, **other)])
    get = Client(Pages(index, None, Looks(Wording(), live=True)))
    page = lxml.html.document_fromstring(get("articles/aljazeera/1.html")[2])
    assert len(page.xpath("//section[@aria-labelledby='copies-h']/article")) == 5
    assert "و76 غيرها" in page.xpath("string(//section[@aria-labelledby='copies-h']/p[@class='more'])")
    front = lxml.html.document_fromstring(get("index.html")[2])
    assert front.xpath("string(//p[@class='spread']/a[@class='more'])") == "٨ صحف، ٨٢ نسخة"
    story = lxml.html.document_fromstring(get("stories/aljazeera.1.html")[2])
    items = story.xpath("//ol[@class='runs']/li")
    assert [len(item.xpath(".//ul[@class='carriers']/li")) for item in items] == [80, 1], "grouped by equal text"
    (both,) = story.find_class("beside-origin")
    assert "many" not in both.get("class").split(), "the origin's text scrolls by itself beside many texts alone"
    index.close()


def test_an_empty_answer_leads_on(get):
    page = get("search.html?" + urlencode({"q": "الهدنة زرافة", "outlet": "alaraby"}))[2].decode()
    assert "ابحث عنها في الأرشيف كله" in page
    assert re.search(r">الهدنة</a> <small>", page)
    said = get("search.html?" + urlencode({"q": "الهدنة", "since": "٢٠-١١-٢٠٢٦", "until": "30/11/2026"}))[2].decode()
    facets = lxml.html.document_fromstring(said).xpath("//section[@aria-labelledby='f-outlet']//li")
    assert {" ".join(each.text_content().split()) for each in facets} == {"الجزيرة نت 1", "العربي الجديد 1"}


def test_a_number_that_is_no_file_name_has_a_page_of_another_name(get):
    path = article_path(ODD)
    assert re.fullmatch(r"articles/aljazeera/[0-9a-f]{16}\.html", path)
    status, _, body = get(path)
    page = body.decode()
    assert (status, "رقم غريب" in page) == (200, True)
    assert "هدنة قريبة" in page, "what the line says it contains is related"


def test_a_name_with_a_vowel_sign_is_one_word_in_its_address(get):
    found = json.loads(get("api/topics?kind=place&limit=200")[2])["topics"]
    assert "عمان" in {each["slug"] for each in found}
    assert all(get(f"tags/{each['slug']}.html")[0] == 200 for each in found)


def test_a_story_says_who_was_early_and_who_is_its_origin(tmp_path):
    early = article(1, "alaraby", hours=0, story=Story(id="alaraby:1", role="copy", origin="aljazeera:2", overlap=0.4))
    origin = article(2, hours=3, story=Story(id="alaraby:1", role="first", origin="aljazeera:2", overlap=1.0))
    archive, index = shelf(tmp_path, [early, origin])
    _, _, body = Client(Pages(index, archive, Looks(Wording(), live=True)))("stories/alaraby.1.html")
    said = body.decode()
    assert (
        "أول من نشرها في هذا الأرشيف العربي الجديد، الجمعة ٢٠ نوفمبر ٢٠٢٦، ٠٨:٠٠؛ وأول من نشر معظمها الجزيرة نت" in said
    )
    assert "قبل الأصل بـ٣ ساعات" in said
    assert '<p class="kicker">بعد' not in said
    index.close()


def test_an_etag_spares_the_body(get):
    _, headers, body = get("index.html")
    status, again, nothing = get("index.html", if_none_match=f'"x", W/{headers["ETag"]}')
    assert (status, again["ETag"], nothing) == (304, headers["ETag"], b"")
    assert "Content-Type" not in again
    assert "Content-Length" not in again
    assert get("index.html", if_none_match="*")[0] == 304
    assert get("index.html", if_none_match='"other"')[2] == body
    missing = get("outlets/x.html")[1]["ETag"]
    assert get("outlets/x.html", if_none_match=missing)[0] == 404
    assert get("index.html", "HEAD")[2] == b""
    assert get("index.html", "HEAD")[1]["Content-Length"] == str(len(body))


def test_a_page_is_packed_for_those_who_take_that(get):
    _, plain, body = get("index.html")
    status, headers, packed = get("index.html", accept_encoding="br;q=1.0, gzip")
    assert (status, headers["Content-Encoding"], gzip.decompress(packed)) == (200, "gzip", body)
    assert (headers["Content-Length"], headers["Vary"], plain["Vary"]) == (str(len(packed)), *["Accept-Encoding"] * 2)
    assert headers["ETag"] != plain["ETag"]
    assert get("index.html", accept_encoding="gzip", if_none_match=headers["ETag"])[0] == 304
    assert "Content-Encoding" not in get("index.html", accept_encoding="gzip;q=0")[1]
    assert "Content-Encoding" not in get("static/icon-192.png", accept_encoding="gzip")[1]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_written(get, method):
    status, headers, _ = get("index.html", method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


PLACES = """tags/{}.html tags/{}.2.html tags/{}.rss days/{}.html days/2026-11-20.{}.html outlets/{}.html outlets/aljazeera.{}.html
sections/{}.html stories.{}.html stories/{}.html letters/{}.html articles/aljazeera/{}.html replay/{}/1.html newsroom/{} static/{} {}
api/articles/{} api/topics/{} api/articles?page={} api/articles?since={} api/search?q=x&until={} search.html?q={} search.html?q=x&page={}
search.html?q=x&since={} search.rss?q={}&order={}"""
STRANGE = [
    *("", "0", "-1", "9" * 30, "٣", "\0", "%", "..", "../..", "\\", "//", "a" * 900),
    *("\u202e", "\r\nX: y", "😀", "<script>", "'\"--", "9999-12-31", "0001-01-01", "2026-02-29"),
]


def test_odd_addresses_are_answered_and_none_fails(get, caplog):
    statuses = set()
    for place in PLACES.split():
        for odd in STRANGE:
            path = place.format(*[quote(odd) if "?" in place else odd.replace("?", "")] * place.count("{}"))
            status, headers, body = get(path)
            statuses.add(status)
            assert status in {200, 400, 404}, path
            if status > 200:
                assert ("html" in headers["Content-Type"] and b'lang="ar"' in body) or json.loads(body)["error"], path
    assert statuses == {200, 400, 404}
    assert not caplog.records, "nothing that nobody foresaw"


@pytest.mark.parametrize(
    "path",
    [
        "articles/aljazeera/999.html",
        "tags/لا-أحد.html",
        "stories/x.1.html",
        "outlets/x.html",
        "outlets/alaraby.2.html",
        "sections/لا-شيء.html",
        "days/2026-02-31.html",
        "days/1999-01-01.html",
        "days/9999-12-31.html",
        "letters/ژ.html",
        "stories.7.html",
        "static/../looks.py",
        "static/%2e%2e/looks.py",
        "newsroom/x.svg",
        "api/articles/x:1",
        "api/nothing",
        "../etc/passwd",
        "/index.html",
        "tags/رستم-عمروف.9.html",
    ],
)
def test_what_is_not_there_is_said(get, path):
    assert get(path)[0] == 404


def test_the_page_that_says_so_leads_back_from_wherever_it_stands(get):
    _, _, body = get("articles/aljazeera/999.html")
    page = lxml.html.document_fromstring(body)
    for link in page.xpath("//link/@href | //a[not(starts-with(@href, '#'))]/@href | //form/@action"):
        path = urljoin("/articles/aljazeera/999.html", link)
        assert get(path.removeprefix("/"))[0] == 200, link
    assert len(get("/" * 5000)[2]) < 2 * len(body)


@pytest.mark.parametrize("stem", ["feed", "tags/رستم-عمروف", "outlets/alaraby", "search"])
def test_feeds(get, stem):
    asked = "?" + urlencode({"q": "الهدنة"}) if stem == "search" else ""
    status, headers, body = get(f"{stem}.rss{asked}")
    channel = lxml.etree.fromstring(body).find("channel")
    items = channel.findall("item")
    assert (status, headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
    assert items
    assert items[0].findtext("link").startswith("https://news.example/articles/")
    feed = json.loads(get(f"{stem}.json{asked}")[2])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in feed["items"]] == [item.findtext("guid") for item in items]
    assert all(item["content_text"] and item["date_published"].endswith("Z") for item in feed["items"])


def test_the_feed_that_a_search_offers_has_the_newest_first(get):
    _, _, body = get("search.html?" + urlencode({"q": "الهدنة", "order": "best"}))
    links = lxml.html.document_fromstring(body).xpath("//*[@id='found']//*[@class='feeds']/a/@href")
    assert [(link.partition("?")[0], "order=newest" in link) for link in links] == [
        ("search.rss", True),
        ("search.json", True),
    ]
    assert all(get(link)[0] == 200 for link in links)


def test_the_api_says_what_the_pages_say(get):
    def ask(path):
        status, headers, body = get(f"api/{path}")
        assert (status, headers["Access-Control-Allow-Origin"]) == (200, "*")
        assert rb"\u0" not in body
        return json.loads(body)

    found = ask("articles?" + urlencode({"tag": "عمروف", "outlet": "alaraby"}))["articles"]
    assert [each["id"] for each in found] == ["alaraby:51", "alaraby:3"] or found[0]["id"] == "alaraby:3"
    one = ask("articles/alaraby:51")
    assert one["article"]["id"] == "alaraby:51"
    assert one["article"]["tags"] == []
    assert [each["id"] for each in one["story"]] == ["alaraby:51", "aljazeera:50"]
    assert {topic["name"] for topic in one["topics"]} <= {"رستم عمروف"}
    assert ask("topics/عمروف")["name"] == "رستم عمروف"
    assert ask("topics?kind=person")["topics"][0]["name"] == "رستم عمروف"
    assert [each["id"] for each in ask("stories/aljazeera:50")["articles"]] == ["aljazeera:50", "alaraby:51"]
    assert ask("search?" + urlencode({"q": "الهدنه"}))["total"] == 2
    assert {row["outlet"] for row in ask("outlets")["outlets"]} >= {"alaraby", "albawaba"}


def test_the_feed_of_a_search_has_a_story_once_as_its_page_does(get):
    items = json.loads(get("search.json?" + urlencode({"q": "الهدنة قريبة", "order": "newest"}))[2])["items"]
    assert "aljazeera:50" in (ids := [item["id"] for item in items])
    assert "alaraby:51" not in ids, "which is a copy"


def test_no_text_is_read_for_a_search_that_a_program_asks(get, monkeypatch):
    monkeypatch.setattr(
        "archive.site.search.newest_of", lambda *_: pytest.fail("what it answers says nothing of texts")
    )
    assert json.loads(get("api/search?" + urlencode({"q": "الهدنة", "facets": "true"}))[2])["total"] > 1


def test_of_every_name_api_feed_and_command_line_say_what_its_page_does(site, get, capsys):
    """Each article that names somebody stands on the page (there under one of its story), in the API, in the feed and the command line."""
    pages, folder = site
    place = ["--archive", (folder / "collection").as_uri(), "--index", str(pages.index.path), "--json"]

    def told(*command):
        assert main([*command, *place]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def ids_of(name, about):
        asked = urlencode({"tag": name, "limit": "100"} | ({"about": "true"} if about else {}))
        return {each["id"] for each in json.loads(get(f"api/articles?{asked}")[2])["articles"]}

    topics = json.loads(get("api/topics?limit=100")[2])
    assert topics["total"] == len(topics["topics"]) > 10
    counts = {line["topic"]: line["articles"] for line in told("count", "--by", "topic")}
    assert counts == {topic["name"]: topic["many"] for topic in topics["topics"]}
    for topic in topics["topics"]:
        name = topic["name"]
        listed = ids_of(name, about=False)
        assert len(listed) == topic["many"]
        assert {line["id"] for line in told("articles", "--topic", name)} == listed
        assert {line["id"] for line in told("articles", "--topic", name, "--about")} == ids_of(name, about=True)
        tree = lxml.html.document_fromstring(get(f"tags/{topic['slug']}.html")[2])
        heads, linked = (
            {unquote(urljoin("https://news.example/tags/", link)) for link in tree.xpath(f"//article{within}//a/@href")}
            for within in ("/h2", "")
        )
        paths = {f"https://news.example/{article_path(each)}" for each in listed}
        assert {link for link in linked if "/articles/" in link} == {unquote(path) for path in paths}
        feed = json.loads(get(f"tags/{topic['slug']}.json")[2])
        assert {unquote(item["url"]) for item in feed["items"]} == heads


EXAMPLES = {
    "q": "الهدنه",
    "outlet": "alaraby",
    "tag": "عمروف",
    "agency": "afp",
    "since": "2026-11-01",
    "until": "2026-12",
}
EXAMPLES |= {
    "about": "true",
    "facets": "true",
    "limit": "3",
    "page": "1",
    "kind": "person",
    "sort": "oldest",
    "order": "newest",
}
OF_PATH = {"/api/articles/{id}": "alaraby:51", "/api/topics/{name}": "عمروف", "/api/stories/{id}": "aljazeera:50"}


def test_the_api_is_as_its_description_says(get):
    described = json.loads(get("api")[2])
    assert described == json.loads(get("api/openapi.json")[2])
    assert described["openapi"].startswith("3.1")
    documented = (ROOT / "docs" / "site.md").read_text(encoding="utf-8")
    for path, methods in described["paths"].items():
        operation = methods["get"]
        asked = {each["name"]: EXAMPLES[each["name"]] for each in operation["parameters"] if each["in"] == "query"}
        row = f"- `{path}`{' `' + ', '.join(asked) + '`' if asked else ''}: "
        assert row in documented, row
        address = re.sub(r"{\w+}", OF_PATH.get(path, ""), path).removeprefix("/")
        for query in ({}, asked, *({name: value} for name, value in asked.items())):
            status, _, body = get(f"{address}?{urlencode(query)}")
            assert status == 200, (path, query, body)
            assert set(operation["responses"]["200"]["content"]["application/json"]["schema"]["required"]) <= set(
                json.loads(body)
            )
        for each in operation["parameters"]:
            if "minimum" in each["schema"] or "enum" in each["schema"]:
                assert get(f"{address}?{each['name']}=-1")[0] == 400, each
            if each["in"] == "path":
                assert get(f"{address}x")[0] == 404


def test_the_api_sorts_and_counts(get):
    found = json.loads(get("api/articles?sort=oldest&facets=true&outlet=alaraby")[2])
    moments = [each["at"] for each in found["articles"]]
    assert moments == sorted(moments)
    assert found["facets"]["outlet"] == [{"value": "alaraby", "many": len(moments)}]
    assert found["facets"]["agency"] == [{"value": "afp", "many": 1}]


def test_what_search_engines_ask_for(get):
    robots = get("robots.txt")[2].decode()
    assert "Sitemap: https://news.example/sitemap.xml" in robots
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    maps = [each.text for each in lxml.etree.fromstring(get("sitemap.xml")[2]).iter(f"{space}loc")]
    listed = set()
    for address in maps:
        status, headers, body = get(address.removeprefix("https://news.example/"))
        assert (status, headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
        listed |= {each.text for each in lxml.etree.fromstring(body).iter(f"{space}loc")}
    assert {"https://news.example/articles/aljazeera/50.html", "https://news.example/days/2026-11-20.html"} <= listed
    assert {get(unquote(address.removeprefix("https://news.example/")))[0] for address in listed} == {200}
    assert b"<news:title>" in get("sitemap-news.xml")[2]
    assert b"https://news.example/search.html?q={searchTerms}" in get("opensearch.xml")[2]
    manifest = json.loads(get("manifest.webmanifest")[2])
    assert {get(icon["src"])[0] for icon in manifest["icons"]} == {200}
    assert get("favicon.ico")[1]["Content-Type"] == "image/vnd.microsoft.icon"
    page = lxml.html.document_fromstring(get("articles/aljazeera/50.html")[2])
    assert page.xpath("//link[@rel='canonical']/@href") == ["https://news.example/articles/aljazeera/50.html"]
    described = json.loads(page.xpath("string(//script[@type='application/ld+json'])"))
    assert (described["@type"], described["headline"]) == ("NewsArticle", "هدنة قريبة")
    assert page.xpath("//meta[@property='og:title']/@content")[0].startswith("هدنة قريبة")


def test_without_an_address_nothing_points_into_the_void(site):
    pages, _ = site
    get = Client(Pages(pages.index, pages.archive, replace(pages.looks, address="")))
    assert get("sitemap.xml")[0] == 404
    assert b"Sitemap" not in get("robots.txt")[2]
    for path in ("feed.rss", "tags/عمروف.rss"):
        links = lxml.etree.fromstring(get(path)[2]).findall("channel/link")
        assert get(unquote(urljoin(f"/{path}", links[0].text)).removeprefix("/"))[0] == 200


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        (
            "api/articles?since=gestern",
            "'gestern' is no date; write 2026-11-23, 2026-11, yesterday, 7d or 2026-11-23T10:00:00Z",
        ),
        ("api/articles?limit=0", "limit is a number from 1 to 200"),
        ("api/search?q=x&page=x", "page is a number from 1 to 10000"),
        ("api/search?q=" + "x" * 3000, "the query is longer than 2000 characters"),
        ("api/search?q=x&order=oldest", "order is one of best, newest, not 'oldest'"),
        ("api/topics?kind=animal", "kind is one of person, organisation, place, tag, not 'animal'"),
        ("api/articles?agency=%25", "there is no agency '%'; codes are such as afp"),
        ("api/search?q=x&agency=nobody", "there is no agency 'nobody'; codes are such as afp"),
        ("api/articles?tag=xyz", "there is no tag 'xyz'"),
    ],
)
def test_a_wrong_argument_is_said_in_one_sentence(get, path, sentence):
    status, _, body = get(path)
    assert (status, json.loads(body)) == (400, {"error": sentence})


def test_people_have_a_page_for_what_cannot_be_asked_or_made(get, monkeypatch, caplog):
    status, _, body = get("search.html?q=" + "x" * 3000)
    assert (status, "لم يُفهم هذا الطلب" in body.decode()) == (400, True)
    assert "longer than" not in body.decode(), "English is for programs"
    assert get("x" * 9 + "?" + "&".join(f"a{n}=1" for n in range(99)))[0] == 400
    monkeypatch.setattr(Pages, "days", lambda _: 1 / 0)
    status, headers, body = get("days.html")
    assert (status, "تعذر صنع هذه الصفحة" in body.decode()) == (500, True)
    assert "max-age=0" in headers["Cache-Control"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("path", ["api/articles?outlet=alarabi", "api/search?q=x&outlet=alarabi"])
def test_an_outlet_that_the_archive_has_not_is_said_with_those_that_it_has(get, path):
    status, _, body = get(path)
    assert status == 400
    assert json.loads(body)["error"].startswith("outlet is one of alaraby, ")


def test_what_is_known_and_has_nothing_is_no_error(get):
    assert json.loads(get("api/articles?agency=xinhua")[2])["articles"] == []
    assert json.loads(get("api/search?q=x&agency=&outlet=&order=")[2])["articles"] == []


def test_a_wrong_date_on_the_search_page_is_said_to_the_reader(get):
    status, _, body = get("search.html?q=x&since=gestern&page=abc")
    assert status == 200
    assert "لم يُفهم التاريخ. يُكتب اليوم مثل" in body.decode()


def test_a_story_says_its_day_where_the_page_does_not(get):
    day, clock = "[٠-٩]{2}-[٠-٩]{2}-[٠-٩]{4}، ", "[٠-٩]{2}:[٠-٩]{2}<"
    told = re.findall(f"أولا، ({day})?({clock})", get("stories.html")[2].decode())
    assert told
    assert all(date for date, _ in told)
    front = get("")[2].decode()
    assert re.search(f"أولا، {clock}", front), "today needs no date"
    assert "٪ من النص<" in front


def test_a_day_lists_its_articles_by_the_hour(get):
    page = lxml.html.document_fromstring(get("days/2026-11-20.html")[2])
    times = page.xpath("//section[@aria-labelledby='all-h']//article//time")
    assert len(times) > 2
    assert all(re.fullmatch("[٠-٩]{2}:[٠-٩]{2}", time.text) for time in times)
    assert not any(time.get("data-ago") for time in times), "they do not grow older"


def test_of_an_article_whose_day_alone_is_known_no_page_makes_up_an_hour(tmp_path):
    midnight = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Dubai"))
    story = Story(id="alaraby:1", role="first", origin="alaraby:1", overlap=1.0)
    by_day = {"published": midnight, "zone": "Asia/Dubai", "flags": ["date-without-time"], "captured": START}
    articles = [article(1, "alaraby", story=story, **by_day), article(2, hours=3, story=replace(story, role="copy"))]
    archive, index = shelf(tmp_path, articles)
    client = Client(Pages(index, archive, Looks(Wording(clock=lambda: START), live=True)))
    for path in ("index.html", "days/2026-11-19.html", "outlets/alaraby.html", "stories/alaraby.1.html"):
        body = client(path)[2].decode()
        assert "٢٠-١١-٢٠٢٦" in body or path.startswith("days/"), path
        assert not re.search("٢٠:٠٠|٠٠:٠٠|منذ 12 ساعة|بعد 15 ساعة|بعد ١٥ ساعة", body), path
    index.close()


def test_what_stands_under_a_tag_is_the_same_kept_or_forgotten(tmp_path):
    odd = {"headline": "هدنة <b>", "text": "نص & <i> 😀 هدنة"}
    _, index = shelf(tmp_path, [article(n, tags=["هدنة"], hours=n, **odd) for n in range(9)])
    entry = entry_of(index.reader, "هدنة")
    few, fresh = Pages(index, None, Looks(), bodies=3), Pages(index, None, Looks())
    first = few.tag(entry)
    assert first == few.tag(entry) == fresh.tag(entry)
    assert len(few._bodies(index.generation)) == 3
    assert first.count('<details class="text">') == 9
    index.close()


def test_an_outlet_s_calendar_begins_with_its_first_week(tmp_path):
    _, index = shelf(tmp_path, [article(n, hours=30 * n) for n in range(8)])
    weeks = outlet_figures(index.reader, "aljazeera").weeks
    assert 1 < len(weeks) < 4
    assert any(day.many for day in weeks[0])
    index.close()


def test_names_in_latin_letters_stand_behind_the_arabic_ones(tmp_path):
    tags = ["رستم عمروف", "Zain", "وزارة"]
    _, index = shelf(tmp_path, [article(n, tags=tags, hours=n) for n in range(3)])
    found = list(letters(index.reader))
    assert found == sorted(found, key=str.isascii)
    assert found[-1] == "z"
    index.close()


def test_who_is_late_is_reckoned_from_whoever_was_earliest(tmp_path):
    story = {"id": "alaraby:1", "origin": "aljazeera:2"}
    runs = [
        article(1, "alaraby", hours=0, story=Story(role="copy", overlap=0.4, **story)),
        article(2, hours=3, story=Story(role="first", overlap=1.0, **story)),
        article(3, "albawaba", hours=5, story=Story(role="copy", overlap=0.9, **story)),
        article(4, hours=6, story=Story(role="copy", overlap=0.9, **story)),
    ]
    _, index = shelf(tmp_path, runs)
    tables = {table.name: table.rows for table in newsroom(index.reader)}
    assert tables["matrix"] == [["alaraby", 0, 1, 2], ["albawaba", 0, 0, 0], ["aljazeera", 0, 0, 0]]
    assert tables["lags"] == [["albawaba", 1, 5.0, 5.0, 5.0, 5.0], ["aljazeera", 2, 3.75, 4.5, 5.25, 6.0]]
    figures = {name: outlet_figures(index.reader, name) for name in ("alaraby", "aljazeera")}
    assert [(each.firsts, each.copies, each.lag) for each in figures.values()] == [(1, 0, None), (0, 2, 16200)]
    index.close()


def test_figures_are_pictures_and_tables(get):
    assert get("newsroom/hours.csv")[2].decode().splitlines()[0].startswith("hour,alaraby,albawaba")
    light, dark = get("newsroom/hours.svg"), get("newsroom/hours.dark.svg")
    assert lxml.etree.fromstring(light[2]).tag.endswith("svg")
    assert light[2] != dark[2]
    words = [text.text for text in lxml.etree.fromstring(light[2]).iter("{*}text")]
    assert {"العربي", "الجزيرة"} <= {*words}, "outlets by their Arabic names"


def test_a_picture_runs_from_the_right_and_passes_no_hundred_percent():
    names = ["aljazeera", "nobody"]
    shares = Table("agencies", "حصة", "", ["outlet", "afp", "reuters"], [[names[0], 140.0, 20.0], [names[1], 0.0, 0.0]])
    figure = figure_of(shares, Wording())
    words = {mark.text: mark for mark in figure.marks if mark.text}
    assert "فرانس برس 100٪" in words
    assert "nobody" not in words, "who names no agency has no row"
    hours = Table("hours", "ساعات", "", ["hour", *names], [[hour, hour, 0] for hour in range(24)])
    bars = [mark for mark in figure_of(hours, Wording()).marks if mark.width and mark.colour == "b-aljazeera"]
    assert [bar.x for bar in bars] == sorted((bar.x for bar in bars), reverse=True), (
        "the first hour stands at the right"
    )
    assert all(bar.x >= 0 and bar.x + bar.width <= 240 for bar in bars)


def test_a_number_on_a_square_is_told_from_its_colour():
    rows = [["alaraby", 0, 80, 60], ["albawaba", 20, 0, 45], ["aljazeera", 61, 1, 0]]
    figure = figure_of(Table("matrix", "", "", ["first", *(row[0] for row in rows)], rows), Wording())
    inks = {mark.text: mark.colour for mark in figure.marks if mark.anchor == "middle" and mark.colour != "tick"}
    light, dark = {"20", "1", "60", "45"}, {"80", "61"}
    assert inks == dict.fromkeys(light, "label t12") | dict.fromkeys(dark, "on t12"), "light ink on the darkest alone"


@pytest.mark.parametrize(
    ("outlets", "most", "letter"), [(5, 80, 12), (12, 99, 12), (12, 345, 10), (14, 345, 8), (9, 2345, 10)]
)
def test_the_longest_number_stands_in_its_square(outlets, most, letter):
    names = [f"o{number}" for number in range(outlets)]
    rows = [[name, *(most // (1 + place) for place in range(outlets))] for name in names]
    figure = figure_of(Table("matrix", "", "", ["first", *names], rows), Wording())
    numbers = [mark for mark in figure.marks if mark.anchor == "middle" and mark.colour != "tick"]
    assert len(numbers) == outlets * sum(value > 0 for value in rows[0][1:]), "none is left out"
    assert {mark.colour.split()[1] for mark in numbers} == {f"t{letter}"}, "all of one size"
    (square,) = {mark.width for mark in figure.marks if mark.width}
    assert 0.6 * letter * len(f"{most}") <= square


def test_the_newsroom_names_outlets_and_columns_in_arabic(get):
    page = lxml.html.document_fromstring(get("newsroom.html")[2])
    for table in page.xpath("//table[contains(@class, 'numbers')]"):
        for heading in table.xpath(".//th[@scope='col'] | .//th[@scope='row'][not(bdi)]"):
            assert not re.search("[A-Za-z]", heading.text_content()), heading.text_content()
    assert "aljazeera" in get("newsroom/matrix.csv")[2].decode(), "the file has the codes"


@pytest.mark.parametrize(("zone", "words"), [("Asia/Riyadh", "بتوقيت الرياض"), ("America/Lima", "بتوقيت America/Lima")])
def test_the_foot_says_whose_time_it_is(site, zone, words):
    pages, _ = site
    looks = replace(pages.looks, wording=replace(pages.looks.wording, zone=ZoneInfo(zone)))
    page = lxml.html.document_fromstring(Pages(pages.index, None, looks).error(status=404))
    assert f"الأوقات {words}." in page.find_class("foot")[0].text_content()


def test_an_article_says_its_age_and_its_date_in_digits_of_one_kind(get):
    page = lxml.html.document_fromstring(get("articles/aljazeera/1.html")[2])
    (line,) = page.xpath("//header/p[@class='meta']")
    assert page.xpath("//header//span[@class='age']/time")
    assert not re.search("[0-9]", line.text_content()), line.text_content()


@pytest.mark.parametrize("rows", [[], [["aljazeera", 0, 0, 0, 0]]])
def test_where_nothing_was_counted_a_sentence_stands_for_the_picture(rows):
    assert (
        figure_of(Table("edits", "", "", ["outlet", "articles", "edited", "silent", "headline"], rows), Wording())
        is None
    )


def test_an_answer_is_kept_a_minute_and_no_longer_than_the_archive_stays(site):
    pages, folder = site
    now = [0.0]
    get = Client(pages, clock=lambda: now[0])
    first = get("index.html")[2]
    publish(pages.archive.store.uri, folder, [article(90, "albawaba", headline="خبر جديد تماما", hours=60)], crawl="c3")
    assert get("index.html")[2] == first
    pages.index.catch_up(type(pages.archive)(pages.archive.store))
    assert "خبر جديد تماما" in get("index.html")[2].decode()
    now[0] = 61
    assert get("index.html")[0] == 200


def test_the_first_pages_are_made_before_anybody_asks(site, monkeypatch):
    pages, _ = site
    made = []
    kinds = {"home", "newsroom", "search", "tags", "tag", "article", "outlet"}
    for name in kinds:
        make = getattr(Pages, name)
        monkeypatch.setattr(Pages, name, lambda self, *args, n=name, m=make: made.append(n) or m(self, *args))
    with Server(pages, follow_seconds=0) as server:
        assert {*made} == kinds
        assert urlopen(server.url, timeout=30).status == 200
    assert made.count("home") == 1


def test_who_follows_gives_memory_back_each_time_news_or_none(monkeypatch):
    given = threading.Event()
    monkeypatch.setattr(app, "give_memory_back", given.set)

    class Idle:
        def __call__(self):
            return 0

        def end(self):
            pass

    follower = Follower(Idle(), 0.01)
    follower.start()
    assert given.wait(30)
    follower.stop()


def test_what_keeps_the_site_from_the_news_does_not_end_its_following(caplog):
    faults = [
        StoreUnavailable("gone"),
        sqlite3.OperationalError("database is locked"),
        ValueError("a broken tombstone"),
    ]
    done = threading.Event()

    class Stuck:
        def __call__(self):
            if faults:
                raise faults.pop(0)
            done.set()

        def end(self):
            """There is no process to end."""

    follower = Follower(Stuck(), 0.01)
    follower.start()
    assert done.wait(60)
    follower.stop()
    told = [record.getMessage() for record in caplog.records]
    for fault in ("gone", "database is locked", "a broken tombstone"):
        assert f"the archive could not be followed: {fault}" in told


@pytest.fixture
def behind(tmp_path):
    archive, index = shelf(tmp_path, [article(1)])
    publish(archive.store.uri, tmp_path, [article(2, text="نص فيه كلمة غريبة")], crawl="c2")
    yield index, open_archive(archive.store.uri)
    index.close()


def test_a_server_learns_in_a_process_of_its_own_and_says_once_where_that_died(behind, tmp_path, monkeypatch, caplog):
    index, archive = behind
    tried = f"import os, pathlib; tried = pathlib.Path({str(tmp_path / 'tried')!r})"
    monkeypatch.setattr(
        app, "_CHILD", f"{tried}\nif not tried.exists(): tried.touch(); os.kill(os.getpid(), 9)\n{app._CHILD}"
    )
    text._folded_once.cache_clear()
    follower = Follower(Learner(index, archive), 0.01)
    follower.start()
    while index.generation < 2 or follower.failures:
        time.sleep(0.01)
    follower.stop()
    assert text._folded_once.cache_info().currsize == 0
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["the archive could not be followed: the process that learns what is new ended with code -9"]
    assert (follower.failures, Learner(index, archive)()) == (0, 0)


@pytest.mark.parametrize(
    ("kinds", "raised"),
    [(["OperationalError", "DatabaseError"], sqlite3.DatabaseError), (["NotAsPublished", "StoreError"], NotAsPublished),
     (["KeyError", "LookupError"], StoreUnavailable)],
)  # fmt: skip
def test_what_the_process_that_learns_raised_is_raised_again(behind, monkeypatch, kinds, raised):
    monkeypatch.setattr(app, "_CHILD", f"print({json.dumps([0, kinds, 'broken so'])!r})")
    with pytest.raises(raised, match=r"^broken so$") as caught:
        Learner(*behind)()
    assert type(caught.value) is raised


def test_a_server_that_ends_waits_for_nothing_that_it_was_learning(behind, monkeypatch, caplog):
    index, archive = behind
    monkeypatch.setattr(app, "_CHILD", "import time; time.sleep(600)")
    follower = Follower(learner := Learner(index, archive), 0.01)
    follower.start()
    while learner._child is None:
        time.sleep(0.01)
    follower.stop()
    assert (learner._child.returncode, index.generation, caplog.messages) == (-9, 1, [])


def test_what_filters_hide_is_read_where_they_are_known(behind, monkeypatch):
    index, archive = behind
    monkeypatch.setattr(app, "_CHILD", "raise SystemExit('the filters are not known here')")

    class Hidden(ReadFilter):
        def hides(self, line):
            return line.id == "aljazeera:2"

    assert Learner(index, Archive(archive.store, [Hidden()]))() == 0
    assert index.generation == 2


def test_the_health_of_a_server_is_told_and_never_kept(site):
    pages, _ = site
    with Server(pages, follow_seconds=3600) as server:
        address = f"{server.url}healthz"
        with urlopen(address, timeout=60) as answer:
            assert json.loads(answer.read()) == {"well": True, "failures": 0, "generation": pages.index.generation}
            assert "max-age=0" in answer.headers["Cache-Control"]
        server._follower.failures = 3
        with pytest.raises(HTTPError) as sick:
            urlopen(address, timeout=60)
        with sick.value as answer:
            assert (answer.code, json.loads(answer.read())["well"]) == (503, False)


def test_a_server_that_ends_leaves_no_thread_and_breaks_none(site):
    pages, _ = site
    for _ in range(10):
        with contextlib.ExitStack() as connections:
            with Server(pages, follow_seconds=0) as server:
                for _ in range(5):
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                    connections.callback(connection.close)
                    connection.request("GET", "/index.html")
                    assert connection.getresponse().read()
                connection.request("GET", "/index.html")  # not answered yet
            assert "serve" not in {thread.name for thread in threading.enumerate()}
            with pytest.raises(OSError, match="refused"):
                urlopen(server.url, timeout=30)


def test_connections_on_which_nothing_is_said_shut_nobody_out(site):
    with Server(site[0], follow_seconds=0, idle_seconds=1, connections=20) as server, contextlib.ExitStack() as idle:
        for number in range(60):
            held = idle.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
            if number % 2:
                held.sendall(b"GET /index.html HTTP/1.1\r\n")  # and never the rest
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        idle.callback(connection.close)
        connection.request("GET", "/index.html")
        assert connection.getresponse().status == 200


@pytest.mark.parametrize("dribbled", [b"GET /index.html HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 2_000, b"\r\n" * 1_000])
def test_a_request_that_comes_byte_by_byte_is_as_an_idle_connection(site, dribbled):
    with Server(site[0], follow_seconds=0, idle_seconds=1) as server:
        slow = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        quick = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        with slow, contextlib.closing(quick):
            for number in range(1_200):  # a minute; each byte comes long before a connection counts as idle
                if not _is_sent(slow, dribbled[number : number + 1]):
                    break
                if number % 10 == 0:
                    quick.request("GET", "/index.html")  # who asks whole requests keeps the connection
                    assert quick.getresponse().read()
            else:
                pytest.fail("the connection was held for a minute")


def _is_sent(connection, body):
    """Send, and say whether the other side still listens."""
    try:
        connection.sendall(body)
        return not select.select([connection], [], [], 0.05)[0] or bool(connection.recv(1))
    except OSError:
        return False


def test_a_store_that_is_away_is_503_and_nobody_keeps_that(get, monkeypatch, caplog):
    find, away = Routes.find, [True]

    def finding(self, path, asked):
        if away[0]:
            raise StoreUnavailable("the bucket is away")
        return find(self, path, asked)

    monkeypatch.setattr(Routes, "find", finding)
    status, headers, body = get("articles/aljazeera/50.html")
    assert status == 503
    assert "الأرشيف لا يجيب الآن" in body.decode()
    assert json.loads(get("feed.rss")[2]) == {"error": "the archive does not answer now"}, (
        "a program is told in a sentence"
    )
    assert "max-age=0" in headers["Cache-Control"]
    assert "the bucket is away" in caplog.text
    away[0] = False
    assert get("articles/aljazeera/50.html")[0] == 200
