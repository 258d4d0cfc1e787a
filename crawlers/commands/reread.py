"""`scrapy reread --since DAY [--until DAY] [--outlet NAME]`: today's extraction over yesterday's records, without a request.

records ──▶ read again, on all cores ──▶ a new generation of lines beside the old, and what changed
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

from archive.cli.common import within
from archive.manifests.lease import LeaseHeld, LeaseLost
from archive.manifests.manifest import outlets_in
from archive.reader.query import end_of, start_of
from archive.store import StoreError, StoreUnavailable
from archive.text import write_styled
from crawlers.configuration import ArchiveCommand, ConfigurationError, Destination, put_off
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from crawlers.reextract import Changes


class Command(ArchiveCommand):
    """The archive, read again."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "--since DAY [--until DAY] [--outlet NAME] [--dry-run] [--jobs N] [--json]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Read the archive's records again with today's extraction, and show what changed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the crawl dates, the outlets, and how to go about it."""
        super().add_options(parser)
        parser.add_argument("--since", metavar="DAY", help="crawled on this day or later")
        parser.add_argument("--until", metavar="DAY", help="crawled on this day or before")
        parser.add_argument(
            "--outlet", action="append", metavar="NAME", help="only this outlet; several times for several"
        )
        parser.add_argument("--dry-run", action="store_true", help="show what would change, publish nothing")
        parser.add_argument("--jobs", type=within(1), metavar="N", help="processes (default: one a core)")
        parser.add_argument("--json", action="store_true", help="print what changed as JSON")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Read, publish, print what changed; wrong input is answered with one sentence and exit code 2."""
        if args or not opts.since:
            self._refuse("say from when on: scrapy reread --since 2026-11-01", ExitCode.REFUSED)
            return
        try:
            self._reread(opts)
        except (ConfigurationError, ValueError) as error:
            self._refuse(str(error), ExitCode.REFUSED)
        except (LeaseHeld, LeaseLost) as error:
            self._refuse(f"{error} (a compaction, a take-down, or another reading)", ExitCode.BUSY)
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
        except StoreError as error:
            self._refuse(str(error), ExitCode.FAILED)
        except Exception as error:  # noqa: BLE001  nothing of a page: those are counted; the traceback says where
            traceback.print_exception(error)
            self._refuse(f"the reading broke off: {type(error).__name__}: {error}", ExitCode.FAILED)

    def _reread(self, opts: argparse.Namespace) -> None:
        from crawlers.reextract import Changes, Choice, ReadingPool, reread  # noqa: PLC0415  the whole reading, which no other command needs

        assert self.settings is not None
        ends = start_of(opts.since), end_of(opts.until)
        span = [f"{moment:%Y-%m-%d}" if moment else "9999" for moment in ends]
        choice = Choice(since=span[0], until=span[1], jobs=opts.jobs, publish=not opts.dry_run)
        endpoint = self.settings["AWS_ENDPOINT_URL"]
        options = {"endpoint_url": endpoint} if endpoint else {}
        store = Destination.from_settings(self.settings).store
        store.check(write=not opts.dry_run)
        outlets = outlets_in(store)
        if unknown := sorted(set(opts.outlet or ()) - set(outlets)):
            raise ValueError(f"the archive holds nothing of {', '.join(unknown)}; there are {', '.join(outlets)}")
        changes, begun = Changes(), time.monotonic()
        with ReadingPool(store.uri, options, opts.jobs) as pool:
            for outlet in opts.outlet or outlets:
                for day in reread(store.uri, options, outlet, choice, changes, pool):
                    if sys.stderr.isatty():
                        write_styled(f"\r{outlet} {day}: {changes.pages:,} pages \033[K", sys.stderr)
        self._say(changes, time.monotonic() - begun, opts)

    def _say(self, changes: Changes, seconds: float, opts: argparse.Namespace) -> None:
        if opts.json:
            sys.stdout.write(json.dumps(changes.as_json(), ensure_ascii=False) + "\n")
        else:
            colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
            for line in changes.as_text(colour=colour):
                write_styled(f"{line}\n")
        what = (
            "nothing published (--dry-run)" if opts.dry_run else f"{len(changes.generations)} segments have new lines"
        )
        sys.stderr.write(f"{what}; {changes.pages / max(seconds, 0.001):,.0f} pages a second\n")

    def _refuse(self, sentence: str, code: ExitCode) -> None:
        sys.stderr.write(f"{sentence.rstrip('.')}.\n")
        self.exitcode = code
