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

from dataclasses import asdict
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from crawlers.watching.differences import Alarm, agreement_alarm, level_alarm, share_alarm
from crawlers.watching.rhythm import is_unlikely, rhythm
from crawlers.watching.tally import WATCHED_WITNESSES, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crawlers.watching.limits import Limits

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
    lately = _sampled_lately(report, [other for other in known if _fits(other, reading)], limits)
    alarms = [
        *_alarms(now, baseline, limits),
        *agreement_alarm(lately, baseline.agreements, limits),
        *_rhythm_alarm(report, known, limits),
    ]
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
    found: list[float] = []
    for crawl in (report, *reversed(known)):
        names = {alarm["name"] for alarm in crawl.get("drift", {}).get("alarms", ())}
        if len(found) < limits.sample and names <= {"agreement", "rhythm"}:
            found += Tally.of([crawl]).agreements
    return found


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
