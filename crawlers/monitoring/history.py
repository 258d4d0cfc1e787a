"""The reports of earlier crawls: read from the bucket once, then from a file beside the spool.

    reports/outlet=<o>/date=…/*.json ──▶ what later crawls ask of them ──▶ <spool>.<outlet>.history (a cache; may be deleted)

A report is immutable, so a key that was read is never read again. An outlet that is polled every ten minutes has two thousand
reports in a fortnight; asking the bucket for each of them after each crawl would cost more than the crawl.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from archive.files import read_cached
from archive.manifests.manifest import dates_in, outlets_in, reports_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archive.store import Store

logger = logging.getLogger(__name__)

Report = dict[str, Any]
KEPT = (
    "outlet",
    "crawl",
    "started",
    "finished",
    "finish_reason",
    "exit_code",
    "regular",
    "pages",
    "channels",
    "robots",
    "quality",
    "drift",
    "bytes",
    "seconds",
    "segments_unpublished",
    "unusual",
    "coverage",
)


class History:
    """An archive's reports of the last days.

    Args:
        store: the archive.
        spool: the spool's folder; the caches stand beside it.
        days: how far back.
        today: gives the day (UTC).
    """

    def __init__(
        self, store: Store, spool: Path, days: int, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        self.store, self.spool, self.days, self.today = store, spool, days, today

    def outlets(self) -> list[str]:
        """Return the outlets that have reports."""
        return outlets_in(self.store, "reports")

    def reports(self, outlet: str) -> list[Report]:
        """Return an outlet's reports, oldest first, with the fields of `KEPT`.

        Raises:
            StoreError: the archive does not answer.
        """
        cache = self.spool.with_name(f"{self.spool.name}.{outlet}.history")
        known = read_cached(cache)
        read = ((key, known[key] if key in known else self._read(key)) for key in self._keys(outlet))
        by_key = {key: report for key, report in read if report is not None}
        if by_key.keys() != known.keys():
            _write(cache, by_key)
        return sorted(by_key.values(), key=lambda report: report["started"])

    def _keys(self, outlet: str) -> Iterator[str]:
        first = str(self.today() - timedelta(days=self.days))
        for day in dates_in(self.store, outlet, "reports"):
            if day >= first:
                yield from reports_in(self.store, outlet, day)

    def _read(self, key: str) -> Report | None:
        try:
            report = json.loads(self.store.read(key))
            datetime.fromisoformat(report["started"])
        except (ValueError, TypeError, KeyError):
            logger.warning("%s is no report of a crawl; it is left out", key)
            return None
        return {name: report[name] for name in KEPT if name in report}


def _write(path: Path, reports: dict[str, Report]) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # a crawl and `scrapy status` may write at once
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_text(json.dumps(reports, ensure_ascii=False), encoding="utf-8")
    part.replace(path)
