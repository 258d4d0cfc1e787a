"""All settings, each with default, bounds and a sentence, and all components in running order.

    default  ◀── warraq.toml beside scrapy.cfg  ◀── the environment  ◀── `scrapy crawl -s NAME=VALUE`       the later wins

`scrapy settings --ours` shows each value and where it came from; docs/settings.md is made of this table, and what it does not know
is refused with what was probably meant (`crawlers.configuration`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from scrapy.settings import default_settings

from archive.files import Unreadable, local_settings

# --- A setting, and where its value may come from -----------------------------------------------------------------------

_PREFIX = "WARRAQ_"
_NO_SETTING = {
    "WARRAQ_REVISION",
    "WARRAQ_DIST",
}  # other programs' variables: which revision a copy is, where wheels lie


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        default: its type is the setting's: yes or no, a whole number, a number, a text, a list, a table.
        about: one sentence.
        env: the variable of the environment; by default ``WARRAQ_`` and the name.
        above: a number is greater than this; by default it may be 0.
        most: a number is not greater.
        one_of: the only texts that it may be.
    """

    default: Any
    about: str
    env: str = ""
    above: float | None = None
    most: float | None = None
    one_of: tuple[str, ...] = ()

    @property
    def bounds(self) -> str:
        """Return what a number may be, in words; which texts, where only some are allowed; else nothing."""
        if self.one_of:
            return " or ".join(text or "empty" for text in self.one_of)
        if isinstance(self.default, bool) or not isinstance(self.default, int | float):
            return ""
        if self.most is not None:
            return f"from 0 to {self.most:g}"
        return "from 0 on" if self.above is None else f"above {self.above:g}"


