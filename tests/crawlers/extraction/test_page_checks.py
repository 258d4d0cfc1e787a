"""What never becomes an article, each under its own name."""

from collections import Counter

import pytest

from crawlers.extraction import ExtractionError, page_checks
from crawlers.extraction.html import Document
from crawlers.extraction.page_checks import (
    BlockPage,
    ConsentWall,
    Empty,
    ErrorStatus,
    HomePage,
    NotAnArticle,
    NotHtml,
    OtherLanguage,
    ServerFailure,
    SoftNotFound,
    check_page,
)
from tests.crawlers.extraction.pages import HEADLINE, PARAGRAPHS, URL, read_page, story

CLOUDFLARE = "<html><head><title>Just a moment...</title></head><body><div id=cf-challenge>Checking your browser</div></body></html>"
CLOUDFLARE_IN_ARABIC = (
    '<html lang="ar"><head><title>لحظة من فضلك...</title><script>window._cf_chl_opt={cZone:"paper.example"};</script></head>'
    "<body><h1>paper.example</h1><p>التحقق من أنك إنسان. قد يستغرق هذا بضع ثوان.</p>"
    "<p>يحتاج paper.example إلى مراجعة أمان اتصالك قبل المتابعة.</p></body></html>"
)
WATCHED = "<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';document.head.appendChild(a)</script>"
CONSENT = "<html><head><title>Before you continue</title></head><body><h1>Consent</h1><p>نستخدم ملفات تعريف الارتباط</p></body></html>"
LINKED = (
    f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{HEADLINE}", "url": "{URL}"}}</script>'
)
ENGLISH = (
    "The council met on Tuesday to review the plan for the old harbour, and asked for more time to study its cost."
)
URDU = "وزیراعظم نے کہا ہے کہ حکومت عوام کی فلاح و بہبود کے لیے ہر ممکن اقدام کرے گی اور مہنگائی پر قابو پایا جائے گا۔"
PERSIAN = "رئیس جمهور گفت که دولت برای بهبود وضعیت اقتصادی کشور برنامه‌های تازه‌ای دارد و آنها را پیگیری می‌کند."


def refused(markup, **page):
    with pytest.raises(ExtractionError) as raised:
        read_page(markup, **page)
    return type(raised.value)


@pytest.mark.parametrize("status", [403, 429, 503])
def test_block_page_by_status(status):
    assert refused(CLOUDFLARE, status=status) is BlockPage


@pytest.mark.parametrize("markup", [CLOUDFLARE, CLOUDFLARE_IN_ARABIC])
def test_block_page_under_200(markup):
    assert refused(markup) is BlockPage


def test_page_whose_visitors_cloudflare_only_watches_is_read():
    assert read_page(story(around="{}" + WATCHED)).text.startswith("أعلنت")


def test_article_that_speaks_of_captchas_is_read():
    article = read_page(
        story(
            *["وقالت الشركة إن صفحة access denied ظهرت لمستخدمين في دول عدة، وإنها أصلحت الخلل خلال ساعات."] * 1,
            *[
                f"فقرة رقم {n} من مقال طويل عن جدران الحماية وكيف تعمل في المواقع الإخبارية الكبرى وما الذي يراه القارئ."
                for n in range(120)
            ],
        )
    )
    assert "access denied" in article.text


@pytest.mark.parametrize("status", [404, 410, 500, 301])
def test_error_status(status):
    assert refused(story(), status=status) is ErrorStatus


@pytest.mark.parametrize(
    "headline",
    [
        "الصفحة غير موجودة",
        "404",
        "عذراً، الصفحة المطلوبة غير موجودة",
        "Page not found",
        "نأسف! الصفحة غير موجودة",
        "عفوا.. هذا الخبر لم يعد متاحا",
        "الصفحة التي تبحث عنها غير متوفرة",
        "صفحة غير موجودة",
    ],
)
def test_soft_not_found(headline):
    assert refused(story("ابحث في الموقع أو عد إلى الصفحة الرئيسية", headline=headline)) is SoftNotFound


