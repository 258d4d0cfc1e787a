"""Drift: whether an outlet is read today as it was read before, judged from its reports.

reports ─▶ tallies, now and before ─▶ differences that neither tolerance nor chance explains ─▶ alarms ─▶ verdict
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from math import log
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from crawlers.configuration import ConfigurationError, table_of
from crawlers.extraction.page_checks import WITHOUT_SELECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from scrapy.settings import BaseSettings

# --- How likely chance alone makes a count this small or this large: exact tails, since the samples are small --------


def binomial_tail(hits: int, sample: int, share: float) -> float:
    """Return the probability (the nearer tail) of ``hits`` among ``sample`` where each hits with ``share`` (0 < share < 1)."""
    logs = (math.log(share), math.log1p(-share))
    is_low = hits < share * sample
    counts = range(hits + 1) if is_low else range(hits, sample + 1)
    return min(sum(math.exp(_log_choices(sample, n) + n * logs[0] + (sample - n) * logs[1]) for n in counts), 1.0)


def poisson_tail(count: int, expected: float) -> float:
    """Return the probability (the nearer tail) of ``found`` events where ``expected`` (above 0) come on average."""
    below = sum(math.exp(n * math.log(expected) - expected - math.lgamma(n + 1)) for n in range(count + 1))
    at = math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
    return max(min(below, 1 - below + at), 0.0)


def _log_choices(sample: int, hits: int) -> float:
    return math.lgamma(sample + 1) - math.lgamma(hits + 1) - math.lgamma(sample - hits + 1)


# --- One measure, now and before: whether they differ by more than is tolerated, and by more than chance explains ----
# share of pages        an exact tail of the binomial distribution
# level (a median)      four mean deviations of the crawls before, and six of a median of so many pages
# agreement             both: few pages are read twice, so the pages that agree badly are counted as a share is

UNLIKELY_DIFFERENCE = 1e-6  # an outlet polled every two hours is compared seven thousand times a month
DEVIATIONS = 4.0  # of a level, from what it usually is
OF_A_MEDIAN = 6 * 1.25  # mean deviations: that of the median of n pages is 1.25 of that of a page, by the root of n


@dataclass(slots=True)
class Alarm:
    """One difference: what is measured, how it was, how it is, on how many pages.

    ``excess`` is the difference in tolerances; ``explains`` names what follows from it.
    """

    name: str
    was: float
    now: float
    sample: int
    excess: float
    standing: int = 1
    grave: bool = False
    explains: list[str] = field(default_factory=list)


def share_alarm(name: str, now: tuple[int, int], was: tuple[int, int], limits: Limits) -> Alarm | None:
    """Return the alarm of a share of pages: hits and sample now, hits and sample before."""
    (hits, sample), (before, of) = now, was
    if sample < limits.sample or of < limits.sample:
        return None
    share, usual = hits / sample, before / of
    tolerance = limits.tolerance["share"]
    chance = binomial_tail(hits, sample, (before + 1) / (of + 2))  # what was never seen may come all the same
    if abs(share - usual) <= tolerance or chance > UNLIKELY_DIFFERENCE:
        return None
    return Alarm(name, round(usual, 3), round(share, 3), sample, abs(share - usual) / tolerance)


def level_alarm(name: str, now: Tally, baseline: Tally, limits: Limits, kind: str) -> Iterator[Alarm]:
    """Yield the alarm of a level, if it is one."""
    level, usual = now.level(name), baseline.level(name)
    if level is None or usual is None or not usual[0] or min(level[1], usual[1]) < limits.sample:
        return
    change, tolerance = abs(level[0] - usual[0]) / usual[0], limits.tolerance[kind]
    spread = sum(abs(value - usual[0]) * size for value, size in baseline.levels[name]) / usual[1] / usual[0]
    is_worse = level[0] < usual[0] or name == "text-length"
    by_pages = OF_A_MEDIAN * baseline.page_spread(name) / level[1] ** 0.5 / usual[0]
    is_chance = (
        level[0] > 0 and abs(log(level[0] / usual[0])) <= by_pages
    )  # lengths are skewed, their logarithms less so
    if is_worse and change > max(tolerance, DEVIATIONS * spread) and not is_chance:
        yield Alarm(name, usual[0], level[0], level[1], change / tolerance)


def agreement_alarm(now: Sequence[float], before: Sequence[float], limits: Limits) -> Iterator[Alarm]:
    """Yield the alarm of the agreement, if half of the pages fall below what is tolerated, and chance does not make it so.

    A tenth of the pages is sampled, so a median is often one of three pages, and a page may well agree badly without any fault.

    Args:
        now: the agreement of each page sampled lately.
        before: of each page sampled before.
        limits: what is tolerated; half of its sample is enough, for each page counts by itself.
    """
    if min(len(now), len(before)) < limits.sample / 2 or not (usual := median(before)):
        return
    floor = usual * (1 - limits.tolerance["agreement"])
    low, was_low = (sum(page < floor for page in pages) for pages in (now, before))
    if median(now) >= floor or binomial_tail(low, len(now), (was_low + 1) / (len(before) + 2)) > UNLIKELY_DIFFERENCE:
        return
    change = (usual - median(now)) / usual
    yield Alarm("agreement", round(usual, 3), round(median(now), 3), len(now), change / limits.tolerance["agreement"])


# --- What counts as drift: the settings that begin with DRIFT_, checked before the first request ---------------------

TOLERANCES = {"share": 0.25, "length": 0.4, "agreement": 0.2, "arabic": 0.1, "rhythm": 0.6}
"""Share of pages: absolute; the others: relative to what is usual."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is tolerated.

    Args:
        sample: pages below which nothing is concluded.
        crawls: earlier crawls below which nothing is concluded.
        days: how far back the baseline goes.
        patience: crawls in a row with the same alarm that fail the last of them.
        grave: how many times the tolerance fails a crawl at once.
        since: crawls before this day (ISO) are no measure; empty for all.
        tolerance: by kind of measure, see `TOLERANCES`.
    """

    sample: int = 10
    crawls: int = 5
    days: int = 14
    patience: int = 3
    grave: float = 2.0
    since: str = ""
    tolerance: dict[str, float] = field(default_factory=lambda: dict(TOLERANCES))

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Limits:
        """Read the settings that begin with DRIFT_ and say what is tolerated.

        Raises:
            ConfigurationError: one of them cannot be; the sentence names it.
        """
        asked = table_of(settings, "DRIFT_TOLERANCE")
        if unknown := sorted(asked.keys() - TOLERANCES.keys()):
            raise ConfigurationError(f"DRIFT_TOLERANCE: {unknown[0]!r} is none of {', '.join(TOLERANCES)}")
        return cls(
            sample=int(_positive(settings, "DRIFT_LEAST_PAGES")),
            crawls=int(_positive(settings, "DRIFT_LEAST_CRAWLS")),
            days=int(_positive(settings, "DRIFT_DAYS")),
            patience=int(_positive(settings, "DRIFT_PATIENCE")),
            grave=_positive(settings, "DRIFT_GRAVE"),
            since=_day("DRIFT_SINCE", str(settings["DRIFT_SINCE"] or "")),
            tolerance={**TOLERANCES, **{name: _number(f"DRIFT_TOLERANCE: {name}", asked[name]) for name in asked}},
        )


def _day(name: str, text: str) -> str:
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigurationError(f"{name} is a day such as 2026-05-11, not {text!r}") from None


def _positive(settings: BaseSettings, name: str) -> float:
    return _number(name, settings[name])


def _number(name: str, number: object) -> float:
    try:
        value = float(str(number))
    except ValueError:
        raise ConfigurationError(f"{name} is a number above 0, not {number!r}") from None
    if not value > 0:
        raise ConfigurationError(f"{name} is a number above 0, not {number!r}")
    return value


# --- How many articles an outlet publishes at which hour of the day, and whether the last hours are like that --------
# baseline: articles of each hour of the day (UTC), a day ──▶ expected for the last 6, 12, 24 or 48 hours, the shortest span for
# which twenty are expected ──▶ many fewer, or many more, than chance explains

SPANS = (6, 12, 24, 48)  # hours
LEAST_EXPECTED = 20
LEAST_DAYS = 3
UNLIKELY_HOURS = 1e-3
SETTLING = timedelta(hours=1)  # what was published just now may not be announced yet


class Rhythm(NamedTuple):
    """Articles expected and found in the last ``hours`` hours."""

    hours: int
    expected: float
    found: int


def rhythm(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Rhythm | None:
    """Compare the last hours with what is usual at this time of the day; None where too little is known.

    All earlier reports count, however their crawls ended: what was published when does not depend on how it was read. A silence
    that lasts as long as the baseline becomes what is usual.

    Args:
        report: of the crawl that is judged.
        earlier: earlier reports, oldest first.
    """
    if not earlier:
        return None
    end = datetime.fromisoformat(report["started"]).astimezone(UTC) - SETTLING
    begin = datetime.fromisoformat(earlier[0]["started"]).astimezone(UTC)
    until = min(end - timedelta(hours=SPANS[0]), datetime.fromisoformat(earlier[-1]["started"]).astimezone(UTC))
    days = (until - begin) / timedelta(days=1)
    if days < LEAST_DAYS:
        return None
    usual: Counter[int] = Counter()
    for hour, count in _hours(earlier).items():
        if begin <= hour <= until:
            usual[hour.hour] += count
    published = _hours([*earlier, report])
    for span in SPANS:
        hours = [
            (end - timedelta(hours=back)).replace(minute=0, second=0, microsecond=0) for back in range(1, span + 1)
        ]
        expected = sum(usual[hour.hour] for hour in hours) / days
        if expected >= LEAST_EXPECTED:
            return Rhythm(span, expected, sum(published[hour] for hour in hours))
    return None


def is_unlikely(measured: Rhythm) -> bool:
    """Say whether chance hardly gives this few, or this many, where each article comes by itself."""
    return poisson_tail(measured.found, measured.expected) < UNLIKELY_HOURS


def _hours(reports: Iterable[Mapping[str, Any]]) -> Counter[datetime]:
    total: Counter[datetime] = Counter()
    for report in reports:
        for hour, count in report["quality"]["hours"].items():
            total[datetime.fromisoformat(f"{hour}:00+00:00")] += count
    return total


# --- Several crawls' pages, counted together -------------------------------------------------------------------------
# report, report, … ──▶ Tally ──▶ shares (pages with a trait, of pages that could have it) · levels (medians)
#
# Counts of small crawls add up; a crawl that fetched three pages says nothing alone, and a day of them does.

WATCHED_WITNESSES = ("json-ld", "embedded-json")


@dataclass(slots=True)
class Tally:
    """What a number of crawls read.

    Attributes:
        crawls: how many they are.
        pages: pages that were fetched and looked at.
        articles: of them, those that were read.
        chosen: pages that were to be fetched.
        lost: reason → pages that were lost for it.
        found: trait → articles that have it.
        levels: measure → (value, sample) of each crawl.
        spreads: measure → (mean deviation of a page from the crawl's median, sample) of each crawl that tells it.
        agreements: of each page that was read twice, how far the readings agree.
    """

    crawls: int = 0
    pages: int = 0
    articles: int = 0
    chosen: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    levels: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    spreads: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    agreements: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, reports: Iterable[Mapping[str, Any]]) -> Tally:
        """Count reports together."""
        tally = cls()
        for report in reports:
            tally.add(report)
        return tally

    def add(self, report: Mapping[str, Any]) -> None:
        """Count a report in."""
        steps, quality = report["pages"]["steps"], report["quality"]
        self.crawls += 1
        self.pages += steps["fetched"]
        self.chosen += steps["chosen"]
        self.articles += quality["articles"]
        for reason, count in report["pages"]["reasons"].items():
            outcome, _, name = reason.partition("/")
            if outcome in {"unreadable", "dropped"} and name != "Unchanged":
                self.lost[name] += count
        self.lost["failures"] += report["pages"]["outcomes"].get("failed", 0)
        self.found.update({f"field {name}": count for name, count in quality["fill"].items()})
        self.found.update({name: quality["witnesses"].get(name, 0) for name in WATCHED_WITNESSES})
        self.found["body-selectors"] += sum(quality["flags"].get(flag, 0) for flag in WITHOUT_SELECTORS)
        self._level("text-length", quality["words"]["median"], quality["articles"])
        if (spread := quality["words"].get("spread")) is not None:
            self.spreads.setdefault("text-length", []).append((spread, quality["articles"]))
        self._level("arabic", quality["arabic"], quality["articles"])
        agreement = quality["agreement"]  # older reports have the median alone
        self.agreements += agreement.get("pages", [agreement["median"]] * agreement["sampled"])

    def _level(self, name: str, value: float | None, sample: int) -> None:
        if value is not None:
            self.levels.setdefault(name, []).append((value, sample))

    def lost_share(self, name: str) -> tuple[int, int]:
        """Return how many pages were lost for a reason, and of how many."""
        return self.lost[name], self.chosen if name == "failures" else self.pages

    def found_share(self, name: str) -> tuple[int, int]:
        """Return how many articles have a trait, and of how many."""
        return self.found[name], self.articles

    def page_spread(self, name: str) -> float:
        """Return by how much a page deviates from its crawl's median in the mean, 0 where nobody told it."""
        told = self.spreads.get(name, ())
        return sum(spread * sample for spread, sample in told) / max(sum(sample for _, sample in told), 1)

    def level(self, name: str) -> tuple[float, int] | None:
        """Return the weighted median of a measure and its sample, None where nobody measured it."""
        measured = sorted(self.levels.get(name, ()))
        total = sum(sample for _, sample in measured)
        passed = 0
        for value, sample in measured:
            passed += sample
            if 2 * passed >= total:
                return value, total
        return None


# --- Whether an outlet is read today as it was read before -----------------------------------------------------------
#     earlier reports ─┬─ ordinary ones ──────────────▶ baseline ─┐
#                      └─ too small to judge, just now ──┐        ├─▶ alarms ──▶ quiet | warned | failed
#     this report ───────────────────────────────────────┴▶ now ──┘
#
# An alarm needs both: a difference beyond the tolerance, and more than chance explains. One alarm for one cause: what another
# alarm explains (fields that only JSON-LD told, when JSON-LD is gone) is named there and raises none of its own. A crawl is
# warned; it fails when the difference is grave, or when the same alarm stands for the last of DRIFT_PATIENCE crawls in a row.
#
# A new reading of the outlet (its `extractor` is raised) begins a new baseline, and so does DRIFT_SINCE.

RISING = {"body-selectors"}  # of the traits of articles the one that is no good news
EXPLAINS = {
    "json-ld": ("field ", "rhythm"),
    "embedded-json": ("field ", "rhythm"),
    "body-selectors": ("text-length", "agreement", "field "),
    "text-length": ("agreement",),
}
LOSSES_EXPLAIN = ("rhythm",)


def judge_drift(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], limits: Limits) -> dict[str, Any]:
    """Compare a crawl with the ordinary ones before it.

    Args:
        report: of the crawl; with ``pages``, ``quality`` and ``regular``.
        earlier: reports of the same outlet, oldest first.
        limits: what is tolerated.

    Returns:
        The report's section ``drift``: ``verdict`` (not-judged, learning, too-few, quiet, warned, failed), ``crawls`` of the
        baseline, ``sample``, ``alarms``.
    """
    if not report.get("regular"):
        return _section("not-judged", 0, 0)
    known = [other for other in earlier if other.get("regular") and other.get("quality") and other.get("pages")]
    reading = next((other["quality"]["extractor"] for other in (report, *reversed(known)) if _was_read(other)), None)
    ordinary = [other for other in known if _is_ordinary(other, reading)]
    small = list(takewhile(lambda other: _verdict(other) == "too-few" and _fits(other, reading), reversed(known)))
    baseline, now = Tally.of(ordinary), Tally.of([report, *small])
    if baseline.crawls < limits.crawls or baseline.pages < limits.sample:
        return _section("learning", baseline.crawls, now.pages)
    lately = _sampled_lately(report, [other for other in known if _fits(other, reading)], limits)
    alarms = [
        *_alarms(now, baseline, limits),
        *agreement_alarm(lately, baseline.agreements, limits),
        *_rhythm_alarm(report, known, limits),
    ]
    if now.pages < limits.sample and not alarms:
        return _section("too-few", baseline.crawls, now.pages)
    causes = _causes(alarms)
    for alarm in causes:
        alarm.standing = 1 + _days_in_row(alarm.name, known)
        alarm.grave = alarm.excess >= limits.grave or alarm.standing >= limits.patience
    verdict = "failed" if any(alarm.grave for alarm in causes) else "warned" if causes else "quiet"
    return _section(verdict, baseline.crawls, now.pages, causes)


