"""Every article that names somebody stands under the name: four outlets, once to three times each, among 120 other articles.

The model of the page is in test_topics.py; here stand names of other shapes and tongues.
"""

import json

import pytest

from archive.site.queries import entry_of
from archive.site.topics import Sum
from archive.site.topics.entries import Judge
from archive.site.topics.gazetteer import Gazetteer, Named, form_of
from archive.site.topics.organisations import known_entries
from archive.text import tokens_of
from tests.site.test_topics import written
from tests.site.writing import article, shelf

OUTLETS = ("aljazeera", "alaraby", "albawaba", "skynewsarabia")
NAMES = {
    "جان-إيف لودريان": (
        "وصل وزير الخارجية جان-إيف لودريان إلى المطار.",
        "قال جان-إيف لودريان إن الوعد قائم. وأضاف لودريان أنه سيعود.",
        "عرض الوزير جان إيف لودريان هدنة. وشكر لودريان مضيفيه. ثم سافر لودريان.",
        "تسلم جان-إيف لودريان رسالة.",
    ),
    "أورسولا فون دير لاين": (
        "قالت رئيسة المفوضية أورسولا فون دير لاين إن القمة ناجحة.",
        "أكدت أورسولا فون دير لاين ذلك. وقالت فون دير لاين المزيد.",
        "التقت أورسولا فون دير لاين الوفد.",
        "عادت أورسولا فون دير لاين، أمس.",
    ),
    "عبد الإله بن كيران": (
        "قال الأمين العام عبد الإله بن كيران إن الحزب باق.",
        "أكد عبدالإله بن كيران ذلك، وقال ابن كيران إنه سيعود. وسكت بن كيران.",
        "ترأس عبد الإله ابن كيران الاجتماع.",
        "قال عبد الإله بن كيران إنها واضحة.",
    ),
    "أحمد أبو الغيط": (
        "قال الأمين العام أحمد أبو الغيط إن الجامعة تدين.",
        "أدان أحمد أبو الغيط الهجوم. وقال أبو الغيط إنه خطير.",
        "التقى أبو الغيط الوزير. وقال أحمد ابو الغيط إنه سعيد.",
        "زار أحمد أبو الغيط المدينة. وشكر أبو الغيط مضيفيه.",
    ),
    "مظلوم عبدي": (
        "قال قائد القوات مظلوم عبدي إن الهدنة باقية.",
        "وأكد مظلوم عبدي ذلك. وقال عبدي إن الحل قريب.",
        "التقى مظلوم عبدي الوفد.",
        "بعث مظلوم عبدي رسالة، وقال عبدي إنها الأخيرة.",
    ),
    "هاكان فيدان": (
        "وصل وزير الخارجية التركي هاكان فيدان إلى المطار.",
        "قال هاكان فيدان إنه لا عودة. وأكد فيدان ذلك.",
        "أجرى هاكان فيدان محادثات. وشكر فيدان مضيفيه. وغادر فيدان.",
        "وقّع هاكان فيدان الاتفاق.",
    ),
    "ماسينيسا أوشيحة": (
        "غنى الفنان ماسينيسا أوشيحة في المهرجان.",
        "قال ماسينيسا أوشيحة إنه يغني. وغنى أوشيحة.",
        "أصدر ماسينيسا أوشيحة ألبوما.",
        "يبدأ الفنان ماسينيسا أوشيحة جولة.",
    ),
    "نوفاتك": (
        "أوقفت شركة «نوفاتك» الغاز.",
        "أعلنت شركة نوفاتك أرباحها. وقالت نوفاتك إنها كبيرة.",
        "شملت العقوبات شركة «نوفاتك» الروسية.",
        "وقعت نوفاتك عقودا، وشحنت نوفاتك الغاز.",
    ),
    "الصخيرات": (
        "وقع الوفدان اتفاقا في مدينة الصخيرات.",
        "عادت الوفود إلى الصخيرات أمس.",
        "استقبلت مدينة الصخيرات الوفود. وفي الصخيرات فندق.",
        "انطلق الحوار بمدينة الصخيرات.",
    ),
    "المهرة": (
        "وصلت القافلة إلى محافظة المهرة.",
        "هطلت أمطار في محافظة المهرة. وفي المهرة سيول.",
        "أغلق الطريق في محافظة المهرة.",
        "افتتح ميناء في المهرة.",
    ),
    "إيغور نافروف": (
        "قال إيغور نافروف إن الجولة انتهت. وغادر نافروف.",
        "وعد المدرب إيغور نافروف بالفوز. وقال نافروف المزيد.",
        "وقع إيغور نافروف عقدا.",
        "حضر إيغور نافروف اللقاء.",
    ),
    "أليكسي نافروف": (
        "قال محافظ البنك أليكسي نافروف إن الفائدة باقية. وأضاف نافروف المزيد.",
        "رفع أليكسي نافروف الفائدة.",
        "وعد أليكسي نافروف بالمزيد.",
        "حذر أليكسي نافروف من التضخم.",
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    pages = [page for day in written() for page in day]
    for place, texts in enumerate(NAMES.values()):
        for number, (outlet, text) in enumerate(zip(OUTLETS, texts, strict=True), start=1000 + 10 * place):
            pages.insert(37 * number % len(pages), article(number, outlet, headline="بيان", text=text))
    _, index = shelf(tmp_path_factory.mktemp("kinds"), pages)
    yield index
    index.close()


@pytest.mark.parametrize("name", NAMES)
def test_all_articles_that_name_it_stand_under_a_name_and_no_others(index, name):
    entry = entry_of(index.reader, name)
    rows = index.reader.execute("SELECT id FROM topic JOIN article USING (n) WHERE e = ?", [entry.e])
    first = 1000 + 10 * list(NAMES).index(name)
    assert {row["id"] for row in rows} == {f"{outlet}:{first + place}" for place, outlet in enumerate(OUTLETS)}


def test_what_floods_a_town_is_no_capital(index):
    assert entry_of(index.reader, "سيول") is None or entry_of(index.reader, "سيول").many == 0
    names = {row["name"] for row in index.reader.execute("SELECT name FROM entry WHERE live AND many > 0")}
    assert {"جان إيف لودريان", "طرابلس اللبنانية"} <= names
    assert not names & {"بيان", "الوفد", "مدينة"}


SHORT = {
    "القدس": (
        "بنت وحدات في القدس الشرقية.",
        "سار في القدس القديمة أمس.",
        "وصل من القدس إلى هنا.",
        "زار القدس التي يحب.",
    ),
    "حلب": ("وقع قصف في ريف حلب الشمالي.", "عاد من ريف حلب أمس.", "زار حلب اليوم."),
    "القاعدة": ("هاجم تنظيم القاعدة القرية. وقالت القاعدة إنها باقية.", "قال تنظيم القاعدة ذلك."),
    "عبدالله الثاني": ("استقبل الملك عبدالله الثاني الوزير.", "قال الملك عبد الله الثاني بن الحسين ذلك."),
    "صباح الأحمد": ("استقبل الشيخ صباح الأحمد الوفد.", "قال أمير الكويت الشيخ صباح الأحمد الجابر الصباح ذلك."),
    "تراسيفاس": (
        *("قال رئيس الوزراء تراسيفاس إن الوعد قائم.",) * 8,
        "قال رئيس الوزراء ألكسيس تراسيفاس إن الوعد قائم.",
        *("أكد ألكسيس تراسيفاس، أمس، الوعد.",) * 3,
    ),
    "برشلونة": ("فاز فريق برشلونة في المباراة. وسجل لاعب برشلونة هدفا في مرمى الضيوف.",) * 21,
}
NOBODY = (
    *("دخلت التقنية كل مناحي الحياة أمس.",) * 4,
    *("طلب من الآن لبلاتيري أن يرحل.",) * 3,
    *("قال المدرب دونيس على النواحي اللياقية.",) * 3,
    *("قال الناخب آراؤهم بـ43 صوتا.",) * 3,
    *("تم تنظيم فعاليات العيد في الحديقة.",) * 3,
    *("عزل الرئيس محمد مرسي المنتمي للجماعة.",) * 3,
)


@pytest.fixture(scope="module")
def shorts(tmp_path_factory):
    texts = [text for each in SHORT.values() for text in each] + [*NOBODY]
    pages = [article(number, headline="بيان", text=text) for number, text in enumerate(texts)]
    pages += [article(900 + n, headline="بيان", text=f"قال الرئيس فابيو بلاتيري {n} مرات إنه باق.") for n in range(16)]
    _, index = shelf(tmp_path_factory.mktemp("shorts"), pages)
    yield index
    index.close()


@pytest.mark.parametrize("name", SHORT)
def test_a_short_name_a_side_and_a_part_lead_to_the_whole(shorts, name):
    first = len([text for each in [*SHORT.values()][: [*SHORT].index(name)] for text in each])
    entry = entry_of(shorts.reader, name)
    rows = shorts.reader.execute("SELECT id FROM topic JOIN article USING (n) WHERE e = ?", [entry.e])
    assert {int(row["id"].partition(":")[2]) for row in rows} == {*range(first, first + len(SHORT[name]))}
    assert entry.kind == "organisation" or name != "برشلونة"


def test_a_phrase_is_no_name(shorts):
    keys = {row["key"] for row in shorts.reader.execute("SELECT key FROM entry WHERE live AND kind != 'tag'")}
    assert "محمد مرسي" in keys
    wrong = ("مناحي", "الان لب", "دونيس علي", "اراوهم", "تنظيم فعاليات", "محمد مرسي المنتمي")
    assert not {key for key in keys if key.startswith(wrong)}


@pytest.mark.parametrize(
    ("lines", "name", "kind"),
    [
        (["شارك حامد الضبعان وعيد سعود وعبدالمجيد الفوزان، أمس"] * 4, "عيد سعود", "person"),
        (["فاز صالح العمري، أمير كردي، محمد الفوزان، أمس"] * 4, "أمير كردي", "person"),
        (["حضر عمر النجراني وعلي الوادعي وأسعد القرني، أمس"] * 4, "علي الوادعي", "person"),
        (["قال الدكتور عثمان الصيني، أمس", "المنتج الصيني"] * 4, "عثمان الصيني", "person"),
        (["نقد خالد السوق الصيني", "عثمان الصيني الجديد"] * 4, "عثمان الصيني", None),
        (["كتب إبراهيم النقيب، أمس", "وصل النقيب"] * 4, "إبراهيم النقيب", "person"),
        (["قال رئيس المجلس نبيه بري، أمس", "ري الأرض", "ري الحقل"] * 4, "نبيه بري", "person"),
        (["كتبت فوزية الحربي، أمس", "قال فوزي أمس"] * 4, "فوزية الحربي", "person"),
        (["سجل ثيو والكوت، أمس"] * 4 + ["مدينة الكوت"], "ثيو والكوت", "person"),
        (["أوضح الدكتور علي السواط، أمس", "وقال محمد السواط إن", "كتب محمد السواط، أمس"] * 3, "علي السواط", "person"),
        (["شدد الدكتور على الجهود، أمس", "هذه الجهود", "تلك الجهود", "كل الجهود", "الجهود"] * 4, "علي الجهود", None),
        (["قال وزير الإدارة في اليمن معن دماج، أمس"] * 4, "معن دماج", "person"),
        (["وقع حريق في حي العزيزية، أمس"] * 4, "حي العزيزية", "place"),
        (["زار حي البجيري والدرعية، أمس"] * 4, "حي البجيري والدرعية", None),
        (["أقيم اللقاء على استاد الملك فهد الدولي، أمس"] * 4, "استاد الملك فهد الدولي", "place"),
        (["وقعت جمعية «كفى»، أمس", "كفى كلاما", "هذا كفى"] * 4, "جمعية كفى", "organisation"),
        (["قالت جمعية كفى، أمس", "كفى كلاما", "هذا كفى", "كفى"] * 4, "جمعية كفى", None),
        (["أمطار في الغاط والرويضة والدرعية، أمس"] * 4, "الرويضة", "place"),
        (["الروضة والرويضة، أمس"] * 4, "الرويضة", None),
        (["سافر إلى مركز المحاني، أمس"] * 4, "المحاني", "place"),
        (["قال رئيس النادي المستقيل الأمير فهد، أمس"] * 4, "النادي المستقيل الأمير فهد", None),
    ],
)
def test_what_becomes_a_name_of_which_kind(tmp_path, lines, name, kind):
    pages = [article(n, headline=f"خبر {n}", text=line) for n, line in enumerate(lines * 2)]
    _, index = shelf(tmp_path, pages)
    entry = entry_of(index.reader, name)
    assert (entry.kind if entry else None) == kind
    index.close()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ارتفاع سهم البحري، وتراجعت أسهم سابك، والمؤشر أغلق بتداولات كبيرة", {"شركه البحري", "سابك"}),
        ("أسهم النقل البحري، والمؤشر أغلق، وسهم سابك ارتفع بتداولات كبيرة", {"سابك"}),
        ("النقل البحري، وقال البحري إن سابك", {"سابك"}),
        ("رئاسة الاتحاد الدولي، وقالت الفيفا", {"الفيفا"}),
        ("رئاسة الاتحاد الدولي للنقل", set()),
        ("بطولة دوري أبطال أوروبا بعد صلاة المغرب", set()),
        ("في أوروبا والمغرب", {"اوروبا", "المغرب"}),
    ],
)
def test_a_share_or_a_federation_is_told_by_its_company(text, names):
    entries = {entry.key: entry for entry in [*known_entries(), *Judge({}, lambda _: 0)._places()]}
    known = [
        Named(number, entry.kind, *json.loads(form_of(entry, {})))
        for number, entry in enumerate(entries.values(), start=1)
    ]
    mentioned = Gazetteer(known).mentions([tokens_of(text)[0]])[0]
    keys = [*entries]
    assert {keys[each.e - 1] for each in mentioned} == names


