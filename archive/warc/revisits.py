"""Revisits: when a capture may be written as a reference to an earlier one, and with which fields (WARC 1.1, 6.7).

    304, and the response that its validator came from is published       → server-not-modified
    200 with a payload whose digest is that of a published response       → identical-payload-digest
    everything else                                                       → response

Only a *published* response may be referred to: a reference into a spool, or to another revisit, could outlive its target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.warc.exchange import Exchange, Original

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

SMALLEST_PAYLOAD = 256  # bytes; below it a revisit saves nothing, its reference is as long as the payload

_OK, _NOT_MODIFIED_STATUS = 200, 304


def profile_of(exchange: Exchange) -> str | None:
    """Return the profile that a revisit record of this exchange would have; None where it may not be a revisit.

    Empty and small bodies, errors, redirects, cut bodies and robots.txt are always kept as responses.
    """
    if exchange.status == _NOT_MODIFIED_STATUS:
        return NOT_MODIFIED
    if exchange.status != _OK or exchange.truncated or exchange.error:
        return None
    if exchange.payload.size < SMALLEST_PAYLOAD or urlsplit(exchange.url).path == "/robots.txt":
        return None
    return IDENTICAL_PAYLOAD


def revisit_fields(exchange: Exchange, original: Original) -> Sequence[tuple[str, str]]:
    """Return the named fields that make a revisit record of this exchange.

    Raises:
        ValueError: the exchange may not be a revisit, or its payload is not that of the original.
    """
    profile = profile_of(exchange)
    if profile is None:
        raise ValueError(f"{exchange.url} with status {exchange.status} is kept as a response, not as a revisit")
    if profile == IDENTICAL_PAYLOAD and exchange.payload_digest != original.payload_digest:
        raise ValueError(f"{exchange.url} has another payload than {original.record_id}")
    return references(profile, original)


def references(profile: str, original: Original) -> Sequence[tuple[str, str]]:
    """Return the named fields with which a revisit of this profile refers to its original."""
    fields = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To", original.record_id),
        ("WARC-Refers-To-Target-URI", original.uri),
        ("WARC-Refers-To-Date", original.date),
    ]
    if original.payload_digest:
        fields.append(("WARC-Payload-Digest", original.payload_digest))
    return fields if profile == NOT_MODIFIED else [*fields, ("WARC-Truncated", "length")]
