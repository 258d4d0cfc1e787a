"""Robots, rests, blocks and the contact, each driven through a real crawl of a loopback outlet."""

import sys
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from crawlers.outlet import priority_of
from tests import processes
from tests.crawlers.polite import MIDDLEWARES, ROOT, Outlet, crawl, serve

TEXT = {"Content-Type": "text/plain"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def outlet():
    return Outlet()


@pytest.fixture
def port(outlet):
    with serve(outlet) as number:
        yield number


def address(port, path, host="127.0.0.1"):
    return f"http://{host}:{port}{path}"


ROBOTS = [
    (
        "rules",
        (200, TEXT, "User-agent: *\nDisallow: /private\nAllow: /private/open\n"),
        {"/a": 200, "/private": False, "/private/open": 200},
    ),
    (
        "our-group",
        (200, TEXT, "User-agent: *\nDisallow: /\n\nUser-agent: warraq\nDisallow: /x\n"),
        {"/a": 200, "/x": False},
    ),
    ("not-found", (404, HTML, "<p>Disallow: /"), {"/a": 200}),
    ("forbidden", (403, TEXT, "User-agent: *\nDisallow: /\n"), {"/a": 200}),
    ("html", (200, HTML, "<!doctype html><pre>\nUser-agent: *\nDisallow: /\n"), {"/a": False}),
    ("unlabelled-html", (200, TEXT, "\ufeff \n<html>\nUser-agent: *\nDisallow: /\n"), {"/a": False}),
    ("labelled-html", (200, HTML, "User-agent: *\nDisallow: /\n"), {"/a": False}),
    ("utf-16", (200, TEXT, "User-agent: *\nDisallow: /x\n".encode("utf-16")), {"/a": 200, "/x": False}),
    ("utf-16-le", (200, HTML, "User-agent: *\r\nDisallow: /x\r\n".encode("utf-16-le")), {"/a": 200, "/x": False}),
    ("utf-16-be", (200, TEXT, "User-agent: *\nDisallow: /x\n".encode("utf-16-be")), {"/a": 200, "/x": False}),
    ("no-agent", (200, TEXT, "# خبر\nDisallow: /x\nDisallow: /y*\n"), {"/a": 200, "/x": False, "/yz": False}),
    ("server-error", (500, TEXT, "User-agent: *\nAllow: /\n"), {"/a": False}),
    ("empty", (200, TEXT, ""), {"/a": 200}),
    ("long", (200, TEXT, "User-agent: *\n" + "# stuff\n" * 70_000 + "Disallow: /\n"), {"/a": 200}),
]


@pytest.mark.parametrize(("answer", "expected"), [case[1:] for case in ROBOTS], ids=[case[0] for case in ROBOTS])
def test_robots_means_what_rfc_9309_says(outlet, port, answer, expected):
    outlet.answers["/robots.txt"] = answer
    result = crawl([address(port, path) for path in expected], RETRY_TIMES=0)
    refusal = "RobotsUnreachable" if answer[0] == 500 else "RefusedByRobots"
    assert result["outcomes"] == {address(port, path): status or refusal for path, status in expected.items()}
    asked = [path for _, _, path, _ in outlet.asked]
    assert asked[0] == "/robots.txt"
    assert set(asked[1:]) == {path for path, status in expected.items() if status}
    assert result["stats"].get("robotstxt/forbidden", 0) == sum(not status for status in expected.values())


def test_robots_is_asked_once_and_seen_by_the_capture(outlet, port):
    outlet.answers["/robots.txt"] = (200, TEXT, "User-agent: *\nDisallow:\n")
    result = crawl([address(port, f"/{n}") for n in range(6)])
    assert [path for _, _, path, _ in outlet.asked].count("/robots.txt") == 1
    assert [address(port, "/robots.txt"), 200] in result["seen"]


def test_a_silent_host_is_left_alone(port):
    unused = "http://127.0.0.1:1/a"
    result = crawl([unused, address(port, "/b")], RETRY_TIMES=0)
    assert result["outcomes"] == {unused: "RobotsUnreachable", address(port, "/b"): 200}
    assert result["stats"]["robotstxt/forbidden/robots-unreachable"] == 1


def test_robots_is_followed_five_times(outlet, port):
    for hop in range(5):
        outlet.answers[f"/robots{hop or ''}.txt"] = (301, {"Location": f"/robots{hop + 1}.txt"}, "")
    outlet.answers["/robots5.txt"] = (200, TEXT, "User-agent: *\nDisallow: /\n")
    assert crawl([address(port, "/a")])["outcomes"] == {address(port, "/a"): "RefusedByRobots"}
    outlet.answers["/robots5.txt"] = (301, {"Location": "/robots.txt"}, "")
    assert crawl([address(port, "/a")])["outcomes"] == {address(port, "/a"): 200}


def test_robots_is_read_again_when_it_is_old(outlet, port):
    allow, refuse = (200, TEXT, "User-agent: *\nDisallow:\n"), (200, TEXT, "User-agent: *\nDisallow: /\n")
    outlet.answers["/robots.txt"] = [allow, refuse]
    urls = [address(port, f"/{n}") for n in range(4)]
    result = crawl(urls, ROBOTSTXT_MAX_AGE=1, DOWNLOAD_DELAY=0.6, DOWNLOAD_DELAY_JITTER=0, CONCURRENT_REQUESTS=1)
    assert result["outcomes"][urls[0]] == 200
    assert result["outcomes"][urls[-1]] == "RefusedByRobots"


@pytest.mark.parametrize(
    ("rule", "wanted", "adaptive"),
    [("Crawl-delay: 0.7", 0.7, False), ("Request-rate: 2/1", 0.5, False), ("Crawl-delay: 0.7", 0.7, True)],
)
def test_the_pace_that_is_asked_for_is_kept(outlet, port, rule, wanted, adaptive):
    outlet.answers["/robots.txt"] = (200, TEXT, f"User-agent: *\n{rule}\n")
    crawl([address(port, f"/{n}") for n in range(4)], AUTOTHROTTLE_ENABLED=adaptive, AUTOTHROTTLE_START_DELAY=0.01)
    begun, *times = outlet.times("127.0.0.1")
    # The server's thread may note an arrival late on a busy machine, and then the next one comes closer; but none came before its time.
    assert times[-1] - begun >= 0.85 * wanted * len(times)
    assert all(at - begun >= 0.95 * wanted * number for number, at in enumerate(times)), times


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept_and_no_other_host_waits(outlet, port, form):
    header = (
        "4" if form == "seconds" else lambda: format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    )
    outlet.answers["127.0.0.1", "/first"] = [(429, {"Retry-After": header}, ""), (200, HTML, "خبر")]
    slow = [address(port, path) for path in ("/first", "/2", "/3", "/4", "/5", "/6")]
    other = [address(port, f"/{n}", "localhost") for n in range(6)]
    result = crawl([*slow, *other], RETRY_AFTER_MAX=20, DOWNLOAD_DELAY=0.05)
    assert set(result["outcomes"].values()) == {200}
    refused = outlet.times("127.0.0.1", "/first")[0]
    later = [at for at in outlet.times("127.0.0.1") if at > refused]
    assert len(later) >= 2  # which of the first requests reaches the host first is not certain
    assert min(later) - refused >= 4 - 0.05  # a date is cut to the second
    assert max(outlet.times("localhost")) < min(later)
    assert result["stats"]["retry_after/rests"] == 1
    assert result["stats"]["retry/count"] == 1


def test_sources_are_asked_one_after_another_and_articles_of_other_hosts_meanwhile(outlet, port):
    def slowly():
        time.sleep(0.7)
        return "text/html"

    outlet.answers["127.0.0.1", "/feed"] = (200, {"Content-Type": slowly}, "<p>خبر")
    urls = [address(port, "/feed"), address(port, "/map", "127.0.0.2"), address(port, "/section", "127.0.0.3")]
    urls.append(address(port, "/article", "127.0.0.4"))
    urls.append(address(port, "/feed/2"))
    turns = [priority_of(0), priority_of(1), priority_of(2), 0, priority_of(0)]
    crawl(urls, turns)
    asked = [path for _, _, path, _ in outlet.asked if path != "/robots.txt"]
    assert [path for path in asked if path != "/article"] == ["/feed", "/feed/2", "/map", "/section"]
    assert asked.index("/article") < asked.index("/map")


def test_without_retry_after_the_rests_grow(outlet, port):
    outlet.answers["/a"] = [(503, {}, ""), (503, {}, ""), (503, {}, ""), (200, HTML, "خبر")]
    result = crawl([address(port, "/a")], RETRY_TIMES=3, RETRY_AFTER_BASE=0.8)
    assert result["outcomes"] == {address(port, "/a"): 200}
    gaps = [later - earlier for earlier, later in pairwise(outlet.times("127.0.0.1", "/a"))]
    for gap, least in zip(gaps, (0.4, 0.8, 1.6), strict=True):
        assert gap >= least - 0.05
    assert result["stats"]["retry_after/asked/nothing"] == 3


def test_a_host_that_asks_for_too_long_is_given_up(outlet, port):
    outlet.answers["127.0.0.1", "/a"] = (503, {"Retry-After": "3600"}, "")
    urls = [address(port, "/a"), address(port, "/b"), address(port, "/c", "localhost")]
    result = crawl(urls, CONCURRENT_REQUESTS=1)
    assert result["outcomes"] == {urls[0]: 503, urls[1]: "HostGivenUp", urls[2]: 200}
    assert len(outlet.times("127.0.0.1", "/a")) == 1
    assert result["stats"]["retry_after/given_up"] == result["stats"]["retry_after/refused"] == 1


def test_robots_too_may_ask_for_a_rest(outlet, port):
    outlet.answers["/robots.txt"] = [(429, {"Retry-After": "1"}, ""), (200, TEXT, "User-agent: *\nDisallow: /x\n")]
    result = crawl([address(port, "/a"), address(port, "/x")])
    assert result["outcomes"] == {address(port, "/a"): 200, address(port, "/x"): "RefusedByRobots"}
    first, second = outlet.times("127.0.0.1", "/robots.txt")
    assert second - first >= 0.95


BLOCKS = {
    "forbidden": (403, HTML, "<h1>403"),
    "block-page": (200, HTML, "<title>Just a moment...</title>"),
    "challenge": (503, {**HTML, "cf-mitigated": "challenge"}, "<p>wait"),
}


@pytest.mark.parametrize("reason", BLOCKS)
def test_a_blocked_crawl_stops(outlet, port, reason):
    outlet.answers |= {f"/{n}": BLOCKS[reason] for n in range(40)}
    result = crawl([address(port, f"/{n}") for n in range(40)], BREAKER_LIMIT=3, RETRY_TIMES=0, RETRY_AFTER_BASE=0.05)
    assert result["reason"] == "blocked"
    assert result["stats"][f"breaker/{reason}"] >= 3
    assert len(outlet.times("127.0.0.1")) < 10
    assert sum(status == BLOCKS[reason][0] for _, status in result["seen"]) >= 3


def test_what_only_reading_recognises_counts_too(outlet, port):
    wall = (200, HTML, "consent")
    outlet.answers |= {f"/{n}": wall for n in range(40)}
    result = crawl([address(port, f"/{n}") for n in range(40)], BREAKER_LIMIT=4)
    assert result["reason"] == "blocked"
    assert 4 <= result["stats"]["breaker/consent-wall"] == len(outlet.times("127.0.0.1")) - 1 < 12
    outlet.answers |= {f"/{n}": (200, HTML, "خبر") for n in range(0, 40, 3)}
    mixed = crawl([address(port, f"/{n}") for n in range(40)], BREAKER_LIMIT=4, CONCURRENT_REQUESTS=1)
    assert (mixed["reason"], mixed["stats"]["breaker/consent-wall"]) == ("finished", 26)


def test_blocks_between_good_answers_do_not_stop_a_crawl(outlet, port):
    outlet.answers |= {f"/{n}": BLOCKS["forbidden"] for n in range(12) if n % 3}
    result = crawl([address(port, f"/{n}") for n in range(12)], BREAKER_LIMIT=3, CONCURRENT_REQUESTS=1)
    assert result["reason"] == "finished"
    assert result["stats"]["breaker/forbidden"] == 8


def test_a_page_that_speaks_of_blocking_is_no_block_page(outlet, port):
    article = "<p>خبر</p>" * 10_000 + "Request blocked"
    outlet.answers |= {f"/{n}": (200, HTML, article) for n in range(8)}
    assert crawl([address(port, f"/{n}") for n in range(8)], BREAKER_LIMIT=3)["reason"] == "finished"


def test_the_outlet_hears_who_asks(outlet, port):
    crawl([address(port, "/a")])
    assert {agent for *_, agent in outlet.asked} == {"Warraq/0.2 (news archive; mailto:archive@example.org)"}


def test_a_crawl_without_contact_is_refused_unless_it_is_a_replicas(outlet, port):
    order = f'{{"urls": ["{address(port, "/a")}"], "settings": {{"LOG_LEVEL": "INFO", "CONTACT": "", "DOWNLOADER_MIDDLEWARES": {{"crawlers.politeness.robots.ContactMiddleware": 500}}}}}}'
    words = [sys.executable, "-m", "tests.crawlers.polite"]
    done = processes.run([*words, order], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "CONTACT is not set" in done.stderr
    assert outlet.asked == []
    result = crawl([address(port, "/a")], CONTACT="", CONNECT_TO="::127.0.0.1:80")
    assert result["outcomes"] == {address(port, "/a"): 200}
    assert "crawlers.politeness.robots.ContactMiddleware" in MIDDLEWARES


@pytest.mark.parametrize(("asked", "ours"), [("0.1", 0.8), ("0.8", 0.1)])
def test_of_two_paces_the_slower_one_is_kept(outlet, port, asked, ours):
    outlet.answers["/robots.txt"] = (200, TEXT, f"User-agent: *\nCrawl-delay: {asked}\n")
    paths = [f"/{name}" for name in "abcd"]
    done = crawl([address(port, path) for path in paths], DOWNLOAD_DELAY=ours, RANDOMIZE_DOWNLOAD_DELAY=False)
    assert list(done["outcomes"].values()) == [200] * 4
    (begun,) = outlet.times("127.0.0.1", "/robots.txt")  # a busy machine delivers late, but nothing before it was sent
    times = sorted(at - begun for path in paths for at in outlet.times("127.0.0.1", path))
    assert all(at >= 0.79 * number for number, at in enumerate(times)), times
