"""What holds for any two texts."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.syndication import MemoryIndex, Piece, Stories
from pipelines.syndication.alignment import Evidence, Words
from pipelines.syndication.fingerprints import coarseness, grams, sketch, thin, word_ids
from pipelines.syndication.matching import judge
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
@given(TEXTS)
def test_a_text_covers_itself(text):
    evidence = Evidence(words(text), words(text))
    assert evidence.larger == evidence.smaller == 1.0
    assert evidence.alignment.matched == len(word_ids(text))


@PATIENT
@given(TEXTS)
def test_a_coarser_sample_is_part_of_a_denser_one(text):
    hashes = words(text).known
    samples = [set(thin(hashes, halvings).tolist()) for halvings in range(4)]
    assert samples[0] >= samples[1] >= samples[2] >= samples[3]
    assert set(sketch(hashes, len(hashes)).tolist()) == samples[coarseness(len(hashes))]


def test_ids_are_the_same_for_ever():
    assert word_ids("الإمارات 25").tolist() == [
        4119415180,
        4196041389,
    ]  # stored in indexes; the second is odd: a number
    assert grams(word_ids("واحد اثنان")).size == 0
    assert words("").covered_by(words(ARTICLES["dam"][1])) == b""


@settings(max_examples=30, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_stories_do_not_depend_on_order(texts, rng):
    pieces = [Piece.of_line(line(f"o{n}:1", text, n * 7.0)) for n, text in enumerate(texts)]
    expected = Stories(MemoryIndex())
    shuffled = Stories(MemoryIndex())
    for piece in pieces:
        expected.place(piece)
    for piece in rng.sample(pieces, len(pieces)):
        shuffled.place(piece)
        shuffled.place(piece)
    assert list(shuffled.placements()) == list(expected.placements())
