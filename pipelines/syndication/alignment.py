"""What two articles have in common, word by word, and what they are judged to be."""

from __future__ import annotations

import itertools
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from pipelines.syndication.fingerprints import GRAM, HEAD, Words, compass, covered, in_grams, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipelines.syndication.fingerprints import Marks, Places

# --- What two articles have in common, word by word ------------------------------------------------------------------
#     shorter   ▒▒▒▒▒▒▒▒███████████████▒▒██████▒▒▒▒▒▒▒          █ covered: stands in a 3-gram of the other
#     longer    ███████████████▒▒██████▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ▒ its own
#
# What is compared is each article's own: words of formulas (`pipelines.syndication.formulas`) are left out of both before anything is
# counted. Coverage does not care about order, so it survives moved paragraphs. The alignment (longest common subsequence) does care:
# it finds the *slots*, places where both go on alike but for as many words, and these tell a bulletin from a copy.

LEAD = 45  # words
_REST = 40  # words after the head that make a share of them worth something
_RUN = 5  # covered words in a row that count as the beginning of what is shared
_BEGINNING = b"\1" * _RUN
_ALIGNED = 4000  # words; a live blog of a whole day is aligned by its first 4,000
_SLOT = 3  # words: a slot is at most this long, "12 مليون دولار"
_GAP = 8  # words: longer gaps are own paragraphs, not rewording
_TURN = 8  # words before what is shared among which a report turns to it: a phrase of three and a few that were touched


class Side(NamedTuple):
    """One article's share in what is common: two counts of words, then shares between 0 and 1.

    Attributes:
        own: how many words are the article's own; the other figures are shares of these.
        shared: how many of them are covered.
        coverage: covered words among all.
        begins: where the first covered run begins, as a share of the article; 1 where there is none.
        rest: covered words among those after the head; the coverage itself where the article is hardly longer.
        lead: covered words among the first `LEAD`.
    """

    own: int
    shared: int
    coverage: float
    begins: float
    rest: float
    lead: float


class Alignment(NamedTuple):
    """How two articles go on side by side: counts of words.

    Attributes:
        matched: aligned words in runs of two and more.
        run: mean length of such a run.
        slots: words in slots; ``numbers`` of them are numbers on both sides, ``kept_numbers`` were aligned.
        reworded: words in other short gaps between aligned words, both sides together.
    """

    matched: int
    run: float
    slots: int
    numbers: int
    kept_numbers: int
    reworded: int


