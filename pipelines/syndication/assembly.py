"""From links between articles to stories: joining by vote, in the order of publication, never by closure.

    a ══ b      ══ the same story   ┄┄ near
    ║    ║
    c ══ d      d joins {a, b, c}: it is the same story as at least one in four of them, and linked with half

An article joins by what it shares with a story's *core*, its first articles. That it is near to them, or the same as one late
member, is not enough: so no chain of weak links makes one story of many receptions.

The result depends on the articles and their links alone. Whoever sees the same articles, in whatever order, arrives at the
same stories: a crawl, another machine that catches up, and ``scrapy recluster`` over everything.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WINDOW = 72 * 3600.0  # seconds from a story's first article; 90 % of real copies follow within 31 hours
SAME_OF, LINKED_OF = 4, 2  # of the core one in so many must be the same, and one in so many linked at all
CORE = 24  # articles: the first of a story are asked, however many it has; an index finds the first copies of anything


class Link(IntEnum):
    """How two articles are linked, the stronger the higher."""

    NEAR = 1
    SAME = 2
    KEY = 3  # the same page, or the same text: a fact, without window and vote


def assemble(moments: Mapping[str, float], links: Mapping[str, Mapping[str, Link]]) -> list[list[str]]:
    """Divide articles into stories.

    Args:
        moments: article id → seconds since 1970.
        links: article id → the articles it is linked with; ids outside ``moments`` are ignored.

    Returns:
        The stories, each a list of ids in order of publication; ids break ties.
    """
    if len(moments) == 1:  # most of all articles
        return [list(moments)]
    stories: dict[str, list[str]] = {}
    of: dict[str, str] = {}
    for article in sorted(moments, key=lambda each: (moments[each], each)):
        joined: list[str] = []
        for certain, first in _ballot(article, moments, links.get(article, {}), stories, of):
            if not joined or certain or _acquainted([stories[each] for each in joined], stories[first], links):
                joined.append(first)
        members = [*(member for first in joined for member in stories.pop(first)), article]
        members.sort(key=lambda each: (moments[each], each))
        stories[members[0]] = members
        of.update(dict.fromkeys(members, members[0]))
    return list(stories.values())


def _ballot(
    article: str,
    moments: Mapping[str, float],
    linked: Mapping[str, Link],
    stories: Mapping[str, list[str]],
    of: Mapping[str, str],
) -> list[tuple[bool, str]]:
    """Return the stories that take the article in, the surest first, and whether a key says so."""
    votes: defaultdict[str, list[Link]] = defaultdict(list)
    for other, link in linked.items():
        if other in of:
            votes[of[other]].append(link)
    taking = []
    for first, cast in votes.items():
        strongest, age = max(cast), moments[article] - moments[first]
        core = stories[first][:CORE]
        same = sum(linked.get(each, Link.NEAR) > Link.NEAR for each in core)
        near = sum(each in linked for each in core)
        carried = SAME_OF * same >= len(core) and LINKED_OF * near >= len(core)
        if strongest is Link.KEY or (strongest is Link.SAME and carried and age <= WINDOW):
            share = len(cast) / len(stories[first])
            taking.append((strongest is not Link.KEY, -share, moments[first], first))
    return [(not uncertain, first) for uncertain, _, _, first in sorted(taking)]


def _acquainted(stories: Iterable[list[str]], other: Iterable[str], links: Mapping[str, Mapping[str, Link]]) -> bool:
    """Tell whether stories that one article would join are linked themselves, half of all pairs of their first articles.

    A page that quotes two joins neither to the other.
    """
    members = [member for story in stories for member in story[:CORE]]
    others = list(islice(other, CORE))
    met = sum(member in links.get(each, ()) for each in others for member in members)
    return 2 * met >= len(members) * len(others)