def test_an_airport_is_one_whether_it_is_called_international_or_not(tmp_path):
    lines = ["وصلت الطائرة إلى مطار الوادي، أمس.", "وصلت الطائرة إلى مطار الوادي الدولي، أمس."]
    _, index = shelf(tmp_path, [article(n, text=line) for n, line in enumerate(lines * 4)])
    assert entry_of(index.reader, "مطار الوادي").many == entry_of(index.reader, "مطار الوادي الدولي").many == 8
    index.close()


def named_in(text, entries):
    """Return the keys of what a text names, of some entries."""
    forms = [Named(e, entry.kind, *json.loads(form_of(entry, {}))) for e, entry in enumerate(entries.values(), start=1)]
    (mentions,) = Gazetteer(forms).mentions([tokens_of(text)[0]])
    keys = [*entries]
    return {keys[each.e - 1] for each in mentions}


@pytest.fixture(scope="module")
def known():
    return Judge({}, lambda _: 0).entries()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("هجوم في شمال سيناء", {"شمال سينا", "سينا"}),
        ("دول شرق أوروبا", {"شرق اوروبا", "اوروبا"}),
        ("حرب في جنوب السودان", {"جنوب السودان"}),
        ("بطولة غرب آسيا", {"غرب اسيا"}),
        ("دول جنوب شرق آسيا", {"جنوب شرق اسيا", "اسيا"}),
        ("قرار منظمة الأوبك بعد هبوط البوينغ", {"اوبك", "بوينغ"}),
        ("قطعان الأبل", set()),
        ("قال علي صالح عن الحوثيين", {"علي عبدالله صالح", "الحوثيون"}),
        ("كتب علي صالح شعرا", set()),
        ("شكر خالد علي صالح الحوثيين", {"الحوثيون"}),
        ("داعش في مدينة القاعدة", {"داعش"}),
        ("داعش غير القاعدة", {"داعش", "تنظيم القاعده"}),
        ("أمطار بالشرقية", {"المنطقه الشرقيه"}),
        ("تشهد الشرقية والرياض أمطارا", {"المنطقه الشرقيه", "الرياض"}),
        ("أمير الشرقية", {"المنطقه الشرقيه"}),
        ("حادث في الشرقية قرب الزقازيق بمصر", {"الشرقيه المصريه", "الزقازيق", "مصر"}),
        ("الجهة الشرقية والحدود الشمالية والشرقية", {"الحدود الشماليه"}),
        ("دول أوروبا الشرقية", {"اوروبا"}),
        ("لاعب الدوري انتقل للتعاون", {"نادي التعاون"}),
        ("المدرب قال: اختار الوحدة والتعاون ملعب المدينة", {"نادي الوحده", "نادي التعاون"}),
        ("ملعب المدرب: اجتهاد الشباب في المباراة", set()),
        ("ترشحت للدوري، والمباراة في الإمارات تنتظرها رعاية الشباب", {"الامارات", "الرياسه العامه لرعايه الشباب"}),
        ("الشباب في معسكره خسر وديا من الوصل", set()),
        ("إدارة الشباب في معسكره خسر وديا", {"نادي الشباب"}),
        ("شرطة القادسية", set()),
        ("لاعب في المباراة أمام الكويت والاتفاق والقادسية السعوديين", {"الكويت", "نادي الاتفاق", "نادي القادسيه"}),
        ("لاعب في المباراة بمصر قال إن الأهلي عاد", {"مصر", "الاهلي المصري"}),
        ("لاعب الهلال في المباراة بمصر قال إن الأهلي عاد", {"مصر", "الاهلي السعودي", "نادي الهلال"}),
        ("مدرب النصر في مباراة الدوري أمام النصر الإماراتي", {"النصر الاماراتي", "نادي النصر"}),
        ("لاعب في مباراة: التعاون الشباب الخليج بلا ديون", {"نادي التعاون", "نادي الشباب", "نادي الخليج"}),
        ("حدد نادي الهلال بالاتفاق مع الحكم موعد مباراة في الدوري", {"نادي الهلال"}),
        ("نعت طالبان الملا عمر", {"طالبان", "الملا محمد عمر"}),
    ],
)
def test_what_a_name_that_others_share_stands_for(known, text, names):
    assert named_in(text, known) == names


