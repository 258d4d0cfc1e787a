"""An article's fingerprint: words as numbers, hashes of word 3-grams, the sample that is indexed, the index of samples; and its words."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, OrderedDict
from functools import cache, lru_cache
from itertools import accumulate, chain
from threading import local
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from archive.text import FOLDING, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

WINDOW = (
    72 * 3600.0
)  # seconds from a story's first article, and between two that are compared; 90 % of real copies follow within 31 hours

# ---------------------------------------------------------------------------------------------------------------------
# An article's word 3-grams, the sample of them that stands in the index, and the keys of whole texts and pages.
#     text ──word_ids()──▶ 32-bit ids ──grams()──▶ 64-bit hashes, in order ──sketch()──▶ all, or one in 2, 4, 8 of them
#
# The sample is a fixed fraction of all hashes (FracMinHash, Irber et al. 2022): whatever two articles share is sampled the
# same way in both, however different their lengths, so containment can be estimated, which MinHash cannot. Short articles
# are sampled more densely, since four hashes prove nothing; a coarser sample is always a part of a denser one.

Hashes: TypeAlias = npt.NDArray[np.uint64]

GRAM = 3  # words; measured alike with 2 and 4, worse from 5 on
_FIRST, _SECOND = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xBF58476D1CE4E5B9),
)  # odd; the ids are random, this tells order
_SAMPLED = 64  # words: up to here all hashes are sampled, one in two up to twice as many, and so on
_COARSEST = 3  # halvings
_SAMPLE_MASKS = [
    np.uint64((1 << halvings) - 1 << 20) for halvings in range(_COARSEST + 1)
]  # lower bits tell numbers from words


def grams(ids: Ids) -> Hashes:
    """Return one hash for each run of three words, in order; none below three words."""
    wide = ids.astype(np.uint64)
    hashes: Hashes = wide[:-2] * _FIRST
    hashes += wide[1:-1] * _SECOND
    hashes += wide[2:]
    return hashes


def sketch(hashes: Hashes, size: int) -> Hashes:
    """Return the sampled ones of an article's hashes, sorted, each once: 30 to 60 for most. ``size``: its words."""
    sampled = np.sort(thin(hashes, coarseness(size)))
    is_new = np.ones(sampled.size, dtype=bool)
    np.not_equal(sampled[1:], sampled[:-1], out=is_new[1:])
    return sampled[is_new]


