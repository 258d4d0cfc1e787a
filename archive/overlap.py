"""Crawls of one outlet that were at work at the same time: their lines have to be put into the order of the captures.

crawl A  ├──────────┤                 one lease was taken over, or a clock differed: A and B are read as one
crawl B        ├────────┤
crawl C                     ├────┤    is read after them, as it stands

Segments follow one another by name, that is by when they were opened; within one crawl, and from one crawl to the next, that is the order
in which their lines were captured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.manifests.manifest import Manifest


def overlapping(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the keys of those whose crawls overlapped, each with a name that all of one group share.

    Args:
        manifests: as they were published; the dates of their WARCs say when a crawl was at work.
    """
    found = list(manifests)
    spans: dict[tuple[str, str], tuple[str, str]] = {}
    for one in found:
        warc = one.by_kind.get("warc")
        if not one.replaces and warc is not None and warc.first is not None and warc.last is not None:
            crawl = one.outlet, one.crawl
            first, last = spans.get(crawl, (warc.first, warc.last))
            spans[crawl] = min(first, warc.first), max(last, warc.last)
    groups: dict[tuple[str, str], str] = {}
    end, before = "", ("", "")
    for crawl, (first, last) in sorted(spans.items(), key=lambda entry: (entry[0][0], *entry[1])):
        if crawl[0] == before[0] and first < end:
            groups[crawl] = groups.setdefault(before, f"{before[0]} {before[1]}")
            end = max(end, last)
        else:
            end = last
        before = crawl
    named = {one.key: groups[one.outlet, one.crawl] for one in found if (one.outlet, one.crawl) in groups}
    for one in sorted(found, key=lambda one: one.created):
        if one.replaces:  # it stands for segments of a group, or of none, whatever crawl it names
            named.pop(one.key, None)
            for old in one.replaces:
                if old.key in named:
                    named[one.key] = named[old.key]
    return named
