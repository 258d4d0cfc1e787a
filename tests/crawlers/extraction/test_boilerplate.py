"""Lines of a page to the text of an article."""

import pytest

from crawlers.extraction.boilerplate import Line, dropped, is_boilerplate, is_caption, read_lines, sift
from crawlers.extraction.html import Document
from tests.crawlers.extraction.pages import HEADLINE, PARAGRAPHS, read_page, story


def lines_of(body):
    document = Document(f"<html><body><div>{body}</div></body></html>".encode())
    root = document.all("body > div")[0]
    return [line.text for line in read_lines(root, dropped(document, root, ()))]


def sifted(*lines, headline=HEADLINE, standfirst=None, boilerplate=()):
    found = [line if isinstance(line, Line) else Line(line) for line in lines]
    return sift(found, headline=headline, standfirst=standfirst, boilerplate=boilerplate)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<p>أ ب</p><p>ج</p>", ["أ ب", "ج"]),
        ("<p>أ<br>ب<br/>ج</p>", ["أ", "ب", "ج"]),
        ("نص بلا فقرة<p>ثم فقرة</p>ثم ذيل", ["نص بلا فقرة", "ثم فقرة", "ثم ذيل"]),
        ("<p>قال <b>أحمد</b> <a href='/x'>علي</a> ذلك</p>", ["قال أحمد علي ذلك"]),
        ("<h2>عنوان فرعي</h2><p>نص</p>", ["عنوان فرعي", "نص"]),
        ("<ul><li>أول</li><li>ثان</li></ul>", ["أول", "ثان"]),
        ("<table><tr><td>أ</td><td>1</td></tr><tr><td>ب</td><td>2</td></tr></table>", ["أ 1", "ب 2"]),
        ("<p>&amp;quot;مزدوج&amp;quot;&amp;nbsp;هنا</p>", ['"مزدوج" هنا']),
        ("<p>نص</p><figure><figcaption>تعليق</figcaption></figure><p>آخر</p>", ["نص", "آخر"]),
        ("<p>نص</p><div class='related-articles'><p><a href='/y'>خبر آخر طويل</a></p></div>ذيل", ["نص", "ذيل"]),
        ("<p>ن<span class='x'>ص</span></p><script>x</script><style>y</style>", ["نص"]),
        ("<blockquote><p>اقتباس</p></blockquote>", ["اقتباس"]),
        ("<p>نص</p><p> \u200f\u202a </p><p>&nbsp;</p>", ["نص"]),
    ],
)
def test_lines(body, lines):
    assert lines_of(body) == lines


def test_class_that_looks_like_junk_around_the_whole_text_is_kept():
    assert lines_of(f"<div class='social widget'><p>{PARAGRAPHS[0]}</p></div>") == [PARAGRAPHS[0]]


@pytest.mark.parametrize(
    "text",
    [
        "اقرأ أيضاً", "أقرا ايضا:", "إقرأ أيضًا: خبر آخر عن الميناء", "اقرأوا أيضا", "شاهد أيضًا", "شاهدي أيضاً: صور",
        "طالع المزيد", "قد يهمك أيضا", "للمزيد من الأخبار اضغط هنا", "أخبار ذات صلة", "تعمق أكثر", "التحديثات الحية",
        "الأكثر قراءة", "حول هذه القصة", "إعلان", "Advertisement", "+ الخط -", "شارِكْ", "حفظ", "مدة الفيديو 02 minutes 47 seconds",
        "list 1 of 4", "list of 4 items", "View this post on Instagram", "A post shared by desk (@desk)", "#غزة #لبنان",
        "قد يحتوي هذا الفيديو أنماطا ضوئية أو صورا", "اشترك في خدمة الإشعارات لمتابعة آخر الأخبار", "تابعونا على قناتنا في تلغرام",
        "جميع الحقوق محفوظة 2026", "15 أغسطس 2026 - 21:10 (توقيت القدس)", "منذ ساعتين", "***",
        "الآراء الواردة في المقال لا تعكس بالضرورة موقف الصحيفة", "إقرأ/ي أيضاً: خبر آخر", "اقرأ في الجريدة: خبر آخر", "ذات صلة: خبر آخر",
        "للاطلاع على المزيد من الأخبار", "تابع آخر الأخبار عبر قناتنا على واتساب", "حمّل تطبيق الجزيرة لمتابعة آخر الأخبار", "دلالات: القمح، الموانئ",
        "حقوق النشر © 2026", "نشر في: 15 أغسطس 2026", "15/8/2026", "الأحد 15-08-2026", "15 أغسطس/آب 2026 (توقيت القدس)", "الأحد 15 أغسطس 2026 الساعة 21:10 م",
        "مدة القراءة: 3 دقائق", "desk@paper.example", "لا يفوتك: خبر آخر", "لمزيد من التفاصيل: خبر آخر", "أخبار أخرى قد تهمك:", "لمتابعة أخبارنا عبر واتساب اضغط هنا",
    ],
)  # fmt: skip
def test_junk(text):
    assert is_boilerplate(text)