chapters: dict[str, dict[str, Setting]] = {
    "Who asks, and how politely": {
        "CONTACT": Setting("", "where an outlet reaches you; no crawl without it", "CONTACT"),
        "USER_AGENT": Setting("Warraq/0.2 (news archive; {contact})", "`{contact}` becomes CONTACT"),
        "ROBOTSTXT_OBEY": Setting(True, "do what robots.txt says, as RFC 9309 has it"),
        "ROBOTSTXT_USER_AGENT": Setting("Warraq", "the product token that robots.txt is read for"),
        "ROBOTSTXT_MAX_AGE": Setting(86400.0, "seconds until robots.txt is asked for again"),
        "ROBOTSTXT_UNREACHABLE_AGE": Setting(600.0, "seconds until one that did not answer is asked again"),
        "CONCURRENT_REQUESTS": Setting(4, "requests at a time to all hosts", above=0),
        "CONCURRENT_REQUESTS_PER_DOMAIN": Setting(1, "requests at a time to one host", above=0),
        "CONCURRENT_ITEMS": Setting(1, "pages read at a time", above=0),
        "DOWNLOAD_DELAY": Setting(1.0, "seconds between two requests to a host; a longer Crawl-delay wins"),
        "DOWNLOAD_DELAY_JITTER": Setting(0.0, "share by which the delay varies"),
        "DEFAULT_REQUEST_HEADERS": Setting(
            {
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "ar,en;q=0.5",
                "Accept-Encoding": "gzip",
            },
            "gzip alone, since many WARC readers stumble over br and zstd",
        ),
        "AUTOTHROTTLE_ENABLED": Setting(True, "ask a slow host more slowly, never faster than the delay"),
        "AUTOTHROTTLE_START_DELAY": Setting(0.0, "seconds to begin with; at 0 the delay"),
        "AUTOTHROTTLE_MAX_DELAY": Setting(60.0, "seconds of delay at most"),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": Setting(1.0, "requests that a host has at a time, on average", above=0),
        "TDMREP_MAX_AGE": Setting(86400.0, "seconds until a host is asked again for `/.well-known/tdmrep.json`; 0: never"),
        "RESPECT_RESERVATIONS": Setting([], "noindex, noarchive, nosnippet, noai, tdm: always recorded, refused where named"),
        "BREAKER_LIMIT": Setting(5, "block pages in a row that end the crawl", above=0),
        "RETRY_AFTER_BASE": Setting(5.0, "seconds of the first rest where an outlet names none; then longer"),
        "RETRY_AFTER_MAX": Setting(
            300.0, "seconds; a host that asks for a longer rest is given up for this crawl"
        ),
        "COOKIES_ENABLED": Setting(False, "keep cookies"),
        "REFERRER_POLICY": Setting("no-referrer", "what a request says of the page before"),
    },
    "What is fetched": {
        "CRAWL_WINDOW_DAYS": Setting(2, "days before today that are fetched, without `-a since`"),
        "RELOOK_AGES": Setting(
            ["1 h", "6 h", "24 h", "7 d", "30 d"],
            "ages at which a held article is looked at again",
        ),
        "RELOOK_BUDGET": Setting(100, "such looks of a crawl at most"),
        "DOWNLOAD_TIMEOUT": Setting(60.0, "seconds until a request is given up", above=0),
        "DOWNLOAD_MAXSIZE": Setting(32 * 1024 * 1024, "bytes of an answer at most"),
        "DOWNLOAD_VERIFY_CERTIFICATES": Setting(True, "see that a host is who it says"),
        "DOWNLOAD_FAIL_ON_DATALOSS": Setting(True, "an answer that ends early is a failure"),
        "RETRY_TIMES": Setting(3, "attempts after the first one"),
        "REDIRECT_MAX_TIMES": Setting(5, "redirects in a row"),
        "CONNECT_PRIVATE": Setting([], 'networks that may be reached though not public, as `["10.0.0.0/8"]`'),
        "CONNECT_TO": Setting("", "`HOST:PORT:CONNECT-HOST:CONNECT-PORT,…` as curl's `--connect-to`", "CONNECT_TO"),
    },
    "Pictures": {
        "MEDIA": Setting(
            "none", "captured after the pages: `lead`, the articles' pictures; `page`, also the styles, fonts and pictures that a page needs",
            one_of=("none", "lead", "page"),
        ),
        "MEDIA_MAXSIZE": Setting(8 * 1024 * 1024, "bytes of one at most", above=0),
        "MEDIA_PER_PAGE": Setting(60, "for one page at most", above=0),
        "MEDIA_BUDGET": Setting(1000, "in a crawl at most", above=0),
        "MEDIA_BUDGET_BYTES": Setting(500_000_000, "bytes of a crawl, after which no more are asked for", above=0),
    },
    "Where it goes": {
        "ARCHIVE_URI": Setting("collection", "the archive: a folder, `file:///…` or `s3://bucket/prefix`", "ARCHIVE_URI"),
        "ARCHIVE_ONLY": Setting("", "of the add-on: `warc` keeps exchanges and writes no article lines", one_of=("", "warc")),
        "SPOOL_DIR": Setting("spool", "what is not in the archive yet, and the catalog", "SPOOL_DIR"),
        "COLLECTION": Setting("warraq", "the first part of every file name"),
        "AWS_ENDPOINT_URL": Setting(None, "where a store that speaks S3 is not Amazon's", "AWS_ENDPOINT_URL"),
        "ARCHIVE_COPIES": Setting("", "`URI endpoint=… profile=…, URI`: stores that get everything too", "ARCHIVE_COPIES"),
        "WARC_TRANSFER_CODING": Setting(
            "strip", "keep: chunk framing as received, which not every reader verifies", one_of=("strip", "keep")
        ),
        "SEGMENT_MAX_BYTES": Setting(1_000_000_000, "bytes of a WARC", above=0),
        "SEGMENT_MAX_SECONDS": Setting(3600.0, "seconds until a segment is closed and published", above=0),
        "SPOOL_MAX_BYTES": Setting(20_000_000_000, "bytes that may wait before the crawl pauses", above=0),
        "SPOOL_PATIENCE": Setting(3600.0, "seconds of pausing, for store or disk, until a crawl stops"),
        "STOP_SECONDS": Setting(20.0, "seconds for publishing after a signal"),
        "PUBLISH_EVERY": Setting(15.0, "seconds between two looks at what to publish", above=0),
        "LEASE_PATIENCE": Setting(300.0, "seconds until a back-fill must have given way"),
        "YIELDS": Setting(False, "give way to regular crawls; `scrapy backfill` sets it"),
        "CATALOG_WINDOW_DAYS": Setting(400, "crawl dates in a crawl's catalog", above=0),
        "STORIES_WINDOW_DAYS": Setting(14, "days of stories that a crawl knows", above=0),
        "CHECKPOINT_EVERY": Setting(100, "manifests of an outlet until the catalog is put into the archive; 0: never"),
    },
    "When (`scrapy schedule`)": {
        "SCHEDULE": Setting(
            {"*": {"every": "20m", "adapt": ["10m", "3h"], "jitter": "1m", "limit": "1h", "retry": 2, "retry_after": "5m"}},
            "[when each outlet is crawled](operations.md#the-schedule)",
        ),
    },
    "How it is watched": {
        "LOG_LEVEL": Setting("INFO", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        "LOG_JSON": Setting(False, "log a JSON object a line", "LOG_JSON"),
        "PROGRESS_EVERY": Setting(30.0, "seconds between two lines of progress in a log", above=0),
        "PROGRESS_FILE": Setting("", "where a crawl says how far it is"),
        "DRIFT_SAMPLE_EVERY": Setting(10, "one article in so many is read by trafilatura, too; 0: none"),
        "DRIFT_DAYS": Setting(14, "days of crawls that are the measure", above=0),
        "DRIFT_SINCE": Setting("", "crawls before this day are no measure, as `2026-05-11`"),
        "DRIFT_LEAST_PAGES": Setting(10, "pages at least; smaller crawls are counted together", above=0),
        "DRIFT_LEAST_CRAWLS": Setting(5, "crawls at least", above=0),
        "DRIFT_TOLERANCE": Setting({}, 'how much may differ, as `{"share": 0.25}`, [by measure](operations.md#drift)'),
        "DRIFT_GRAVE": Setting(2.0, "times the tolerance that fail a crawl at once", above=0),
        "DRIFT_PATIENCE": Setting(3, "crawls in a row with one alarm that fail the last", above=0),
        "DRIFT_CASES": Setting("", "where pages that raised an alarm are kept; empty: `SPOOL_DIR/cases`"),
        "METRICS_HOST": Setting("127.0.0.1", "where `scrapy schedule` serves figures and `/healthz`"),
        "METRICS_PORT": Setting(9425, "its port; 0: nowhere", most=65535),
        "METRICS_DIR": Setting("", "the folder of node_exporter's textfile collector", "METRICS_DIR"),
        "WEBHOOK_URL": Setting("", "told when crawls begin to fail, and are good again", "WEBHOOK_URL"),
        "NOTIFY_URLS": Setting(
            "", "so are mail, Slack, Telegram …, as [apprise](https://appriseit.com/services/) writes them, by blanks; the extra `notify`",
            "NOTIFY_URLS",
        ),
    },
    "Scrapy's own, put right": {
        "TELNETCONSOLE_ENABLED": Setting(False, "open a console on a port"),
        "WARN_ON_GENERATOR_RETURN_VALUE": Setting(False, "parse a callback's source anew for every page"),
        "REMOTE_CONTROL_ENABLED": Setting(False, "let another process steer this one"),
        "FEED_EXPORT_ENCODING": Setting("utf-8", "of what `-o FILE` writes"),
    },
}  # fmt: skip
"""Chapter → name → setting."""

known = {name: setting for chapter in chapters.values() for name, setting in chapter.items()}


def env_of(name: str) -> str:
    """Return the variable of the environment that sets a setting."""
    return known[name].env or _PREFIX + name


def _misfit(name: str, value: Any) -> str:
    """Return what a value of the local file should be, where Scrapy itself would break on it; what it means is checked later."""
    default = known[name].default if name in known else getattr(default_settings, name, 0)
    texts = isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value))
    if isinstance(default, dict):
        return "" if isinstance(value, dict | str) or not hasattr(default_settings, name) else "a table"
    if isinstance(default, list):
        return "" if texts else "a list of texts"
    if default is None or isinstance(default, str):
        return "a text" if isinstance(value, list | dict | bool) and not texts else ""
    return ""


