"""The counts of the pages, kept along: what a recount says, and no recount; and what is told of each page at the end."""

import json
import tracemalloc
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from archive.article import format_time
from crawlers.addresses import Announcement
from crawlers.monitoring.outcomes import PENDING, SETTLED, CoverageBook, Outcomes
from crawlers.monitoring.stats import Symptoms, arabic_share
from pipelines.versions import Unchanged
from tests.archive.samples import article_of

OUTCOMES = ("seen", "refused", "failed", "unreadable", "dropped", "outside-window", "unchanged", "kept")
PAGES = st.sampled_from("abcd")
ENDS = st.tuples(
    PAGES,
    st.sampled_from(OUTCOMES),
    st.sampled_from([None, "timeout"]),
    st.sampled_from([None, TextResponse("http://x/")]),
)
HAVE_ARTICLE = {"dropped", "outside-window", "unchanged", "kept"}


def recounted(told):
    """Count as the words of the module say it: what is said later counts, what the archive has stays."""
    pages, chosen = {}, set()
    for act in told:
        page, *end = (act,) if isinstance(act, str) else act
        if not end:
            chosen.add(page)
            end = (PENDING, None, None)
        if end[0] in SETTLED or pages.get(page, (None,))[0] not in SETTLED:
            pages[page] = tuple(end)
    read = {page for page, end in pages.items() if end[0] in HAVE_ARTICLE}
    fetched = read | {page for page, end in pages.items() if end[2] is not None}
    steps = {
        "announced": len(pages),
        "chosen": len(chosen | fetched),
        "fetched": len(fetched),
        "read": len(read),
        "kept": sum(end[0] == "kept" for end in pages.values()),
    }
    outcomes = Counter(outcome for outcome, *_ in pages.values())
    reasons = Counter(f"{outcome}/{reason}" for outcome, reason, _ in pages.values() if reason)
    return {"steps": steps, "outcomes": dict(outcomes), "reasons": dict(reasons)}


@given(st.lists(PAGES | ENDS, max_size=12))
def test_counts_are_those_of_a_recount(told):
    outcomes = Outcomes()
    for act in told:
        if isinstance(act, str):
            outcomes.choose(act)
        else:
            outcomes.end(*act)
    assert outcomes.report_section() == recounted(told)


def test_no_page_is_looked_at_to_tell():
    outcomes = Outcomes()
    for number in range(100):
        outcomes.choose(f"x:{number}")
        outcomes.end(f"x:{number}", "kept")
    outcomes._pages = range(100)  # how many they are, and nothing of any
    assert outcomes.steps()["kept"] == outcomes.report_section()["outcomes"]["kept"] == 100


def test_equal_endings_are_one_object():
    outcomes = Outcomes()
    for number in range(100):
        outcomes.end(f"x:{number}", "failed", "timeout")
    assert len(outcomes._endings) == 1


@pytest.fixture
def answered():
    """Return an article and the answer from which it was read."""
    article = article_of(1, None)
    about = Announcement(kind="feed", source="https://x.test/rss", url=article.url)
    request = Request(article.url, meta={"article_id": article.id}, cb_kwargs={"announcement": about})
    return article, TextResponse(article.url, request=request)


def failure():
    return Failure(ValueError("broken"))


BROKE = {
    "never answered": (lambda book, _item, _answer: book.end("aljazeera:1", "failed", "timeout"), (0, 0)),
    "no article": (lambda book, _item, answer: book.end("aljazeera:1", "unreadable", "blocked", answer), (1, 0)),
    "reading broke": (lambda book, _item, answer: book.end("aljazeera:1", "failed", "KeyError", answer), (1, 0)),
    "callback broke": (lambda book, _item, answer: book.spider_error(answer, failure()), (1, 0)),
    "pipeline broke": (lambda book, item, answer: book.item_error(item, answer, failure()), (1, 1)),
    "dropped": (lambda book, item, answer: book.item_dropped(item, answer, DropItem("why")), (1, 1)),
    "as it was": (lambda book, item, answer: book.item_dropped(item, answer, Unchanged("why")), (1, 1)),
    "kept": (lambda book, item, answer: book.item_scraped(item, answer), (1, 1)),
    "of no answer": (lambda book, item, _answer: book.item_scraped(item, None), (1, 1)),
}


@pytest.mark.parametrize("what", BROKE)
def test_a_page_counts_as_far_as_it_came(answered, what):
    book = Outcomes()
    book.choose(answered[0].id)
    tell, (fetched, read) = BROKE[what]
    tell(book, *answered)
    steps = book.steps()
    assert (steps["chosen"], steps["fetched"], steps["read"]) == (1, fetched, read)


