"""Which published response an exchange repeats, so that a revisit record is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.article import format_time
from archive.warc.exchange import Original
from archive.warc.writer import IDENTICAL_PAYLOAD, NOT_MODIFIED, profile_of

if TYPE_CHECKING:
    from archive.catalog import Catalog
    from archive.warc.exchange import Exchange


def published_original(catalog: Catalog, exchange: Exchange) -> Original | None:
    """Return the response with the same payload or, for a 304, the one that it confirms; None where none is published."""
    profile = profile_of(exchange)
    if profile == IDENTICAL_PAYLOAD:
        return catalog.original(exchange.payload_digest)
    if profile == NOT_MODIFIED and (known := catalog.validators(exchange.url)):
        return Original(
            record_id=known.record_id,
            uri=known.url,
            date=format_time(known.date),
            payload_digest=known.payload_digest,
        )
    return None
