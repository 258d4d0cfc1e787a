"""What the archive says of the outlets: numbers, tables, CSV and pictures."""

from __future__ import annotations

import csv
import io
import statistics
import zlib
from bisect import insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, dropwhile, groupby
from math import ceil, log, log1p
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.article import Article
from archive.site.lists import QUARTER, SHARED
from archive.site.queries import Kept, naming
from archive.site.templating import agency_name, badge_class, outlet_name, outlet_short

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from datetime import tzinfo

    from archive.site.templating import Wording

# --- The numbers of the newsroom's view, each as a table that can be read, saved as CSV, and drawn -------------------
# All of them are of the last `DAYS` days in the archive, counted back from its newest article, in the readers' time zone.

DAYS = 42
_DAY = 86400
_MOST_AGENCIES = 8
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


class Copy(NamedTuple):
    """An article that ran what another outlet had first: ``source``, so many seconds before. First is who was earliest, which the origin of a story need not be."""

    source: str
    outlet: str
    at: int
    lag: int


class Copies(NamedTuple):
    """Who ran what others had first; and by outlet, how many stories it had before others."""

    copies: list[Copy]
    firsts: Counter[str]


def copies_of(connection: sqlite3.Connection) -> Copies:
    """Return what the stories say that several articles carry."""
    rows = connection.execute(
        f"SELECT story, outlet, at FROM article WHERE story IN ({SHARED}) ORDER BY story, at, id"  # noqa: S608  our own
    )
    told = Copies([], Counter())
    for _, group in groupby(rows, key=itemgetter(0)):
        (_, source, first), *later = group
        late = [Copy(source, outlet, at, at - first) for _, outlet, at in later if outlet != source]
        told.copies.extend(late)
        told.firsts[source] += bool(late)
    return told


@dataclass(frozen=True, slots=True)
class Span:
    """Which articles of an index count: from ``start`` (seconds), of ``outlets``, hours and days in ``zone``.

    Attributes:
        quarters: by outlet, how many articles each quarter of an hour has: zones differ by no less, and so hours and days add up from it.
        copies: who ran what others had first.
        credited: by outlet and the agencies that are credited, how many articles.
        edited: by outlet, how many articles have a second version; ``silent`` how many without word of it.
    """

    connection: sqlite3.Connection
    start: int
    end: int
    outlets: list[str]
    zone: tzinfo
    quarters: list[tuple[str, datetime, int]]
    copies: list[Copy]
    credited: Counter[tuple[str, str]]
    edited: Counter[str]
    silent: Counter[str]


