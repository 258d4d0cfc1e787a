"""A crawl whose clock is another one: `python -m tests.soak.host crawl OUTLET …`.

Environment:
    SOAK_OFFSET     seconds by which its clock is ahead
    SOAK_JUMP       seconds by which it jumps when SIGUSR1 comes
"""

from __future__ import annotations

import os
import signal
import sys
import time

import time_machine


def main() -> None:
    with time_machine.travel(time.time() + float(os.environ["SOAK_OFFSET"]), tick=True) as clock:
        signal.signal(signal.SIGUSR1, lambda *_: clock.shift(float(os.environ["SOAK_JUMP"])))
        from scrapy.cmdline import execute  # noqa: PLC0415  under the other clock from the beginning

        execute(["scrapy", *sys.argv[1:]])


if __name__ == "__main__":
    main()
