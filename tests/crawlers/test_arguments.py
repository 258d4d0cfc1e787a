"""The arguments of a crawl: right ones understood, wrong ones refused with a sentence that names them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crawlers.addresses import AddressRules
from crawlers.arguments import ArgumentError, parse_arguments

RULES = AddressRules(
    outlet="sample", hosts=("news.example",), short=("nws.example",), kinds={"article": r"^/(?P<id>\d+)$"}
)


def parse(**given):
    return parse_arguments(given, addresses=RULES, window_days=2)


def test_without_arguments_the_last_days_are_asked():
    today = datetime.now(UTC).date()
    arguments = parse()
    assert (arguments.window.since, arguments.window.until) == (today - timedelta(days=2), today)
    assert not arguments.bounded
    assert arguments.limit is None


def test_days_are_understood():
    arguments = parse(since="2025-05-10", until="2025-05-12")
    assert arguments.window.days() == [date(2025, 5, 12), date(2025, 5, 11), date(2025, 5, 10)]
    assert arguments.bounded


def test_several_urls_may_be_named():
    assert parse(url="https://news.example/1 https://news.example/2").urls == (
        "https://news.example/1",
        "https://news.example/2",
    )


def test_a_short_link_of_the_outlet_may_lead_to_an_article():
    assert parse(url="https://nws.example/r8d0xl").urls == ("https://nws.example/r8d0xl",)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"since": "10/5/2025"}, "since=10/5/2025 is not a date"),
        ({"until": "2025-02-30"}, "until=2025-02-30 is not a date"),
        ({"since": "2025-05-12", "until": "2025-05-10"}, "later than until"),
        ({"since": "2999-01-01", "until": "2999-01-02"}, "in the future"),
        ({"url": "news.example/1"}, "is not a web address"),
        ({"url": "https://other.example/1"}, "is not on a host of sample"),
        ({"url": "https://news.example/about"}, "is not the address of an article"),
        ({"url": "https://nws.example/"}, "is not the address of an article"),
        ({"limit": "0"}, "limit=0 is not a number of articles"),
        ({"limit": "many"}, "limit=many is not a number of articles"),
        ({"sinse": "2025-05-10"}, "unknown argument 'sinse'"),
    ],
)
def test_wrong_arguments_are_refused_with_a_sentence(given, sentence):
    with pytest.raises(ArgumentError, match=sentence.replace("(", r"\(")):
        parse(**given)
