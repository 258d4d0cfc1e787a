"""What the archive says of the outlets: numbers, tables, CSV and pictures."""

from __future__ import annotations

import csv
import io
import statistics
import threading
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.article import Article
from archive.site.lists import QUARTER

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import tzinfo

    from matplotlib.axes import Axes

# ---------------------------------------------------------------------------------------------------------------------
# Each table of the newsroom as a picture: SVG by matplotlib, light and dark, labels in Latin (it does not shape
# Arabic).
# The words around a picture, and its numbers as a table, stand in the page; the picture itself needs no reading aloud.
# matplotlib is loaded when a picture is asked for.

_SIZE = (7.2, 3.6)  # inches
_INKS = {"light": ("#3b352b", "#d8d0c0"), "dark": ("#d9d2c3", "#4a443a")}  # text, lines
_COLOURS = ("#9c2f24", "#2f6f8f", "#b9862b", "#4f7d4a", "#7b5a94", "#c46a4a", "#5a7fb0", "#8c8c6a")
_RAMPS = {"light": ("#f3ece0", "#9c2f24"), "dark": ("#2b2721", "#e2836f")}
_turn = threading.Lock()  # matplotlib's settings belong to the process


def draw(table: Table, shade: str = "light") -> bytes:
    """Return a table as SVG; the same table gives the same bytes.

    Args:
        table: from `archive.site.statistics`.
        shade: ``light`` or ``dark``, for the page that shows it.
    """
    import matplotlib as mpl  # noqa: PLC0415  only who wants pictures waits for it
    from matplotlib.figure import Figure  # noqa: PLC0415

    ink, rule = _INKS[shade]
    settings: Any = {
        "svg.hashsalt": "warraq",
        "font.size": 9,
        **dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), ink),
        "axes.edgecolor": rule,
        "grid.color": rule,
        "axes.facecolor": "none",
        "legend.frameon": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with _turn, mpl.rc_context(settings):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        _PICTURES[table.name](axes, table, shade)
        out = io.BytesIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return out.getvalue()


def _numbers(table: Table, column: int) -> list[float]:
    return [float(row[column]) for row in table.rows]


def _hours(axes: Axes, table: Table, shade: str) -> None:
    del shade
    for place, outlet in enumerate(table.columns[1:], start=1):
        axes.plot(
            range(24), _numbers(table, place), label=outlet, color=_COLOURS[(place - 1) % len(_COLOURS)], linewidth=1.8
        )
    axes.set_xticks(range(0, 24, 3), [f"{hour:02}" for hour in range(0, 24, 3)])
    axes.set_xlabel("hour")
    axes.set_ylabel("articles")
    axes.grid(axis="y", linewidth=0.6)
    axes.legend(ncols=3, fontsize="small")


def _lags(axes: Axes, table: Table, shade: str) -> None:
    ink = _INKS[shade][0]
    for place, row in enumerate(table.rows):
        low, middle, high = (float(value) for value in row[2:5])
        axes.barh(place, high - low or 0.02, left=low, color=_COLOURS[place % len(_COLOURS)], height=0.5, alpha=0.85)
        axes.plot([middle, middle], [place - 0.25, place + 0.25], color=ink, linewidth=2)
    axes.set_yticks(range(len(table.rows)), [f"{row[0]} ({row[1]})" for row in table.rows])
    axes.set_xlabel("hours after the first outlet: middle half and median")
    axes.set_xlim(left=0)
    axes.grid(axis="x", linewidth=0.6)


def _matrix(axes: Axes, table: Table, shade: str) -> None:
    _heat(axes, [[float(value) for value in row[1:]] for row in table.rows], shade, numbers=True)
    axes.set_xticks(range(len(table.columns) - 1), table.columns[1:], rotation=20)
    axes.set_yticks(range(len(table.rows)), [str(row[0]) for row in table.rows])
    axes.set_xlabel("ran it later")
    axes.set_ylabel("had it first")


def _agencies(axes: Axes, table: Table, shade: str) -> None:
    del shade
    names = [str(row[0]) for row in table.rows]
    left = [0.0] * len(names)
    for place, agency in enumerate(table.columns[1:], start=1):
        widths = _numbers(table, place)
        axes.barh(names, widths, left=left, label=agency, color=_COLOURS[(place - 1) % len(_COLOURS)], height=0.55)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.set_xlabel("% of articles")
    axes.legend(fontsize="small", ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))


