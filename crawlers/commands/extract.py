"""`scrapy extract OUTLET FILE --url URL [--captured TIME]`: a saved page to one JSON line; no network, nothing stored.

OUTLET ``any`` reads a page of an outlet that nobody declared; an address of a declared one goes to its rules.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.article import parse_time
from crawlers.extraction import ExtractionError, Page
from crawlers.extraction.article import read_and_judge
from crawlers.frontier.any_outlet import ANY, spider_of_any
from crawlers.outlet import OutletSpider
from pipelines.validation import EARLIEST, Invalid

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from crawlers.addresses import AddressRules
    from crawlers.extraction import ExtractionRules

logger = logging.getLogger(__name__)


class Command(ScrapyCommand):
    """One saved page, read as the crawl would read it."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET|any FILE --url URL [--captured TIME] [--zone ZONE]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Read a saved page (or - for stdin) into one JSON line"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the page's address and the time it was captured."""
        super().add_options(parser)
        parser.add_argument("--url", help="the address the page was fetched from")
        parser.add_argument("--captured", help="when, as 2026-07-28T10:25:00Z (default: the file's time)")
        parser.add_argument("--zone", help="of any: the zone of times that name none, as Asia/Riyadh (default: UTC)")
        parser.add_argument("--content-type", help="the Content-Type header, where it is known")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Keep stderr for what matters: warnings, and the sentence that says why there is no article."""
        super().process_options(args, opts)
        assert self.settings is not None
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print the article's line; exit 1 where the page is no article, 2 on wrong arguments, each with one sentence."""
        try:
            self._extract(args, opts)
        except (ExtractionError, Invalid) as error:
            sys.stderr.write(f"no article ({error.reason}): {error}\n")
            self.exitcode = 1
        except UsageError as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = 2
        except Exception as error:
            logger.error("the reading broke", exc_info=error)  # noqa: TRY400  the name and the message follow as a sentence
            sys.stderr.write(f"no article ({type(error).__name__}): the reading broke: {error}\n")
            self.exitcode = 1

    def _extract(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        if len(args) != 2:  # noqa: PLR2004  OUTLET and FILE
            raise UsageError("name an outlet and a file: scrapy extract OUTLET FILE --url URL")
        if not opts.url:
            raise UsageError("say where the page is from: --url URL")
        reading, addresses = self._rules(args[0], opts.url, opts.zone)
        body, written = _read_file(args[1])
        captured = _captured(opts.captured, written)
        page = Page(url=opts.url, captured=captured, body=body, content_type=opts.content_type)
        line = read_and_judge(page, reading=reading, addresses=addresses).to_line()
        sys.stdout.buffer.write(f"{line}\n".encode())
        sys.stdout.buffer.flush()

    def _rules(self, outlet: str, url: str, zone: str | None) -> tuple[ExtractionRules, AddressRules]:
        """Return how the page is read: by a declared outlet's rules, or by none but what all pages have in common."""
        from scrapy.spiderloader import get_spider_loader  # noqa: PLC0415  the command runs without a crawler process

        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        names = sorted(loader.list())
        if outlet not in {*names, ANY}:
            raise UsageError(f"unknown outlet {outlet!r}; there are {', '.join(names)}, and any")
        if outlet != ANY and zone:
            raise UsageError(f"--zone is for any: the times of {outlet} are read by its own rules")
        spiders = [loader.load(name) for name in (names if outlet == ANY else [outlet])]
        for spider in spiders:
            assert issubclass(spider, OutletSpider)
            if outlet != ANY or spider.addresses.owns(url):
                return spider.reading, spider.addresses
        try:
            found = spider_of_any(url, zone or "UTC")
        except ValueError as error:
            raise UsageError(f"--url, --zone: {error}") from error
        return found.reading, found.addresses


def _read_file(name: str) -> tuple[bytes, datetime]:
    if name == "-":
        return sys.stdin.buffer.read(), datetime.now(UTC).replace(microsecond=0)
    path = Path(name)
    try:
        body = path.read_bytes()
        written = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
        if written < EARLIEST:  # an archiver's placeholder, no time anything was saved
            written = datetime.now(UTC).replace(microsecond=0)
    except OSError as error:
        raise UsageError(f"cannot read {name}: {os.strerror(error.errno or 0)}") from error
    return body, written


def _captured(text: str | None, written: datetime) -> datetime:
    if text is None:
        return written
    try:
        return parse_time(text)
    except ValueError as error:
        raise UsageError(f"--captured {text!r} is no time with a zone, such as 2026-07-28T10:25:00Z") from error
