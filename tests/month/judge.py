"""What must hold at the end of the month; each check returns what breaks it."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tests.month.alarms import alarm_figures
from tests.month.run import DELAY
from tests.month.town import is_closed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.month.plan import Life
    from tests.month.run import Month

AGES = tuple(map(timedelta, (0, 0, 1, 7, 30), (3600, 6 * 3600, 0, 0, 0)))
LEAST = timedelta(minutes=30)  # half the first step between two looks
ANSWERED = frozenset({200, 302, 304, 404, 410})


def lines_of(month: Month, kind: str) -> list[dict[str, Any]]:
    """Return the published lines of a kind."""
    packed = [gzip.decompress(path.read_bytes()) for path in sorted(month.archive.glob(f"{kind}/**/*.jsonl.gz"))]
    return [json.loads(line) for body in packed for line in body.splitlines()]


def fetched(month: Month) -> dict[tuple[str, str], list[datetime]]:
    """Return host and path of each article's page → when it was answered, by the replica's log."""
    pages = {(life.piece.host, life.piece.path) for lives in month.town.lives.values() for life in lives}
    found: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for moment, (first, last) in {crawl.moment: crawl.asked for crawl in month.crawls}.items():
        for entry in month.town.log[first:last]:
            if (entry.host, entry.path) in pages and entry.status in ANSWERED:
                found[entry.host, entry.path].append(moment)
    return found


def too_often(month: Month) -> list[tuple[str, str]]:
    """Return the pages that were answered twice within their interval, or more often than there are ages."""
    return [
        page
        for page, times in fetched(month).items()
        if len(times) > 1 + len(AGES) or any(later - earlier < LEAST for earlier, later in pairwise(times))
    ]


def missing(month: Month) -> list[str]:
    """Return the ids of what was announced long enough and is not in the archive; what robots.txt closed does not count."""
    held = {line["id"] for line in lines_of(month, "articles")}
    closed = {fault.outlet for fault in month.town.faults if fault.kind == "robots-closed"}
    return [
        life.piece.id
        for lives in month.town.lives.values()
        for life in lives
        if life.piece.id not in held
        and _could_be_had(month, life)
        and not (life.piece.outlet in closed and is_closed(life.piece.outlet, life.piece.path))
    ]


def together_or_close(month: Month) -> tuple[int, float]:
    """Return how often a host saw two requests at once, and the shortest time that it saw three in a row take.

    One request at a time, the delay counted from where it is sent: the second of three is sent after the first was answered, the
    third a delay later. So they take a delay at least, however long the first was held up on its way to the host.
    """
    hosts = defaultdict(list)
    for entry in month.town.log:
        hosts[entry.host].append(entry)
    together, shortest = 0, float("inf")
    for entries in hosts.values():
        ordered = sorted(entries, key=lambda entry: entry.start)
        together += sum(later.start < earlier.end for earlier, later in pairwise(ordered))
        shortest = min(
            [shortest, *(third.start - first.start for first, third in zip(ordered, ordered[2:], strict=False))]
        )
    return together, shortest


def unnoticed(month: Month) -> tuple[list[str], list[str]]:
    """Return the edits that no version shows and the removals that no event tells, though a look was due after them."""
    versions = Counter(line["id"] for line in lines_of(month, "articles"))
    vanished = {line["id"] for line in lines_of(month, "events") if line["event"] == "vanished"}
    edits, removals = [], []
    for life in (life for lives in month.town.lives.values() for life in lives):
        if not versions[life.piece.id]:
            continue
        if life.edited and _looked_after(month, life, life.edited) and not _newest_is(month, life):
            edits.append(life.piece.id)
        if life.removed and _looked_after(month, life, life.removed) and life.piece.id not in vanished:
            removals.append(life.piece.id)
    return edits, removals


def closed_but_asked(month: Month) -> list[str]:
    """Return the paths that were asked for while robots.txt closed them."""
    found = []
    for crawl in month.crawls:
        closed = any(
            f.kind == "robots-closed" and f.holds(crawl.moment) and f.outlet == crawl.outlet for f in month.town.faults
        )
        entries = month.town.log[slice(*crawl.asked)] if closed else ()
        hosts = month.town.sites()[crawl.outlet].house.hosts
        found += [entry.path for entry in entries if entry.host in hosts and is_closed(crawl.outlet, entry.path)]
    return found


def figures(month: Month) -> dict[str, Any]:
    """Return what is printed, and what the tests hold."""
    together, shortest = together_or_close(month)
    edits, removals = unnoticed(month)
    events = Counter(line["event"] for line in lines_of(month, "events"))
    return {
        "crawls": len(month.crawls),
        "exit codes": dict(sorted(Counter(crawl.code for crawl in month.crawls).items())),
        "requests": len(month.town.log),
        "answers": dict(sorted(Counter(entry.status for entry in month.town.log).items())),
        "articles": len({line["id"] for line in lines_of(month, "articles")}),
        "versions": sum(line["version"] > 1 for line in lines_of(month, "articles")),
        "events": dict(sorted(events.items())),
        "faults": [str(fault) for fault in month.town.faults],
        "fetched twice within their interval": len(too_often(month)),
        "announced and missing": len(missing(month)),
        "edits without a version": len(edits),
        "removals without an event": len(removals),
        "asked for though closed": len(closed_but_asked(month)),
        "two requests at once": together,
        "shortest time of three requests in a row": round(shortest, 3),
        "delay": DELAY,
        **alarm_figures(month),
    }


def _could_be_had(month: Month, life: Life) -> bool:
    """Say whether some crawl, while nothing was out of order, could have had the piece."""
    good = (
        crawl.moment
        for crawl in month.crawls
        if crawl.outlet == life.piece.outlet and not month.town.troubled(crawl.outlet, crawl.moment)
    )
    return any(
        life.is_there(moment) and timedelta(0) <= moment - life.piece.published < timedelta(days=2) for moment in good
    )


def _looked_after(month: Month, life: Life, moment: datetime) -> bool:
    """Say whether an age of the piece was reached after a moment, and crawls without fault came after that."""
    return any(
        life.piece.published + age > moment
        and life.piece.published + age + timedelta(hours=12) < month.town.end
        and not any(
            fault.start - timedelta(days=1) <= life.piece.published + age <= fault.end
            for fault in month.town.faults
            if fault.outlet == life.piece.outlet
        )
        for age in AGES
    )


def _newest_is(month: Month, life: Life) -> bool:
    mine = [line for line in lines_of(month, "articles") if line["id"] == life.piece.id]
    newest = max(mine, key=lambda line: line["version"])
    assert life.edited is not None
    return bool(newest["text"] == life.at(life.edited).text) or (life.removed is not None)


def broken(found: dict[str, Any]) -> Iterator[str]:
    """Yield what must not be, of the figures."""
    for name in (
        "fetched twice within their interval",
        "announced and missing",
        "edits without a version",
        "removals without an event",
        "asked for though closed",
        "two requests at once",
        "false alarms",
        "missed alarms",
        "told wrong",
    ):
        if found[name]:
            yield f"{name}: {found[name]}"
    shortest = found["shortest time of three requests in a row"]
    if shortest < DELAY - 0.01:  # a timer's grain
        yield f"three requests in {shortest} s"
