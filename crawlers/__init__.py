"""HOW: the crawl.

settings.py        the table of contents: every component in running order
outlet.py          the base spider          ── addresses.py, arguments.py, announcement.py, pages.py, losses.py
sources/           where an outlet announces
conditional.py     asking sources only for what has changed
incremental.py     choosing among what is announced   ── requests.py
looking.py         another look at what is held        ── relook.py (when)
outcomes.py        what became of each page            ── outcome_signals.py
politeness/        robots.txt, Retry-After, the breaker, the contact
wire.py            the download handler that keeps what went over the wire
                                            ── handler.py, wire_capture.py, connect.py, guarded_names.py, reconstruction.py
capture.py         each exchange into the archive      ── exchanges.py
extraction/        a page ──▶ an article               ── rereading.py (from its record), probing.py (live)
reread/            an archive read again, a new generation of lines
scaling/           jobs over a whole archive, on many cores or machines
keeping.py         when the archive is opened, published, closed
                                            ── local_archive.py, destination.py, revisiting.py, ending.py,
                                               background.py (beside the crawl), room.py (a full disk), spool_limit.py
papers.py          what a crawl says of itself         ── crawl_papers.py
watching/          what a crawl leaves for those who watch it
report.py          how it went                         ── conclusion.py, exit_codes.py, report_text.py, saved_case.py
progress.py        how it goes on                      ── live.py, processes.py, pictures.py
scheduling/        crawls at their times
reclustering.py    stories of a pile of articles       ── story_tables.py (how they spread)
commands/          the words after `scrapy`            (thin: each imports what it does when it is run)
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

from archive.text import mask_logs  # noqa: E402  that it is ours has been seen by now

mask_logs()  # before the first line is written: Scrapy begins its log with the settings
