"""``scrapy crawl aljazeera`` with a stopwatch beside its extensions: ``python -m tests.bench.line_ours SINCE [OPTION …]``."""

import sys

from scrapy.cmdline import execute
from scrapy.utils.project import get_project_settings

from tests.bench.bench_line import QUICK

if __name__ == "__main__":
    settings = get_project_settings()
    settings["EXTENSIONS"]["tests.bench.stopwatch.Stopwatch"] = 0
    options = [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]
    execute(["scrapy", "crawl", "aljazeera", "-a", f"since={sys.argv[1]}", *options, *sys.argv[2:]], settings)
