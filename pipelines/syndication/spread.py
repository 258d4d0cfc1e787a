"""How stories spread over a span of days: who ran them first, who copied whom, whose agencies; as figures, tables and pictures."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Column, Table

from archive.article import format_time, parse_time
from archive.site.templating import agency_name, outlet_name
from pipelines.syndication.pipeline import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from matplotlib.axes import Axes

# ---------------------------------------------------------------------------------------------------------------------
# How stories spread over a span of days: who ran them first, who copied whom, whose agencies, who edits afterwards.
# runs, each with its story as it stands now ──spread()──▶ one JSON object


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
        "first": _run_record(members[0]),
        "last": _run_record(members[-1]),
        "median_lag_hours": round(median(lags), 1) if lags else None,
        "lags_hours": lags,
        "agencies": sorted(_of_story(members)),
        "runs": [
            {
                **_run_record(run),
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


def _run_record(run: Run) -> dict[str, str]:
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


# --- The pictures of `scrapy report stories`, as SVG: who copies whom, whose agencies, when copies appear ------------
# They are Arabic and run from right to left; matplotlib joins letters and turns their direction from 3.11 on. It is loaded when pictures
# are asked for, since no crawl needs it.

_WIDTH, _HEIGHT = 7.0, 4.5  # inches
_MOST_AGENCIES = 8
_BAR = 0.27  # of the space between two outlets: three bars and a gap


def draw(figures: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the pictures of a span's figures into ``folder``; return their paths, of those that have something to show."""
    from matplotlib.figure import Figure  # noqa: PLC0415  only who wants pictures waits for it

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, title, picture in (
        ("copies", "النسخ: الأصل في الصف، ومن نشره بعده في العمود", _draw_copies),
        ("agencies", "حصة المواد المنسوبة إلى وكالة", _draw_agencies),
        ("lags", "الساعات من أول نشر للقصة إلى كل نشر بعده", _draw_lags),
        ("edits", "مواد عُدلت بعد نشرها", _draw_edits),
    ):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title)
        axes.yaxis.tick_right()
        axes.yaxis.set_label_position("right")
        if picture(axes, figures):
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None})  # the same figures give the same file
            drawn.append(folder / f"{name}.svg")
    return drawn


def _draw_copies(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table = figures["copies"]
    outlets = sorted({*table, *(other for row in table.values() for other in row)})
    cells = [[table.get(one, {}).get(other, 0) for other in outlets] for one in outlets]
    return _matrix(axes, [*map(outlet_name, outlets)], [*map(outlet_name, outlets)], cells)


def _draw_agencies(axes: Axes, figures: Mapping[str, Any]) -> bool:
    table: Mapping[str, Mapping[str, float]] = figures["agencies"]
    totals: dict[str, float] = {}
    for shares in table.values():
        for agency, share in shares.items():
            totals[agency] = totals.get(agency, 0) + share
    most = sorted(totals, key=lambda each: (-totals[each], each))[:_MOST_AGENCIES]
    percents = [[round(100 * shares.get(agency, 0)) for agency in most] for shares in table.values()]
    axes.set_xlabel("النسبة المئوية من مواد الصحيفة؛ قد تنسب المادة إلى أكثر من وكالة")
    return _matrix(axes, [*map(outlet_name, table)], [*map(agency_name, most)], percents)


def _draw_lags(axes: Axes, figures: Mapping[str, Any]) -> bool:
    lags = figures["lags_hours"]
    axes.hist(lags, bins=24)
    axes.set_xlabel("الساعات")
    axes.set_ylabel("النسخ")
    axes.invert_xaxis()
    return bool(lags)


def _draw_edits(axes: Axes, figures: Mapping[str, Any]) -> bool:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  as above

    table = figures["edits"]
    kinds = (("versions", "صيغ لاحقة"), ("silent", "بصمت"), ("headlines", "تغير العنوان"))
    for place, (kind, label) in enumerate(kinds):
        at = [outlet + (place - 1) * _BAR for outlet in range(len(table))]
        axes.bar(at, [row[kind] for row in table.values()], width=_BAR, label=label)
    axes.set_xticks(range(len(table)), [*map(outlet_name, table)])
    axes.invert_xaxis()
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(fontsize="small", markerfirst=False)
    return any(row["versions"] for row in table.values())


def _matrix(axes: Axes, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[int]]) -> bool:
    if not (rows and columns):
        return False
    axes.imshow(cells, cmap="Blues", aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=30, ha="left")
    axes.set_yticks(range(len(rows)), rows)
    axes.invert_xaxis()
    darkest = max(map(max, cells))
    for row, values in enumerate(cells):
        for column, many in enumerate(values):
            colour = "white" if 2 * many > darkest else "black"
            axes.text(column, row, str(many), ha="center", va="center", color=colour)
    return True