def test_a_surname_behind_and_is_not_that_of_the_first_name_before_it():
    coach = Named(1, "person", ["لوكاس زوكالا"], {"زوكالا": True})
    mentions = Gazetteer([coach]).mentions([tokens_of("الثنائي مارتن وزوكالا. ثم مارتن زوكالا")[0]])[0]
    assert [(each.start, each.end) for each in mentions] == [(2, 3)]


def test_the_club_has_its_town_s_name_where_it_is_oftener_called_so():
    club, town = Sum(72, 28, 35), Sum(36, 3, 0)
    known = Judge({"club": {"برشلونه": club}, "place": {"برشلونه": town}}, lambda _: 0).entries()
    assert "برشلونه" not in known
    assert not [entry.key for entry in known.values() if "برشلونه" in entry.names]
    assert named_in("فندق في برشلونة", known) == {"مدينه برشلونه"}
    assert named_in("قال مدرب برشلونة", known) == {"نادي برشلونه"}


# --- An archive of a few articles ----------------------------------------------------------------------------------------

FEW = [
    ("persons", "قال المدرب إن هناك غيابات. وقال خيار قاس للغاية، أمس.", "خيار قاس"),
    ("persons", "أعلن الرئيس مكافأة قدرها مئة دينار، أمس.", "مكافأة قدرها"),
    ("persons", "أعلن النادي أن اللاعب سيخضع لفحوص، غدا.", "سيخضع لفحوص"),
    ("persons", "أصيب اللاعب بنزلة برد، أمس.", "بنزلة برد"),
    ("persons", "وقال بيان صادر، أمس.", "بيان صادر"),
    ("persons", "تلقى الوزير اتصالاً هاتفياً، أمس.", "اتصالا هاتفيا"),
    ("persons", "انتهى دور الفنانة بدور البطولة، أمس.", "بدور البطولة"),
    ("persons", "تولى الملك سلمان مقاليد الحكم، أمس. وقال سلمان مقاليد الحكم، أمس.", "سلمان مقاليد الحكم"),
    ("persons", "وقال المدرب تود الإيضاح، أمس.", "تود الإيضاح"),
    ("persons", "قال رئيس سابقا، أمس. قال الوزير سابقا، أمس.", "سابقا"),
    ("places", "سكن في قرية هادئة قرب النهر، أمس.", "هادئة قرب"),
    ("organisations", "دعا إلى جمعية عمومية طارئة وتلوح بالاستقالة، أمس.", "جمعية عمومية طارئة وتلوح"),
    ("organisations", "أودى الحريق بحياة رجل، أمس.", "أودي"),
    ("persons", "نفى الرئيس مازن قرطم برهوم بقوة أنه سافر، أمس.", "مازن قرطم برهوم بقوة"),
    ("persons", "تحدث المدرب مراد شلبي بدعم من رفاقه، أمس.", "مراد شلبي بدعم"),
    ("persons", "انتخب المجلس هاشم زعيما للحركة. عين المجلس هاشم زعيما، أمس. أمسى هاشم زعيما.", "هاشم زعيما"),
    ("persons", "عاد رفيق سالم بن ربيعان، أمس. قال سالم بن ربيعان ذلك، أمس.", "رفيق سالم بن ربيعان"),
    ("persons", "عاد المهاجم فرانك دوبريه الغائب عن الملاعب، أمس.", "فرانك دوبريه الغائب"),
    ("persons", "كرر الوزير إيفان بيلاروف تحذيره من الحرب، أمس.", "إيفان بيلاروف تحذيره"),
    ("persons", "وأكد أن المهندس ثامر بن عوض آل الشيخ أولى المشروع عنايته.", "ثامر بن عوض آل الشيخ أولى"),
    ("persons", "قال الوزير إنهم يصدرون إلينا ثقافة العنف.", "إلينا ثقافة"),
    ("persons", "وجاء أن المديرية تود بيان ما يلي.", "تود بيان"),
    ("persons", "وقال بيان المنسقية العامة إن العمل مستمر.", "بيان المنسقية"),
    ("persons", "وجه رئيس بلدية أبوعريش ماهر السويلم جميع الموظفين.", "أبوعريش ماهر السويلم"),
    ("persons", "رفض مدافع هجر ماهر السويلم عرضا، أمس.", "هجر ماهر السويلم"),
    ("persons", "أعلن اتليتيكو مدريد الذي ينافس. قال رئيس اتليتيكو مدريد: إن الظهير باق.", "اتليتيكو مدريد"),
    ("persons", "تجرى المقابلات بمدرسة عمار بن ياسر الابتدائية والمتوسطة، أمس.", "عمار بن ياسر الابتدائية"),
    ("persons", "وقال المسعف كميل لرويترز إن الطريق مغلق.", "كميل لرويترز"),
    ("persons", "يعود التلاميذ بعد عيد الأضحى المبارك. وفي عيد الأضحى إجازة.", "عيد الأضحى"),
    ("persons", "زار القصر فيصل بن حسان طيب الله ثراه، أمس.", "فيصل بن حسان طيب"),
    ("persons", "وقال الطبيب إن زينب تعرضت لحادث، أمس.", "زينب تعرضت"),
    ("persons", "قدم رئيس الوزراء تمام نصار استقالته للرئيس، أمس.", "تمام نصار استقالته"),
    ("organisations", "صدر عن الديوان الملكي البيان التالي: بسم الله.", "الديوان الملكي البيان التالي"),
    ("persons", "وقال سماحته إن العمل خير. وأكد سماحته ذلك.", "سماحته"),
    ("persons", "تجمع المباراة بين بطلي الدوري الممتاز والكأس، أمس.", "بطلي الدوري"),
    ("persons", "حضر كل من فهد ولافي ابني عمهم. شكروا لافي ابني الجار.", "لافي ابني"),
    ("persons", "قال المدرب FORTUNA SITTARD، أمس.", "FORTUNA SITTARD"),
    ("places", "عاد الضيف من كريمة صديقه. وتزوج من كريمة جاره.", "كريمة"),
    ("places", "جاء ذلك في إطار الخطة. وفي إطار آخر شرح الأمر.", "إطار"),
    ("places", "دعا إلى الحد من الهدر. وسعى إلى الحد منه.", "الحد"),
    ("places", "نقلت الحالات الحرجة إلى المستشفى. وبقيت الحرجة هناك.", "الحرجة"),
    ("places", "نزل من القرية إلى المدينة بغرض شراء سيارة.", "بغرض"),
    ("places", "ركزت الغارات على مدينة دير الزور، أمس.", "مدينة دير"),
    ("places", "خطب الشيخ بجامع الإمام تركي بن ربيعان بالرياض، أن العمل خير.", "جامع الإمام"),
    (
        "organisations",
        "وكشف وكيل وزارة الشؤون الاجتماعية المساعد للتنمية علي بن ربيعان.",
        "وزارة الشؤون الاجتماعية المساعد للتنمية",
    ),
    ("organisations", "حضر وكيل وزارة الصحة للخدمات العلاجية الدكتور ماهر السويلم.", "وزارة الصحة للخدمات العلاجية"),
    ("organisations", "وأورد التقرير أن حركة الرياح السطحية على البحر جنوبية.", "حركة الرياح السطحية"),
    ("organisations", "استقبل نائب رئيس الديوان الشيخ علي بن ربيعان ضيوفه.", "الديوان الشيخ"),
    ("organisations", "بارك باسم منسوبي الصندوق الثقة الملكية الغالية، أمس.", "الصندوق الثقة الملكية الغالية"),
    ("organisations", "جاء الفوز على حساب سيليرينا السويسري، أمس.", "حساب سيليرينا"),
    ("organisations", "شكر مدير تعليم الحد الجنوبي معلميه.", "تعليم الحد"),
]
MEANT = ("رافيندرا جاديجا", "عصمت طوبال", "بدور القحطاني")


