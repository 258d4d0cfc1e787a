"""``python -m tests.month [--days 30] [--every 6] [OUTLET …]``: prints the figures as JSON; exit code 1 where one must not be."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

OUTLETS = ["aljazeera", "skynewsarabia", "alaraby", "albawaba", "albawabhnews"]


def main() -> int:
    logging.getLogger("scrapy.middleware").setLevel(logging.ERROR)  # a line for each component that is switched off
    parser = argparse.ArgumentParser(prog="python -m tests.month", description=__doc__)
    parser.add_argument("outlets", nargs="*", default=OUTLETS, metavar="OUTLET", help="default: all five")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--every", type=float, default=6, metavar="HOURS", help="between two crawls of an outlet")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 5, 30), metavar="DAY")
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="write crawls, faults, reports and what was told there"
    )
    args = parser.parse_args()
    began, used = time.monotonic(), time.process_time()
    found = _month(args)
    from tests.month.judge import broken  # noqa: PLC0415  with the crawler's modules

    found |= {"seconds": round(time.monotonic() - began), "of the processor": round(time.process_time() - used)}
    sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    faults = list(broken(found))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


def _month(args: argparse.Namespace) -> dict:
    from scrapy.utils.reactor import install_reactor  # noqa: PLC0415  before anything imports the reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # noqa: PLC0415
    from twisted.internet.defer import Deferred  # noqa: PLC0415

    from tests.month.alarms import record_of  # noqa: PLC0415
    from tests.month.judge import figures  # noqa: PLC0415
    from tests.month.run import live  # noqa: PLC0415
    from tests.month.town import Town  # noqa: PLC0415

    found: dict = {}
    outlets, every = tuple(args.outlets), timedelta(hours=args.every)

    async def body(town: Town, folder: Path) -> None:
        month = await live(town, folder, every, args.seed)
        if args.keep:
            args.keep.write_text(json.dumps(record_of(month), ensure_ascii=False), encoding="utf-8")
        found.update(figures(month))

    def told(failure: object) -> None:
        sys.stderr.write(failure.getTraceback())

    with tempfile.TemporaryDirectory() as folder, Town(outlets, args.until, args.days, every, args.seed) as town:
        os.environ |= {"SSL_CERT_FILE": town.env["SSL_CERT_FILE"], "no_proxy": "127.0.0.1"}

        def begin() -> None:
            done = Deferred.fromFuture(asyncio.ensure_future(body(town, Path(folder))))
            done.addErrback(told).addBoth(lambda _: reactor.stop())

        reactor.callWhenRunning(begin)
        reactor.run()
    if not found:
        sys.exit(1)
    return found


if __name__ == "__main__":
    sys.exit(main())
