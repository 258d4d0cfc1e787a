"""What stands inside a text's own element and is none of it: cards of other articles, boxes for visitors, the next article."""

import re
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest

from crawlers.extraction import ExtractionError, Page, read
from crawlers.frontier.any_outlet import spider_of_any
from pipelines.cleaning import tidy
from tests.crawlers.extraction.test_generic import H1, LINES, PARAGRAPHS, TEXT, TITLE, read_markup

SUMMARY = "ملخص قصير لخبر آخر لا علاقة له بما يقرؤه القارئ في هذه الصفحة، ويكفي طوله ليبدو فقرة."
HEADLINE = "عنوان خبر آخر رقم {0} عن مدينة بعيدة"
CARD = f'<div class="k1"><h3><a href="/b/{{0}}">{HEADLINE}</a></h3><p>{SUMMARY}</p></div>'
HEAD_IN_LINK = f'<a class="k2" href="/b/{{0}}"><h4>{HEADLINE}</h4><p>{SUMMARY}</p></a>'
COVERED = f'<article><a href="/b/{0}"><span>{HEADLINE}</span></a><div><b>{HEADLINE}</b></div><p>{SUMMARY}</p></article>'
LINKED = f'<div class="k4"><p><a href="/b/{{0}}">{HEADLINE}</a></p><i>{SUMMARY}</i></div>'


def amid(box):
    return f'<article>{H1}<div class="t"><p>{LINES[0]}</p>{box}<p>{LINES[1]}</p><p>{LINES[2]}</p></div></article>'


def times(card, count):
    return "".join(card.format(number) for number in range(count))


@pytest.mark.parametrize(
    "box",
    [
        CARD.format(2),
        f'<div class="x9"><b>مما نشرنا</b>{CARD.format(2)}</div>',
        f'<div class="x9">{HEAD_IN_LINK.format(2)}</div>',
        f'<div class="x9"><b>من الأرشيف</b>{COVERED.format(2)}</div>',
        f'<div class="x9"><b>مما نشرنا</b>{times(LINKED, 3)}</div>',
        '<div class="newsCaption">الوزير في مكتبه أمس وهو يتحدث إلى الصحفيين عن المشروع</div>',
        f'<section class="NewsletterBox"><p>{SUMMARY}</p></section>',
        f'<div class="post-teaser"><p>{SUMMARY}</p></div>',
        f'<div class="article_next_prev_container"><span>التالي</span><b>{HEADLINE.format(1)}</b></div>',
        f'<div class="x9"><h3>انضم إلى قرائنا</h3><p>{SUMMARY}</p><form><input type="email"><button>نعم</button></form></div>',
        f'<div class="x9" style="display: none"><p>{SUMMARY}</p><p>{SUMMARY} وغيره</p></div>',
        '<div class="x9"><img src="/b.jpg"><div class="x8">الوزير في مكتبه أمس وهو يتحدث إلى الصحفيين</div></div>',
        f'<div class="sign-in-group"><p>{SUMMARY}</p><ul><li>قراءة بلا حدود لكل ما ننشره من مقالات وتحقيقات</li></ul></div>',
    ],
    ids=[
        "a card with a heading that links",
        "and a label",
        "a heading in a link",
        "an article inside the article",
        "a row of cards without headings",
        "a caption with a hump in its class",
        "an invitation to a newsletter",
        "a teaser by its class",
        "the next article and the one before",
        "a form with its invitation",
        "hidden by style",
        "words beside a picture",
        "an offer to subscribers",
    ],
)
def test_a_box_in_the_text_is_none_of_it(box):
    article = read_markup(amid(box))
    assert (article.headline, article.text) == (TITLE, TEXT)


@pytest.mark.parametrize(
    "own",
    [
        '<h3>قال <a href="/b/2">تقرير الوزارة</a> إن الكلفة ارتفعت كثيراً هذا العام</h3>',
        '<h3><a href="/tags/2">المحافظات الجنوبية الثلاث</a></h3>',
        '<h3><a href="#costs">المحافظات الجنوبية الثلاث</a></h3>',
        '<h3><a href="/a/1?page=2">المحافظات الجنوبية الثلاث</a></h3>',
        '<div><p>المحافظات الثلاث مستعدة للعمل وفق <a href="/b/2">ما ذكرته وكالة الأنباء الرسمية</a> أمس.</p></div>',
    ],
    ids=["words beside a link", "a link to a tag", "to a place in the page", "to the page itself", "in a sentence"],
)
def test_what_only_links_is_the_texts(own):
    assert tidy(re.sub("<[^>]*>", "", own)) in read_markup(amid(own)).text


