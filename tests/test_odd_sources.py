"""Sources as outlets really send them, through whole crawls: what is half is told as half, what is endless ends."""

import json

import pytest

from tests.crawling import QUICK, lines_of, places, run
from tests.replica.wire.message import Response, html, xml
from tests.saved_pages import SavedPages

ALARABY, ALBAWABA = "www.alaraby.co.uk", "www.albawaba.com"
PARAGRAPHS = [
    "وصلت السفينة إلى الميناء صباح اليوم بعد رحلة استغرقت أسبوعين، وعلى متنها ثلاثون عالما من ست جامعات عربية.",
    "وقال قائد الرحلة إن العينات التي جمعت من الأعماق ستفحص في مختبرات الجامعة خلال الشهر المقبل.",
    "ويشارك في الفحص باحثون من أربع دول، على أن تنشر النتائج الأولى قبل نهاية العام في مجلة علمية.",
    "وتعود السفينة إلى البحر في مطلع الربيع لاستكمال المسح في المياه العميقة قبالة الساحل الشرقي.",
]
ITEM = "<item>{title}<link>https://www.alaraby.co.uk/news/{slug}</link><pubDate>Sat, 28 Nov 2026 13:11:12 +0300</pubDate><content:encoded><![CDATA[{text}]]></content:encoded></item>"


def crawl(outlet, pages, folder, *arguments):
    with SavedPages(pages) as server:
        done = run("scrapy", "crawl", outlet, *arguments, *QUICK, **places(folder), **server.env)
    (report,) = folder.glob("collection/reports/**/*.json")
    sweeps = [line for line in lines_of(folder / "collection", "events") if line["event"] == "sweep"]
    return done, json.loads(report.read_text(encoding="utf-8")), lines_of(folder / "collection"), sweeps, server.asked


def test_a_feed_with_forbidden_characters_keeps_its_text_and_an_item_that_is_none_has_its_page_fetched(tmp_path):
    whole = ITEM.format(title="<title>سفينة أبحاث تصل</title>", slug="سفينة-أبحاث-تصل", text="\n\n".join(PARAGRAPHS))
    whole = whole.replace("\n\nويشارك", "\n\n\x0b\x01ويشارك")
    untitled = ITEM.format(title="", slug="بلا-عنوان", text=PARAGRAPHS[0])
    feed = f'<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>{whole}{untitled}</channel></rss>'
    body = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    page = html(f'<html lang="ar"><title>خبر له صفحة</title><h1>خبر له صفحة</h1><div class="article-body">{body}</div>')
    pages = {
        (ALARABY, "/rss.xml"): Response(feed.encode(), content_type="application/rss+xml"),
        (ALARABY, "/news/بلا-عنوان"): page,
    }
    window = ("-a", "since=2026-11-27", "-a", "until=2026-11-29")
    done, report, lines, _, asked = crawl("alaraby", pages, tmp_path, *window)
    assert done.returncode == 0, done.stderr
    found = {line["headline"]: line for line in lines}
    assert found["سفينة أبحاث تصل"]["text"].split("\n") == PARAGRAPHS
    assert found["سفينة أبحاث تصل"]["provenance"]["text"] == "feed"
    assert found["خبر له صفحة"]["text"].split("\n") == PARAGRAPHS
    assert [path for _, path in asked if "بلا" in path or "سفينة" in path] == ["/news/بلا-عنوان"]
    assert report["sources"]["incomplete"] == {}


def test_a_cut_sitemap_is_read_and_is_never_the_whole(tmp_path):
    entry = "<url><loc>https://www.albawaba.com/ar/أخبار/خبر-{}</loc></url>"
    cut = "<urlset>" + entry.format(1578001) + entry.format(1578002)[:40]
    pages = {(ALBAWABA, "/sitemap.xml"): xml(cut)}
    _, report, _, (sweep,), asked = crawl("albawaba", pages, tmp_path)
    assert [path for _, path in asked if "خبر" in path] == ["/ar/أخبار/خبر-1578001"]
    assert report["sources"]["incomplete"] == {"sitemap": 1}
    assert "sources that were not whole: 1 (sitemap)" in report["unusual"]
    assert sweep["sources"]["sitemap"]["incomplete"] == 1
    assert sweep["complete"] is False


@pytest.mark.slow
def test_an_index_without_end_is_left_at_its_bound_aloud(tmp_path):
    index = "".join(f"<sitemap><loc>/sitemap.xml?page={n}</loc></sitemap>" for n in range(500))
    pages = {(ALBAWABA, "/sitemap.xml"): xml(f"<sitemapindex>{index}</sitemapindex>")}
    done, report, _, (sweep,), asked = crawl("albawaba", pages, tmp_path)
    days = 3
    assert len([path for _, path in asked if path == "/sitemap.xml"]) == 100 + days
    assert report["sources"]["cut"] == {"sitemap": 1}
    assert "sources left at their limit: 1 (sitemap)" in report["unusual"]
    assert "left at their bound: 103 sitemaps in a row without news" in done.stderr
    assert (sweep["sources"]["sitemap"]["cut"], sweep["complete"]) == (1, False)


