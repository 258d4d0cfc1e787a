"""Arabic as a newspaper writes it."""

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from archive.site.queries import Card
from archive.site.templating import Wording, badge_class, badge_colours, isolated, item, opening, readable

NOW = datetime(2025, 5, 22, 12, tzinfo=UTC)
WHEN = int(NOW.timestamp())


@pytest.mark.parametrize(
    ("age", "mixed", "arab"),
    [
        (20, "الآن", "الآن"),
        (60, "منذ دقيقة", "منذ دقيقة"),
        (2 * 60, "منذ دقيقتين", "منذ دقيقتين"),
        (10 * 60, "منذ 10 دقائق", "منذ ١٠ دقائق"),
        (11 * 60, "منذ 11 دقيقة", "منذ ١١ دقيقة"),
        (2 * 3600, "منذ ساعتين", "منذ ساعتين"),
        (23 * 3600, "منذ 23 ساعة", "منذ ٢٣ ساعة"),
        (86400, "منذ يوم", "منذ يوم"),
        (6 * 86400, "منذ 6 أيام", "منذ ٦ أيام"),
        (6 * 86400 + 86399, "منذ 6 أيام", "منذ ٦ أيام"),
        (7 * 86400, "١٥-٠٥-٢٠٢٥", "١٥-٠٥-٢٠٢٥"),
        (-3600, "٢٢-٠٥-٢٠٢٥", "٢٢-٠٥-٢٠٢٥"),
    ],
)
def test_times_as_people_say_them(age, mixed, arab):
    assert Wording(clock=lambda: NOW).ago(WHEN - age) == mixed
    assert Wording("arab", clock=lambda: NOW).ago(WHEN - age) == arab


def test_latin_digits_and_a_zone():
    assert Wording("latn", clock=lambda: NOW).ago(WHEN - 9 * 86400) == "13-05-2025"
    late = int(datetime(2025, 5, 15, 22, 30, tzinfo=UTC).timestamp())
    assert Wording(zone=ZoneInfo("Asia/Riyadh")).date(late) == "١٦-٠٥-٢٠٢٥"
    assert Wording().moment(late) == "الخميس ١٥ مايو ٢٠٢٥، ٢٢:٣٠"


def test_without_a_clock_a_page_says_dates_alone():
    assert Wording().ago(WHEN) == "٢٢-٠٥-٢٠٢٥"


@pytest.mark.parametrize(
    ("value", "words"),
    [(1, "مادة واحدة"), (2, "مادتان"), (3, "3 مواد"), (11, "11 مادة"), (103, "103 مواد"), (1200, "1,200 مادة")],
)
def test_counted_nouns(value, words):
    assert Wording().counted(value, "article") == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2, "يومان"),
        (10, "10 أيام"),
        (11, "11 يوما"),
        (99, "99 يوما"),
        (100, "100 يوم"),
        (202, "202 يوم"),
        (111, "111 يوما"),
    ],
)
def test_days_are_counted_as_grammar_has_it(value, words):
    assert Wording().counted(value, "day") == words


def test_two_of_a_kind_behind_a_particle_end_otherwise_than_alone():
    wording = Wording()
    assert [wording.lag(7200), wording.lag(7200, behind=True)] == ["ساعتان", "ساعتين"]
    assert wording.counted(2, "item", behind=True) == "مادتين تذكرانه"
    assert wording.counted(2, "copy", behind=True) == "نسختين"
    assert wording.counted(3, "copy", behind=True) == "3 نسخ"


def test_latin_names_are_isolated_and_all_is_escaped():
    text = 'أطلقت OpenAI نموذج "GPT-5 <mini>" أمس'
    assert isolated(text) == (
        'أطلقت <bdi dir="ltr">OpenAI</bdi> نموذج &#34;<bdi dir="ltr">GPT-5</bdi> &lt;<bdi dir="ltr">mini</bdi>&gt;&#34; أمس'
    )
    assert isolated(None) == ""