def test_a_text_that_broken_markup_made_a_link_is_read():
    box = f'<li><a href="/b/2"><h3>{HEADLINE.format(2)}</h3>{PARAGRAPHS}<p>{SUMMARY}</p></a></li>'
    assert TEXT in read_markup(f"<div>{H1}<ul>{box}</ul></div>").text


COMMENTS = "".join(
    f'<div class="i"><b>زائر {n}</b><p>لا أوافق على ما جاء في هذا الخبر، وأرى أن الأمور كانت أفضل من قبل بكثير {n}.</p></div>'
    for n in range(9)
)


@pytest.mark.parametrize(
    "comments",
    [
        f'<div class="comments-area">{COMMENTS}</div>',
        f"<div><h3>التعليقات (9)</h3>{COMMENTS}</div>",
        f"<div><h4>اترك تعليقاً</h4>{COMMENTS}</div>",
    ],
)
def test_more_comments_than_text_are_none_of_it(comments):
    assert read_markup(f"<article>{H1}<div>{PARAGRAPHS}{comments}</div></article>").text == TEXT


READERS = ("أبو خالد", "سارة محمود", "nour_77", "متابع")
SAID = (
    "كلام جميل وأتمنى أن يتحقق قريبا إن شاء الله تعالى في كل المحافظات",
    "لا أصدق هذه الوعود فقد سمعناها كثيرا من قبل ولم يتغير شيء في حياتنا اليومية",
    "شكرا على الخبر",
    "أين كانت الوزارة طوال السنوات الماضية؟ نحتاج إلى أفعال لا أقوال وشكرا",
)
WHEN = ("منذ 3 ساعات", "2024/07/19 10:20", "19 يوليو 2024", "قبل يومين")
SHAPES = {
    "bold": '<div class="r7"><b>{0}</b><span>{1}</span><p>{2}</p></div>',
    "list": "<li><div><span>{0}</span> <time>{1}</time></div><div>{2}</div></li>",
    "article": "<article><h4>{0}</h4><small>{1}</small><p>{2}</p></article>",
    "answer": '<div><div><img src="/av.png"></div><div><i>{1}</i><strong>{0}</strong><div>{2}</div><a href="#">رد</a></div></div>',
    "row": "<tr><td>{0} - {1}</td><td>{2}</td></tr>",
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("whose", [slice(4), slice(1, 3)], ids=["four", "two, one of them with a day alone"])
def test_comments_in_a_box_of_any_class_are_none_of_the_text(shape, whose):
    comments = list(zip(READERS, WHEN, SAID, strict=True))[whose]
    said = "".join(SHAPES[shape].format(*comment) for comment in comments)
    said = {"list": f"<ol>{said}</ol>", "row": f"<table>{said}</table>"}.get(shape, said)
    for body in (
        f'<div class="t">{PARAGRAPHS}<div class="z9">{said}</div></div>',
        f'<div class="t">{PARAGRAPHS}</div><div class="z9">{said}</div>',
        f"{PARAGRAPHS}{said}",
    ):
        assert read_markup(f'<div class="art">{H1}{body}</div>').text == TEXT


@pytest.mark.parametrize(
    "entry",
    [
        "<div><b>بداية العمل</b><span>{0} يوليو 2011</span><p>{1}</p></div>",
        "<div><h3>بداية العمل في الجنوب كله من أوله إلى آخره</h3><span>منذ {0} ساعات</span><p>{1}</p></div>",
    ],
    ids=["a chronology", "headed entries"],
)
def test_entries_with_times_are_the_text(entry):
    entries = "".join(entry.format(number, line) for number, line in enumerate(SAID, 2))
    text = read_markup(f"<article>{H1}<div>{PARAGRAPHS}{entries}</div></article>").text
    assert all(line in text for line in SAID)


@pytest.mark.parametrize("name", ["paywall", "read-more-content"])
def test_what_a_button_shows_of_a_text_is_a_part_of_it(name):
    hidden = f'<div class="{name}" style="display:none"><p>{LINES[1]}</p><p>{LINES[2]}</p></div>'
    assert read_markup(f"<article>{H1}<div><p>{LINES[0]}</p>{hidden}</div></article>").text == TEXT


@pytest.mark.parametrize("href", ["/author/12", "/ar/authors/samira", "/writers/samira-tawfik"])
def test_a_link_to_what_an_author_wrote_signs(href):
    name = f'<div class="z"><a href="{href}">سميرة توفيق</a></div>'
    for body in (f"{H1}{name}<div>{PARAGRAPHS}</div>", f"{H1}<div>{name}{PARAGRAPHS}</div>"):
        article = read_markup(f"<article>{body}</article>")
        assert (article.byline, article.text) == (["سميرة توفيق"], TEXT)


def test_today_over_the_page_is_no_time_of_the_article():
    top = '<header><div class="d">السبت 20 يوليو 2024</div><ul class="m"><li><a href="/x">رياضة</a></li></ul></header>'
    assert read_markup(f"{top}<article>{H1}<div>{PARAGRAPHS}</div></article>").published is None
    about = f"{top}<article>{H1}<i>18 يوليو 2024 13:46</i><div>{PARAGRAPHS}</div></article>"
    assert f"{read_markup(about).published:%F %H:%M}" == "2024-07-18 10:46"


def test_entries_that_link_to_pages_of_their_own_are_a_text():
    entries = "".join(
        f'<div class="e"><h3><a href="/live/{n}">تطور رقم {n} في المشروع الجديد جنوباً</a></h3><p>{line} {n}</p></div>'
        for n, line in enumerate(LINES * 2)
    )
    node = f'<script type="application/ld+json">{{"@type":"LiveBlogPosting","headline":"{TITLE}"}}</script>'
    assert all(line in read_markup(f"<article>{H1}<div>{entries}</div></article>", node).text for line in LINES)


def test_a_heading_of_a_card_ends_no_text():
    cards = "".join(f'<div><a href="/b/{n}"><h1>{HEADLINE.format(n)}</h1></a></div>' for n in range(3))
    assert read_markup(f"<article>{H1}<div>{cards}</div><div>{PARAGRAPHS}</div></article>").text == TEXT


def test_the_next_article_is_cut_off():
    second = f"<h1>{HEADLINE.format(2)}</h1><p>{SUMMARY}</p><p>{SUMMARY} وهذا كل ما فيه.</p>"
    assert read_markup(f"<article>{H1}<div>{PARAGRAPHS}{second}</div></article>").text == TEXT


def test_a_grid_with_a_place_for_a_sidebar_is_none():
    grid = f'<div class="sidebar-grid sidebar-grid--narrow"><div>{PARAGRAPHS}</div></div>'
    side = f'<div class="sidebar"><p>{SUMMARY}</p><p>{SUMMARY} وغيره</p></div>'
    assert read_markup(f"<main>{H1}{grid}{side}</main>").text == TEXT


LINKED_DATA = (
    '<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person","name":"صحيفة النهر"},'
    '"publisher":{"@type":"Organization","name":"صحيفة النهر"}}</script>'
)


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:site_name" content="صحيفة النهر"><meta name="author" content="صحيفة النهر">',
        LINKED_DATA,
    ],
)
def test_the_publisher_is_no_author(head):
    assert read_markup(f"<article>{H1}<b>صحيفة النهر</b>{PARAGRAPHS}</article>", head).byline == []


