"""The records of one exchange: response or revisit, request, metadata – adjacent, linked, of one WARC-Date.

response|revisit ◀──WARC-Concurrent-To── request
                 ◀──WARC-Concurrent-To── metadata
metadata alone                                         where no response came
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.warc.digests import label_of
from archive.warc.record import HTTP_REQUEST, HTTP_RESPONSE, WARC_FIELDS, Record, of_bytes, warc_fields
from archive.warc.revisits import revisit_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.warc.exchange import Exchange, Original


def records_of(exchange: Exchange, original: Original | None, warcinfo: str) -> list[Record]:
    """Return the records that an exchange becomes, the one that an index points at first.

    Args:
        exchange: what went over the wire.
        original: the published response that it repeats.
        warcinfo: id of the warcinfo record that they stand under.
    """
    common = [("WARC-Target-URI", exchange.url), ("WARC-Warcinfo-ID", warcinfo)]
    if exchange.ip_address:
        common.append(("WARC-IP-Address", exchange.ip_address))
    if not exchange.head:
        return [_metadata(exchange, common)]
    first = _response(exchange, common) if original is None else _revisit(exchange, common, original)
    linked = [*common, ("WARC-Concurrent-To", first.id)]
    return [first, _request(exchange, linked), _metadata(exchange, linked)]


def _response(exchange: Exchange, common: list[tuple[str, str]]) -> Record:
    fields = [*common, ("WARC-Payload-Digest", exchange.payload_digest)]
    if exchange.truncated:
        fields.append(("WARC-Truncated", exchange.truncated))
    return Record(
        type="response",
        date=exchange.started,
        head=exchange.head,
        body=exchange.body,
        content_type=HTTP_RESPONSE,
        fields=fields,
        compressed=exchange.header("Content-Encoding") is not None,
    )


def _revisit(exchange: Exchange, common: list[tuple[str, str]], original: Original) -> Record:
    fields = [*common, *revisit_fields(exchange, original)]
    return Record(type="revisit", date=exchange.started, head=exchange.head, content_type=HTTP_RESPONSE, fields=fields)


def _request(exchange: Exchange, linked: list[tuple[str, str]]) -> Record:
    _, _, payload = exchange.request.partition(b"\r\n\r\n")
    fields = [*linked, ("WARC-Payload-Digest", label_of(payload))] if payload else linked
    return of_bytes("request", exchange.started, exchange.request, HTTP_REQUEST, fields)


def _metadata(exchange: Exchange, fields: list[tuple[str, str]]) -> Record:
    block = warc_fields(_entries(exchange))
    return of_bytes("metadata", exchange.started, block, WARC_FIELDS, fields)


def _entries(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for name, value in exchange.metadata.items():
        for one in (value,) if isinstance(value, str) else value:
            yield name, one
    yield "fetchTimeMs", str(exchange.duration_ms)
    yield "capture", exchange.capture
    if exchange.error:
        yield "fetchError", exchange.error
    for fingerprint in exchange.certificates:
        yield "tlsCertificateSha256", fingerprint
