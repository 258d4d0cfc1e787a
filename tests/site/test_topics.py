"""Topics: clitics, names, the gazetteer, and precision on labelled pages of our own writing."""

import json

import pytest

from archive.cli import main
from archive.site.queries import (
    entries,
    entry_groups,
    entry_of,
    folded_of,
    former_name,
    other_slugs,
    topics_of,
    with_about,
)
from archive.site.topics import ABOUT, Entry, Places, Sum, Usage, stems, weight_of
from archive.site.topics.entries import Judge
from archive.site.topics.gazetteer import Gazetteer, Named, bare_name
from archive.site.topics.names import evidence
from archive.site.topics.organisations import is_organisation
from archive.site.topics.tables import Changes, Finder, articles_naming, changes_of, forms_of_changed, match_of_written
from archive.text import key_of, spelled_of, tokens_of
from tests.site.writing import article, labelled, shelf


def about(index, entry):
    """Return the cards of all articles that name an entry."""
    return folded_of(index.reader, entry_groups(index.reader, entry.e))


def found(entry, text, blocked=()):
    """Return what of the text is a mention of the entry."""
    folded, spelled = tokens_of(text)
    (mentions,) = Gazetteer([Named(1, "place", [entry], blocked=list(blocked))]).mentions([folded])
    return [" ".join(spelled[mention.start : mention.end]) for mention in mentions]


@pytest.mark.parametrize(
    ("entry", "text", "mentioned"),
    [
        ("عمروف", "قال عمروف", ["عمروف"]),
        ("عمروف", "مقترحات لعمروف وعمروف فلعمروف بعمروف", ["لعمروف", "وعمروف", "فلعمروف", "بعمروف"]),
        ("عمروف", "رستم عمروف", ["عمروف"]),
        ("رستم عمروف", "ورستم عُمَروف", ["ورستم عُمَروف"]),
        ("عمروف", "عمروفسكي ومعمروف والعمروفي", []),
        ("رستم عمروف", "رستم. عمروف", []),
        ("الامم المتحده", "للأمم المتحدة وبالأمم المتحده", ["للأمم المتحدة", "وبالأمم المتحده"]),
        ("لجنه الصليب", "للجنة الصليب", ["للجنة الصليب"]),
        ("مصر", "بمصر ولمصر وكمصر", ["بمصر", "ولمصر", "وكمصر"]),
        ("لحج", "للحج", []),
        ("سوريا", "بين سوريا وليبيا", ["سوريا"]),
        ("صبيا", "قتل صبيا فلسطينيا", []),
        ("عبدالله صالح", "عبد الله صالح وعبدالله صالح", ["عبد الله صالح", "وعبدالله صالح"]),
    ],
)
def test_a_name_is_found_with_what_is_written_together_with_it(entry, text, mentioned):
    assert found(entry, text) == mentioned


def test_a_word_of_its_own_is_no_name_with_a_clitic():
    assert found("بنان", "لبنان", ["لبنان"]) == []
    assert found("بنان", "بنان في لبنان", ["لبنان"]) == ["بنان"]


def test_points_inside_an_acronym_are_no_signs():
    assert tokens_of("بثته إم.تي.في. قال.وذهب د.محمد")[0] == [
        "بثته",
        "ام",
        "تي",
        "في",
        ".",
        "قال",
        ".",
        "وذهب",
        "د",
        ".",
        "محمد",
    ]


def test_a_newspaper_called_by_a_word_stands_between_quotation_marks():
    paper = Named(1, "organisation", ["صحيفه الحياه"], {"الحياه": True}, "press")
    middle = Named(2, "place", ["الشرق الاوسط"])
    other = Named(3, "organisation", ["صحيفه الشرق الاوسط"], {"الشرق الاوسط": True}, "press")
    gazetteer = Gazetteer([paper, middle, other])

    def named(text):
        return [mention.e for mention in gazetteer.mentions([tokens_of(text)[0]])[0]]

    assert named("قال لـ«الحياة» أمس") == named("نشرته صحيفة الحياة") == [1]
    assert named("هذه هي الحياة") == named("«الحياة الفطرية»") == []
    assert named("حصلت «الشرق الأوسط» عليه") == [3]
    assert named("سلام الشرق الأوسط") == [2]
    assert named("السعيد لـ الحياة: عدنا") == [1]


def test_a_part_of_the_world_inside_another_is_not_named():
    lands = [["اسيا"], ["غرب اسيا"], ["نيويورك"], ["ولايه نيويورك"]]
    gazetteer = Gazetteer([Named(e, "place", names) for e, names in enumerate(lands)])
    assert [each.e for each in gazetteer.mentions([tokens_of("بطولة غرب آسيا")[0]])[0]] == [1]
    assert [each.e for each in gazetteer.mentions([tokens_of("ولاية نيويورك")[0]])[0]] == [3, 2]


def test_a_hyphen_inside_a_name_is_no_sign():
    assert tokens_of("جان-إيف، الرياض - جدة، الرياض-الدمام 5-6")[0] == [
        *("جان", "ايف", "،", "الرياض", "-", "جده", "،", "الرياض", "-", "الدمام", "5", "-", "6")
    ]


def test_a_surname_behind_somebody_elses_first_name_is_not_his():
    obama = Named(1, "person", ["باراك اوباما"], {"اوباما": True})
    assert mentions("قالت ميشيل أوباما", obama) == []
    assert mentions("قال الرئيس أوباما إن باراك حسين أوباما", obama) == [(1, False), (1, False)]


def mentions(text, *entries):
    """Return the numbers of the entries that a text mentions, and whether inside a longer name."""
    (mentions,) = Gazetteer(entries).mentions([tokens_of(text)[0]])
    return [(mention.e, mention.is_inside) for mention in mentions]


def test_the_longest_name_wins_and_what_is_inside_it_is_named_in_passing():
    council = Named(1, "organisation", ["مجلس الامن", "مجلس الامن الدولي"])
    university, king = Named(2, "organisation", ["جامعه الملك سعود"]), Named(3, "person", ["الملك سعود"])
    assert mentions("مجلس الأمن الدولي ومجلس الأمن", council) == [(1, False), (1, False)]
    town = Named(4, "place", ["جده"])
    assert mentions("جامعة الملك سعود", university, king) == [(2, False)], (
        "no reader of the university asks for the king"
    )
    for name in ("شرطه جده", "جامعه جده", "حكومه جده", "الغرفه التجاريه بجده"):
        assert mentions(name, Named(5, "organisation", [name]), town) == [(5, False), (4, True)]


