"""Reading an archive again with today's extraction, without a request.

run.py       an outlet, crawl date by crawl date: which records, which lines, the next generation of each segment
pool.py      records in slices, read in as many processes as there are cores        ── crawlers.rereading
changes.py   what changed: fields gained, lost, different, with samples

What is published, and how, stands in `archive.maintenance.generations`.
"""

from crawlers.reread.changes import Changes
from crawlers.reread.run import Choice, reread

__all__ = ["Changes", "Choice", "reread"]
