"""The lines in which stories are published, and reading them back.

    articles/…   {"id": …, "text": …, "story": {"id", "role", "origin", "overlap", "agencies"}, "related", …}    as known when written
    stories/…    {"id", "story", "role", "origin", "overlap", "related", "agencies", "told"}                     what was learned later

For each article the last told line wins. ``agencies`` are those of the whole story, and stand in the lines of its first article alone.
What ``scrapy recluster`` prints are the first five fields.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pipelines.syndication.index import Credit, Placement, Relation
from pipelines.syndication.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

_PLACE = ("id", "story", "role", "origin", "overlap")


def story_line(placement: Placement, told: datetime | None = None) -> str:
    """Return the JSON line that tells where an article stands.

    Args:
        placement: where it stands.
        told: when that was found out, for lines that are published: crawls side by side publish in any order.
    """
    said: dict[str, Any] = {name: getattr(placement, name) for name in _PLACE}
    if told is not None:
        said["related"] = [each._asdict() for each in placement.related]
        said["agencies"] = by_agency(placement.credits) if placement.id == placement.story else None
        said["told"] = told.isoformat(timespec="microseconds")
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def by_agency(credited: Iterable[Credit]) -> dict[str, dict[str, str]]:
    """Return agency → article that credits it → where."""
    found: dict[str, dict[str, str]] = {}
    for agency, article, where in credited:
        found.setdefault(agency, {})[article] = where
    return found


def from_line(line: Mapping[str, Any]) -> Iterator[Piece | Placement]:
    """Read a published line of either kind: an article is itself and what it says about its story."""
    related = tuple(sorted(Relation(**each) for each in line.get("related") or ()))
    if "text" not in line:
        said = line.get("agencies") or {}  # neither did the first lines of this kind tell
        credited = (Credit(agency, article, where) for agency, by in said.items() for article, where in by.items())
        place: dict[str, Any] = {name: line[name] for name in _PLACE}
        yield Placement(**place, related=related, credits=tuple(sorted(credited)))
        return
    yield Piece.of_line(line)
    if told := line.get("story"):
        yield Placement(line["id"], told["id"], told["role"], told["origin"], told["overlap"], related)