def test_a_surname_names_who_is_named_in_full_beside_it_or_who_alone_is_called_so():
    nuri, fayez = (
        Named(e, "person", [name], {"المالكي": False}) for e, name in ((1, "نوري المالكي"), (2, "فايز المالكي"))
    )
    assert mentions("قال المالكي", nuri, fayez) == []
    assert mentions("وصل فايز المالكي. وقال المالكي", nuri, fayez) == [(2, False), (2, False)]
    obama = Named(3, "person", ["باراك اوباما"], {"اوباما": True})
    assert mentions("وقال أوباما إن", obama, nuri) == [(3, False)]


def test_what_is_called_after_a_man_or_a_town_names_neither():
    messi, town = Named(1, "person", ["ليونيل ميسي"], {"ميسي": True}), Named(2, "place", ["فرانكفورت"])
    assert mentions("وقال ميسي في فرانكفورت", messi, town) == [(1, False), (2, False)]
    assert mentions("مع شركة ميسي وكلية فرانكفورت ولشركة ميسي", messi, town) == []


def test_names_of_one_first_word_are_told_by_what_follows():
    entries = [Named(e, "person", [name]) for e, name in enumerate(("سليم الصافي", "سليم بن فهد", "سليم"), start=1)]
    text = "سليم الصافي وسليم بن فهد وسليم بن سعد وسليم"
    assert [e for e, _ in mentions(text, *entries)] == [1, 2, 3, 3]


def test_all_forms_that_lead_to_a_name_are_asked_for():
    """What is read again for a name is whatever the gazetteer would find it in, and nothing else."""
    words = [f"{one}{other}{word}" for one in ("", "و", "ف") for other in ("", "ب", "ل", "ك", "ال", "لل", "بال")
             for word in ("لجنه", "الحرس", "رس", "حرس")]  # fmt: skip
    for name in ("لجنه", "اللجنه", "الحرس", "حرس"):
        asked = set(match_of_written(name, lambda form: form in words).replace('"', "").split(" OR "))
        assert asked == {word for word in words if name in stems(word)}
    assert match_of_written("لجنه بعيده", lambda form: form in words) == ""


def test_a_name_that_begins_with_lam_behind_its_article_is_found_and_shown_behind_to():
    committee = Named(1, "organisation", ["اللجنه الاولمبيه"])
    assert mentions("تابع للجنة الأولمبية", committee) == [(1, False)]
    assert bare_name("للجنة الأولمبية", committee.names) == "اللجنة الأولمبية"
    assert bare_name("للأمم المتحدة", ["الامم المتحده"]) == "الأمم المتحدة"
    assert bare_name("بالصحراء الغربية", ["الصحرا الغربيه"]) == "الصحراء الغربية"
    assert bare_name("وعبد الفتاح صبري", ["عبدالفتاح صبري"]) == "عبد الفتاح صبري"


def test_no_two_pages_have_one_name_and_address(tmp_path):
    won = "في مباراة الدوري {} فاز نادي الشباب {}."
    texts = [won.format("السعودي", "في الرياض")] * 3 + [won.format("الإماراتي", "في دبي")] * 3
    _, index = shelf(tmp_path, [article(n, headline="فوز", text=text) for n, text in enumerate(texts)])
    clubs = [(each.name, each.slug, each.many) for each in entries(index.reader) if each.kind == "organisation"]
    index.close()
    assert clubs == [("شباب الأهلي", "شباب-الأهلي", 3), ("نادي الشباب", "نادي-الشباب", 3)]


def test_a_name_that_goes_on_is_somebody_elses():
    prince = Named(1, "person", ["محمد بن سلمان", "محمد بن سلمان بن عبدالعزيز"])
    assert mentions("الأمير محمد بن سلمان بن عبد العزيز آل سعود", prince) == [(1, False)]
    assert mentions("المواطن محمد بن سلمان الحربي", prince) == []
    assert mentions("سعود بن محمد بن سلمان", prince) == [], "a father inside his son's name"


def test_a_word_is_a_club_among_words_of_sport():
    club, town = (
        Named(1, "organisation", ["نادي نجران"], {"نجران": True}, company="sport"),
        Named(2, "place", ["نجران"]),
    )
    assert mentions("فاز نجران في المباراة بهدف سجله اللاعب", club, town) == [(1, False)]
    assert mentions("أمطار على نجران", club, town) == [(2, False)]
    accord = Named(3, "organisation", ["نادي الاتفاق"], {"الاتفاق": True}, company="club")
    assert mentions("قال مدرب نجران، أمس", club) == mentions("أعلن نادي نجران", club) == [(1, False)]
    assert mentions("أعلن نجران، أمس", club) == []
    assert mentions("تم الاتفاق مع اللاعب والمدرب", accord) == []
    assert mentions("لاعب الاتفاق سجل في المباراة", accord) == [(3, False)]
    assert (
        mentions("الاتفاق يبدأ المباراة بلا مدرب", accord)
        == mentions("بعثة الاتفاق بلا مدرب. الدوري", accord)
        == [(3, False)]
    )
    assert mentions("المباراة التي قال المدرب إن الاتفاق يبدأ بها", accord) == []
    assert mentions("المباراة بين نجران والاتفاق، قال المدرب", accord, club) == [(1, False), (3, False)]


def test_a_word_is_a_group_in_the_company_of_arms_where_it_is_no_noun():
    base = Named(1, "organisation", ["تنظيم القاعده"], {"القاعده": False}, "group", near=["داعش"])
    assert mentions("قيادي في القاعدة وداعش", base) == [(1, False)]
    assert mentions("وصل الجنود إلى القاعدة", base) == mentions("قصفت داعش قاعدة العند. وعاد من القاعدة", base) == []
    assert mentions("تنظيم القاعدة في قاعدة العند. وتقدمت القاعدة", base) == [(1, False), (1, False)]


