"""The numbers of the newsroom's view, each as a table that can be read, saved as CSV, and drawn.

All of them are of the last `DAYS` days in the archive, counted back from its newest article, in the readers' time zone.
"""

from __future__ import annotations

import csv
import io
import statistics
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive.article import Article

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import tzinfo

DAYS = 42
_DAY, _QUARTER = 86400, 900
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
        [_QUARTER, start],
    ).fetchall()
    local = {quarter: datetime.fromtimestamp(quarter * _QUARTER, zone) for quarter in {row["quarter"] for row in rows}}
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
    found: dict[str, list[float]] = defaultdict(list)
    for row in span.copies:
        found[row["outlet"]].append(row["lag"] / 3600)
    rows: list[list[Cell]] = []
    for outlet in span.outlets:
        if late := sorted(found[outlet]):
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
    found = span.connection.execute(
        "SELECT outlet, count(*) AS many, sum(version > 1) AS edited, sum(silent > 0) AS silent FROM article WHERE at > ?"
        " GROUP BY outlet ORDER BY outlet",
        [span.start],
    )
    rows: list[list[Cell]] = [
        [row["outlet"], row["many"], row["edited"], row["silent"], headlines[row["outlet"]]] for row in found
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
