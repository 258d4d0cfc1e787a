"""Searching as people type."""

import json
import re
import sqlite3
from datetime import UTC, datetime
from itertools import accumulate, chain
from zoneinfo import ZoneInfo

import pytest

from archive.reader.query import Selection
from archive.site.database import SMALL_CACHE, SiteDatabase, versions_of
from archive.site.lists import marked
from archive.site.pages import FEW_BODIES
from archive.site.queries import Kept, entry_of, naming
from archive.site.search import (
    Query,
    article_files,
    file_count,
    file_of,
    near_files,
    packed,
    placed,
    search,
    word_files,
)
from archive.site.templating import Wording
from archive.site.web.app import CACHED_BYTES
from archive.text import (
    ARTICLE,
    BROKEN_PLURALS,
    bare,
    fold,
    forms_of,
    numbers_of_words,
    other_numbers,
    spellings,
    terms_of,
)
from tests.site.writing import article, shelf


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    pages = [
        article(1, headline="الأُمم المتحدة تحذّر", text="قالت الأمم المتحدة إن المساعدات تأخرت."),
        article(2, "alaraby", headline="وزيرة الصحة", text="مبنى الوزارة في بغداد.", agencies=["afp"]),
        article(3, "alaraby", headline="خبر ثالث", text="وصل وفد من الأمم إلى بغداد، والمتحدة تنتظر.", hours=40),
        article(5, "albawabhnews", headline="شئون البلاد", text="قال مسئولون كبار إن المليون وصل إلى المسؤول الأول."),
        article(
            6,
            headline="لقاء في لبنان",
            text="التقى عبد الله الجابر في لبنان بوفد من مصر. وسكان مصر يزيدون في الرياض.",
            hours=60,
        ),
        article(7, headline="وفد مصر يصل أدى", text="أدى ذلك. وصل وفد مصر إلى الرياض، وعبدالله غائب.", hours=61),
        article(
            8,
            "alaraby",
            headline="وفد مصر يصل",
            text="وصل وفد مصر إلى الرياض، وعبدالله غائب.",
            hours=62,
            origin="aljazeera:7",
        ),
        article(
            9,
            headline="زيارة لمصر",
            text="زيارة ثم مصر ومصر. أدى ذلك إلى الوادي وإلى وادي حنيفة، وأدى. لقاء مجلس النواب بمجلس النواب.",
            hours=63,
        ),
        article(10, headline="موسم الحج", text="الحج ركن للجنة كلها، وقال للاعبين.", hours=64),
        article(
            11, headline="بلا إلقاء", text="سفر لألمانيا، وبريد للإلكتروني منه، وإلقاء كلمة. ليبيا وليبيا.", hours=65
        ),
        article(12, headline="اللقاء", text="لقاء الألماني.", hours=65),
        article(4, headline="بلا شيء", text="١٢ قتيلا في حادث قرب مدرسة", standfirst="مأساة على الطريق"),
    ]
    _, index = shelf(tmp_path_factory.mktemp("search"), pages)
    yield index.reader
    index.close()


