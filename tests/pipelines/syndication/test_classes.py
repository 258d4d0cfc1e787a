"""One test for each thing that newsrooms do with a text."""

from collections import defaultdict

import pytest

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from pipelines.syndication.index import Link, assemble
from tests.pipelines.syndication.writing import ARTICLES, BACKGROUND, BULLETINS, groups, line, read, settle

HALVES = {name: text for name, (_, text) in read("halves.txt").items()}
DAM, MUSEUM, STRIKE = (ARTICLES[name][1] for name in ("dam", "museum", "strike"))


def paragraphs(name):
    return ARTICLES[name][1].split("\n")


def together(*texts, hours=5.0):
    lines = [line(f"o{number}:1", text, number * hours) for number, text in enumerate(texts)]
    return len(groups(settle(lines))) == 1


def test_the_same_text_under_another_name_and_headline():
    assert together(DAM, f"الدوحة - رويترز\n{DAM}\nالمصدر: رويترز")


def test_a_trimmed_copy_with_own_paragraphs():
    copy = [*paragraphs("dam")[:4], paragraphs("orchard")[1], paragraphs("chess")[1]]
    assert together(DAM, "\n".join(copy))


def test_half_of_it_inside_an_own_report():
    wire, own = paragraphs("dam"), paragraphs("orchard")
    assert together(DAM, "\n".join([wire[0], own[0], wire[1], own[1], wire[3], own[2]]))


def test_own_paragraphs_first_are_told_from_a_report_that_turns_to_another_matter():
    own, wire = paragraphs("orchard")[:3], paragraphs("dam")[:2]
    assert together(DAM, "\n".join([*own, *wire]))
    assert not together(DAM, "\n".join([*own, f"من جهة أخرى، {wire[0]}", wire[1]]))
    assert not together(DAM, "\n".join([*own, f"وعلى صعيد متصل {wire[0]}", wire[1]]))


def test_whole_sentences_behind_own_paragraphs_of_both_are_told_from_a_report_that_turns_to_another_matter():
    wire, own, others = paragraphs("dam")[2:4], paragraphs("orchard"), paragraphs("chess")
    one = "\n".join([others[0], *wire, others[1], others[3]])
    assert together(one, "\n".join([*own[:3], *wire]))
    assert not together(one, "\n".join([*own[:3], f"إلى ذلك، {wire[0]}", wire[1]]))


def test_a_short_dispatch_that_a_copy_leaves_after_its_head_is_no_digest():
    for name, own in (("orchard", "library"), ("orchard", "chess"), ("chess", "library")):
        assert together(ARTICLES[name][1], "\n".join([*paragraphs(own)[:2], *paragraphs(name)[:2]]))
    leads = [paragraphs(name)[0] for name in ("dam", "orchard", "museum", "strike")]
    assert not together(ARTICLES["orchard"][1], "\n".join(leads))


def test_words_exchanged_in_the_half_that_a_copy_keeps_make_no_bulletin_of_it():
    words = " ".join(paragraphs("dam")[:3]).split()
    for place in range(6, len(words), 9):
        words[place] = "كذلك"
    assert together(DAM, "\n".join([" ".join(words), *paragraphs("orchard")[:3]]))


def test_two_long_reports_that_open_with_one_wire_are_two_stories():
    wire = paragraphs("dam")[:4]
    one, other = ([*wire, *paragraphs(name)] for name in ("museum", "vaccine"))
    assert together("\n".join(one), "\n".join(other))
    more, still_more = paragraphs("solar")[:2], paragraphs("ferry")[:2]
    assert not together("\n".join([*one, *more]), "\n".join([*other, *still_more]))


def test_two_whole_reports_behind_one_dispatch_are_two_stories_though_that_is_half_of_each():
    wire = [*paragraphs("dam"), *paragraphs("museum")]
    own, others = (
        [part for name in names for part in paragraphs(name)]
        for names in (("orchard", "chess", "library"), ("solar", "ferry"))
    )
    assert together("\n".join([*wire, *own[:-2]]), "\n".join([*wire, *others[:-2]]))
    assert not together("\n".join([*wire, *own]), "\n".join([*wire, *others]))


