"""Add-ons: what a crawl's settings become for a look by hand, which writes to no archive.

    scrapy shell, fetch, view, parse, check, bench, runspider ──▶ no session, no extension of ours, any address, the crawl's manners

Scrapy tells an add-on no command. A crawl that looks is known by what such a command does with it: it starts another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.spiderloader import DummySpiderLoader
from scrapy.utils.misc import load_object

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

_SCRAPY_COMMANDS = "scrapy.commands."
_BY_HAND = "a look by hand"
_ANYWHERE = ("0.0.0.0/0", "::/0")
_CONTACT = "crawlers.politeness.user_agent.ContactMiddleware"
_AGENT = "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware"
_LOG_STATS = "scrapy.extensions.logstats.LogStats"


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


class LookAddon:
    """Leaves the archive alone where somebody only looks; the project's own settings name it.

    Args:
        crawler: the crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build it; it has no settings."""
        return cls(crawler)

    def update_settings(self, settings: BaseSettings) -> None:
        """Take away what opens, watches and fills an archive, and what asks an operator for more than a look needs."""
        if not only_looks(self.crawler):
            return
        for path in list(settings["EXTENSIONS"]):
            if str(path).startswith("crawlers."):
                settings["EXTENSIONS"][path] = None
        settings["EXTENSIONS"][_LOG_STATS] = 0
        settings["DOWNLOADER_MIDDLEWARES"][_CONTACT] = None  # nobody needs a contact for one page
        settings["DOWNLOADER_MIDDLEWARES"][_AGENT] = 500
        settings["DOWNLOAD_HANDLERS"].pop("file", None)  # a page that was saved
        agent = str(settings["USER_AGENT"]).replace("{contact}", settings["CONTACT"] or _BY_HAND)
        settings.set("USER_AGENT", agent, "cmdline")
        settings.set("CONNECT_PRIVATE", [*_ANYWHERE], "cmdline")  # who types an address means it
        if is_benchmark(self.crawler):
            for name, value in {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "ROBOTSTXT_OBEY": False}.items():
                settings.set(name, value, "cmdline")
