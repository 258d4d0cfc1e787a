"""Whether an outlet is read today as it was read before.

    earlier reports ─┬─ ordinary ones ──────────────▶ baseline ─┐
                     └─ too small to judge, just now ──┐        ├─▶ alarms ──▶ quiet | warned | failed
    this report ───────────────────────────────────────┴▶ now ──┘

An alarm needs both: a difference beyond the tolerance, and more than chance explains. One alarm for one cause: what another
alarm explains (fields that only JSON-LD told, when JSON-LD is gone) is named there and raises none of its own. A crawl is
warned; it fails when the difference is grave, or when the same alarm stands for the last of DRIFT_PATIENCE crawls in a row.

A new reading of the outlet (its `extractor` is raised) begins a new baseline, and so does DRIFT_SINCE.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from crawlers.watching.chance import binomial_tail
from crawlers.watching.rhythm import is_unlikely, rhythm
from crawlers.watching.tally import WATCHED_WITNESSES, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawlers.watching.limits import Limits

UNLIKELY = 1e-6  # an outlet polled every two hours is compared seven thousand times a month
DEVIATIONS = 4.0  # of a level, from what it usually is
RISING = {"body-selectors"}  # of the traits of articles the one that is no good news
EXPLAINS = {
    "json-ld": ("field ", "rhythm"),
    "embedded-json": ("field ", "rhythm"),
    "body-selectors": ("text-length", "agreement", "field "),
    "text-length": ("agreement",),
}
LOSSES_EXPLAIN = ("rhythm",)


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


def judge_drift(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], limits: Limits) -> dict[str, Any]:
    """Compare a crawl with the ordinary ones before it.

    Args:
        report: of the crawl; with ``pages``, ``quality`` and ``regular``.
        earlier: reports of the same outlet, oldest first.
        limits: what is tolerated.

    Returns:
        The report's chapter ``drift``: ``verdict`` (not-judged, learning, too-few, quiet, warned, failed), ``crawls`` of the
        baseline, ``sample``, ``alarms``.
    """
    if not report.get("regular"):
        return _chapter("not-judged", 0, 0)
    known = [other for other in earlier if other.get("regular") and other.get("quality") and other.get("pages")]
    reading = next((other["quality"]["extractor"] for other in (report, *reversed(known)) if _was_read(other)), None)
    ordinary = [other for other in known if _is_ordinary(other, reading)]
    small = list(takewhile(lambda other: _verdict(other) == "too-few" and _fits(other, reading), reversed(known)))
    baseline, now = Tally.of(ordinary), Tally.of([report, *small])
    if baseline.crawls < limits.crawls or baseline.pages < limits.sample:
        return _chapter("learning", baseline.crawls, now.pages)
    alarms = [*_alarms(now, baseline, limits), *_rhythm_alarm(report, known, limits)]
    if now.pages < limits.sample and not alarms:
        return _chapter("too-few", baseline.crawls, now.pages)
    causes = _causes(alarms)
    for alarm in causes:
        alarm.standing = 1 + _standing(alarm.name, known)
        alarm.grave = alarm.excess >= limits.grave or alarm.standing >= limits.patience
    verdict = "failed" if any(alarm.grave for alarm in causes) else "warned" if causes else "quiet"
    return _chapter(verdict, baseline.crawls, now.pages, causes)


def _chapter(verdict: str, crawls: int, sample: int, alarms: Sequence[Alarm] = ()) -> dict[str, Any]:
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
        alarm = _share_alarm(name, now.lost_share(name), baseline.lost_share(name), limits)
        if alarm and alarm.now > alarm.was:
            yield alarm
    for name in sorted(baseline.found):
        alarm = _share_alarm(name, now.found_share(name), baseline.found_share(name), limits)
        if alarm and (alarm.now > alarm.was) == (name in RISING):
            yield alarm
    for name, kind in (("text-length", "length"), ("arabic", "arabic"), ("agreement", "agreement")):
        yield from _level_alarm(name, now, baseline, limits, kind)


def _share_alarm(name: str, now: tuple[int, int], was: tuple[int, int], limits: Limits) -> Alarm | None:
    (hits, sample), (before, of) = now, was
    if sample < limits.sample or of < limits.sample:
        return None
    share, usual = hits / sample, before / of
    tolerance = limits.tolerance["share"]
    chance = binomial_tail(hits, sample, (before + 1) / (of + 2))  # what was never seen may come all the same
    if abs(share - usual) <= tolerance or chance > UNLIKELY:
        return None
    return Alarm(name, round(usual, 3), round(share, 3), sample, abs(share - usual) / tolerance)


def _level_alarm(name: str, now: Tally, baseline: Tally, limits: Limits, kind: str) -> Iterator[Alarm]:
    level, usual = now.level(name), baseline.level(name)
    if level is None or usual is None or not usual[0]:
        return
    least = (
        max(limits.sample // 5, 1) if name == "agreement" else limits.sample
    )  # a fifth of the pages is sampled at most
    if level[1] < least or usual[1] < least:
        return
    change, tolerance = abs(level[0] - usual[0]) / usual[0], limits.tolerance[kind]
    spread = sum(abs(value - usual[0]) * size for value, size in baseline.levels[name]) / usual[1] / usual[0]
    is_worse = level[0] < usual[0] or name == "text-length"
    if is_worse and change > max(tolerance, DEVIATIONS * spread):
        yield Alarm(name, usual[0], level[0], level[1], change / tolerance)


def _rhythm_alarm(report: Mapping[str, Any], known: Sequence[Mapping[str, Any]], limits: Limits) -> Iterator[Alarm]:
    found = rhythm(report, known)
    if found is None:
        return
    change = 1 - min(found.found, found.expected) / max(found.found, found.expected)
    if change > limits.tolerance["rhythm"] and is_unlikely(found):
        excess = min(
            change / limits.tolerance["rhythm"], limits.grave * 0.99
        )  # a feast day is silent, too: never at once
        yield Alarm("rhythm", round(found.expected, 1), found.found, found.hours, excess)


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


def _standing(name: str, known: Sequence[Mapping[str, Any]]) -> int:
    judged = [other for other in reversed(known) if _verdict(other) in {"quiet", "warned", "failed"}]
    names = ({alarm["name"] for alarm in other["drift"]["alarms"]} for other in judged)
    return sum(1 for _ in takewhile(lambda raised: name in raised, names))
