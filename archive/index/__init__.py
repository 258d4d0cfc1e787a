"""The index: one article or capture of millions, by two range requests. It speeds up and decides nothing.

    index/head.json                {"runs": […], "segments": …}                    the one that moves, by compare-and-swap
    index/<sha256>.segments.gz     the names of the segments that are indexed, a line each; its number is the segment's
    index/<sha256>-<token>.run     head · fan-out · entries of 40 bytes, sorted by the hash of their name        .format

    name ─▶ hash ─▶ fan-out (cached on this machine) ─▶ one range of a run ─▶ entry ─▶ one range of articles/… or warc/…

Names are article ids, and addresses as SURT keys: of articles, and of captures. What stands in a range is held against the
name that was asked for; what was published since the index was made is read from its segments; an index that is wrong,
gone or never made costs time and nothing else. It is made from the bucket alone (`build`), and goes on from where it was.
"""

from archive.index.build import Built, build, check, sweep
from archive.index.lookup import ArchiveIndex, address, identity

__all__ = ["ArchiveIndex", "Built", "address", "build", "check", "identity", "sweep"]