class Evidence:
    """What stands in both of two articles. Exchanging them exchanges the sides and nothing else.

    Args:
        first, second: the articles.
        apart: seconds between their moments.
        of_one_outlet: whether one outlet published both.
    """

    __slots__ = (
        "_alignment",
        "_first",
        "_marks",
        "_openings",
        "_second",
        "_sides",
        "apart",
        "larger",
        "of_one_outlet",
        "smaller",
    )

    larger: float
    """The greater coverage of the two."""
    smaller: float
    """The lesser coverage of the two."""

    def __init__(self, first: Words, second: Words, apart: float = 0.0, *, of_one_outlet: bool = False) -> None:
        self._first, self._second, self.apart, self.of_one_outlet = first, second, apart, of_one_outlet
        mine, theirs = covered(first, second)
        self._marks = _own(mine, first), _own(theirs, second)
        one, other = map(_coverage, self._marks)
        self.smaller, self.larger = (one, other) if one <= other else (other, one)
        self._sides: tuple[Side, Side] | None = None
        self._alignment: Alignment | None = None
        self._openings: tuple[float, float] | None = None

    @property
    def sides(self) -> tuple[Side, Side]:
        """What of the first article stands in the second, and what of the second in the first; most pairs are settled without."""
        if self._sides is None:
            self._sides = _side(self._marks[0]), _side(self._marks[1])
        return self._sides

    @property
    def first(self) -> Side:
        """What of the first article stands in the second."""
        return self.sides[0]

    @property
    def second(self) -> Side:
        """What of the second article stands in the first."""
        return self.sides[1]

    def overlap(self, text: Words, source: Words) -> float | None:
        """Return the share of a text's own words that stand in ``source``; None where these two were not compared, or it has none."""
        if (text, source) == (self._first, self._second):
            marks = self._marks[0]
        elif (text, source) == (self._second, self._first):
            marks = self._marks[1]
        else:
            return None
        return (len(marks) - marks.count(0)) / len(marks) if marks else None

    @property
    def lead(self) -> float:
        """The greater share of a lead that stands in the other."""
        return max(map(_lead, self._marks))

    @property
    def both_openings(self) -> tuple[float, float]:
        """Which share of each article's opening stands in the other.

        Words count, not their order: a desk turns a lead round and keeps its names; another event in the same set sentences has
        other names.
        """
        if self._openings is None:
            self._openings = self._first.opening_in(self._second), self._second.opening_in(self._first)
        return self._openings

    @property
    def openings(self) -> tuple[float, float]:
        """The lesser and the greater of both."""
        one, other = self.both_openings
        return min(one, other), max(one, other)

    @property
    def begins_late(self) -> float:
        """Where what is shared begins in the article in which it begins later."""
        return max(self.first.begins, self.second.begins)

    @property
    def after_turn(self) -> bool:
        """Whether one of the two turns to another matter, «من جهة أخرى», right before what is shared, and not near its beginning."""
        sides = zip(
            (self._first, self._second), covered(self._first, self._second), (self.first, self.second), strict=True
        )
        return any(side.begins > ITS_PLACE and _turns_to(words, marks) for words, marks, side in sides)

    @property
    def other_weekday(self) -> bool:
        """Whether both heads name days of the week, and none that both name."""
        first, second = self._first.weekdays, self._second.weekdays
        return bool(first and second) and not first & second

    @property
    def points(self) -> float:
        """Compass points among the words of the article that has the lesser share of them."""
        is_point = compass().__contains__
        return min(sum(map(is_point, each.readings)) / each.ids.size for each in (self._first, self._second))

    @property
    def readings_kept(self) -> float:
        """Which share of the readings of the article that has fewer stands in the other in the same order; 1 where it has none."""
        first, second = self._first.readings, self._second.readings
        fewest = min(len(first), len(second))
        return LCSseq.similarity(first, second) / fewest if fewest else 1.0

    @property
    def shortest(self) -> int:
        """Words of the shorter article."""
        return min(self._first.ids.size, self._second.ids.size)

    @property
    def shared(self) -> int:
        """Own words that both share, counted in the article that shares fewer of them."""
        return min(self.first.shared, self.second.shared)

    @property
    def unshared(self) -> int:
        """Own words that do not stand in the other, of the article that has fewer such."""
        return min(self.first.own - self.first.shared, self.second.own - self.second.shared)

    @property
    def fewest(self) -> int:
        """Own words of the article that has fewer."""
        return min(self.first.own, self.second.own)

    @property
    def alignment(self) -> Alignment:
        """How the two go on side by side; worked out when it is asked for, since most pairs are settled without."""
        if self._alignment is None:
            both = (words.ids[:_ALIGNED].tolist() for words in (self._first, self._second))
            self._alignment = _align(*sorted(both, key=lambda ids: (len(ids), ids)))  # ties fall alike both ways
        return self._alignment


def _own(marks: bytes, words: Words) -> bytes:
    own = words.own
    return marks if own is None else np.frombuffer(marks, np.uint8)[own].tobytes()


def _turns_to(words: Words, marks: bytes) -> bool:
    begin = _own(marks, words).find(_BEGINNING)
    if words.own is not None and begin >= 0:
        begin = int(np.flatnonzero(words.own)[begin])
    before = words.ids[max(0, begin - _TURN) : max(0, begin)].tolist()
    return any(tuple(before[at : at + size]) in turns() for at in range(len(before)) for size in (2, 3))


def _coverage(marks: bytes) -> float:
    return 1 - marks.count(0) / len(marks) if marks else 0.0


def _lead(marks: bytes) -> float:
    return 1 - marks.count(0, 0, LEAD) / min(LEAD, len(marks)) if marks else 0.0


def _side(marks: bytes) -> Side:
    size = len(marks)
    if not size:
        return Side(0, 0, 0.0, 1.0, 0.0, 0.0)
    alone = marks.count(0)
    begins = marks.find(_BEGINNING)
    rest = 1 - marks.count(0, HEAD) / (size - HEAD) if size >= HEAD + _REST else 1 - alone / size
    return Side(size, size - alone, 1 - alone / size, 1.0 if begins < 0 else begins / size, rest, _lead(marks))


