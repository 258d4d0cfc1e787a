"""Several crawls' pages, counted together.

report, report, … ──▶ Tally ──▶ shares (pages with a trait, of pages that could have it) · levels (medians)

Counts of small crawls add up; a crawl that fetched three pages says nothing alone, and a day of them does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        self.found["body-selectors"] += quality["flags"].get("generic-extraction", 0)
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
