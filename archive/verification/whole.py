"""What only the whole of an outlet shows: objects that nobody lists, segments that are missing, the chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.chain import ancestry, read_heads
from archive.manifest import SUFFIXES, link_to
from archive.verification.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.store import Store


def orphans(store: Store, outlet: str, listed: set[str]) -> Iterator[Finding]:
    """Yield the objects of an outlet that no manifest lists: what a crash left, until its spool is recovered."""
    for kind in SUFFIXES:
        for found in store.listing(f"{kind}/outlet={outlet}/"):
            if found.key not in listed:
                yield Finding("orphan", found.key, "no manifest lists it", is_fault=False)


def gaps(serials: dict[str, set[int]], outlet: str) -> Iterator[Finding]:
    """Yield the segments that are missing between others of the same crawl.

    Args:
        serials: crawl → serials of its published segments.
        outlet: the outlet they are of.
    """
    for crawl, found in sorted(serials.items()):
        missing = sorted(set(range(max(found) + 1)) - found)
        if missing:
            yield Finding("gap", f"manifests/outlet={outlet}/", f"the crawl {crawl} lacks its segments {missing}")


def chain_faults(store: Store, outlet: str, keys: set[str]) -> Iterator[Finding]:
    """Walk the chain from its heads: every hash must fit, and every manifest must be reached.

    Args:
        store: the archive.
        outlet: the outlet.
        keys: the keys of all its manifests.
    """
    heads, tag = read_heads(store, outlet)
    if tag is None:
        if keys:
            yield Finding("chain", f"pointers/{outlet}.json", "there are manifests, but no pointer to them")
        return
    reached = set()
    for link, manifest, body in ancestry(store, heads):
        reached.add(link.key)
        if not body:
            yield Finding("chain", link.key, "the chain names it, but it is gone")
        elif link_to(link.key, body) != link:
            yield Finding("chain", link.key, "it is not what its successor had seen")
        elif manifest is not None and manifest.key != link.key:
            yield Finding("chain", link.key, f"it says that it is {manifest.key}")
    for key in sorted(keys - reached):
        yield Finding("chain", key, "it stands outside the chain: slipped in, or its pointer was never moved")