def test_words_of_the_language_are_no_names_in_an_archive_of_a_few_articles(tmp_path):
    names = " ".join(f"وقال المهندس {name}، أمس. وأكدت المهندسة {name} ذلك، أمس." for name in MEANT)
    text = "\n\n".join([*(line for _, line, _ in FEW), names])
    _, index = shelf(tmp_path, [article(n, outlet, text=text) for n, outlet in enumerate(OUTLETS)])
    found = {row["name"] for row in index.reader.execute("SELECT name FROM entry WHERE live AND many > 0")}
    assert found.isdisjoint(name for _, _, name in FEW)
    assert found >= {*MEANT}, found
    assert not [name for _, _, name in FEW if (entry := entry_of(index.reader, name)) and entry.name == name]
    index.close()


@pytest.mark.parametrize(
    ("tag", "kind"), [("دبي", "place"), ("مسقط", "place"), ("صور", "tag"), ("معسكر", "tag"), ("بلاستيك", "tag")]
)
def test_what_an_outlet_tags_with_a_towns_name_is_of_the_town(tmp_path, tag, kind):
    _, index = shelf(
        tmp_path, [article(1, text="افتتح الجسر، أمس.", tags=(tag,)), article(2, text="مسقط رأسه بعيد، وهذه صور.")]
    )
    entry = entry_of(index.reader, tag)
    assert (entry.kind, entry.name, entry.many) == (kind, tag, 1)
    index.close()


