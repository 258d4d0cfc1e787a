"""Reports of crawls that never were: of a quiet outlet, or of one on which something changed."""

import math
import random
import statistics
from datetime import UTC, datetime, timedelta

from crawlers.monitoring.drift import Limits, judge_drift

START = datetime(2026, 5, 1, 6, 20, tzinfo=UTC)
EVERY = timedelta(hours=2)
SHARES = {"headline": 1, "standfirst": 0.9, "text": 1, "section": 0.97, "tags": 0.85, "byline": 0.4, "credit": 0.7}
SHARES |= {"agencies": 0.2, "images": 0.95, "published": 1, "modified": 0.8}
DAY = [1, 1, 0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 5, 5, 5, 5, 4, 4, 3, 3, 2, 2, 1]  # articles of each hour, UTC


class Outlet:
    """Crawls of an outlet every two hours; ``judged`` keeps their reports, drift and all."""

    def __init__(self, seed, limits=None):
        self.random, self.doubt = random.Random(seed), random.Random(f"doubt {seed}")
        self.limits = limits or Limits()
        self.judged = []

    def crawl(self, **change):
        """Judge one more crawl; return the names of its alarms, and its verdict."""
        started = START + len(self.judged) * EVERY
        report = {**self._report(started, **change), "started": started.isoformat()}
        since = (started - timedelta(days=self.limits.days)).isoformat()
        report["drift"] = judge_drift(report, [r for r in self.judged if r["started"] >= since], self.limits)
        report["exit_code"] = 8 if report["drift"]["verdict"] == "failed" else 0
        self.judged.append(report)
        return [alarm["name"] for alarm in report["drift"]["alarms"]], report["drift"]["verdict"]

    def crawls(self, count, **change):
        return [self.crawl(**change) for _ in range(count)]

    def _report(self, started, *, pages=None, volume=1.0, lost=None, shares=None, words=320, arabic=0.98, **traits):
        hours = {}
        for back in (2, 1):
            hour = started - timedelta(hours=back)
            hours[hour.strftime("%Y-%m-%dT%H")] = self._about(DAY[hour.hour] * volume)
        chosen = sum(hours.values()) if pages is None else pages
        lost = {reason: self._some(chosen, share) for reason, share in {"empty": 0.01, **(lost or {})}.items()}
        failed = lost.pop("failures", self._some(chosen, 0.01))
        read = max(chosen - failed - sum(lost.values()), 0)
        fetched = read + sum(lost.values())
        fill = {name: self._some(read, share) for name, share in {**SHARES, **(shares or {})}.items()}
        outcomes = {"kept": read, "unreadable": sum(lost.values()), "failed": failed}
        return {
            "regular": True,
            "pages": {
                "steps": {"announced": chosen, "chosen": chosen, "fetched": fetched, "read": read, "kept": read},
                "outcomes": outcomes,
                "reasons": {f"unreadable/{reason}": count for reason, count in lost.items()},
            },
            "quality": {
                "articles": read,
                "fill": fill,
                "witnesses": {
                    "json-ld": self._some(read, traits.get("jsonld", 0.95)),
                    "meta": read,
                    "embedded-json": 0,
                },
                "flags": {"generic-extraction": self._some(read, traits.get("generic", 0.02))},
                "words": self._words(read, words, traits.get("spread", 0)),
                "arabic": min(self._level(arabic, 0.005), 1) if read else None,
                "agreement": self._agreement(read, traits.get("agreement", 0.92), traits.get("doubtful", 0.0)),
                "extractor": traits.get("extractor", "outlet/1") if read else None,
                "hours": hours,
            },
        }

    def _words(self, read, words, spread):
        if not read:
            return {"median": None, "spread": None}
        level = self._level(words)
        pages = [level * math.exp(self.doubt.gauss(0, spread)) for _ in range(read)]
        median = statistics.median(pages)
        return {"median": median, "spread": statistics.fmean(abs(page - median) for page in pages)}

    def _agreement(self, read, agreement, doubtful):
        level = self._level(agreement, 0.02)
        pages = [min(level * (1 + self.doubt.uniform(-0.02, 0.02)), 1) for _ in range(-(-read // 10))]  # every tenth
        pages = [0.3 if self.doubt.random() < doubtful else page for page in pages]
        return {"sampled": len(pages), "median": statistics.median(pages) if pages else None, "pages": pages}

    def _some(self, count, share):
        return sum(self.random.random() < share for _ in range(count))

    def _about(self, expected):
        return max(round(self.random.gauss(expected, expected**0.5 * 0.7)), 0)

    def _level(self, value, spread=0.08):
        return value * (1 + self.random.uniform(-spread, spread))
