"""When an entry is due: the slots since the last one that was taken, and the one that comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from crawlers.scheduling.config import cron_trigger

if TYPE_CHECKING:
    from crawlers.scheduling.config import Entry

MOST = 10_000  # slots that are counted one by one; a schedule that stood still for a year has missed enough


class Due(NamedTuple):
    """What is due: the newest slot that has passed (None: none), how many passed with it, and the next one to come."""

    slot: datetime | None
    passed: int
    following: datetime


def due(entry: Entry, last: datetime | None, interval: timedelta, now: datetime) -> Due:
    """Return what is due at ``now``.

    Args:
        entry: when the outlet is crawled.
        last: the last slot that was taken; None where the outlet was never crawled by the schedule: an interval begins now.
        interval: between two slots, where the entry has no cron line.
        now: aware.
    """
    if entry.cron is None:
        return _due_by_interval(last, interval, now)
    trigger = cron_trigger(entry.outlet, entry.cron)
    slot, passed = None, 0
    following: datetime = trigger.get_next_fire_time(last, now if last is None else last + timedelta(microseconds=1))
    while following <= now and passed < MOST:
        slot, passed = following, passed + 1
        following = trigger.get_next_fire_time(slot, slot + timedelta(microseconds=1))
    if following <= now:
        following = trigger.get_next_fire_time(None, now)
    return Due(slot, passed, following)


def _due_by_interval(last: datetime | None, interval: timedelta, now: datetime) -> Due:
    if last is None:
        return Due(now, 1, now + interval)
    passed = max(int((now - last) / interval), 0)
    return Due(last + passed * interval if passed else None, passed, last + (passed + 1) * interval)