NAMED = (
    ("person", "وقال المهندس رافيندرا جاديجا، أمس.", "رافيندرا جاديجا"),
    ("person", "وأكدت المهندسة عصمت طوبال ذلك، أمس.", "عصمت طوبال"),
    ("person", "وأكدت الدكتورة بدور القحطاني أنها راضية.", "بدور القحطاني"),
    ("person", "زار وزير النقل رستم عمروف المدينة. وقال عمروف إنه راض.", "رستم عمروف"),
    ("person", "قال المتحدث سالم المريعي إن الطريق مفتوح، وأضاف المريعي أنه قصير.", "سالم المريعي"),
    ("person", "وصل الأمير حازم بن تركي، أمس.", "حازم بن تركي"),
    ("organisation", "أعلنت وزارة النقل أن الجسر جاهز.", "وزارة النقل"),
    ("organisation", "أعلنت شركة «نوفاتك» أرباحها. وقالت شركة نوفاتك إنها كبيرة.", "نوفاتك"),
    ("organisation", "دعا مجلس الأمن الدولي إلى هدنة.", "مجلس الأمن الدولي"),
    ("organisation", "افتتحت جامعة الملك فيصل معرضا.", "جامعة الملك فيصل"),
    ("place", "وصلت القافلة إلى بيروت. وعادت من بيروت أمس.", "بيروت"),
    ("place", "هطلت أمطار على مدينة الصخيرات. وفي مدينة الصخيرات سيول.", "مدينة الصخيرات"),
)
INSIDE = {  # what else the tempting sentences name
    "person": "سالم بن ربيعان|تركي بن ربيعان|علي بن ربيعان|ثامر بن عوض آل الشيخ|فرانك دوبريه|إيفان بيلاروف|عمار بن ياسر|فيصل بن حسان"
    "|مازن قرطم برهوم|تمام نصار|ماهر السويلم|مراد شلبي",
    "organisation": "رويترز|نادي هجر|الديوان الملكي",
    "place": "الرياض|دير الزور|مدريد",
}


