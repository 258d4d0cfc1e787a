"""Packed lines: an ordinary gzip file to everybody, members to us."""

import gzip
import json
import random
import subprocess
import time
import tracemalloc

import duckdb
import pytest

from archive.files import Unreadable
from archive.reader.jsonl import MEMBER_BYTES, lines_of, members_of, pack, unpack
from archive.reader.scan import Table, Texts, bundled
from archive.store.protocol import fetched


@pytest.fixture
def packed(tmp_path):
    rng = random.Random(1)
    lines = [
        json.dumps({"id": n, "text": "سطر " * rng.randint(1, 400)}, ensure_ascii=False).encode() + b"\n"
        for n in range(2000)
    ]
    path = tmp_path / "x.jsonl.gz"
    assert pack(lines, path) == 2000
    return path, lines


def test_others_read_one_file(packed):
    path, lines = packed
    assert gzip.decompress(path.read_bytes()) == b"".join(lines)
    assert subprocess.run(["gzip", "-dc", path], capture_output=True, check=True).stdout == b"".join(lines)
    (row,) = duckdb.sql(f"SELECT count(*), max(id), count(DISTINCT id) FROM read_json('{path}')").fetchall()
    assert row == (2000, 1999, 2000)


def test_we_read_members(packed):
    path, lines = packed
    body, bare = path.read_bytes(), [line[:-1] for line in lines]
    members = members_of(body)
    assert len(members) == pytest.approx(sum(map(len, lines)) / MEMBER_BYTES, abs=2)
    assert b"".join(unpack(body[at : at + length]) for at, length in members) == b"".join(lines)
    assert list(lines_of(body)) == bare
    assert list(lines_of(body, backwards=True)) == bare[::-1]


def test_what_others_wrote_is_read_too(packed):
    _, lines = packed
    for body in (gzip.compress(b"".join(lines)), gzip.compress(lines[0]) + gzip.compress(b"".join(lines[1:]))):
        assert list(lines_of(body)) == [line[:-1] for line in lines]
    assert list(lines_of(gzip.compress(b"{}\n[]"), backwards=True)) == [b"[]", b"{}"]
    assert list(lines_of(b"")) == []


def test_damage_is_named(packed):
    body = packed[0].read_bytes()
    for damaged in (body[:-9], body[:5000] + b"\0" * 50 + body[5050:], body + b"garbage"):
        with pytest.raises(Unreadable):
            list(lines_of(damaged))


def test_a_table_of_many_names():
    table, names = Table(), [str(n).encode() for n in range(50_000)]
    assert all(table.add(name) for name in names)
    assert not any(table.add(name) for name in names[::7])
    table.put(b"7", 70)
    table.put(b"7", 71)
    assert (len(table), table.number(b"7"), table.number(b"none")) == (50_000, 71, None)
    assert b"49999" in table
    assert b"none" not in table


def test_a_table_s_numbers_are_what_was_given_however_large_they_become():
    table, given = Table(), {str(n).encode(): n << n // 150 for n in range(6000)}  # up to 40 bits more
    for name, number in given.items():
        table.put(name, number)
    table.put(b"5", 2**64 - 1)
    assert [table.number(name) for name in given] == [*(given | {b"5": 2**64 - 1}).values()]


def test_texts_that_are_held_together_come_back_in_any_order():
    texts = Texts()
    given = [f"https://www.aljazeera.net/news/2026/11/20/{n}-قرية".encode() for n in range(200)]
    assert [texts.append(text) for text in given] == [*range(200)]
    order = [199, 0, 64, 63, *range(200)]
    assert [texts[number] for number in order] == [given[number] for number in order]


def test_texts_that_are_held_together_take_little():
    given = [f"https://www.aljazeera.net/news/2026/11/20/{n}-{'قرية' * (n % 9)}".encode() for n in range(6400)]
    bundled(given[:1])  # what is imported takes room, too
    tracemalloc.start()
    try:
        texts = Texts()
        for text in given:
            texts.append(text)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 0.3 * sum(map(len, given))


def test_fetching_ahead_keeps_order_and_room():
    under_way, most = set(), [0]

    def fetch(number):
        under_way.add(number)
        most[0] = max(most[0], len(under_way))
        time.sleep(0.002)
        under_way.discard(number)
        if number == 5:
            raise OSError("five")
        return number * 10

    found = list(fetched(range(20), fetch, size=lambda _: 10, at_once=4, room=25))
    assert [item for item, _ in found] == list(range(20))
    assert [value for item, value in found if item != 5] == [n * 10 for n in range(20) if n != 5]
    assert str(found[5][1]) == "five"
    assert most[0] <= 3
    ahead = fetched(range(1000), fetch, at_once=4)
    next(ahead)
    ahead.close()
    assert not [n for n in under_way if n > 10]
