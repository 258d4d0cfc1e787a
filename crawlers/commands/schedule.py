"""`scrapy schedule`: crawls the outlets at the times that SCHEDULE names, until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from archive.spool.spool import SpoolBusy
from archive.store import StoreUnavailable
from crawlers.configuration import ArchiveCommand, CheckedSettings, ConfigurationError, put_off, refused
from crawlers.politeness.robots import NoContact

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


class Command(CheckedSettings, ArchiveCommand):
    """The schedule."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "[--show]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl the outlets at the times that SCHEDULE names"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the choice between looking and running."""
        super().add_options(parser)
        parser.add_argument("--show", action="store_true", help="print what runs, ran and comes next, and end")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Run the schedule until SIGTERM or SIGINT.

        Raises:
            UsageError: a setting is wrong, or another schedule runs; nothing was requested.
        """
        if args:
            raise UsageError("the outlets and their times stand in SCHEDULE", print_help=False)
        from crawlers.scheduling.service import Service  # noqa: PLC0415  a scheduler, which no other command needs

        assert self.settings is not None
        words = [part for setting in opts.set for part in ("-s", setting)]
        try:
            service = Service(self.settings, words)
            service.show() if opts.show else service.run()
        except (ConfigurationError, NoContact, SpoolBusy) as error:
            raise refused(error) from error
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