def test_who_took_the_picture_is_no_author():
    figure = '<figure><img src="/a.jpg"><figcaption>الوزير أمس <b class="author">سامي العلي</b></figcaption></figure>'
    assert read_markup(f"<article>{H1}{figure}{PARAGRAPHS}</article>").byline == []


BRIEF = "أعلنت الوزارة بدء المشروع الجديد مطلع الشهر المقبل في ثلاث محافظات جنوبية."
PROMOTED = "".join(
    f'<div><a href="/b/{n}"><div><span><h3>{HEADLINE.format(n)}</h3></span></div></a></div>' for n in range(9)
)
ROW = "".join(
    f'<div class="c"><div class="k"><a href="/b/{n}">{HEADLINE.format(n)}</a></div><div class="s">{SUMMARY} {n}</div></div>'
    for n in range(9)
)


@pytest.mark.parametrize(
    "body",
    [
        f"<main><h1>أخبار المحافظات</h1><p>{BRIEF}</p><div>{PROMOTED}</div></main>",
        f"<main>{H1}<div>{times(CARD, 6)}</div></main>",
        f'<main><h1>نتائج البحث عن «المشروع»</h1><div class="r">{ROW}</div></main>',
    ],
    ids=["a front", "a section", "a search"],
)
def test_a_page_of_others_is_no_article(body):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(body)
    assert refusal.value.reason in {"not-an-article", "empty"}