ROW = "<url><loc>https://www.albawaba.com/ar/أخبار/خبر-{}</loc>{}</url>"
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


def albawaba_page(number):
    body = "".join(f"<p>{line} ({number})</p>" for line in PARAGRAPHS)
    return html(
        f'<html lang="ar"><title>خبر رقم {number}</title><meta property="article:published_time" content="2026-11-29T09:00:00+00:00">'
        f'<h1>خبر رقم {number}</h1><div class="field--name-body">{body}</div></html>'
    )


def robots(*lines):
    text = "".join(f"{line}\n" for line in ("User-agent: *", "Disallow: /closed/", *lines))
    return Response(text.encode(), content_type="text/plain")


def announcing(named, *lines, **more):
    """Return an outlet whose declared channels announce article 1 and whose robots.txt names what is in ``named``."""
    declared = {
        (ALBAWABA, "/sitemap.xml"): xml(URLSET.format(ROW.format(1578001, ""))),
        (ALBAWABA, "/robots.txt"): robots(*lines),
    }
    articles = {(ALBAWABA, f"/ar/أخبار/خبر-{n}"): albawaba_page(n) for n in range(1578001, 1578006)}
    return {**declared, **articles, **{(ALBAWABA, path): answer for path, answer in named.items()}, **more}


def test_what_robots_txt_alone_names_is_asked_last_within_the_window_and_counted(tmp_path):
    index = "<sitemapindex><sitemap><loc>/sitemaps/2026.xml</loc></sitemap><sitemap><loc>/sitemaps/1999.xml</loc><lastmod>1999-12-31</lastmod></sitemap></sitemapindex>"
    rows = ROW.format(1578001, "") + ROW.format(1578002, "<lastmod>2026-11-29T09:00:00Z</lastmod>")
    rows += ROW.format(1578003, "<lastmod>2019-01-01T09:00:00Z</lastmod>")
    named = {"/sitemaps/all.xml": xml(index), "/sitemaps/2026.xml": xml(URLSET.format(rows))}
    lines = ("Sitemap: https://www.albawaba.com/sitemap.xml", "Sitemap: https://www.albawaba.com/sitemaps/all.xml ")
    window = ("-a", "since=2026-11-28", "-a", "until=2026-11-30")
    done, report, kept, (sweep,), asked = crawl("albawaba", announcing(named, *lines), tmp_path, *window)
    assert done.returncode == 0, done.stderr
    paths = [path for _, path in asked]
    assert paths.count("/robots.txt") == paths.count("/sitemap.xml") == 1  # what is declared already is not asked twice
    assert "/sitemaps/1999.xml" not in paths
    assert paths.index("/sitemap.xml") < paths.index("/sitemaps/all.xml") < paths.index("/sitemaps/2026.xml")
    assert {line["id"] for line in kept} == {"albawaba:1578001", "albawaba:1578002"}
    assert report["not_followed"]["outside-window"] == 1  # touched last years before the window
    assert report["coverage"]["channels"]["robots-sitemap"] == 2
    assert report["coverage"]["alone"] == {"robots-sitemap": 1}
    assert sweep["sources"]["robots-sitemap"] == {"answered": 2}
    told = run("archive", "coverage", "--json", "--since", "2026-11-29", "--until", "2026-11-29", **places(tmp_path))
    assert json.loads(told.stdout)["alone"] == {"robots-sitemap": 1}, told.stderr


def test_a_dead_or_endless_sitemap_that_robots_txt_alone_names_leaves_the_sweep_whole(tmp_path):
    index = "".join(f"<sitemap><loc>/sitemaps/{n}.xml</loc></sitemap>" for n in range(500))
    named = {"/sitemaps/endless.xml": xml(f"<sitemapindex>{index}</sitemapindex>")}
    named |= {f"/sitemaps/{n}.xml": xml(URLSET.format("")) for n in range(500)}
    lines = [f"Sitemap: https://www.albawaba.com/sitemaps/{name}.xml" for name in ("gone", "endless", "%zz\x00")]
    lines.append("Sitemap: https://www.albawaba.com/closed/sitemap.xml")
    pages = announcing(named, *lines)
    for path in ("/", "/rss/ar-all", "/sitemap-news.xml"):
        pages[ALBAWABA, path] = pages[ALBAWABA, "/sitemap.xml"]
    _, report, kept, (sweep,), asked = crawl("albawaba", pages, tmp_path)
    assert {line["id"] for line in kept} == {"albawaba:1578001"}
    assert report["sources"]["dead"]["robots-sitemap"] == 3
    assert report["sources"]["cut"] == {"robots-sitemap": 1}
    assert len([path for _, path in asked if path.startswith("/sitemaps/")]) < 120
    assert not any("robots-sitemap" in said for said in report["unusual"])
    assert "/closed/sitemap.xml" not in [path for _, path in asked]
    declared = {kind: said for kind, said in sweep["sources"].items() if kind != "robots-sitemap"}
    assert sweep["complete"] is not any({"dead", "cut", "incomplete"} & set(said) for said in declared.values())
