"""The alarm of a wrong match: a story that names two agencies. One dispatch has one; else an outlet mixed two, or a match is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.article import Story

UNNAMED = "agencies"


def named(agencies: Iterable[str]) -> list[str]:
    """Return the agencies that have a name: «وكالات» contradicts none."""
    return sorted(set(agencies) - {UNNAMED})


def is_disagreement(story: Story, article: str) -> bool:
    """Tell whether it is this article through which a story names two agencies. One dispatch has one: look at this story."""
    others = {agency for agency, by in story.agencies.items() if by.keys() - {article}}
    return len(named(story.agencies)) > 1 >= len(named(others))