def test_two_sentences_of_a_dispatch_touched_up_in_an_own_report_join_neither_it_nor_its_copies():
    wire, own, copy = (HALVES[name] for name in ("games", "games-own", "games-trimmed"))
    lines = [line("o0:1", wire), line("o1:2", own, 0.5), line("o2:3", copy, 9)]
    assert groups(settle(lines)) == {frozenset({"o0:1", "o2:3"}), frozenset({"o1:2"})}


def test_a_release_told_anew_and_continued_otherwise_is_another_story():
    assert not together(HALVES["survey"], HALVES["survey-anew"])


def test_what_an_outlet_repeats_of_its_own_article_in_another_is_no_copy_unless_it_is_half():
    wire, reply = paragraphs("dam"), paragraphs("orchard")[:3]
    for many, stories in ((2, 2), (5, 1)):
        later = "\n".join([*reply, *wire[:many]])
        assert together(DAM, later)
        assert len(groups(settle([line("o:1", DAM), line("o:2", later, 5)]))) == stories


def test_one_long_dispatch_that_two_cut_is_one_story_from_two_fifths_on():
    wire = [*paragraphs("dam"), *paragraphs("museum")]
    own, others = ([*paragraphs(a), *paragraphs(b)] for a, b in (("orchard", "chess"), ("solar", "ferry")))
    assert together("\n".join([*wire[:7], *own]), "\n".join([*wire[:7], *others]))
    assert not together("\n".join([*wire[:6], *own]), "\n".join([*wire[:6], *others]))


def test_a_third_behind_the_middle_of_a_report_is_a_copy_and_less_is_none():
    own, wire = paragraphs("orchard"), paragraphs("dam")
    assert together(DAM, "\n".join([*own, *wire[:2]]))
    assert not together("\n".join([*wire, paragraphs("chess")[0]]), "\n".join([*own, *wire[:2]]))


def test_a_copy_without_the_lead_is_one_where_half_of_both_is_shared():
    wire, own = paragraphs("orchard"), paragraphs("chess")
    assert together("\n".join(wire), "\n".join([own[0], *wire[1:4], own[1]]))
    assert not together("\n".join(wire), "\n".join([own[0], *wire[1:3], own[1]]))


def test_moved_paragraphs():
    first, *rest = paragraphs("strike")
    assert together(STRIKE, "\n".join([first, *reversed(rest)]))


def test_another_house_spelling():
    sloppy = DAM.replace("أ", "ا").replace("إ", "ا").replace("ى", "ي").replace("ة", "ه").replace("38", "٣٨")
    assert together(DAM, sloppy.replace("ي", "ی").replace("ك", "ک").replace("الس", "الــس").replace(" ", "\u00a0"))


def test_a_reworded_copy():
    edited = (
        DAM.replace("قالت", "ذكرت")
        .replace("وأوضح", "وبيّن")
        .replace("وأضاف", "وتابع")
        .replace("أي ما يعادل", "بما يوازي")
    )
    assert together(DAM, edited.replace("منذ ربع قرن", "خلال خمسة وعشرين عاما").replace("ابتداء من", "بدءا من"))


def test_different_stories_with_the_same_background_stay_apart():
    one, other = (f"{text}\n{BACKGROUND[0]}\n{BACKGROUND[1]}" for text in (DAM, MUSEUM))
    assert not together(one, other)


def test_two_hands_reporting_one_event_stay_apart():
    assert not together(ARTICLES["ferry"][1], ARTICLES["ferry-own"][1])
    assert not together(*(f"{ARTICLES[name][1]}\n{BACKGROUND[0]}" for name in ("ferry", "ferry-own")))