def ids(db, text="", **other):
    return [int(card.id.partition(":")[2]) for card in search(db, Query(text=text, **other), folded=True).cards]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الامم المتحده", {1, 3}),
        ("«الامم المتحده»", {1}),
        ('"الأمم المتحدة"', {1}),
        ("وزيره", {2}),
        ("وزارة", {2}),
        ("بغداد", {2, 3}),
        ("12 قتيل", set()),
        ("12 قتيلا", {4}),
        ("ماساه", {4}),
        ("مسئولون", {5}),
        ("مسؤولون", {5}),
        ("مسوولون", {5}),
        ("شؤون", {5}),
        ("مسئول", {5}),
        ("«مسؤولون كبار»", {5}),
        ("«كبار مسؤولون»", set()),
        ("مليون", {5}),
        ("لبنان", {6}),
        ("بالرياض", {6, 7}),
        ("وللرياض", {6, 7}),
        ("لمصر", {6, 7, 9}),
        ("وادي", {9}),
        ("عبدالله", {6, 7}),
        ("عبد الله", {6, 7}),
        ("«عبد الله الجابر»", {6}),
        ("«مجلس النواب»", {9}),
        ("«لمجلس النواب»", {9}),
        ("للحج", {10}),
        ("اللجنة", {10}),
        ("«اللاعبين»", {10}),
        ("ألمانيا", {11}),
        ("الكتروني", {11}),
        ("ألماني", {12}),
        ("لليبيا", {11}),
        ("للقاء", {12}),
        ("لله", set()),
        ("„الأمم المتحدة“", {1}),
        ("‹الأمم المتحدة›", {1}),
        ("لحج", set()),
        ("مصرع", set()),
        ("كلمة لا توجد", set()),
        ("", set()),
        ("*", set()),
        ('"', set()),
        ('بغداد" OR headline:ا', set()),
        ("NOT بغداد", set()),
        ("بغداد -الوزارة", {3}),
        ("بغداد -«مبنى الوزارة»", {3}),
        ("بغداد \u2212وفد -الأمم", {2}),
        ("بغداد -لوزارة", {2, 3}),
        ("الرياض -لمصر", set()),
        ('"المساعدات -تأخرت"', {1}),
        ("-بغداد", set()),
        ("بغداد - الوزارة", {2}),
        ("١٢ -قتيل", {4}),
        ("حادث -١٢", {4}),
    ],
)
def test_words_and_phrases(db, text, expected):
    assert set(ids(db, text)) == expected


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    pages = [
        article(1, headline="الوزراء يجتمعون", text="اجتمع وزراء الدول في المدن الكبرى، والوزراء كثيرون."),
        article(2, headline="بلا شيء", text="قال كلاما طويلا ثم سافر، وذكر أن وزيرا غاب وأن الوزير حضر إلى مدينة."),
        article(3, headline="قتلى وجرحى", text="سقط قتلى في دولة بعيدة."),
        article(4, headline="زيادة", text="طالب العمال بزيادة. هذا بسبب الغلاء."),
        article(5, headline="الطلاب", text="نجح الطلاب."),
    ]
    _, index = shelf(tmp_path_factory.mktemp("numbers"), pages)
    yield index.reader
    index.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("الوزير", [2, 1]),  # though the other has it in its headline, twice
        ("للوزير", [2, 1]),
        ("الوزراء", [1, 2]),
        ("وزراء", [1, 2]),
        ("«الوزير»", [2]),
        ('"الوزراء"', [1]),
        ("«مدينة»", [2]),
        ("مدينة", [2, 1]),
        ("«وزير الدول»", []),
        ("الوزير المدينة", [1]),
        ("قتيل", [3]),
        ("جريح قتيل", [3]),
        ("الطالب", [5]),
        ("طلاب", [5]),  # «طالب» is «demanded» too
        ("أسباب", []),  # as is «بسبب» because
    ],
)
def test_a_plural_is_found_behind_the_word_itself(numbers, text, expected):
    assert ids(numbers, text) == expected


@pytest.mark.parametrize(
    "text", ["الوزير", "«الوزير»", "قتيل", "طلاب", "مدينة", "أسباب", "الوزير -مدينة", "الوزير -«الوزراء»"]
)
def test_the_line_finds_the_plurals_that_the_site_does(numbers, text):
    assert by_line(numbers, text) == {card.id for card in search(numbers, Query(text=text), limit=100).cards}


@pytest.mark.parametrize(
    "text", ["الله", "عبد الله", "«عبدالله»", "لعبد الله", "«عبد الله الجابر»", "بالرياض", "12", "ألماني"]
)
def test_the_line_finds_what_the_site_does(db, text):
    assert by_line(db, text) == {card.id for card in search(db, Query(text=text), limit=100).cards}


def by_line(connection, text):
    wanted = Selection.of({"text": text})
    versions = [versions_of(connection, row["id"])[-1] for row in connection.execute("SELECT id FROM article")]
    return {each.id for each in versions if wanted.holds(each)}


