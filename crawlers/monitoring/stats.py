"""What a crawl counts for its report: traffic by host, channels, robots.txt, quality of the reading, samples of symptoms."""

from __future__ import annotations

import hashlib
import heapq
import re
import statistics
from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from scrapy import Request, signals
from scrapy.http import TextResponse
from scrapy.utils.httpobj import urlparse_cached

from archive.article import Article, RecordPointer
from archive.reader.scan import Table
from crawlers.extraction.article import agreement
from crawlers.extraction.page_checks import WITHOUT_SELECTORS
from crawlers.monitoring.drift import WATCHED_WITNESSES
from crawlers.politeness.robots import robots_read
from crawlers.signals import page_ended, source_empty
from pipelines.store import session_of
from pipelines.versions import Unchanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Self

    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawlers.addresses import Announcement

# ---------------------------------------------------------------------------------------------------------------------
# How the pages of a crawl were read; section ``quality``: counts that add up over crawls, so that a baseline can be
# made.
# article read ──▶ fill: which fields have something      witnesses: who spoke (json-ld, selector, …)
#              ──▶ words, share of Arabic letters, lag from published to captured, articles of each hour
# every tenth  ──▶ agreement of our text with trafilatura's (20 in a crawl at most: it costs 30 ms a page)

FIELDS = (
    "headline",
    "standfirst",
    "text",
    "section",
    "tags",
    "byline",
    "credit",
    "agencies",
    "images",
    "published",
    "modified",
)
WITNESSES = ("json-ld", "embedded-json", "meta", "selector", "feed", "trafilatura")
MOST_SAMPLES = 20
_ARABIC = re.compile("[\u0621-\u064a\u066e-\u06d3]+")
_ALIF_ABOVE = "\u0670"  # the one of these signs that is no letter
_LETTERS = re.compile(r"[^\W\d_]+")