@pytest.mark.parametrize(
    "name", ["Société Générale", "São Paulo", "Türkiye", "Łukasz Šimić", "Nguyễn Văn", "Cafe\u0301s"]
)
def test_a_latin_name_with_accents_is_one_run(name):
    assert isolated(f"قال {name} أمس") == f'قال <bdi dir="ltr">{name}</bdi> أمس'


def test_an_address_as_people_read_it():
    assert readable("https://x.example/%D8%A7%D9%84%D8%AE%D8%A8%D8%B1-1/") == "https://x.example/الخبر-1/"
    for kept in (
        "https://x.example/a%20b",
        "https://x.example/%E2%80%AEabc",
        "https://x.example/%2F%3F",
        "x/%D8",
        "%FF",
    ):
        assert readable(kept) == kept, "what would mislead, and what is no text, stays as it is"


@pytest.mark.parametrize(
    ("seconds", "words"), [(2 * 86400, "بيومين"), (3 * 3600, "بـ3 ساعات"), (5, "بأقل من دقيقة"), (86400, "بيوم")]
)
def test_how_long_before(seconds, words):
    assert Wording().by(seconds) == words


def test_digits_are_of_one_kind_beside_a_date():
    assert Wording().dated.counted(12, "article") == "١٢ مادة"
    assert Wording("latn").dated.counted(12, "article") == "12 مادة"


def test_a_text_opens_behind_its_byline():
    first = "وصل الوفد إلى العاصمة صباح اليوم في زيارة تستغرق يومين يبحث خلالها الهدنة."
    assert opening(f"مراسلنا – طنجة\n{first}\nثم غادر.") == first
    assert opening("خبر قصير") == "خبر قصير"
    assert opening("") == ""


def test_each_outlet_has_a_colour_for_light_and_for_dark():
    styles = files("archive.site").joinpath("static/style.css").read_text(encoding="utf-8")
    for outlet in ("aljazeera", "nobody", *map(str, range(200))):
        hue = 10 * int(badge_class(outlet).removeprefix("b-"))
        assert f".{badge_class(outlet)} {{ --hue: {hue} }}" in styles
    for shade, lightness, chroma in (("light", ".46", ".105"), ("dark", ".8", ".09")):
        assert f"--light: {lightness}; --chroma: {chroma}" in styles
        assert badge_colours(["aljazeera"], shade) == {"b-7": f"oklch(0{lightness} 0{chroma} 70)"}


def test_an_item_of_a_list_shows_all_that_it_is_given():
    def card_with(**others):
        values = {
            "headline": "عنوان",
            "standfirst": None,
            "section": None,
            "kind": "article",
            "agencies": [],
            "versions": 1,
        }
        values |= {"story": None, "origin": None, "overlap": None, "silent": 0, "words": 9}
        return Card(**({"n": 1, "id": "aljazeera:1", "outlet": "aljazeera", "at": WHEN} | values | others))

    dated, later = Wording(), Wording(clock=lambda: NOW)
    copy = card_with(id="albawaba:1", outlet="albawaba")
    plain = item(card_with(), dated, Markup)
    others = [
        item(card_with(), later, Markup),
        item(card_with(), dated, Markup, hour=True),
        item(card_with(), dated, Markup, link_outlet=False),
        *(item(card_with(**{name: value}), dated, Markup) for name, value in (
            ("headline", "آخر"), ("standfirst", "تمهيد"), ("section", "رياضة"), ("agencies", ["afp"]), ("versions", 2),
            ("silent", 1), ("wide", 9), ("at", WHEN - 1), ("day", "2026-11-22"), ("copies", [copy]),
        )),
    ]  # fmt: skip
    assert len({plain, *others}) == 1 + len(others)
    assert item(card_with(standfirst="تمهيد"), dated, Markup, show_standfirst=False) == plain
    assert "&lt;" in item(card_with(headline="<ب>"), dated, Markup)
