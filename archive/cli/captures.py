"""Show what was captured: of an article, or of any address, by default the newest."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.cli.common import one_article, opened

if TYPE_CHECKING:
    import argparse

    from archive.reader.archive import Archive
    from archive.warc.capture import Capture


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("what", metavar="ID|URL", help="an article's id, or an address as it was requested")
    parser.add_argument("--at", metavar="TIME", help="the newest capture that is not later")
    parser.add_argument("--outlet", metavar="NAME", help="look for the address only here")
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument(
        "--content", action="store_true", help="write the page to standard output, its codings taken off"
    )
    parts.add_argument("--body", action="store_true", help="write the page as it was sent, codings and all")
    parts.add_argument("--head", action="store_true", help="write status line and headers as they were sent")


def run(args: argparse.Namespace) -> int:
    """Print what is known of the capture, or write a part of it; exit code 1 where there is none, or it is damaged."""
    from archive.store import Missing  # noqa: PLC0415
    from archive.warc.capture import CaptureFault  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    try:
        found = _found(archive, args)
        if found is None:
            return 1
        part = _part(found, args)
        if part is not None:
            sys.stdout.buffer.write(part)
        else:
            said = _said(found)
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n" if args.json else _as_text(said, found))
    except (Missing, CaptureFault) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _found(archive: Archive, args: argparse.Namespace) -> Capture | None:
    if "://" in args.what:
        return archive.capture(args.what, at=args.at, outlet=args.outlet)
    article = one_article(archive, args.what, args.at)
    return None if article is None else archive.capture(article)


def _part(found: Capture, args: argparse.Namespace) -> bytes | None:
    if args.content:
        return found.content()
    return found.body if args.body else found.head if args.head else None


def _said(found: Capture) -> dict[str, Any]:
    place, original = found.pointer, found.original
    return {
        "url": found.url,
        "captured": format_time(found.date),
        "kind": found.kind,
        "status": found.status,
        "bytes": len(found.body),
        "content_bytes": len(found.content()),
        "payload_digest": place.payload_digest,
        "truncated": found.truncated,
        "warc": {"file": place.file, "offset": place.offset, "length": place.length, "record_id": place.record_id},
        "body_from": None if original is None else {"url": original.url, "captured": format_time(original.date)},
        "headers": found.headers,
    }


def _as_text(said: dict[str, Any], found: Capture) -> str:
    place = found.pointer
    rows = [
        ("address", said["url"]),
        ("captured", said["captured"]),
        ("record", f"{said['kind']} {place.record_id}"),
        ("place", f"{place.file}, offset {place.offset}, length {place.length}"),
        (
            "payload",
            f"{said['bytes']:,} bytes, {said['content_bytes']:,} without codings, {place.payload_digest}: it fits",
        ),
        ("body from", f"{found.original.url} of {format_time(found.original.date)}" if found.original else None),
        ("truncated", said["truncated"]),
    ]
    lines = [f"{label:<11}{value}" for label, value in rows if value]
    return "\n".join([*lines, "", found.head.decode("latin-1").strip().replace("\r\n", "\n")]) + "\n"
