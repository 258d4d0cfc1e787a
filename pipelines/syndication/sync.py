"""What other crawls and other machines published, learned before a crawl begins; and what a crash left behind, forgotten.

manifests not seen yet ──▶ their article and story lines ──▶ Stories.catch_up
articles placed, but neither published nor in the spool ──▶ Stories.forget
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archive.manifests.manifest import Manifest, current_part, manifests_in, outlets_in
from archive.reader import jsonl
from archive.reader.redactions import TakenDown
from archive.spool.sealing import read_lines
from pipelines.syndication.index import from_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from archive.spool.spool import Spool
    from archive.store import Store
    from pipelines.syndication.sqlite_index import SqliteStoryIndex
    from pipelines.syndication.stories import Stories

_STATES = ("open", "closed", "sealed")
_SPEAKING = ("articles", "stories")


def catch_up(store: Store, spool: Spool, index: SqliteStoryIndex, stories: Stories, since: date | None = None) -> int:
    """Bring an index level with the archive; return how many manifests were new.

    Args:
        store: the archive.
        spool: what is on its way into it from this machine.
        index: the index to bring level.
        stories: the stories of that index.
        since: the first crawl date to look at; None for all.
    """
    new, removed = 0, list[str]()
    taken = TakenDown(store)
    for key in manifests(store, since):
        if not index.learned(key):
            manifest = Manifest.from_bytes(store.read(key))
            news = (line for line in _news(store, manifest, index) if line["id"] not in taken.ids)
            stories.catch_up(update for line in news for update in from_line(line))
            if _is_removed(store, manifest):
                removed.append(key)  # what stands for it says what it said, and is not to be taken for known
            else:
                index.note_learned(key)
            new += 1
    for key in removed:
        index.note_learned(key)
    waiting = in_spool(spool)
    stories.forget(waiting.__contains__)
    return new


def manifests(store: Store, since: date | None = None) -> Iterator[str]:
    """Return the keys of all outlets' manifests, by outlet and crawl date."""
    for outlet in outlets_in(store):
        yield from manifests_in(store, outlet, since=f"{since:%Y-%m-%d}" if since else "")


def _news(store: Store, manifest: Manifest, index: SqliteStoryIndex) -> Iterator[dict[str, Any]]:
    """Yield the lines of a manifest that say something new.

    What a compaction joined is known already; an article that was read again keeps the story that it was given first.
    """
    if manifest.moved and all(index.learned(old.key) for old in manifest.replaces):
        return
    for line in lines_of(store, manifest):
        if not (manifest.generation and not manifest.moved and index.placement(line["id"]) is not None):
            yield line


def lines_of(store: Store, manifest: Manifest) -> Iterator[dict[str, Any]]:
    """Return a manifest's article and story lines, in the order in which they were written; none that were removed."""
    if _is_removed(store, manifest):
        manifest = current_part(store, manifest)
    items = manifest.by_kind
    for kind in _SPEAKING:
        if kind in items:
            yield from map(json.loads, jsonl.lines_of_object(store, items[kind]))


def _is_removed(store: Store, manifest: Manifest) -> bool:
    """Say whether some of its lines were removed after a compaction."""
    return any(store.stat(item.key) is None for kind, item in manifest.by_kind.items() if kind in _SPEAKING)


def in_spool(spool: Spool) -> set[str]:
    """Return the ids of the articles that wait in the spool, whichever crawl wrote them."""
    segments = (s for outlet in spool.outlets() for state in _STATES for s in spool.segments(outlet, state))
    return {json.loads(line)["id"] for segment in segments for line in read_lines(segment.articles)}