class Quality:
    """Measures what was read.

    Args:
        sample_every: every how manieth article is read by trafilatura, too; 0 for none.
    """

    section = "quality"

    def __init__(self, sample_every: int) -> None:
        self.sample_every = sample_every
        self.articles = 0
        self.fill: Counter[str] = Counter()
        self.witnesses: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.words, self.arabic = array("L"), array("d")
        self.agreements: list[float] = []
        self.lags = array("d")
        self.hours: Counter[str] = Counter()
        self.extractors: Counter[str] = Counter()
        self.newest: datetime | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read DRIFT_SAMPLE_EVERY."""
        extension = cls(crawler.settings.getint("DRIFT_SAMPLE_EVERY"))
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        return extension

    def item_scraped(self, item: Article, response: Response) -> None:
        """Measure an article that was kept."""
        self._measure(item, response)
        if item.version == 1 and item.published:
            self.hours[item.published.strftime("%Y-%m-%dT%H")] += 1
            self.lags.append((item.captured - item.published).total_seconds() / 60)
            self.newest = max(self.newest or item.published, item.published)

    def item_dropped(self, item: Article, response: Response, exception: BaseException) -> None:
        """Measure one that the archive has already: it was read all the same."""
        if isinstance(exception, Unchanged):
            self._measure(item, response)

    def report_section(self) -> dict[str, Any]:
        """Return the section; ``hours`` are UTC hours of publication, ``lag`` is in minutes."""
        return {
            "articles": self.articles,
            "fill": {name: self.fill[name] for name in FIELDS},
            "witnesses": {name: self.witnesses[name] for name in WITNESSES},
            "flags": dict(self.flags),
            "words": _words(self.words),
            "arabic": _rounded(statistics.fmean(self.arabic) if self.arabic else None),
            "agreement": {
                "sampled": len(self.agreements),
                "median": _rounded(statistics.median(self.agreements) if self.agreements else None),
                "pages": [round(each, 3) for each in self.agreements],
            },
            "extractor": self.extractors.most_common(1)[0][0] if self.extractors else None,
            "lag": lag_of(self.lags),
            "hours": dict(sorted(self.hours.items())),
            "newest": self.newest.isoformat() if self.newest else None,
        }

    def _measure(self, article: Article, response: Response) -> None:
        self.articles += 1
        self.fill.update(name for name in FIELDS if getattr(article, name))
        self.witnesses.update(set(article.provenance.values()))
        self.flags.update(article.flags)
        self.words.append(article.words)
        self.arabic.append(arabic_share(article.text))
        self.extractors[article.extractor] += 1
        is_page = article.provenance.get("text") != "feed" and isinstance(response, TextResponse)
        is_due = self.sample_every and self.articles % self.sample_every == 1 % self.sample_every
        if is_page and is_due and len(self.agreements) < MOST_SAMPLES:
            agreed = agreement(article.text, response.text)
            self.agreements += [] if agreed is None else [agreed]


@lru_cache(maxsize=1)  # two ask it of each article, one after the other
def arabic_share(text: str) -> float:
    """Return the share (0 to 1) of Arabic letters among the letters of a text; 0 where it has none."""
    others = _ARABIC.sub("", text)
    arabic = len(text) - len(others)
    letters = arabic - text.count(_ALIF_ABOVE) + len("".join(_LETTERS.findall(others)))
    return min(arabic / letters, 1.0) if letters else 0.0


def lag_of(minutes: Sequence[float]) -> dict[str, Any]:
    """Return how long after its publication an article was captured: median, nine tenths, the longest, in minutes."""
    if not minutes:
        return {"articles": 0, "median": None, "p90": None, "longest": None}
    ordered = sorted(minutes)
    p90 = ordered[min(int(0.9 * len(ordered)), len(ordered) - 1)]
    figures = {"median": statistics.median(ordered), "p90": p90, "longest": ordered[-1]}
    return {"articles": len(ordered), **{name: round(value, 1) for name, value in figures.items()}}


def _words(words: Sequence[int]) -> dict[str, Any]:
    if not words:
        return {"median": None, "spread": None}
    median = statistics.median(words)
    return {"median": median, "spread": round(statistics.fmean(abs(count - median) for count in words), 1)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


# --- What each channel announced, and how much of it was new to the archive; section ``channels`` --------------------
#     answer of a source ──▶ announcements ──▶ known to the archive | new
#
# A channel that rolls (a feed of 25, a section page) loses what it drops between two polls. While an answer holds something
# that the archive knew, nothing can have been lost; an answer that is all new is a gap, and the next poll must come sooner
# (`crawlers.scheduling.scheduler` draws that conclusion). Only first answers count: a second page is asked for when needed.

NOT_MODIFIED = 304
OFTEN = 0.05  # a channel that is empty more often than that is no news when it is


class Channels:
    """Keeps the counts: URL → kind, announced, new, unchanged."""

    section = "channels"

    def __init__(self) -> None:
        self.channels: dict[str, dict[str, Any]] = {}
        self.met = Table()  # articles, each behind the channel that announced it

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen for answers that say that nothing changed; the spider middleware below tells the rest."""
        extension = cls()
        crawler.signals.connect(extension.response_received, signal=signals.response_received)
        crawler.signals.connect(extension.source_empty, signal=source_empty)
        return extension

    def response_received(self, response: Response, request: Request) -> None:
        """Note an answered source."""
        if "source" not in request.cb_kwargs or request.meta.get("further_page"):
            return
        channel = self._channel(request)
        channel["unchanged"] = response.status == NOT_MODIFIED

    def source_empty(self, request: Request) -> None:
        """Note a source that announced nothing."""
        if not request.meta.get("further_page"):
            self._channel(request)["empty"] = True

    def announce(self, request: Request, article_id: str, *, known: bool) -> None:
        """Count an article that a channel announced, once."""
        if request.meta.get("further_page") or not self.met.add(f"{self._url(request)} {article_id}"):
            return
        channel = self._channel(request)
        channel["announced"] += 1
        channel["new"] += not known

    def report_section(self) -> dict[str, Any]:
        """Return the channels by address."""
        return self.channels

    def _channel(self, request: Request) -> dict[str, Any]:
        empty = {"kind": request.cb_kwargs["source"].kind, "announced": 0, "new": 0, "unchanged": False, "empty": False}
        return self.channels.setdefault(self._url(request), empty)

    def _url(self, request: Request) -> str:
        chain: list[str] = request.meta.get("redirect_urls") or [request.url]
        return chain[0]


class ChannelsSpiderMiddleware:
    """Sees what sources announce before anything is chosen from it.

    Args:
        channels: keeps the counts.
        seen: says whether the archive holds an article of this id.
    """

    def __init__(self, channels: Channels, seen: Callable[[str], bool]) -> None:
        self.channels = channels
        self.seen = seen

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Take the counts and the catalog from the extensions."""
        session = session_of(crawler)
        channels = crawler.get_extension(Channels)
        assert channels is not None
        return cls(channels, session.seen)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Count and pass on."""
        request = response.request
        is_source = request is not None and "source" in request.cb_kwargs
        async for entry in result:
            if is_source and request is not None and (article_id := _article_id(entry)):
                self.channels.announce(request, article_id, known=self.seen(article_id))
            yield entry


