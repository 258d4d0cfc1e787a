"""The counts of the pages, kept along: what a recount says, and no recount."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy import Request
from scrapy.exceptions import DropItem
from scrapy.http import TextResponse
from twisted.python.failure import Failure

from crawlers.addresses import Announcement
from crawlers.monitoring.outcomes import PENDING, SETTLED, Outcomes
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


class Unread(dict):
    """Pages that must not be gone through."""

    def _refuse(self, *_):
        raise AssertionError("the pages were gone through")

    __iter__ = keys = values = items = _refuse


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
    outcomes.pages = Unread()
    for number in range(100):
        outcomes.choose(f"x:{number}")
        outcomes.end(f"x:{number}", "kept")
    assert outcomes.steps()["kept"] == outcomes.report_section()["outcomes"]["kept"] == 100


def test_equal_endings_are_one_object():
    outcomes = Outcomes()
    for number in range(100):
        outcomes.end(f"x:{number}", "failed", "timeout")
    assert len(set(map(id, outcomes.pages.values()))) == 1


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