def test_consent_wall():
    assert refused(CONSENT) is ConsentWall


TEASERS = "".join(
    f'<article><a href="/news/{n}"><h3>عنوان خبر آخر من أخبار الصفحة الأولى رقم {n}</h3></a><p>{line}</p></article>'
    for n, line in enumerate(PARAGRAPHS * 4)
)
FRONTS = [
    '<link rel="canonical" href="https://paper.example/">',
    '<link rel="canonical" href="https://paper.example">',
    '<link rel="canonical" href="/">',
    '<link rel="Canonical shortlink" href="/">',
    '<link rel="canonical" href="https://paper.example/?utm_source=x">',
    '<link rel="canonical" href="https://paper.example/news">',
    '<link rel="canonical" href="https://paper.example/news/">',
    '<meta name="pageType" content="Home Page">',
]


@pytest.mark.parametrize("head", FRONTS)
@pytest.mark.parametrize("around", ["", "<h1>أخبار</h1>"])
def test_a_front_or_section_page_in_the_article_s_place(head, around):
    assert (
        refused(f"<html><head><title>الجريدة</title>{head}</head><body>{around}<main>{TEASERS}</main></body></html>")
        is HomePage
    )


@pytest.mark.parametrize("head", FRONTS)
@pytest.mark.parametrize("linked", ["", LINKED])
def test_an_article_that_calls_itself_the_front_page_is_read_and_flagged(head, linked):
    article = read_page(story(head=head + linked))
    assert "canonical-home" in article.flags
    assert article.id == "paper:12345"


@pytest.mark.parametrize(
    "canonical", ["https://paper.example/?p=12345", "/?p=12345", "https://paper.example/news?id=12345"]
)
def test_the_query_of_a_canonical_address_counts(canonical):
    article = read_page(story(PARAGRAPHS[0], head=f'<link rel="canonical" href="{canonical}">'))
    assert "canonical-home" not in article.flags


@pytest.mark.parametrize(
    "headline",
    [
        "404 شهداء في غارات على القطاع منذ الفجر",
        "٤٠٤ شهداء في غارات على القطاع منذ الفجر",
        "4040 إصابة جديدة بالحصبة خلال أسبوع",
        "404 مليارات دولار خسائر الزلزال",
        "إصابة 404 أشخاص في تدافع",
        "404",
        "خطأ 404",
        "خطأ 404: كيف صارت الصفحة المفقودة فنا",
        "الصفحة غير موجودة: رواية عن مدينة اختفت",
        "Not Found.. فيلم عربي يفوز بجائزة",
        "خطأ في الخادم يوقف رحلات أكبر مطار في المدينة",
        "Internal Server Error: ماذا جرى للإنترنت هذا الصباح",
        "403 Forbidden: مواقع إخبارية تحجب روبوتات الذكاء الاصطناعي",
        "Access Denied: كتاب جديد عن الرقابة",
        "تم حظر الوصول إلى منصة تيك توك في ثلاث دول",
        "غوغل تلغي ملفات تعريف الارتباط من متصفحها",
        "Consent: المسلسل الذي أثار الجدل",
        "قبل المتابعة: ما يجب أن تعرفه عن سياسة الخصوصية",
    ],
)
@pytest.mark.parametrize("linked", ["", LINKED])
def test_words_never_refuse_a_page_on_which_an_article_stands(headline, linked):
    article = read_page(
        story(
            *PARAGRAPHS,
            "وظهرت للزوار عبارة 403 forbidden ثم access denied قبل أن يعود الموقع.",
            headline=headline,
            head=linked,
        )
    )
    assert article.headline == headline
    assert "403 forbidden" in article.text


def test_one_line_with_its_own_json_ld_is_an_article():
    headline = "404 قتلى في الزلزال"
    assert (
        read_page(story("أعلنت السلطات حصيلة جديدة للزلزال بلغت 404 قتلى.", headline=headline, head=LINKED)).headline
        == headline
    )


