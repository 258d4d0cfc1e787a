"""Show how complete the archive is, by outlet and day of publication."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse

    from archive.coverage import Coverage, DayCoverage, Estimate

WINDOW = 30  # days
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)  # days before and after these can still be reckoned


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument(
        "--since", metavar="DAY", help=f"from this day of publication on ({WINDOW} days before the last)"
    )
    parser.add_argument("--until", metavar="DAY", help="until this day (today)")
    parser.add_argument("--gaps", action="store_true", help="print the addresses that are missing and might be had")
    parser.add_argument("--calendar", metavar="FILE", help="draw the days as a calendar (SVG, or what the suffix says)")


def run(args: argparse.Namespace) -> int:
    """Print a row for each outlet and day, then what every channel missed."""
    from archive.coverage import coverage  # noqa: PLC0415  imported when it is needed: the command line stays fast

    until = _day("until", args.until) or datetime.now(UTC).date()
    since = _day("since", args.since) or until - timedelta(days=WINDOW)
    found = coverage(opened(args), args.outlet, since, until)
    if args.calendar:
        _draw(found, args.calendar)
    if args.gaps:
        sys.stdout.writelines(f"{fact.url}\n" for fact in found.gaps)
    elif args.json:
        lines = (json.dumps(asdict(day), ensure_ascii=False, default=str) for day in found.days)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    elif found.days:
        _print(found)
    else:
        sys.stdout.write(f"Nothing is known of the days from {since} to {until}.\n")
    return 0


def _day(name: str, text: str | None) -> date | None:
    try:
        found = None if text is None else date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--{name} {text!r} is no day; write it as 2026-05-10") from None
    if found is not None and not _FIRST <= found <= _LAST:
        raise ValueError(f"--{name} is a day from {_FIRST} to {_LAST}, not {found}")
    return found


def _draw(found: Coverage, path: str) -> None:
    from pathlib import Path  # noqa: PLC0415  with the picture

    from archive.coverage import draw_calendar  # noqa: PLC0415  matplotlib takes half a second

    draw_calendar(found.days, Path(path))


def _print(found: Coverage) -> None:
    from archive.cli.columns import in_columns  # noqa: PLC0415  imported when it is needed: the command line stays fast

    head = ("outlet", "day", "announced", "captured", "refused", "failed", "late", "missed", "state", "why")
    sys.stdout.writelines(f"{line}\n" for line in in_columns(head, [_row(day) for day in found.days]))
    sys.stdout.writelines(f"{_sentence(outlet, estimated)}\n" for outlet, estimated in found.outlets.items())


def _row(day: DayCoverage) -> list[str]:
    missed = "–" if day.estimate is None else f"{day.estimate.missed:.0f}"
    counts = (day.announced, day.captured, day.refused, sum(day.failed.values()), day.late)
    why = ", ".join(f"{reason} {count}" for reason, count in day.failed.items())
    return [day.outlet, f"{day.day}", *map(str, counts), missed, day.state, why]


def _sentence(outlet: str, found: Estimate | None) -> str:
    if found is None:
        return f"{outlet}: two channels overlap too little to say what every channel missed."
    first, second = found.channels
    return (
        f"{outlet}: by {first} and {second} there were {found.total:.0f} ± {found.margin:.0f} articles; "
        f"{found.missed:.0f} of them no channel announced (a lower bound where channels leave out the same)."
    )