@pytest.mark.parametrize("name", BULLETINS)
def test_the_next_issue_of_a_bulletin_stays_apart(name):
    form = BULLETINS[name][1]
    today = dict(
        zip("abcdefghijk", (31, 22, 15, 30, 120, 64, 17, 24, 28, 36, 800), strict=True), sky="صحو", wind="غربية"
    )
    later = dict(
        zip("abcdefghijk", (27, 19, 20, 45, 210, 71, 13, 19, 24, 31, 300), strict=True), sky="غائم", wind="شمالية"
    )
    assert not together(form.format(**today), form.format(**later), hours=24)
    assert together(form.format(**today), f"بيروت - وكالات\n{form.format(**today)}", hours=2)


def test_a_digest_is_related_and_no_copy():
    names = ("dam", "museum", "strike", "vaccine", "solar")
    stories = Stories(MemoryStoryIndex())
    for number, name in enumerate(names):
        stories.place(Piece.of_line(line(f"o{number}:1", ARTICLES[name][1])))
    digest = "\n".join(paragraphs(name)[0] for name in names)
    placed = stories.place(Piece.of_line(line("digest:1", digest, 3)))
    assert placed.story.role == "first"
    assert len(placed.related) >= 4
    assert all(relation.relation == "contains" for relation in placed.related if relation.id != "o0:1")


def test_a_page_that_quotes_two_stories_does_not_make_them_one():
    both = "\n".join([*paragraphs("dam")[:4], *paragraphs("museum")[:4]])
    settled = settle([line("a:1", DAM), line("b:1", MUSEUM, 1), line("c:1", both, 2)])
    assert settled["a:1"][0] != settled["b:1"][0]


def test_short_bodies_match_by_page_alone():
    caption = " ".join(DAM.split()[:24])
    assert len(groups(settle([line("a:1", caption, headline="س"), line("b:1", caption, headline="س")]))) == 2
    assert len(groups(settle([line("a:1", ""), line("b:1", "")]))) == 2
    page = {"url": "https://a.example/gallery"}
    assert len(groups(settle([line("a:1", caption, **page), line("a:2", caption, 300, **page)]))) == 1


def test_the_same_text_has_no_window_and_a_copy_has_one():
    again = {**line("b:1", DAM, 400), "headline": "عنوان a:1"}
    assert len(groups(settle([line("a:1", DAM), again]))) == 1
    assert not together(DAM, f"{DAM}\n{BACKGROUND[0]}", hours=73)
    assert together(DAM, f"{DAM}\n{BACKGROUND[0]}", hours=71)


def test_a_late_copy_joins_where_it_is_the_same_as_all_of_the_last_three_days():
    def stories(hours, *links):
        linked = defaultdict(dict)
        for one, other, link in links:
            linked[one][other] = linked[other][one] = link
        return assemble({article: 3600.0 * at for article, at in hours.items()}, linked)

    same, near = Link.SAME, Link.NEAR
    three = {"a": 0, "b": 40, "c": 60}
    links = [("a", "b", same), ("a", "c", same), ("b", "c", same)]
    assert stories({**three, "d": 90}, *links, ("b", "d", same), ("c", "d", same)) == [["a", "b", "c", "d"]]
    assert stories({**three, "d": 90}, *links, ("b", "d", near), ("c", "d", same)) == [["a", "b", "c"], ["d"]]
    assert stories({**three, "d": 70}, *links, ("b", "d", near), ("c", "d", same)) == [["a", "b", "c", "d"]]
    five = {"a": 0, "e": 1, "f": 2, **three}
    links += [(one, other, same) for one in "ef" for other in "abc"]
    assert stories({**five, "d": 90}, *links, ("b", "d", same), ("c", "d", same)) == [["a", "e", "f", "b", "c", "d"]]
    assert stories({**five, "d": 120}, *links, ("c", "d", same)) == [["a", "e", "f", "b", "c"], ["d"]]


def test_a_report_of_two_dispatches_is_a_copy_of_the_first_and_contains_the_second():
    both = "\n".join([DAM, *paragraphs("museum")])
    settled = settle([line("a:1", DAM), line("b:1", MUSEUM, 1), line("c:1", both, 2)])
    assert settled["c:1"][0] == "a:1"
    assert settled["b:1"][0] == "b:1"
    stories = Stories(MemoryStoryIndex())
    stories.place(Piece.of_line(line("b:1", MUSEUM)))
    placed = stories.place(Piece.of_line(line("c:1", both, 2)))
    assert [(each.id, each.relation) for each in placed.related] == [("b:1", "contains")]


