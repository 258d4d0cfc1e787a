"""Prove the archive: every object, record, line and pointer; exit code 1 where one is not as it should be."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from archive.verification import Tally


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument("--deep", action="store_true", help="also open each article's record by its pointer")
    parser.add_argument("--chain", action="store_true", help="also follow the chain of manifests by its hashes")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="look into N manifests of each outlet, chosen at random"
    )


def run(args: argparse.Namespace) -> int:
    """Print each finding, and what was looked at."""
    from archive.reader import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.verification import Tally, verify  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive, tally = open_archive(args.archive), Tally()
    findings = verify(
        archive.store, outlets=args.outlet, deep=args.deep, chain=args.chain, sample=args.sample, tally=tally
    )
    for finding in findings:
        if args.json:
            sys.stdout.write(json.dumps(asdict(finding), ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(
                f"{'FAULT' if finding.is_fault else 'note '}  {finding.kind}: {finding.key}: {finding.what}\n"
            )
    sys.stdout.write(json.dumps(asdict(tally)) + "\n" if args.json else _summary(tally))
    return 1 if tally.faults else 0


def _summary(tally: Tally) -> str:
    verdict = f"{tally.faults} faults" if tally.faults else "no fault"
    return (
        f"{verdict}, {tally.notes} notes in {tally.manifests:,} manifests, {tally.objects:,} objects, {tally.bytes:,} bytes, "
        f"{tally.records:,} records, {tally.lines:,} lines\n"
    )