def _section(verdict: str, crawls: int, sample: int, alarms: Sequence[Alarm] = ()) -> dict[str, Any]:
    return {"verdict": verdict, "crawls": crawls, "sample": sample, "alarms": [asdict(alarm) for alarm in alarms]}


def _verdict(report: Mapping[str, Any]) -> str:
    return str(report.get("drift", {}).get("verdict"))


def _was_read(report: Mapping[str, Any]) -> bool:
    return bool(report["quality"]["extractor"])


def _fits(other: Mapping[str, Any], reading: str | None) -> bool:
    return not _was_read(other) or other["quality"]["extractor"] == reading


def _is_ordinary(other: Mapping[str, Any], reading: str | None) -> bool:
    """Say whether an earlier crawl shows how the outlet is usually read: by this reading, without an alarm."""
    is_same = _was_read(other) and _fits(other, reading)
    return is_same and other.get("exit_code") == 0 and _verdict(other) not in {"warned", "failed"}


def _alarms(now: Tally, baseline: Tally, limits: Limits) -> Iterator[Alarm]:
    for name in sorted(now.lost):
        alarm = share_alarm(name, now.lost_share(name), baseline.lost_share(name), limits)
        if alarm and alarm.now > alarm.was:
            yield alarm
    for name in sorted(baseline.found):
        alarm = share_alarm(name, now.found_share(name), baseline.found_share(name), limits)
        if alarm and (alarm.now > alarm.was) == (name in RISING):
            yield alarm
    for name, kind in (("text-length", "length"), ("arabic", "arabic")):
        yield from level_alarm(name, now, baseline, limits, kind)


