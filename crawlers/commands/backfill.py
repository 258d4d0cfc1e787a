"""`scrapy backfill OUTLET -a since=2019-01-01 -a until=2023-12-31`: the days of years, in order, beside the regular crawls."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError
from scrapy.spiderloader import get_spider_loader

from archive.cli.common import within
from archive.store import StoreError, StoreUnavailable
from crawlers.arguments import ArgumentError, parse_arguments
from crawlers.configuration import CheckedSettings, ConfigurationError, Destination, put_off
from crawlers.signals import ExitCode
from crawlers.sources import Window

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from archive.reader.archive import Archive
    from crawlers.frontier.backfill import Slice

PASSABLE = {
    ExitCode.PUBLISHED,
    ExitCode.SUSPECT,
    ExitCode.UNPUBLISHED,
    ExitCode.DRIFTED,
}  # the next days are worth trying


class Command(CheckedSettings):
    """A back-fill: one crawl after another, each of some days that the bucket does not know to be complete."""

    requires_project = True
    requires_crawler_process = False  # each crawl is a process of its own

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET -a since=2019-01-01 [-a until=2023-12-31]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Crawl the days of years, in order, giving way to regular crawls; may be stopped and started at will"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the span, the size of a slice and the pause before another try."""
        super().add_options(parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help="since, until")
        parser.add_argument("--days", type=within(1), default=7, metavar="N", help="days of one crawl (7)")
        parser.add_argument(
            "--pause",
            type=within(0, kind=float),
            default=30.0,
            metavar="SECONDS",
            help="before another try while a regular crawl works (30)",
        )

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Crawl what is open, then the gaps; the exit code is the last crawl's that could not be passed over.

        Raises:
            UsageError: an argument or a setting is wrong.
        """
        from archive.reader.archive import Archive  # noqa: PLC0415  imported when it is needed: a list of spiders needs no archive

        assert self.settings is not None
        loader = get_spider_loader(self.settings)
        if len(args) != 1 or args[0] not in loader.list():
            raise UsageError(f"name one outlet: {', '.join(sorted(loader.list()))}", print_help=False)
        spider = loader.load(args[0])
        span = self._span(opts, spider)
        try:
            archive = Archive(Destination.from_settings(self.settings).store)
            window = Window(span.since, span.since)
            is_dated = any(source.by_day(window) for source in spider.sources)  # type: ignore[attr-defined]
            self.exitcode = self._fill(archive, args[0], span, opts, opts.days if is_dated else None)
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
        except (ConfigurationError, StoreError) as error:
            raise UsageError(str(error), print_help=False) from error

    def _span(self, opts: argparse.Namespace, spider: type) -> Slice:
        from crawlers.frontier.backfill import Slice  # noqa: PLC0415  imported when it is needed: a list of spiders needs no archive

        given = dict(argument.partition("=")[::2] for argument in opts.spargs)
        if "since" not in given or set(given) - {"since", "until"}:
            raise UsageError("a back-fill takes -a since=2019-01-01 and -a until=…", print_help=False)
        try:
            window = parse_arguments(given, addresses=spider.addresses, window_days=0).window  # type: ignore[attr-defined]
        except ArgumentError as error:
            raise UsageError(str(error), print_help=False) from error
        return Slice(window.since, min(window.until, _yesterday()))

    def _fill(self, archive: Archive, outlet: str, span: Slice, opts: argparse.Namespace, size: int | None) -> int:
        from crawlers.frontier.backfill import gaps, open_slices, time_left  # noqa: PLC0415  imported when it is needed: a list of spiders needs no archive

        slices = open_slices(archive, outlet, span, size)
        total = sum(part.days for part in slices)
        _say(
            f"{outlet}: {span}: {span.days - total} of {span.days} days are complete or asked for, {len(slices)} crawls to do"
        )
        done: list[tuple[int, float]] = []
        for part in slices:
            began = time.monotonic()
            code = self._crawl(outlet, opts, f"since={part.since}", f"until={part.until}")
            if code not in PASSABLE:
                return code
            done.append((part.days, time.monotonic() - began))
            left = total - sum(days for days, _ in done)
            _say(f"{outlet}: {part} done, {total - left} of {total} days, about {time_left(done, left)} left")
        for urls in gaps(archive, outlet, span) if outlet in archive.outlets() else []:
            _say(f"{outlet}: trying {len(urls.split())} missing pages again")
            code = self._crawl(outlet, opts, f"url={urls}")
            if code not in PASSABLE:
                return code
        return ExitCode.PUBLISHED

    def _crawl(self, outlet: str, opts: argparse.Namespace, *arguments: str) -> int:
        """Run one crawl to its end, as often as it takes where a regular one is at work."""
        given = [word for argument in arguments for word in ("-a", argument)]
        given += [word for setting in opts.set for word in ("-s", setting)]
        words = [
            sys.executable,
            "-m",
            "scrapy",
            "crawl",
            outlet,
            *given,
            "-s",
            "YIELDS=True",
            "-s",
            "LOG_LEVEL=WARNING",
        ]
        while True:
            done = subprocess.run(words, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603  our own command
            line = next(iter(done.stderr.strip().splitlines()[-1:]), "")
            _say(line)
            if (code := code_in(line, done.returncode)) != ExitCode.BUSY:
                return code
            time.sleep(opts.pause)


def code_in(line: str, otherwise: int) -> int:
    """Return the exit code that a crawl's last line says: what it decided, even if the interpreter failed after it."""
    match = re.search(r" · exit (\d+) \(", line)
    return int(match[1]) if match else otherwise


def _yesterday() -> date:
    return date.fromordinal(datetime.now(UTC).date().toordinal() - 1)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