@pytest.fixture(scope="module")
def known():
    """Return the gazetteer of what is known before any article is read, and the key of each entry by number."""
    entries = Judge({}, lambda word: 0).entries()
    named = [
        Named(e, entry.kind, sorted(entry.names), entry.shorts, entry.company, near=list(entry.near), key=entry.key)
        for e, entry in enumerate(entries.values())
    ]
    return Gazetteer(named), list(entries)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("لاعب الأهلي في المباراة أمام الزمالك بالقاهرة", "الاهلي المصري"),
        ("مدرب النادي الأهلي في مباراة جدة", "الاهلي السعودي"),
        ("لاعب الأهلي في المباراة بدبي", "الاهلي الاماراتي"),
        ("لاعب الأهلي في المباراة", "الاهلي السعودي"),
        ("مباراة الأهلي المصري في جدة. وقال مدرب الأهلي", "الاهلي المصري"),
        ("نادي الأهلي", "الاهلي السعودي"),
        ("لاعب النصر في المباراة أمام النصر الإماراتي في الرياض، وقال مدرب النصر", {"نادي النصر", "النصر الاماراتي"}),
        ("ميليشيات الحوثي وصالح. وقال عمر صالح وصالح الفهد إنه لصالح القوم", "علي عبدالله صالح"),
        ("قال عمر صالح وصالح الفهد لصالح الحوثي", None),
        ("قال بحماس شديد", None),
        ("وفد حماس إلى القسام", "حركه حماس"),
        ("فاز لاعب الفريق في المباراة بكأس الاتحاد", None),
        ("عمل صالح، وقال صالح إنه هادي", None),
        ("فرق الهلال الأحمر في الدوحة", "الهلال الاحمر القطري"),
        ("فرق الهلال الأحمر في جدة", "هييه الهلال الاحمر السعودي"),
        ("مباراة النصر في أبوظبي، وقال لاعب النصر", "النصر الاماراتي"),
        ("مباراة النصر، وقال اللاعب", "نادي النصر"),
        ("مباراة الاتحاد والزمالك، قال لاعب الاتحاد", "الاتحاد السكندري"),
        ("تحقيق النصر على العدو", None),
        ("بدر الهلال في السماء", None),
        ("قرر الاتحاد في المباراة إيقاف اللاعب، وفق الاتحاد الأوروبي لكرة القدم", None),
        ("لاعب الاتحاد في المباراة، وفق الاتحاد السعودي لكرة القدم", "نادي الاتحاد"),
        ("وصل إلى عمّان", "العاصمه الاردنيه عمان"),
        ("وصل الوفد الأردني إلى عمان", "العاصمه الاردنيه عمان"),
        ("وصل إلى عُمان", "عمان"),
        ("قابوس سلطان عمان", "عمان"),
        ("وصل إلى عمان", "عمان"),
        ("اشتباكات في طرابلس شمال لبنان", "طرابلس اللبنانيه"),
        ("اشتباكات في طرابلس", "طرابلس"),
        ("قتل صبيا فلسطينيا", None),
        ("يبحث عن سوريا يا صديقي", "سوريا"),
        ("الضفة الآسيوية من المدينة", None),
        ("اعتقالات في الضفة", "الضفه الغربيه"),
        ("أقيم في قاعة الأندلس", None),
        ("بالخير واليمن والبركات", None),
    ],
)
def test_who_is_meant_by_a_name_that_several_have(known, text, key):
    gazetteer, keys = known
    folded, spelled = tokens_of(text)
    found = {keys[mention.e] for mention in gazetteer.mentions([folded], lambda *_: spelled)[0]}
    others = {
        "نادي الزمالك",
        "القاهره",
        "جده",
        "دبي",
        "ابوظبي",
        "لبنان",
        "يويفا",
        "الاتحاد السعودي لكره القدم",
        "الدوحه",
        "الرياض",
        "الحوثيون",
    }
    assert found - others == (key if isinstance(key, set) else {key} if key else set())


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("وزاره الحج", True),
        ("جمعيه البر", True),
        ("الاتحاد الدولي لركوب الامواج", True),
        ("مركز الامير سلطان لامراض القلب", True),
        ("شرطه الضرايب الايطاليه نصف المال", False),
        ("شرطه المنطقه لمعرفه الملابسات", False),
        ("صندوق لحمايه الودايع", False),
        ("غرفه الشرقيه الضو", False),
        ("البرلمان الفرنسي", True),
        ("الحكومه الرشيده", False),
        ("الحكومه ه", False),
        ("حكومه مصر", True),
        ("خطوط الامداد", False),
        ("جامعه هارفارد", True),
        ("شركه راند هاوز", True),
        ("جامعه ركوب", False),
        ("لجنه هارفارد", False),
        ("مركز بريده", False),
        ("تعليم حايل", True),
        ("النادي الامير فيصل بن", False),
        ("مصلحه مصر", False),
    ],
)
def test_where_the_name_of_an_organisation_ends(name, is_one):
    usage = Usage(lambda word: 100 if word in {"ركوب", "امراض", "معرفه", "حمايه"} else 2)
    assert is_organisation(name.split(), 10, 0.5, usage) == is_one


def test_words_with_pronouns_are_told_by_the_words_themselves():
    many = {"مرمي": 30, "مرماه": 10, "سمو": 50, "سموه": 20, "عمروف": 9}
    usage = Usage(lambda word: many.get(word, 0))
    assert [usage.is_inflected(word) for word in ("مرماه", "سموه", "عمروف")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("اشتباكات في صعدة وحجة وعمران. وقصف على حجة", 4),
        ("تذرع بحجة أن الطريق مغلق", 0),
        ("أغلق طريق حجة أمس. وقال أهالي حجة إن الجسر سليم", 2),
        ("صعدة حجة عليهم", 1),
        ("قتل جنديا تركيا على الحدود", 0),
        ("زار تركيا وضحايا تركيا", 2),
        ("الحكومة السعودية والقوات السعودية", 0),
        ("بين السعودية ومصر، ووصل السعودية", 2),
        ("مسقط رأس والده", 0),
        ("زار مختلف أنحاء تركيا", 1),
        ("سبق - حجة: هطل المطر", 1),
        ("جاء إلى المجلس أمس مع القوم وهو يرى - حجة: على الناس أن يسمعوا", 0),
    ],
)
def test_a_word_is_a_place_in_the_company_of_places_and_no_adjective(text, places):
    towns = [Named(1, "place", ["محافظه حجه"], {"حجه": True}, "place"), Named(2, "place", ["صعده"])]
    towns.append(Named(3, "place", ["محافظه عمران"], {"عمران": True}, "place"))
    lands = [Named(e, "place", [name]) for e, name in enumerate(("تركيا", "السعوديه", "مسقط"), start=4)]
    assert len(mentions(text, *towns, *lands)) == places


