"""How complete the archive is, by outlet and day of publication.

    events, article lines ─▶ facts of each page ─▶ sums of each day ─▶ state, estimate of what nobody heard of ─▶ calendar

For every day: what was announced, captured, refused, failed and late; and, by capture and recapture, what no channel announced.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import combinations
from math import sqrt
from typing import TYPE_CHECKING, Any

from archive.article import parse_time
from archive.files import Unreadable, parse_fields
from archive.reader.jsonl import LASTING, parsed_lines, read_events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from archive.manifests.manifest import Manifest
    from archive.reader.archive import Archive
    from archive.store import Store

# --- A picture of the days: a row of weeks for each outlet, a square for each day, as dark as the day is complete ----
# ▪▪▪▪▪▪▪▪▪▪ الاثنين   الجزيرة نت     share of what was announced and not refused that the archive has
#                  …                 a cross: pages are missing that might still be had
# ▪▪▪▪▪▪▪▪▪▪ الأحد                    empty: nothing is known of the day
#
# Pictures are Arabic and run from right to left; matplotlib joins letters and turns their direction from 3.11 on.

_GREENS = (
    "#f7e0c4",
    "#d9e8b6",
    "#97cc8d",
    "#3f9b63",
    "#14573a",
)  # a half, three quarters, nine tenths, all but a few, all
_STEPS = (0.5, 0.75, 0.9, 0.99)
_WORDS = ("أقل من نصف", "نصف", "ثلاثة أرباع", "تسعة أعشار", "كل ما أُعلن أو يكاد")


def draw_calendar(days: Sequence[DayCoverage], path: Path) -> None:
    """Write the calendar as SVG (or whatever the path's suffix says). Raises ``ValueError`` where there is no day."""
    from matplotlib.figure import Figure  # noqa: PLC0415  half a second that only a picture needs

    from archive.site.templating import outlet_name  # noqa: PLC0415  as above

    if not days:
        raise ValueError("there is no day to draw")
    outlets = sorted({day.outlet for day in days})
    first = min(day.day for day in days)
    monday = first - timedelta(days=first.weekday())
    weeks = (max(day.day for day in days) - monday).days // 7 + 1
    figure = Figure(figsize=(max(6.0, 2.2 + 0.24 * weeks), 0.9 + 2.0 * len(outlets)), layout="constrained")
    for number, outlet in enumerate(outlets, 1):
        axes = figure.add_subplot(len(outlets), 1, number)
        _draw_outlet(axes, [day for day in days if day.outlet == outlet], monday, weeks)
        axes.set_title(outlet_name(outlet), loc="right", fontsize=10)
    _legend(figure)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def draw_series(counts: Mapping[tuple[str, str], int], path: Path) -> None:
    """Write a time series, a row for each outlet, as SVG (or whatever the path's suffix says).

    Args:
        counts: (outlet, day or month) → articles; periods between the first and the last that are not named had none.
        path: the file.

    Raises:
        ValueError: there is nothing to draw, or a suffix that is no picture's.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415  half a second that only a picture needs
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  as above

    from archive.site.templating import outlet_name  # noqa: PLC0415  as above

    if not counts:
        raise ValueError("there is nothing to draw")
    periods = _periods(min(period for _, period in counts), max(period for _, period in counts))
    outlets = sorted({outlet for outlet, _ in counts})
    figure = Figure(figsize=(9.0, 1.1 + 0.8 * len(outlets)), layout="constrained")
    rows = figure.subplots(len(outlets), 1, sharex=True, sharey=True, squeeze=False)[
        :, 0
    ]  # lines over one another would hide outlets
    for axes, outlet in zip(rows, outlets, strict=True):
        axes.bar(range(len(periods)), [counts.get((outlet, period), 0) for period in periods], color=_GREENS[3])
        axes.yaxis.tick_right()
        axes.yaxis.set_label_position("right")
        axes.yaxis.set_major_locator(MaxNLocator(2, integer=True))
        axes.set_ylabel(outlet_name(outlet), rotation=0, ha="left", va="center", labelpad=8)
        axes.spines[["left", "top"]].set_visible(False)
    step = -(-len(periods) // _TICKS)
    rows[-1].set_xticks(range(0, len(periods), step), periods[::step], rotation=45, ha="right", fontsize=7)
    rows[0].invert_xaxis()
    rows[0].set_ylim(bottom=0)
    figure.suptitle("عدد المواد", fontsize=10)
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


_TICKS = 24  # labels that stand beside one another


def _periods(first: str, last: str) -> list[str]:
    """Return all days, or months, from the first to the last."""
    if len(first) == len("yyyy-mm"):
        begin, end = (int(period[:4]) * 12 + int(period[5:]) - 1 for period in (first, last))
        return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(begin, end + 1)]
    day, end_day = date.fromisoformat(first), date.fromisoformat(last)
    return [f"{day + timedelta(days=number)}" for number in range((end_day - day).days + 1)]


def shade(day: DayCoverage) -> str:
    """Return the colour of a day: of the share of what could be had that the archive has."""
    wanted = day.announced - day.refused
    share = day.captured / wanted if wanted else 1.0
    return _GREENS[sum(share >= step for step in _STEPS)]


def _draw_outlet(axes: Any, days: Sequence[DayCoverage], monday: date, weeks: int) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415  with the figure

    for day in days:
        week, weekday = divmod((day.day - monday).days, 7)
        edge = "#444444" if day.state == "complete" else "#c9c9c9"
        axes.add_patch(
            Rectangle((week + 0.08, weekday + 0.08), 0.84, 0.84, facecolor=shade(day), edgecolor=edge, lw=0.6)
        )
        if day.state == "gaps":
            axes.plot(week + 0.5, weekday + 0.5, marker="x", color="#a02020", markersize=4)
    axes.set(xlim=(weeks, 0), ylim=(7, 0), aspect="equal", anchor="E")
    axes.yaxis.tick_right()
    axes.set_yticks([0.5, 2.5, 4.5, 6.5], ["الاثنين", "الأربعاء", "الجمعة", "الأحد"], fontsize=7)
    firsts = [n for n in range(weeks) if (monday + timedelta(weeks=n)).day <= 7]  # noqa: PLR2004  a month's first week
    axes.set_xticks([n + 0.5 for n in firsts], [f"{monday + timedelta(weeks=n):%Y-%m}" for n in firsts], fontsize=7)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415  with the figure
    from matplotlib.patches import Patch  # noqa: PLC0415  with the figure

    marks: list[Any] = [Patch(facecolor=colour, edgecolor="#c9c9c9") for colour in _GREENS]
    marks.append(Patch(facecolor="white", edgecolor="#444444"))
    marks.append(Line2D([], [], marker="x", color="#a02020", linestyle="none", markersize=5))
    names = [*_WORDS, "يوم اكتمل: حافة داكنة", "تنقصه صفحات قد تُجلب"]
    figure.legend(marks, names, loc="outside lower right", ncols=4, fontsize=7, frameon=False, markerfirst=False)


# --- How much no channel announced: capture and recapture, as fish in a lake are counted -----------------------------
#     channel A announces n₁ articles, channel B n₂, m of them are the same     N̂ = (n₁+1)(n₂+1)/(m+1) − 1
#
# This is Chapman's estimator (D. G. Chapman, Some properties of the hypergeometric distribution with applications to zoological
# sample censuses, University of California Publications in Statistics 1, 1951), nearly without bias from m = 7 on (Robson and Regier,
# Transactions of the American Fisheries Society 93, 1964); the interval is from Seber's variance (Biometrika 57, 1970). It takes the
# channels for independent. Where both tend to leave out the same articles, more is missing than it says: a lower bound.

LEAST_OVERLAP = 7
_Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """How many articles there were, by two channels; ``margin`` is half of the 95 % interval.

    Attributes:
        channels: the two.
        total: estimated number of articles.
        missed: of these, the number that no channel announced; never below zero.
    """

    channels: tuple[str, str]
    total: float
    margin: float
    missed: float


def estimate(pages: Iterable[frozenset[str]], pair: tuple[str, str] | None = None) -> Estimate | None:
    """Estimate from each known page's channels; None where two channels overlap in fewer than seven pages.

    Args:
        pages: for each page that any channel announced, the kinds of these channels.
        pair: the channels to compare; by default `best_pair`.
    """
    known = [channels for channels in pages if channels]
    chosen = pair or best_pair(known)
    if chosen is None:
        return None
    first, second = (sum(name in channels for channels in known) for name in chosen)
    both = sum(chosen[0] in channels and chosen[1] in channels for channels in known)
    if both < LEAST_OVERLAP:
        return None
    total = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    return Estimate(chosen, total, _Z95 * sqrt(spread), max(0.0, total - len(known)))


def best_pair(pages: Iterable[frozenset[str]]) -> tuple[str, str] | None:
    """Return the two channels of which the smaller one is largest; None where there are not two."""
    known = list(pages)
    names = sorted({name for channels in known for name in channels})
    sizes = {name: sum(name in channels for channels in known) for name in names}
    pairs = sorted(combinations(names, 2), key=lambda pair: (-min(sizes[name] for name in pair), pair))
    return pairs[0] if pairs else None


# --- What is known of every page: the events of all crawls and, of crawls that told none, the article lines ----------
# kept, unchanged, seen ──▶ captured          whatever was said of it before or after
# refused, failed, …    ──▶ the last word     until it is captured

CAPTURED = frozenset({"kept", "unchanged", "seen"})
_ANNOUNCING = frozenset({"sitemap", "news-sitemap", "feed", "section", "api", "robots-sitemap"})


@dataclass(slots=True)
class Fact:
    """What is known of one page. ``captured`` is when its first line was written, ``at`` when the last word was said."""

    outlet: str
    id: str
    url: str
    day: date
    outcome: str
    reason: str | None
    at: datetime
    channels: set[str] = field(default_factory=set)
    published: datetime | None = None
    captured: datetime | None = None

    @property
    def is_captured(self) -> bool:
        """Say whether the archive has it."""
        return self.outcome in CAPTURED

    @property
    def is_gap(self) -> bool:
        """Say whether it is missing and might still be had: not refused, not gone, not known to be no article."""
        lasts = self.outcome in {"refused", "unreadable", "dropped", "outside-window"} or self.reason in LASTING
        return not self.is_captured and not lasts


@dataclass(frozen=True, slots=True)
class Sweep:
    """That a crawl asked about some days; ``complete``: it heard every source to the end."""

    outlet: str
    since: date
    until: date
    at: datetime
    complete: bool


def read_facts(store: Store, manifests: Sequence[Manifest]) -> tuple[list[Fact], list[Sweep]]:
    """Read what the manifests' segments tell of pages and days.

    Args:
        store: the archive.
        manifests: those of the crawl dates that can tell of the wanted days; for a look at a day, all since that day.
    """
    facts: dict[str, Fact] = {}
    sweeps = []
    for event in read_events(store, manifests, ("page", "sweep")):
        if event["event"] == "sweep":
            sweeps.append(_sweep(event))
        else:
            _merge(facts, _fact(event))
    told = {manifest.crawl for manifest in manifests if "events" in manifest.by_kind}
    for line in _lines(store, (manifest for manifest in manifests if manifest.crawl not in told)):
        _merge(facts, _of_article(line))
    return _by_address(facts.values()), sweeps


def _by_address(facts: Iterable[Fact]) -> list[Fact]:
    """Join what was missed under the id of its address with what was read there later, under the number that the page states."""
    known = list(facts)
    captured = {fact.url: fact for fact in known if fact.is_captured}
    joined = []
    for fact in known:
        other = captured.get(fact.url)
        if other is None or fact.is_captured:
            joined.append(fact)
        else:
            other.channels |= fact.channels
    return joined


def _sweep(event: Mapping[str, Any]) -> Sweep:
    since, until = (date.fromisoformat(event[name]) for name in ("since", "until"))
    return Sweep(event["outlet"], since, until, parse_time(event["at"]), event["complete"])


def _fact(event: Mapping[str, Any]) -> Fact:
    at = parse_time(event["at"])
    return Fact(
        outlet=event["outlet"],
        id=event["id"],
        url=event["url"],
        day=date.fromisoformat(event["day"]),
        outcome=event["outcome"],
        reason=event["reason"],
        at=at,
        channels=set(event["channels"]) & _ANNOUNCING,
        published=event["published"] and parse_time(event["published"]),
        captured=at if event["outcome"] == "kept" else None,
    )


def _of_article(fields: Mapping[str, Any]) -> Fact:
    captured = parse_time(fields["captured"])
    published = fields["published"] and parse_time(fields["published"])
    return Fact(
        outlet=fields["outlet"],
        id=fields["id"],
        url=fields["url"],
        day=(published or captured).astimezone(UTC).date(),
        outcome="kept",
        reason=None,
        at=captured,
        channels={fields["discovered"]["kind"]} & _ANNOUNCING,
        published=published,
        captured=captured,
    )


def _merge(facts: dict[str, Fact], new: Fact) -> None:
    """Take in what another crawl says of a page."""
    old = facts.setdefault(new.id, new)
    if old is new:
        return
    old.channels |= new.channels
    if new.published and not old.published:
        old.published, old.day = new.published, new.day
    if new.captured:
        old.captured = min(old.captured or new.captured, new.captured)
    is_word = new.is_captured or (not old.is_captured and new.at >= old.at)
    if is_word and new.outcome != "tried" and not (old.is_captured and new.outcome == "seen"):
        old.outcome, old.reason, old.at = new.outcome, new.reason, new.at


def _lines(store: Store, manifests: Iterable[Manifest]) -> Iterator[Mapping[str, Any]]:
    for manifest in manifests:
        if item := manifest.by_kind.get("articles"):
            yield from parsed_lines(store, item, _line_of)


def _line_of(line: bytes) -> dict[str, Any]:
    fields = parse_fields(line, outlet=str, id=str, url=str, captured=str, published=str | None, discovered=dict)
    if not isinstance(fields["discovered"].get("kind"), str):
        raise Unreadable("its 'discovered' is not as it should be")
    return fields


# --- The sums: what every day of every outlet has, and whether it is complete ----------------------------------------
# complete   a crawl asked about the day after it was over, heard every source to the end, and nothing that it was told of is missing
# gaps       the same, but something is missing that might still be had: the next back-fill asks for it
# open       no crawl asked so

OVER = timedelta(
    hours=3
)  # after midnight UTC: an outlet's day, east of Greenwich, is over; what is announced late comes by then
LATE = timedelta(hours=6)  # from publication to capture


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """One day of one outlet.

    Attributes:
        announced: pages that any channel announced, or that were asked for by address.
        captured: those that the archive has.
        refused: those that robots.txt or a reservation closes.
        failed: reason → how many could not be had or read.
        late: captured more than six hours after their publication.
        estimate: how many there were, by two channels; None where they say too little.
        state: ``complete``, ``gaps`` or ``open``.
        alone: channel → pages that no other channel announced.
    """

    outlet: str
    day: date
    announced: int
    captured: int
    refused: int
    failed: dict[str, int]
    late: int
    estimate: Estimate | None
    state: str
    alone: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coverage:
    """An archive's completeness: its days in order, an estimate for each outlet over all of them, and the gaps."""

    days: list[DayCoverage]
    outlets: dict[str, Estimate | None]
    gaps: list[Fact]


def coverage(archive: Archive, outlets: Sequence[str] | None, since: date, until: date) -> Coverage:
    """Look at the days from ``since`` to ``until``, last included; ``outlets`` None for all."""
    days: list[DayCoverage] = []
    estimates: dict[str, Estimate | None] = {}
    gaps: list[Fact] = []
    for outlet in archive.outlets() if outlets is None else outlets:
        # a day's pages may have been captured in any crawl since, and their outlet's clock may be ahead of ours
        facts, sweeps = read_facts(archive.store, list(archive.manifests(outlet, since=since - timedelta(days=1))))
        here = [fact for fact in facts if since <= fact.day <= until]
        days += days_of(outlet, here, sweeps, since, until)
        estimates[outlet] = estimate(frozenset(fact.channels) for fact in here)
        gaps += sorted((fact for fact in here if fact.is_gap), key=lambda fact: (fact.day, fact.id))
    return Coverage(sorted(days, key=lambda day: (day.day, day.outlet)), estimates, gaps)


def days_of(
    outlet: str, facts: Iterable[Fact], sweeps: Sequence[Sweep], since: date, until: date
) -> Iterator[DayCoverage]:
    """Yield the days of one outlet on which something is known."""
    by_day: defaultdict[date, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_day[fact.day].append(fact)
    pair = best_pair(frozenset(fact.channels) for facts_of_day in by_day.values() for fact in facts_of_day)
    known = [*by_day, *(day for sweep in sweeps for day in (sweep.since, sweep.until))]
    day, until = max(since, min(known, default=until)), min(until, max(known, default=since))
    while day <= until:
        facts_of_day, is_swept = by_day.get(day, []), _is_swept(day, sweeps)
        if facts_of_day or is_swept:
            yield _day(outlet, day, facts_of_day, pair, is_swept=is_swept)
        day += timedelta(days=1)


def _is_swept(day: date, sweeps: Iterable[Sweep]) -> bool:
    over = datetime.combine(day + timedelta(days=1), time(), UTC) + OVER
    return any(sweep.complete and sweep.since <= day <= sweep.until and sweep.at >= over for sweep in sweeps)


def _day(outlet: str, day: date, facts: Sequence[Fact], pair: tuple[str, str] | None, *, is_swept: bool) -> DayCoverage:
    lost = [fact for fact in facts if not fact.is_captured and fact.outcome != "refused"]
    state = "open" if not is_swept else "gaps" if any(fact.is_gap for fact in facts) else "complete"
    return DayCoverage(
        outlet=outlet,
        day=day,
        announced=len(facts),
        captured=sum(fact.is_captured for fact in facts),
        refused=sum(fact.outcome == "refused" for fact in facts),
        failed=dict(sorted(Counter(fact.reason or fact.outcome for fact in lost).items())),
        late=sum(bool(f.captured and f.published and f.captured - f.published > LATE) for f in facts),
        estimate=estimate((frozenset(fact.channels) for fact in facts), pair) if pair else None,
        state=state,
        alone=dict(sorted(Counter(next(iter(fact.channels)) for fact in facts if len(fact.channels) == 1).items())),
    )
