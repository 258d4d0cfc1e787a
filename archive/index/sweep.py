"""Removing the parts of former indexes, for a role that may delete; whoever still reads by them has a day to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from archive.index.head import KEY, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.store import Store

GRACE = timedelta(days=1)


def sweep(store: Store, now: datetime | None = None) -> Iterator[str]:
    """Remove what the index's head does not name and is older than a day; yield each key that is gone now."""
    head, _ = read_head(store)
    named = {KEY, *(run.key for run in head.runs)} | ({head.segments.key} if head.segments else set())
    before = (now or datetime.now(UTC)) - GRACE
    for found in list(store.listing("index/")):
        if found.key not in named and found.modified < before:
            store.remove(found.key)
            yield found.key