@pytest.mark.parametrize("before", ["و", "ف", "ب", "ل", "ك", "وب", "ول", "فل", "وك"])
def test_what_is_written_together_with_a_word_is_taken_off(before):
    assert "عمروف" in stems(f"{before}عمروف")
    assert "الامم" in stems(f"{before.replace('ل', 'لل')}{'امم' if 'ل' in before else 'الامم'}")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("التقى وزير الدفاع الأوكراني رستم عمروف في إسطنبول", {("person", "رستم عمروف"), ("place", "اسطنبول")}),
        ("وقال رستم عمروف إن الهدنة قريبة", {("person", "رستم عمروف")}),
        ("وأشارت هالة عبد الرحيم إلى الجسر", {("person", "هاله عبدالرحيم")}),
        ("قال مصدر مسؤول إن الهدنة قريبة", set()),
        ("وقالت مصادر مطلعة، أمس، إن", set()),
        ("صوت مجلس الأمن الدولي، أمس", {("organisation", "مجلس الامن"), ("organisation", "مجلس الامن الدولي")}),
        ("من مدينة كسلا، شرقا", {("place", "كسلا")}),
        ("قال خبير أمن المعلومات نبيل الشامي إن", {("person", "نبيل الشامي")}),
        ("الرئيس علي عبد الله صالح، أمس", {("person", "علي عبدالله"), ("person", "علي عبدالله صالح")}),
        ("خطفها مسلحو تنظيم «داعش»", {("group", "داعش"), ("organisation", "تنظيم داعش")}),
        ("وأوضح اللواء منصور التركي، أمس", {("person", "منصور التركي")}),
        ("أسامة هوساوي – محمد جحفلي", {("person", "اسامه هوساوي"), ("person", "محمد جحفلي")}),
        ("قال المدير علي الحازمي إن", {("person", "علي الحازمي")}),
        ("ملاعب على الأرض", set()),
        ("حضره الوفد وأحمد الحازمي أمس", {("person", "احمد الحازمي")}),
        ("أغنية لمحمد عبده، أمس", {("person", "محمد عبده")}),
        ("زارت لجان المهرجان", set()),
        ("عاد الأمير سلطان بن سلمان، أمس", {("person", "الامير سلطان"), ("person", "سلطان بن سلمان")}),
        ("زميلنا بدر بن علي كحيل، أمس", {("person", "بدر بن علي"), ("person", "بدر بن علي كحيل")}),
        ("ضم والبلجيكي إيدين هازارد", {("person", "ايدين هازارد")}),
        ("لقاء الفريق السويسري سيليرينا", set()),
        ("خطاب دونالد ترامب، أمس", {("person", "دونالد ترامب")}),
        ("قال المدير جوزيف بلاتر إن", {("person", "جوزيف بلاتر")}),
        ("هدف ثيو والكوت، أمس", {("person", "ثيو والكوت")}),
        ("لاعبو منتخب تشيلي، أمس", {("organisation", "منتخب تشيلي")}),
        ("لقاء مدير تعليم حائل، أمس", {("organisation", "تعليم حايل")}),
        ("كتاب جون ويلموث، أمس", {("person", "جون ويلموث")}),
        ("كتاب جون وأحمد، أمس", set()),
        ("حاور علي العلياني، أمس", {("person", "علي العلياني")}),
        ("فولكر تورك: الهدنة قريبة", {("person", "فولكر تورك")}),
        ("مكتبة الملك فهد المركزية", set()),
    ],
)
def test_names_that_a_text_introduces(text, names):
    seen = {
        (kind, key)
        for kind, key in evidence(tokens_of(text)[0])
        if kind in {"person", "organisation", "place", "group"}
    }
    assert seen == names


def test_where_a_name_stands_weighs():
    assert weight_of(Places(headline=1)) >= ABOUT
    assert weight_of(Places(lead=1, text=1)) >= ABOUT
    assert weight_of(Places(text=2)) < ABOUT
    assert weight_of(Places(own_tag=True)) >= ABOUT


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    pages = labelled()
    _, index = shelf(tmp_path_factory.mktemp("labelled"), [page for page, *_ in pages])
    yield pages, index
    index.close()


def test_topics_are_precise_on_labelled_pages(library):
    pages, index = library
    right = said = found = wanted = 0
    for page, about, passing in pages:
        (number,) = index.reader.execute("SELECT n FROM article WHERE id = ?", [page.id]).fetchone()
        named = {topic["name"] for topic in topics_of(index.reader, number) if not topic["own"]}
        assert not named & {"عمروفسكي", "بنان"}
        right, said = right + len(named & (about | passing)), said + len(named)
        found, wanted = found + len(named & about), wanted + len(about)
    assert said >= 30
    assert right / said >= 0.95
    assert found / wanted >= 0.8


def test_a_surname_leads_to_the_name(library):
    _, index = library
    entry = entry_of(index.reader, "عمروف")
    assert (entry.name, entry.kind) == ("رستم عمروف", "person")
    for typed in ("رستم-عمروف", "لعمروف", "ورستم عمروف", "الوزير رستم عمروف", "الرئيس-الوزير-عمروف"):
        assert entry_of(index.reader, typed) == entry, typed
    for typed in ("الوزير", "بعيد عمروف", "عمروف الوزير", ""):
        assert entry_of(index.reader, typed) is None, typed
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


