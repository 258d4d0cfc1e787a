"""An article keeps its id when its address changes: the outlet's own number where the page states one, else the first address."""

import json
from urllib.parse import quote, unquote

import pytest

from crawlers.reextract import spider_of
from tests.crawling import lines_of, run
from tests.little_outlet import HOST, MAP, LittleOutlet, events, page, path, sitemap
from tests.replica.wire.message import Response, html, redirect, xml

FIRST, SECOND, THIRD = path("harbour-opens"), path("harbour-opened"), path("harbour")
OTHER = path("other")
HEADLINE = "افتتاح الميناء الجديد على الساحل الشرقي"


def numbered(slug, number, *lines, headline=HEADLINE):
    short = f'<link rel="shortlink" href="https://aja.ws/{slug}"/>'
    return page(slug, headline, *lines, head=f'<meta name="postID" content="{number}">{short}')


LINES = [
    f"قال مدير الميناء في تقريره رقم {n} إن السفن الكبيرة ستدخل من القناة الجديدة قبل نهاية العام." for n in range(5)
]
MORE = "وأضاف أن المرحلة الثانية تبدأ في الربيع بعد أن تنتهي فرق الصيانة من تعميق المدخل الشمالي."
AGES = ("-s", "RELOOK_AGES=1 h,6 h")


class Told:
    """Three crawls: the first address; a new one without a word; then the second leads to a third."""

    def __init__(self, folder):
        with LittleOutlet() as outlet:
            outlet.pages = {
                FIRST: numbered("harbour-opens", 9578001, *LINES),
                OTHER: numbered("other", 9578002, *reversed(LINES), headline="خبر آخر عن السفن في البحر"),
                MAP: sitemap("harbour-opens", "other"),
            }
            codes = [outlet.crawl(folder, "-a", "since=2026-05-19", at="2026-05-20T10:00:00+00:00").returncode]
            outlet.pages |= {
                SECOND: numbered("harbour-opened", 9578001, *LINES, MORE),
                MAP: sitemap("harbour-opened", "harbour-opens", "other"),
            }
            codes.append(
                outlet.crawl(
                    folder, "-a", "since=2026-05-19", "-s", "RELOOK_AGES=", at="2026-05-20T10:30:00+00:00"
                ).returncode
            )
            outlet.pages |= {
                SECOND: redirect(THIRD, 301),
                THIRD: numbered("harbour", 9578001, *LINES, MORE),
            }
            codes.append(outlet.crawl(folder, *AGES, at="2026-05-20T16:00:00+00:00").returncode)
            self.environment = {
                **outlet.env,
                "ARCHIVE_URI": str(folder / "collection"),
                "SPOOL_DIR": str(folder / "spool"),
            }
        self.codes, self.folder, self.lines = codes, folder, lines_of(folder / "collection")


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return Told(tmp_path_factory.mktemp("number"))


def test_the_number_that_the_page_states_is_the_id(told):
    assert told.codes == [0, 0, 0]
    assert {line["id"] for line in told.lines} == {"aljazeera:9578001", "aljazeera:9578002"}
    versions = [line for line in told.lines if line["id"] == "aljazeera:9578001"]
    assert [(line["version"], line["canonical_url"].rpartition("/")[2]) for line in versions] == [
        (1, "harbour-opens"),
        (2, "harbour-opened"),
        (3, "harbour"),
    ]
    assert ["moved" in line["flags"] for line in versions] == [False, True, True]
    assert len({line["story"]["id"] for line in versions}) == 1
    assert versions[1]["changes"]["words_added"] == len(MORE.split())


def test_a_redirect_is_told_as_moved_and_nothing_as_vanished(told):
    (event,) = events(told.folder, "moved")
    assert (event["id"], event["to"]) == ("aljazeera:9578001", f"https://{HOST}{THIRD}")
    assert events(told.folder, "vanished") == []


