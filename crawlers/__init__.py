"""HOW: the crawl.

settings.py        all settings, all components in running order
outlet.py          the base spider          ── addresses.py, arguments.py, items.py, signals.py
sources/           where an outlet announces
download/          the handler that keeps what went over the wire, and each exchange into the archive
politeness/        robots.txt, Retry-After, the breaker, reservations, the contact
frontier/          what is fetched: incremental, conditional, rechecks, back-fills
extraction/        a page ──▶ an article
session/           the crawl's archive: opened, published, closed; what a crawl says of itself
monitoring/        outcomes, progress, report, drift, figures, alarms
scheduling/        crawls at their times
reextract.py       an archive read again, a new generation of lines
cluster/           jobs over a whole archive, on many cores or machines
addon.py           what a look by hand changes
commands/          the words after `scrapy`            (thin: each imports what it does when it is run)
configuration.py   settings checked before the first request      signals.py  what a crawl tells its parts, and its caller
"""

from pathlib import Path

import archive
import pipelines

for _floor in (archive, pipelines):
    # Both names are common on package registries; the wrong one would fail far from here and in a strange way.
    if Path(_floor.__path__[0]).parent != Path(__path__[0]).parent:
        raise ImportError(
            f"{_floor.__name__!r} was imported from {_floor.__path__[0]}: a stray package of that name is installed"
        )

from archive.text import guard_terminal, mask_logs  # noqa: E402  that it is ours has been seen by now

guard_terminal()
mask_logs()  # before the first line is written: Scrapy begins its log with the settings
