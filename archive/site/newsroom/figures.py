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


@dataclass(frozen=True, slots=True)
class Span:
    """Which articles count: from ``start`` (seconds), of ``outlets``, hours and days in ``zone``."""

    start: int
    end: int
    outlets: list[str]
    zone: tzinfo

    def local(self, seconds: int) -> datetime:
        """Return the time as the readers' clocks show it."""
        return datetime.fromtimestamp(seconds, self.zone)


def newsroom(connection: sqlite3.Connection, zone: tzinfo = UTC) -> list[Table]:
    """Return all tables; empty ones too."""
    (newest,) = connection.execute("SELECT max(at) FROM article").fetchone()
    start = (newest or 0) - DAYS * _DAY
    rows = connection.execute("SELECT DISTINCT outlet FROM article WHERE at > ? ORDER BY outlet", [start])
    span = Span(start, newest or 0, [row["outlet"] for row in rows], zone)
    return [make(connection, span) for make in TABLES]


def hours(connection: sqlite3.Connection, span: Span) -> Table:
    """Count the articles by the hour of publication and by outlet."""
    many: Counter[tuple[int, str]] = Counter()
    for row in connection.execute("SELECT outlet, at FROM article WHERE at > ?", [span.start]):
        many[span.local(row["at"]).hour, row["outlet"]] += 1
    rows: list[list[Cell]] = [[hour, *(many[hour, outlet] for outlet in span.outlets)] for hour in range(24)]
    return Table("hours", "المواد في كل ساعة", "عدد المواد بحسب ساعة نشرها في كل صحيفة.", ["hour", *span.outlets], rows)


def _copies(connection: sqlite3.Connection, span: Span) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT first.outlet AS source, copy.outlet AS outlet, copy.at - first.at AS lag FROM article AS copy"
        " JOIN article AS first ON first.id = copy.origin WHERE copy.id <> copy.origin AND first.outlet <> copy.outlet"
        " AND copy.at > ?",
        [span.start],
    ).fetchall()


def lags(connection: sqlite3.Connection, span: Span) -> Table:
    """Say how many hours after the first outlet each one ran the same story."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in _copies(connection, span):
        found[row["outlet"]].append(max(row["lag"], 0) / 3600)
    rows: list[list[Cell]] = []
    for outlet in span.outlets:
        if late := sorted(found[outlet]):
            quarters = statistics.quantiles(late, n=4, method="inclusive") if len(late) > 1 else [late[0]] * 3
            rows.append([outlet, len(late), *(round(value, 2) for value in quarters), round(late[-1], 2)])
    note = "الساعات بين أول صحيفة نشرت القصة والصحيفة التي نقلتها: الربيع الأول والوسيط والربيع الثالث والأقصى."
    return Table("lags", "التأخر في القصة الواحدة", note, ["outlet", "copies", "q1", "median", "q3", "max"], rows)


def matrix(connection: sqlite3.Connection, span: Span) -> Table:
    """Count who ran a story after whom."""
    many = Counter((row["source"], row["outlet"]) for row in _copies(connection, span))
    rows: list[list[Cell]] = [[source, *(many[source, outlet] for outlet in span.outlets)] for source in span.outlets]
    note = "الصف: من نشر القصة أولا. العمود: من نشرها بعده. العدد لا يعني النقل المباشر: قد يكون الأصل وكالة واحدة."
    return Table("matrix", "من ينشر قصص من", note, ["first", *span.outlets], rows if many else [])


def agencies(connection: sqlite3.Connection, span: Span) -> Table:
    """Give the share of each outlet's articles that credits each agency, in percent."""
    many: Counter[tuple[str, str]] = Counter()
    whole: Counter[str] = Counter()
    for row in connection.execute("SELECT outlet, agencies FROM article WHERE at > ?", [span.start]):
        whole[row["outlet"]] += 1
        many.update((row["outlet"], agency) for agency in row["agencies"].split())
    sums: Counter[str] = Counter()
    for (_, agency), count in many.items():
        sums[agency] += count
    codes = [agency for agency, _ in sums.most_common(_MOST_AGENCIES)]
    rows: list[list[Cell]] = [
        [outlet, *(round(100 * many[outlet, code] / whole[outlet], 1) for code in codes)] for outlet in span.outlets
    ]
    note = "النسبة المئوية من مواد كل صحيفة التي تنسب نفسها إلى الوكالة؛ قد تنسب المادة إلى أكثر من وكالة."
    return Table("agencies", "حصة الوكالات", note, ["outlet", *codes], rows if codes else [])


def edits(connection: sqlite3.Connection, span: Span) -> Table:
    """Count the articles that changed after publication: openly, silently, in the headline."""
    headlines: Counter[str] = Counter()
    later = "SELECT line FROM version JOIN article USING (id) WHERE version.version > 1 AND at > ?"
    for row in connection.execute(later, [span.start]):
        article = Article.from_line(zlib.decompress(row["line"]))
        headlines[article.outlet] += article.changes is not None and article.changes.headline
    found = connection.execute(
        "SELECT outlet, count(*) AS many, sum(version > 1) AS edited, sum(silent > 0) AS silent FROM article WHERE at > ?"
        " GROUP BY outlet ORDER BY outlet",
        [span.start],
    )
    rows: list[list[Cell]] = [
        [row["outlet"], row["many"], row["edited"], row["silent"], headlines[row["outlet"]]] for row in found
    ]
    note = "مواد تغير نصها أو عنوانها بعد حفظها أول مرة؛ والصامت ما لم تقل الصحيفة إنه تغير."
    return Table("edits", "تعديلات بعد النشر", note, ["outlet", "articles", "edited", "silent", "headline"], rows)


def calendar(connection: sqlite3.Connection, span: Span) -> Table:
    """Count the articles by day of publication and outlet; -1 where nothing was published and no crawl reported."""
    many: Counter[tuple[str, str]] = Counter()
    for row in connection.execute("SELECT outlet, at FROM article WHERE at > ?", [span.start]):
        many[f"{span.local(row['at']):%Y-%m-%d}", row["outlet"]] += 1
    crawled = {(row["date"], row["outlet"]) for row in connection.execute("SELECT date, outlet FROM crawl")}
    first = min((day for day, _ in many), default="")
    days = [day for day in _days(span) if day >= first]
    rows: list[list[Cell]] = [
        [day, *(many[day, name] or (0 if (day, name) in crawled else -1) for name in span.outlets)] for day in days
    ]
    note = "عدد المواد المحفوظة بحسب يوم نشرها. ‎-1 يعني أن لا مادة فيه ولا تقرير زحف: لا نعرف عنه شيئا."
    return Table("calendar", "تقويم التغطية", note, ["day", *span.outlets], rows if many else [])


def _days(span: Span) -> list[str]:
    last = span.local(span.end)
    return [f"{last - timedelta(days=back):%Y-%m-%d}" for back in range(DAYS - 1, -1, -1)]


TABLES: tuple[Callable[[sqlite3.Connection, Span], Table], ...] = (hours, lags, matrix, agencies, edits, calendar)