RELEASE = """تنظم مؤسسة الأرز الوطنية للمواهب الناشئة يوم غد الأحد برنامجها الصيفي الإثرائي لمئة طالب من مدن الساحل كلها، وتقام فعالياته ثلاثة أسابيع في قاعات كلية الهندسة والعمارة بجامعة صور الأهلية قرب الميناء القديم.
وأوضح مدير البرنامج في صور نبيل حداد أن البرنامج يهدف إلى تنمية قدرات الطلاب المتميزين وإشباع رغباتهم العلمية وتوجيه هذه القدرات نحو احتياجات المجتمع، وتهيئة الطلاب للعمل الجماعي وروح المبادرة والإنجاز، وإتاحة الفرصة لهم لاكتشاف قدرات علمية تميزوا فيها وتنمية مهارات التفكير الإبداعي والنقدي لديهم.
وبين أن الخطة موزعة على خمس وحدات هي الاختراعات والعلوم والهندسة والأرقام والروبوت، إلى جانب توفير المواصلات والتغذية الصحية وكل ما يحتاجه الطالب خلال اليوم من الثامنة صباحا حتى الثالثة مساء."""


def test_a_release_written_over_for_another_event_is_another_story():
    other = RELEASE.split("\n")
    other[0] = (
        "تنطلق صباح الأحد في قاعات المكتبة العامة قرب مدارس زحلة فعاليات برنامج صيفي تنظمه للعام الرابع مؤسسة الأرز الوطنية للمواهب الناشئة لمئة وأربعين طالب وطالبة من قرى البقاع ثلاثة أسابيع برعاية وزارة التربية وبلدية المدينة وعدد من المصارف."
    )
    other[1] = other[1].replace(
        "مدير البرنامج في صور نبيل حداد أن البرنامج", "رئيس الفرع في زحلة إيلي معلوف أن البرنامج"
    )
    assert not together(RELEASE, "\n".join(other), hours=6)
    assert together(RELEASE, f"بيروت - وكالات\n{RELEASE}", hours=6)


TALKS = """عقد رئيس الوزراء في القصر الحكومي مساء اليوم جلسة مباحثات رسمية مع نظيره {guest} الذي وصل إلى العاصمة صباحا في زيارة تستغرق يومين، وأقام له مأدبة عشاء في حديقة القصر.
حضر الجلسة صاحب السمو الملكي الأمير فيصل بن بندر بن عبدالعزيز أمير منطقة الرياض، وصاحب السمو الملكي الأمير متعب بن عبدالله بن عبدالعزيز وزير الحرس الوطني، وصاحب السمو الملكي الأمير سعود بن نايف بن عبدالعزيز أمير المنطقة الشرقية، وصاحب السمو الملكي الأمير فيصل بن سلمان بن عبدالعزيز أمير منطقة المدينة المنورة.
{news}"""


def test_two_talks_that_share_protocol_are_two_stories():
    one = TALKS.format(guest="القبرصي", news="\n".join(paragraphs("orchard")[1:4]))
    other = TALKS.format(guest="المنغولي", news="\n".join(paragraphs("chess")[1:4]))
    assert not together(one, other, hours=6)
    assert together(one, f"الرياض - وكالات\n{one}", hours=6)


def test_the_same_notice_for_another_weekday_is_another_story_and_a_copy_of_the_next_day_is_none():
    notice = "أعلنت وزارة الصحة اليوم {day} عدم تسجيل أي حالات إصابة جديدة بمرض الكوليرا على مدار الأربع والعشرين ساعة الماضية في محافظات الساحل والجبل، مؤكدة عدم رصد أي حالات وفاة أو مرضى تماثلوا للشفاء في المستشفيات."
    assert not together(notice.format(day="الخميس"), notice.format(day="الجمعة"), hours=15)
    assert together(notice.format(day="الخميس"), notice.format(day="الخميس") + " المصدر: وكالات", hours=15)
