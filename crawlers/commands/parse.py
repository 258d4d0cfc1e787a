"""`scrapy parse URL`: Scrapy's own command, which shows an article as the line that would be published; nothing is stored."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from scrapy.commands.parse import Command as ScrapyParse

from archive.article import Article

if TYPE_CHECKING:
    import argparse


class Command(ScrapyParse):
    """One page, fetched and read by the spider to which it belongs."""

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Fetch a page, and print what its spider reads from it; an article as its published line"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Keep stderr for what matters, as `scrapy extract` does, unless a level is asked for."""
        super().process_options(args, opts)
        assert self.settings is not None
        if not opts.loglevel:
            self.settings.set("LOG_LEVEL", "WARNING", priority="cmdline")
        warnings.filterwarnings("ignore", ".*Returning Deferreds from spider callbacks")  # Scrapy's own parse does

    def print_results(self, opts: argparse.Namespace) -> None:
        """Print without a heading, so that what is printed can be read by a program; by level where that is asked for."""
        if opts.verbose:
            super().print_results(opts)
            return
        if not opts.noitems:
            self.print_items(colour=not opts.nocolour)
        if not opts.nolinks:
            self.print_requests(colour=not opts.nocolour)

    def print_items(self, lvl: int | None = None, colour: bool = True) -> None:  # noqa: FBT001, FBT002  Scrapy's signature
        """Print articles as lines, and items of other kinds as Scrapy does."""
        levels = self.items if lvl is None else {lvl: self.items.get(lvl, [])}
        scraped: list[Any] = [item for items in levels.values() for item in items]
        articles = [item for item in scraped if isinstance(item, Article)]
        sys.stdout.writelines(f"{article.to_line()}\n" for article in articles)
        if not articles:
            super().print_items(lvl, colour)

    def print_requests(self, lvl: int | None = None, colour: bool = True) -> None:  # noqa: FBT001, FBT002  Scrapy's signature
        """Print what would be asked next, where there is something: a line is all that a program reading it wants."""
        if any(self.requests.values()):
            super().print_requests(lvl, colour)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Fetch, read, print; exit code 1 where no spider reads the page or nothing came of it."""
        super().run(args, opts)
        if not any(self.items.values()) and not any(self.requests.values()):
            self.exitcode = self.exitcode or 1
