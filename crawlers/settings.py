"""The table of contents: every component in running order, every setting with its reason.

The environment may say what differs from place to place (where the archive is, who is responsible, how to connect);
`scrapy crawl -s NAME=VALUE` overrides everything here.
"""

import os

BOT_NAME = "warraq"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"
COMMANDS_MODULE = "crawlers.commands"

# --- who asks, and how politely -------------------------------------------------------------------------------------
CONTACT = os.environ.get("CONTACT", "")  # an address or a page where an outlet reaches the operator
USER_AGENT = "Warraq/0.2 (news archive; {contact})"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Warraq"  # the product token of RFC 9309
CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # a page is an article: Scrapy would start a hundred tasks for each, and a feed's keep their order
DOWNLOAD_DELAY_JITTER = 0.0  # no host ever sees a shorter pause than the delay
DOWNLOAD_DELAY = 1.0  # seconds between two requests to one host; a longer Crawl-delay wins
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ar,en;q=0.5",
    # gzip alone: every WARC reader opens it, while many stumble over br and zstd
    "Accept-Encoding": "gzip",
}
AUTOTHROTTLE_ENABLED = True  # a host that answers slowly is asked more slowly, never faster than the delay
AUTOTHROTTLE_START_DELAY = 0.0  # begin with the delay itself
AUTOTHROTTLE_MAX_DELAY = 60.0  # a host that takes a minute is not asked less often than that
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
TDMREP_MAX_AGE = 86400.0  # seconds until a host is asked again for /.well-known/tdmrep.json; 0 never asks
RESPECT_RESERVATIONS: list[
    str
] = []  # of noindex, noarchive, nosnippet, noai, tdm: recorded always, refused where named
BREAKER_LIMIT = 5  # block pages in a row that end the crawl
RETRY_AFTER_BASE = 5.0  # seconds of the first rest where an outlet names none; then longer and longer
RETRY_AFTER_MAX = (
    300.0  # a host that asks for more, by Retry-After, Crawl-delay or Request-rate, is given up for this crawl
)
COOKIES_ENABLED = False  # nothing to log in to, and a request record would keep them
REFERRER_POLICY = "no-referrer"

# --- what is fetched ------------------------------------------------------------------------------------------------
CRAWL_WINDOW_DAYS = 2  # without -a since: articles announced for today and the two days before
RELOOK_AGES = [
    "1 h",
    "6 h",
    "24 h",
    "7 d",
    "30 d",
]  # most edits fall into the first day; a deletion shows by the last look
RELOOK_BUDGET = 100  # looks of a crawl at most: under two minutes at the default delay
DOWNLOAD_TIMEOUT = 60.0
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_VERIFY_CERTIFICATES = True  # an archive must know whom it heard
DOWNLOAD_FAIL_ON_DATALOSS = True
RETRY_TIMES = 3
REDIRECT_MAX_TIMES = 5
CONNECT_PRIVATE: list[str] = []  # networks that may be reached although they are not public (["10.0.0.0/8"])
CONNECT_TO = os.environ.get("CONNECT_TO", "")  # "HOST:PORT:CONNECT-HOST:CONNECT-PORT,…" as curl's --connect-to

# --- where it goes --------------------------------------------------------------------------------------------------
ARCHIVE_URI = os.environ.get("ARCHIVE_URI", "collection")  # a folder, file:///… or s3://bucket/prefix
SPOOL_DIR = os.environ.get("SPOOL_DIR", "spool")  # what is not in the archive yet, and the catalog of what is
COLLECTION = "warraq"  # the first part of every file name
AWS_ENDPOINT_URL = os.environ.get("AWS_ENDPOINT_URL")  # any store that speaks S3
ARCHIVE_COPIES = os.environ.get("ARCHIVE_COPIES", "")  # "URI endpoint=… profile=…, URI": stores that get everything too
WARC_TRANSFER_CODING = "strip"  # or "keep": chunk framing as received, which not every reader verifies
SEGMENT_MAX_BYTES = 1_000_000_000  # WARC 1.1, annex C: about a gigabyte
SEGMENT_MAX_SECONDS = 3600.0
SPOOL_MAX_BYTES = 20_000_000_000  # more than this waiting for the store, and the crawl pauses
SPOOL_PATIENCE = 3600.0  # seconds of pausing, for the store or for a full disk, after which it stops
STOP_SECONDS = 20.0  # for publishing after a signal; what is left waits in the spool
PUBLISH_EVERY = 15.0  # seconds between two looks at what can be published
LEASE_PATIENCE = 300.0  # seconds that a crawl waits for a back-fill to give way
YIELDS = False  # gives way to a regular crawl, asks for past days only what is kept by day; `scrapy backfill` sets it
CATALOG_WINDOW_DAYS = 400  # crawl dates that a crawl's catalog knows about
STORIES_WINDOW_DAYS = 14  # and its stories: copies follow within three days
CHECKPOINT_EVERY = 100  # manifests of an outlet after which a crawl puts its catalog into the archive; 0: never

