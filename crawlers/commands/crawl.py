"""`scrapy crawl OUTLET`: Scrapy's own command, with wrong settings refused before the first request and an honest exit code.

`scrapy crawl any -a url=…` or `-a urls=FILE`: pages of outlets that nobody declared, each outlet in a crawl of its own.
"""

from __future__ import annotations

import gc
import logging
import sys
from functools import partial
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, cast

from scrapy import signals
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from archive.files import is_full
from archive.store import StoreUnavailable
from crawlers.arguments import ArgumentError, parse_arguments
from crawlers.configuration import CheckedSettings, ConfigurationError, Destination, check_asking, put_off, refused
from crawlers.frontier.any_outlet import ANY, parse_any
from crawlers.monitoring.drift import Limits
from crawlers.monitoring.metrics import Notifier
from crawlers.outlet import OutletSpider
from crawlers.signals import ExitCode, gravest

if TYPE_CHECKING:
    import argparse
    import asyncio
    from collections.abc import Iterator

    from scrapy.crawler import Crawler

    from crawlers.frontier.any_outlet import AnyCrawls

logger = logging.getLogger(__name__)


class Command(CheckedSettings, ScrapyCrawl):
    """One crawl of one outlet; of any outlets one crawl each, one after the other."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET [-a since=2025-05-10] [-a until=…] [-a url=…] [-a limit=N] | any -a url=… | any -a urls=FILE"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl one outlet into the archive, or pages of any outlets"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take what Scrapy's own command takes, and the zone of outlets that nobody declared."""
        super().add_options(parser)
        parser.add_argument("--zone", help="of any: the zone of times that name none, as Asia/Riyadh (default: UTC)")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, crawl, and tell how it went.

        Raises:
            UsageError: an unknown outlet, a wrong argument or setting; nothing was requested.
        """
        _import_from_here()
        if len(args) != 1:
            raise UsageError(f"name one outlet: {', '.join(self._outlets())}, or any", print_help=False)
        if args[0] not in {*self._outlets(), ANY}:
            raise UsageError(
                f"unknown outlet {args[0]!r}; there are {', '.join(self._outlets())}, and any", print_help=False
            )
        try:
            crawls = self._crawls(args[0], opts)
            self._check()
        except (ArgumentError, ConfigurationError) as error:
            raise refused(error) from error
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
            return
        self.exitcode = self._run_in_turn(crawls)

    def _crawls(self, outlet: str, opts: argparse.Namespace) -> Iterator[tuple[Crawler, dict[str, str]]]:
        """Return the crawls that are asked for, with their arguments; each is made when its turn comes. Raises `ArgumentError`."""
        assert self.crawler_process is not None
        assert self.settings is not None
        loader = self.crawler_process.spider_loader
        if outlet == ANY:
            given = opts.spargs | ({"zone": opts.zone} if opts.zone else {})
            declared = [loader.load(name) for name in loader.list()]
            found = parse_any(given, [spider for spider in declared if issubclass(spider, OutletSpider)])
            return self._crawls_of_any(found)
        if opts.zone:
            raise ArgumentError(f"--zone is for any: the times of {outlet} are read by its own rules")
        spider = loader.load(outlet)
        if issubclass(spider, OutletSpider):
            days = self.settings.getint("CRAWL_WINDOW_DAYS")
            parse_arguments(opts.spargs, addresses=spider.addresses, window_days=days)
        return iter([(self._create_crawler(outlet), opts.spargs)])

    def _crawls_of_any(self, found: AnyCrawls) -> Iterator[tuple[Crawler, dict[str, str]]]:
        """Yield a crawl for each outlet, then for those to which pages of these redirected; say what is left out."""
        _leave_out(found)
        for spider, urls in found.in_turn():
            crawler = self._create_crawler(spider)
            yield crawler, {"url": " ".join(urls)}
            if isinstance(crawler.spider, OutletSpider):  # it has ended
                found.follow(crawler.spider.elsewhere)
                _leave_out(found)

    def _check(self) -> None:
        """See that the settings can be what they are, and that the archive answers.

        Raises:
            ConfigurationError: one cannot.
            StoreUnavailable: it does not.
        """
        assert self.settings is not None
        destination = Destination.from_settings(self.settings)
        check_asking(self.settings)
        Limits.from_settings(self.settings)
        Notifier.from_settings(self.settings)
        destination.check()  # the last: it makes folders

    def _run_in_turn(self, crawls: Iterator[tuple[Crawler, dict[str, str]]]) -> int:
        """Run crawls one after the other, tell of each, and return the gravest exit code; a signal ends them all."""
        from crawlers.session.shutdown import ignore_signals  # noqa: PLC0415  half a second that the other commands need not wait

        process = self.crawler_process
        assert process is not None
        codes: list[int] = []
        begun: list[tuple[Crawler, asyncio.Task[None]]] = []  # of which it is not told yet how they went

        def begin() -> None:
            for crawler, arguments in islice(crawls, 1):
                crawler.signals.connect(_spare_what_stands, signal=signals.engine_started)
                crawling = cast("asyncio.Task[None]", process.crawl(crawler, **arguments))
                crawling.add_done_callback(partial(ended, crawler))
                begun.append((crawler, crawling))

        def ended(crawler: Crawler, crawling: asyncio.Task[None]) -> None:
            if _is_closing(crawler, crawling):
                return
            begun.remove((crawler, crawling))
            codes.append(_tell(crawler, crawling))
            if codes[-1] not in {ExitCode.STOPPED, ExitCode.FULL}:
                begin()  # before Scrapy hears of the end, and with it of its last crawl's

        begin()
        process.start()
        codes += [_tell(crawler, crawling) for crawler, crawling in begun]
        ignore_signals()
        return gravest(codes)

    def _outlets(self) -> list[str]:
        assert self.crawler_process is not None
        return sorted(self.crawler_process.spider_loader.list())


def _leave_out(found: AnyCrawls) -> None:
    sys.stderr.writelines(f"left out: {sentence}\n" for sentence in found.wrong)
    found.wrong.clear()


def _import_from_here() -> None:
    """Import where few functions are being run what Scrapy's handlers need: each of its old names looks up the source of all of them."""
    for name in ("tls", "contextfactory"):  # the second imports the first
        import_module(f"scrapy.core.downloader.{name}")


