"""Runs: that an outlet ran a story, as the archive knows it now.

article and story lines, in any order ──settled()──▶ runs, in order of publication ──within()──▶ those of a span of days
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from archive.article import parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One article: that an outlet ran a story. ``edits`` are its later versions: (silent, headline changed)."""

    id: str
    outlet: str
    headline: str
    published: datetime
    words: int
    agencies: frozenset[str]
    story: str
    origin: str
    overlap: float
    version: int = 1
    edits: tuple[tuple[bool, bool], ...] = field(default=())
    of_story: frozenset[str] = (
        frozenset()
    )  # agencies of the whole story, as told: some of its runs may lie outside the span


def settled(lines: Iterable[Mapping[str, Any]]) -> list[Run]:
    """Return the newest version of each article with its story as last told, in order of publication.

    Args:
        lines: article and story lines, in any order; of what was told about an article, the latest counts.
    """
    runs: dict[str, Run] = {}
    told: dict[str, tuple[datetime, Mapping[str, Any]]] = {}
    edits: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for line in lines:
        if "text" not in line:
            _tell(told, parse_time(line["told"]), line)
            continue
        if (story := line["story"]) is not None:
            _tell(told, parse_time(line["captured"]), {**story, "id": line["id"], "story": story["id"]})
        if (changes := line["changes"]) is not None:
            edits[line["id"]].append((changes["silent"], changes["headline"]))
        earlier = runs.get(line["id"])
        if earlier is None or earlier.version <= line["version"]:
            runs[line["id"]] = _run(line)
    said = {article: line for article, (_, line) in told.items()}
    placed = [_placed(run, said.get(run.id), tuple(edits[run.id])) for run in runs.values()]
    placed = [replace(run, of_story=frozenset(said.get(run.story, {}).get("agencies") or ())) for run in placed]
    return sorted(placed, key=lambda run: (run.published, run.id))


def within(runs: Iterable[Run], since: datetime | None, until: datetime | None) -> list[Run]:
    """Return the runs published from ``since`` on until ``until``."""
    return [
        run for run in runs if (since is None or run.published >= since) and (until is None or run.published <= until)
    ]


def _tell(told: dict[str, tuple[datetime, Mapping[str, Any]]], moment: datetime, line: Mapping[str, Any]) -> None:
    if line["id"] not in told or told[line["id"]][0] <= moment:
        told[line["id"]] = moment, line


def _run(line: Mapping[str, Any]) -> Run:
    return Run(
        id=line["id"],
        outlet=line["outlet"],
        headline=line["headline"],
        published=parse_time(line["published"] or line["captured"]),
        words=line["words"],
        agencies=frozenset(line["agencies"]),
        story=line["id"],
        origin=line["id"],
        overlap=1.0,
        version=line["version"],
    )


def _placed(run: Run, told: Mapping[str, Any] | None, edits: tuple[tuple[bool, bool], ...]) -> Run:
    if told is None:
        return replace(run, edits=edits)
    return replace(run, story=told["story"], origin=told["origin"], overlap=told["overlap"], edits=edits)
