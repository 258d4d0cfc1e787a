"""What a reader that we did not write says of a WARC: warcio has to find the same records at the same places, with right digests.

    our reader ──▶ offset, length, type, id  ─┐
                                              ├─ the same, one after the other
    warcio     ──▶ offset, length, type, id  ─┘   and its digests of block and payload agree

One thing is known beforehand: where a record keeps the chunks as received, warcio takes the framing for payload.
"""

from __future__ import annotations

import zlib
from itertools import zip_longest
from typing import IO, TYPE_CHECKING, Any

from archive.verification.finding import Finding
from archive.warc.reading import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.manifests.manifest import Item

Place = tuple[int, int, str, str]


def second_opinion(item: Item, stream: IO[bytes]) -> Iterator[Finding]:
    """Yield what warcio finds wrong with, or reads otherwise in, a WARC in which our reader found no fault.

    Args:
        item: the object.
        stream: its bytes, seekable.
    """
    from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415  imported when it is needed: the command line stays fast

    ours = list(_ours(stream))
    try:
        for mine, theirs in zip_longest(ours, _theirs(stream)):
            place, problems = theirs or (None, [])
            for problem in problems:
                yield Finding("record", item.key, f"warcio on the record at {mine and mine[0]}: {problem}")
            if mine != place:
                yield Finding("record", item.key, f"warcio reads {place}, our reader {mine}")
                return
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        yield Finding("record", item.key, f"warcio cannot read it: {error}")


def _ours(stream: IO[bytes]) -> Iterator[Place]:
    for record in records(stream):
        record.finish()
        yield record.offset, record.length, record.type, record.id


def _theirs(stream: IO[bytes]) -> Iterator[tuple[Place, list[str]]]:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415  as above

    stream.seek(0)
    reader = ArchiveIterator(stream, check_digests=True)
    for record in reader:
        reader.read_to_end()
        said = record.rec_headers.get_header
        place = (reader.get_record_offset(), reader.get_record_length(), record.rec_type, said("WARC-Record-ID"))
        yield place, [problem for problem in record.digest_checker.problems if not _is_framing(record, problem)]


def _is_framing(record: Any, problem: str) -> bool:
    """Say whether warcio hashed chunks, which are no payload (WARC 1.1, 5.9); our own reader took them off."""
    head = record.http_headers
    return problem.startswith("payload") and head is not None and head.get_header("Transfer-Encoding") is not None
