"""How stories spread over a span of days: who ran them first, who copied whom, whose agencies, who edits afterwards.

runs, each with its story as it stands now ──spread()──▶ one JSON object
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from pipelines.syndication.alarm import named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelines.syndication.runs import Run


def spread(runs: Sequence[Run], top: int = 20) -> dict[str, Any]:
    """Return the figures of a span, ready for JSON.

    ``stories``: those with most copies, at most ``top``, each with its runs; ``lags_hours``: from the first run of each story to its
    later ones; ``copies``: outlet of the origin → outlet of the copy → how many; ``agencies``: outlet → agency → share of its
    articles; ``agencies_disagree``: stories that name two; ``edits``: outlet → articles edited after publication.
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
        "lags_hours": sorted(lag for members in spread_out for lag in _lags(members)),
        "copies": _nested(copies),
        "agencies": _agencies(runs),
        "agencies_disagree": [_disagreement(each) for each in spread_out if len(named(_of_story(each))) > 1],
        "edits": _edits(runs),
    }


def _story(members: Sequence[Run]) -> dict[str, Any]:
    origin = next((run for run in members if run.id == run.origin), members[0])
    lags = _lags(members)
    return {
        "story": origin.story,
        "headline": origin.headline,
        "articles": len(members),
        "outlets": sorted({run.outlet for run in members}),
        "origin": origin.id,
        "first": _told(members[0]),
        "last": _told(members[-1]),
        "median_lag_hours": round(median(lags), 1) if lags else None,
        "lags_hours": lags,
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


def _lags(members: Sequence[Run]) -> list[float]:
    """Return the hours from a story's first run to each later one."""
    return [round((run.published - members[0].published) / timedelta(hours=1), 1) for run in members[1:]]


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