@pytest.mark.parametrize(
    ("text", "share"),
    [("خبر عاجل 2026", 1.0), ("خبر abc", 0.5), ("رحمٰن ab", 0.8333), ("123 – «»", 0.0), ("", 0.0), ("پی ab", 0.5)],
)
def test_the_share_of_arabic_letters(text, share):
    assert round(arabic_share(text), 4) == share


def test_of_a_symptom_the_three_clearest_pages_are_remembered_whatever_came_first():
    symptoms, told = Symptoms(), Announcement(kind="sitemap", source="https://a.example/s", url="https://a.example/1")
    for number in (5, 1, 4, 2, 3, 1):
        request = Request(f"https://a.example/{number}", cb_kwargs={"announcement": told}, meta={"warc": number})
        symptoms.page_ended(reason="empty", response=TextResponse(request.url, request=request))
    assert [sample.url[-1] for sample in symptoms.samples["empty"]] == ["1", "1", "2"]


# --- the coverage of a crawl: its pages by number, held against the same told to a plain dictionary ---------------------

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONE = timezone(timedelta(hours=3))
DAY = date(2026, 11, 19)
LATE = datetime(2026, 11, 20, 1, 30, 0, 7, tzinfo=ZONE)  # the day before in UTC
COVERED = st.lists(
    st.tuples(st.just("announced"), PAGES, st.sampled_from(["https://x.test/ق%20", ""]), st.sampled_from(["feed", "map"]), st.sampled_from([None, DAY]))
    | st.tuples(st.just("renamed"), PAGES, st.sampled_from("bdxy"))
    | st.tuples(st.just("became"), PAGES | st.sampled_from("xy"), st.sampled_from(["kept", "failed"]), st.sampled_from([None, "timeout"]), st.sampled_from([None, LATE])),
    max_size=12,
)  # fmt: skip


def covered(told):
    """Return the fields of each page's event: the first address, day and time, all channels, the last outcome, and kept for good."""
    pages, stated = {}, {}
    empty = {"url": "", "channels": set(), "day": None, "published": None, "outcome": "unfinished", "reason": None}
    for act, page, *told_of in told:
        if act == "announced":
            known = pages.setdefault(stated.get(page, page), empty | {"url": told_of[0], "channels": set()})
            known["channels"].add(told_of[1])
            known["day"] = known["day"] or told_of[2]
        elif act == "renamed":
            stated[page] = told_of[0]
            if page in pages:
                known, other = pages.pop(page), pages.pop(told_of[0], empty)
                pages[told_of[0]] = known | {"channels": known["channels"] | other["channels"]}
        else:
            known = pages.setdefault(page, empty | {"channels": set()})
            if known["outcome"] != "kept":
                known["outcome"], known["reason"] = told_of[:2]
            known["published"] = known["published"] or told_of[2]
    for page, known in pages.items():
        day = known["published"] or known["day"] or NOON
        published = known["published"] and format_time(known["published"])
        about = {"url": known["url"] or page, "channels": sorted(known["channels"]), "day": f"{day:%Y-%m-%d}"}
        yield page, known | about | {"published": published}


@given(COVERED)
def test_a_crawl_tells_of_its_pages_what_a_plain_dictionary_would(told):
    book = CoverageBook("x", "crawl", [].append, clock=lambda: NOON)
    for act, page, *words in told:
        if act == "became":
            book.became(page, *words[:2], published=words[2])
        elif act != "renamed" or page != words[0]:
            getattr(book, act)(page, *words)
    lines = map(json.loads, book.lines(lambda _: set()))
    expected = dict(covered(act for act in told if act[0] != "renamed" or act[1] != act[2]))
    names = ("url", "channels", "day", "published", "outcome", "reason")
    assert {line["id"]: {name: line[name] for name in names} for line in lines} == expected
    section = book.report_section()
    assert section["announced"] == len(expected)
    assert section["outcomes"] == Counter(fields["outcome"] for fields in expected.values())
    assert section["channels"] == Counter(name for fields in expected.values() for name in fields["channels"])


def test_a_hundred_thousand_announced_pages_take_little():
    book = CoverageBook("x", "crawl", [].append)
    book.announced("x:0", "https://x.test/", "feed", None)
    tracemalloc.start()
    try:
        for number in range(1, 3001):
            book.announced(f"x:{hash(str(number)):x}", f"https://x.test/{'%d9%82%d8%b1' * 20}-{number}", "feed", DAY)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 3000 * 200