def fallen_silent(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]], least: int) -> list[str]:
    """Return the channels that announce nothing now and nearly always did.

    A section's feed that is often empty is none of them, nor the sitemap of a day that has only begun.

    Args:
        report: of the crawl.
        earlier: reports of the same outlet.
        least: answers below which nothing is called usual.
    """
    gone = []
    for url, channel in report.get("channels", {}).items():
        if not channel.get("empty"):
            continue
        before = [earlier_channel for other in earlier if (earlier_channel := other.get("channels", {}).get(url))]
        silent = sum(
            bool(earlier_channel.get("empty", not earlier_channel["announced"] and not earlier_channel["unchanged"]))
            for earlier_channel in before
        )
        if len(before) >= least and silent <= OFTEN * len(before):
            gone.append(url)
    return gone


def _article_id(entry: object) -> str | None:
    if isinstance(entry, Article):
        return entry.id
    return entry.meta.get("article_id") if isinstance(entry, Request) else None


# --- What the outlet's hosts say in robots.txt, and whether it is what they said before; section ``robots`` ----------
# robots_read ──▶ scheme and host → verdict, digest of what is in it but for remarks, patterns that refuse us something
#     afterwards: held against the newest report in which the host answered ──▶ `robots_changes`, sentences

MOST_PATTERNS = 100  # in a report; of a longer file only is told that it changed
MOST_SAID = 5
_REMARK = re.compile(rb"#[^\r\n]*")