def test_no_plural_of_the_list_is_taken_for_another_word():
    pairs = re.findall(r"(\w+)[:>](\w+)", BROKEN_PLURALS)
    assert len(pairs) == len(set(pairs)) == len(BROKEN_PLURALS.split()) >= 150
    for word in chain.from_iterable(pairs):
        assert not fold(word).startswith(ARTICLE), word
        assert bare(fold(word)) == (fold(word),), word
    assert {fold(other) for word, other in pairs if word == "وزير"} == set(other_numbers("وزير"))


def test_each_thread_that_serves_keeps_little_of_the_index(tmp_path):
    index = SiteDatabase(tmp_path / "site.sqlite", cache=SMALL_CACHE)
    (kept,) = index.reader.execute("PRAGMA cache_size").fetchone()
    index.close()
    assert kept == -SMALL_CACHE


def test_what_a_server_keeps_leaves_room_in_120_megabytes(tmp_path):
    of_threads, of_words = 8 * SMALL_CACHE * 1024, spellings.cache_parameters()["maxsize"] * 2048
    assert CACHED_BYTES + FEW_BODIES * 2048 + of_threads + of_words < 20e6, "55 MB are there before anybody asks"
    _, index = shelf(tmp_path, [article(n, text="قال رستم عمروف إن الهدنة قريبة.") for n in range(4)])
    kept, entry = Kept(lambda: index.reader), entry_of(index.reader, "عمروف")
    places = kept.places(naming(index.reader, entry.e))
    assert len(places) == 4
    assert all(name is story is origin for _, name, _, story, origin in places.values()), "one text, kept once"
    assert all(type(n) is int for group in kept.newest(entry.slug, entry.many) for n in group), "no cards"
    index.close()


def test_pages_of_a_search_have_everything_once_in_one_order(db):
    for folded in (False, True):
        whole = search(db, Query(text="مصر"), folded=folded)
        pages = [search(db, Query(text="مصر", page=page), 1, folded=folded) for page in range(1, whole.total + 2)]
        assert [card.id for page in pages for card in page.cards] == [card.id for card in whole.cards]
        assert {page.total for page in pages} == {len(whole.cards)}
    assert search(db, Query(text="مصر"), folded=False).total == whole.total + 1


def test_a_plural_is_marked(numbers):
    (first, *_) = search(numbers, Query(text="جريح")).cards
    assert marked(first.headline, terms_of("جريح")) == "قتلى <mark>وجرحى</mark>"


def test_the_first_letter_of_a_name_is_not_taken_off(tmp_path):
    named = [
        article(
            n,
            headline="هدنة",
            text=f"قال وزير الخارجية جون كيري إن الهدنة قريبة، وأضاف كيري {n}. واتصل لكيري.",
        )
        for n in range(4)
    ]
    others = [article(10 + n, headline="رأي", text=f"يرى الخبير {n} ذلك، ووصل لمصر ومصر.") for n in range(9)]
    fatwas = [article(30 + n, headline="دار الإفتاء", text="فتوى من الإفتاء.") for n in range(3)]
    striking = [article(40 + n, headline="نجاح", text=f"كان نجاحا لافتا {n}.") for n in range(80)]
    _, index = shelf(tmp_path, [*named, *others, *fatwas, *striking])
    assert set(ids(index.reader, "كيري")) == set(ids(index.reader, "لكيري")) == {0, 1, 2, 3}
    assert set(ids(index.reader, "لمصر")) == set(range(10, 19)), "which is no name"
    assert set(ids(index.reader, "للإفتاء")) == {30, 31, 32}, "though «لافتا» is written far more often"
    said = b"".join(body for _, body in word_files(index.reader)).decode()
    assert '"=كيري":"كيري"' in said
    assert said.count('"=') == 1
    index.close()


