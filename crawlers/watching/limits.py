"""What counts as drift: the settings that begin with DRIFT_, checked before the first request."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from crawlers.destination import ConfigurationError, table_of

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

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


def _day(name: str, said: str) -> str:
    try:
        return said and date.fromisoformat(said).isoformat()
    except ValueError:
        raise ConfigurationError(f"{name} is a day such as 2026-05-11, not {said!r}") from None


def _positive(settings: BaseSettings, name: str) -> float:
    return _number(name, settings[name])


def _number(name: str, said: object) -> float:
    try:
        value = float(str(said))
    except ValueError:
        raise ConfigurationError(f"{name} is a number above 0, not {said!r}") from None
    if not value > 0:
        raise ConfigurationError(f"{name} is a number above 0, not {said!r}")
    return value