def coarseness(size: int) -> int:
    """Return how often an article of ``size`` words has its hashes halved."""
    return min(_COARSEST, max(0, (size - 1) // _SAMPLED).bit_length())


def thin(hashes: Hashes, halvings: int) -> Hashes:
    """Return those hashes that a sample of this coarseness holds."""
    sampled: Hashes = hashes[hashes & _SAMPLE_MASKS[halvings] == 0] if halvings else hashes
    return sampled


def text_key(headline: str, ids: Ids) -> int:
    """Return the key of an exact copy: over the folded words of headline and body."""
    return _key(b"text", " ".join(words(headline)).encode("utf-8", "surrogatepass") + b"|" + ids.tobytes())


def address_key(outlet: str, address: str) -> int:
    """Return the key of one page of one outlet."""
    return _key(b"page", f"{outlet} {address}".encode("utf-8", "surrogatepass"))


@lru_cache(1024)
def outlet_key(outlet: str) -> int:
    """Return the key of an outlet."""
    return _key(b"outlet", outlet.encode("utf-8", "surrogatepass"))


def id_key(article: str) -> int:
    """Return the key of an article's id."""
    return _key(b"id", article.encode("utf-8", "surrogatepass"))


def told_key(placement: str) -> int:
    """Return the key of where an article was told to stand."""
    return _key(b"told", placement.encode("utf-8", "surrogatepass"))


def _key(kind: bytes, what: bytes) -> int:
    """Return 64 bits, signed as SQLite has them: among ten million keys two are alike with a chance of 1 in 400,000."""
    return int.from_bytes(hashlib.blake2b(what, digest_size=8, person=kind).digest(), "little", signed=True)


# --- The inverted index: which texts hold a sampled hash, in blocks of time ------------------------------------------
#     block 6301          block 6302          block 6303            a block is as long as the window, so everything within
#     hash → texts        hash → texts        hash → texts          a window of an article stands in three blocks
#
# A lookup touches three blocks however much the archive holds, so a million articles are as fast as a thousand, and blocks
# that nobody asked for lately can be let go.

_FIRST_TEXTS = (
    64  # texts: a hash holds its first ones; a story of more copies is found by these, a formula costs no more
)

_AT_ONCE = 3  # blocks that a lookup needs
_FRESH, _SHARE = 128, 16  # so many texts, and one in so many of a block's, are not sorted in yet


def block_of(moment: float) -> int:
    """Return the number of the block in which an article of this moment stands."""
    return int(moment // WINDOW)


class Postings:
    """Hash → serials of texts, by block; serials begin with 1.

    Args:
        load: gives the ``(serial, sketch)`` of a block that is not in memory; asked again after the block was let go.
        kept: how many texts stay in memory; the least recently used blocks go first.
    """

    def __init__(self, load: Callable[[int], Iterable[tuple[int, Hashes]]], kept: int) -> None:
        self._load = load
        self._kept = kept
        self._blocks: OrderedDict[int, _Block] = OrderedDict()

    def add(self, block: int, serial: int, sketch: Hashes) -> None:
        """Post a text. Where its block is not in memory nothing happens: `load` will bring it."""
        if (held := self._blocks.get(block)) is not None:
            before = held.texts
            held.post(serial, sketch)
            if held.texts != before:
                self._bound()

    def shared(self, block: int, sketch: Hashes, least: int = 1) -> dict[int, int]:
        """Return, for every text that shares ``least`` hashes with ``sketch``, how many; from this block and its neighbours."""
        values = set(sketch.tolist())
        held = [self._block(number).holders(sketch, values) for number in (block - 1, block, block + 1)]
        late = list(chain.from_iterable(late for _, late in held))
        serials = np.concatenate([*(early for early, _ in held), np.array(late, np.uint32)])
        serials.sort()
        often = serials[least - 1 :]
        counts = Counter(often[often == serials[: often.size]].tolist())
        return {serial: many + least - 1 for serial, many in counts.items()}

    def clear(self) -> None:
        """Let go of everything; what is asked for is loaded again."""
        self._blocks.clear()

    def _block(self, number: int) -> _Block:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        block = self._blocks[number] = _Block(self._load(number))
        self._bound()
        return block

    def _bound(self) -> None:
        while sum(each.texts for each in self._blocks.values()) > self._kept and len(self._blocks) > _AT_ONCE:
            self._blocks.popitem(last=False)


class _Block:
    """One block's postings: in arrays, sorted by hash, 12 bytes each; the latest ones in a dictionary, six times as much.

    Args:
        posted: what it begins with.
    """

    def __init__(self, posted: Iterable[tuple[int, Hashes]]) -> None:
        self.texts = 0
        self._hashes, self._serials = np.empty(0, np.uint64), np.empty(0, np.uint32)  # a hash as often as it has texts
        self._late: dict[int, tuple[int, ...]] = {}
        self._unsorted = list(posted)
        self._sort_in()

    def post(self, serial: int, sketch: Hashes) -> None:
        """Post a text."""
        self._unsorted.append((serial, sketch))
        posted: dict[int, tuple[int, ...]] = dict.fromkeys(sketch.tolist(), (serial,))
        for value in self._late.keys() & posted.keys():
            posted[value] = (*self._late[value], serial)[:_FIRST_TEXTS]
        self._late.update(posted)
        if len(self._unsorted) >= max(_FRESH, self.texts // _SHARE):
            self._sort_in()

    def holders(self, sketch: Hashes, values: set[int]) -> tuple[npt.NDArray[np.uint32], list[int]]:
        """Return the serial of a text for each hash of ``sketch`` that it holds, of each hash the first `_FIRST_TEXTS`.

        Args:
            sketch: the hashes.
            values: the same ones.

        Returns:
            Of the texts that are sorted in, and of the latest ones.
        """
        early, late = self._serials[:0], list[int]()
        sizes: dict[int, int] = {}
        among_late = self._late.keys() & values
        if self._hashes.size:
            firsts = self._hashes.searchsorted(sketch)
            is_held = self._hashes.take(firsts, mode="clip") == sketch
            if is_held.any():
                firsts, held = firsts[is_held], sketch[is_held]
                many = self._hashes.searchsorted(held, "right") - firsts
                early = self._serials.take(_spans(firsts, many))
                sizes = dict(zip(held.tolist(), many.tolist(), strict=True)) if among_late else {}
        for value in among_late:
            late += self._late[value][: _FIRST_TEXTS - sizes.get(value, 0)]
        return early, late

    def _sort_in(self) -> None:
        if not self._unsorted:
            return
        serials, sketches = zip(*self._unsorted, strict=True)
        hashes = np.concatenate(sketches)
        order = np.argsort(hashes, kind="stable")
        hashes = hashes[order]
        holders = np.repeat(np.array(serials, np.uint32), [each.size for each in sketches])[order]
        places = self._hashes.searchsorted(hashes, "right")  # behind what came before
        self._hashes, self._serials = (
            np.insert(self._hashes, places, hashes),
            np.insert(self._serials, places, holders),
        )
        is_late = self._hashes[_FIRST_TEXTS:] == self._hashes[:-_FIRST_TEXTS]
        if is_late.any():
            surplus = is_late.nonzero()[0] + _FIRST_TEXTS
            self._hashes, self._serials = np.delete(self._hashes, surplus), np.delete(self._serials, surplus)
        self.texts += len(serials)
        self._unsorted, self._late = [], {}


def _spans(firsts: npt.NDArray[np.intp], sizes: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the places of several spans, one behind the other; at least one."""
    ends = sizes.cumsum()
    places: npt.NDArray[np.intp] = np.arange(ends[-1]) + np.repeat(firsts - (ends - sizes), sizes)
    return places


# --- A text's words as numbers: what two newsrooms spell differently has one number ----------------------------------
#     «الإِمـارات 25»  ─table of 65,536 letters, with NFKC─▶ ا ل ا م ا ر ا ت · 2 5  ─running sum─▶ [4119415180, 4196041389]
#
# The words are those of `archive.text.words`, and the table is made of its `FOLDING`. But a whole text is read at once, in a
# dozen steps of numpy, instead of word by word: the time is the same for a word that was never met, and nothing is remembered.
#
# A word's number is a polynomial of its letters modulo 2⁶⁴: with the running sum of letter · B^position, any word is the difference
# of two sums, shifted back to position 1 by the inverse of B^beginning. Its upper 32 bits are kept.

Ids: TypeAlias = npt.NDArray[np.uint32]
_Wide: TypeAlias = npt.NDArray[np.uint64]

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse; otherwise arbitrary
_LEFT_OUT, _COMPOSED = 0x1, 0xFFFE  # in the table: a mark that nobody reads; what NFKC must look at with its neighbours
_HALF, _WORD = np.uint64(32), ~np.uint32(1)
_SHORTEST_TABLE = 14  # bits: powers for texts up to 16,384 letters; longer ones have tables of their own
_SURROGATES = range(0xD800, 0xE000)
_AS_THEY_ARE = (range(0x3400, 0x4DC0), range(0x4E00, 0xA48D), range(0xAC00, 0xD7A4), _SURROGATES)  # Han, Yi, Hangul
_WIDE_LETTER = re.compile("[^\\x00-\\uffff]")


def word_ids(text: str) -> Ids:
    """Return the folded words of ``text`` as 32-bit ids; the lowest bit tells a number (begins and ends with a digit).

    The ids are the same on every machine and in every process, so they may be stored.
    """
    letters = _letters(text)
    is_letter = letters != 0
    edges = (is_letter[1:] != is_letter[:-1]).nonzero()[0]
    before, ends = edges[::2], edges[1::2]  # what stands before a word's first letter, and its last letter
    powers, inverses = _powers(max(_SHORTEST_TABLE, letters.size.bit_length()))
    sums = (letters * powers[: letters.size]).cumsum()
    hashed = sums.take(ends)
    hashed -= sums.take(before)
    hashed *= inverses.take(before)  # a word alone has B¹, so that one letter is mixed, too
    hashed >>= _HALF
    ids: Ids = hashed.astype("<u4")
    ids &= _WORD
    digits = _alphabet()[1]
    ids |= digits.take(letters.take(before + 1)) & digits.take(letters.take(ends))
    return ids


def _letters(text: str) -> npt.NDArray[np.uint16]:
    """Return the folded letters, 0 for what separates words, with a separator at both ends."""
    table = _alphabet()[0]
    folded = table.take(_units(text))
    if folded.max() >= _SURROGATES.start:  # few texts have any of these
        if (folded >> np.uint16(11) == _SURROGATES.start >> 11).any():  # an emoji separates words, a letter does not
            text = _WIDE_LETTER.sub(lambda found: found[0] if found[0].isalnum() else " ", text)
        folded = table.take(_units(unicodedata.normalize("NFKC", text)))
        folded[folded == _COMPOSED] = 0
    is_left_out = folded == _LEFT_OUT
    letters: npt.NDArray[np.uint16] = folded[~is_left_out] if is_left_out.any() else folded
    return letters


def _units(text: str) -> npt.NDArray[np.uint16]:
    return np.frombuffer(f" {text} ".encode("utf-16-le", "surrogatepass"), dtype="<u2")


@cache
def _alphabet() -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.bool_]]:
    """Return for each UTF-16 unit its folded letter (0: none), and which of these are digits."""
    table = np.arange(0x10000, dtype=np.uint16)
    digits = np.zeros(0x10000, dtype=np.bool_)
    for code in set(range(0x10000)).difference(*_AS_THEY_ARE):
        table[code], digits[code] = _letter(code), chr(code).isdigit()
    return table, digits


def _letter(code: int) -> int:
    if FOLDING.get(code, "") is None:
        return _LEFT_OUT
    plain = unicodedata.normalize("NFKC", chr(code))
    is_mark, is_wide = unicodedata.category(chr(code))[0] == "M", plain[0] > "\uffff"
    if is_mark or is_wide or (len(plain) > 1 and any(map(str.isalnum, plain))):
        return _COMPOSED
    letter = str(FOLDING.get(ord(plain[0]), plain[0])).lower()[0]
    return ord(letter) if letter.isalnum() else 0


@lru_cache(4)
def _powers(bits: int) -> tuple[_Wide, _Wide]:
    """Return the powers of the base and those of its inverse, 2^bits of them."""
    tables = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        factors = np.full(1 << bits, base, dtype=np.uint64)
        factors[0] = 1
        tables.append(np.multiply.accumulate(factors))
    return tables[0], tables[1]


# --- Words that tell days, weather reports and the dispatches of one report apart ------------------------------------

_POINTS = ("شمال", "جنوب", "شرق", "غرب")
_POINT_FORMS = tuple(f"{before}{{}}{after}" for before in ("", "ال", "و", "وال") for after in ("", "ي", "ية", "ا"))
_WEEK = (("السبت",), ("الأحد",), ("الاثنين",), ("الثلاثاء", "الثلثاء"), ("الأربعاء",), ("الخميس",), ("الجمعة",))
_TURNS = (
    *(f"من {side} {other}" for side in ("جهة", "ناحية") for other in ("أخرى", "ثانية")), "من جانب آخر",
    *(f"{where} {which}" for where in ("على صعيد", "في سياق", "في شأن", "في تطور") for which in ("آخر", "متصل")),
    *(f"{where} {which}" for where in ("على الصعيد", "في السياق") for which in ("ذاته", "نفسه")),
    "في موضوع آخر", "في خبر آخر", "في حادث آخر", "في حادث منفصل", "إلى ذلك", "في غضون ذلك", "في الأثناء", "في هذه الأثناء",
)  # fmt: skip


@cache
def compass() -> frozenset[int]:
    """Return the words of the compass points in their forms, as nouns and adjectives."""
    return frozenset(int(word_ids(form.format(point))[0]) for point in _POINTS for form in _POINT_FORMS)


@cache
def weekdays() -> dict[int, int]:
    """Return word → day of the week, counted from Saturday."""
    return {int(word_ids(name)[0]): day for day, names in enumerate(_WEEK) for name in names}


@cache
def turns() -> frozenset[tuple[int, ...]]:
    """Return the phrases, of two and three words, with which a report turns to another matter."""
    return frozenset(tuple(word_ids(f"{before}{phrase}").tolist()) for before in ("", "و") for phrase in _TURNS)


# --- An article's words, ready to be compared -------------------------------------------------------------------------
# Which words of two articles stand in 3-grams of the other, by a table of one article's 3-grams that all others are
# held against.
#     grams of one ──▶ table of 131,072 slots: which gram stands here ◀── grams of another, all at once
#                      (a gram whose slot another one has stands in a list beside it)
#
# One table serves an article's whole row of candidates, and the next article after it: what an earlier one left there is never taken for
# a find, since every find is compared. The answer is exact, and alike whichever of two articles has the table.

_MIX, _SHIFT = np.uint64(0xD6E8FEB86659FD93), np.uint64(64 - 17)  # odd; 17 bits: 131,072 slots, 512 KB
OPENING = 40  # own words that say what happened, where and to whom; with 25 short datelines weigh too much
HEAD = 60  # words: a lead paragraph and the dateline before it
Places: TypeAlias = npt.NDArray[np.intp]
Marks: TypeAlias = npt.NDArray[np.bool_]


class _Table(local):
    """Slot → place of a gram, of the article that has the table; each thread has one of its own.

    ``mine``: of each of its grams the place that its slot holds; ``lost``: the grams whose slot another one has.
    """

    def __init__(self) -> None:
        self.places = np.zeros(1 << 17, np.int32)
        self.of: Words | None = None
        self.mine: npt.NDArray[np.int32] = np.empty(0, np.int32)
        self.lost: list[np.uint64] = []


_table = _Table()


class Words:
    """An article's words, ready to be compared: ids, and 3-grams in order.

    Args:
        ids: the words.
        own: which of them are the article's own and no formula; None: all.
    """

    __slots__ = (
        "_opening",
        "_own",
        "_readings",
        "_weekdays",
        "grams",
        "ids",
    )

    def __init__(self, ids: Ids, own: Marks | None = None) -> None:
        self.ids = ids
        self.own = own
        self.grams = grams(ids)
        self._readings: list[int] | None = None
        self._opening: Ids | None = None
        self._weekdays: frozenset[int] | None = None

    @property
    def own(self) -> Marks | None:
        """Which words are the article's own; None where all are."""
        return self._own

    @own.setter
    def own(self, own: Marks | None) -> None:
        self._own = None if own is None or own.all() else own

    @property
    def readings(self) -> list[int]:
        """The numbers and compass points, in order: what a weather report reads off."""
        if self._readings is None:
            points = compass()
            self._readings = [word for word in self.ids.tolist() if word & 1 or word in points]
        return self._readings

    @property
    def weekdays(self) -> frozenset[int]:
        """The days of the week, counted from Saturday, that the head names."""
        if self._weekdays is None:
            days = weekdays()
            self._weekdays = frozenset(days[word] for word in self.ids[:HEAD].tolist() if word in days)
        return self._weekdays

    def opening_in(self, other: Words) -> float:
        """Return which share of the first `OPENING` own words stands in the other article, wherever."""
        if self._opening is None:
            own = self.ids if self._own is None else self.ids[self._own]
            self._opening = own[:OPENING].copy()
        known = (self._opening[:, np.newaxis] == other.ids).any(axis=1)  # a set of words is ten times the text
        return float(np.count_nonzero(known) / max(1, known.size))

    def held(self, other: Words) -> tuple[Marks, Marks]:
        """Return which of this article's grams stand in the other, and which of the other's stand in this one."""
        if _table.of is not self:
            self._fill()
        slots = _table.places.take(_slots(other.grams))
        theirs = self.grams.take(slots, mode="clip") == other.grams
        stands = np.zeros(self.grams.size, dtype=np.bool_)
        stands[slots[theirs]] = True
        mine = stands.take(_table.mine)
        for gram in _table.lost:
            there = other.grams == gram
            theirs |= there
            mine[self.grams == gram] = there.any()
        return mine, theirs

    def _fill(self) -> None:
        _table.of = self
        slots = _slots(self.grams)
        _table.places[slots] = np.arange(self.grams.size, dtype=np.int32)
        _table.mine = _table.places.take(slots)
        lost = self.grams[self.grams.take(_table.mine) != self.grams]
        _table.lost = [np.uint64(gram) for gram in set(lost.tolist())]

    def held_by_each(self, others: Sequence[Words]) -> tuple[Marks, Marks]:
        """Return what `held` does of several articles: a row for each of this one's grams, and all of theirs, one behind the other."""
        if _table.of is not self:
            self._fill()
        theirs = np.concatenate([each.grams for each in others])
        slots = _table.places.take(_slots(theirs))
        found = self.grams.take(slots, mode="clip") == theirs
        rows = np.repeat(np.arange(len(others)), [each.grams.size for each in others])
        stands = np.zeros((len(others), self.grams.size), np.bool_)
        stands[rows[found], slots[found]] = True
        mine = stands.take(_table.mine, axis=1)
        for gram in _table.lost:
            there = theirs == gram
            found |= there
            mine[:, self.grams == gram] = np.bincount(rows[there], minlength=len(others))[:, np.newaxis] > 0
        return mine, found


def _slots(hashes: Hashes) -> Places:
    """Return the slot of each gram: worked out when it is asked for, in the time in which it would be looked up."""
    slots: Places = (hashes * _MIX >> _SHIFT).view(np.intp)
    return slots


def covered(one: Words, other: Words) -> tuple[bytes, bytes]:
    """Return one byte a word for each of the two articles: not 0 where the word stands in a 3-gram of the other."""
    if not (one.grams.size and other.grams.size):
        return bytes(one.ids.size), bytes(other.ids.size)
    if _table.of is other:
        theirs, mine = other.held(one)
    else:
        mine, theirs = one.held(other)
    return _marks(mine), _marks(theirs)


def formula_words(known: Marks, sizes: Sequence[int]) -> list[Marks]:
    """Return which words of several texts stand in a 3-gram that is known.

    Args:
        known: which 3-grams are, in order, those of one text behind those of another.
        sizes: how many words each text has.
    """
    ends = list(accumulate(sizes))
    words = in_grams(known, sizes)
    return [words[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def in_grams(held: Marks, sizes: Sequence[int]) -> Marks:
    """Return which words of texts, one behind the other, stand in a 3-gram that is held; of these each text has two fewer."""
    words = np.zeros(sum(sizes), np.bool_)
    begun = held.nonzero()[0]
    if len(sizes) > 1:
        grams_of = np.array([max(0, size - GRAM + 1) for size in sizes])
        ends = grams_of.cumsum()
        begun += (np.cumsum(sizes) - sizes - ends + grams_of)[ends.searchsorted(begun, "right")]
    for place in range(GRAM):
        words[begun + place] = True
    return words


def _marks(begun: Marks) -> bytes:
    bits = int.from_bytes(begun.tobytes(), "little")
    return (bits | bits << 8 | bits << 16).to_bytes(begun.size + 2, "little")  # a gram covers three words
