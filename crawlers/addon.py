"""Add-ons: any project's crawls into an archive, and what a look by hand is, which writes to none.

    scrapy shell, fetch, view, parse, check, bench, runspider ──▶ no session, no extension of ours, any address, the crawl's manners

Scrapy tells an add-on no command. A crawl that looks is known by what such a command does with it: it starts another way.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.commands import ScrapyCommand
from scrapy.crawler import CrawlerProcessBase
from scrapy.exceptions import DropItem, NotConfigured
from scrapy.settings import default_settings
from scrapy.spiderloader import DummySpiderLoader
from scrapy.utils.defer import ensure_awaitable
from scrapy.utils.misc import build_from_crawler, load_object
from scrapy.utils.reactor import install_reactor, is_reactor_installed

from crawlers import settings as ours
from crawlers.configuration import check_addon, check_before_crawls, of_callers, refusal, see_to_log
from crawlers.items import ItemsSpiderMiddleware
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

_SCRAPY_COMMANDS = "scrapy.commands."
_BY_HAND = "a look by hand"
_ASYNCIO = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_ANYWHERE = ("0.0.0.0/0", "::/0")
_CONTACT = "crawlers.politeness.robots.ContactMiddleware"
_ITEMS, _LOOK_ITEMS = "crawlers.items.ItemsSpiderMiddleware", "crawlers.items.LookItemsSpiderMiddleware"
_AGENT = "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware"
_LOG_STATS = "scrapy.extensions.logstats.LogStats"
_SWITCHES = {  # what Scrapy imports even where it is off, and what that brings: a fifth of a crawl's start
    "EXTENSIONS_BASE": {
        "scrapy.extensions.remote_control.RemoteControl": "REMOTE_CONTROL_ENABLED",  # aiohttp
        "scrapy.extensions.telnet.TelnetConsole": "TELNETCONSOLE_ENABLED",  # twisted.conch
    },
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": "COOKIES_ENABLED",  # tldextract and requests
    },
}


def only_looks(crawler: Crawler) -> bool:
    """Say whether a crawl is one of the commands that show something and keep nothing.

    The shell makes an engine without a crawl; fetch, view, parse and check put a start of their own into the spider; the
    spider of bench is Scrapy's; runspider looks no spider up by its name.
    """
    spider = crawler.spidercls
    starts = getattr(spider.start, "__module__", "")
    by_name = crawler.settings["SPIDER_LOADER_CLASS"]
    return (
        not crawler.crawling
        or starts.startswith(_SCRAPY_COMMANDS)
        or is_benchmark(crawler)
        or load_object(by_name) is DummySpiderLoader
    )


def is_benchmark(crawler: Crawler) -> bool:
    """Say whether a crawl is that of `scrapy bench`, on a server of its own."""
    return crawler.spidercls.__module__.startswith(_SCRAPY_COMMANDS)


_LOOP = (
    "An event loop runs here already, as in a notebook: await AsyncCrawlerRunner(settings).crawl(…) in it, "
    "or start the crawl in a process of its own.\n"
)


def _see_to_the_loop() -> None:
    """Where a loop runs, as in a notebook, let Scrapy's reactor be in it; exit with a sentence where a `CrawlerProcess` would start its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    if any(isinstance(caller, CrawlerProcessBase) for caller in of_callers("self")):
        sys.stderr.write(_LOOP)
        raise SystemExit(ExitCode.REFUSED)
    if not is_reactor_installed():
        install_reactor(_ASYNCIO)
        from twisted.internet import reactor  # noqa: PLC0415  it exists from now on

        reactor.startRunning(installSignalHandlers=False)  # the loop, which runs, does the rest
        # Nobody stops this reactor: its threads may not keep the process from ending.
        reactor.getThreadPool().threadFactory = partial(Thread, daemon=True)


