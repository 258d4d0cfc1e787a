"""What two articles are to one another, judged from what they have in common.

    Evidence ──judge()──▶ SAME       one story: two versions of one text
                          NEAR       enough to vote for a story that others open, not enough to open it
                          CONTAINED  one stands in the other without being its story (digest, column, round-up)
                          APART      anything else: other stories, shared background, the next issue of a bulletin

The judgement depends on the two texts alone, so it falls alike in whatever order articles come in. Every threshold has its
place in the gap that was measured between copies and what looks like them; docs/syndication.md has the figures.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.syndication.alignment import Alignment, Evidence

SHORTEST = 25  # words: galleries and empty extractions below this all look alike

# Shares of an article's own words, unless another unit stands there. "Larger" is the greater coverage of the two articles.
OPENS = 0.30  # larger coverage that opens a story; shared background reaches .54, but not from the beginning
VOTES = 0.25  # larger coverage that votes for one
BOTH = 0.16  # the other article's coverage: what is below is a digest's or a column's
BEGINS = 0.10  # a story is shared from its beginning, in one article at least; background stands at the end of both
BEGINS_LATER, LARGE = 0.20, 0.45  # … unless two outlets put own paragraphs before it, and then share this much
BEGINS_LATE, MUCH = 0.35, 0.36  # … or, later still, this much in runs that others' paragraphs and words break:
BROKEN = 24.0  # words, the mean run; background is taken over whole, in runs of 30 to 110 words
DIGEST, AFTER_HEAD = 0.38, 0.10  # a digest takes the lead: larger coverage and the share after the head are below these
BRIEFS, NOTHING_AFTER = (0.5, 0.8), 0.02  # … or, where it has two or three leads alone, larger coverage between these
CONTAINS = 0.35  # larger coverage that is worth a link
LEAD, LEAD_WORDS = 0.5, 20  # coverage of a lead that is worth one, and aligned words
SLOTS, FEWEST_SLOTS = (
    0.10,
    6,
)  # words in slots among aligned ones, and how many there must be; copies: .04 at the 95th centile
NUMBER_SLOTS, NUMBERS, RENEWED = 0.06, 3, 0.6  # fewer will do where three numbers, and three in five of all, are new
LEAST = 35  # aligned words that open a story, or half of the shorter article: one sentence proves nothing
LEAST_OWN = 15  # … and own ones, or half of what the article with fewer has: titles and protocol prove nothing either
SPLINTERED = 0.66  # larger coverage from which on rewording is editing
RUN = 6.0  # words: the mean run of splinters is shorter
EVENNESS = 25  # reworded words for each aligned one, times this, against the mean run: above it, splinters


class Verdict(Enum):
    """The relation of two articles."""

    SAME = "same"
    NEAR = "near"
    CONTAINED = "contained"
    APART = "apart"


def judge(evidence: Evidence) -> Verdict:
    """Judge a pair of articles, both of at least `SHORTEST` words. Cheap tests come first."""
    story = (
        evidence.larger >= VOTES and evidence.smaller >= BOTH and shares_opening(evidence) and not is_digest(evidence)
    )
    lead = max(evidence.first.lead, evidence.second.lead)
    if not story and evidence.larger < CONTAINS and (lead < LEAD or evidence.alignment.matched < LEAD_WORDS):
        return Verdict.APART
    if is_bulletin(evidence.alignment):
        return Verdict.APART
    if not story:
        return Verdict.CONTAINED
    enough = (
        evidence.larger >= OPENS
        and evidence.shared >= min(LEAST_OWN, evidence.fewest / 2)
        and evidence.alignment.matched >= min(LEAST, evidence.shortest / 2)
    )
    return Verdict.SAME if enough and not is_splintered(evidence) else Verdict.NEAR


def shares_opening(evidence: Evidence) -> bool:
    """Tell whether what is shared begins early in one of the two, as a story does and background does not."""
    begins = min(evidence.first.begins, evidence.second.begins)
    if begins <= BEGINS or (begins <= BEGINS_LATER and evidence.larger >= LARGE):
        return True
    return begins <= BEGINS_LATE and evidence.larger >= MUCH and evidence.alignment.run < BROKEN


def is_digest(evidence: Evidence) -> bool:
    """Tell whether one takes little more than the other's lead: the news in brief, a page of teasers."""
    rest = min(evidence.first.rest, evidence.second.rest)
    fewest, most = BRIEFS
    return (evidence.larger < DIGEST and rest < AFTER_HEAD) or (
        fewest <= evidence.larger < most and rest <= NOTHING_AFTER
    )


def is_bulletin(alignment: Alignment) -> bool:
    """Tell whether the two differ slot by slot: the same form filled in again (weather, prices, league tables)."""
    share = alignment.slots / (alignment.matched + alignment.slots + 1)
    if share >= SLOTS and alignment.slots >= FEWEST_SLOTS:
        return True
    renewed = alignment.numbers / max(1, alignment.numbers + alignment.kept_numbers)
    return alignment.numbers >= NUMBERS and renewed >= RENEWED and share >= NUMBER_SLOTS


def is_splintered(evidence: Evidence) -> bool:
    """Tell whether only splinters are shared: two hands reporting one event with the same names and quotations."""
    alignment = evidence.alignment
    broken = EVENNESS * alignment.reworded / (alignment.matched + 1) > alignment.run
    return evidence.larger < SPLINTERED and (broken or alignment.run < RUN)
