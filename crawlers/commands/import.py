"""`scrapy import FILE… [--host HOST]`: what other archives hold of our outlets, taken into this one without a request.

WARC, ARC, WACZ ──▶ captures with their own dates ──▶ lines, versions, stories
"""

from __future__ import annotations

import json
import os
import sys
import time
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING

from archive.manifests.lease import LeaseHeld
from archive.spool.spool import SpoolBusy
from archive.store import Missing, StoreError, StoreUnavailable
from archive.text import write_styled
from crawlers.configuration import ArchiveCommand, ConfigurationError, Destination, put_off
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections import Counter
    from collections.abc import Iterator, Sequence

_EVERY = 1.0  # seconds between two looks at how far it is


class Command(ArchiveCommand):
    """Other archives' files, taken in."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "FILE… [--host HOST] [--zone ZONE] [--json]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Take in what WARC, ARC and WACZ files of other archives hold of our outlets"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the hosts of outlets that nobody declared."""
        super().add_options(parser)
        parser.add_argument(
            "--host",
            action="append",
            default=[],
            metavar="HOST",
            help="also this host and those below it; several times for several",
        )
        parser.add_argument("--zone", default="UTC", help="of --host: the zone of times that name none, as Asia/Riyadh")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Take each file in; wrong input is answered with one sentence and exit code 2."""
        try:
            files = list(_files(args))
            if not files:
                raise ValueError("name a file, s3://bucket/key, or @LIST with one in each line")  # noqa: TRY301
            self._import(files, opts)
        except StoreUnavailable as error:
            self.exitcode = put_off(error)
        except (LeaseHeld, SpoolBusy) as error:
            self._refuse(str(error), ExitCode.BUSY)
        except StoreError as error:
            self._refuse(str(error), ExitCode.FAILED)
        except OSError as error:
            self._refuse(f"{error.filename or 'a file'} cannot be read: {error.strerror or error}", ExitCode.REFUSED)
        except (ConfigurationError, ValueError) as error:
            self._refuse(str(error), ExitCode.REFUSED)
        except KeyboardInterrupt:
            self._refuse("stopped; what was taken in is kept, and the same command goes on", ExitCode.FAILED)

    def _import(self, files: Sequence[str], opts: argparse.Namespace) -> None:
        from crawlers.session.foreign import Importer, place_of  # noqa: PLC0415  the whole reading, which no list of commands needs

        assert self.settings is not None
        for place in map(place_of, files):  # before the first is taken: of a long list none is missing in its middle
            if isinstance(place, Path):
                place.open("rb").close()
            elif place[0].stat(place[1]) is None:
                raise Missing(f"there is no {place[1]} in {place[0].uri}")
        destination = Destination.from_settings(self.settings)
        destination.check()
        begun = time.monotonic()
        with Importer(destination, self.settings, opts.host, opts.zone) as importer:
            for number, name in enumerate(files, 1):
                importer.take(name, _Progress(f"{number} of {len(files)} {name.rpartition('/')[2]}"))
        counts, broken = importer.result.counts, importer.result.broken
        seconds = max(time.monotonic() - begun, 0.001)
        if opts.json:
            sys.stdout.write(
                json.dumps({"counts": dict(sorted((+counts).items())), "broken": broken}, ensure_ascii=False) + "\n"
            )
        else:
            sys.stdout.writelines(f"{name:<28}{count:>12,}\n" for name, count in sorted((+counts).items()))
            sys.stdout.writelines(f"broken: {sentence}\n" for sentence in broken)
        sys.stderr.write(f"{counts['captures'] / seconds:,.0f} captures a second\n")
        if importer.waiting:
            self._refuse(f"{importer.waiting} segments wait in the spool for the store", ExitCode.UNPUBLISHED)

    def _refuse(self, sentence: str, code: ExitCode) -> None:
        sys.stderr.write(f"{sentence.rstrip('.')}.\n")
        self.exitcode = code


class _Progress:
    """Shows on a terminal, once a second, how far a file is."""

    def __init__(self, what: str) -> None:
        self._what, self._next = what, time.monotonic() + _EVERY

    def __call__(self, counts: Counter[str]) -> None:
        if sys.stderr.isatty() and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY
            write_styled(
                f"\r{self._what}: {counts['records']:,} records, {counts['captures']:,} captures\033[K", sys.stderr
            )


def _files(args: Sequence[str]) -> Iterator[str]:
    for name in args:
        if name.startswith("@"):
            lines = os.fsdecode(Path(name[1:]).read_bytes().removeprefix(BOM_UTF8)).splitlines()
            yield from (line for line in map(str.strip, lines) if line and not line.startswith("#"))
        else:
            yield name
