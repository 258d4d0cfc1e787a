"""Templates that nobody described: each rule of the generic reading on a page of the kind that it serves."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawlers.addresses import AddressRules
from crawlers.extraction import ExtractionError, ExtractionRules, Page, read

URL = "https://news.example/a/1"
CAPTURED = datetime(2024, 7, 20, tzinfo=UTC)
ADDRESSES = AddressRules(outlet="any", hosts=("news.example",), kinds={"article": "."})
READING = ExtractionRules(number=1, zone="Africa/Cairo", names=("الجريدة",), body=())
TITLE = "بدء المشروع الجديد مطلع الشهر"
LINES = [
    "قالت الوزارة في بيان لها اليوم إن المشروع الجديد سيبدأ العمل به مطلع الشهر المقبل في ثلاث محافظات جنوبية.",
    "وأضاف البيان أن الكلفة تبلغ عشرين مليوناً تدفع على مراحل خلال العامين المقبلين وفق جدول معلن.",
    "وختم المتحدث بالقول إن الشركات المحلية مدعوة إلى تقديم عروضها قبل نهاية الأسبوع الحالي على أبعد تقدير.",
]
TEXT = "\n".join(LINES)
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in LINES)
H1 = f"<h1>{TITLE}</h1>"


def read_markup(body, head="", url=URL, title=TITLE, names="", **reading):
    markup = (
        f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{title}</title>{head}</head>'
        f'<body class="{names}">{body}</body></html>'
    )
    page = Page(url=url, captured=CAPTURED, body=markup.encode())
    return read(page, reading=replace(READING, **reading), addresses=ADDRESSES)


RULES = "".join(
    f"<li>يتم حذف تعليق المستخدم إذا كان التعليق يحتوي على ما يخالف قواعد الموقع المعلنة، البند رقم {n} من القواعد.</li>"
    for n in range(9)
)
CARDS = "".join(
    f'<div><a href="/a/{n}"><img src="/p/{n}.jpg"><span>عنوان خبر آخر رقم {n} طويل بما يكفي ليبدو فقرة كاملة</span></a></div>'
    for n in range(2, 9)
)
COMMENT_FORM = '<div class="respond"><form><p>لن يتم نشر عنوان بريدك الإلكتروني. الحقول الإلزامية مشار إليها بـ *</p><textarea></textarea></form></div>'
FOOTER = '<div class="foot"><div>قناة مصرية خاصة انطلقت قبل عشرة أعوام وتقدم باقة من البرامج والمسلسلات ونشرات الأخبار</div></div>'
SPLIT = f'<div class="lead"><p>{LINES[0]}</p></div><div class="text"><p>{LINES[1]}</p><p>{LINES[2]}</p></div><div>الموضوع:</div>'
POLICY = (
    "<p>ترحب الجريدة بالنقاش المفيد، وننصحك بمراجعة إرشادات الاستخدام قبل نشر التعليقات. وجميع مشاركاتك يمكن "
    "استخدامها مع اسمك وفق سياسة الخصوصية.</p>"
)


@pytest.mark.parametrize(
    "body",
    [
        f'<main><article>{H1}<div>{PARAGRAPHS}</div></article></main><div class="modal-window rules"><ul>{RULES}</ul></div>',
        f'<article>{H1}<div>{PARAGRAPHS}</div></article><div role="dialog"><ul>{RULES}</ul></div>',
        f'<article>{H1}<div>{PARAGRAPHS}</div></article><div style="display:none"><ul>{RULES}</ul></div>',
        f'<div class="page">{H1}<div>{PARAGRAPHS}</div></div><div class="q7x"><ul>{RULES}</ul></div>',
        f'<div class="col">{H1}<div class="t">{PARAGRAPHS}</div><div class="hot"><div>مواضيع ساخنة</div>{CARDS}</div></div>',
        f'<div class="site"><ul><li>رياضة</li><li>حوادث</li></ul><div class="art">{H1}<div>{PARAGRAPHS}</div>{COMMENT_FORM}</div>{FOOTER}</div>',
        f'<form id="aspnetForm"><input type="hidden"><div class="page"><table><tr><td><span>{TITLE}</span><div>'
        + "".join(f"<div><div><span>{line}</span></div></div>" for line in LINES)
        + "</div></td></tr></table></div></form>",
        f'<div class="page">{H1}<div class="entry-content no-share">{PARAGRAPHS}</div><div class="share-box"><p>{LINES[0]} وغيرها</p></div></div>',
        f'<div class="page">{H1}<div class="has-sidebar">{PARAGRAPHS}</div><div class="sidebar"><p>{LINES[0]} وغيرها</p></div></div>',
        f"<article>{H1}<div>{PARAGRAPHS}{POLICY}</div></article>",
        f"<article>{H1}<div>{PARAGRAPHS}<p>تم نسخ الرابط</p></div></article>",
        f'<article>{H1}<div><p>تابع أحدث الأخبار <a href="https://apps.example">عبر تطبيق <img src="/g.svg"></a></p>{PARAGRAPHS}</div></article>',
        f"<article>{H1}<div>{PARAGRAPHS}<p>يمنع نسخ أو نشر هذه المادة دون إذن خطي من الجريدة</p></div></article>",
        f'<div class="a">{H1}<div class="meta">GMT 17:27 19.07.2024 (محدثة) <span>انسخ الرابط</span></div>{SPLIT}<div>21</div></div>',
    ],
    ids=[
        "dialog by class",
        "dialog by role",
        "hidden by style",
        "denser text outside the headline's part of the page",
        "cards of other articles",
        "comment form and footer",
        "one form around the page and no h1",
        "a text without share buttons",
        "a text beside a sidebar",
        "comment policy",
        "copied link",
        "an invitation to an application",
        "republication note",
        "split over fields",
    ],
)
def test_the_text_is_the_articles(body):
    article = read_markup(body)
    assert (article.headline, article.text) == (TITLE, TEXT)


def test_a_page_that_waits_for_its_text_is_empty():
    with pytest.raises(ExtractionError) as refusal:
        read_markup(
            f"{H1}<div id=response><p>{TITLE}</p><p>{TITLE}</p><p>جاري تحميل المحتوى .. الرجاء الانتظار</p></div>"
        )
    assert refusal.value.reason == "empty"


@pytest.mark.parametrize(
    ("about", "head"),
    [
        ('<span class="writeBy">كتبت أسماء سالم</span>', ""),
        ("<div><span>كتب</span> <a href=/author/9>أسماء سالم</a></div>", ""),
        ("<ul><li><span>كتب:</span></li><li><span>أسماء سالم</span></li><li>19 يوليو</li></ul>", ""),
        ('<div class="post-meta-author"><a href="/Editors/9"><h5>أسماء سالم</h5></a></div>', ""),
        ('<div id="ContentPlaceHolder1_divWriter" class="bottom">أسماء سالم</div>', ""),
        (
            "",
            '<script type="application/ld+json">{"@type":"NewsArticle","author":{"@type":"Person","name":"أسماء سالم"}}</script>',
        ),
    ],
)
def test_who_signed_stands_at_the_article(about, head):
    sidebar = '<div class="side"><h3>مقالات</h3><div><a href="/author/x" rel="author">إلهام فريد</a></div></div>'
    article = read_markup(f'<div class="art">{H1}{about}<div class="t">{PARAGRAPHS}</div></div>{sidebar}', head)
    assert article.byline == ["أسماء سالم"]


def test_a_columnist_in_the_sidebar_signs_nothing():
    sidebar = '<div class="side"><div><a href="/author/x" rel="author">إلهام فريد</a><b class="author-name">إلهام فريد</b></div></div>'
    assert read_markup(f'<div class="art">{H1}<div>{PARAGRAPHS}</div></div>{sidebar}').byline == []


@pytest.mark.parametrize(
    ("about", "published"),
    [
        ("<time>GMT 17:27 19.07.2024</time>", datetime(2024, 7, 19, 17, 27, tzinfo=UTC)),
        ("<span>19.07.2024 17:27</span>", datetime(2024, 7, 19, 14, 27, tzinfo=UTC)),
        ("<span>GMT+3 17:27 19.07.2024</span>", datetime(2024, 7, 19, 14, 27, tzinfo=UTC)),
        ("<div>الخميس , 18 تموز , 2024 :: 1:46 م</div>", datetime(2024, 7, 18, 10, 46, tzinfo=UTC)),
    ],
)
def test_the_time_about_the_headline(about, published):
    assert read_markup(f"<article>{H1}{about}<div>{PARAGRAPHS}</div></article>").published == published


def test_the_time_above_a_headline_that_is_no_h1():
    body = f'<div><span class="DateTime">الخميس , 18 تموز , 2024 :: 1:46 م</span><div class="t1">{TITLE}</div><div>{PARAGRAPHS}</div></div>'
    assert read_markup(body).published == datetime(2024, 7, 18, 10, 46, tzinfo=UTC)


def test_a_day_without_a_clock_stays_a_day():
    article = read_markup(f"<article>{H1}<div>الجمعة 19 يوليو 2024</div><div>{PARAGRAPHS}</div></article>")
    assert article.published == datetime(2024, 7, 18, 21, tzinfo=UTC)
    assert (article.published_raw, article.flags[-1]) == ("الجمعة 19 يوليو 2024", "date-without-time")


@pytest.mark.parametrize("line", ["2024/07/19", "19.07.2024 - محدث : 19.07.2024", "19/07/2024"])
def test_a_day_in_numbers_stays_a_day(line):
    article = read_markup(f"<article>{H1}<div>{line}</div><div>{PARAGRAPHS}</div></article>")
    assert (article.published, article.text) == (datetime(2024, 7, 18, 21, tzinfo=UTC), TEXT)


def test_the_day_in_the_address_beats_the_time_of_an_update():
    about = "<div>الجمعة 19 يوليو 2024، آخر تحديث 14:00 (GMT+0400)</div>"
    article = read_markup(
        f"<article>{H1}{about}<div>{PARAGRAPHS}</div></article>", url="https://news.example/2024/world/7/3/x"
    )
    assert article.published == datetime(2024, 7, 2, 21, tzinfo=UTC)
    assert article.modified == datetime(2024, 7, 19, 10, tzinfo=UTC)


STAMP = '<meta property="article:published_time" content="2024-07-19T09:23:13{}">'


@pytest.mark.parametrize(
    ("zone", "shown", "hour", "flagged"),
    [
        ("Z", "09:23 ص", 6, True),  # the newsroom's clock with a letter behind it
        ("Z", "12:23 م", 9, False),  # a true stamp
        ("+00:00", "09:23 ص", 9, False),  # computed by software whose zone nobody set
        ("Z", "", 9, False),
    ],
)
def test_local_time_written_as_utc(zone, shown, hour, flagged):
    about = f"<div>الجمعة، 19 يوليو 2024 {shown}</div>"
    article = read_markup(f"<article>{H1}{about}<div>{PARAGRAPHS}</div></article>", STAMP.format(zone))
    assert article.published == datetime(2024, 7, 19, hour, 23, 13, tzinfo=UTC)
    assert ("local-time-as-utc" in article.flags) is flagged


@pytest.mark.parametrize("name", ["dc.date", "DC:date", "dcterms.date"])
def test_dublin_core_names_the_time(name):
    head = f'<meta name="{name}" content="2024-07-19T09:23:13+03:00">'
    assert read_markup(f"<article>{H1}<div>{PARAGRAPHS}</div></article>", head).published.hour == 6


# --- pictures -----------------------------------------------------------------------------------------------------------

SHARE = '<meta property="og:image" content="https://news.example/p/thumb/lead.jpg">'


def addresses_of(article):
    return [image.url.removeprefix("https://news.example") for image in article.images]


def test_the_lead_picture_and_its_caption_need_no_figure():
    lead = '<div class="img-cont"><img src="/p/large/lead.jpg"><div>الوزير في مكتبه أمس</div></div>'
    article = read_markup(f"<div>{H1}{lead}<div>{PARAGRAPHS}</div></div>", SHARE)
    assert addresses_of(article) == ["/p/large/lead.jpg"]
    assert article.images[0].caption == "الوزير في مكتبه أمس"


def test_the_picture_over_the_headline_is_the_lead():
    assert addresses_of(read_markup(f'<div><img src="/p/1.jpg">{H1}<div>{PARAGRAPHS}</div></div>', SHARE)) == [
        "/p/1.jpg"
    ]


@pytest.mark.parametrize(
    "inner",
    [
        '<sna-related-article><div><a href="/a/2"><img src="/p/o.jpg"></a></div></sna-related-article>',
        '<p class="follow"><a href="https://apps.example/x"><img src="/res/badge.png"></a></p>',
        '<div class="related"><img src="/p/o.jpg"></div>',
        '<aside><img src="/p/o.jpg"></aside>',
        '<img src="/p/face.jpg" width="40" height="40">',
        '<img src="javascript:alert(1)"><img src="blob:x"><img src="ftp://h/a.jpg">',
    ],
)
def test_pictures_of_what_the_text_drops_are_not_the_articles(inner):
    body = f'<article>{H1}<div class="t"><p>{LINES[0]}</p>{inner}<p>{LINES[1]}</p><p>{LINES[2]}</p><figure><img src="/p/own.jpg"></figure></div></article>'
    assert addresses_of(read_markup(body)) == ["/p/own.jpg"]


@pytest.mark.parametrize(
    ("pictures", "addresses"),
    [
        (
            '<img src="/GetImage.ashx?id=1"><img src="/GetImage.ashx?id=2">',
            ["/GetImage.ashx?id=1", "/GetImage.ashx?id=2"],
        ),
        ('<img src="/a.jpg?w=300"><img src="/a.jpg?w=1200&quality=80">', ["/a.jpg?w=300"]),
        ('<img src="/a-300x200.jpg"><img src="/a.jpg">', ["/a-300x200.jpg"]),
        ('<img srcset=", /a.jpg 2x">', ["/a.jpg"]),
        (
            '<img srcset="/c_fill,w_300,h_200/a.jpg 300w, /c_fill,w_600,h_400/a.jpg 600w">',
            ["/c_fill,w_600,h_400/a.jpg"],
        ),
        ('<img srcset="/a.jpg, /b.jpg 2x">', ["/b.jpg"]),
        ('<img srcset="/b.jpg 2.5x,/a.jpg 1.5x">', ["/b.jpg"]),
        ('<img srcset="/c_fill,w_3/a.jpg 300w,/c_fill,w_6/a.jpg 600w 400h">', ["/c_fill,w_6/a.jpg"]),
        ('<img srcset="/a.jpg,/b.jpg">', ["/a.jpg"]),
        ('<img data-srcset="x 1y">', []),
        ('<img srcset="/a.jpg 1y, /b.jpg 300w, javascript:x 900w">', ["/b.jpg"]),
        ('<img src="data:image/gif;base64,R0" data-lazy-srcset="/a.jpg 3w, /b.jpg 9w">', ["/b.jpg"]),
        (
            '<picture><source srcset="/a.webp 3w, /b.webp 9w"><img src="data:image/gif;base64,R0"></picture>',
            ["/b.webp"],
        ),
        ('<img src="/i/a.php?v=1"><img src="/i/a.php?v=2">', ["/i/a.php?v=1", "/i/a.php?v=2"]),
        (
            '<img src="/styles/large/public/a.jpg?itok=x"><img src="/styles/small/public/a.jpg?itok=y">',
            ["/styles/large/public/a.jpg?itok=x"],
        ),
        ('<img src="/2026/27/1.jpg"><img src="/2026/28/1.jpg">', ["/2026/27/1.jpg", "/2026/28/1.jpg"]),
        ('<img src="/large/5/1.jpg"><img src="/small/5/1.jpg">', ["/large/5/1.jpg"]),
        (
            '<img src="/Get/x1/640/350"><img src="/Get/x2/640/350"><img src="/Get/x2/1200/630">',
            ["/Get/x1/640/350", "/Get/x2/640/350"],
        ),
        ('<img src="null"><img src="#"><img src="//"><img src="https:///a.jpg"><img src="about:blank">', []),
        ('<img srcset=" , ">', []),
    ],
)
def test_which_addresses_are_one_picture(pictures, addresses):
    assert addresses_of(read_markup(f"<article>{H1}<div>{PARAGRAPHS}{pictures}</div></article>")) == addresses


def test_relative_addresses_are_joined_to_the_base():
    head = '<base href="https://cdn.example/static/">'
    article = read_markup(f'<article>{H1}<div>{PARAGRAPHS}<img src="pics/a.jpg"></div></article>', head)
    assert [image.url for image in article.images] == ["https://cdn.example/static/pics/a.jpg"]


def test_the_canonical_link_is_joined_to_the_base():
    head = '<base href="https://agency.example/wire/"><link rel="canonical" href="77">'
    article = read_markup(f"<article>{H1}<div>{PARAGRAPHS}</div></article>", head)
    assert article.origin_url == "https://agency.example/wire/77"


def test_a_graph_keeps_picture_and_author_apart():
    graph = (
        '<script type="application/ld+json">{"@graph":[{"@type":"Article","image":{"@id":"#i"},"author":{"@id":"#a"}},'
        '{"@type":"ImageObject","@id":"#i","url":"https://news.example/p/1.jpg","caption":"الوزير في مكتبه"},'
        '{"@type":"Person","@id":"#a","name":"أسماء سالم"}]}</script>'
    )
    article = read_markup(f"<article>{H1}<div>{PARAGRAPHS}</div></article>", graph)
    assert [(image.url, image.caption) for image in article.images] == [
        ("https://news.example/p/1.jpg", "الوزير في مكتبه")
    ]
    assert article.byline == ["أسماء سالم"]


def test_a_section_s_name_signs_nothing_but_a_columnist_s_does():
    for section, byline in (("المشهد العربي", []), ("محمد سالم", ["محمد سالم"])):
        node = f'{{"@type":"NewsArticle","headline":"{TITLE}","articleSection":["أخبار","{section}"],"author":{{"@type":"Person","name":"{section}"}}}}'
        head = f'<script type="application/ld+json">{node}</script>'
        assert read_markup(f"<article>{H1}<div>{PARAGRAPHS}</div></article>", head).byline == byline


@pytest.mark.parametrize(
    "text",
    [
        f"<p>المصدر:</p>{PARAGRAPHS}",
        f"<p>سوق العمل في المحافظات الجنوبية</p><p>{TITLE}</p>{PARAGRAPHS}",
        f"{PARAGRAPHS}<p>ملحوظة: مضمون هذا الخبر تم كتابته بواسطة النهر ولا يعبر عن وجهة نظر الموقع ونحن غير مسؤولين عنه</p>",
    ],
    ids=["a label without a source", "the headline under a kicker", "whose words it is"],
)
def test_what_sites_write_about_a_text_is_none_of_it(text):
    article = read_markup(f"<article>{H1}<div>{text}</div></article>")
    assert article.text.removeprefix("سوق العمل في المحافظات الجنوبية\n") == TEXT


DATED = f"القاهرة – {LINES[0]}"


@pytest.mark.parametrize(
    ("label", "byline"),
    [
        ("أحمد علي", ["أحمد علي"]),
        ("عبد الله حسن ومنى سالم", ["عبد الله حسن", "منى سالم"]),
        ("رويترز", []),
        ("شمال القاهرة", []),
        ("محمد القاهرة", []),
        ("أخبار مصر", []),
        ("غضب شعبي واسع", []),
        ("عيد سعيد", []),
        ("القسم السياسي", []),
        ("محمد يسجل هدفين", []),
    ],
)
@pytest.mark.parametrize("parted", ["<p><b>{}</b></p><p>{}</p>", "<p><strong>{}</strong><br/>{}</p>"])
def test_a_name_alone_over_a_dateline_signs(parted, label, byline):
    article = read_markup(f"<article>{H1}<div>{parted.format(label, DATED)}<p>{LINES[1]}</p></div></article>")
    assert article.byline == byline
    assert article.dateline == "القاهرة"
    assert article.text == "\n".join([DATED, LINES[1]])


def test_whom_an_article_is_about_does_not_sign_it():
    about = f"<p><b>محمد صلاح</b></p><p>لندن – {LINES[0]}</p><p>وسجل محمد صلاح هدفين في مباراة أمس على ملعب فريقه الجديد.</p>"
    assert read_markup(f"<article>{H1}<div>{about}</div></article>").byline == []
    over_a_sentence = f"<p><b>أحمد علي</b></p>{PARAGRAPHS}"
    assert read_markup(f"<article>{H1}<div>{over_a_sentence}</div></article>").byline == []


# --- tags and lists -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keywords", "tags"),
    [
        ("بدء,المشروع,الجديد,مطلع,الشهر", []),
        (TITLE, []),
        ("أهم الأخبار,أخبار عاجلة,أخبار مصر", []),
        ("الجريدة,أخبار,رياضة,صوت المواطن", []),
        ("الشركات المحلية,الوزارة", ["الشركات المحلية", "الوزارة"]),
        ("بدء,المشروع..,«الجديد»,مطلع", []),
    ],
)
def test_keywords_that_speak_of_nothing_are_no_tags(keywords, tags):
    head = f'<meta name="keywords" content="{keywords}">'
    assert read_markup(f"<article>{H1}<div>{PARAGRAPHS}</div></article>", head).tags == tags


LISTED = "".join(
    f'<div><h3><a href="/a/{n}">عنوان خبر رقم {n} في القسم</a></h3><p>{LINES[n % 3]} {n}</p></div>' for n in range(8)
)


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f"{H1}<div>{LISTED}</div>", ""),
        (f"{H1}<div>{PARAGRAPHS}</div>", '<script type="application/ld+json">{"@type":"SearchResultsPage"}</script>'),
        (f"{H1}<div>{PARAGRAPHS}</div>", '<script type="application/ld+json">{"@type":"CollectionPage"}</script>'),
    ],
)
def test_a_list_of_articles_is_none(body, head):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(body, head)
    assert refusal.value.reason in {"not-an-article", "empty"}


def title_of(number):
    return f"عنوان خبر رقم {number} عن اجتماع الحكومة في العاصمة"


def repeated(card, count=12):
    """Return some cards: ``{n}`` a number, ``{title}`` a headline, ``{line}`` a paragraph."""
    return "".join(card.format(n=n, title=title_of(n), line=LINES[n % 3]) for n in range(1, count))


FACES = repeated('<div class="c"><a href="/n/{n}"><img src="/x{n}.jpg"><h4>{title}</h4></a></div>', 25)
NAMED = "<h1>أخبار قطاع غزة لحظة بلحظة</h1>"
STRIP = "<p>قطاع غزة شريط ساحلي على البحر المتوسط في جنوب فلسطين التاريخية يسكنه أكثر من مليوني إنسان، وتحاصره إسرائيل منذ عام 2007.</p>"
OG_ARTICLE = '<meta property="og:type" content="article">'
LISTS = {
    "wordpress": "<main><h1>سياسة</h1>"
    + repeated(
        '<article><h2><a href="/p{n}">{title}</a></h2><time datetime="2024-07-0{n}T10:00Z"></time><p>{line} […]</p></article>', 10
    ),
    "whole posts": "<main><h1>سياسة</h1>"
    + repeated(f'<article><h2><a href="/p{{n}}">{{title}}</a></h2><div>{PARAGRAPHS}</div></article>', 7),
    "drupal": "<h1>سياسة</h1>"
    + repeated(
        '<div class="views-row"><span><a href="/node/{n}">{title}</a></span><div><div>{line} {line}</div></div><div>2{n}/07/2024</div></div>', 9
    ),
    "joomla": "<h1>أخبار سياسية من كل مكان</h1>"
    + repeated(
        '<div class="item"><h2><a href="/{n}-a">{title}</a></h2><p>{line}</p><p>{line}</p><p class="readmore"><a href="/{n}-a">إقرأ المزيد...</a></p></div>', 9
    ),
    "search": repeated('<div><div><a href="/n/{n}">{title}</a></div><div>… {line} …</div></div>'),
    "tag": f"<main>{NAMED}{STRIP}" + repeated('<div><a href="/n/{n}"><img src="/{n}.jpg">{title}</a><span>منذ {n} ساعات</span></div>', 25),
    "front": f"<main><h2><a href='/n/1'>{TITLE}</a></h2><p>{TEXT}</p>" + repeated('<div><h3><a href="/n/{n}">{title}</a></h3></div>', 29),
    "most read": "<main><h1>الأكثر قراءة هذا الأسبوع في الجريدة</h1>"
    + repeated('<div><span>{n}</span><a href="/n/{n}"><b>{title}</b></a><p>{line}</p></div>'),
    "forum": "<h1>المنتدى السياسي</h1><ul>"
    + repeated('<li><a href="/t/{n}">{title}</a><br>بواسطة عضو{n} » 12 يوليو 2024 12:00 <span>ردود: {n} مشاهدات: {n}1</span></li>', 25),
    "author": f"<main><h1>أحمد علي</h1><p>{LINES[0].replace('قالت', 'كتب في')}</p>" + repeated('<div><h3><a href="/n/{n}">{title}</a></h3><p>{line}</p></div>'),
    "pictures": "<main><h1>ألبوم صور الأسبوع من العالم العربي</h1>"
    + repeated('<figure><a href="/g/{n}"><img src="/g{n}.jpg"></a><figcaption><a href="/g/{n}">{title}</a></figcaption></figure>', 21),
    "section": f"<main><h1>أهم أخبار الاقتصاد العربي والعالمي اليوم</h1><p>{LINES[0]}</p>" + FACES,
}  # fmt: skip


@pytest.mark.parametrize("head", ["", OG_ARTICLE], ids=["", "og:type article"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_each_kind_is_no_article(kind, head):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(LISTS[kind], head, "https://news.example/gaza", "الجريدة: آخر أخبار العالم العربي والعالم")
    assert refusal.value.reason == "not-an-article"


SHORT = f'<div class="art">{H1}{{}}<p>{LINES[0]} {LINES[1]}</p></div><div><h3>آخر الأخبار</h3>{FACES}</div>'


@pytest.mark.parametrize(
    ("url", "date"),
    [
        ("https://news.example/n/51234", ""),
        ("https://news.example/?p=77", ""),
        ("https://news.example/ministry-begins-project/", ""),
        ("https://news.example/%D8%A8%D8%AF%D8%A1-%D8%A7%D9%84%D9%85%D8%B4%D8%B1%D9%88%D8%B9-%D8%A7%D9%84%D8%AC%D8%AF%D9%8A%D8%AF", ""),
        ("https://news.example/news/ministry", "<span>5 يوليو 2024 - 14:20</span>"),
    ],
)  # fmt: skip
def test_a_short_item_among_cards_of_others_is_an_article(url, date):
    article = read_markup(SHORT.format(date), OG_ARTICLE, url)
    assert article.text == f"{LINES[0]} {LINES[1]}"


def test_a_shell_whose_text_a_script_loads_is_empty_whatever_cards_stand_beside_it():
    shell = f'<div><h1>{TITLE} المقبل</h1></div><div id="response"><p>جاري تحميل المحتوى .. الرجاء الانتظار</p></div>{FACES}{LISTED}'
    for head in ("", OG_ARTICLE):
        with pytest.raises(ExtractionError) as refusal:
            read_markup(shell, head)
        assert refusal.value.reason == "empty"


GOODS = f"<h1>هاتف ذكي بشاشة كبيرة وذاكرة واسعة</h1><div>{PARAGRAPHS}</div>"
PRICED = repeated('<div><a href="/p/{n}"><img src="/p{n}.jpg">هاتف {n}</a><span class="price">{n}99 ر.س</span></div>')


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (GOODS + PRICED, ""),
        (f"{GOODS}<button>أضف إلى السلة</button>", ""),
    ],
)
def test_goods_are_no_article(body, head):
    with pytest.raises(ExtractionError) as refusal:
        read_markup(body, head)
    assert refusal.value.reason == "not-an-article"


# --- Whole pages of widespread systems ---------------------------------------------------------------------------------

OTHERS = "".join(
    f'<li class="item"><a href="/x{n}"><img src="/t{n}.jpg"><h3>خبر آخر من الأخبار الكثيرة رقم {n} في الموقع</h3></a><span>12/3/2023</span></li>'
    for n in range(8)
)
SIGNED_BY = "سالم الأحمد"
WORDPRESS = (
    '<header id="masthead"><h1 class="site-title">صحيفة النهر</h1></header><main><article class="post"><header class="entry-header">'
    f'<h1 class="entry-title">{TITLE}</h1><div class="entry-meta"><time class="entry-date published" datetime="2024-07-05T14:20:00+03:00">يوليو 5, 2024</time>'
    f'<span class="byline"> بقلم <span class="author vcard"><a class="url fn n" href="/author/a">{SIGNED_BY}</a></span></span></div></header>'
    f'<div class="post-thumbnail"><img src="/lead.jpg"></div><div class="entry-content">{PARAGRAPHS}<div class="sharedaddy"><h3>شارك هذا الموضوع:</h3>'
    f'<ul><li>فيس بوك</li></ul></div><div class="jp-relatedposts"><h3>مرتبط</h3><ul>{OTHERS}</ul></div></div><footer><a rel="category tag" href="/c">اقتصاد</a>'
    f'<a rel="tag" href="/t">تمويل</a></footer></article>{COMMENT_FORM}</main><aside><a rel="author" href="/k">محمود الكاتب</a><ul>{OTHERS}</ul></aside>'
)
BLOGGER = (
    '<div id="header"><h1 class="title"><a href="/">صدى البلد</a></h1></div><h2 class="date-header"><span>الجمعة، 5 يوليو 2024</span></h2>'
    f'<div class="post hentry"><h3 class="post-title entry-title">{TITLE}</h3><div class="post-body entry-content"><div class="separator"><img src="/lead.jpg"></div>'
    f'{"<br/><br/>".join(LINES)}</div><div class="post-footer">مرسلة بواسطة <span class="fn">Admin</span> في <abbr class="published" title="2024-07-05T14:20:00+03:00">'
    f'2:20 م</abbr></div></div><div class="sidebar"><ul>{OTHERS}</ul></div>'
)
TABLE = (
    '<table width="100%"><tr><td><img src="/logo.gif"></td></tr><tr><td width="160"><table>'
    + "".join(f'<tr><td><a href="/n{n}">عنوان خبر قديم من قائمة الأخبار رقم {n}</a></td></tr>' for n in range(10))
    + f'</table></td><td><table><tr><td><font size="5"><b>{TITLE}</b></font></td></tr><tr><td>التاريخ : 05-07-2024  الوقت: 02:20 مساءً</td></tr>'
    f'<tr><td align="right"><img src="/lead.jpg" width="300"><font>{"<br><br>".join(LINES)}</font></td></tr></table></td></tr></table>'
)
NEXT = (
    f'<div id="__next"><div class="css-1x"><header><nav><a href="/">النهر</a></nav></header><div class="css-2y"><h1 class="css-3z">{TITLE}</h1>'
    '<div class="css-4"><span>05 يوليو 2024 | 14:20</span></div><div class="css-5"><img src="/_next/image?url=%2Flead.jpg&w=1200"><p class="css-cap">صورة أرشيفية</p></div>'
    f'<div class="css-6">{"".join(f"<div class=css-7><p>{line}</p></div>" for line in LINES)}</div><div class="css-8"><h2>اقرأ أيضا</h2><ul>{OTHERS}</ul></div></div></div></div>'
)
AMP = (
    f'<amp-sidebar id="s"><ul><li><a href="/">الرئيسية</a></li></ul></amp-sidebar><article><h1>{TITLE}</h1><time datetime="2024-07-05T11:20:00Z"></time>'
    f'<amp-img src="/lead.jpg" width="800" height="400"></amp-img>{PARAGRAPHS}<amp-ad></amp-ad></article><footer>جميع الحقوق محفوظة</footer>'
)


@pytest.mark.parametrize(
    ("body", "title", "byline"),
    [
        (WORDPRESS, f"{TITLE} - صحيفة النهر", [SIGNED_BY]),
        (BLOGGER, f"صدى البلد: {TITLE}", []),
        (TABLE, TITLE, []),
        (NEXT, f"{TITLE} | النهر", []),
        (AMP, TITLE, []),
    ],
    ids=["wordpress", "blogger", "tables", "next.js", "amp"],
)
def test_a_page_as_a_widespread_system_makes_it(body, title, byline):
    markup = f'<!doctype html><html lang="ar"><head><meta charset="utf-8"><title>{title}</title></head><body>{body}</body></html>'
    page = Page(url=URL, captured=CAPTURED, body=markup.encode())
    article = read(page, reading=replace(READING, zone="Asia/Riyadh"), addresses=ADDRESSES)
    assert article.headline == TITLE
    assert article.text == TEXT
    assert article.published == datetime(2024, 7, 5, 11, 20, tzinfo=UTC)
    assert article.byline == byline
    assert ["lead" in image.url for image in article.images] == [True]


@pytest.mark.parametrize(
    "line",
    [
        "الجمعة 29 ذو الحجة 1445 هـ - 5 يوليو 2024 م الساعة ٠٢:٢٠ م",
        "آخر تحديث: 5 تموز / يوليو 2024 - 14:20",
        "GMT 11:20 2024 الجمعة ,05 تموز / يوليو",
        "٠٥/٠٧/٢٠٢٤ - ٠٢:٢٠ م",
        "05 Jul 2024 - 02:20 pm (بتوقيت مكة)",
        "كتبت: هند علي الجمعة، 05 يوليو 2024 02:20 م",
        "نشر في: الجمعة 5 يوليو 2024 - 2:20 م | آخر تحديث: الجمعة 5 يوليو 2024 - 3:30 م",
        "نشرت في: 05/07/2024 - 14:20آخر تحديث: 05/07/2024 - 14:40",
        "نُشر في 5 يوليو, 2024 02:20 بعد الظهر",
        "14h20 - 5 يوليو 2024",
        "نشر في: 5 يوليو ,2024: 03:20 م GST",
    ],
)
def test_a_time_is_read_to_the_minute_and_is_no_text(line):
    article = read_markup(f'<div class="c">{H1}<div class="d">{line}</div>{PARAGRAPHS}</div>', zone="Asia/Riyadh")
    assert article.published == datetime(2024, 7, 5, 11, 20, tzinfo=UTC)
    assert article.text == TEXT
    assert article.byline in ([], ["هند علي"])


def test_a_relative_time_is_never_one():
    article = read_markup(f'<div class="c">{H1}<span>منذ 3 أسابيع</span><p class="n">منذ شهر</p>{PARAGRAPHS}</div>')
    assert article.published is None


def test_a_weekday_that_is_a_family_name_stays_in_it():
    assert read_markup(f'<div class="c">{H1}<span class="author">محمد الخميس</span>{PARAGRAPHS}</div>').byline == [
        "محمد الخميس"
    ]


CARD_ROW = "".join(
    f'<div class="y"><a href="/a/{n}"><img src="/u/{n}.jpg"></a><h3><a href="/a/{n}">عنوان خبر آخر رقم {n} عن مدينة بعيدة</a></h3>'
    f"<div>ملخص قصير للخبر رقم {n} الذي لا علاقة له بما يقرؤه القارئ في هذه الصفحة.</div><i>1{n} يوليو 2024</i></div>"
    for n in range(2, 6)
)
POSTING = 'itemscope itemtype="http://schema.org/BlogPosting"'
POSTED = '<i itemprop="author" itemscope itemtype="http://schema.org/Person"><b itemprop="name">مروان صالح</b></i>'
BIO = "كاتبة صحفية متخصصة في شؤون النقل والاقتصاد، صدر لها كتابان عن المواصلات العامة في المدن العربية."


@pytest.mark.parametrize(
    ("body", "byline"),
    [
        (f"<article>{H1}<p>- إعلان -</p><div>{PARAGRAPHS}</div></article>", []),
        (f'<div class="c">{H1}<div class="t">{PARAGRAPHS}</div><h2>أخبار متعلقة</h2>{CARD_ROW}</div>', []),
        (f"<article>{H1}<div>{PARAGRAPHS}<p>كتب: سعد الدين هلال</p></div></article>", ["سعد الدين هلال"]),
        (
            f"<article>{H1}<div>بقلم سميرة توفيق</div><div>{PARAGRAPHS}<div><b>سميرة توفيق</b><p>{BIO}</p></div></div></article>",
            ["سميرة توفيق"],
        ),
        (
            f"<article>{H1}<div>{PARAGRAPHS}<p>ـــــ</p><p>م.ل</p><p>متابعة أخبار الجريدة على تلغرام</p></div></article>",
            [],
        ),
        (f"<article>{H1}<div>{PARAGRAPHS}<p>للمزيد: <a href=/a/2>خبر آخر عن مدينة</a></p></div></article>", []),
        (
            f'<article>{H1}<footer class="node__meta">بواسطة <i>خالد العتيبي</i> - خميس, 07/18/2024 - 13:46</footer><div>{PARAGRAPHS}</div></article>',
            ["خالد العتيبي"],
        ),
        (f'<div {POSTING}>{H1}<div>{PARAGRAPHS}</div><div class="post-footer">{POSTED}</div></div>', ["مروان صالح"]),
    ],
    ids=[
        "a label between dashes",
        "cards with summaries in divisions",
        "signed under the text",
        "a word about the author",
        "a rule, who typed it, a channel",
        "an invitation with a colon",
        "Drupal's line of author and time",
        "Blogger's author under the text",
    ],
)
def test_what_stands_about_a_text_is_none_of_it(body, byline):
    article = read_markup(body)
    assert (article.headline, article.text, article.byline) == (TITLE, TEXT, byline)


@pytest.mark.parametrize(
    "about",
    [
        "الخميس - 12 محرّم 1446 هـ - 18 يوليو 2024 مـ 13:46",
        "نُشر: 13:46-18 يوليو 2024 م ـ 12 مُحرَّم 1446 هـ",
        "<i>آخر تحديث: 18 يوليو 2024 - 16:00</i><i>تاريخ النشر: 18 يوليو 2024 - 13:46</i>",
        "2024/07/18 - 13:46",
        '<div class="author-date-share"><i>01:46 م</i> <i>الخميس 18 يوليو 2024</i></div>',
    ],
)
def test_the_time_of_publication_is_told_from_others_and_is_no_text(about):
    bar = "<div>السبت 20 يوليو 2024 09:15</div>"
    article = read_markup(f'{bar}<article>{H1}<div class="d">{about}</div><div>{PARAGRAPHS}</div></article>')
    assert (f"{article.published:%F %H:%M}", article.text) == ("2024-07-18 10:46", TEXT)  # summer time in Cairo


@pytest.mark.parametrize(
    "body",
    [
        f'<div class="x">{H1}<div>{PARAGRAPHS}</div><div>تاريخ النشر: 18-07-2024 13:46</div></div>{CARD_ROW}',
        f'<div class="x">{H1}<div>18 يوليو 2024 13:46<div class="b">{PARAGRAPHS}',
        f'<div class="h">{H1}</div><div class="b"><div><i>18 يوليو 2024 13:46</i></div>{PARAGRAPHS}</div>',
    ],
    ids=["under the text", "in a division that is never closed", "in the text's own element"],
)
def test_a_time_in_an_odd_place_is_read(body):
    assert f"{read_markup(body).published:%F %H:%M}" == "2024-07-18 10:46"


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("الجريدة: {}", "<h1>الجريدة</h1><h3>{}</h3>"),
        ("الجريدة | {}", '<h1><img src="/logo.png" alt="الجريدة"></h1><h2>{}</h2>'),
        ("{} | موقع الجريدة الإخباري", '<div class="ttl">{}</div>'),
    ],
)
def test_the_headline_is_the_half_of_the_title_that_the_page_shows(title, heading):
    markup = f"<html lang=ar><title>{title.format(TITLE)}</title><body>{heading.format(TITLE)}<div>{PARAGRAPHS}</div>"
    article = read(Page(url=URL, captured=CAPTURED, body=markup.encode()), reading=READING, addresses=ADDRESSES)
    assert (article.headline, article.text) == (TITLE, TEXT)


def test_the_time_of_a_page_whose_json_ld_has_no_article():
    node = '{"@graph": [{"@type": "WebPage", "datePublished": "2024-07-19T09:23:13+00:00"}, {"@type": "WebSite"}]}'
    article = read_markup(f"<article>{H1}{PARAGRAPHS}</article>", f'<script type="application/ld+json">{node}</script>')
    assert (f"{article.published:%F %T}", article.provenance["published"]) == ("2024-07-19 09:23:13", "json-ld")


def test_an_arrow_is_no_picture():
    assert read_markup(f"<article>{H1}<img src=/images/arrowBread.png?2>{PARAGRAPHS}</article>").images == []


def test_who_built_the_site_signs_nothing():
    assert (
        read_markup(f"<article>{H1}{PARAGRAPHS}</article>", "<meta name=author content='Ahmed Web Design'>").byline
        == []
    )


def test_a_headline_cut_at_its_blanks_is_no_keywords_even_where_rules_name_them():
    head = f'<meta name="keywords" content="{",".join(TITLE.split())}">'
    assert read_markup(f"<article>{H1}{PARAGRAPHS}</article>", head, tags=("meta:keywords",)).tags == []


FILE = "<div><a href=/files/3>ملف خاص عن مشروعات المحافظات الجنوبية والشرقية</a></div>"


@pytest.mark.parametrize(
    ("between", "lead"),
    [
        ("<p>{}</p>", True),
        ('<h2 class="article-summary">{}</h2>', True),
        ('<div class="post-excerpt"><p>{}</p></div>', True),
        ('<div class="photo-caption"><p>{}</p></div>', False),
        ("<figure><img src=/a.jpg><p>{}</p></figure>", False),
        ('<p><a href="/a/2">{}</a></p>', False),
    ],
)
def test_a_lead_apart_from_the_text_is_a_part_of_it(between, lead):
    line = "تشهد المحافظات مطلع الشهر أكبر مشروعاتها منذ عشرين سنة على الأقل."
    body = f"<article><header>{H1}{between.format(line)}</header>{FILE}<div>{PARAGRAPHS}</div></article>"
    assert read_markup(body).text == (f"{line}\n{TEXT}" if lead else TEXT)
    assert read_markup(body, standfirst=(".lead",)).text == TEXT  # there the outlet's rules say what is a summary


def test_who_took_a_picture_stands_apart_from_its_caption():
    figure = "<figure><img src=/lead.jpg><figcaption>الوزير أمس<small>(رويترز)</small></figcaption></figure>"
    (image,) = read_markup(f"<article>{H1}{figure}{PARAGRAPHS}</article>").images
    assert (image.caption, image.credit) == ("الوزير أمس", "رويترز")


def test_a_picture_in_a_box_of_media_has_its_caption():
    picture = '<article class="media"><div class="field--name-thumbnail"><img src="/lead.jpg"></div><div class="field-caption">الوزير أمس</div></article>'
    (image,) = read_markup(f"<main>{H1}<div>{picture}<div>{PARAGRAPHS}</div></div></main>").images
    assert (image.url, image.caption) == ("https://news.example/lead.jpg", "الوزير أمس")


SIDE = '<div class="x1"><h4>كتاب الرأي</h4><a class="author" rel="author" href="/author/1">إلهام فريد</a><p>بقلم إلهام فريد</p></div>'


@pytest.mark.parametrize(
    "about",
    [
        "<div>كتبت ضحى سالم:</div>",
        "<small>كَتَبَت ضحى سالم</small>",
        "<div>حوار: ضحى سالم</div>",
        "<p>تقرير/ ضحى سالم</p>",
        "<div><span>متابعة -</span><b>ضحى سالم</b></div>",
        '<div><a href="/writers/12">ضحى سالم</a></div>',
    ],
)
def test_a_columnist_before_the_article_signs_nothing(about):
    article = read_markup(f'<div>{SIDE}<div class="art">{H1}{about}<div>{PARAGRAPHS}</div></div></div>')
    assert (article.byline, article.text) == (["ضحى سالم"], TEXT)
    assert read_markup(f'<div>{SIDE}<div class="art">{H1}<div>{PARAGRAPHS}</div></div></div>').byline == []


@pytest.mark.parametrize("kind", ["حوار:", "تقرير:", "متابعة -", "كتب:", "إعداد:"])
def test_a_headline_signs_nothing(kind):
    line = f"{kind} {TITLE.removesuffix(' مطلع الشهر')}"
    article = read_markup(f"<article><h2>{line}</h2><h1>{line}</h1>{PARAGRAPHS}</article>")
    assert article.byline == []


MODIFIED = '<meta property="article:modified_time" content="2024-07-19T12:00:00+03:00">'


@pytest.mark.parametrize(
    ("head", "shown", "hour"),
    [
        (MODIFIED, "19 يوليو 2024 09:23 ص", 6),
        (
            '<script type="application/ld+json">{"@type":"WebPage","dateModified":"2024-07-19T12:00:00+04:00"}</script>',
            "2024/07/19 - 09:23",
            5,
        ),
        ('<meta property="og:updated_time" content="2024-07-19T12:00:00+00:00">', "١٩ تموز ٢٠٢٤ - ٠٩:٢٣", 9),
        (MODIFIED + MODIFIED.replace("article:modified", "og:updated").replace("+03", "+01"), "19/07/2024 09:23", 9),
    ],
)
def test_a_clock_without_a_zone_runs_in_that_of_the_page_s_other_times(head, shown, hour):
    body = f"<article>{H1}<div>{shown}</div><div>{PARAGRAPHS}</div></article>"
    assert read_markup(body, head, zone="UTC").published == datetime(2024, 7, 19, hour, 23, tzinfo=UTC)
    assert read_markup(body, head, zone="Africa/Cairo").published == datetime(2024, 7, 19, 6, 23, tzinfo=UTC)


def test_local_time_written_as_utc_in_an_attribute():
    shown = '<time datetime="2024-07-19T09:23:13Z">الجمعة، 19 يوليو 2024 09:23 ص</time>'
    article = read_markup(f"<article>{H1}{shown}<div>{PARAGRAPHS}</div></article>")
    assert f"{article.published:%H:%M}" == "06:23"
    assert "local-time-as-utc" in article.flags


def test_a_zone_before_a_dash_is_the_clock_s():
    shown = "<p>GMT+2 - 05:27 م - 19 تموز 2024</p>"
    assert read_markup(f"<article>{H1}{shown}{PARAGRAPHS}</article>").published == datetime(
        2024, 7, 19, 15, 27, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "line",
    [
        "تنويه: التعليقات المنشورة لا تعبر عن رأي الموقع ولا يتحمل الموقع أي مسؤولية عنها.",
        "يرجى الالتزام بآداب الحوار عند كتابة التعليق، وستحذف التعليقات التي تحتوي على إساءة.",
        "نرحب بتعليقاتكم، ونرجو الالتزام بشروط النشر قبل إرسال التعليق.",
        "المقال لا يعبر بالضرورة عن رأي الموقع بل عن رأي كاتبه.",
        "لمتابعة صفحة الجريدة على فيسبوك اضغط هنا",
        "الخميس، 18 يوليو، 2024 الساعة 01:46 مساءً",
        "مرتبط",
        "إذا كنت تعتقد أن المقال يحوي معلومات خاطئة أو لديك تفاصيل إضافية أرسل تصحيحًا",
    ],
)
def test_what_a_page_says_of_itself_is_none_of_the_text(line):
    for body in (f"<div>{PARAGRAPHS}<p>{line}</p></div>", f"<div>{PARAGRAPHS}</div><div><span>{line}</span></div>"):
        assert read_markup(f"<article>{H1}{body}</article>").text == TEXT


@pytest.mark.parametrize(
    "node",
    [
        '<!-- بيانات -->{"@type":"NewsArticle",%s}',
        '{"@type":"newsarticle",%s}',
        '{"@type":"WebPage","mainEntityOfPage":{"@type":"NewsArticle",%s}}',
        '{"@type":"NewsArticle","description":"قال "نعم" للمشروع",%s}',
        '{"@type":"TechArticle",%s}',
        "{type: 'NewsArticle', %s}",
    ],
    ids=["comment", "small letters", "page of the article", "broken", "technical", "script"],
)
def test_json_ld_however_it_is_written(node):
    said = '"datePublished":"2024-07-19T10:11:12Z","author":{"@type":"Person","name":"ضحى سالم"}'
    head = f'<script type="application/ld+json">{node % said}</script>'
    article = read_markup(f"<article>{H1}{PARAGRAPHS}</article>", head)
    assert (article.byline, f"{article.published:%H:%M}") == (["ضحى سالم"], "10:11")


@pytest.mark.parametrize(
    "place", ["{table}{h1}<div>{text}</div>", "{h1}{table}<div>{text}</div>", "{h1}<div>{table}{text}</div>"]
)
def test_a_caption_in_a_cell_under_the_picture_is_its_own(place):
    table = '<table><tr><td><img src="/p/a.jpg"></td></tr><tr><td>الوزير في مكتبه أمس</td></tr></table>'
    article = read_markup(f"<article>{place.format(table=table, h1=H1, text=PARAGRAPHS)}</article>")
    assert ([image.caption for image in article.images], article.text) == (["الوزير في مكتبه أمس"], TEXT)


def test_a_picture_of_a_post_that_the_text_begins_with_is_not_the_lead():
    post = '<blockquote class="twitter-tweet"><img src="/p/b.jpg">تغريدة</blockquote>'
    assert read_markup(f"<article>{H1}<div>{post}{PARAGRAPHS}</div></article>").images == []


def test_the_zone_that_the_page_tells_is_the_line_s():
    body = f"<article>{H1}<div>19 يوليو 2024 01:23 ص</div><div>{PARAGRAPHS}</div></article>"
    article = read_markup(body, MODIFIED, zone="UTC")
    assert (article.zone, f"{article.published:%F %H:%M}") == ("Etc/GMT-3", "2024-07-18 22:23")


def test_who_signs_behind_an_outlet_s_name_over_the_text():
    article = read_markup(f"<article>{H1}<div><p>عنب بلدي – أسماء سالم</p>{PARAGRAPHS}</div></article>")
    assert (article.byline, article.text) == (["أسماء سالم"], TEXT)


def test_who_typed_it_goes_with_the_credit_behind_him():
    article = read_markup(f"<article>{H1}<div>{PARAGRAPHS}<p>ع.خ/ ح.ز (د ب أ، رويترز)</p></div></article>")
    assert (article.agencies, article.text) == (["dpa", "reuters"], TEXT)


def test_a_title_that_is_the_site_s_name_is_no_headline():
    body = "<article><h1>{}</h1><div>{}</div></article>"
    assert read_markup(body.format(TITLE, PARAGRAPHS), title="صحيفة المدينة الجديدة").headline == TITLE
    shown = f"<h2>سيول عارمة في الجنوب</h2>{PARAGRAPHS}"
    slogan = "المدينة صحيفة يومية سياسية مستقلة"
    assert read_markup(body.format(slogan, shown), title="سيول عارمة في الجنوب").headline == "سيول عارمة في الجنوب"


def test_a_face_beside_the_author_is_no_lead():
    face = '<img class="h-8 rounded-full" src="/u/a.png"><img src="/avatars/b.png"><a href="/author/9">أسماء سالم</a>'
    scaled = '<img src="/_next/image?url=https%3A%2F%2Fcdn.example%2Flead.jpg&amp;w=1200&amp;q=75">'
    head = '<meta property="og:image" content="https://cdn.example/lead.jpg">'
    article = read_markup(f"<main>{H1}<div>{face}</div><div>{scaled}</div><div>{PARAGRAPHS}</div></main>", head)
    assert ["_next/image" in image.url for image in article.images] == [True]


def test_pictures_of_the_next_article_are_its_own():
    parts = f'<div>{H1}<img src="/a.jpg">{PARAGRAPHS}</div><div><h1>خبر آخر عن مدينة بعيدة</h1><img src="/b.jpg">{PARAGRAPHS}</div>'
    assert [image.url for image in read_markup(f"<main>{parts}</main>").images] == ["https://news.example/a.jpg"]


def test_an_update_before_the_publication_is_none():
    line = "<span>آخر تحديث: 19-07-2024 16:50 - نشر: 19-07-2024 16:42</span>"
    article = read_markup(f"<article>{H1}{line}{PARAGRAPHS}</article>")
    assert (article.published, article.modified) == (
        datetime(2024, 7, 19, 13, 42, tzinfo=UTC),
        datetime(2024, 7, 19, 13, 50, tzinfo=UTC),
    )


def test_the_parts_of_a_page_that_a_builder_made_are_its_text():
    part = '<div class="elementor-element elementor-widget elementor-widget-text-editor"><div class="elementor-widget-container"><p>{}</p></div></div>'
    share = '<div class="elementor-widget elementor-widget-share-buttons"><p>شارك المقال مع من تحب من الأصدقاء والأقارب كل يوم</p></div>'
    parts = "".join(map(part.format, LINES))
    assert read_markup(f'<div class="elementor">{H1}{parts}{share}</div>').text.split("\n") == LINES