try:
    _local, _path = local_settings()
    problem = ""
    """What is wrong with the local file, as a sentence."""
except Unreadable as error:
    _local, _path, problem = {}, None, f"{error}"
for _name in [*_local]:
    if _form := _misfit(_name, _local[_name]):
        problem = problem or f"{_path}: {_name} is {_form}, not {_local[_name]!r}"
        del _local[_name]
    elif _name in known and _name != "LOG_LEVEL" and isinstance(known[_name].default, str):
        _local[_name] = _local[_name] if isinstance(_local[_name], list) else str(_local[_name])  # COLLECTION = 2026
sources = dict.fromkeys(known, "default")
"""Name → where its value came from: ``default``, ``warraq.toml``, or the variable of the environment."""
unknown = [(name, f"{_path}") for name in _local if name not in known and not hasattr(default_settings, name)]
"""Names that nobody knows, each with where it stands."""
unknown += [
    (name, "the environment")
    for name in os.environ
    if name.startswith(_PREFIX) and name not in _NO_SETTING and name not in map(env_of, known)
]
for _name, _setting in known.items():
    globals()[_name] = _setting.default
    if _name in _local:
        globals()[_name], sources[_name] = _local[_name], f"{_path}"
    if _value := os.environ.get(env_of(_name)):  # an empty one sets nothing
        globals()[_name], sources[_name] = _value, env_of(_name)

