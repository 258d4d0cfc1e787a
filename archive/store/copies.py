"""Further stores that get everything too, as one setting names them.

s3://bucket/prefix endpoint=https://s3.example.net profile=second region=eu-1, file:///mnt/disk/news
└─ URI             └─ what is said of this store alone; credentials stay in boto3's profile of that name
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.store import open_store
from archive.store.protocol import StoreRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.store.protocol import Store

OPTIONS = {"endpoint": "endpoint_url", "profile": "profile", "region": "region", "checksums": "checksum_mode"}


def open_copies(said: str | Iterable[str], first: Store) -> list[Store]:
    """Return the stores that a setting names, without a request to them.

    Args:
        said: the entries, or one text of them with commas between.
        first: the archive itself, which is no copy of it.

    Raises:
        StoreRefused: one sentence that says what is wrong with an entry.
    """
    entries = said.split(",") if isinstance(said, str) else said
    stores = [_open(entry.split()) for entry in entries if entry.strip()]
    places = [first.place, *(store.place for store in stores)]
    if twice := next((place for place in places if places.count(place) > 1), None):
        raise StoreRefused(f"{twice} is named twice")
    return stores


def _open(words: list[str]) -> Store:
    uri, *others = words
    options = {}
    for word in others:
        name, equals, value = word.partition("=")
        if name not in OPTIONS or not equals or not value:
            raise StoreRefused(f"{word!r} is nothing that is said of a store; there are {', '.join(OPTIONS)}")
        options[OPTIONS[name]] = value
    if options and not uri.startswith("s3://"):
        raise StoreRefused(f"{uri} is no bucket, and has no {others[0].partition('=')[0]}")
    return open_store(uri, options=options)