@pytest.mark.parametrize(
    ("one", "other", "many"),
    [
        ("أليكسيس تسيبراس", "ألكسيس تسيبراس", 1),
        ("فرانسوا هولاند", "فرنسوا هولاند", 1),
        ("جوزيف بلاتر", "جوزف بلاتر", 1),
        ("جوزيف بلاتر", "سيب بلاتر", 1),
        ("ماريو غوميز", "ماري غوميز", 2),
        ("سلمان الفرجي", "سليمان الفرجي", 2),
        ("محمد الفرجي", "محمود الفرجي", 2),
    ],
)
def test_a_first_name_of_another_tongue_is_one_with_other_vowels(tmp_path, one, other, many):
    say = "قال {0} إن الجسر مفتوح. وقال {0} إن الطريق طويل."
    pages = [article(n, headline=f"{name} يتحدث", text=say.format(name)) for n, name in enumerate([one, other] * 3)]
    _, index = shelf(tmp_path, pages)
    found = {entry_of(index.reader, name).key for name in (one, other)}
    index.close()
    assert len(found) == many


@pytest.mark.parametrize("others", ["رستم عميروف", "رستم غمروف"])
def test_two_spellings_of_a_name_are_one(tmp_path, others):
    first = others.replace("عمي", "عم").replace("غ", "ج")
    say = "قال {0} إن الجسر مفتوح. وقال {0} إن الطريق طويل."
    pages = [
        article(n, headline=f"{name} يتحدث", text=say.format(name)) for n, name in enumerate([first] * 3 + [others] * 2)
    ]
    _, index = shelf(tmp_path, pages)
    entry = entry_of(index.reader, others)
    assert entry.name == first
    assert len(about(index, entry)) == 5
    index.close()


@pytest.mark.parametrize(
    ("lines", "name", "kind"),
    [
        (
            ["وصل أسامة هوساوي أمس", "سجل معتز هوساوي هدفا"] * 3,
            "أسامة هوساوي",
            "person",
        ),
        (["قال المدرب دونيس إن الفريق جاهز"] * 5, "دونيس", "person"),
        (["اجتمعت إمارة منطقة نجران، أمس"] * 3, "إمارة منطقة نجران", "organisation"),
        (["شكر وزير النقل اتصالا هاتفيا، أمس"] * 4, "اتصالا هاتفيا", None),
        (["بلغ الحفل تمام الساعة الثامنة"] * 4, "تمام الساعة", None),
        (["استقبل الأمير خالد، أمس، وفدا"] * 4, "الأمير خالد", None),
        (["صوتت هيئة التدريس، أمس"] * 4, "هيئة التدريس", None),
        (["قال هويته إن ذلك صحيح", "هذه هوية", "تلك هوية"] * 4, "هويته", None),
        (["قال ترشحه إن ذلك صحيح", "ترشحها قريب", "ترشحهم بعيد"] * 4, "ترشحه", None),
        (["قال دروبه إن الجسر مفتوح"] * 8, "دروبه", "person"),
        (["قال الحارس عساف القرني إن", "وأكد محمد العساف أمس"] * 4, "عساف القرني", "person"),
        (["سجل عساف القرني إن", "بيت عساف", "هذا العساف"] * 4, "عساف القرني", None),
        (["حاور علي العلياني، أمس", "وقال علي العلياني إن", "وأكد سعد العلياني أمس"] * 2, "علي العلياني", "person"),
        (["فازوا على التوالي، أمس"] * 4, "علي التوالي", None),
        (["تأخر سعود وتوسعة، أمس", "هذه توسعة"] * 4, "سعود وتوسعة", None),
        (["قال سلمان آل رمضان، أمس", "شهر رمضان", "في رمضان", "رمضان كريم"] * 4, "سلمان آل رمضان", "person"),
        (["ليلة عيد الفطر، أمس", "زكاة الفطر، أمس"] * 4, "عيد الفطر", None),
        (["قال الأمين حسن نصر الله إن"] * 4, "حسن نصر الله", "person"),
        (["قال النائب فيصل أبا الخيل إن"] * 4, "فيصل أبا الخيل", "person"),
        (["لعب أمام أريس ليماسول القبرصي، أمس"] * 4, "أريس ليماسول", "organisation"),
        (["وصل إلى مطار عدن، أمس"] * 4, "مطار عدن", "place"),
        (["قالت وزارة الصحة، أمس", "قالت وزارة الصحة المصرية، أمس"] * 9, "وزارة الصحة المصرية", "organisation"),
        (["أعلن بنك مورجان ستانلي، أمس"] * 4, "مورغان ستانلي", "organisation"),
        (["قالت مجلة «تسايتنز» أمس"] * 4, "مجلة تسايتنز", "organisation"),
        (["صور الروماني «ليفيو كيوبتاريو»، أمس"] * 4, "ليفيو كيوبتاريو", "person"),
        (["قال المدير سليمان بن محمد السريع، أمس"] * 3 + ["مر القطار السريع"] * 80, "سليمان بن محمد السريع", "person"),
        (
            ["قال الاتحاد السعودي للرياضات الجوية، أمس"] * 3 + ["قال الاتحاد السعودي، أمس"] * 10,
            "الاتحاد السعودي للرياضات الجوية",
            "organisation",
        ),
        (["بدأ ناصر الجديع، أمس", "كتب محمد الجديع، أمس"] * 4, "ناصر الجديع", "person"),
        (["قال ملاكه إن ذلك صحيح", "هذا ملاك"] * 4, "ملاكه", None),
    ],
)
def test_what_becomes_a_name(tmp_path, lines, name, kind):
    words = ["تلقى اتصالا", "طويل اتصال", "اتصال قصير", "اتصال آخر", "الساعة الآن", "الساعة", "هذه الساعة"]
    pages = [article(n, headline=f"خبر {n}", text=line) for n, line in enumerate([*lines, *lines, *words * 6])]
    _, index = shelf(tmp_path, pages)
    entry = entry_of(index.reader, name)
    assert (entry.kind if entry else None) == kind
    index.close()


def test_a_word_before_a_club_is_no_first_name():
    persons = {"نجم الهلال": Sum(4, 4, 4)}
    surnames = {"الهلال": Sum(40, 40, 0)}
    entries = Judge({"person": persons, "surname": surnames}, lambda word: 700 if word in surnames else 9).entries()
    assert not persons.keys() & entries.keys()


