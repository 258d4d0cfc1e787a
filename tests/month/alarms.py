"""What the crawls of the month told of its faults: each fault its own alarm, while it holds, and a quiet crawl none.

An alarm is what an operator is told: an exit code that is not 0, a sentence under `unusual`, an alarm of the drift; and what the
webhook is sent. A crawl that another host's lease turned away (6) tells nothing. That robots.txt is as it was again is told, too.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.month.plan import Fault
    from tests.month.run import Crawled, Month

BUSY = 6
DEAD, REPEATED, RESTS = "sources that did not answer as one", "requests repeated", "rests that the outlet asked for"
BLOCKED, CHANGED, SILENT = (
    "the outlet blocks us",
    "robots.txt changed",
    "robots.txt did not answer, so nothing is fetched",
)
WAITING, LEFT = "segments that wait in the spool", "pages not reached"
ENOUGH = "pages enough"
MUST = {
    "outage": {"exit 3", DEAD},
    "storm": {RESTS, REPEATED},
    "robots-closed": {CHANGED},
    "robots-503": {"exit 3", DEAD, SILENT},
    "blocked": {"exit 5", BLOCKED},
    "dead-channel": {DEAD},
    "store-lost": {"exit 4", WAITING},
    "changed_body_class": {"drift body-selectors"},
    "lost_jsonld": {"drift json-ld"},
}
"""Fault → what some crawl must tell while it holds."""
MAY = {
    "outage": {REPEATED},
    "storm": {DEAD},  # a request that meets 429 each time it is repeated
    "robots-closed": {DEAD},  # a section's page may lie below what is closed
    "dead-channel": {REPEATED},
    "robots-503": {RESTS, REPEATED},
    "blocked": {LEFT},
    "changed_body_class": {"exit 8"},
    "lost_jsonld": {"exit 8"},
}
"""Fault → what else follows from it."""


def raised(month: Month, crawl: Crawled) -> set[str]:
    """Return the alarms of a crawl."""
    report = month.reports[crawl.crawl]
    found = {re.sub(r":.*", "", sentence) for sentence in report["unusual"]}
    found |= {f"drift {alarm['name']}" for alarm in report["drift"]["alarms"]}
    if crawl.code:
        found.add(f"exit {crawl.code}")
    return found


def judged(month: Month) -> list[tuple[Crawled, list[Fault], set[str]]]:
    """Return the crawls that took place, each with the faults that held and what it told."""
    return [
        (
            crawl,
            [f for f in month.town.faults if f.outlet == crawl.outlet and f.holds(crawl.moment)],
            raised(month, crawl),
        )
        for crawl in month.crawls
        if crawl.code != BUSY
    ]


def false_alarms(month: Month) -> list[str]:
    """Return what was told and follows from no fault that held."""
    found: list[str] = []
    before: dict[str, list[Fault]] = {}
    for crawl, faults, alarms in judged(month):
        explained = set().union(*(MUST[f.kind] | MAY.get(f.kind, set()) for f in faults))
        if any(fault.kind == "robots-closed" for fault in before.get(crawl.outlet, ())):
            explained.add(CHANGED)  # back to what it was
        found += [f"{crawl.outlet} {crawl.moment:%m-%d %H}h: {alarm}" for alarm in sorted(alarms - explained)]
        before[crawl.outlet] = faults
    return found


def missed_alarms(month: Month) -> list[str]:
    """Return the alarms that no crawl raised while their fault held; of drift, where there were pages enough to see it."""
    told: dict[Fault, set[str]] = {fault: set() for fault in month.town.faults}
    for crawl, faults, alarms in judged(month):
        is_small = month.reports[crawl.crawl]["drift"]["verdict"] == "too-few"
        for fault in faults:
            told[fault] |= alarms if is_small else alarms | {ENOUGH}
    return [
        f"{fault}: {alarm}"
        for fault, alarms in told.items()
        for alarm in sorted(MUST[fault.kind] - alarms)
        if ENOUGH in alarms or not alarm.startswith("drift")
    ]


def quiet(month: Month) -> int:
    """Return how many crawls took place while nothing was out of order at their outlet."""
    return sum(not faults for _, faults, _ in judged(month))


def told_wrong(month: Month) -> list[str]:
    """Return where the webhook was sent too little, too much or of the wrong crawl: a change of the exit code is news, nothing else."""
    wanted: Counter[tuple[str, str]] = Counter()
    last: dict[str, int] = {}
    for crawl in month.crawls:
        if crawl.code == BUSY:
            continue
        if crawl.code != last.get(crawl.outlet, 0):
            wanted[crawl.crawl, "failed" if crawl.code else "recovered"] += 1
        last[crawl.outlet] = crawl.code
    sent = Counter((said["crawl"], said["event"]) for said in month.told)
    return [
        *(f"not sent: {crawl} {event}" for crawl, event in (wanted - sent).elements()),
        *(f"sent for nothing: {crawl} {event}" for crawl, event in (sent - wanted).elements()),
    ]


def failures_told(month: Month) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each fault that fails crawls, and what the webhook was sent of crawls while it held, the failures alone."""
    for fault in month.town.faults:
        if any(alarm.startswith("exit") for alarm in MUST[fault.kind]):
            crawls = {c.crawl for c in month.crawls if c.outlet == fault.outlet and fault.holds(c.moment)}
            yield str(fault), [said for said in month.told if said["crawl"] in crawls and said["event"] == "failed"]


def record_of(month: Month) -> dict[str, Any]:
    """Return what the alarms are judged by, as JSON can hold it."""
    return {
        "crawls": [[c.outlet, c.host, c.moment.isoformat(), c.code, c.crawl] for c in month.crawls],
        "faults": [[f.kind, f.outlet, f.start.isoformat(), f.end.isoformat()] for f in month.town.faults],
        "reports": month.reports,
        "told": month.told,
    }


def alarm_figures(month: Month) -> dict[str, Any]:
    """Return what is printed of the alarms."""
    return {
        "crawls without a fault": quiet(month),
        "false alarms": false_alarms(month),
        "missed alarms": missed_alarms(month),
        "told to the webhook": dict(Counter(said["event"] for said in month.told)),
        "told wrong": told_wrong(month),
        "faults not told once": _not_once(list(failures_told(month))),
    }


def _not_once(told: Sequence[tuple[str, list[dict[str, Any]]]]) -> list[str]:
    return [f"{fault}: {len(said)} times" for fault, said in told if len(said) != 1]
