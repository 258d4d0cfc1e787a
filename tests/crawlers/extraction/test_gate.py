"""What never becomes an article, each under its own name."""

import pytest

from crawlers.extraction import Unreadable
from crawlers.extraction.refusals import (
    BlockPage,
    ConsentWall,
    Empty,
    ErrorStatus,
    HomePage,
    NotAnArticle,
    NotHtml,
    OtherLanguage,
    SoftNotFound,
)
from tests.crawlers.extraction.pages import URL, read_page, story

CLOUDFLARE = "<html><head><title>Just a moment...</title></head><body><div id=cf-challenge>Checking your browser</div></body></html>"
CLOUDFLARE_IN_ARABIC = (
    '<html lang="ar"><head><title>لحظة من فضلك...</title><script>window._cf_chl_opt={cZone:"paper.example"};</script></head>'
    "<body><h1>paper.example</h1><p>التحقق من أنك إنسان. قد يستغرق هذا بضع ثوان.</p>"
    "<p>يحتاج paper.example إلى مراجعة أمان اتصالك قبل المتابعة.</p></body></html>"
)
WATCHED = "<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js';document.head.appendChild(a)</script>"
CONSENT = "<html><head><title>Before you continue</title></head><body><h1>Consent</h1><p>نستخدم ملفات تعريف الارتباط</p></body></html>"
ENGLISH = (
    "The council met on Tuesday to review the plan for the old harbour, and asked for more time to study its cost."
)
URDU = "وزیراعظم نے کہا ہے کہ حکومت عوام کی فلاح و بہبود کے لیے ہر ممکن اقدام کرے گی اور مہنگائی پر قابو پایا جائے گا۔"
PERSIAN = "رئیس جمهور گفت که دولت برای بهبود وضعیت اقتصادی کشور برنامه‌های تازه‌ای دارد و آنها را پیگیری می‌کند."


def refused(markup, **page):
    with pytest.raises(Unreadable) as raised:
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


@pytest.mark.parametrize(
    "head",
    ['<link rel="canonical" href="https://paper.example/">', '<meta name="pageType" content="Home Page">'],
)
def test_home_page_after_redirect(head):
    assert refused(story(head=head)) is HomePage


@pytest.mark.parametrize("section", ["https://paper.example/news", "https://paper.example/news/"])
def test_section_page_after_redirect(section):
    assert refused(story(head=f'<link rel="canonical" href="{section}">')) is HomePage


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
    reasons = [cls.reason for cls in Unreadable.__subclasses__()]
    assert len(reasons) == len(set(reasons))