def _align(one: list[int], two: list[int]) -> Alignment:
    runs = [(block.a, block.b, block.size) for block in LCSseq.opcodes(one, two).as_matching_blocks() if block.size]
    slots = numbers = reworded = 0
    for (a, b, size), (next_a, next_b, _) in itertools.pairwise(runs):
        gap_a, gap_b = next_a - a - size, next_b - b - size
        if gap_a == gap_b <= _SLOT:
            slots += gap_a
            numbers += _numbers(x & y for x, y in zip(one[a + size : next_a], two[b + size : next_b], strict=True))
        elif gap_a <= _GAP and gap_b <= _GAP:
            reworded += gap_a + gap_b
    long = [size for _, _, size in runs if size > 1]
    kept = sum(_numbers(one[a : a + size]) for a, _, size in runs) if numbers else 0
    return Alignment(sum(long), sum(long) / max(1, len(long)), slots, numbers, kept, reworded)


def _numbers(ids: Iterable[int]) -> int:
    return sum(word & 1 for word in ids)


# --- What two articles are to one another, judged from what they have in common ----------------------------------------
#     Evidence ──judge()──▶ SAME       one story: two versions of one text
#                           NEAR       enough to vote for a story that others open, not enough to open it
#                           CONTAINED  one stands in the other without being its story (digest, column, round-up)
#                           APART      anything else: other stories, shared background, the next issue of a bulletin
#
# The judgement depends on the two texts alone, so it falls alike in whatever order articles come in. Every threshold has its
# place in the gap that was measured between copies and what looks like them; docs/syndication.md has the figures.

SHORTEST = 25  # words: galleries and empty extractions below this all look alike

# Shares of an article's own words, unless another unit stands there. "Larger" is the greater coverage of the two articles.
OPENS = 0.30  # larger coverage that opens a story; shared background reaches .54, but not from the beginning
VOTES = 0.25  # larger coverage that votes for one
BOTH = 0.16  # the other article's coverage: what is below is a digest's or a column's
BEGINS = 0.10  # a story is shared from its beginning, in one article at least; background stands at the end of both
BEGINS_LATER, LARGE = 0.20, 0.35  # … unless two outlets put own paragraphs before it, and then share this much
BEGINS_SECOND, OF_BOTH = 0.25, 0.40  # … or one left out the lead, and the lesser coverage is this
BEGINS_LATE, MUCH = 0.35, 0.36  # … or, later still, this much in runs that others' paragraphs and words break:
BROKEN = 24.0  # words, the mean run; background is taken over whole, in runs of 30 to 110 words
DIGEST, AFTERHEAD = 0.38, 0.10  # a digest takes the lead: larger coverage and the share after the head are below these
TAKEN = 0.26  # … and so much of the digest is one lead; a copy of a dispatch that ends with its head has more of itself from it
BRIEFS, NOTHING_AFTER = (0.5, 0.8), 0.02  # … or, where it has two or three leads alone, larger coverage between these
TAKEN_OF_FEW = 0.38  # … and lesser coverage, as above
CONTAINS = 0.35  # larger coverage that is worth a link
LEAD_COVERED, LEAD_WORDS = 0.5, 20  # coverage of a lead that is worth one, and aligned words
SLOTS, FEWEST_SLOTS = (
    0.10,
    6,
)  # words in slots among aligned ones, and how many there must be; copies: .04 at the 95th centile
LITTLE, OF_OWN = 0.38, 0.5  # larger coverage below which half of the aligned words must be own ones
FORM = 0.60  # aligned words and slots among the words of the shorter article
NUMBER_SLOTS, NUMBERS, RENEWED = 0.06, 3, 0.6  # fewer will do where three numbers, and three in five of all, are new
LEAST = 35  # aligned words that open a story, or half of the shorter article: one sentence proves nothing
LEAST_OWN = 15  # … and own ones, or half of what the article with fewer has: titles and protocol prove nothing either
SPLINTERED = 0.66  # larger coverage from which on rewording is editing
RUN = 6.0  # words: the mean run of splinters is shorter
EVENNESS = 25  # reworded words for each aligned one, times this, against the mean run: above it, splinters
KNOWN, ONE_KNOWN = (
    1.5,
    0.90,
)  # both openings, added, and the greater: who has so much of the other's edited it, and then
TOUCHED_UP, SHORT_RUN = 12, 5.0  # … the evenness and the mean run may be as low as these

