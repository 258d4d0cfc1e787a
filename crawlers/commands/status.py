"""`scrapy status [OUTLET …]`: how the outlets stand, and what to do."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from archive.store import StoreError
from crawlers.configuration import ArchiveCommand, ConfigurationError, Destination
from crawlers.monitoring.drift import Limits
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


class Command(ArchiveCommand):
    """How the outlets stand."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "[OUTLET …] [--json] [--check]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Say per outlet when it was last crawled well, how fresh the archive is, what waits, and what to do"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the form."""
        super().add_options(parser)
        parser.add_argument("--json", action="store_true", help="print a JSON line an outlet instead of a table")
        parser.add_argument("--check", action="store_true", help="exit with 3 where there is something to do")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Print how the outlets stand.

        Raises:
            UsageError: an outlet is unknown.
        """
        from archive.coverage import coverage  # noqa: PLC0415  reading and tables: the list of commands needs neither
        from archive.reader.archive import Archive  # noqa: PLC0415
        from crawlers.monitoring.postcrawl import History  # noqa: PLC0415
        from crawlers.monitoring.status import show, standing_of  # noqa: PLC0415

        assert self.settings is not None
        known = sorted(get_spider_loader(self.settings).list())
        if unknown := sorted(set(args) - set(known)):
            raise UsageError(f"unknown outlet {unknown[0]!r}; there are {', '.join(known)}", print_help=False)
        now = datetime.now(UTC)
        try:
            destination = Destination.from_settings(self.settings)
            history = History(destination.store, destination.spool, Limits.from_settings(self.settings).days)
            outlets, day = list(args) or known, now.date() - timedelta(days=1)
            days = {covered.outlet: covered for covered in coverage(Archive(destination.store), outlets, day, day).days}
            standings = [standing_of(name, history.reports(name), now, days.get(name)) for name in outlets]
        except (StoreError, ConfigurationError) as error:
            sys.stderr.write(f"{error}\n")
            self.exitcode = ExitCode.REFUSED
            return
        if opts.json:
            sys.stdout.writelines(f"{json.dumps(s.as_json(), ensure_ascii=False)}\n" for s in standings)
        else:
            show(standings, now)
        if opts.check and any(standing.advice for standing in standings):
            self.exitcode = ExitCode.SUSPECT