def _edits(axes: Axes, table: Table, shade: str) -> None:
    del shade
    for place, (label, column) in enumerate((("edited", 2), ("silently", 3), ("headline", 4))):
        spots = [row + (place - 1) * 0.26 for row in range(len(table.rows))]
        axes.bar(spots, _numbers(table, column), width=0.24, label=label, color=_COLOURS[place])
    axes.set_xticks(range(len(table.rows)), [str(row[0]) for row in table.rows])
    axes.set_ylabel("articles")
    axes.grid(axis="y", linewidth=0.6)
    axes.legend(fontsize="small")


def _calendar(axes: Axes, table: Table, shade: str) -> None:
    cells = [[float(row[place]) for row in table.rows] for place in range(1, len(table.columns))]
    _heat(axes, cells, shade, numbers=False)
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            if value < 0:
                axes.text(column, row, "×", ha="center", va="center", fontsize=7, color=_INKS[shade][0], alpha=0.5)
    step = max(1, len(table.rows) // 8)
    axes.set_xticks(
        range(0, len(table.rows), step), [str(table.rows[at][0])[5:] for at in range(0, len(table.rows), step)]
    )
    axes.set_yticks(range(len(cells)), table.columns[1:])


def _heat(axes: Axes, cells: list[list[float]], shade: str, *, numbers: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    most = max((max(row) for row in cells), default=0) or 1
    axes.imshow(cells, cmap=LinearSegmentedColormap.from_list("ramp", _RAMPS[shade]), vmin=0, vmax=most, aspect="auto")
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)
    if numbers:
        for row, values in enumerate(cells):
            for column, value in enumerate(values):
                is_deep = value > 0.55 * most
                colour = "#ffffff" if is_deep and shade == "light" else "#1c1914" if is_deep else _INKS[shade][0]
                axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour)


_PICTURES: dict[str, Callable[[Axes, Table, str], None]] = {
    "hours": _hours,
    "lags": _lags,
    "matrix": _matrix,
    "agencies": _agencies,
    "edits": _edits,
    "calendar": _calendar,
}


# --- The numbers of the newsroom's view, each as a table that can be read, saved as CSV, and drawn -------------------
# All of them are of the last `DAYS` days in the archive, counted back from its newest article, in the readers' time zone.