@pytest.mark.parametrize(
    "text",
    [
        "واقرأ الطفل أيضا ما كتبه على السبورة أمام زملائه", "اقرأ في كتاب قديم وأنت تنتظر القطار", "لمزيد من الضغط على الحكومة قرر العمال الإضراب",
        "تابع رئيس الوزراء موقف تطبيق منظومة التأمين الصحي في المحافظات", "تابع المشاهدون المباراة على يوتيوب بعد انقطاع البث",
        "حمل المتظاهرون صور القتلى أمام مقر الجزيرة في الدوحة", "حمّل الوزير المسؤولية لشركة فيسبوك في تصريحات صحفية",
        "واستمع أيضا إلى شرح من مدير المشروع", "دلالات الزيارة وأهدافها", "حقوق الإنسان في مصر 2024", "نشر في 2019 كتابه الأول عن الموانئ",
        "جميع الحقوق التي طالب بها العمال نوقشت في الاجتماع", "الآراء التي سمعها الوزير لا تعكس حجم الأزمة", "إعلان دمشق يدعو إلى انتخابات مبكرة", "شارك في المؤتمر ممثلون عن ست دول",
        "المزيد من الدول تعترف بالقرار. وقالت الأمم المتحدة إنها ترحب", "صور الأقمار الصناعية تظهر حشودا على الحدود",
        "المصدر الأول للدخل في القرية هو الزيتون", "منذ ساعتين فقط كانت الأسواق مغلقة", *PARAGRAPHS,
    ],
)  # fmt: skip
def test_no_junk(text):
    assert not is_boilerplate(text)


def test_outlets_own_junk():
    assert is_boilerplate("نافذة القراء", (r"نافذه القرا",))


@pytest.mark.parametrize("text", ["غارة على دير البلح، 15 أغسطس 2026 (Getty)", "مشهد من السوق (عباس فقيه/فرانس برس)"])
def test_caption(text):
    assert is_caption(text)
    assert sifted(PARAGRAPHS[0], text, PARAGRAPHS[1]) == [*PARAGRAPHS[:2]]


@pytest.mark.parametrize(
    "text",
    [
        "وارتفع عدد الضحايا إلى 12 قتيلا وفق ما ذكرت وكالة الأنباء السورية (سانا)",
        "وانخفضت الصادرات خلال الربع الأول حسبما أفادت وكالة الأنباء الألمانية (د ب أ)",
        "وأعلنت الوزارة إغلاق المعبر نقلا عن (رويترز)",
    ],
)
def test_sentence_that_quotes_an_agency_is_no_caption(text):
    assert not is_caption(text)
    assert sifted(PARAGRAPHS[0], text, PARAGRAPHS[1])[1] == text


