"""An archive that takes its time to open, as one on a busy store or with much to catch up does."""

import json
import time

from archive.store import open_store
from crawlers.settings import EXTENSIONS
from pipelines.syndication.stories import Stories

OUTLET = "aljazeera"


class SlowArchive:
    """An extension under which the stories are caught up SLOW_ARCHIVE seconds later."""

    @classmethod
    def from_crawler(cls, crawler):
        forget, seconds = Stories.forget, crawler.settings.getfloat("SLOW_ARCHIVE")

        def slow(self, *given):
            time.sleep(seconds)
            return forget(self, *given)

        Stories.forget = slow
        return cls()


def slowly(seconds):
    """Return the settings of a crawl whose archive takes so long to open."""
    extensions = json.dumps({**EXTENSIONS, f"{__name__}.SlowArchive": 0})
    return ("-s", f"EXTENSIONS={extensions}", "-s", f"SLOW_ARCHIVE={seconds}")


def nobody_crawls(folder):
    """Say whether the outlet's lease was given back."""
    store = open_store(str(folder / "collection"))
    return json.loads(store.read(f"leases/{OUTLET}.json"))["holder"] is None