@pytest.mark.parametrize(
    ("lines", "name", "other"),
    [
        (["تعاقد نادي تشيلسي، أمس", "فاز تشيلسي الإنجليزي، أمس"], "تشيلسي", "نادي تشيلسي"),
        (["قالت وزارة العمل، أمس", "قالت وزارة العمل السعودية، أمس"], "وزارة العمل", "وزارة العمل السعودية"),
        (["قال موقع التويتر، أمس", "قال في تويتر، أمس"], "تويتر", "التويتر"),
        (["قال أحمد الخازم إن", "قال أحمد الخازم الغامدي إن"], "أحمد الخازم", "أحمد الخازم الغامدي"),
    ],
)
def test_one_has_one_page(tmp_path, lines, name, other):
    """All eight articles; of the ministry, where most is written in its land."""
    pages = [article(n, headline=f"خبر {n}", text=f"{line}. مباراة في الدوري.") for n, line in enumerate(lines * 4)]
    _, index = shelf(tmp_path, [*pages, *(article(20 + n, text="الحكومة السعودية") for n in range(9))])
    entry, same = entry_of(index.reader, name), entry_of(index.reader, other)
    assert (entry.many, same) == (8, entry)
    index.close()


def test_who_speaks_in_headlines_alone_has_a_page(tmp_path):
    pages = [article(n, headline=f"فولكر تورك: خبر {n}", text="كلمة عن الهدنة.") for n in range(3)]
    _, index = shelf(tmp_path, pages)
    entry = entry_of(index.reader, "فولكر تورك")
    assert (entry.kind, len(about(index, entry))) == ("person", 3)
    index.close()


def test_a_surname_is_whose_names_have_it_in_every_form(tmp_path):
    forms = ["قال الوزير عادل الجبير إن الجسر مفتوح", "قال الوزير عادل بن أحمد الجبير إن الطريق طويل"] * 4
    pages = [article(n, headline=f"خبر {n}", text=line) for n, line in enumerate([*forms, "زار الجبير المدينة"])]
    _, index = shelf(tmp_path, pages)
    assert len(about(index, entry_of(index.reader, "عادل الجبير"))) == 9
    index.close()


# --- A name among many: five articles of four outlets name one man once to four times, among 120 that do not -----------------------

_OTHERS = (
    ("وزير {land} يبحث الطاقة", "استقبل وزير الطاقة {man} وفدا في {town}. وقال {man} إن المحطة ستعمل في {land} قريبا."),
    ("أمطار على {town}", "هطلت أمطار على مدينة {town} مساء. ودعت وزارة الداخلية، أمس، إلى الحذر في {land}."),
    ("مجلس الأمن الدولي يناقش ملف {land}", "عقد مجلس الأمن الدولي جلسة عن {land}. وتحدث المندوب {man} أمام المجلس."),
    (
        "مسلحو «الفجر» في {town}",
        "هاجم مسلحو تنظيم «الفجر» نقطة قرب {town}. وأعلنت الشرطة مقتل اثنين من الفجر في {land}.",
    ),
)
_MEN = ("كمال الراوي", "سامي الحداد", "نبيل بن فارس الشامي", "عبد الله الجابر", "ماجد الصافي")
_LANDS, _TOWNS = (
    ("الأردن", "العراق", "مصر", "تونس", "لبنان"),
    ("البصرة", "إربد", "الإسكندرية", "صفاقس", "طرابلس", "كسلا"),
)
_MODEL = (
    (
        "aljazeera",
        "وزير الدفاع رستم عمروف في جولة",
        "وصل وزير الدفاع رستم عمروف. وقال عمروف إن الجولة طويلة. وشكر عمروف مضيفيه.",
    ),
    ("alaraby", "جولة جديدة", "سلم الوفد مقترحات لعمروف بشأن الهدنة."),
    ("albawaba", "عمروف: لا سلام بلا ضمان", "قال رستم عمروف إن الضمان مكتوب."),
    (
        "skynewsarabia",
        "تبادل الأسرى",
        "أعلن وزير الدفاع رُستم عُمروف الاتفاق. وأكد عمروف أن القائمة كاملة. وعاد وعمروف معه أربعة.",
    ),
    ("alaraby", "من يدير الملف", "يدير الملف رستم عمروف منذ سنة."),
)


