"""The server's cache: one thread makes an answer, whoever else wants it meanwhile; nothing of an earlier archive is shown."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import EnvironBuilder

from archive.site.web.app import Cache
from archive.site.web.routes import Answer


class Slow:
    """Makes an answer when it is let; counts."""

    def __init__(self):
        self.made, self.begun, self.go = 0, threading.Event(), threading.Event()

    def __call__(self):
        self.made += 1
        number = self.made
        self.begun.set()
        assert self.go.wait(30)
        return Answer(f"{number}".encode())


def test_readers_who_come_at_once_have_one_answer_made_for_all():
    cache, slow = Cache(lambda: 1, clock=lambda: 0.0), Slow()
    with ThreadPoolExecutor(8) as readers:
        asked = [readers.submit(cache.get, "index.html", "", slow) for _ in range(8)]
        assert slow.begun.wait(30)
        other = readers.submit(cache.get, "tags.html", "", lambda: Answer(b"other"))
        slow.go.set()
        assert {each.result(30).body for each in asked} == {b"1"}
        assert other.result(30).body == b"other"
    assert slow.made == 1


def test_an_answer_a_minute_old_is_given_while_another_is_made():
    now = [0.0]
    cache, slow = Cache(lambda: 1, clock=lambda: now[0]), Slow()
    cache.get("index.html", "", lambda: Answer(b"old"))
    now[0] = 61.0
    with ThreadPoolExecutor(2) as readers:
        first = readers.submit(cache.get, "index.html", "", slow)
        assert slow.begun.wait(30)
        assert cache.get("index.html", "", slow).body == b"old"
        slow.go.set()
        assert first.result(30).body == b"1"
    assert cache.get("index.html", "", slow).body == b"1"
    assert slow.made == 1


def test_answers_made_together_do_not_all_grow_old_together():
    now, made = [0.0], []
    cache = Cache(lambda: 1, clock=lambda: now[0])

    def ask_all():
        for number in range(100):
            cache.get(f"{number}.html", "", lambda number=number: made.append(number) or Answer(b"page"))
        return len(made)

    anew = [ask_all()]
    for second in range(1, 61):
        now[0] = second
        anew.append(ask_all() - sum(anew))
    assert anew[0] == 100
    assert sum(anew[1:]) == 100  # a minute later none is older than a minute
    assert max(anew[1:]) <= 20
    assert not any(anew[1:45])


def test_what_is_asked_for_stays_and_what_is_not_goes_first():
    made = []
    cache = Cache(lambda: 1, cached_bytes=25, clock=lambda: 0.0)
    for name in ("front", "rare", "front", "third", "front", "rare", "front"):
        cache.get(name, "", lambda name=name: made.append(name) or Answer(b"ten bytes."))
    assert made == ["front", "rare", "third", "rare"]


def test_nothing_of_an_earlier_archive_is_given_or_kept():
    generation = [1]
    cache, slow = Cache(lambda: generation[0], clock=lambda: 0.0), Slow()
    cache.get("a", "", lambda: Answer(b"taken down since"))
    with ThreadPoolExecutor(2) as readers:
        first = readers.submit(cache.get, "b", "", slow)  # begun before the archive changes, ended after it
        assert slow.begun.wait(30)
        generation[0] = 2
        assert cache.get("a", "", lambda: Answer(b"new")).body == b"new"
        slow.go.set()
        first.result(30)
    assert cache.get("b", "", lambda: Answer(b"new")).body == b"new"


def test_who_waits_for_a_fault_has_the_fault_and_the_next_one_tries_again():
    cache, slow = Cache(lambda: 1, clock=lambda: 0.0), Slow()

    def fails():
        slow()
        raise OSError("the index is gone")

    with ThreadPoolExecutor(3) as readers:
        asked = [readers.submit(cache.get, "a", "", fails) for _ in range(3)]
        assert slow.begun.wait(30)
        slow.go.set()
        for each in asked:
            with pytest.raises(OSError, match="the index is gone"):
                each.result(30)
    assert cache.get("a", "", lambda: Answer(b"well")).body == b"well"


def test_the_oldest_answers_make_room():
    cache, made = Cache(lambda: 1, cached_bytes=25, clock=lambda: 0.0), []

    def make(name):
        made.append(name)
        return Answer(b"0123456789")

    for name in "abca":
        cache.get(name, "", lambda name=name: make(name))
    assert made == ["a", "b", "c", "a"]


def test_an_answer_is_kept_packed_and_reads_the_same_for_all():
    body = "<p>خبر</p>".encode() * 1000
    cache = Cache(lambda: 1, cached_bytes=len(body) - 1, clock=lambda: 0.0)
    first, kept = (cache.get("a", "", lambda: Answer(body)) for _ in range(2))
    assert not first.is_packed
    assert kept.is_packed
    assert len(kept.content) < len(body) / 10
    assert kept.body == body
    for headers in ([], [("Accept-Encoding", "gzip")], [("If-None-Match", first.tag)]):
        environ = EnvironBuilder(headers=headers).get_environ()
        one, other = (each.response_to(environ) for each in (first, kept))
        assert one.data == other.data
        assert one.status == other.status
        assert sorted(one.headers) == sorted(other.headers)