def test_days_of_a_chronicle_stay_and_the_days_of_the_page_go():
    day = "7 أكتوبر/تشرين الأول 2023"
    assert sifted(day, PARAGRAPHS[0], day, PARAGRAPHS[1], day) == [PARAGRAPHS[0], day, PARAGRAPHS[1]]
    headed = Line(day, heading=True)
    assert sifted(headed, PARAGRAPHS[0]) == [day, PARAGRAPHS[0]]


def test_paragraph_that_ends_with_its_agency_is_no_caption():
    last = "وقالت الوزارة في بيان إنها تتابع الأمر (رويترز)"
    assert sifted(PARAGRAPHS[0], last) == [PARAGRAPHS[0], last]


def test_line_that_is_all_link_goes_with_its_label():
    label, link = Line("مواضيع أخرى:"), Line("عنوان خبر آخر من القسم نفسه", linked=1.0)
    assert sifted(*PARAGRAPHS, label, link) == [*PARAGRAPHS]


@pytest.mark.parametrize("label", ["اقرأ أيضا", "موضوعات متعلقة:", "قد يهمك أيضا"])
def test_short_links_go_with_the_invitation_above_them(label):
    links = [Line("أسعار القمح", linked=1.0), Line("list 1 of 2"), Line("صيانة الرافعات", linked=1.0, heading=True)]
    assert sifted(PARAGRAPHS[0], label, *links, PARAGRAPHS[1]) == [PARAGRAPHS[0], PARAGRAPHS[1]]


def test_link_without_an_invitation_stays():
    name = Line("أحمد خضور", linked=1.0)
    assert sifted(PARAGRAPHS[0], "اقرأ أيضا", PARAGRAPHS[1], name, PARAGRAPHS[2])[2] == "أحمد خضور"


def test_headline_repeated_on_top():
    assert sifted(HEADLINE, *PARAGRAPHS) == [*PARAGRAPHS]


def test_standfirst_that_the_first_paragraph_repeats():
    standfirst = PARAGRAPHS[0].removesuffix("، وأن التفريغ سيستمر أربعة أيام.")
    assert sifted(standfirst, *PARAGRAPHS, standfirst=standfirst) == [*PARAGRAPHS]


def test_pull_quotes():
    exact = Line("القدرة اليومية ارتفعت إلى سبعة آلاف طن", quoted=True)
    loose = Line("انتهت الفرق الفنية من صيانة رافعتين مضيفا أن القدرة اليومية ارتفعت إلى سبعة آلاف طن")
    assert sifted(PARAGRAPHS[0], exact, *PARAGRAPHS[1:]) == [*PARAGRAPHS]
    assert sifted(*PARAGRAPHS, loose, "وتعود الحركة إلى الميناء تدريجيا خلال الأسبوع المقبل.") == [
        *PARAGRAPHS, "وتعود الحركة إلى الميناء تدريجيا خلال الأسبوع المقبل."
    ]  # fmt: skip


@pytest.mark.parametrize("mark", ["<h2>{}</h2>", "<p><strong>{}</strong></p>"])
def test_sub_heading_in_the_words_of_its_paragraph_stays(mark):
    heading = "سعر الذهب عيار 21 اليوم في مصر"
    paragraph = f"وسجل {heading} نحو 3150 جنيها للبيع، وهو الأكثر تداولا في الأسواق."
    text = read_page(story(PARAGRAPHS[0], mark.format(heading), paragraph)).text
    assert text.split("\n") == [PARAGRAPHS[0], heading, paragraph]


def test_entries_of_a_list_that_resemble_each_other_stay():
    prices = [
        "سعر الدولار في بنك مصر",
        "سعر شراء الدولار 47.50 جنيه، وسعر البيع 47.60 جنيه.",
        "سعر الدولار في البنك الأهلي المصري",
        "سعر شراء الدولار 47.50 جنيه، وسعر البيع 47.60 جنيه.",
        "سعر الدولار في بنك القاهرة",
    ]
    assert sifted(PARAGRAPHS[0], *prices) == [PARAGRAPHS[0], *prices]