DAYS = 42
_DAY = 86400
_MOST_AGENCIES = 8
EARLIEST = "SELECT n FROM article AS each WHERE each.story = {}.story ORDER BY at, id LIMIT 1"
"""The number of the earliest article of a story, in SQL; to be filled in: the table that names the story."""
Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers: ``name`` is that of its files; the first column names the row."""

    name: str
    title: str
    note: str
    columns: list[str]
    rows: list[list[Cell]]

    def as_csv(self) -> str:
        """Return the table as CSV (RFC 4180), with a head line."""
        out = io.StringIO()
        csv.writer(out).writerows([self.columns, *self.rows])
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Span:
    """Which articles of an index count: from ``start`` (seconds), of ``outlets``, hours and days in ``zone``.

    Attributes:
        quarters: by outlet, how many articles each quarter of an hour has: zones differ by no less, and so hours and days add up from it.
        copies: who ran what others had first: source, outlet, lag in seconds. The first is who was earliest, which the origin
            of a story need not be: before it another may have run a few paragraphs.
    """

    connection: sqlite3.Connection
    start: int
    end: int
    outlets: list[str]
    zone: tzinfo
    quarters: list[tuple[str, datetime, int]]
    copies: list[sqlite3.Row]


def newsroom(connection: sqlite3.Connection, zone: tzinfo = UTC) -> list[Table]:
    """Return all tables; empty ones too."""
    (newest,) = connection.execute("SELECT max(at) FROM article").fetchone()
    start = (newest or 0) - DAYS * _DAY
    rows = connection.execute("SELECT DISTINCT outlet FROM article WHERE at > ? ORDER BY outlet", [start])
    span = Span(
        connection,
        start,
        newest or 0,
        [row["outlet"] for row in rows],
        zone,
        _quarters(connection, start, zone),
        _copies(connection, start),
    )
    return [make(span) for make in TABLES]


def _quarters(connection: sqlite3.Connection, start: int, zone: tzinfo) -> list[tuple[str, datetime, int]]:
    rows = connection.execute(
        "SELECT outlet, at / ? AS quarter, count(*) AS many FROM article WHERE at > ? GROUP BY quarter, outlet",
        [QUARTER, start],
    ).fetchall()
    local = {quarter: datetime.fromtimestamp(quarter * QUARTER, zone) for quarter in {row["quarter"] for row in rows}}
    return [(row["outlet"], local[row["quarter"]], row["many"]) for row in rows]


def _copies(connection: sqlite3.Connection, start: int) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT first.outlet AS source, late.outlet AS outlet, late.at - first.at AS lag FROM article AS late"  # noqa: S608  our own
        f" JOIN article AS first ON first.n = ({EARLIEST.format('late')}) WHERE first.outlet <> late.outlet AND late.at > ?",
        [start],
    ).fetchall()


def hours(span: Span) -> Table:
    """Count the articles by the hour of publication and by outlet."""
    many: Counter[tuple[int, str]] = Counter()
    for outlet, quarter, count in span.quarters:
        many[quarter.hour, outlet] += count
    rows: list[list[Cell]] = [[hour, *(many[hour, outlet] for outlet in span.outlets)] for hour in range(24)]
    return Table("hours", "المواد في كل ساعة", "عدد المواد بحسب ساعة نشرها في كل صحيفة.", ["hour", *span.outlets], rows)


def lags(span: Span) -> Table:
    """Say how many hours after the first outlet each one ran the same story."""
    delays: dict[str, list[float]] = defaultdict(list)
    for row in span.copies:
        delays[row["outlet"]].append(row["lag"] / 3600)
    rows: list[list[Cell]] = []
    for outlet in span.outlets:
        if late := sorted(delays[outlet]):
            quarters = statistics.quantiles(late, n=4, method="inclusive") if len(late) > 1 else [late[0]] * 3
            rows.append([outlet, len(late), *(round(value, 2) for value in quarters), round(late[-1], 2)])
    note = "الساعات بين أول صحيفة نشرت القصة والصحيفة التي نقلتها: الربيع الأول والوسيط والربيع الثالث والأقصى."
    return Table("lags", "التأخر في القصة الواحدة", note, ["outlet", "copies", "q1", "median", "q3", "max"], rows)


def matrix(span: Span) -> Table:
    """Count who ran a story after whom."""
    many = Counter((row["source"], row["outlet"]) for row in span.copies)
    rows: list[list[Cell]] = [[source, *(many[source, outlet] for outlet in span.outlets)] for source in span.outlets]
    note = "الصف: من نشر القصة أولا. العمود: من نشرها بعده. العدد لا يعني النقل المباشر: قد يكون الأصل وكالة واحدة."
    return Table("matrix", "من ينشر قصص من", note, ["first", *span.outlets], rows if many else [])


def agencies(span: Span) -> Table:
    """Give the share of each outlet's articles that credits each agency, in percent."""
    many: Counter[tuple[str, str]] = Counter()
    whole: Counter[str] = Counter()
    credited = "SELECT outlet, agencies, count(*) AS many FROM article WHERE at > ? GROUP BY outlet, agencies"
    for row in span.connection.execute(credited, [span.start]):
        whole[row["outlet"]] += row["many"]
        for agency in row["agencies"].split():
            many[row["outlet"], agency] += row["many"]
    sums: Counter[str] = Counter()
    for (_, agency), count in many.items():
        sums[agency] += count
    codes = [agency for agency, _ in sums.most_common(_MOST_AGENCIES)]
    rows: list[list[Cell]] = [
        [outlet, *(round(100 * many[outlet, code] / whole[outlet], 1) for code in codes)] for outlet in span.outlets
    ]
    note = "النسبة المئوية من مواد كل صحيفة التي تنسب نفسها إلى الوكالة؛ قد تنسب المادة إلى أكثر من وكالة."
    return Table("agencies", "حصة الوكالات", note, ["outlet", *codes], rows if codes else [])


def edits(span: Span) -> Table:
    """Count the articles that changed after publication: openly, silently, in the headline."""
    headlines: Counter[str] = Counter()
    later = (
        "SELECT line FROM article JOIN version USING (id) WHERE at > ? AND article.version > 1 AND version.version > 1"
    )
    for row in span.connection.execute(later, [span.start]):
        article = Article.from_line(zlib.decompress(row["line"]))
        headlines[article.outlet] += article.changes is not None and article.changes.headline
    changed = span.connection.execute(
        "SELECT outlet, count(*) AS many, sum(version > 1) AS edited, sum(silent > 0) AS silent FROM article WHERE at > ?"
        " GROUP BY outlet ORDER BY outlet",
        [span.start],
    )
    rows: list[list[Cell]] = [
        [row["outlet"], row["many"], row["edited"], row["silent"], headlines[row["outlet"]]] for row in changed
    ]
    note = "مواد تغير نصها أو عنوانها بعد حفظها أول مرة؛ والصامت ما لم تقل الصحيفة إنه تغير."
    return Table("edits", "تعديلات بعد النشر", note, ["outlet", "articles", "edited", "silent", "headline"], rows)