def _spare_what_stands() -> None:
    """Let Python's collector pass over what a crawl begins with, its modules above all, once in a process."""
    if not gc.get_freeze_count():
        gc.freeze()


def _is_closing(crawler: Crawler, crawling: asyncio.Task[None]) -> bool:
    """Say whether a crawl's archive is still at work: Scrapy waits for it no more when a signal comes while it closes."""
    from crawlers.session.extension import ArchiveExtension  # noqa: PLC0415  half a second that the other commands need not wait

    if crawling.exception() is not None:  # it did not begin, and has no extensions
        return False
    archive = crawler.get_extension(ArchiveExtension)
    return archive is not None and archive.outcome is None


def _tell(crawler: Crawler, crawling: asyncio.Task[None]) -> int:
    """Say how a crawl went, and return the exit code; one that could not even begin has no archive to say it."""
    from crawlers.session.extension import ArchiveExtension  # noqa: PLC0415  half a second that the other commands need not wait
    from crawlers.session.shutdown import is_killed  # noqa: PLC0415

    error = crawling.exception() if crawling.done() else None
    if error is not None:
        expected = is_full(error)
        logger.error(
            "%s: the crawl does not begin: %s", crawler.spidercls.name, error, exc_info=None if expected else error
        )
        return ExitCode.FULL if expected else ExitCode.FAILED
    archive = crawler.get_extension(ArchiveExtension)
    if archive is not None and archive.outcome is not None:
        if crawler.settings.getbool("LOG_JSON"):  # what reads the log wants an object a line
            logger.info("%s %s", archive.outcome.text, archive.outcome.summary)
        else:
            sys.stderr.write(f"{archive.outcome.text}\n{archive.outcome.summary}\n")
        return archive.outcome.code
    if not crawling.done():
        said = (
            "%s: ended at once by a second signal; what was captured waits in the spool for the next start"
            if is_killed()
            else "%s: stopped before the crawl began"
        )
        logger.warning(said, crawler.spidercls.name)
        return ExitCode.STOPPED
    logger.error("%s: the crawl ended before its archive could say how", crawler.spidercls.name)
    return ExitCode.FAILED
