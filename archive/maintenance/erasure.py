"""Erasure: the second, deliberate step of a take-down. What was hidden is taken out of the objects themselves."""

from __future__ import annotations

import json
import tempfile
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING

from archive.article import format_time, parse_time
from archive.files import parse_fields
from archive.maintenance.compaction import months, outlets_of, read_month
from archive.maintenance.generations import commit_noted, turn
from archive.manifests.manifest import Item, Manifest, amendments, checkpoints_in, successor_segment_id
from archive.reader.jsonl import event_of, fetch_object, lines_in, lines_of_object, naming, pack
from archive.reader.redactions import Redaction, digest_of_address
from archive.spool.sealing import inspect
from archive.store.protocol import Missing, digests_of
from archive.warc.cdxj import read_entry
from archive.warc.reading import StoredRecord, records
from archive.warc.writer import WRITER, Record, serialise, software

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.store import Store

# --- Objects of lines without what was taken down: articles and index entries go, events lose the address ------------

_NOWHERE = "urn:warraq:taken-down"


def leave_out(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    """Write an object of lines without what is to go; False, and nothing written, where nothing of it is in there."""
    lines = list(lines_of_object(store, item))
    with naming(item.key):
        if item.kind == "events":
            kept = [_without_address(line, redaction) for line in lines]
        else:
            gone = _is_gone_entry if item.kind == "cdxj" else _is_gone_line
            kept = [line for line in lines if not gone(line, redaction)]
    if kept == lines:
        return False
    pack(kept, path)
    return True


def _without_address(line: bytes, redaction: Redaction) -> bytes:
    """Return an event without the address of what was taken down, which may say what it was about."""
    event = event_of(line)
    url = event.get("url")
    if (
        not isinstance(url, str)
        or url == _NOWHERE
        or not (event.get("id") in redaction.ids or digest_of_address(url) in redaction.urls)
    ):
        return line
    return json.dumps(event | {"url": _NOWHERE}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _is_gone_entry(line: bytes, redaction: Redaction) -> bool:
    entry = read_entry(line)
    return entry["record_id"] in redaction.records or digest_of_address(entry["url"]) in redaction.urls


def _is_gone_line(line: bytes, redaction: Redaction) -> bool:
    fields = parse_fields(line, id=str, url=str, canonical_url=str)
    addresses = (fields["url"], fields["canonical_url"])
    return fields["id"] in redaction.ids or any(digest_of_address(url) in redaction.urls for url in addresses)


# ---------------------------------------------------------------------------------------------------------------------
# What stands in the place of an erased record: a stub of the same length, so that every other record stays where it
# was.
#     WARC-Type: metadata · the record's own id and date · what it was, its digests, the redaction's id · an empty block
#
# A stub is a gzip member like any other; what it is shorter than the record is filled up inside the gzip header's comment field.

ERASED = "X-Warraq-Erased"
_HEADER = b"\x1f\x8b\x08%c\x00\x00\x00\x00\x02\xff"  # deflate, no time, best compression, unknown system
_HAS_COMMENT = 16
_LINKED = frozenset({"request", "metadata"})


class DoesNotFit(ValueError):  # noqa: N818  reads as what happened
    """The record is too short for a stub; none of this project's is."""


def patches(
    stream: IO[bytes], is_hidden: Callable[[StoredRecord], bool], redaction: str
) -> Iterator[tuple[int, bytes]]:
    """Yield offset and bytes of the stubs for all hidden records of a WARC, and for the requests and metadata beside them.

    Args:
        stream: the WARC, seekable.
        is_hidden: says so of a response, revisit or conversion record.
        redaction: the take-down's id.
    """
    gone: set[str] = set()
    for record in records(stream):
        record.finish()
        if record.field(ERASED) is not None:
            continue
        if record.type in _LINKED:
            if record.field("WARC-Concurrent-To") in gone:
                yield record.offset, stub_of(record, redaction)
        elif record.type in {"response", "revisit", "conversion"} and is_hidden(record):
            gone.add(record.id)
            yield record.offset, stub_of(record, redaction)


def stub_of(record: StoredRecord, redaction: str) -> bytes:
    """Return the stub of a record that was read to its end, of the record's length."""
    fields = [
        (ERASED, record.type),
        ("X-Warraq-Redaction", redaction),
        ("X-Warraq-Erased-Block-Digest", str(record.field("WARC-Block-Digest"))),
    ]
    if payload := record.field("WARC-Payload-Digest"):
        fields.append(("X-Warraq-Erased-Payload-Digest", payload))
    date, stub = parse_time(record.field("WARC-Date") or ""), BytesIO()
    serialise(Record(type="metadata", date=date, content_type=None, id=record.id, fields=fields), stub)
    return member_of(stub.getvalue(), record.length)


def member_of(content: bytes, length: int) -> bytes:
    """Return a gzip member of exactly this length. Raises `DoesNotFit`."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = squeeze.compress(content) + squeeze.flush()
    foot = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    room = length - len(_HEADER % 0) - len(body) - len(foot)
    if room < 0:
        raise DoesNotFit(f"a stub needs {-room} bytes more than the record has")
    comment = b" " * (room - 1) + b"\0" if room else b""
    return _HEADER % (_HAS_COMMENT if room else 0) + comment + body + foot


# --- Erasure: the second, deliberate step of a take-down. What was hidden is taken out of the objects themselves -----
#     tombstone ─▶ every object of the outlets concerned, replaced ones too, is looked through
#       warc, wet    each record becomes a stub of its length       cdxj, articles    the lines go
#       events       the lines stay, their addresses go
#     ─▶ a manifest that `amends` them: new sizes, hashes and counts, in the chain ─▶ the objects are overwritten
#     ─▶ checkpoints, which repeat headlines, are removed
#
# Pointers stay right, for no record moves. The audit trail is the tombstone, the manifest and the stubs. A run that died is
# repeated: it finds what is left to be done. This needs the right to overwrite and to delete: docs/policies/take-down.json.


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did in one month of an outlet: the manifest that says so, objects rewritten."""

    manifest: str
    objects: list[str]


def erase(store: Store, redaction: Redaction) -> Iterator[Erased]:
    """Erase what a take-down hides; yield each month in which something was left of it.

    Raises:
        LeaseHeld: somebody else rewrites an outlet.
        NotAsPublished: an object is damaged; nothing of its month is rewritten.
        StoreUnavailable: the store fails; what was read of an object is never taken for all of it.
    """
    named = sorted({identity.partition(":")[0] for identity in redaction.ids})
    for outlet in outlets_of(store, named if redaction.ids and not redaction.urls else None):
        with turn(store, outlet) as held:
            for month in months(store, outlet):
                held.renew()
                outcome = _erase_month(store, outlet, month, redaction)
                if outcome is not None:
                    yield outcome
            for checkpoint in list(checkpoints_in(store, outlet)):
                store.remove(checkpoint)


_LAST = (
    "events",
    "warc",
    "wet",
    "articles",
    "cdxj",
)  # by an index and by lines a repetition finds what is left to be done


_SIGNS = (("events", "events"), ("cdxj", "cdxj"), ("articles", "articles"), ("warc", "cdxj"), ("wet", "articles"))


def _erase_month(store: Store, outlet: str, month: str, redaction: Redaction) -> Erased | None:
    manifests, _ = read_month(store, outlet, month)
    amended = amendments(manifests)
    with tempfile.TemporaryDirectory() as folder:
        rewritten: dict[str, tuple[Item, Path]] = {}
        last = None
        for manifest in manifests:
            items = {item.kind: amended.get(item.key, item) for item in manifest.objects}
            for kind, sign in _SIGNS:
                item = items.get(kind)
                if (
                    item is None
                    or item.key in rewritten
                    or (sign != kind and items.get(sign, item).key not in rewritten)
                ):
                    continue  # what its index, or its lines, show nothing of
                path = Path(folder) / f"{len(rewritten)}.{kind}"
                if _rewrite(store, item, path, redaction):
                    rewritten[item.key] = (_described(item, path), path)
                    last = manifest
        if last is None:
            return None
        rewrites = sorted(rewritten.values(), key=lambda one: _LAST.index(one[0].kind))
        made = _commit(store, last, [item for item, _ in rewrites], redaction)
        for item, path in rewrites:
            store.overwrite(item.key, path, digests=digests_of(path))
    return Erased(made.key, [item.key for item, _ in rewrites])


def _commit(store: Store, last: Manifest, items: list[Item], redaction: Redaction) -> Manifest:
    segment_id = successor_segment_id(
        last.segment, "erasure", redaction.id, *(f"{item.key} {item.sha256}" for item in items)
    )
    return commit_noted(
        store,
        Manifest(
            collection=last.collection,
            outlet=last.outlet,
            crawl=f"redaction-{redaction.id}",
            segment=segment_id,
            date=last.date,
            created=format_time(datetime.now(UTC)),
            software=software(WRITER),
            objects=[],
            amends=items,
        ),
    )


def _rewrite(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    """Write an object without what is to go; False where nothing of it is in there, or the object was removed."""
    try:
        if item.kind in {"warc", "wet"}:
            return _patch(store, item, path, redaction)
        if item.kind in {"cdxj", "articles", "events"}:
            return leave_out(store, item, path, redaction)
    except Missing:  # swept after a compaction
        return False
    return False


def _patch(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    with path.open("wb") as out:
        fetch_object(store, item, out)
    urls, records, ids = set(redaction.urls), set(redaction.records), set(redaction.ids)

    def is_hidden(record: StoredRecord) -> bool:
        if record.id in records or record.field("X-Warraq-Article") in ids or record.field("WARC-Refers-To") in records:
            return True
        return digest_of_address(record.field("WARC-Target-URI") or "") in urls

    with path.open("rb+") as stream:
        changes = list(patches(stream, is_hidden, redaction.id))
        for offset, stub in changes:
            stream.seek(offset)
            stream.write(stub)
    return bool(changes)


_COUNTED = {"cdxj": "capture", "articles": "article", "events": "event"}


def _described(item: Item, path: Path) -> Item:
    digests = digests_of(path)
    if item.kind in {"warc", "wet"}:
        with path.open("rb") as stream:
            counts = dict(sorted(inspect(stream, path.name).records.items()))
    else:
        with path.open("rb") as stream:
            counts = {_COUNTED[item.kind]: sum(1 for _ in lines_in(stream))}
    return replace(item, bytes=digests.size, sha256=digests.sha256, records=counts)