# --- when (scrapy schedule) -----------------------------------------------------------------------------------------
SCHEDULE: dict[str, dict[str, object] | None] = {  # an outlet's row joins the one for all; None: not crawled
    "*": {"every": "20m", "adapt": ["10m", "3h"], "jitter": "1m", "limit": "1h", "retry": 2, "retry_after": "5m"},
}

# --- how it is watched ----------------------------------------------------------------------------------------------
PROGRESS_EVERY = 30.0  # seconds between two lines of progress in a log; a terminal has a live one
DRIFT_SAMPLE_EVERY = 10  # every tenth article is read by trafilatura, too, 20 in a crawl at most; 0: none
DRIFT_DAYS = 14  # how far back ordinary crawls are the measure
DRIFT_SINCE = ""  # 2026-05-11: crawls before that day are no measure any more
DRIFT_LEAST_PAGES = 10  # fewer pages say nothing; small crawls are counted together until there are that many
DRIFT_LEAST_CRAWLS = 5  # fewer ordinary crawls are no measure
DRIFT_TOLERANCE: dict[str, float] = {}  # {"share": 0.25, …}; what may differ, docs/operations.md
DRIFT_GRAVE = 2.0  # so many times the tolerance fails a crawl at once
DRIFT_PATIENCE = 3  # so many crawls in a row with the same alarm fail the last of them
DRIFT_CASES = ""  # where pages that raised an alarm are kept as golden cases; default: SPOOL_DIR/cases

METRICS_HOST = "127.0.0.1"  # where scrapy schedule serves its figures
METRICS_PORT = 9425  # 0: nowhere
METRICS_DIR = os.environ.get("METRICS_DIR", "")  # figures for node_exporter's textfile collector after each crawl
WEBHOOK_URL = os.environ.get("WEBHOOK_URL", "")  # is told when crawls begin to fail, and when they are good again

# --- components, in running order -----------------------------------------------------------------------------------
ADDONS = {"crawlers.addon.LookAddon": 100}  # scrapy shell, fetch, parse and the like write to no archive
EXTENSIONS = {
    "crawlers.session.extension.ArchiveExtension": 100,
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
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.logstats.LogStats": None,  # progress says more
}
SPIDER_MIDDLEWARES = {
    "crawlers.frontier.incremental.IncrementalSpiderMiddleware": 100,
    "crawlers.frontier.recheck.RecheckSpiderMiddleware": 120,
    "crawlers.monitoring.stats.ChannelsSpiderMiddleware": 150,  # nearer the spider: sees what is announced, not what is chosen
    "crawlers.items.ItemsSpiderMiddleware": 900,  # nearest the spider: behind it an item of any type is the record
}
DOWNLOADER_MIDDLEWARES = {
    "crawlers.sources.sitemap.SitemapBoundsMiddleware": 90,
    "crawlers.politeness.robots.RobotsMiddleware": 100,
    "crawlers.politeness.tdmrep.TdmRepMiddleware": 120,
    "crawlers.politeness.user_agent.ContactMiddleware": 500,
    "crawlers.politeness.retry.RetryAfterMiddleware": 550,
    "crawlers.politeness.breaker.BreakerMiddleware": 580,
    "crawlers.download.content_coding.ContentCodingMiddleware": 590,
    "crawlers.frontier.conditional.ConditionalMiddleware": 900,
    "crawlers.download.capture.CaptureMiddleware": 990,  # nearest the wire: sees each attempt, redirect, error and robots.txt
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # ours are stricter
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # hands on what it can of a broken body
}
SCHEDULER_PRIORITY_QUEUE = "crawlers.politeness.queue.RestingQueue"
SCHEDULER_MEMORY_QUEUE = (
    "crawlers.politeness.queue.PackedQueue"  # as announced: newest first, and two equal crawls ask alike
)
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

# --- Scrapy's own, put right ----------------------------------------------------------------------------------------
TELNETCONSOLE_ENABLED = False
WARN_ON_GENERATOR_RETURN_VALUE = False  # parses the source of the callback anew for every page; mypy sees such a return
REMOTE_CONTROL_ENABLED = False  # the process may hold the archive's credentials
LOG_LEVEL = "INFO"
FEED_EXPORT_ENCODING = "utf-8"
FEED_EXPORTERS = {  # -o FILE: the values of the published line
    **dict.fromkeys(("jsonl", "jsonlines", "jl"), "crawlers.items.LineJsonLinesExporter"),
    "json": "crawlers.items.LineJsonExporter",
    "csv": "crawlers.items.LineCsvExporter",
    "xml": "crawlers.items.LineXmlExporter",
}