def kind_of(name):
    return f'<meta property="og:type" content="{name}">'


def linked(*nodes):
    return f'<script type="application/ld+json">[{",".join(nodes)}]</script>'


LINKED_ENTRIES = "".join(f'<h3><a href="/live/{n}">{HEADLINE.format(n)}</a></h3><p>{SUMMARY} {n}</p>' for n in range(7))
GOODS = "".join(
    f'<div><a href="/p/{n}"><img src="/p/{n}.jpg"></a><b>سلعة {n}</b><span>{n}50 ر.س</span></div>' for n in range(9)
)
MARKED = f'<div itemscope itemtype="https://schema.org/Product"><h1>سماعات</h1>{PARAGRAPHS}</div>'
WHOLE_LINKS = "".join(
    f'<div class="k"><a href="/b/{n}"><div>{HEADLINE.format(n)}</div><div>{SUMMARY} {n}</div></a></div>'
    for n in range(7)
)
MORE = "".join(
    f'<div><h3>{HEADLINE.format(n)}</h3><p>{SUMMARY} {n} <a href="/b/{n}">المزيد</a></p></div>' for n in range(7)
)
ROWS = "".join(f'<tr><td><a href="/b/{n}">{HEADLINE.format(n)}</a><br>{SUMMARY} {n}</td></tr>' for n in range(7))
CLOCKS = "".join(f"<tr><td>القاهرة</td><td>4:0{n}</td><td>11:4{n}</td><td>2:3{n}</td></tr>" for n in range(9))
REVIEW = "".join(f'<li><a href="https://paper{n}.example/x">{HEADLINE.format(n)}</a>: {SUMMARY}</li>' for n in range(9))
SHARED = "".join(f'<div><h3>خبر</h3><p>{SUMMARY} {n}</p><a href="/share?u={n}">مشاركة</a></div>' for n in range(9))
NODES = [f'{{"@type":"NewsArticle","headline":"{HEADLINE.format(n)}","url":"/b/{n}"}}' for n in range(6)]
ITEMS = ",".join(f'{{"@type":"ListItem","url":"/b/{n}"}}' for n in range(6))


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f"<main>{H1}{PARAGRAPHS}</main>", kind_of("product")),
        (f"<main>{H1}{PARAGRAPHS}</main>", kind_of("og:product.group")),
        (f"<main>{H1}{PARAGRAPHS}</main>", linked('{"@type":"Product","name":"سماعات"}')),
        (MARKED, ""),
        (f"<main><h1>كتب</h1>{PARAGRAPHS}<div>{GOODS}</div></main>", kind_of("website")),
        (f"<main><h1>سميرة توفيق</h1>{PARAGRAPHS}</main>", linked('{"@type":"ProfilePage"}')),
        (f"<main><h1>محليات</h1>{PARAGRAPHS}</main>", linked(f'{{"@type":"ItemList","itemListElement":[{ITEMS}]}}')),
        (f"<main><h1>محليات</h1>{WHOLE_LINKS}</main>", ""),
        (f"<main><h1>محليات</h1>{MORE}</main>", ""),
        (f"<main><h1>محليات</h1>{times(CARD, 4)}</main>", ""),
        (f"<h2>محليات</h2><table>{ROWS}</table>", ""),
        (f"<main><h1>مواقيت الصلاة اليوم في مصر</h1><table>{CLOCKS}</table></main>", ""),
        (f"<main><h1>سياسة الخصوصية</h1>{PARAGRAPHS}</main>", ""),
        (f"<main><h1>النشرة البريدية</h1>{PARAGRAPHS}</main>", ""),
        (f"<main><h1>سياسة</h1>{times(CARD, 6)}</main>", linked(*NODES)),
        (f"<main><h1>تسجيل الدخول</h1>{PARAGRAPHS}</main>", ""),
        (f"<main>{H1}{PARAGRAPHS}<button>أضف إلى السلة</button></main>", ""),
        (f"<main>{H1}{PARAGRAPHS}<input type=submit value='Add to cart'></main>", ""),
        (f"<main><h1>محليات</h1><p>{BRIEF}</p></main>", ""),
        (f"<main>{H1}<p>كل ما يهمكم من أخبار المدينة وضواحيها تجدونه في هذه الصفحة كل يوم.</p></main>", ""),
    ],
)
def test_what_nothing_calls_an_article_may_be_none(body, head):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(body, head, title=re.search("<h[12][^>]*>(.*?)<", body)[1])
    assert refusal.value.reason == "not-an-article"


