"""Run a module as if it were another time: ``python -m tests.at 2026-05-20T12:00:00+00:00 scrapy crawl aljazeera``.

The wall clock is moved and goes on from there; the monotonic clock, by which delays are kept, is the machine's.
"""

import runpy
import sys
from datetime import datetime

import time_machine

if __name__ == "__main__":
    _, moment, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    with time_machine.travel(datetime.fromisoformat(moment), tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