def test_quote_before_its_paragraph_leaves_the_paragraph():
    quote = Line(PARAGRAPHS[1].rstrip("."), quoted=True)
    assert sifted(PARAGRAPHS[0], quote, PARAGRAPHS[1]) == [*PARAGRAPHS[:2]]


def test_quotation_of_somebody_stays():
    said = Line("سنعود إلى بيوتنا قبل الشتاء مهما كلف الأمر", quoted=True)
    assert sifted(PARAGRAPHS[0], said, PARAGRAPHS[1]) == [PARAGRAPHS[0], said.text, PARAGRAPHS[1]]


def test_paragraph_twice():
    assert sifted(*PARAGRAPHS, PARAGRAPHS[0]) == [*PARAGRAPHS]


def test_sub_heading_of_nothing():
    assert sifted(*PARAGRAPHS, Line("المزيد عن الموضوع", heading=True)) == [*PARAGRAPHS]


def test_tweet():
    assert sifted(PARAGRAPHS[0], "— Port (@port) August 15, 2026", PARAGRAPHS[1]) == [*PARAGRAPHS[:2]]


def test_unknown_classes_read_the_same():
    known = read_page(story(around="<main>{}</main><footer><p>جميع الحقوق محفوظة</p></footer>"))
    unknown = read_page(story(cls="x9", around="<main>{}</main><footer><p>جميع الحقوق محفوظة</p></footer>"))
    assert unknown.text == known.text == "\n".join(PARAGRAPHS)
    assert "generic-extraction" in unknown.flags
    assert "generic-extraction" not in known.flags


CARDS = [
    "<div><a href='/{0}'><h3>{1}</h3></a><p>{2}</p></div>",
    "<div><a href='/{0}'><h3>{1}</h3><p>{2}</p></a></div>",
    "<div><h3><a href='/{0}'>{1}</a></h3><p>{2}</p></div>",
]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("count", [1, 3])
def test_many_summaries_of_other_articles_outweigh_no_text(card, count):
    others = "".join(
        card.format(n, f"عنوان طويل لخبر آخر من أخبار الجريدة يحمل الرقم {n}", f"موجز خبر آخر رقم {n}: {PARAGRAPHS[2]}")
        for n in range(20)
    )
    article = read_page(story(*PARAGRAPHS[:count], cls="x9", around="{}<section>" + others + "</section>"))
    assert article.text == "\n".join(PARAGRAPHS[:count])


def test_lone_paragraph_beside_a_link_is_no_card():
    also = "<p><a href='/1'>عنوان خبر آخر من أخبار الجريدة</a></p>"
    article = read_page(story(PARAGRAPHS[0], also, cls="x9", around="<div><div>{}</div></div>"))
    assert article.text == PARAGRAPHS[0]


@pytest.mark.parametrize("name", ["writer-box", "article-author__bio", "authorBio", "about-the-author"])
def test_who_the_author_is_is_no_text(name):
    box = f"<div class='{name}'><h3>منى حسن</h3><p>{PARAGRAPHS[2]}</p></div>"
    article = read_page(story(*PARAGRAPHS[:2], cls="x9", around="<article>{}" + box + "</article>"))
    assert article.text == "\n".join(PARAGRAPHS[:2])


def test_paragraphs_straight_in_the_body():
    assert read_page(story(cls="x9").replace('<div class="x9">', "").replace("</div>", "")).text == "\n".join(
        PARAGRAPHS
    )


def test_text_only_in_json_ld():
    import json  # noqa: PLC0415  this test alone

    record = {"@type": "NewsArticle", "headline": HEADLINE, "articleBody": "\n\n".join(PARAGRAPHS)}
    head = f'<script type="application/ld+json">{json.dumps(record, ensure_ascii=False)}</script>'
    article = read_page(f"<html><head>{head}</head><body><h1>{HEADLINE}</h1><div id=app></div></body></html>")
    assert article.text == "\n".join(PARAGRAPHS)
    assert article.provenance["text"] == "json-ld"
