"""Prove the archive: every object, record, line and pointer; exit code 1 where one is not as it should be."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from archive.cli.choice import add_outlets
from archive.cli.common import opened
from archive.cli.parser import within
from archive.cli.progress import progress

if TYPE_CHECKING:
    import argparse

    from archive.verify import Finding, Tally


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_outlets(parser)
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also open each article's record by its pointer, and have warcio read every WARC",
    )
    parser.add_argument("--chain", action="store_true", help="also follow the chain of manifests by its hashes")
    parser.add_argument(
        "--sample", type=within(1), metavar="N", help="look into N manifests of each outlet, chosen at random"
    )


def run(args: argparse.Namespace) -> int:
    """Print each finding, and what was looked at."""
    from archive.verify import Tally, verify  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive, tally = opened(args), Tally()
    with progress("looking into manifests") as tell:
        findings = verify(
            archive.store,
            outlets=args.outlet,
            deep=args.deep,
            chain=args.chain,
            sample=args.sample,
            tally=tally,
            on_progress=tell,
        )
        for finding in findings:
            sys.stdout.write(_line(finding, as_json=args.json))
    sys.stdout.write(json.dumps(asdict(tally)) + "\n" if args.json else _summary(tally))
    return 1 if tally.faults else 0


def _line(finding: Finding, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(finding), ensure_ascii=False) + "\n"
    return f"{'FAULT' if finding.is_fault else 'note '}  {finding.kind}: {finding.key}: {finding.what}\n"


def _summary(tally: Tally) -> str:
    verdict = f"{tally.faults} faults" if tally.faults else "no fault"
    return (
        f"{verdict}, {tally.notes} notes in {tally.manifests:,} manifests, {tally.objects:,} objects, {tally.bytes:,} bytes, "
        f"{tally.records:,} records, {tally.lines:,} lines\n"
    )