def test_every_address_finds_the_article(told):
    addresses = [f"https://{HOST}{address}" for address in (FIRST, SECOND, THIRD)]
    for address in (
        *addresses,
        "https://aja.ws/harbour-opens",
        "http://aja.ws/harbour",
    ):  # the short ones nobody asked for
        got = run("archive", "get", address, "--json", **told.environment)
        assert got.returncode == 0, got.stderr
        assert json.loads(got.stdout)["id"] == "aljazeera:9578001"


def test_coverage_counts_it_once_and_verify_is_green(told):
    pages = [event for event in events(told.folder, "page") if event["outcome"] == "kept"]
    assert {event["id"] for event in pages} == {"aljazeera:9578001", "aljazeera:9578002"}
    verified = run("archive", "verify", "--deep", "--chain", **told.environment)
    assert verified.returncode == 0, verified.stdout


def test_what_is_read_again_keeps_its_id(told):
    again = run("scrapy", "reread", "--since", "2020-01-01", "--dry-run", "--jobs", "1", "--json", **told.environment)
    changes = json.loads(again.stdout)
    assert (changes["lines"], changes["gained"], changes["unread"]) == (len(told.lines), 0, 0)


def test_an_archive_of_before_is_read_with_the_ids_that_it_has(told, tmp_path):
    by_address = spider_of(f"https://{HOST}{FIRST}").addresses.classify(f"https://{HOST}{FIRST}").id
    with LittleOutlet() as outlet:
        outlet.pages = {FIRST: page("harbour-opens", HEADLINE, *LINES), MAP: sitemap("harbour-opens")}
        outlet.crawl(tmp_path, "-a", "since=2026-05-19", at="2026-05-20T10:00:00+00:00")
        outlet.pages[FIRST] = numbered("harbour-opens", 9578001, *LINES, MORE)
        outlet.crawl(tmp_path, *AGES, at="2026-05-20T12:00:00+00:00")
    lines = lines_of(tmp_path / "collection")
    assert [(line["id"], line["version"], line["flags"]) for line in lines] == [
        (by_address, 1, []),
        (by_address, 2, []),
    ]


def test_two_addresses_in_one_crawl_are_one_article_and_a_wrong_canonical_loses_none(tmp_path):
    """A page without a number names another's address as its own, rightly and wrongly."""
    named = f'<link rel="canonical" href="https://{HOST}{THIRD}">'
    other = page("other", "خبر آخر عن السفن في البحر", *reversed(LINES), head=named, linked=False)
    with LittleOutlet() as outlet:
        outlet.pages = {
            THIRD: page("harbour", HEADLINE, *LINES, linked=False),
            SECOND: page("harbour-opened", HEADLINE, *LINES, head=named, linked=False),
            OTHER: other,
            MAP: sitemap("harbour", "harbour-opened", "other"),
        }
        assert outlet.crawl(tmp_path, "-a", "since=2026-05-19", at="2026-05-20T10:00:00+00:00").returncode == 0
        outlet.crawl(tmp_path, "-a", "since=2026-05-19", "-s", "RELOOK_AGES=", at="2026-05-20T11:00:00+00:00")
    by_address = {
        path: spider_of(f"https://{HOST}{path}").addresses.classify(f"https://{HOST}{path}").id
        for path in (THIRD, OTHER)
    }
    lines = lines_of(tmp_path / "collection")
    assert sorted((line["id"], line["headline"]) for line in lines) == sorted(
        [(by_address[THIRD], HEADLINE), (by_address[OTHER], "خبر آخر عن السفن في البحر")]
    )