def written():
    """Return 125 articles, the five of the model among them, as three days."""
    pages = []
    for number in range(120):
        headline, text = _OTHERS[number % len(_OTHERS)]
        of = {"man": _MEN[number % 5], "land": _LANDS[number // 3 % 5], "town": _TOWNS[number // 2 % 6]}
        pages.append(
            article(
                100 + number,
                "albawabhnews",
                headline=headline.format(**of),
                text=headline.format(**of) + ". " + text.format(**of),
            )
        )
    for place, (outlet, headline, text) in enumerate(_MODEL):
        pages.insert(25 * place + 7, article(place + 1, outlet, headline=headline, text=text))
    return [pages[:40], pages[40:80], pages[80:]]


def names_and_topics(index):
    """Return all that an index says of names, without what it counts by."""
    rows = index.reader.execute("SELECT kind, key, name, slug, many FROM entry WHERE live AND many > 0 ORDER BY key")
    topics = index.reader.execute(
        "SELECT id, key, weight, own, about FROM topic JOIN entry USING (e) JOIN article USING (n) ORDER BY id, key"
    )
    return [tuple(row) for row in rows], [tuple(row) for row in topics]


@pytest.fixture(scope="module")
def at_once(tmp_path_factory):
    _, index = shelf(tmp_path_factory.mktemp("once"), [page for day in written() for page in day])
    yield index
    index.close()


def test_all_articles_that_name_a_man_stand_under_his_name(at_once):
    entry = entry_of(at_once.reader, "عمروف")
    assert (entry.name, entry.kind, entry.many) == ("رستم عمروف", "person", 5)
    cards = with_about(at_once.reader, entry.e, about(at_once, entry))
    assert {card.id for card in cards} == {f"{outlet}:{place}" for place, (outlet, *_) in enumerate(_MODEL, start=1)}
    assert [card.at for card in cards] == sorted((card.at for card in cards), reverse=True)
    assert {card.id for card in cards if card.about} >= {"aljazeera:1", "albawaba:3", "skynewsarabia:4"}


def test_the_command_line_lists_and_counts_what_the_page_does(at_once, capsys):
    place = ["--archive", (at_once.path.parent / "collection").as_uri(), "--index", str(at_once.path), "--json"]
    entry = entry_of(at_once.reader, "عمروف")
    for more, cards in (
        ([], about(at_once, entry)),
        (["--about"], [card for card in with_about(at_once.reader, entry.e, about(at_once, entry)) if card.about]),
    ):
        assert main(["articles", "--topic", "عمروف", *more, *place]) == 0
        assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == [card.id for card in cards]
    assert main(["count", "--by", "topic", *place]) == 0
    counts = {line["topic"]: line["articles"] for line in map(json.loads, capsys.readouterr().out.splitlines())}
    assert counts == {each.name: each.many for each in entries(at_once.reader)}
    assert main(["articles", "--topic", "فلان", *place]) == 2
    assert "no article names 'فلان'" in capsys.readouterr().err


def test_names_of_the_written_month(at_once):
    """What each of the 120 others names is known by how it was made: nearly all is found, and nearly nothing else."""
    right = said = wanted = 0
    for page in (page for day in written() for page in day if page.outlet == "albawabhnews"):
        (number,) = at_once.reader.execute("SELECT n FROM article WHERE id = ?", [page.id]).fetchone()
        topics = topics_of(at_once.reader, number)
        assert [topic["weight"] for topic in topics] == sorted((topic["weight"] for topic in topics), reverse=True)
        named = {key_of(topic["name"]) for topic in topics}
        listed = [*_MEN, *_LANDS, *_TOWNS, "مجلس الأمن الدولي", "الفجر", "وزارة الداخلية"]
        truth = {key_of(name) for name in listed if key_of(name) in " ".join(tokens_of(page.text)[0])}
        right, said, wanted = right + len(named & truth), said + len(named), wanted + len(truth)
    assert right / said >= 0.95
    assert right / wanted >= 0.85


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_the_same_archive_has_the_same_names_in_whatever_order_it_was_read(tmp_path, at_once, order):
    days = written()
    archive, index = shelf(tmp_path, days[order[0]])
    for day in order[1:]:
        shelf(tmp_path, days[day], crawl=f"c{day + 2}")[1].close()
        index.catch_up(archive)
    assert names_and_topics(index) == names_and_topics(at_once)
    index.close()


def test_a_short_name_that_comes_later_counts_in_what_names_its_bearer_already(tmp_path):
    plain = [article(n, text="وصل عبدالله بن فهد، أمس. ثم عاد الملك عبدالله، مساء.") for n in range(4)]
    kings = [
        article(10 + n, text=f"زار الملك عبدالله بن {father}، أمس. ووصل عبدالله بن {father}.")
        for n, father in enumerate(["فهد", "سعد"] * 5)
    ]
    _, together = shelf(tmp_path / "once", [*plain, *kings])
    archive, apart = shelf(tmp_path / "days", plain)
    shelf(tmp_path / "days", kings, crawl="c2")[1].close()
    apart.catch_up(archive)
    assert names_and_topics(apart) == names_and_topics(together)
    together.close()
    apart.close()


def test_what_is_caught_up_with_reads_only_the_articles_again_that_gain_or_lose_a_name(tmp_path, monkeypatch, unpacked):
    """The one article of each of two new names, and none that writes the surname, which another man bears."""
    again = []
    write = Finder.write
    monkeypatch.setattr(
        Finder,
        "write",
        lambda self, number, *words, edited: (
            edited or again.append(number),
            write(self, number, *words, edited=edited),
        ),
    )
    days = written()
    early = [article(900, text="وصل سليم الصافي، أمس."), article(901, text="قال جابر كسار إن الجسر مفتوح.")]
    archive, index = shelf(tmp_path, [*days[0], *days[1], *early])
    late = [
        article(910 + n, text="وصل سليم الصافي، أمس. وقال سليم الصافي: نعم. وقال جابر كسار إن الجسر مفتوح.")
        for n in range(3)
    ]
    shelf(tmp_path, late, crawl="c2")[1].close()
    index.catch_up(archive)
    assert {entry_of(index.reader, name).many for name in ("سليم الصافي", "جابر كسار")} == {4}
    numbers = {row["id"]: row["n"] for row in index.reader.execute("SELECT id, n FROM article")}
    assert sorted(again) == sorted(numbers[page.id] for page in early)
    assert sorted(unpacked) == sorted(page.text for page in early)
    index.close()


def form(kind, names, shorts=(), company="", near=()):
    alone = dict.fromkeys(shorts, False)
    return kind, json.dumps([names, alone, company, [], *([near] if near else [])], ensure_ascii=False)


def entries_like(forms):
    entries = {}
    for key, (kind, text) in forms.items():
        names, shorts, company, _, *near = json.loads(text)
        entries[key] = Entry(key, kind, set(names), shorts, company, *map(tuple, near))
    return entries


DAWSARI = {"سليم الدوسري": form("person", ["سليم الدوسري"], ["الدوسري"])}
HILAL = {"نادي الهلال": form("organisation", ["نادي الهلال"], ["الهلال"], "sport", ["الرياض"])}


@pytest.mark.parametrize(
    ("before", "after", "phrases", "behind"),
    [
        # «علي الدوسري» is somebody else's name no more
        (
            DAWSARI,
            {**DAWSARI, "علي الدوسري": form("person", ["علي الدوسري"], ["الدوسري"])},
            set(),
            {("الدوسري", "علي")},
        ),
        # what stands inside «أبو مصعب» is named in passing
        ({}, {"سعد ابو مصعب": form("person", ["سعد ابو مصعب"], ["ابو مصعب"])}, {"ابو مصعب"}, None),
        # a man called «الهلال» is meant by it only where he is named in full
        (HILAL, {**HILAL, "نجم الهلال": form("person", ["نجم الهلال"], ["الهلال"])}, set(), None),
        # … and so is the club of another town
        (
            HILAL,
            {"نادي الهلال": form("organisation", ["نادي الهلال"], ["الهلال"], "sport", ["جده"])},
            {"الهلال"},
            set(),
        ),
        # «الضفة الشرقية» is not what «الضفة» is short for
        (
            {"الضفه": form("place", ["الضفه"])},
            {"الضفه": form("place", ["الضفه", "الضفه الغربيه"])},
            {"الضفه"},
            set(),
        ),
    ],
)
def test_what_an_entry_shares_with_others_is_looked_for_again_too(before, after, phrases, behind):
    changed = changes_of({key: (1, each) for key, each in before.items()}, after, entries_like(after))
    names = {name for key in after.keys() - before.keys() for name in json.loads(after[key][1])[0]}
    assert changed.phrases >= phrases | names
    assert behind is None or {(short, word) for short, word, _ in changed.behind if short != word} == behind
    assert all(full >= names for *_, full in changed.behind if behind)


def test_a_short_name_behind_a_word_is_found_with_whatever_is_written_with_it(tmp_path):
    texts = ("قال أحمد بن علي الدوسري", "علي والدوسري هنا", "سليم الدوسري هنا وبيت عند علي", "علي في بيت الدوسري")
    _, index = shelf(tmp_path, [article(n, text=text) for n, text in enumerate(texts)])
    for full, expected in ((set(), {0, 1}), ({"احمد بن علي"}, {0}), ({"حسن الدوسري"}, set())):
        behind = {("الدوسري", "علي", frozenset(full))}
        found = articles_naming(index.reader, Changes(set(), set(), set(), set(), set(), behind))
        rows = index.reader.execute("SELECT id, n FROM article")
        assert {row["id"] for row in rows if row["n"] in found} == {f"aljazeera:{n}" for n in expected}
    index.close()


def test_words_that_memory_does_not_keep_are_read_again(tmp_path, at_once, monkeypatch):
    monkeypatch.setattr("archive.site.database._WORDS_KEPT", 7)
    _, index = shelf(tmp_path, [page for day in written() for page in day])
    assert names_and_topics(index) == names_and_topics(at_once)
    index.close()


@pytest.fixture
def unpacked(monkeypatch) -> list[str]:
    """The texts that are read for how they spell a name."""
    texts: list[str] = []
    monkeypatch.setattr(
        "archive.site.database.spelled_of",
        lambda text, words, end: (texts.append(text), spelled_of(text, words, end))[1],
    )
    return texts


def test_a_name_that_later_text_contradicts_goes_and_its_address_leads_on(tmp_path, unpacked):
    say = "قال وزير النقل فارس كسار إن الجسر مفتوح."
    archive, index = shelf(tmp_path, [article(n, headline=f"الجسر {n}", text=say) for n in range(4)])
    assert entry_of(index.reader, "فارس كسار").many == 4
    later = [
        article(n, headline=f"رواية {n}", text="رواية فارس كسار جديد عن الخيل، وفارس كسار قديم.") for n in range(10, 60)
    ]
    shelf(tmp_path, later, crawl="c2")[1].close()
    index.catch_up(archive)
    assert entry_of(index.reader, "فارس كسار") is None
    assert former_name(index.reader, "فارس-كسار") == "فارس كسار"
    assert not unpacked  # four articles are looked at again, and show nothing new
    index.close()


def test_a_name_whose_main_spelling_changes_keeps_its_number_and_its_address(tmp_path):
    text = "قال وزير الدفاع {} إن الجسر مفتوح. وأكد {} أن الطريق آمن."
    early, late = (
        [article(first + n, text=text.format(name, name)) for n in range(many)]
        for name, first, many in (("رستم عميروف", 0, 3), ("رستم عمروف", 10, 5))
    )
    archive, index = shelf(tmp_path, early)
    before = entry_of(index.reader, "رستم عميروف")
    shelf(tmp_path, late, crawl="c2")[1].close()
    index.catch_up(archive)
    after = entry_of(index.reader, "رستم عميروف")
    assert (after.e, after.name, after.many) == (before.e, "رستم عمروف", 8)
    assert other_slugs(index.reader, after) == [before.slug]
    index.close()


def test_where_a_surname_begins_to_stand_for_somebody_articles_that_name_a_bearer_in_full_are_left_alone():
    was = {"سليم الدوسري": form("person", ["سليم الدوسري"], ["الدوسري"])}
    kind, text = was["سليم الدوسري"]
    now = {"سليم الدوسري": (kind, text.replace("false", "true"))}
    changed = changes_of({key: (7, each) for key, each in was.items()}, now, entries_like(now))
    assert changed.alone == {("الدوسري", frozenset({7}))}
    assert not changed.phrases
    assert not changed.beside


@pytest.mark.parametrize(("text", "expected"), [("قال الدوسري", {1}), ("سليم الدوسري", set())])
def test_only_articles_with_nobody_of_the_name_in_full_are_looked_at(tmp_path, text, expected):
    told = [article(n, text=f"وصل سليم الدوسري، أمس. وقال سليم الدوسري المزيد {n}.") for n in range(2, 6)]
    _, index = shelf(tmp_path, [article(1, text=text), *told])
    e = entry_of(index.reader, "سليم الدوسري").e
    changed = Changes(set(), set(), set(), {("الدوسري", frozenset({e}))}, set(), set())
    rows = {row["n"]: row["id"] for row in index.reader.execute("SELECT id, n FROM article")}
    assert {rows[n] for n in articles_naming(index.reader, changed)} == {f"aljazeera:{n}" for n in expected}
    index.close()


def test_where_names_began_is_looked_at_again_and_where_changed_ones_may_begin():
    words = [tokens_of("قال سليم الصافي، ثم وصل وجابر كسار.")[0]]
    entries = [Named(1, "person", ["سليم الصافي"]), Named(2, "person", ["جابر كسار"])]
    gazetteer = Gazetteer(entries[:1])
    assert [[mention.e for mention in part] for part in gazetteer.mentions(words)] == [[1]]
    begun = gazetteer.begun
    changed = Changes(set(), set(), {"جابر كسار"}, set(), set(), set())
    for forms, places, expected in (
        (forms_of_changed(changed), begun, [1, 2]),
        (set(), begun, [1]),
        (forms_of_changed(changed), [[]], [2]),
    ):
        (mentions,) = Gazetteer(entries, forms).mentions(words, begun=places)
        assert [mention.e for mention in mentions] == expected
