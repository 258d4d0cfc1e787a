"""What stands in a store, or on this machine's disk, and is not what was written there: put aside under a name of its own."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from archive.store.protocol import Conflict

if TYPE_CHECKING:
    from archive.store.protocol import Store


def set_aside(store: Store, key: str, body: bytes) -> str:
    """Keep a copy of a spoiled lease or pointer beside it, for a person to look at; return the copy's key.

    Raises:
        StoreError: the store did not take it; nothing was changed.
    """
    aside = f"{key}.{hashlib.sha256(body).hexdigest()[:8]}.spoiled"
    with suppress(Conflict):  # it was found before
        store.create(aside, body)
    return aside
