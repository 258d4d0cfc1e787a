"""The setting SCHEDULE as a `ScheduleEntry` for each outlet; a wrong one is refused before anything runs.

SCHEDULE = {
    "*":         {"every": "20m", "adapt": ["5m", "2h"], "jitter": "1m", "limit": "1h", "retry": 2, "retry_after": "5m"},
    "aljazeera": {"cron": "*/10 * * * *"},       joins what "*" says; cron takes the place of every and adapt
    "albawaba":  None,                           is not crawled
}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.triggers.cron import CronTrigger

from archive.text import parse_duration
from crawlers.configuration import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVERYONE = "*"
KEYS = ("cron", "every", "adapt", "jitter", "limit", "retry", "retry_after", "arguments")
DEFAULTS: dict[str, Any] = {"jitter": "1m", "limit": "1h", "retry": 1, "retry_after": "5m", "arguments": {}}
LEAST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class ScheduleEntry:
    """When and how one outlet is crawled.

    Args:
        outlet: the outlet.
        cron: five fields, UTC; None for an interval.
        every: the interval, the first one where it adapts.
        bounds: shortest and longest interval; equal where it does not adapt.
        jitter: the most by which a crawl begins later than its slot.
        limit: how long a crawl may run before it is asked to stop.
        retry: how often a broken crawl is tried again.
        retry_after: how long after it.
        arguments: of the spider.
    """

    outlet: str
    cron: str | None = None
    every: timedelta = timedelta(minutes=20)
    bounds: tuple[timedelta, timedelta] = (LEAST, LEAST)
    jitter: timedelta = timedelta(0)
    limit: timedelta = timedelta(hours=1)
    retry: int = 1
    retry_after: timedelta = timedelta(minutes=5)
    arguments: Mapping[str, str] = field(default_factory=dict)

    @property
    def adapts(self) -> bool:
        """Say whether the interval follows the outlet."""
        return self.cron is None and self.bounds[0] < self.bounds[1]

    def words(self) -> list[str]:
        """Return the spider's arguments as words of the command line."""
        return [word for name, value in self.arguments.items() for word in ("-a", f"{name}={value}")]


def read_table(table: object, outlets: Iterable[str]) -> dict[str, ScheduleEntry]:
    """Return the entries of a schedule by outlet.

    Args:
        table: SCHEDULE.
        outlets: those there are.

    Raises:
        ConfigurationError: one sentence that names SCHEDULE, the outlet and the key.
    """
    known = sorted(outlets)
    if not isinstance(table, dict) or not table:
        raise ConfigurationError('SCHEDULE is a table such as {"*": {"every": "20m"}}')
    if unknown := sorted(set(table) - {EVERYONE, *known}):
        raise ConfigurationError(f"SCHEDULE names {unknown[0]!r}; there are {', '.join(known)} and {EVERYONE}")
    everyone = _row(EVERYONE, table.get(EVERYONE) or {})
    entries = {}
    for outlet in known:
        if outlet not in table and EVERYONE not in table:
            continue
        if (entry := table.get(outlet, {})) is not None:
            row = _row(outlet, entry)
            entries[outlet] = _entry(outlet, {**DEFAULTS, **_without_other_kind(everyone, row), **row})
    if not entries:
        raise ConfigurationError("SCHEDULE crawls no outlet")
    return entries


def _without_other_kind(everyone: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what everybody has, without the interval where an outlet has a cron line, and the other way round."""
    other = {"cron"} if "every" in row else {"every", "adapt"} if "cron" in row else set()
    return {key: value for key, value in everyone.items() if key not in other}


def _row(outlet: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigurationError(f"SCHEDULE: {outlet}: a row is a table of {', '.join(KEYS)}, or None")
    if unknown := sorted(set(value) - set(KEYS)):
        raise ConfigurationError(f"SCHEDULE: {outlet}: {unknown[0]!r} is none of {', '.join(KEYS)}")
    return value


def _entry(outlet: str, row: Mapping[str, Any]) -> ScheduleEntry:
    if ("cron" in row) == ("every" in row):
        raise ConfigurationError(f"SCHEDULE: {outlet} has either cron or every")
    spans: dict[str, Any] = {key: _span(outlet, key, row[key]) for key in ("jitter", "limit", "retry_after")}
    _check_arguments(outlet, row["arguments"])
    retry = row["retry"]
    if not isinstance(retry, int) or retry < 0:
        raise ConfigurationError(f"SCHEDULE: {outlet}: retry is a number of times, not {retry!r}")
    if "cron" in row:
        cron_trigger(outlet, row["cron"])
        return ScheduleEntry(outlet, cron=row["cron"], retry=retry, arguments=row["arguments"], **spans)
    every = _span(outlet, "every", row["every"])
    least, most = _bounds(outlet, row.get("adapt"), every)
    if not LEAST <= least <= every <= most:
        raise ConfigurationError(f"SCHEDULE: {outlet}: every lies within adapt, and is a second at least")
    return ScheduleEntry(outlet, every=every, bounds=(least, most), retry=retry, arguments=row["arguments"], **spans)


def _check_arguments(outlet: str, value: object) -> None:
    names = ("since", "until", "url", "limit")
    if not isinstance(value, dict) or (unknown := sorted(set(value) - set(names))):
        wrong = repr(unknown[0]) if isinstance(value, dict) else repr(value)
        raise ConfigurationError(f"SCHEDULE: {outlet}: arguments are since, until, url and limit, not {wrong}")


def _bounds(outlet: str, value: object, every: timedelta) -> tuple[timedelta, timedelta]:
    if value is None:
        return every, every
    if not isinstance(value, (list, tuple)) or len(value) != 2:  # noqa: PLR2004  from, to
        raise ConfigurationError(f'SCHEDULE: {outlet}: adapt names the shortest and the longest interval: ["5m", "2h"]')
    return _span(outlet, "adapt", value[0]), _span(outlet, "adapt", value[1])


def _span(outlet: str, key: str, value: object) -> timedelta:
    try:
        return parse_duration(str(value))
    except ValueError:
        raise ConfigurationError(
            f"SCHEDULE: {outlet}: {key} is a time such as 90s, 20m, 2h or 1d, not {value!r}"
        ) from None


def cron_trigger(outlet: str, line: object) -> CronTrigger:
    """Return the times of a cron line, in UTC. Raises `ConfigurationError`."""
    try:
        return CronTrigger.from_crontab(str(line), timezone=UTC)
    except ValueError as error:
        raise ConfigurationError(f"SCHEDULE: {outlet}: cron {line!r} cannot be read: {error}") from None
