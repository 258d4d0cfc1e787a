"""The lines in which stories are published, and reading them back.

    articles/…   {"id": …, "text": …, "story": {"id", "role", "origin", "overlap"}, …}    as known when it was written
    stories/…    {"id", "story", "role", "origin", "overlap", "told"}                     what later articles taught

The second kind, without its time, is also what ``scrapy recluster`` prints. For each article the last told line wins.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines.syndication.index import Placement
from pipelines.syndication.piece import Piece

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime


def story_line(placement: Placement, told: datetime | None = None) -> str:
    """Return the JSON line that tells where an article stands.

    Args:
        placement: where it stands.
        told: when that was found out, for lines that are published: crawls side by side publish in any order.
    """
    said = asdict(placement) | ({"told": told.isoformat(timespec="microseconds")} if told else {})
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def from_line(line: Mapping[str, Any]) -> Iterator[Piece | Placement]:
    """Read a published line of either kind: an article is itself and what it says about its story."""
    if "text" not in line:
        yield Placement(**{name: line[name] for name in ("id", "story", "role", "origin", "overlap")})
        return
    yield Piece.of_line(line)
    if told := line.get("story"):
        yield Placement(line["id"], told["id"], told["role"], told["origin"], told["overlap"])