class RobotsReadings:
    """Keeps what was answered: URL of scheme and host → verdict, digest, refuses."""

    section = "robots"

    def __init__(self) -> None:
        self.hosts: dict[str, dict[str, Any]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the middleware that reads them."""
        extension = cls()
        crawler.signals.connect(extension.read, signal=robots_read)
        return extension

    def read(self, root: str, verdict: str, body: bytes, refuses: Sequence[str]) -> None:
        """Note an answer."""
        told = list(refuses) if len(refuses) <= MOST_PATTERNS else None
        digest = digest_of(body) if verdict == "rules" else ""
        self.hosts[root] = {"verdict": verdict, "digest": digest, "refuses": told}

    def report_section(self) -> dict[str, Any]:
        """Return the hosts."""
        return self.hosts


def digest_of(body: bytes) -> str:
    """Return the SHA-256 of a robots.txt without its remarks and blank lines, which may bear the time of day."""
    lines = (line.strip() for line in _REMARK.sub(b"", body).splitlines())
    return hashlib.sha256(b"\n".join(line for line in lines if line)).hexdigest()


def robots_changes(report: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each host whose robots.txt is another one than in the newest report that has it.

    Args:
        report: of the crawl.
        earlier: reports of the same outlet, oldest first.
    """
    for root, now in report.get("robots", {}).items():
        answers = (other["robots"][root] for other in reversed(earlier) if root in other.get("robots", {}))
        was = next((answer for answer in answers if answer["verdict"] != "unreachable"), None)
        if now["verdict"] == "unreachable":
            yield f"robots.txt did not answer, so nothing is fetched: {root}"
        elif was and now["verdict"] == "no-rules" != was["verdict"]:
            yield f"robots.txt is gone: {root}"
        elif was and now["digest"] != was["digest"]:
            yield f"robots.txt changed: {root}{_difference(was['refuses'], now['refuses'])}"


def _difference(was: list[str] | None, now: list[str] | None) -> str:
    if was is None or now is None:
        return ""
    closed = [pattern for pattern in now if pattern not in was]
    opened = [pattern for pattern in was if pattern not in now]
    return _listing(" refuses now ", closed) + _listing(" no longer refuses ", opened)


def _listing(words: str, patterns: list[str]) -> str:
    more = f" and {len(patterns) - MOST_SAID} more" if len(patterns) > MOST_SAID else ""
    return f",{words}{', '.join(patterns[:MOST_SAID])}{more}" if patterns else ""


# ---------------------------------------------------------------------------------------------------------------------
# Which pages show what an alarm may be about: a few captures for each symptom, so that they can be kept when it is
# raised.
# Nothing is copied while the crawl runs: only the places of the records are remembered, the pages lie in the archive.

MOST = 3  # pages for each symptom


class Sample(NamedTuple):
    """A page that shows a symptom: how weakly (the strongest are kept), its address, its record, what announced it."""

    weakness: float
    url: str
    record: RecordPointer
    announcement: Announcement | None


class Symptoms:
    """Remembers the places of the pages that show a symptom."""

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to what becomes of pages."""
        extension = cls()
        crawler.signals.connect(extension.page_ended, signal=page_ended)
        crawler.signals.connect(extension.item_scraped, signal=signals.item_scraped)
        crawler.signals.connect(extension.item_dropped, signal=signals.item_dropped)
        return extension

    def page_ended(self, reason: str | None = None, response: Response | None = None) -> None:
        """Remember a page that became no article."""
        if reason and response is not None:
            self._remember(reason, 0.0, response)

    def item_scraped(self, item: Article, response: Response | None) -> None:
        """Remember what an article lacks; a feed's item has no page."""
        if item.provenance.get("text") != "feed":
            for symptom, weakness in symptoms_of(item):
                self._remember(symptom, weakness, response)

    def item_dropped(self, item: Article, response: Response | None, exception: BaseException) -> None:
        """Remember an article that may not be published; one that the archive has is looked at as one that was kept."""
        if isinstance(exception, Unchanged):
            self.item_scraped(item, response)
        else:
            self._remember(type(exception).__name__, 0.0, response)

    def _remember(self, symptom: str, weakness: float, response: Response | None) -> None:
        request = response.request if response is not None else None  # what a spider's start yields has no answer
        announcement = request.cb_kwargs.get("announcement") if request else None
        if response is None or announcement is None or not response.meta.get("warc"):
            return
        samples = self.samples.get(symptom, [])
        if len(samples) == MOST and samples[-1][:2] <= (weakness, response.url):
            return
        told = announcement if announcement.kind != "argument" else None
        samples = [*samples, Sample(weakness, response.url, response.meta["warc"], told)]
        self.samples[symptom] = heapq.nsmallest(MOST, samples, key=lambda sample: sample[:2])


def symptoms_of(article: Article) -> Iterator[tuple[str, float]]:
    """Yield the alarms that an article would speak for, with how weakly it does."""
    yield from ((f"field {name}", 0.0) for name in FIELDS if not getattr(article, name))
    yield from ((name, 0.0) for name in WATCHED_WITNESSES if name not in article.provenance.values())
    if not WITHOUT_SELECTORS.isdisjoint(article.flags):
        yield "body-selectors", 0.0
    yield "text-length", float(article.words)
    yield "arabic", arabic_share(article.text)


# --- What the outlet's hosts were asked, how fast they answered, how much they sent; section ``traffic`` -------------

MOST_LATENCIES = 5000  # a host's median does not get better with more, and a back-fill is long


@dataclass(slots=True)
class Host:
    """One host: attempts, answers, bytes as received, seconds to each answer, seconds between requests now."""

    requests: int = 0
    answers: int = 0
    bytes: int = 0
    seconds: list[float] = field(default_factory=list)
    delay: float = 0.0

    def report_section(self) -> dict[str, Any]:
        """Return the host's line in the report; ``seconds`` are the median and the longest."""
        median, longest = (statistics.median(self.seconds), max(self.seconds)) if self.seconds else (0.0, 0.0)
        seconds = {"median": round(median, 3), "longest": round(longest, 3)}
        counts = {"requests": self.requests, "answers": self.answers, "bytes": self.bytes}
        return {**counts, "seconds": seconds, "delay": round(self.delay, 3)}


class Traffic:
    """Counts by host.

    Args:
        crawler: for its engine's downloader, whose slots know the delay.
    """

    section = "traffic"

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.hosts: defaultdict[str, Host] = defaultdict(Host)
        self.begun = monotonic()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the downloader."""
        extension = cls(crawler)
        crawler.signals.connect(extension.request_reached_downloader, signal=signals.request_reached_downloader)
        crawler.signals.connect(extension.response_downloaded, signal=signals.response_downloaded)
        return extension

    def request_reached_downloader(self, request: Request) -> None:
        """Count an attempt."""
        self.hosts[_host(request)].requests += 1

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Count an answer, its bytes and its time."""
        host = self.hosts[_host(request)]
        host.answers += 1
        host.bytes += len(response.body)
        if len(host.seconds) < MOST_LATENCIES:
            host.seconds.append(request.meta.get("download_latency", 0.0))
        host.delay = self._delay(request)

    def slowest_delay(self) -> float:
        """Return the seconds between two requests to the host that is asked least often."""
        self._look_at_delays()
        return max((host.delay for host in self.hosts.values()), default=0.0)

    def report_section(self) -> dict[str, Any]:
        """Return the hosts and the requests a second over the whole crawl."""
        self._look_at_delays()
        asked = sum(host.requests for host in self.hosts.values())
        rate = asked / max(monotonic() - self.begun, 1e-3)
        return {
            "requests_a_second": round(rate, 3),
            "hosts": {name: host.report_section() for name, host in self.hosts.items()},
        }

    def _look_at_delays(self) -> None:
        """Note the pauses as they are now: one that robots.txt asks for holds before anything was answered."""
        downloader = self.crawler.engine.downloader if self.crawler.engine is not None else None
        for name, slot in downloader.slots.items() if downloader is not None else ():
            if name in self.hosts:
                self.hosts[name].delay = slot.delay

    def _delay(self, request: Request) -> float:
        assert self.crawler.engine is not None
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        return slot.delay if slot else 0.0


def _host(request: Request) -> str:
    return urlparse_cached(request).hostname or "?"
