"""What became of announced pages and asked days: lines beside the articles, of what is no article.

    page      an announced article and its one outcome in a crawl: kept, seen, refused, failed, unreadable, dropped …
    look      another look at an article that the archive holds: unchanged, changed, vanished, refused, failed …
    vanished  the page of a held article is gone (404, 410, a redirect away from it, a page that says so)
    returned  it is there again
    sweep     the days that a crawl asked about, and whether it heard every source to the end

    events/outlet=<o>/date=<crawl date>/<stem>.jsonl.gz     one JSON line each, schema in archive/schema/event-1.schema.json

They are objects of a segment, listed by its manifest: published with the crawl that saw them, never rewritten. An article seen
again is told of only where a channel announced it that had not before, so that a crawl every quarter of an hour stays small.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.objects import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from archive.manifests.manifest import Manifest
    from archive.store import Store

SCHEMA = 1
EVENTS = ("page", "look", "vanished", "returned", "sweep")


def event_line(event: str, *, outlet: str, crawl: str, at: datetime, **said: Any) -> str:
    """Return an event as its published JSON line, without the newline.

    Args:
        event: one of `EVENTS`.
        outlet: the outlet.
        crawl: id of the crawl that saw it.
        at: when; aware.
        said: the event's own fields, as its schema has them; datetimes are written as ISO 8601.
    """
    head = {"schema": SCHEMA, "event": event, "outlet": outlet, "crawl": crawl, "at": format_time(at)}
    return json.dumps(head | said, ensure_ascii=False, default=format_time, separators=(",", ":"))


def read_events(
    store: Store, manifests: Iterable[Manifest], events: Iterable[str] = EVENTS
) -> Iterator[Mapping[str, Any]]:
    """Yield the published events of these kinds, in the order of the manifests.

    Args:
        store: the archive.
        manifests: as `archive.reader.archive.Archive.manifests` chooses them.
        events: the kinds that are wanted.
    """
    wanted = frozenset(events)
    for manifest in manifests:
        item = manifest.by_kind.get("events")
        if item is not None:
            yield from (said for line in lines_of(store, item) if (said := json.loads(line))["event"] in wanted)