def calendar(span: Span) -> Table:
    """Count the articles by day of publication and outlet; -1 where nothing was published and no crawl reported."""
    many: Counter[tuple[str, str]] = Counter()
    for outlet, quarter, count in span.quarters:
        many[quarter.date().isoformat(), outlet] += count
    crawled = {(row["date"], row["outlet"]) for row in span.connection.execute("SELECT date, outlet FROM crawl")}
    first = min((day for day, _ in many), default="")
    days = [day for day in _days(span) if day >= first]
    rows: list[list[Cell]] = [
        [day, *(many[day, name] or (0 if (day, name) in crawled else -1) for name in span.outlets)] for day in days
    ]
    note = "عدد المواد المحفوظة بحسب يوم نشرها. ‎-1 يعني أن لا مادة فيه ولا تقرير زحف: لا نعرف عنه شيئا."
    return Table("calendar", "تقويم التغطية", note, ["day", *span.outlets], rows if many else [])


def _days(span: Span) -> list[str]:
    last = datetime.fromtimestamp(span.end, span.zone).date()
    return [(last - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1)]


TABLES: tuple[Callable[[Span], Table], ...] = (hours, lags, matrix, agencies, edits, calendar)


# --- The numbers of one outlet's page: volume, sections, agencies, how far behind, and a calendar --------------------

_WEEKS = 6
_LEVELS = 4
_MOST = 8


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar: articles, whether a crawl reported, and a level from 0 to 4 for the eye."""

    date: str
    many: int
    crawled: bool
    level: int


@dataclass(frozen=True, slots=True)
class OutletFigures:
    """Counts of all that the archive has of an outlet; ``lag`` is the median in seconds of what others had first."""

    total: int
    first: int
    last: int
    edited: int
    silent: int
    copies: int
    firsts: int
    lag: int | None
    sections: list[tuple[str, int]]
    agencies: list[tuple[str, int]]
    weeks: list[list[Day]]


def outlet_figures(connection: sqlite3.Connection, outlet: str, zone: tzinfo = UTC) -> OutletFigures:
    """Return the figures of an outlet of which the index has something."""
    row = connection.execute(
        "SELECT count(*), min(at), max(at), sum(version > 1), sum(silent > 0) FROM article WHERE outlet = ?", [outlet]
    ).fetchone()
    lags = [late for (late,) in connection.execute(_LAGS, [outlet])]
    (firsts,) = connection.execute(_FIRSTS, [outlet]).fetchone()
    agencies: Counter[str] = Counter()
    for (codes,) in connection.execute("SELECT agencies FROM article WHERE outlet = ?", [outlet]):
        agencies.update(codes.split())
    total, first, last, edited, silent = row
    return OutletFigures(
        total=total,
        first=first,
        last=last,
        edited=edited,
        silent=silent,
        copies=len(lags),
        firsts=firsts,
        lag=int(statistics.median(lags)) if lags else None,
        sections=[tuple(section) for section in connection.execute(_BY_SECTION, [outlet, _MOST])],
        agencies=agencies.most_common(_MOST),
        weeks=_weeks(connection, outlet, last, zone),
    )


_LAGS = (
    f"SELECT late.at - first.at FROM article AS late JOIN article AS first ON first.n = ({EARLIEST.format('late')})"  # noqa: S608  our own
    " WHERE late.outlet = ? AND first.outlet <> late.outlet"
)
_FIRSTS = (
    f"SELECT count(*) FROM article AS first WHERE outlet = ? AND n = ({EARLIEST.format('first')})"  # noqa: S608  our own
    " AND EXISTS (SELECT 1 FROM article AS late WHERE late.story = first.story AND late.outlet <> first.outlet)"
)
_BY_SECTION = (
    "SELECT section, count(*) AS many FROM article WHERE outlet = ? AND section IS NOT NULL GROUP BY section"
    " ORDER BY many DESC, section LIMIT ?"
)


def _weeks(connection: sqlite3.Connection, outlet: str, last: int, zone: tzinfo) -> list[list[Day]]:
    """Return the last weeks, from Sunday on, oldest first."""
    newest = datetime.fromtimestamp(last, zone)
    saturday = newest + timedelta(days=(5 - newest.weekday()) % 7)
    dates = [f"{saturday - timedelta(days=back):%Y-%m-%d}" for back in range(7 * _WEEKS - 1, -1, -1)]
    start = last - 7 * (_WEEKS + 1) * 86400
    rows: Any = connection.execute("SELECT at FROM article WHERE outlet = ? AND at > ?", [outlet, start])
    many = Counter(f"{datetime.fromtimestamp(at, zone):%Y-%m-%d}" for (at,) in rows)
    crawled = {date for (date,) in connection.execute("SELECT date FROM crawl WHERE outlet = ?", [outlet])}
    most = max(many.values(), default=1)
    days = [Day(date, many[date], date in crawled, -(-_LEVELS * many[date] // most)) for date in dates]
    return [days[week : week + 7] for week in range(0, len(days), 7)]