def _sampled_lately(report: Mapping[str, Any], known: Sequence[Mapping[str, Any]], limits: Limits) -> list[float]:
    """Return the agreement of the newest sampled pages, of as many crawls as make a sample.

    A crawl whose alarm was another one is left out: it read its pages wrongly, and that was told.
    """
    counts: list[float] = []
    for crawl in (report, *reversed(known)):
        names = {alarm["name"] for alarm in crawl.get("drift", {}).get("alarms", ())}
        if len(counts) < limits.sample and names <= {"agreement", "rhythm"}:
            counts += Tally.of([crawl]).agreements
    return counts


def _rhythm_alarm(report: Mapping[str, Any], known: Sequence[Mapping[str, Any]], limits: Limits) -> Iterator[Alarm]:
    measured = rhythm(report, known)
    if measured is None:
        return
    change = 1 - min(measured.found, measured.expected) / max(measured.found, measured.expected)
    if change > limits.tolerance["rhythm"] and is_unlikely(measured):
        excess = min(
            change / limits.tolerance["rhythm"], limits.grave * 0.99
        )  # a feast day is silent, too: never at once
        yield Alarm("rhythm", round(measured.expected, 1), measured.found, measured.hours, excess)


def _causes(alarms: Sequence[Alarm]) -> list[Alarm]:
    """Leave out the alarms that follow from another one, which then names them."""
    explained = set()
    for alarm in alarms:
        is_loss = alarm.name not in {*WATCHED_WITNESSES, "rhythm", "text-length", "arabic", "agreement", *RISING}
        follows = EXPLAINS.get(alarm.name, LOSSES_EXPLAIN if is_loss and not alarm.name.startswith("field ") else ())
        alarm.explains = (
            [other.name for other in alarms if other is not alarm and other.name.startswith(follows)] if follows else []
        )
        explained.update(alarm.explains)
    return [alarm for alarm in alarms if alarm.name not in explained]


def _days_in_row(name: str, known: Sequence[Mapping[str, Any]]) -> int:
    judged = [other for other in reversed(known) if _verdict(other) in {"quiet", "warned", "failed"}]
    names = ({alarm["name"] for alarm in other["drift"]["alarms"]} for other in judged)
    return sum(1 for _ in takewhile(lambda raised: name in raised, names))
