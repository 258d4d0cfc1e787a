"""How stories spread over a span of days: who ran them first, who copied whom, whose agencies, who edits afterwards.

published lines ──settled()──▶ runs, each with its story as it stands now ──spread()──▶ one JSON object
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from archive.article import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from archive.article import Story

UNNAMED = "agencies"


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


def spread(runs: Sequence[Run], top: int = 20) -> dict[str, Any]:
    """Return the figures of a span, ready for JSON.

    ``stories``: those with most copies, at most ``top``, each with its runs; ``copies``: outlet of the origin → outlet of the copy →
    how many; ``agencies``: outlet → agency → share of its articles; ``agencies_disagree``: stories that name two; ``edits``: outlet → articles edited after publication.
    """
    groups: defaultdict[str, list[Run]] = defaultdict(list)
    for run in runs:
        groups[run.story].append(run)
    spread_out = sorted(
        (each for each in groups.values() if len(each) > 1), key=lambda each: (-len(each), each[0].published)
    )
    outlets = {run.id: run.outlet for run in runs}
    copies = Counter(
        (outlets[run.origin], run.outlet) for run in runs if run.origin != run.id and run.origin in outlets
    )
    return {
        "articles": len(runs),
        "stories_with_copies": len(spread_out),
        "stories": [_story(members) for members in spread_out[:top]],
        "copies": _nested(copies),
        "agencies": _agencies(runs),
        "agencies_disagree": [_disagreement(each) for each in spread_out if len(named(_of_story(each))) > 1],
        "edits": _edits(runs),
    }


def within(runs: Iterable[Run], since: datetime | None, until: datetime | None) -> list[Run]:
    """Return the runs published from ``since`` on until ``until``."""
    return [
        run for run in runs if (since is None or run.published >= since) and (until is None or run.published <= until)
    ]


def named(agencies: Iterable[str]) -> list[str]:
    """Return the agencies that have a name: «وكالات» contradicts none."""
    return sorted(set(agencies) - {UNNAMED})


def is_disagreement(story: Story, article: str) -> bool:
    """Tell whether it is this article through which a story names two agencies. One dispatch has one: look at this story."""
    others = {agency for agency, by in story.agencies.items() if by.keys() - {article}}
    return len(named(story.agencies)) > 1 >= len(named(others))


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


def _story(members: Sequence[Run]) -> dict[str, Any]:
    origin = next((run for run in members if run.id == run.origin), members[0])
    lags = [(run.published - origin.published) / timedelta(hours=1) for run in members if run is not origin]
    return {
        "story": origin.story,
        "headline": origin.headline,
        "articles": len(members),
        "outlets": sorted({run.outlet for run in members}),
        "origin": origin.id,
        "first": _told(members[0]),
        "last": _told(members[-1]),
        "median_lag_hours": round(median(lags), 1) if lags else None,
        "lags_hours": [round(lag, 1) for lag in lags],
        "agencies": sorted(_of_story(members)),
        "runs": [
            {
                **_told(run),
                "headline": run.headline,
                "overlap": run.overlap,
                "length": round(run.words / max(1, origin.words), 2),
            }
            for run in members
        ],
    }


def _of_story(members: Sequence[Run]) -> set[str]:
    return {agency for run in members for agency in run.agencies | run.of_story}


def _disagreement(members: Sequence[Run]) -> dict[str, Any]:
    return {
        "story": members[0].story,
        "headline": members[0].headline,
        "agencies": {
            agency: [run.id for run in members if agency in run.agencies] for agency in named(_of_story(members))
        },
    }


def _told(run: Run) -> dict[str, str]:
    return {"id": run.id, "outlet": run.outlet, "published": format_time(run.published)}


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (one, other), many in sorted(counts.items()):
        nested[one][other] = many
    return dict(nested)


def _agencies(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    totals = Counter(run.outlet for run in runs)
    counts = Counter((run.outlet, agency) for run in runs for agency in run.agencies)
    shares: dict[str, dict[str, float]] = {outlet: {} for outlet in sorted(totals)}
    for (outlet, agency), many in sorted(counts.items(), key=lambda each: (each[0][0], -each[1], each[0][1])):
        shares[outlet][agency] = round(many / totals[outlet], 3)
    return shares


def _edits(runs: Sequence[Run]) -> dict[str, dict[str, int]]:
    tables: dict[str, dict[str, int]] = {}
    for run in runs:
        table = tables.setdefault(run.outlet, {"articles": 0, "edited": 0, "versions": 0, "silent": 0, "headlines": 0})
        table["articles"] += 1
        table["edited"] += bool(run.edits)
        table["versions"] += len(run.edits)
        table["silent"] += sum(silent for silent, _ in run.edits)
        table["headlines"] += sum(headline for _, headline in run.edits)
    return dict(sorted(tables.items()))
