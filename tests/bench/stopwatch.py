"""Wall and processor seconds from the opening of a spider to the end of its process, publishing and all.

Runs under any Scrapy since 2.11: an extension that writes ``{"wall", "cpu", "peak_mb"}`` to ``$STOPWATCH``.
"""

import atexit
import json
import os
import resource
import time

from scrapy import signals


class Stopwatch:
    @classmethod
    def from_crawler(cls, crawler):
        watch = cls()
        crawler.signals.connect(watch.spider_opened, signal=signals.spider_opened)
        return watch

    def spider_opened(self):
        self.begun = time.monotonic(), cpu()
        atexit.register(self.write)

    def write(self):
        wall, used = time.monotonic() - self.begun[0], cpu() - self.begun[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        with open(os.environ["STOPWATCH"], "w", encoding="utf-8") as out:  # noqa: PTH123  old Scrapys' Pythons too
            json.dump({"wall": wall, "cpu": used, "peak_mb": peak}, out)


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