def test_a_static_site_orders_articles_of_one_second_as_a_server_does(tmp_path):
    _, index = shelf(tmp_path, [article(n, headline="في يوم", hours=n // 3) for n in range(9)])
    files = dict(article_files(index.reader, Wording()))
    of_number = json.loads(re.search(rb"{.*}", files["search/docs-0.js"])[0])
    by_number = [int(of_number[f"{n}"][0].rpartition("/")[2].removesuffix(".html")) for n in reversed(range(9))]
    assert by_number == ids(index.reader, "يوم", order="newest") == [6, 7, 8, 3, 4, 5, 0, 1, 2]
    index.close()


def test_a_letter_that_is_held_down_means_no_word(tmp_path):
    _, index = shelf(tmp_path, [article(n, headline="الفصل أ", text="الفصل أ يبدأ.") for n in range(30)])
    assert search(index.reader, Query(text="ااااااااا")).meant == ""
    assert search(index.reader, Query(text="الفصصصصل")).meant == "الفصل"
    index.close()


def test_filters_and_order(db):
    assert ids(db, "بغداد", outlet="aljazeera") == []
    assert ids(db, "بغداد", agency="afp") == [2]
    assert set(ids(db, "بغداد", agency="a%")) == {2, 3}, "what is no code is no filter"
    assert ids(db, "بغداد", order="newest") == [3, 2]
    assert ids(db, "بغداد", since="2026-11-21") == [3]
    assert ids(db, "بغداد", until="2026-11-20") == [2]
    assert ids(db, "المتحدة")[0] == 1, "the headline weighs more"


def test_words_that_most_articles_have_order_nothing_but_by_headline_and_time(tmp_path):
    said = ["قال في", "قال في في في في", "قال في"]
    pages = [
        article(n, headline="في بيان" if n == 0 else "بيان", text=f"{text} {n}.", hours=n)
        for n, text in enumerate(said)
    ]
    _, index = shelf(tmp_path, pages)
    assert ids(index.reader, "قال في") == [0, 2, 1]
    assert ids(index.reader, "قال في", order="newest") == [2, 1, 0]
    index.close()


def test_days_are_those_of_the_readers_zone(db):
    kiritimati = ZoneInfo("Pacific/Kiritimati")  # fourteen hours ahead
    assert ids(db, "بغداد", until="2026-11-20") == [2]
    assert ids(db, "بغداد", until="2026-11-20", zone=kiritimati) == []
    assert set(ids(db, "بغداد", since="2026-11-21", zone=kiritimati)) == {2, 3}


def test_a_wrong_date_is_said(db):
    with pytest.raises(ValueError, match="'gestern' is no date"):
        search(db, Query(text="بغداد", since="gestern"))


def test_marks_stand_on_the_original(db):
    (card,) = search(db, Query(text="«الامم المتحده»")).cards
    assert marked(card.headline, terms_of("الامم المتحده")) == "<mark>الأُمم</mark> <mark>المتحدة</mark> تحذّر"
    assert card.marked == "قالت <mark>الأمم المتحدة</mark> إن المساعدات تأخرت"
    assert marked("<b>بغداد</b>", terms_of("بغداد")) == "&lt;b&gt;<mark>بغداد</mark>&lt;/b&gt;"


def test_a_word_in_a_headline_comes_first_however_it_is_written(db):
    assert ids(db, "مصر")[:2] == [9, 7], "«لمصر» is «مصر»"
    assert ids(db, "مصر")[2:] == [6]


def test_copies_of_a_story_are_one(db):
    result = search(db, Query(text="«وفد مصر»"), folded=True)
    assert [(card.id, [copy.id for copy in card.copies]) for card in result.cards] == [("aljazeera:7", ["alaraby:8"])]
    assert result.total == 1
    assert search(db, Query(text="«وفد مصر»")).total == 2, "a program counts articles"


@pytest.fixture(scope="module")
def slips(tmp_path_factory):
    texts = [
        *["قال بشار الأسد."] * 2,
        *["انتشر كورونا يوم الأحد."] * 3,
        *["مئة كرونة ومئة كرونة."] * 2,
        *["قال أردوغان اليوم."] * 21,
        "قال ارودغان اليوم.",
        *["عاد محمد بن سلمان إلى مكة المكرمة."] * 3,
    ]
    _, index = shelf(
        tmp_path_factory.mktemp("slips"), [article(n, headline="خبر", text=text) for n, text in enumerate(texts)]
    )
    yield index.reader
    index.close()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("كورونة", "كورونا"),  # the commoner of two that are one letter away
        ("كووورونا", "كورونا"),
        ("بشار الأصد", "بشار الأسد"),  # «الأحد» is commoner, but not beside him
        ("ارودغان", "أردوغان"),  # written once
        ("ارودغان الأحد", ""),
        ("محمدبن سلمان", "محمد بن سلمان"),
        ("مكةالمكرمة", "مكة المكرمة"),
        ("«سلمان محمد»", "سلمان محمد"),
        ("«محمد بن سلمن»", '"محمد بن سلمان"'),
        ("الأسد كورونا", ""),  # each is written, and nothing like it would be found
        ("زغبوط", ""),
        ("كورونا", ""),
        ("بشار", ""),
    ],
)
def test_what_may_have_been_meant_is_of_the_archives_own_words_and_finds_more(slips, typed, meant):
    assert search(slips, Query(text=typed)).meant == meant
    assert search(slips, Query(text=typed, since="2027")).meant == meant, "whatever days are asked for"


@pytest.mark.parametrize(
    ("zone", "months"),
    [("UTC", [("2026-11", 1), ("2026-10", 2)]), ("Asia/Riyadh", [("2026-11", 2), ("2026-10", 1)]),
     ("America/Lima", [("2026-10", 3)])],
)  # fmt: skip
def test_what_is_found_is_counted_by_months_of_the_readers(tmp_path, zone, months):
    times = [
        datetime(2026, 10, 3, 9, tzinfo=UTC),
        datetime(2026, 10, 31, 22, tzinfo=UTC),
        datetime(2026, 11, 1, 2, tzinfo=UTC),
    ]
    _, index = shelf(tmp_path, [article(n, published=when, captured=when) for n, when in enumerate(times)])
    found = search(index.reader, Query(text="الخبر", zone=ZoneInfo(zone)), facets=True)
    index.close()
    assert found.facets["month"] == months


@pytest.mark.parametrize(
    "word", ["الرياض", "وزير", "لبنان", "مسئول", "شؤون", "بلد", "كل", "الله", "فك", "google", "ألماني", "للجنة"]
)
def test_a_word_stands_in_one_file_in_all_its_forms(word):
    for files in (1, 128, 4096):
        assert {file_of(form, files) for form in forms_of((fold(word),))} == {file_of(fold(word), files)}


@pytest.mark.parametrize(("articles", "files"), [(0, 1), (4, 8), (334, 512), (2500, 4096), (100_000, 4096)])
def test_a_small_site_has_few_files_of_words(articles, files):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE article (n)")
    connection.executemany("INSERT INTO article VALUES (?)", ((n,) for n in range(articles)))
    assert file_count(connection) == files
    connection.close()


def test_a_letter_alone_is_in_no_other_word():
    assert forms_of(("ن",)) == ["ن"]
    assert {"6", "ب6"} < {*forms_of(("6",))}


def test_what_is_loaded_of_each_article_of_a_great_site_is_one_byte():
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute("CREATE TABLE article (n, id, headline, outlet, at, agencies)")
    rows = (
        (n, f"o{n % 12}:{n}", "عنوان طويل بعض الشيء" * 5, f"o{n % 12}", 600 * n, " afp " * (n % 2))
        for n in range(100_000)
    )
    connection.executemany("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?)", rows)
    files = article_files(connection, Wording())
    (path, facts), (_, block) = next(files), next(files)
    connection.close()
    assert path == "search/facts.js"
    assert len(facts) + 20 * len(block) < 200_000, "though each of the twenty on a page stands in another block"


def test_each_word_stands_in_its_file_with_its_articles(tmp_path):
    texts = ["هدنة <b> قريبة", "هدنة بعيدة هدنة", "أسرى وهدنة", "zeta بعيدة"]
    _, index = shelf(tmp_path, [article(n, headline="خبر", text=text) for n, text in enumerate(texts)])
    files = {path: json.loads(body[body.index(b",") + 1 : -3]) for path, body in word_files(index.reader)}
    places = {term: said for path in list(files) if "/at-" in path for term, said in files.pop(path).items()}
    assert list(files) == sorted(files)
    said = {term: (path, numbers) for path, words in files.items() for term, numbers in words.items()}
    others = {term.removeprefix("+"): said.pop(term)[1] for term in list(said) if term.startswith("+")}
    assert others["اسري"] == ["اسير"]
    assert others.items() <= {word: list(forms) for word, forms in numbers_of_words().items()}.items()
    assert said.keys() == {row["word"] for row in index.reader.execute("SELECT word FROM word")}
    assert all(path == f"search/{file_of(term, 8)}.js" for term, (path, _) in said.items())
    assert said["هدنه"][1] == packed([0, 1])
    assert said["بعيده"][1] == packed([1, 3])
    assert said["zeta"][1] == packed([3])
    assert places.keys() == said.keys()
    in_text = read(places["بعيده"])[1][0] - 1  # «zeta بعيدة»
    assert read(places["هدنه"]) == [[in_text], [in_text, in_text + 2]]
    index.close()


def read(letters: str) -> list[list[int]]:
    """Read where a word stands in each of its articles, as the site's script does."""
    articles, here, last, bits = [], [], 0, ""
    for letter in letters:
        value = ord(letter) - 93
        bits = f"{value & 15:04b}{bits}"
        if value & 16:
            continue
        step, bits = int(bits, 2), ""
        if step:
            last += step
            here.append(last)
        else:
            articles.append(here)
            here, last = [], 0
    return articles


def test_places_are_read_as_they_were_written():
    places = [[1], [3, 4, 20, 21], [15, 16, 17, 5000], [70_000]]
    assert read(placed(places)) == places


def test_a_word_that_most_articles_have_in_some_form_chooses_nothing(tmp_path):
    texts = ["ذلك خبر", "وذلك هدنة", "بذلك اتفاق"] * 20
    _, index = shelf(tmp_path, [article(n, headline="خبر", text=text) for n, text in enumerate(texts)])
    files = {path: json.loads(body[body.index(b",") + 1 : -3]) for path, body in word_files(index.reader)}
    index.close()
    name = file_of("ذلك", 64)
    assert files[f"search/{name}.js"]["ذلك"] == 0
    assert files[f"search/{name}.js"]["وذلك"] == packed(list(range(1, 60, 3)))
    assert files[f"search/at-{name}.js"]["ذلك"] == ""


def test_what_is_long_of_a_word_has_a_file_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.site.search._LONG", 40)
    pages = [article(n, headline="خبر", text="هدنة " * (1 + n % 3) + ("قريبة" if n < 2 else "")) for n in range(30)]
    _, index = shelf(tmp_path, pages)
    files = {path: json.loads(body[body.index(b",") + 1 : -3]) for path, body in word_files(index.reader)}
    index.close()
    of = f"at-{file_of('هدنه', 32)}"
    assert files[f"search/{of}.js"]["هدنه"] == [f"{of}-0"]
    assert [len(places) for places in read(files[f"search/{of}-0.js"])] == [1, 2, 3] * 10
    assert read(files[f"search/at-{file_of('قريبه', 32)}.js"]["قريبه"])[0][0] > 1, "what is short stands with others"


def test_words_that_may_be_meant_are_those_of_several_headlines_as_they_are_spelled(tmp_path):
    pages = [
        article(n, headline=headline) for n, headline in enumerate(("وزارة الصحة", "الصحة اولا", "في الصحة", "هدنة"))
    ]
    _, index = shelf(tmp_path, pages)
    files = {path: json.loads(body[body.index(b",") + 1 : -3]) for path, body in near_files(index.reader)}
    index.close()
    assert files == {"search/near-5.js": ["الصحة"]}


@pytest.mark.parametrize("numbers", [[0], [7], [3, 4, 18], list(range(40)), list(range(1, 99, 2)), [5, 900, 901]])
def test_numbers_are_packed_as_they_are_shortest(numbers):
    form = packed(numbers)
    if isinstance(form, str):
        read = [
            5 * place + bit for place, letter in enumerate(form) for bit in range(5) if (ord(letter) - 93) >> bit & 1
        ]
    else:
        read = list(accumulate(form))
    assert read == numbers


def test_a_word_in_nearly_half_of_a_hundred_thousand_articles_is_small():
    assert len(packed([number for number in range(100_000) if number * 7 % 15 < 7])) <= 20_000