BOT_NAME = "warraq"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "crawlers.configuration.OutletLoader"
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawlers.commands"

# --- components, in running order -----------------------------------------------------------------------------------
ADDONS = {"crawlers.addon.LookAddon": 100}  # scrapy shell, fetch, parse and the like write to no archive
EXTENSIONS = {
    "crawlers.session.extension.ArchiveExtension": 100,
    "crawlers.download.capture.Media": 120,
    "crawlers.session.shutdown.Shutdown": 140,
    "crawlers.session.background.SpoolLimitExtension": 150,
    "crawlers.monitoring.outcomes.Outcomes": 160,
    "crawlers.monitoring.stats.Traffic": 170,
    "crawlers.monitoring.stats.Channels": 180,
    "crawlers.monitoring.stats.RobotsReadings": 185,
    "crawlers.monitoring.stats.Quality": 190,
    "crawlers.monitoring.stats.Symptoms": 195,
    "crawlers.monitoring.progress.ProgressExtension": 200,
    "crawlers.outlet.RedirectLosses": 300,
    "crawlers.frontier.backfill.YieldingExtension": 400,
    "scrapy.extensions.logstats.LogStats": None,  # progress says more
}
SPIDER_MIDDLEWARES = {
    "crawlers.frontier.incremental.IncrementalSpiderMiddleware": 100,
    "crawlers.frontier.recheck.RecheckSpiderMiddleware": 120,
    "crawlers.monitoring.stats.ChannelsSpiderMiddleware": 150,  # nearer the spider: sees what is announced, not what is chosen
    "crawlers.download.capture.MediaSpiderMiddleware": 160,  # between who chooses articles and who makes them
    "crawlers.items.ItemsSpiderMiddleware": 900,  # nearest the spider: behind it an item of any type is the record
}
DOWNLOADER_MIDDLEWARES = {
    "crawlers.sources.sitemap.SitemapBoundsMiddleware": 90,
    "crawlers.politeness.robots.RobotsMiddleware": 100,
    "crawlers.politeness.tdmrep.TdmRepMiddleware": 120,
    "crawlers.politeness.robots.ContactMiddleware": 500,
    "crawlers.politeness.retry.RetryAfterMiddleware": 550,
    "crawlers.outlet.MetaRefresh": 575,
    "crawlers.politeness.breaker.BreakerMiddleware": 580,
    "crawlers.download.content_coding.ContentCodingMiddleware": 590,
    "crawlers.frontier.conditional.ConditionalMiddleware": 900,
    "crawlers.politeness.retry.NetworkMiddleware": 980,  # before retries tell of what follows from it
    "crawlers.download.capture.CaptureMiddleware": 990,  # nearest the wire: sees each attempt, redirect, error and robots.txt
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,  # ours looks first whether there is anything to decode
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # ours are stricter
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # hands on what it can of a broken body
}
SCHEDULER_PRIORITY_QUEUE = "crawlers.politeness.queue.RestingQueue"
SCHEDULER_MEMORY_QUEUE = (
    "crawlers.politeness.queue.PackedQueue"  # as announced: newest first, and two equal crawls ask alike
)
DUPEFILTER_CLASS = "crawlers.politeness.queue.PackedDupeFilter"
DOWNLOAD_HANDLERS = {
    "http": "crawlers.download.handler.CaptureDownloadHandler",
    "https": "crawlers.download.handler.CaptureDownloadHandler",
    **dict.fromkeys(("file", "data", "ftp", "s3")),  # a sitemap may name any address; only the web is fetched
}
ITEM_PIPELINES = {
    "pipelines.cleaning.CleaningPipeline": 100,
    "pipelines.validation.ValidationPipeline": 200,
    "pipelines.store.ReservationsPipeline": 220,
    "pipelines.versions.VersionsPipeline": 250,  # before the stories: a later version keeps its story
    "pipelines.syndication.pipeline.SyndicationPipeline": 300,
    "pipelines.store.StorePipeline": 900,
}
FEED_EXPORTERS = {  # -o FILE: the values of the published line
    **dict.fromkeys(("jsonl", "jsonlines", "jl"), "crawlers.items.LineJsonLinesExporter"),
    "json": "crawlers.items.LineJsonExporter",
    "csv": "crawlers.items.LineCsvExporter",
    "xml": "crawlers.items.LineXmlExporter",
}

# --- Scrapy's own that the local file sets ----------------------------------------------------------------------------
globals().update(
    (name, value) for name, value in _local.items() if name not in known and hasattr(default_settings, name)
)