EXCUSE = (
    "نعتذر، لم نتمكن من العثور على الصفحة التي طلبتها، وربما حذفت أو تغير عنوانها. يمكنك العودة إلى الصفحة الرئيسية.",
    "إذا كتبت عنوان الرابط بنفسك فتأكد من كتابته، أو استخدم محرك البحث في أعلى هذه الصفحة للوصول إلى ما تريد قراءته.",
)


@pytest.mark.parametrize(
    "headline", ["الصفحة غير موجودة", "404", "خطأ 404 - الصفحة غير موجودة", "404 Not Found", "410 Gone"]
)
@pytest.mark.parametrize("lines", [EXCUSE, (*EXCUSE, TEASERS)])
def test_a_missing_page_with_an_excuse_and_other_articles_is_none(headline, lines):
    assert refused(story(*lines, headline=headline)) is SoftNotFound


def test_a_missing_page_with_an_error_s_json_ld_is_none():
    assert (
        refused(story(*EXCUSE, headline="الصفحة غير موجودة", head=LINKED.replace(HEADLINE, "الصفحة غير موجودة")))
        is SoftNotFound
    )


WALL = (
    "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط لتخزين المعلومات على جهازك والوصول إليها ولمعالجة بياناتك الشخصية.",
    "يمكنك الموافقة على ذلك بالنقر على زر القبول، أو تغيير تفضيلاتك في أي وقت من إعدادات الخصوصية في أسفل الصفحة.",
    "يعالج شركاؤنا بياناتك لأغراض الإعلانات المخصصة وقياس المحتوى ودراسة الجمهور وتطوير خدماتنا، بعد موافقتك عليها.",
)


@pytest.mark.parametrize("headline", ["نهتم بخصوصيتك", "ملفات تعريف الارتباط", "We value your privacy", "قبل المتابعة"])
def test_a_wall_however_long_is_a_wall(headline):
    assert refused(story(*WALL * 3, headline=headline)) is ConsentWall


@pytest.mark.parametrize(
    "markup",
    [
        "<title>تم حظر طلبك</title><h1>تم حظر طلبك</h1><p>رقم الحادثة 1234</p>",
        "<title>تأكيد</title><p>يرجى التأكّد من أنك لستَ روبوتًا قبل الدخول إلى الموقع.</p>",
        "<title>paper.example</title><p>حركة مرور غير عادية من شبكتك</p>" + "<!-- -->" * 2000,
        "<title>تم حظر الوصول</title>" + '<a href="/">رابط</a>' * 60,
        "<title>ممنوع</title><h1>ليس لديك صلاحية الوصول إلى هذا الموقع</h1><p>تم حجب عنوان الإنترنت الخاص بك. رقم المرجع 123</p>",
        (
            "<title>عفوا</title><h1>عفوا، لقد تم حظرك</h1><p>يستخدم هذا الموقع خدمة حماية لحماية نفسه من الهجمات الإلكترونية. الإجراء الذي "
            "قمت به للتو أدى إلى تشغيل حل الأمان.</p><p>يمكنك مراسلة مالك الموقع لإعلامه بأنك محظور. يرجى تضمين ما كنت تفعله.</p>"
        ),
    ],
)
def test_block_pages_in_arabic(markup):
    assert refused(f'<html lang="ar"><meta charset="utf-8">{markup}</html>') is BlockPage


BLOCKED = {
    "Access to this page has been denied": "Press &amp; Hold to confirm you are a human (and not a bot). Reference ID 1234",
    "Your access to this site has been limited": "Your access to this service has been limited. (HTTP response code 503)",
    "Human Verification": "We just need to make sure you're not a robot before we let you in. This may take a few seconds.",
    "Request Rejected": "The requested URL was rejected. Please consult with your administrator. Your support ID is: 123",
    "Attention": "Sorry, you have been blocked. This website is using a security service to protect itself from online attacks. "
    "The action you just performed triggered the security solution.",
}


@pytest.mark.parametrize("title", BLOCKED)
def test_block_pages_of_many_makers(title):
    assert (
        refused(f"<html><title>{title}</title><body><h1>{title}</h1><p>{BLOCKED[title]}</p></body></html>") is BlockPage
    )