# --- How stories spread, as tables for a terminal --------------------------------------------------------------------

_HEADLINE = 48  # letters


def show(figures: Mapping[str, Any]) -> None:
    """Print the report."""
    console = Console()
    for table in tables(figures):
        console.print(table)


def tables(figures: Mapping[str, Any]) -> Iterator[Table]:
    """Return the report as tables for a terminal."""
    yield _stories(figures)
    yield _copies_table(figures)
    yield _agencies_table(figures)
    if figures["agencies_disagree"]:
        yield _disagreements(figures)
    yield _edits_table(figures)


def _stories(figures: Mapping[str, Any]) -> Table:
    total, copied = figures["articles"], figures["stories_with_copies"]
    table = Table(
        "articles",
        "outlets",
        "first",
        "last",
        "lag h",
        "length %",
        "agencies",
        Column("headline", no_wrap=True),
        title=f"{total} articles, {copied} stories with copies, {len(figures['agencies_disagree'])} name two agencies",
    )
    for story in figures["stories"]:
        first, last = (f"{story[end]['published'][:16]} {story[end]['outlet']}" for end in ("first", "last"))
        lengths = [round(100 * run["length"]) for run in story["runs"]]  # of the origin's: what each desk cut or added
        row = (str(story["articles"]), str(len(story["outlets"])), first, last, str(story["median_lag_hours"]))
        table.add_row(*row, f"{min(lengths)}–{max(lengths)}", " ".join(story["agencies"]), _headline(story))
    return table


def _copies_table(figures: Mapping[str, Any]) -> Table:
    outlets = sorted({*figures["copies"], *(other for row in figures["copies"].values() for other in row)})
    table = Table("origin", *outlets, title="copies")
    for outlet in outlets:
        table.add_row(outlet, *(str(figures["copies"].get(outlet, {}).get(other, 0)) for other in outlets))
    return table


def _agencies_table(figures: Mapping[str, Any]) -> Table:
    table = Table("outlet", "agencies", title="share of articles that credit an agency")
    for outlet, shares in figures["agencies"].items():
        table.add_row(outlet, ", ".join(f"{agency} {100 * share:.0f} %" for agency, share in shares.items()))
    return table


def _disagreements(figures: Mapping[str, Any]) -> Table:
    title = "stories that name two agencies: mixed dispatches, or a wrong match"
    table = Table("story", "agencies", "headline", title=title)
    for story in figures["agencies_disagree"]:
        text = "; ".join(f"{agency}: {' '.join(runs)}" for agency, runs in story["agencies"].items())
        table.add_row(story["story"], text, _headline(story))
    return table


def _edits_table(figures: Mapping[str, Any]) -> Table:
    table = Table("outlet", "articles", "edited", "versions", "silent", "headlines", title="edits after publication")
    for outlet, row in figures["edits"].items():
        table.add_row(outlet, *(str(row[name]) for name in ("articles", "edited", "versions", "silent", "headlines")))
    return table


def _headline(story: Mapping[str, Any]) -> str:
    """Return a headline that fits a line, in a direction isolate of its own: a terminal keeps the table's columns where they are."""
    headline = str(story["headline"])
    return f"\u2068{headline if len(headline) <= _HEADLINE else headline[: _HEADLINE - 1] + '…'}\u2069"


# --- Runs: that an outlet ran a story, as the archive knows it now ---------------------------------------------------
# article and story lines, in any order ──settled()──▶ runs, in order of publication ──within()──▶ those of a span of days


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
    update_lines = {article: line for article, (_, line) in told.items()}
    placed = [_placed(run, update_lines.get(run.id), tuple(edits[run.id])) for run in runs.values()]
    placed = [replace(run, of_story=frozenset(update_lines.get(run.story, {}).get("agencies") or ())) for run in placed]
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