# One event, not one form. Openings: shares of each article's first own words that stand in the other, wherever.
WHOLE = 0.80  # larger coverage from which on openings need not prove anything, unless the shared part stands behind another:
BEHIND, UNSEEN = 0.45, 0.50  # it begins later than this, and less than this of an opening is known
OPENINGS = 1.15  # both openings, added: most copies have 1.5 to 2, other events in the same sentences 0.4 to 1.1
ONE_OPENING, ITS_PLACE = 0.85, 0.40  # or one stands in the other article, which puts no more than this before it
SENTENCES, EVEN, WITHIN = 7.0, 0.20, 0.50  # or whole sentences: mean run, reworded words an aligned one, beginning
UNBROKEN, EACH = (45, 60), 0.30  # or so many own words in such runs, more `BEHIND` another dispatch; lesser coverage
ANYWHERE = 50  # own words in whole sentences that count wherever they begin
RECAST, SCATTERED = (0.35, 0.55), 0.15  # both openings between these, and so much of them not in a row: written over
HALF, LESSER_HALF = 0.50, 0.27  # larger coverage below which it takes one opening or whole sentences; lesser one then
UNSHARED = 180  # own words that each has beyond what is shared, below that half: two reports, however much both took from one wire,
MUCH_OF_BOTH, LONG_RUN = (
    0.38,
    15.0,
)  # … unless these are the lesser coverage and mean run: one long dispatch, cut by both
BALANCED = 0.32  # lesser coverage, below that half, where it begins `BEHIND` something else
TWO_REPORTS = 260  # unshared words of each, a whole report's, that part also what shares
HARDLY_HALF = 0.55  # … no more than this
TAKEN_OVER = 40  # own words, below that half: two sentences of a dispatch in an own report are less
OTHER_HAND = (8.0, 0.25)  # mean run and reworded words an aligned one, below that half and `OF_BOTH`: told anew
ANOTHER_DAY = 12 * 3600.0  # seconds; copies of one weather report came within 7 hours, the next one after 20
POINTS, READINGS = 0.06, 0.90  # compass points among a weather report's words; share of readings that its copies keep


class Verdict(Enum):
    """The relation of two articles."""

    SAME = "same"
    NEAR = "near"
    CONTAINED = "contained"
    APART = "apart"


def judge(evidence: Evidence) -> Verdict:
    """Judge a pair of articles, both of at least `SHORTEST` words. Cheap tests come first."""
    if evidence.larger < VOTES and evidence.lead < LEAD_COVERED:
        return Verdict.APART
    story = (
        evidence.larger >= VOTES and evidence.smaller >= BOTH and shares_opening(evidence) and not is_digest(evidence)
    )
    is_lead = evidence.lead >= LEAD_COVERED
    if not (story or evidence.larger >= CONTAINS or (is_lead and evidence.alignment.matched >= LEAD_WORDS)):
        return Verdict.APART
    if is_bulletin(evidence):
        return Verdict.APART
    if not story or is_formal(evidence):
        return Verdict.CONTAINED
    enough = (
        evidence.larger >= OPENS
        and evidence.shared >= min(LEAST_OWN, evidence.fewest / 2)
        and evidence.alignment.matched >= min(LEAST, evidence.shortest / 2)
    )
    return _of_one_event(evidence, Verdict.SAME if enough and not is_splintered(evidence) else Verdict.NEAR)


def _of_one_event(evidence: Evidence, verdict: Verdict) -> Verdict:
    """Return the verdict, or a lesser one where what is shared is the language of the trade and not what happened."""
    if is_of_another_day(evidence) or is_recast(evidence):
        return Verdict.APART
    if not tells_one_event(evidence):
        return Verdict.CONTAINED if verdict is Verdict.SAME and evidence.larger >= CONTAINS else Verdict.APART
    is_little = evidence.larger < HALF and not is_half_taken(evidence)
    if is_little or (evidence.larger < HARDLY_HALF and evidence.unshared >= TWO_REPORTS):
        return Verdict.NEAR if evidence.larger >= CONTAINS else Verdict.APART
    return verdict


