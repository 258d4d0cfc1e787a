"""Topics: clitics, names, the gazetteer, and precision on labelled pages of our own writing."""

import pytest

from archive.site.queries import entry_groups, entry_of, folded_of, topics_of
from archive.site.topics.names import ABOUT, Gazetteer, Places, names_of, stems, weight_of, words_of
from archive.text import spellings
from tests.site.writing import article, labelled, shelf


def about(index, entry):
    """Return the cards of all articles about an entry."""
    return folded_of(index.reader, entry_groups(index.reader, entry.e))


def found(entry, text, written=frozenset()):
    """Return what of the text is a mention of the entry."""
    mentions = Gazetteer([(1, entry.split())], written).mentions(words_of(text))
    return [text[mention.start : mention.end] for mention in mentions]


@pytest.mark.parametrize(
    ("entry", "text", "mentioned"),
    [
        ("عمروف", "قال عمروف", ["عمروف"]),
        ("عمروف", "مقترحات لعمروف وعمروف فلعمروف بعمروف", ["عمروف", "عمروف", "عمروف", "عمروف"]),
        ("عمروف", "رستم عمروف", ["عمروف"]),
        ("رستم عمروف", "ورستم عُمَروف", ["رستم عُمَروف"]),
        ("عمروف", "عمروفسكي ومعمروف والعمروفي", []),
        ("رستم عمروف", "رستم. عمروف", []),
        ("الامم المتحده", "للأمم المتحدة وبالأمم المتحده", ["للأمم المتحدة", "الأمم المتحده"]),
        ("لجنه الصليب", "للجنة الصليب", ["لجنة الصليب"]),
        ("مصر", "بمصر ولمصر وكمصر", ["مصر", "مصر", "مصر"]),
    ],
)
def test_a_name_is_found_with_what_is_written_together_with_it(entry, text, mentioned):
    assert found(entry, text) == mentioned


def test_a_word_of_its_own_is_no_name_with_a_clitic():
    assert found("بنان", "لبنان", frozenset({"لبنان"})) == []
    assert found("بنان", "بنان في لبنان", frozenset({"لبنان"})) == ["بنان"]


def test_the_longest_name_wins_and_none_overlap():
    gazetteer = Gazetteer([(1, ["مجلس", "الامن"]), (2, ["مجلس", "الامن", "الدولي"]), (3, ["الامن"])])
    text = words_of("مجلس الأمن الدولي ومجلس الأمن")
    assert [mention.entry for mention in gazetteer.mentions(text)] == [2, 1]


def test_every_spelling_has_its_word_among_its_stems():
    for word in ("عمروف", "الامم", "لبنان", "لجنه"):
        assert all(word in stems(form) for form in spellings(word))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("التقى وزير الدفاع الأوكراني رستم عمروف في إسطنبول", {("person", "رستم عمروف")}),
        ("وقال رستم عمروف إن الهدنة قريبة", {("person", "رستم عمروف")}),
        ("وأشارت هالة عبد الرحيم إلى الجسر", {("person", "هاله عبد الرحيم")}),
        ("قال مصدر مسؤول إن الهدنة قريبة", set()),
        ("وقالت مصادر مطلعة، أمس، إن", set()),
        ("صوت مجلس الأمن الدولي، أمس", {("organisation", "مجلس الامن"), ("organisation", "مجلس الامن الدولي")}),
        ("اجتمع المجلس البلدي أمس", set()),
        ("في العاصمة القطرية الدوحة", {("place", "الدوحه")}),
        ("من مدينة كسلا شرقا", {("place", "كسلا")}),
        ("قال خبير أمن المعلومات نبيل الشامي إن", {("person", "نبيل الشامي")}),
    ],
)
def test_names_that_a_text_introduces(text, names):
    assert {(name.kind, name.key) for name in names_of(words_of(text))} == names


def test_a_headline_outweighs_a_passing_mention():
    assert weight_of(Places(headline=1)) >= ABOUT
    assert weight_of(Places(standfirst=1, lead=1, text=1)) >= ABOUT
    assert weight_of(Places(text=2)) < ABOUT
    assert weight_of(Places(own_tag=True)) >= ABOUT


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    pages = labelled()
    _, index = shelf(tmp_path_factory.mktemp("labelled"), [page for page, _ in pages])
    yield pages, index
    index.close()


def test_topics_are_precise_on_labelled_pages(library):
    pages, index = library
    right = said = wanted = 0
    for page, about in pages:
        (number,) = index.reader.execute("SELECT n FROM article WHERE id = ?", [page.id]).fetchone()
        named = {topic["name"] for topic in topics_of(index.reader, number) if not topic["own"]}
        assert not named & {"عمروفسكي", "بنان"}
        right, said, wanted = right + len(named & about), said + len(named), wanted + len(about)
    assert said >= 25
    assert right / said >= 0.9
    assert right / wanted >= 0.5


def test_a_surname_leads_to_the_name(library):
    _, index = library
    entry = entry_of(index.reader, "عمروف")
    assert (entry.name, entry.kind) == ("رستم عمروف", "person")
    assert entry_of(index.reader, "رستم-عمروف") == entry
    assert [card.id for card in about(index, entry)] == [
        "skynewsarabia:5",
        "albawabhnews:4",
        "alaraby:3",
        "skynewsarabia:2",
        "aljazeera:1",
    ]


def test_the_outlets_own_tags_stay_their_own(library):
    pages, index = library
    (number,) = index.reader.execute("SELECT n FROM article WHERE id = 'aljazeera:1'").fetchone()
    topics = {topic["name"]: bool(topic["own"]) for topic in topics_of(index.reader, number)}
    assert topics == {"أوكرانيا": True, "أسرى": True, "رستم عمروف": False, "إسطنبول": False}
    assert pages[0][0].tags == ["أوكرانيا", "أسرى"]


def test_a_second_bearer_parts_a_surname(tmp_path):
    says = "قال {} الحارثي إن الجسر مفتوح، وقال {} الحارثي إن الطريق طويل."
    first = [article(number, headline="سليم الحارثي يتحدث", text=says.format("سليم", "سليم")) for number in (1, 2)]
    archive, index = shelf(tmp_path, first)
    assert entry_of(index.reader, "سليم الحارثي") is not None
    other = [article(number, headline="جابر الحارثي يرد", text=says.format("جابر", "جابر")) for number in (3, 4)]
    shelf(tmp_path, other, crawl="c2")[1].close()
    index.catch_up(archive)
    surname = entry_of(index.reader, "الحارثي")
    assert surname is None or surname.name == "الحارثي"
    assert len(about(index, entry_of(index.reader, "جابر الحارثي"))) == 2
    index.close()


def test_two_spellings_of_a_name_are_one(tmp_path):
    say = "قال رستم {0} إن الجسر مفتوح. وقال رستم {0} إن الطريق طويل."
    pages = [
        article(n, headline=f"رستم {name} يتحدث", text=say.format(name))
        for n, name in enumerate(["عمروف"] * 3 + ["عميروف"] * 2)
    ]
    _, index = shelf(tmp_path, pages)
    entry = entry_of(index.reader, "رستم عميروف")
    assert entry.name == "رستم عمروف"
    assert len(about(index, entry)) == 5
    index.close()