def newsroom(connection: sqlite3.Connection, zone: tzinfo = UTC, copies: Copies | None = None) -> list[Table]:
    """Return all tables; empty ones too."""
    (newest,) = connection.execute("SELECT max(at) FROM article").fetchone()
    start = (newest or 0) - DAYS * _DAY
    quarters, credited = Counter[tuple[str, int]](), Counter[tuple[str, str]]()
    edited, silent = Counter[str](), Counter[str]()
    rows = connection.execute("SELECT outlet, at, agencies, version, silent FROM article WHERE at > ?", [start])
    for outlet, at, agencies, version, unsaid in rows:
        quarters[outlet, at // QUARTER] += 1
        credited[outlet, agencies] += 1
        if version > 1:
            edited[outlet] += 1
        if unsaid > 0:
            silent[outlet] += 1
    local = {quarter: datetime.fromtimestamp(quarter * QUARTER, zone) for _, quarter in quarters}
    span = Span(
        connection,
        start,
        newest or 0,
        sorted({outlet for outlet, _ in quarters}),
        zone,
        [(outlet, local[quarter], many) for (outlet, quarter), many in quarters.items()],
        [copy for copy in (copies or copies_of(connection)).copies if copy.at > start],
        credited,
        edited,
        silent,
    )
    return [make(span) for make in TABLES]


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
        delays[row.outlet].append(row.lag / 3600)
    rows: list[list[Cell]] = []
    for outlet in span.outlets:
        if late := sorted(delays[outlet]):
            quarters = statistics.quantiles(late, n=4, method="inclusive") if len(late) > 1 else [late[0]] * 3
            rows.append([outlet, len(late), *(round(value, 2) for value in quarters), round(late[-1], 2)])
    note = "الساعات بين أول صحيفة نشرت القصة والصحيفة التي نقلتها: الربيع الأول والوسيط والربيع الثالث والأقصى."
    return Table("lags", "التأخر في القصة الواحدة", note, ["outlet", "copies", "q1", "median", "q3", "max"], rows)


def matrix(span: Span) -> Table:
    """Count who ran a story after whom."""
    many = Counter((row.source, row.outlet) for row in span.copies)
    rows: list[list[Cell]] = [[source, *(many[source, outlet] for outlet in span.outlets)] for source in span.outlets]
    note = "الصف: من نشر القصة أولا. العمود: من نشرها بعده. العدد لا يعني النقل المباشر: قد يكون الأصل وكالة واحدة."
    return Table("matrix", "من ينشر قصص من", note, ["first", *span.outlets], rows if many else [])


def agencies(span: Span) -> Table:
    """Give the share of each outlet's articles that credits each agency, in percent."""
    many: Counter[tuple[str, str]] = Counter()
    whole: Counter[str] = Counter()
    for (outlet, credited), count in span.credited.items():
        whole[outlet] += count
        for agency in credited.split():
            many[outlet, agency] += count
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
    many = Counter[str]()
    for outlet, _, count in span.quarters:
        many[outlet] += count
    rows: list[list[Cell]] = [
        [outlet, many[outlet], span.edited[outlet], span.silent[outlet], headlines[outlet]] for outlet in span.outlets
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
    note = "عدد المواد المحفوظة بحسب يوم نشرها. الشرطة يوم لا مادة فيه ولا تقرير زحف، لا نعرف عنه شيئا؛ وهو في الأرقام \u200e-1."
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


def outlet_figures(
    connection: sqlite3.Connection, outlet: str, zone: tzinfo = UTC, copies: Copies | None = None
) -> OutletFigures:
    """Return the figures of an outlet of which the index has something."""
    told = copies or copies_of(connection)
    lags = [copy.lag for copy in told.copies if copy.outlet == outlet]
    asked = "SELECT at, agencies, version > 1, silent > 0 FROM article WHERE outlet = ? ORDER BY at"
    rows = connection.execute(asked, [outlet]).fetchall()
    quarters = Counter(at // QUARTER for at, *_ in rows)
    agencies = Counter(code for _, codes, *_ in rows for code in codes.split())
    first, last = rows[0][0], rows[-1][0]
    return OutletFigures(
        total=len(rows),
        first=first,
        last=last,
        edited=sum(edited for _, _, edited, _ in rows),
        silent=sum(silent for *_, silent in rows),
        copies=len(lags),
        firsts=told.firsts[outlet],
        lag=int(statistics.median(lags)) if lags else None,
        sections=[tuple(section) for section in connection.execute(_BY_SECTION, [outlet, _MOST])],
        agencies=agencies.most_common(_MOST),
        weeks=_weeks(connection, outlet, last, zone, quarters),
    )


_BY_SECTION = (
    "SELECT section, count(*) AS many FROM article WHERE outlet = ? AND section IS NOT NULL GROUP BY section"
    " ORDER BY many DESC, section LIMIT ?"
)


def _weeks(
    connection: sqlite3.Connection, outlet: str, last: int, zone: tzinfo, quarters: Counter[int]
) -> list[list[Day]]:
    """Return the last weeks, from Sunday on, oldest first; from the first on of which there is anything."""
    newest = datetime.fromtimestamp(last, zone)
    saturday = newest + timedelta(days=(5 - newest.weekday()) % 7)
    dates = [f"{saturday - timedelta(days=back):%Y-%m-%d}" for back in range(7 * _WEEKS - 1, -1, -1)]
    start, many = last - 7 * (_WEEKS + 1) * _DAY, Counter[str]()
    for quarter, count in quarters.items():
        if (at := quarter * QUARTER) > start:
            many[datetime.fromtimestamp(at, zone).date().isoformat()] += count
    crawled = {date for (date,) in connection.execute("SELECT date FROM crawl WHERE outlet = ?", [outlet])}
    most = max(many.values(), default=1)
    days = [Day(date, many[date], date in crawled, -(-_LEVELS * many[date] // most)) for date in dates]
    weeks = [days[week : week + 7] for week in range(0, len(days), 7)]
    return list(dropwhile(lambda week: not any(day.many or day.crawled for day in week), weeks))


# --- Each table of the newsroom as a picture: shapes, which templates/figure.svg makes SVG of ------------------------
# A picture is 360 units wide, as a phone is: names at the right edge, what is counted to their left, time and numbers from right to
# left. Many outlets are many small rows, never lines over one another. Colours are classes, so that a page gives its own, light and dark.

_WIDE, _FIELD = 360, 240  # units: of the picture, and of the part that the names leave
_NAMED = 14  # units from one row to the next


class Mark(NamedTuple):
    """A shape: a rectangle, or a text whose right edge (``start``), left edge (``end``) or ``middle`` stands at ``x``."""

    x: float
    y: float
    width: float = 0
    height: float = 0
    colour: str = ""
    text: str = ""
    anchor: str = "start"
    title: str = ""


@dataclass(slots=True)
class Figure:
    """A picture: its shapes, and how high it is so far."""

    marks: list[Mark] = field(default_factory=list)
    height: float = 0

    def name(self, text: str, note: str = "") -> None:
        """Put a row's name at the right edge, and a note under it."""
        self.marks.append(Mark(_WIDE - 2, self.height + 11, text=text, colour="label"))
        if note:
            self.marks.append(Mark(_WIDE - 2, self.height + 25, text=note, colour="tick"))

    def box(self, place: tuple[float, float, float, float], colour: str, title: str = "") -> None:
        """Put a rectangle: how far its right edge is from the field's, its top from the row's, its width and height."""
        right, top, width, height = place
        left = round(_FIELD - right - width, 1)
        self.marks.append(
            Mark(left, round(self.height + top, 1), round(width, 1), round(height, 1), colour, title=title)
        )

    def tick(self, right: float, text: str, anchor: str = "middle") -> None:
        """Put a word of the scale under the last row."""
        self.marks.append(Mark(round(_FIELD - right, 1), self.height + 11, text=text, anchor=anchor, colour="tick"))


def figure_of(table: Table, wording: Wording) -> Figure | None:
    """Return the picture of a table; None where nothing in it was counted."""
    first = table.columns.index("edited") if table.name == "edits" else 1  # of what the picture shows
    if not any(float(value) > 0 for row in table.rows for value in row[first:]):
        return None
    figure = Figure()
    _PICTURES[table.name](figure, table, wording)
    figure.height += 4
    return figure


def _hours(figure: Figure, table: Table, wording: Wording) -> None:
    columns = sorted(enumerate(table.columns[1:], start=1), key=lambda each: -sum(_numbers(table, each[0])))
    for place, outlet in columns:
        many = _numbers(table, place)
        figure.name(outlet_short(outlet), wording.counted(int(sum(many)), "article"))
        for hour, value in enumerate(many):
            height = 28 * value / (max(many) or 1)
            figure.box(
                (10 * hour + 1, 30 - max(height, 0.7), 8, max(height, 0.7)),
                badge_class(outlet),
                f"{outlet_name(outlet)}، {wording.dated.number(f'{hour:02}:00')}: {wording.dated.number(int(value))}",
            )
        figure.height += 36
    figure.tick(0, wording.dated.number("12 ليلا"), "start")  # «٠٠» would be two dots
    for hour, words in ((6, "6 صباحا"), (12, "12 ظهرا"), (18, "6 مساء")):
        figure.tick(10 * hour + 5, wording.dated.number(words))
    figure.height += _NAMED


def _lags(figure: Figure, table: Table, wording: Wording) -> None:
    most = max(float(row[4]) for row in table.rows) or 1
    scale = _FIELD / log1p(most)
    for row in sorted(table.rows, key=lambda row: float(row[3])):
        outlet, (low, middle, high) = str(row[0]), (float(value) for value in row[2:5])
        figure.name(outlet_short(outlet), f"بعد {wording.lag(round(3600 * middle), behind=True)}")
        figure.box((0, 15.5, _FIELD, 1), "rule")
        figure.box((log1p(low) * scale, 9, max((log1p(high) - log1p(low)) * scale, 2), 14), badge_class(outlet))
        figure.box((max(log1p(middle) * scale - 1.5, 0), 5, 3, 22), "strong")
        figure.height += 32
    for hours in (0, 1, 6, 24, 72, 168):
        if hours <= most:
            figure.tick(
                log1p(hours) * scale, wording.lag(3600 * hours) if hours else "فورا", "middle" if hours else "start"
            )
    figure.height += _NAMED


def _matrix(figure: Figure, table: Table, wording: Wording) -> None:
    outlets = table.columns[1:]
    most = max(float(value) for row in table.rows for value in row[1:])
    size = min(26.0, _FIELD / len(outlets))
    letter = min(
        12, int((size - 1) / (_DIGIT * len(f"{most:.0f}")))
    )  # so high that the longest number stands in its square
    for number in range(1, len(outlets) + 1):
        figure.tick((number - 0.5) * size, wording.number(number))
    figure.height += _NAMED + 2
    for number, row in enumerate(table.rows, start=1):
        figure.name(f"{wording.number(number)} {outlet_short(str(row[0]))}")
        for place, value in enumerate(row[1:]):
            many = float(value)
            title = f"{outlet_name(str(row[0]))} ثم {outlet_name(outlets[place])}: {wording.number(int(many))}"
            level = ceil(_LEVELS * many / most)
            figure.box((place * size, 0, size - 1, size - 1), f"c{level}", title)
            if many and letter >= _LEAST:
                colour = f"{'on' if level == _LEVELS else 'label'} t{letter}"
                right, middle = _FIELD - (place + 0.5) * size, figure.height + size / 2 + letter / 3
                words = wording.number(int(many))
                figure.marks.append(Mark(round(right, 1), round(middle, 1), text=words, anchor="middle", colour=colour))
        figure.height += max(size, 16)


def _agencies(figure: Figure, table: Table, wording: Wording) -> None:
    shares = [
        (str(row[0]), sorted(zip(map(float, row[1:]), table.columns[1:], strict=True), reverse=True))
        for row in table.rows
    ]
    most = max(each[0][0] for _, each in shares)
    for outlet, each in sorted(shares, key=lambda share: -share[1][0][0]):
        chosen = [(share, code) for share, code in each if share > 0][:_TOP]
        if not chosen:
            continue
        figure.name(outlet_short(outlet))
        for share, code in chosen:
            wide = 120 * min(share, 100) / most
            figure.box((0, 1, max(wide, 1), 10), badge_class(outlet))
            words = f"{agency_name(code)} {wording.number(round(min(share, 100), 1))}٪"
            figure.marks.append(Mark(round(_FIELD - wide - 5, 1), figure.height + 10, text=words, colour="tick"))
            figure.height += _NAMED
        figure.height += 6


def _edits(figure: Figure, table: Table, wording: Wording) -> None:
    most = max(float(row[2]) for row in table.rows) or 1
    for row in sorted(table.rows, key=lambda row: -float(row[2])):
        outlet, edited, silent = str(row[0]), int(row[2]), int(row[3])
        figure.name(outlet_short(outlet))
        figure.box((0, 1, max(150 * edited / most, 0.7), 11), "c2")
        figure.box((0, 1, 150 * silent / most, 11), "c4")
        words = f"{wording.number(edited)}، منها {wording.number(silent)} بصمت" if silent else wording.number(edited)
        figure.marks.append(
            Mark(round(_FIELD - 150 * edited / most - 5, 1), figure.height + 11, text=words, colour="tick")
        )
        figure.height += 18


def _calendar(figure: Figure, table: Table, wording: Wording) -> None:
    most = max(float(value) for row in table.rows for value in row[1:])
    wide = _FIELD / len(table.rows)
    for place, outlet in enumerate(table.columns[1:], start=1):
        figure.name(outlet_short(outlet))
        for day, row in enumerate(table.rows):
            many, title = float(row[place]), f"{outlet_name(outlet)}، {wording.day(date.fromisoformat(str(row[0])))}"
            if many < 0:
                figure.box(((day + 0.4) * wide, 6, wide * 0.2, 2), "strong", f"{title}: ؟")
            else:
                title += f": {wording.dated.counted(int(many), 'article')}"
                figure.box((day * wide, 0, wide - 0.8, 14), f"c{ceil(_LEVELS * many / most)}", title)
        figure.height += 18
    figure.tick(0, wording.day(date.fromisoformat(str(table.rows[0][0]))), "start")
    if len(table.rows) > 1:
        figure.tick(_FIELD, wording.day(date.fromisoformat(str(table.rows[-1][0]))), "end")
    figure.height += _NAMED


def _numbers(table: Table, column: int) -> list[float]:
    return [float(row[column]) for row in table.rows]


_TOP = 4  # agencies of an outlet
_DIGIT, _LEAST = 0.6, 7  # of its height, how wide a digit of the font is; units that one must be high to be read
_PICTURES: dict[str, Callable[[Figure, Table, Wording], None]] = {
    "hours": _hours,
    "lags": _lags,
    "matrix": _matrix,
    "agencies": _agencies,
    "edits": _edits,
    "calendar": _calendar,
}


# --- What stands beside a name more often than chance would have it, and when ------------------------------------------


def neighbours(
    connection: sqlite3.Connection, e: int, limit: int = 12, kept: Kept | None = None
) -> list[dict[str, Any]]:
    """Return the entries that stand beside one more often than chance would have it, the surest first: ``e, name, slug, kind, together, many``.

    What orders them is the log-likelihood ratio (Dunning 1993): an entry of two articles that stands beside it twice is no surer
    than one of forty that does so twenty times.
    """
    kept = kept or Kept(lambda: connection)
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    numbers = naming(connection, e)
    beside = Counter(chain.from_iterable(kept.named(numbers).values()))
    del beside[e]
    often = [pair for pair in beside.most_common() if pair[1] > 1]
    best: list[tuple[float, str, dict[str, Any]]] = []
    for start in range(0, len(often), _LOOKED_UP):
        here = dict(often[start : start + _LOOKED_UP])
        for other, name, slug, kind, many, key in kept.entries(list(here)).values():
            together = here[other]
            if len(best) == limit and _association(together, len(numbers), together, total) < -best[-1][0]:
                return [
                    row for *_, row in best
                ]  # not even one that stands beside it alone would be surer, nor any that follows
            if (score := _association(together, len(numbers), many, total)) > 0:
                told = {"e": other, "name": name, "slug": slug, "kind": kind, "together": together, "many": many}
                insort(best, (-score, key, told), key=itemgetter(0, 1))
                del best[limit:]
    return [row for *_, row in best]


_LOOKED_UP = 64  # entries at once


def _association(together: int, one: int, other: int, total: int) -> float:
    """Return the log-likelihood ratio of two entries of so many articles standing together; 0 where chance would have it as often."""
    if together * total <= one * other:
        return 0.0
    cells = (together, one - together, other - together, total - one - other + together)
    sums = (one * other, one * (total - other), (total - one) * other, (total - one) * (total - other))
    return sum(
        cell * log(cell * total / product)
        for cell, product in zip(cells, sums, strict=True)
        if cell > 0 and product > 0
    )


_SPANS = 24  # of a small picture over time


class OverTime(NamedTuple):
    """In how many articles each name stands, from the ``first`` second to the ``last`` in equal spans."""

    first: int
    last: int
    rows: list[tuple[dict[str, Any], list[int]]]


def beside_over_time(
    connection: sqlite3.Connection, e: int, names: Sequence[dict[str, Any]], kept: Kept | None = None
) -> OverTime:
    """Return in how many of an entry's articles each of the names beside it stands, from the entry's first article to its last."""
    kept = kept or Kept(lambda: connection)
    numbers = naming(connection, e)
    times = {n: at for n, _, at, *_ in kept.places(numbers).values()}
    first, last = min(times.values()), max(times.values())
    width = max(1, -(-(last - first + 1) // _SPANS))
    many = {name["e"]: [0] * _SPANS for name in names}
    named = kept.named(numbers)
    for n, at in times.items():
        for other in named.get(n, ()):
            if other in many:
                many[other][(at - first) // width] += 1
    return OverTime(first, last, [(name, many[name["e"]]) for name in names])
