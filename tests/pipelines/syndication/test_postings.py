"""The inverted index beside a plain dictionary: the same answers, whatever was sorted in when, in a third of its memory."""

import tracemalloc
from collections import Counter, defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.syndication import fingerprints
from pipelines.syndication.fingerprints import Postings

FIRST = 64

# A text: its block, and its hashes; few hashes, so that many texts share them.
texts = st.tuples(st.integers(1, 4), st.sets(st.integers(0, 12) | st.integers(2**63, 2**63 + 3), max_size=8))


def hashes_of(values):
    return np.array(sorted(values), np.uint64)


class Plain:
    """What the index says, said by dictionaries."""

    def __init__(self):
        self.held = defaultdict(list)

    def add(self, block, serial, values):
        for value in values:
            self.held[block, value].append(serial)

    def shared(self, block, values):
        near = (block - 1, block, block + 1)
        return Counter(serial for one in near for value in values for serial in self.held[one, value][:FIRST])


@given(st.lists(texts, max_size=60), st.lists(texts, min_size=1, max_size=60), st.integers(1, 20), st.integers(1, 5))
def test_it_says_what_a_dictionary_says(before, after, kept, fresh):
    stored, plain = defaultdict(list), Plain()
    index = Postings(lambda block: list(stored[block]), kept)

    def post(serial, block, values):
        stored[block].append((serial, hashes_of(values)))
        plain.add(block, serial, values)
        index.add(block, serial, hashes_of(values))

    for serial, (block, values) in enumerate(before, 1):
        post(serial, block, values)
    kept_fresh, fingerprints._FRESH = fingerprints._FRESH, fresh
    try:
        for serial, (block, values) in enumerate(after, len(before) + 1):
            assert index.shared(block, hashes_of(values)) == plain.shared(block, values)
            post(serial, block, values)
    finally:
        fingerprints._FRESH = kept_fresh


def test_of_a_formula_the_first_texts_are_held():
    index = Postings(lambda block: [], 10_000)
    index.shared(7, hashes_of({1}))  # from now on the block is in memory
    for serial in range(1, 601):
        index.add(7, serial, hashes_of({1, 1000 + serial}))
    assert index.shared(7, hashes_of({1})) == dict.fromkeys(range(1, FIRST + 1), 1)
    assert index.shared(7, hashes_of({1, 1599})) == {**dict.fromkeys(range(1, FIRST + 1), 1), 599: 1}


def test_no_more_texts_are_held_than_are_to_be_though_no_further_block_is_asked_for():
    index = Postings(lambda block: [], 1000)
    index.shared(3, hashes_of({1}))
    index.shared(7, hashes_of({1}))
    for serial in range(1, 4_001):
        index.add(3 if serial % 2 else 7, serial, hashes_of({serial, 10_000 + serial}))
    assert sum(block.texts for block in index._blocks.values()) < 2000 + 1000
    assert len(index._blocks) == 3  # what one article is held against


def test_a_text_takes_little_more_than_a_kilobyte():
    rng = np.random.default_rng(1)
    index = Postings(lambda block: [], 10_000)
    index.shared(7, hashes_of({1}))
    tracemalloc.start()
    try:
        for serial in range(1, 5_001):
            index.add(7, serial, np.unique(rng.integers(0, 2**63, 45, np.uint64)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held / 5_000 < 1000  # 45 postings of 12 bytes, and a sixteenth of the texts as they are not sorted in yet
