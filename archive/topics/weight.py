"""What an article is about, among all that it mentions.

A newspaper puts first what matters: a name in the headline weighs most, then the standfirst, then the first paragraph; below
that, only repetition counts. What the outlet itself tagged is about the article by its own word.

    headline 4 · standfirst 2 · first paragraph 1.5 · text log2(1 + times) · the outlet's own tag 3        about: 3 and more
"""

from __future__ import annotations

import math
from dataclasses import dataclass

ABOUT = 3.0
_HEADLINE, _STANDFIRST, _LEAD, _OWN_TAG = 4.0, 2.0, 1.5, 3.0


@dataclass(slots=True)
class Places:
    """Where an article names something: in the headline, the standfirst, the first paragraph, and how often in all of it."""

    headline: int = 0
    standfirst: int = 0
    lead: int = 0
    text: int = 0
    own_tag: bool = False


def weight_of(places: Places) -> float:
    """Return how much an article is about what it names there; `ABOUT` and more is a topic."""
    return (
        _HEADLINE * bool(places.headline)
        + _STANDFIRST * bool(places.standfirst)
        + _LEAD * bool(places.lead)
        + math.log2(1 + places.text)
        + _OWN_TAG * places.own_tag
    )