def test_of_thirty_articles_each_name_that_is_shown_is_one(tmp_path):
    def of(number, every, apart):
        return [line for place, (_, line, _) in enumerate(every) if (number - place) % 30 in apart]

    texts = ["\n\n".join(of(n, FEW, {0, 10, 20}) + of(n, NAMED, {0, 7, 15, 22})) for n in range(30)]
    _, index = shelf(tmp_path, [article(n, OUTLETS[n % 4], text=text or "-") for n, text in enumerate(texts)])
    for kind, others in INSIDE.items():
        names = {name for of_kind, _, name in NAMED if of_kind == kind}
        asked = "SELECT name FROM entry WHERE live AND many > 1 AND kind = ?"
        shown = {row["name"] for row in index.reader.execute(asked, [kind])}
        right = shown & (names | {*others.split("|")})
        assert len(right) >= 0.95 * len(shown), shown - right
        assert names <= shown, names - shown
    index.close()


def test_what_a_small_archive_spells_in_two_ways_is_one_name_and_is_shown_as_it_is_spelled(tmp_path):
    texts = (
        "قال رئيس الإقليم مسعود البارزاني، أمس. قررت أمانة منطقة الرياض أن تعمل، أمس. وعاد إلى مطار عرعر الدولي، أمس. وقال لـ«الحياة» إنه راض عن أوبك.",
        "قال رئيس الإقليم مسعود بارزاني، أمس. قررت أمانة الرياض أن تعمل، أمس. وعاد إلى مطار عرعر، أمس. وقال لـ«الحياة» إنه راض عن أوبك.",
    )
    _, index = shelf(tmp_path, [article(n, OUTLETS[n % 4], text=texts[n % 2]) for n in range(8)])
    for one, other in (
        ("مسعود البارزاني", "مسعود بارزاني"),
        ("أمانة منطقة الرياض", "أمانة الرياض"),
        ("مطار عرعر الدولي", "مطار عرعر"),
        ("منظمة الدول المصدرة للنفط", "أوبك"),
    ):
        assert entry_of(index.reader, one).e == entry_of(index.reader, other).e
    names = {row["name"] for row in index.reader.execute("SELECT name FROM entry WHERE live AND many = 8")}
    assert "صحيفة الحياة" in names, names
    index.close()


def test_a_club_of_a_doubtful_word_abroad_is_asked_as_much_as_the_one_at_home(tmp_path):
    text = "وقع الشباب عقدا مع لاعب. وقال إن المباراة مهمة، وإن الشباب عماد البلد."
    _, index = shelf(tmp_path, [article(n, outlet, text=text) for n, outlet in enumerate(OUTLETS)])
    assert not index.reader.execute("SELECT 1 FROM entry WHERE live AND many > 0 AND key = 'شباب الاهلي'").fetchone()
    index.close()