def tells_one_event(evidence: Evidence) -> bool:
    """Tell whether two articles report one event: what the opening of one says is known to the other, or whole sentences are shared."""
    least, most = evidence.openings
    if evidence.larger >= WHOLE:  # a report of two dispatches contains the second one, and is no copy of it
        return evidence.begins_late < BEHIND or evidence.smaller >= WHOLE or least >= UNSEEN
    if least + most >= OPENINGS or has_one_opening(evidence):
        return True
    if evidence.smaller >= LESSER_HALF and is_taken_over(evidence):
        return True
    enough = UNBROKEN[evidence.begins_late > BEHIND]
    return evidence.shared >= enough and evidence.smaller >= EACH and evidence.alignment.run >= SENTENCES


def is_half_taken(evidence: Evidence) -> bool:
    """Tell whether less than half makes a copy: one took over the other, and they are not two long reports beside it.

    What another hand told anew is no copy, nor what an outlet took from an article of its own: a reply to it, or the news of one day.
    """
    if evidence.of_one_outlet or is_told_anew(evidence):
        return False
    least = LESSER_HALF if evidence.begins_late <= BEHIND else BALANCED
    are_two = evidence.unshared >= UNSHARED and (evidence.smaller < MUCH_OF_BOTH or evidence.alignment.run < LONG_RUN)
    return evidence.smaller >= least and not are_two and is_taken_over(evidence)


def is_told_anew(evidence: Evidence) -> bool:
    """Tell whether one took no more than two sentences, and not as they stand, or reworded so much that little goes on alike."""
    alignment, (run, reworded) = evidence.alignment, OTHER_HAND
    is_reworded = (
        evidence.smaller < OF_BOTH and alignment.run < run and alignment.reworded > reworded * alignment.matched
    )
    return is_reworded or (evidence.shared < TAKEN_OVER and not is_even(alignment))


def is_taken_over(evidence: Evidence) -> bool:
    """Tell whether one took the other's opening, or whole sentences of it with hardly a word touched.

    Sentences that begin late must be many, and nothing like «من جهة أخرى» lead over to them.
    """
    if has_one_opening(evidence):
        return True
    is_much = evidence.shared >= ANYWHERE and evidence.smaller >= EACH
    return is_even(evidence.alignment) and (evidence.begins_late <= WITHIN or (is_much and not evidence.after_turn))


def is_even(alignment: Alignment) -> bool:
    """Tell whether whole sentences go on alike, with hardly a word touched."""
    return alignment.run >= SENTENCES and alignment.reworded <= EVEN * alignment.matched


def has_one_opening(evidence: Evidence) -> bool:
    """Tell whether the opening of one stands in the other, not far behind its beginning, or behind own paragraphs."""
    return evidence.openings[1] >= ONE_OPENING and (evidence.begins_late <= ITS_PLACE or is_behind_own(evidence))


def is_behind_own(evidence: Evidence) -> bool:
    """Tell whether a copy only put paragraphs of its own first, and is no report of two dispatches.

    Whole sentences are shared, of both about as much, and nothing like «من جهة أخرى» leads over to them.
    """
    is_balanced = evidence.smaller >= EACH and evidence.larger < HALF
    return is_balanced and is_even(evidence.alignment) and not evidence.after_turn


def is_recast(evidence: Evidence) -> bool:
    """Tell whether both openings share words, not sentences, and neither knows what the other says: a release for another event."""
    least, most = RECAST
    known = zip(evidence.both_openings, (evidence.first.lead, evidence.second.lead), strict=True)
    return evidence.larger < WHOLE and all(least <= share < most and share - lead >= SCATTERED for share, lead in known)


def is_of_another_day(evidence: Evidence) -> bool:
    """Tell whether these are of two days: other weekdays at their heads, or weather reports with other numbers and compass points."""
    if evidence.apart < ANOTHER_DAY:
        return False
    return evidence.other_weekday or (evidence.points >= POINTS and evidence.readings_kept < READINGS)


