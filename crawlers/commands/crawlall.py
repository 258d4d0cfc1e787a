"""`scrapy crawlall [OUTLET …]`: all outlets side by side, each in a process of its own, with one table for all."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from crawlers.configuration import CheckedSettings
from crawlers.signals import gravest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


class Command(CheckedSettings):
    """Crawls of several outlets at once."""

    requires_project = True
    requires_crawler_process = False  # each crawl is a process, with a log, of its own

    def syntax(self) -> str:
        """Name the arguments."""
        return "[OUTLET …] [-a since=2025-05-10] [-a until=…] [-a limit=N]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl all outlets, or those named, side by side"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the spider arguments that every crawl is given."""
        super().add_options(parser)
        parser.add_argument(
            "-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="crawl argument"
        )

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Run the crawls and return the gravest of their exit codes.

        Raises:
            UsageError: an outlet is unknown.
        """
        from crawlers.monitoring.progress import Crawl, run_crawls  # noqa: PLC0415  tables, which no other command needs

        assert self.settings is not None
        outlets = sorted(get_spider_loader(self.settings).list())
        if unknown := sorted(set(args) - set(outlets)):
            raise UsageError(f"unknown outlet {unknown[0]!r}; there are {', '.join(outlets)}", print_help=False)
        folder = Path(self.settings["SPOOL_DIR"]) / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        given = [part for argument in opts.spargs for part in ("-a", argument)]
        given += [part for setting in opts.set for part in ("-s", setting)]
        crawls = [Crawl(outlet, [*given], folder) for outlet in args or outlets]
        asyncio.run(run_crawls(crawls))
        for crawl in crawls:
            sys.stderr.write(f"{crawl.last_words()}\n")
        self.exitcode = gravest(crawl.code for crawl in crawls)
