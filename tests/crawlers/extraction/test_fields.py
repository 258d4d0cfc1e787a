"""Each field from its best source, with its provenance and its doubts."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from crawlers import addresses
from crawlers.extraction import Era, ExtractionRules, body, boilerplate, credit, dates, jsonld, times
from crawlers.extraction.page_checks import NoHeadline
from tests.crawlers.extraction.pages import ADDRESSES, CAPTURED, HEADLINE, PARAGRAPHS, READING, read_page, story


def linked(**fields):
    record = {"@context": "https://schema.org", "@type": "NewsArticle", **fields}
    return f'<script type="application/ld+json">{json.dumps(record, ensure_ascii=False)}</script>'


def meta(name, content):
    return f'<meta property="{name}" content="{content}">'


# --- headline -----------------------------------------------------------------------------------------------------------


def test_headline_as_shown_beats_the_title():
    article = read_page(story(head=meta("og:title", "عنوان أقصر")))
    assert (article.headline, article.provenance["headline"]) == (HEADLINE, "selector")


def test_masthead_in_a_heading_is_no_headline():
    markup = story(around="<h1>الجريدة</h1>{}")
    assert read_page(markup).headline == HEADLINE


def test_headline_without_heading_loses_the_site():
    markup = story().replace("<h1>", "<div>").replace("</h1>", "</div>")
    article = read_page(markup)
    assert article.headline == HEADLINE
    markup = markup.replace(f"<title>{HEADLINE} | الجريدة", f"<title>{HEADLINE} | أخبار | الجريدة")
    assert read_page(markup).headline == HEADLINE


def test_entities_escaped_twice():
    markup = story(headline="مفاوضات &amp;quot;ودية&amp;quot; في جنيف")
    assert read_page(markup).headline == 'مفاوضات "ودية" في جنيف'


def test_no_headline():
    with pytest.raises(NoHeadline):
        read_page(f"<html><body><div class='story'><p>{PARAGRAPHS[0]}</p></div></body></html>")


# --- persons ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ({"@type": "Person", "name": "منى حسن"}, ["منى حسن"]),
        ([{"@type": "Person", "name": "منى حسن"}, {"@type": "Person", "name": "عدنان علي"}], ["منى حسن", "عدنان علي"]),
        ({"@type": "Organization", "name": "شركة النشر"}, []),
        ({"@type": "Person", "name": "saif"}, []),
        ({"@type": "Person", "name": "رويترز"}, []),
        ({"@type": "Person", "name": "الجريدة"}, []),
        ({"@type": "Person", "name": "وكالات - أبوظبي"}, []),
        ("editor@paper.example", []),
    ],
)
def test_byline_holds_persons_only(author, byline):
    assert read_page(story(head=linked(author=author))).byline == byline


@pytest.mark.parametrize(
    "inner", ["<h4>منى حسن</h4><span>باحثة لبنانية</span>", "<h4>منى حسن</h4><p>مديرة مركز الدراسات</p>"]
)
def test_byline_is_the_name_in_an_authors_box(inner):
    box = f'<article><div class="author"><img src="/a.jpg">{inner}</div>' + "{}</article>"
    assert read_page(story(around=box)).byline == ["منى حسن"]


def test_ignored_source_is_not_asked():
    reading = replace(READING, ignore=("ld:author",))
    assert read_page(story(head=linked(author={"@type": "Person", "name": "منى حسن"})), reading=reading).byline == []


# --- times --------------------------------------------------------------------------------------------------------------

NOON = datetime(2026, 7, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "stamp", ["2026-07-28T12:00:00Z", "2026-07-28T15:00:00+0300", "٢٠٢٦-٠٧-٢٨T١٦:٠٠:٠٠+0400", "28 Jul 2026 12:00 GMT"]
)
def test_published_of_json_ld(stamp):
    article = read_page(story(head=linked(datePublished=stamp)))
    assert (article.published, article.published_raw) == (NOON, stamp)
    assert article.provenance["published"] == "json-ld"


def test_a_day_without_a_clock_is_a_day_of_the_outlet():
    article = read_page(story(head=linked(datePublished="28 يوليو 2026")))
    assert article.zone == READING.zone
    assert (article.is_dated_by_day, article.issued) == (True, date(2026, 7, 28))
    exact = read_page(story(head=linked(datePublished="2026-07-27T22:30:00Z")))
    assert exact.issued.isoformat() == "2026-07-28T01:30:00+03:00"


@pytest.mark.parametrize(
    "name", ["article:published_time", "pubdate", "parsely-pub-date", "sailthru.date", "cXenseParse:recs:publishtime"]
)
def test_published_of_a_meta(name):
    article = read_page(story(head=meta(name, "2026-07-28T12:00:00Z")))
    assert (article.published, article.provenance["published"]) == (NOON, "meta")


def test_sources_are_asked_best_first():
    head = linked(datePublished="2026-07-28T12:00:00Z") + meta("article:published_time", "2026-07-28T15:00:00+03:00")
    assert read_page(story(head=head)).flags == [] or "date-disagreement" not in read_page(story(head=head)).flags
    head = head.replace("T15:00:00+03:00", "T15:00:00Z")
    article = read_page(story(head=head))
    assert article.published == NOON
    assert "date-disagreement" in article.flags


def test_visible_time_beside_the_headline():
    markup = story().replace("</h1>", "</h1><span>نشر في: 28 يوليو/تموز 2026 - 15:00</span>")
    assert read_page(markup).published == NOON


def test_clock_that_runs_in_another_zone_than_it_says():
    reading = replace(READING, source_timezones={"meta:article:published_time": "UTC"})
    head = meta("article:published_time", "2026-07-28T12:00:00+0300")
    assert read_page(story(head=head), reading=reading).published == NOON


def test_time_in_the_future_is_refused():
    article = read_page(story(head=linked(datePublished="2026-08-15T12:00:00Z")))
    assert article.published is None
    assert {"no-date", "unreadable-date"} <= set(article.flags)


def test_video_does_not_date_the_article():
    head = linked(datePublished="2026-07-28T12:00:00Z")
    video = head.replace("NewsArticle", "VideoObject").replace("datePublished", "uploadDate").replace("28T", "01T")
    assert read_page(story(head=video + head)).published == NOON


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        ("HEADLINE", 'قال "الوزير" إن'),
        ('"headline"', '/* title */ "headline"'),
        ('"headline": "HEADLINE", ', '"headline": "HEADLINE" '),
        ("}</script>", "</script>"),
    ],
)
def test_times_in_broken_json_ld(sound, broken):
    head = linked(headline="HEADLINE", datePublished="2026-07-28T12:00:00Z", dateModified="2026-07-28T13:00:00Z")
    assert sound in head
    article = read_page(story(head=head.replace(sound, broken)))
    assert (article.published, article.headline) == (NOON, HEADLINE)
    assert article.modified == NOON.replace(hour=13)


@pytest.mark.parametrize("other", [linked(datePublished="2026-07-01T12:00:00Z"), "NewsArticle -> VideoObject"])
def test_times_in_broken_json_ld_that_are_not_surely_the_articles(other):
    head = linked(datePublished="2026-07-28T12:00:00Z").replace("{", "{,")
    twice = head.replace("</script>", other.replace("<script", "").replace("</script>", "") + "</script>")
    markup = twice if "{" in other else head.replace("NewsArticle", "VideoObject")
    assert read_page(story(head=markup)).published is None


FILM = '<script type="application/ld+json">{"@type": "VideoObject", "uploadDate": "2026-07-28T12:00:00Z"}</script>'
FILMS = replace(ADDRESSES, kinds={"video": r"^/news/(?P<id>\d+)$"})


@pytest.mark.parametrize(
    ("head", "addresses", "published"),
    [(FILM, FILMS, NOON), (FILM, ADDRESSES, None), (FILM + FILM.replace("28T", "01T"), FILMS, None)],
)
def test_film_that_a_page_consists_of_dates_it(head, addresses, published):
    article = read_page(story(head=head), addresses=addresses)
    assert (article.published, article.kind) == (published, "video")


# --- standfirst -----------------------------------------------------------------------------------------------------------

UNDER = replace(READING, standfirst=("h1 + p",), body=("article",))


def test_summary_under_the_headline_is_no_text():
    markup = story(around="<article>{}</article>").replace("</h1>", "</h1><p>موجز الخبر في سطر واحد قبل النص</p>")
    article = read_page(markup, reading=UNDER)
    assert (article.standfirst, article.text) == ("موجز الخبر في سطر واحد قبل النص", "\n".join(PARAGRAPHS))


def test_first_paragraph_right_under_the_headline_is_text():
    markup = (
        f"<html lang='ar'><body><article><h1>{HEADLINE}</h1><p>{'</p><p>'.join(PARAGRAPHS)}</p></article></body></html>"
    )
    assert read_page(markup, reading=UNDER).text == "\n".join(PARAGRAPHS)


# --- section --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ['<ol class="breadcrumb">{}</ol>', '<nav class="nav-path">{}</nav>'])
def test_section_is_the_last_crumb_whatever_the_menu_calls_the_first(path):
    trail = path.format('<a href="/">الرئيسية</a> / <a href="/news">الأخبار</a> / <a href="/news/money">اقتصاد</a>')
    assert read_page(story(around=trail + "{}")).section == "اقتصاد"


@pytest.mark.parametrize(
    ("menu", "name"),
    [
        ('<a href="/news">أخبار</a>', "أخبار"),
        ("<a class=x href='https://paper.example/ar/news/' rel=n><span class=y>أخبار</span></a>", "أخبار"),
        ('<link href="/news"><a href="/news"> </a><a href="/news/1">لا</a><a href="/news">أخبار</a>', "أخبار"),
        ('<a href="/newsroom">غرفة</a><a href="/sport/news">رياضة</a>', None),
        ('<a href="/news">أخبار<b></b></a>', None),
    ],
)
def test_section_of_the_address_has_the_name_that_the_menu_gives_it(menu, name):
    assert read_page(story(around=f"<nav>{menu}</nav>{{}}")).section == name


# --- place of the article -------------------------------------------------------------------------------------------------


def test_canonical_of_another_publisher_is_the_origin():
    head = '<link rel="canonical" href="https://elsewhere.example/story/9">'
    article = read_page(story(head=head))
    assert article.origin_url == "https://elsewhere.example/story/9"
    assert article.canonical_url == "https://paper.example/news/12345"


@pytest.mark.parametrize(
    ("head", "headline", "kind"),
    [
        ("", HEADLINE, "article"),
        ('<meta name="contentType" content="liveblog">', HEADLINE, "live"),
        (linked().replace("NewsArticle", "OpinionNewsArticle"), HEADLINE, "opinion"),
        (meta("article:section", "مقالات"), HEADLINE, "opinion"),
        (meta("article:section", "فيديو"), HEADLINE, "video"),
    ],
)
def test_kind(head, headline, kind):
    assert read_page(story(head=head, headline=headline)).kind == kind


def test_breaking_is_one_line():
    line = "أعلن الدفاع المدني السيطرة على الحريق بعد خمس ساعات من العمل المتواصل."
    assert read_page(story(line, headline="عاجل | السيطرة على الحريق")).kind == "breaking"
    long = read_page(
        story(*PARAGRAPHS, *(p.replace("الميناء", "المرفأ") for p in PARAGRAPHS), headline="عاجل | السيطرة")
    )
    assert long.kind == "article"


def test_policy_of_header_and_meta():
    head = '<meta name="robots" content="max-image-preview:large, noai">'
    policy = read_page(story(head=head), headers={"x-robots-tag": "noarchive", "tdm-reservation": "1"}).policy
    assert (policy.robots, policy.noai, policy.tdm) == ("noarchive, max-image-preview:large, noai", True, "1")


def test_pictures():
    markup = story(
        '<p class="x">' + PARAGRAPHS[0] + "</p>",
        "<figure><img data-src='/b.jpg' src='data:image/gif;base64,x'><figcaption>سفينة (الأناضول)</figcaption></figure>",
        PARAGRAPHS[1],
        around="<article><figure><img src='/a.jpg?w=1'><figcaption>الميناء صباحا (رويترز)</figcaption></figure>{}</article>",
    )
    images = read_page(markup).images
    assert [(image.url, image.caption, image.credit) for image in images] == [
        ("https://paper.example/a.jpg?w=1", "الميناء صباحا", "رويترز"),
        ("https://paper.example/b.jpg", "سفينة", "الأناضول"),
    ]


def test_picture_of_a_page_for_telephones():
    around = '<article><amp-img src="/a.jpg" width="8"></amp-img>{}</article>'
    assert [image.url for image in read_page(story(around=around)).images] == ["https://paper.example/a.jpg"]


def test_credit_and_agencies():
    article = read_page(story(*PARAGRAPHS, "(رويترز، الأناضول)"))
    assert (article.credit, article.agencies) == ("رويترز، الأناضول", ["reuters", "anadolu"])
    assert article.text == "\n".join(PARAGRAPHS)


def test_addresses_are_ascii():
    article = read_page(story(), url="https://paper.example/news/12345?q=أخبار&x=%D8%A7")
    assert article.url == "https://paper.example/news/12345?q=%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1&x=%D8%A7"


# --- eras ---------------------------------------------------------------------------------------------------------------

OLD = Era(until=date(2020, 1, 1), body=("div.parags",), headline=("h1.old",))


def test_era_decides_the_order_of_selectors():
    reading = ExtractionRules(number=1, zone="UTC", names=(), body=("div.story",), headline=("h1.new",), eras=(OLD,))
    before = reading.at(datetime(2019, 5, 1, tzinfo=UTC))
    assert (before.body, before.headline) == (("div.parags", "div.story"), ("h1.old", "h1.new"))
    after = reading.at(CAPTURED)
    assert (after.body, after.headline) == (("div.story", "div.parags"), ("h1.new", "h1.old"))
    assert reading.at(CAPTURED) is after


def test_extractor_carries_the_number():
    assert read_page(story()).extractor == "paper/3"


@pytest.mark.parametrize(
    "url", ["http://[", "https://[::1", "//", "javascript:x", "http://موقع.example/خبر", "https://\ud83d\ude00/"]
)
def test_canonical_that_is_no_address(url):
    article = read_page(
        story(head=f'<link rel="canonical" href="{url}">{meta("og:url", url)}').encode("utf-8", "replace")
    )
    assert article.canonical_url == "https://paper.example/news/12345"
    assert article.origin_url is None or article.origin_url.isascii()


def test_json_ld_of_several_articles():
    other = linked(
        headline="خبر آخر في الصفحة",
        datePublished="2026-07-01T00:00:00Z",
        url="https://paper.example/news/999",
        a=1,
        b=2,
    )
    own = linked(
        headline=HEADLINE,
        datePublished="2026-07-28T12:00:00Z",
        mainEntityOfPage={"@id": "https://paper.example/news/12345"},
    )
    assert read_page(story(head=other + own)).published == NOON


def test_paywall():
    assert "paywall" in read_page(story(head=linked(isAccessibleForFree=False))).flags


def test_blocks_of_a_standfirst_do_not_grow_together():
    markup = story().replace("</h1>", '</h1><p class="lead"><span>أول الموجز</span><br>ثم آخره بعد سطر</p>')
    assert read_page(markup).standfirst == "أول الموجز ثم آخره بعد سطر"


def embedded(**record):
    body = (
        json.dumps({"initData": {"headline": HEADLINE, **record}}, ensure_ascii=False)
        .replace("&", "&amp;")
        .replace("'", "&#39;")
    )
    return f"<html lang='ar'><body data-init='{body}'><div class='other'><p>{PARAGRAPHS[2]}</p></div></body></html>"


CARRIER = replace(READING, embedded="body[data-init]@data-init", lead=True, body=("json:body", "div.story"))


@pytest.mark.parametrize("body", [f"<p>{PARAGRAPHS[1]}</p>", f"&lt;p&gt;{PARAGRAPHS[1]}&lt;/p&gt;", PARAGRAPHS[1]])
def test_text_of_the_json_that_the_page_carries(body):
    article = read_page(embedded(summary=PARAGRAPHS[0], body=body), reading=CARRIER)
    assert article.text == f"{PARAGRAPHS[0]}\n{PARAGRAPHS[1]}"
    assert article.standfirst == PARAGRAPHS[0]
    assert article.provenance["text"] == "embedded-json"


def test_json_with_a_summary_alone():
    article = read_page(embedded(summary=PARAGRAPHS[0], body=""), reading=CARRIER)
    assert article.text == PARAGRAPHS[0]


@pytest.mark.parametrize("record", [{}, {"body": ""}, {"body": None, "parts": [PARAGRAPHS[2]]}])
def test_json_with_a_summary_alone_over_a_page_that_shows_more(record):
    markup = embedded(summary=PARAGRAPHS[0], **record).replace("'other'", "'story'")
    article = read_page(markup, reading=CARRIER)
    assert article.text == f"{PARAGRAPHS[0]}\n{PARAGRAPHS[2]}"
    assert article.provenance["text"] == "selector"


def test_broken_json_falls_back_to_the_page():
    markup = (
        embedded(summary="x")
        .replace('{"initData"', '{"initData', 1)
        .replace("'other'", "'story'")
        .replace("<div", f"<h1>{HEADLINE}</h1><div")
    )
    assert read_page(markup, reading=CARRIER).text == PARAGRAPHS[2]


# --- JSON-LD as it is written -------------------------------------------------------------------------------------------

LINKED = '{"@type": "NewsArticle", "datePublished": "2026-07-28T12:00:00Z", "author": {"name": "منى حسن"}}'


@pytest.mark.parametrize(
    "block",
    [
        LINKED,
        "\ufeff" + LINKED,
        "\n \ufeff<!-- " + LINKED + " -->",
        "/* البيانات */ " + LINKED,
        LINKED.replace("{", '{ // "النوع"\n', 1),
        LINKED.replace('"@type"', '/* a, b */ "@type"').replace("}}", ",}}").replace(",}", "}"),
        LINKED.replace("NewsArticle", "schema:NewsArticle"),
        LINKED.replace("NewsArticle", "https://schema.org/NewsArticle"),
        LINKED.replace("NewsArticle", "http://schema.org#NewsArticle"),
        LINKED.replace("NewsArticle", "schema:NewsArticle")
        .replace('"date', '"schema:date')
        .replace('"name', '"schema:name'),
        LINKED.replace("NewsArticle", " https://schema.org/NewsArticle ").replace('"date', '"https://schema.org/date'),
        LINKED.replace('"@type"', '"@context": {"type": "@type"}, "type"'),
        LINKED.replace('"منى حسن"', '{"@value": "منى حسن", "@language": "ar"}'),
        '{"@type": "WebPage"}\n' + LINKED + ";",
        "<![CDATA[" + LINKED + "]]>",
        LINKED.replace("{", r'{"headline": "أنباء \'عاجلة\' \d", ', 1),
        LINKED.replace('"', "&quot;"),
    ],
)
def test_json_ld_in_every_spelling(block):
    article = read_page(story(head=f'<script type="application/ld&#x2B;json">{block}</script>'))
    assert (article.published, article.byline) == (NOON, ["منى حسن"])


def test_slashes_in_a_string_of_json_ld_are_no_comment():
    block = LINKED.replace("}}", '}, "url": "https://paper.example/a//b", /* x */ "headline": "ا // ب",}')
    article = read_page(story(head=f'<script type="application/ld+json">{block}</script>'))
    assert article.published == NOON


@pytest.mark.parametrize(
    "picture", ["/img/default_img.png", "/themes/site/share.jpg", "/logo/square.png", "/a/placeholder.jpg"]
)
def test_a_share_image_that_only_fills_a_place_is_no_picture(picture):
    head = f'<meta property="og:image" content="https://paper.example{picture}">'
    assert read_page(story(head=head)).images == []


def test_what_a_plain_page_does_not_need_is_not_done(monkeypatch):
    """Each of these costs a hundredth of a page and more, and nearly no page needs it: `docs/decisions/parser.md`."""
    done: Counter[str] = Counter()
    costly = (
        (addresses, "urljoin"),  # of an address that is whole
        (boilerplate, "_lengths_of_suspects"),  # where nothing in the text looks like junk
        (boilerplate, "_pairs"),  # where no line may be a quote, and no two have the same words
        (credit, "_place_alone"),  # where no dash or colon stands in the first words
        (times, "find_day"),  # of a whole ISO stamp
        (jsonld, "_mended"),
    )
    for place, name in costly:
        act = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *args, act=act, name=name: done.update([name]) or act(*args))
    address = "https://paper.example/news/12345"
    picture = "https://paper.example/i/12345.jpg"
    head = linked(
        headline=HEADLINE, datePublished="2026-07-28T09:00:00+03:00", dateModified="2026-07-28T09:30:00+03:00"
    )
    head += f'<link rel="canonical" href="{address}">{meta("og:url", address)}{meta("og:image", picture)}'
    article = read_page(story(head=head), url=address)
    assert (article.text, article.images[0].url) == ("\n".join(PARAGRAPHS), picture)
    assert done == {}


def test_a_time_that_several_sources_say_is_read_once(monkeypatch):
    done, act = Counter(), dates.read_time
    monkeypatch.setattr(dates, "read_time", lambda text, **frame: done.update([text]) or act(text, **frame))
    said = "2026-07-28T15:00:00+03:00"
    head = linked(datePublished=said, dateModified=said) + meta("article:published_time", said)
    article = read_page(story(head=head))
    assert article.published == article.modified == NOON
    assert done == {said: 1}


def test_elements_that_several_selectors_mean_are_read_once(monkeypatch):
    done, act = Counter(), body.read_lines
    monkeypatch.setattr(
        body, "read_lines", lambda root, skipped: done.update([root.get("class")]) or act(root, skipped)
    )
    lead, *others = (f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    page = f'<h1>{HEADLINE}</h1><div class="node"><div class="lead">{lead}</div>{"".join(others)}</div>'
    reading = replace(READING, body=(".lead", "div.lead", ".node .lead"), joined=True)
    assert read_page(f"<html><body>{page}</body></html>", reading=reading).text == "\n".join(PARAGRAPHS)
    assert done == {"lead": 1, "node": 2}  # the lead alone is a part; the whole is read to see that, and by its density