def _loader_of_command() -> type | str | None:
    """Return the spider loader for which the command that runs asks, as `runspider` for none at all; the project's setting hides it."""
    commands = (command for command in of_callers("cmd") if isinstance(command, ScrapyCommand))
    return next((command.default_settings.get("SPIDER_LOADER_CLASS") for command in commands), None)


class _AddonOfCrawl:
    """An add-on that knows its crawl.

    Args:
        crawler: the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it; it reads its settings when it changes them."""
        return cls(crawler)


class LookAddon(_AddonOfCrawl):
    """Leaves the archive alone where somebody only looks; the project's own settings name it."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """See that the outlets are ours, before any is looked up, that a crawl can run here, and to the form of the log.

        Raises:
            ImportError: ``spiders`` is somebody else's; the name is a common one.
            SystemExit: exit code 2: a loop runs already, and who calls would run another.
        """
        _see_to_the_loop()
        spec = find_spec("spiders") if "spiders" in settings.getlist("SPIDER_MODULES") else None
        if spec and spec.origin and Path(spec.origin).parents[1] != Path(__file__).parents[1]:
            raise ImportError(f"'spiders' was imported from {spec.origin}: a stray package of that name is installed")
        see_to_log(settings)
        if loader := _loader_of_command():
            settings.set("SPIDER_LOADER_CLASS", loader, "cmdline")

    def update_settings(self, settings: BaseSettings) -> None:
        """Take away what is off; of a look also what opens, watches and fills an archive, and what asks more than a look needs."""
        for base, switches in _SWITCHES.items():
            for path, switch in switches.items():
                if not settings.getbool(switch):
                    settings[base].pop(path, None)
        if not only_looks(self.crawler):
            return
        for path in list(settings["EXTENSIONS"]):
            if str(path).startswith("crawlers."):
                settings["EXTENSIONS"][path] = None
        settings["EXTENSIONS"][_LOG_STATS] = 0
        settings["DOWNLOADER_MIDDLEWARES"][_CONTACT] = None  # nobody needs a contact for one page
        settings["DOWNLOADER_MIDDLEWARES"][_AGENT] = 500
        settings["DOWNLOAD_HANDLERS"].pop("file", None)  # a page that was saved
        if not hasattr(
            self.crawler.spidercls, "addresses"
        ):  # a plain spider: what can be no article is an item all the same
            settings["SPIDER_MIDDLEWARES"].update({_ITEMS: None, _LOOK_ITEMS: settings["SPIDER_MIDDLEWARES"][_ITEMS]})
            settings["ITEM_PIPELINES"].update(dict.fromkeys(_STEPS))
        agent = str(settings["USER_AGENT"]).replace("{contact}", settings["CONTACT"] or _BY_HAND)
        settings.set("USER_AGENT", agent, "cmdline")
        settings.set("CONNECT_PRIVATE", [*_ANYWHERE], "cmdline")  # who types an address means it
        if is_benchmark(self.crawler):
            for name, value in {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "ROBOTSTXT_OBEY": False}.items():
                settings.set(name, value, "cmdline")


# --- Any spider of any project into an archive: ADDONS = {"crawlers.addon.ArchiveAddon": 300}, ARCHIVE_URI = … ------------
#     every exchange  ──CaptureMiddleware──▶ segment ▸ WARC, CDXJ, manifest        as in a crawl of ours, with the same defaults
#     every item      ──its project's pipelines──▶ item_scraped ──ArticleLines──▶ article line         ARCHIVE_ONLY=warc: none
#
# What the project sets itself stands: its manners, its pipelines, its download handlers. Where one of those is not ours,
# the exchange is reconstructed from what Scrapy knows, and its record says so.

_CAPTURED = {
    "crawlers.session.extension.ArchiveExtension": 100,
    "crawlers.session.shutdown.Shutdown": 140,
    "crawlers.session.background.SpoolLimitExtension": 150,
    "crawlers.monitoring.stats.Traffic": 170,
}
_LINES = "crawlers.addon.ArticleLines"
_CAPTURE = "crawlers.download.capture.CaptureMiddleware"
_HANDLER = "crawlers.download.handler.CaptureDownloadHandler"
_STEPS = sorted(ours.ITEM_PIPELINES, key=ours.ITEM_PIPELINES.__getitem__)


class ArchiveAddon(_AddonOfCrawl):
    """Archives the crawls of a project that is not ours."""

    @classmethod
    def update_pre_crawler_settings(cls, settings: BaseSettings) -> None:
        """See that a process of the older kind is made with settings of ours that can be. Raises ``SystemExit``: exit code 2."""
        if settings.get("ARCHIVE_URI") or os.environ.get("ARCHIVE_URI"):
            complete = settings.copy()
            _add_defaults(complete)
            check_before_crawls(complete)

    def update_settings(self, settings: BaseSettings) -> None:
        """Add what archives, and the defaults of every setting that Scrapy does not know; a look by hand gets nothing.

        Raises:
            NotConfigured: ARCHIVE_URI is not set; Scrapy logs the sentence as a warning and crawls on without an archive.
            ConfigurationError: a setting of ours is wrong; Scrapy's own process ends with the sentence and exit code 2.
        """
        if not (settings.get("ARCHIVE_URI") or os.environ.get("ARCHIVE_URI")):
            raise NotConfigured("ARCHIVE_URI is not set: nothing is archived")
        if only_looks(self.crawler):
            return
        _add_defaults(settings)
        with refusal():
            check_addon(settings)
        settings.set("CONNECT_PRIVATE", [*_ANYWHERE], "addon")  # where it may connect is the project's affair
        lines = {} if settings["ARCHIVE_ONLY"] else {_LINES: 900}
        for path, order in {**_CAPTURED, **lines}.items():
            settings.setdefault_in_component_priority_dict("EXTENSIONS", load_object(path), order)
        settings.setdefault_in_component_priority_dict("DOWNLOADER_MIDDLEWARES", load_object(_CAPTURE), 990)
        for scheme in ("http", "https"):
            settings["DOWNLOAD_HANDLERS_BASE"][scheme] = _HANDLER  # the project's own DOWNLOAD_HANDLERS stand before it


def _add_defaults(settings: BaseSettings) -> None:
    for name, value in vars(ours).items():
        if name.isupper() and not hasattr(default_settings, name) and name not in settings:
            settings.set(name, value, "addon")


class ArticleLines:
    """Makes article lines of items, after the project's own pipelines and without touching what they return.

    Args:
        crawler: the crawl.
        reader: makes an item the record, with what its answer tells.
        steps: the pipelines of a crawl of ours, in their order.
    """

    def __init__(self, crawler: Crawler, reader: ItemsSpiderMiddleware) -> None:
        self.crawler, self.reader = crawler, reader
        self.steps: list[Any] = []
        self._turn = asyncio.Lock()  # items come side by side, and a version follows the one before it

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Hear of the spider's opening and of each item."""
        lines = cls(crawler, ItemsSpiderMiddleware.from_crawler(crawler))
        crawler.signals.connect(lines.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(lines.item_scraped, signal=signals.item_scraped)
        return lines

    def spider_opened(self) -> None:
        """Build the steps, once the archive's extension is there to be found."""
        for path in _STEPS:
            with suppress(NotConfigured):
                self.steps.append(build_from_crawler(load_object(path), self.crawler))

    async def item_scraped(self, item: Any, response: Response | None) -> None:
        """Write an item's line, where it can be an article; count by name where not. It never hinders the project's crawl."""
        assert self.crawler.stats is not None
        try:
            article: Any = self.reader.article_of(item, response)
            async with self._turn:
                for step in self.steps:
                    article = await ensure_awaitable(step.process_item(article))
        except DropItem as error:
            self.crawler.stats.inc_value(f"archive/no-line/{getattr(error, 'reason', type(error).__name__)}")
            logger.debug("no article line: %s", error)
