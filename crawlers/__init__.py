"""HOW: the crawl.

settings.py      the table of contents: every component in running order
outlet.py        the base spider      ── addresses.py, arguments.py, announcement.py
sources/         where an outlet announces
incremental.py   choosing among what is announced
politeness/      robots.txt, Retry-After, the breaker
wire.py          the download handler that keeps what went over the wire      ── connect.py
capture.py       each exchange into the archive
extraction/      a page ──▶ an article
keeping.py       the crawl's archive: spool, publishing, catalog, report
progress.py, report.py, exit_codes.py, processes.py, commands/
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