def shares_opening(evidence: Evidence) -> bool:
    """Tell whether what is shared begins early in one of the two, as a story does and background does not."""
    begins = min(evidence.first.begins, evidence.second.begins)
    if begins <= BEGINS or (begins <= BEGINS_LATER and evidence.larger >= LARGE):
        return True
    if begins <= BEGINS_SECOND and evidence.smaller >= OF_BOTH:
        return True
    return begins <= BEGINS_LATE and evidence.larger >= MUCH and evidence.alignment.run < BROKEN


def is_digest(evidence: Evidence) -> bool:
    """Tell whether one takes little more than the other's lead: the news in brief, a page of teasers."""
    rest = min(evidence.first.rest, evidence.second.rest)
    fewest, most = BRIEFS
    if evidence.larger < DIGEST and evidence.smaller < TAKEN:
        return rest < AFTERHEAD
    return fewest <= evidence.larger < most and evidence.smaller < TAKEN_OF_FEW and rest <= NOTHING_AFTER


def is_formal(evidence: Evidence) -> bool:
    """Tell whether the two share little, and of what they have in common more is formula than their own: two receptions, two talks."""
    return evidence.larger < LITTLE and evidence.shared < OF_OWN * evidence.alignment.matched


def is_bulletin(evidence: Evidence) -> bool:
    """Tell whether the two differ slot by slot: the same form filled in again (weather, prices, league tables).

    A form is filled in whole; words that were exchanged in a part of a text are a desk's, unless they are numbers.
    """
    alignment = evidence.alignment
    form = alignment.matched + alignment.slots
    share = alignment.slots / (form + 1)
    if share >= SLOTS and alignment.slots >= FEWEST_SLOTS and form >= FORM * evidence.shortest:
        return True
    renewed = alignment.numbers / max(1, alignment.numbers + alignment.kept_numbers)
    return alignment.numbers >= NUMBERS and renewed >= RENEWED and share >= NUMBER_SLOTS


def is_splintered(evidence: Evidence) -> bool:
    """Tell whether only splinters are shared: two hands reporting one event with the same names and quotations.

    One that knows the other's opening was edited from it: then more may have been touched.
    """
    alignment = evidence.alignment
    least, most = evidence.openings
    is_edited = most >= ONE_KNOWN and least + most >= KNOWN
    evenness, run = (TOUCHED_UP, SHORT_RUN) if is_edited else (EVENNESS, RUN)
    broken = evenness * alignment.reworded / (alignment.matched + 1) > alignment.run
    return evidence.larger < SPLINTERED and (broken or alignment.run < run)


_TOGETHER = 4  # articles: fewer are sooner compared one by one


def nearest(one: Words, others: Sequence[Words]) -> list[int]:
    """Return the places of those articles that `judge` may hold for more than `Verdict.APART`; all are looked at together.

    A background paragraph brings dozens of candidates that share little of either article, and of neither lead.
    """
    if len(others) < _TOGETHER:
        return list(range(len(others)))
    held, theirs_held = one.held_by_each(others)
    mine = np.zeros((len(others), one.ids.size), np.bool_)
    for place in range(GRAM):
        mine[:, place : place + one.grams.size] |= held
    mine = mine if one.own is None else mine[:, one.own]
    near = _is_near(mine.sum(axis=1), mine.shape[1], VOTES)
    near |= _is_near(mine[:, :LEAD].sum(axis=1), min(LEAD, mine.shape[1]), LEAD_COVERED)

    sizes = [each.ids.size for each in others]
    begins = np.cumsum([0, *sizes[:-1]])
    own = np.concatenate([np.ones(each.ids.size, np.bool_) if each.own is None else each.own for each in others])
    theirs = in_grams(theirs_held, sizes) & own
    ranks = own.cumsum()
    lead = own & (ranks - np.repeat(ranks[begins] - own[begins], sizes) <= LEAD)
    for words, least in ((own, VOTES), (lead, LEAD_COVERED)):
        shared, sizes_in = (np.add.reduceat(each, begins, dtype=np.intp) for each in (theirs & words, words))
        near |= _is_near(shared, sizes_in, least)
    places: list[int] = near.nonzero()[0].tolist()
    return places


def _is_near(shared: Places, words: Places | int, least: float) -> Marks:
    return (words > 0) & (1 - (words - shared) / np.maximum(words, 1) >= least)
