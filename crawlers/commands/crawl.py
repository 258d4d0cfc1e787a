"""`scrapy crawl OUTLET`: Scrapy's own command, with wrong settings refused before the first request and an honest exit code."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from archive.files import is_full
from archive.store import StoreUnavailable
from crawlers.arguments import ArgumentError, parse_arguments
from crawlers.configuration import CheckedSettings, ConfigurationError, Destination, check_asking
from crawlers.exit_codes import ExitCode, put_off
from crawlers.monitoring.drift import Limits
from crawlers.monitoring.metrics import Webhook
from crawlers.outlet import OutletSpider

if TYPE_CHECKING:
    import argparse
    import asyncio

    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class Command(CheckedSettings, ScrapyCrawl):
    """One crawl of one outlet."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET [-a since=2025-05-10] [-a until=…] [-a url=…] [-a limit=N]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl one outlet into the archive"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, and tell how it went.

        Raises:
            UsageError: an unknown outlet, a wrong argument or setting; nothing was requested.
        """
        if len(args) != 1:
            raise UsageError(f"name one outlet: {', '.join(self._outlets())}", print_help=False)
        assert self.crawler_process is not None
        assert self.settings is not None
        if args[0] not in self._outlets():
            raise UsageError(f"unknown outlet {args[0]!r}; there are {', '.join(self._outlets())}", print_help=False)
        crawler = self._create_crawler(args[0])
        try:
            if issubclass(crawler.spidercls, OutletSpider):
                days = self.settings.getint("CRAWL_WINDOW_DAYS")
                parse_arguments(opts.spargs, addresses=crawler.spidercls.addresses, window_days=days)
            Destination.from_settings(self.settings).check()
            check_asking(self.settings)
            Limits.from_settings(self.settings)
            Webhook.from_settings(self.settings)
        except (ArgumentError, ConfigurationError) as error:
            raise UsageError(str(error), print_help=False) from error
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
            return
        crawling = self.crawler_process.crawl(crawler, **opts.spargs)
        self.crawler_process.start()
        self.exitcode = _tell(crawler, cast("asyncio.Task[None]", crawling))

    def _outlets(self) -> list[str]:
        assert self.crawler_process is not None
        return sorted(self.crawler_process.spider_loader.list())


def _tell(crawler: Crawler, crawling: asyncio.Task[None]) -> int:
    """Say how a crawl went, and return the exit code; one that could not even begin has no archive to say it."""
    from crawlers.session.extension import ArchiveExtension  # noqa: PLC0415  half a second that the other commands need not wait

    error = crawling.exception() if crawling.done() else None
    if error is not None:
        expected = is_full(error)
        logger.error(
            "%s: the crawl does not begin: %s", crawler.spidercls.name, error, exc_info=None if expected else error
        )
        return ExitCode.FULL if expected else ExitCode.FAILED
    archive = crawler.get_extension(ArchiveExtension)
    if archive is not None and archive.outcome is not None:
        sys.stderr.write(f"{archive.outcome.text}\n{archive.outcome.summary}\n")
        return archive.outcome.code
    if not crawling.done():
        logger.warning("%s: stopped before the crawl began", crawler.spidercls.name)
        return ExitCode.STOPPED
    logger.error("%s: the crawl ended before its archive could say how", crawler.spidercls.name)
    return ExitCode.FAILED