@pytest.mark.parametrize(
    "headline",
    [
        "Internal Server Error",
        "خطأ في الخادم",
        "500",
        "502 Bad Gateway",
        "Error establishing a database connection",
        "الموقع تحت الصيانة",
    ],
)
def test_a_server_that_fails_under_200_is_no_missing_page(headline):
    assert refused(story("نعمل على إصلاح الخلل، أعد المحاولة لاحقا.", headline=headline)) is ServerFailure
    assert read_page(story(headline=headline)).headline == headline


def test_json_ld_without_an_address_is_the_article_s_whose_heading_it_bears():
    headline = "تم حظر الوصول إلى منصة جديدة"
    node = LINKED.replace(HEADLINE, headline).replace(f', "url": "{URL}"', ', "datePublished": "2026-07-28T10:00:00Z"')
    line = "أعلنت الهيئة حجب المنصة في ثلاث مدن بعد قرار من المحكمة."
    assert read_page(story(line, headline=headline, head=node)).headline == headline
    assert refused(story(line, headline=headline, head=node.replace(headline, "خبر آخر"))) is BlockPage


def test_an_attribute_with_no_name_at_all_breaks_no_reading():
    head = f'<link rel="canonical" {{a}}b="1" href="{URL}"><link rel=canonical {{x="2">'
    assert read_page(story(head=head)).canonical_url == URL


@pytest.mark.parametrize("canonical", [URL, "https://paper.example/new", "https://paper.example/node", "http://[x"])
def test_other_canonical_links_are_no_section_of_the_article(canonical):
    assert read_page(story(head=f'<link rel="canonical" href="{canonical}">')).headline


@pytest.mark.parametrize(
    "headline",
    ["الخبز غير موجود في أسواق المدينة", "الرابط بين السكر والسرطان غير موجود", "نأسف لما حدث والاتفاق غير متاح"],
)
def test_headline_that_misses_something_is_no_missing_page(headline):
    assert read_page(story(headline=headline)).headline == headline


@pytest.mark.parametrize("url", ["https://paper.example/about", "https://other.example/news/12345", "nonsense"])
def test_address_that_is_no_article(url):
    assert refused(story(), url=url) is NotAnArticle


def test_short_link_is_known_by_its_canonical():
    head = f'<link rel="canonical" href="{URL}">'
    assert read_page(story(head=head), url="https://paper.example/node?n=1").id == "paper:12345"


@pytest.mark.parametrize("body", [b"%PDF-1.7 x", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0"])
def test_binary_content(body):
    assert refused(body) is NotHtml


def test_json_content_type():
    assert refused("{}", content_type="application/json") is NotHtml


@pytest.mark.parametrize(
    "markup", ["", "   ", "<html></html>", "<html><body><div id=root></div><script>x()</script></body></html>"]
)
def test_empty(markup):
    assert refused(markup) is Empty


@pytest.mark.parametrize("text", [ENGLISH, URDU, PERSIAN])
def test_other_language(text):
    assert refused(story(text)) is OtherLanguage


def test_reasons_are_distinct():
    reasons = [cls.reason for cls in ExtractionError.__subclasses__()]
    assert len(reasons) == len(set(reasons))


def test_titles_and_headings_are_read_once_for_all_checks(monkeypatch):
    asked: Counter[str] = Counter()
    texts = Document.texts
    monkeypatch.setattr(Document, "texts", lambda self, selector: asked.update([selector]) or texts(self, selector))
    page = (story() + " " * 70_000).encode()  # longer than a block page
    check_page(page, Document(page), URL)
    assert asked == {"title": 1, "h1": 1}


def test_signs_of_a_block_are_sought_where_no_article_stands(monkeypatch):
    sought = []
    bears = page_checks.bears_sign
    monkeypatch.setattr(page_checks, "bears_sign", lambda markup: sought.append(len(markup)) or bears(markup))
    for page in (story(head=LINKED), story() + "<a href='/x'>رابط</a>" * 40):
        check_page(page.encode(), Document(page.encode()), URL)
    assert max(sought) < 1000  # headings alone
