"""What holds for any two texts."""

import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.text import words as folded
from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from pipelines.syndication.alignment import LEAD_COVERED, VOTES, Evidence, Verdict, judge, nearest
from pipelines.syndication.fingerprints import Words, coarseness, covered, grams, sketch, thin, word_ids
from tests.pipelines.syndication.writing import ARTICLES, BASES, line

SENTENCES = [sentence for _, text in BASES for sentence in text.split("\n")]
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=9).map("\n".join)
NOISE = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ي": "ی", "ك": "ک", "ئ": "ي", "ؤ": "و", "0": "٠", "3": "۳", " ": "\u00a0",
    "،": "", ".": "…", "«": '"', "»": '"',
}  # fmt: skip
SIGNS = ("", "", "", "\u064e", "\u0651\u064f", "ـ", "\u200f", "\u00ad")

PATIENT = settings(deadline=None)  # a busy machine is no fault of the text


def words(text):
    return Words(word_ids(text))


@PATIENT
@given(TEXTS, TEXTS)
def test_exchanging_two_articles_exchanges_the_sides_alone(one, other):
    there, back = Evidence(words(one), words(other)), Evidence(words(other), words(one))
    assert (there.first, there.second, there.alignment) == (back.second, back.first, back.alignment)
    assert judge(there) is judge(back)


@PATIENT
@given(TEXTS, st.randoms(use_true_random=False))
def test_spelling_changes_no_word(text, rng):
    respelled = "".join(
        rng.choice((letter, NOISE.get(letter, letter))) + (rng.choice(SIGNS) if letter.isalpha() else "")
        for letter in text
    )
    assert word_ids(respelled).tolist() == word_ids(text).tolist()
    assert word_ids(unicodedata.normalize("NFKD", text)).tolist() == word_ids(text).tolist()


@PATIENT
@given(TEXTS, st.lists(TEXTS, min_size=4, max_size=8), st.randoms(use_true_random=False))
def test_what_is_apart_at_a_glance_is_what_a_comparison_says(one, others, rng):
    articles = [words(text) for text in (one, *others)]
    for each in articles[::2]:
        each.own = np.array([rng.random() < 0.8 for _ in each.ids], np.bool_)
    compared = [Evidence(articles[0], each) for each in articles[1:]]
    near = [place for place, each in enumerate(compared) if each.larger >= VOTES or each.lead >= LEAD_COVERED]
    assert nearest(articles[0], articles[1:]) == near
    assert {judge(each) for place, each in enumerate(compared) if place not in near} <= {Verdict.APART}


@PATIENT
@given(TEXTS)
def test_a_text_covers_itself(text):
    evidence = Evidence(words(text), words(text))
    assert evidence.larger == evidence.smaller == 1.0
    assert evidence.alignment.matched == len(word_ids(text))


@PATIENT
@given(TEXTS)
def test_a_coarser_sample_is_part_of_a_denser_one(text):
    hashes = words(text).grams
    samples = [set(thin(hashes, halvings).tolist()) for halvings in range(4)]
    assert samples[0] >= samples[1] >= samples[2] >= samples[3]
    assert set(sketch(hashes, len(hashes)).tolist()) == samples[coarseness(len(hashes))]


def test_ids_are_the_same_for_ever():
    assert word_ids("الإمارات 25").tolist() == [754677012, 536026735]  # stored in indexes; the second is odd: a number
    assert grams(word_ids("واحد اثنان")).size == 0
    assert covered(words(""), words(ARTICLES["dam"][1]))[0] == b""


LETTERS = (
    "\u0627\u0623\u0625\u0622\u0649\u064a\u06cc\u0629\u0647\u0624\u0648\u0626\u0643\u06a9\ufefb\ufdfa\u0654\u064e\u0640\u200f\u0665\u06f5"
    "5aZéß .,_-\n\u00a0😀𝒳"
)


@PATIENT
@given(st.text(st.sampled_from(LETTERS)), st.text(st.sampled_from(LETTERS)))
def test_ids_tell_the_same_words_apart_as_folding_does(one, other):
    spelled, ids = folded(f"{one} {other}"), word_ids(f"{one} {other}").tolist()
    assert len(spelled) == len(ids)
    assert len(set(spelled)) == len(set(zip(spelled, ids, strict=True))) == len(set(ids))


@PATIENT
@given(st.lists(st.integers(0, 60), max_size=400), st.lists(st.integers(0, 60), max_size=400))
def test_coverage_is_that_of_sets(one, other):
    ids = [np.array(each, dtype="<u4") for each in (one, other)]
    for mine, theirs, marks in zip(ids, reversed(ids), covered(*map(Words, ids)), strict=True):
        held = {tuple(theirs[at : at + 3]) for at in range(len(theirs) - 2)}
        begun = [at for at in range(len(mine) - 2) if tuple(mine[at : at + 3]) in held]
        assert {place for place, mark in enumerate(marks) if mark} == {at + step for at in begun for step in range(3)}


def test_grams_that_fall_on_one_slot_are_told_apart():
    long = Words(np.random.default_rng(1).integers(0, 1 << 32, 5000, dtype="<u4"))
    part = Words(np.concatenate([long.ids[:2000], long.ids[1000:3000] + np.uint32(2)]))
    mine, theirs = covered(long, part)
    assert (mine.count(0), theirs.count(0)) == (3000, 2000)
    assert covered(part, long) == (theirs, mine)


@PATIENT
@given(st.lists(TEXTS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_what_is_covered_does_not_depend_on_what_was_compared_before(texts, rng):
    pairs = [(one, other) for one in texts for other in texts]
    held = [words(text) for text in texts]
    alone = [covered(words(one), words(other)) for one, other in pairs]
    turns = [(a, b) for a in range(len(texts)) for b in range(len(texts))]
    for place in rng.sample(range(len(turns)), len(turns)):
        a, b = turns[place]
        assert covered(held[a], held[b]) == alone[place]


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_stories_do_not_depend_on_order(texts, rng):
    pieces = [Piece.of_line(line(f"o{n}:1", text, n * 7.0)) for n, text in enumerate(texts)]
    expected = Stories(MemoryStoryIndex())
    shuffled = Stories(MemoryStoryIndex())
    for piece in pieces:
        expected.place(piece)
    for piece in rng.sample(pieces, len(pieces)):
        shuffled.place(piece)
        shuffled.place(piece)
    assert list(shuffled.placements()) == list(expected.placements())