@pytest.mark.parametrize(
    ("url", "reads"),
    [
        ("https://any.example/shop/هاتف-جديد", False),
        ("https://any.example/ar/products/12", False),
        ("https://any.example/shop", True),
        ("https://any.example/news/shop-fire-12", True),
    ],
)
def test_what_stands_undated_below_a_shop_is_goods(url, reads):
    spider = spider_of_any(url, "UTC")
    markup = f"<html lang=ar><title>{TITLE}</title><main>{H1}{PARAGRAPHS}</main>".encode()
    page = Page(url=url, captured=datetime(2026, 11, 1, tzinfo=UTC), body=markup)
    with nullcontext() if reads else pytest.raises(ExtractionError, match="goods"):
        assert read(page, reading=spider.reading, addresses=spider.addresses).headline == TITLE


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f"<main>{H1}{PARAGRAPHS}</main>", kind_of("article") + linked('{"@type":"Product","name":"هاتف"}')),
        (f"<main>{H1}{PARAGRAPHS}</main>", linked('{"@type":"NewsArticle"}', '{"@type":"Product"}')),
        (f"<div>{GOODS}</div><main>{H1}{PARAGRAPHS}</main>", ""),
        (f"<main>{H1}<p>{BRIEF}</p><ul>{REVIEW}</ul></main>", ""),
        (f"<main>{H1}<p>{BRIEF}</p>{SHARED}</main>", ""),
        (
            f"<main>{H1}<p>{BRIEF}</p>{LINKED_ENTRIES}</main>",
            '<meta property="article:published_time" content="2024-05-01">',
        ),
        (f"<main>{H1}<p>{BRIEF}</p><table>{CLOCKS}</table></main>", ""),
        (f"<main><h1>محليات</h1><time datetime='2024-05-01T10:00:00+03:00'></time><p>{BRIEF}</p></main>", ""),
        (f"<main>{H1}{PARAGRAPHS}<p>أضف إلى السلة ما تشاء من الخضار، يقول التاجر لزبائنه.</p></main>", ""),
        (f"<main><h1>من نحن؟ سؤال الهوية في الرواية الجديدة</h1>{PARAGRAPHS}</main>", ""),
        (
            f"<main>{H1}{PARAGRAPHS}<ul>{times(CARD, 4)}</ul></main>",
            linked(f'{{"@type":"ItemList","itemListElement":[{ITEMS}]}}'),
        ),
    ],
)
def test_what_resembles_a_list_or_goods_is_read(body, head):
    text = read_markup(body, head, title=re.search("<h1>(.*?)<", body)[1]).text
    assert text.startswith((BRIEF, LINES[0]))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            "<p>عذراً، هذه الصفحة لم تعد متوفرة أو تم نقلها إلى رابط آخر.</p><p>يمكنك العودة إلى الصفحة الرئيسية.</p>",
            "soft-404",
        ),
        (
            "<h2>هذا المحتوى للمشتركين فقط</h2><p>اشترك الآن لمواصلة القراءة بلا حدود ابتداء من دولار.</p>",
            "consent-wall",
        ),
    ],
)
def test_a_page_may_say_in_its_first_line_that_nothing_is_there(lines, reason):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(f"<main><h1>المدينة</h1>{lines}</main>")
    assert refusal.value.reason == reason
    assert read_markup(f"<main>{H1}{lines}{PARAGRAPHS}</main>").text


def test_what_wordpress_calls_a_post_is_one_though_its_headings_link():
    body = f'<div class="x">{H1}<p>{BRIEF}</p>{LINKED_ENTRIES}</div>'
    assert BRIEF in read_markup(body, names="rtl single single-post").text


def test_a_brief_among_others_is_one():
    node = '<script type="application/ld+json">{"@type":"NewsArticle"}</script>'
    assert read_markup(f"<main>{H1}<p>{BRIEF}</p><div>{PROMOTED}</div></main>", node).text == BRIEF