def test_a_number_that_a_template_states_on_every_page_loses_no_article(tmp_path):
    """The first has the number; others, of this crawl and the next, have the ids of their addresses."""
    others = {"other": "خبر آخر عن السفن في البحر", "third": "وزير النقل يزور المطار الجديد"}
    texts = {
        slug: [f"{headline}، كما جاء في بيان رقم {n} من الوزارة أمس." for n in range(5)]
        for slug, headline in others.items()
    }
    with LittleOutlet() as outlet:
        outlet.pages = {
            FIRST: numbered("harbour-opens", 9578001, *LINES),
            OTHER: numbered("other", 9578001, *texts["other"], headline=others["other"]),
            MAP: sitemap("harbour-opens", "other"),
        }
        assert outlet.crawl(tmp_path, "-a", "since=2026-05-19", at="2026-05-20T10:00:00+00:00").returncode == 0
        outlet.pages |= {
            path("third"): numbered("third", 9578001, *texts["third"], headline=others["third"]),
            SECOND: numbered("harbour-opened", 9578001, *LINES, MORE, headline="الميناء يفتح أبوابه"),  # retitled
            MAP: sitemap("third", "harbour-opened", "other"),
        }
        again = outlet.crawl(tmp_path, "-a", "since=2026-05-19", "-s", "RELOOK_AGES=", at="2026-05-20T11:00:00+00:00")
    lines = {line["headline"]: line for line in lines_of(tmp_path / "collection")}
    ids = {
        headline: spider_of(f"https://{HOST}/").addresses.classify(f"https://{HOST}{path(slug)}").id
        for slug, headline in others.items()
    }
    assert {headline: (line["id"], line["version"]) for headline, line in lines.items()} == {
        **{headline: (name, 1) for headline, name in ids.items()},
        HEADLINE: ("aljazeera:9578001", 1),
        "الميناء يفتح أبوابه": ("aljazeera:9578001", 2),
    }
    assert "'choice/id-of-another': 1" in again.stderr


SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
ARABY = "www.alaraby.co.uk"
ITEM, PAGE = "/politics/" + quote("الميناء-الجديد"), "/economy/" + quote("الميناء-يفتح-أبوابه")


def item_of_feed(number):
    """Return a feed whose one item carries its whole text and states a number, as Al-Araby's guid does."""
    text = "\n\n".join(LINES)
    return xml(
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>'
        f"<guid isPermaLink='false'>{number}ab-cd-{number}-ef-gh-{number}</guid><link>https://{ARABY}{ITEM}</link>"
        f"<title>{HEADLINE}</title><content:encoded><![CDATA[{text}]]></content:encoded>"
        "<pubDate>Wed, 20 May 2026 09:30:00 +0300</pubDate></item></channel></rss>"
    )


@pytest.mark.parametrize(("on_page", "articles"), [(14405285, 1), (14405286, 2)])
def test_an_item_of_a_feed_and_a_page_of_one_number_are_one_article(tmp_path, on_page, articles):
    texts = "".join(f"<p>{line}</p>" for line in LINES)
    body = f'<main><article><h1>{HEADLINE}</h1><div class="field--name-body">{texts}</div></article></main>'
    head = f'<meta charset="utf-8"><title>{HEADLINE}</title><link rel="shortlink" href="/node/{on_page}">'
    with LittleOutlet(host=ARABY) as outlet:
        outlet.pages = {
            "/rss.xml": item_of_feed(14405285),
            "/robots.txt": Response(
                f"User-agent: *\nSitemap: https://{ARABY}{MAP}\n".encode(), content_type="text/plain"
            ),
            MAP: xml(f"<urlset xmlns='{SITEMAPS}'><url><loc>https://{ARABY}{PAGE}</loc></url></urlset>"),
            unquote(PAGE): html(f'<html lang="ar"><head>{head}</head><body>{body}</body></html>'),
        }
        outlet.crawl(tmp_path, "-a", "since=2026-05-19", outlet="alaraby", at="2026-05-20T10:00:00+00:00")
    lines = lines_of(tmp_path / "collection")
    assert len({line["id"] for line in lines}) == len(lines) == articles
    assert "alaraby:14405285" in {line["id"] for line in lines}
