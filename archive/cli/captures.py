"""Commands about captures: the bytes of a page, the CDXJ of a month, WACZ files, citations and their proof."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from archive.cli.common import add_choice, choice_of, local_path, one_article, opened, progress, within
from archive.text import write_styled

if TYPE_CHECKING:
    import argparse

    from archive.cite import Citation
    from archive.reader.archive import Archive
    from archive.warc.capture import Capture
    from archive.warc.wacz import SigningKey

# --- Show what was captured: of an article, or of any address, by default the newest ---------------------------------


def add_capture(parser: argparse.ArgumentParser) -> None:
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


def run_capture(args: argparse.Namespace) -> int:
    """Show the newest capture of an article or address."""
    from archive.store import Missing  # noqa: PLC0415
    from archive.warc.capture import CaptureFault  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    try:
        capture = _capture_asked(archive, args)
        if capture is None:
            return 1
        part = _part(capture, args)
        if part is not None:
            sys.stdout.buffer.write(part)
        else:
            summary = _summary(capture)
            sys.stdout.write(
                json.dumps(summary, ensure_ascii=False) + "\n" if args.json else _as_text(summary, capture)
            )
    except (Missing, CaptureFault) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _capture_asked(archive: Archive, args: argparse.Namespace) -> Capture | None:
    if "://" in args.what:
        return archive.capture(args.what, at=args.at, outlet=args.outlet)
    article = one_article(archive, args.what, args.at)
    return None if article is None else archive.capture(article)


def _part(capture: Capture, args: argparse.Namespace) -> bytes | None:
    if args.content:
        return capture.content()
    return capture.body if args.body else capture.head if args.head else None


def _summary(capture: Capture) -> dict[str, Any]:
    place, original = capture.pointer, capture.original
    return {
        "url": capture.url,
        "captured": format_time(capture.date),
        "kind": capture.kind,
        "status": capture.status,
        "bytes": len(capture.body),
        "content_bytes": len(capture.content()),
        "payload_digest": place.payload_digest,
        "truncated": capture.truncated,
        "warc": {"file": place.file, "offset": place.offset, "length": place.length, "record_id": place.record_id},
        "body_from": None if original is None else {"url": original.url, "captured": format_time(original.date)},
        "headers": capture.headers,
    }


def _as_text(summary: dict[str, Any], capture: Capture) -> str:
    place = capture.pointer
    rows = [
        ("address", summary["url"]),
        ("captured", summary["captured"]),
        ("record", f"{summary['kind']} {place.record_id}"),
        ("place", f"{place.file}, offset {place.offset}, length {place.length}"),
        (
            "payload",
            f"{summary['bytes']:,} bytes, {summary['content_bytes']:,} without codings, {place.payload_digest}: it fits",
        ),
        ("body from", f"{capture.original.url} of {format_time(capture.original.date)}" if capture.original else None),
        ("truncated", summary["truncated"]),
    ]
    lines = [f"{label:<11}{value}" for label, value in rows if value]
    return "\n".join([*lines, "", capture.head.decode("latin-1").strip().replace("\r\n", "\n")]) + "\n"


# --- Print the merged, sorted CDXJ index of one outlet and month -----------------------------------------------------


def add_cdxj(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("outlet", metavar="OUTLET", help="the outlet's name")
    parser.add_argument("month", metavar="MONTH", help="crawl month, yyyy-mm")


def run_cdxj(args: argparse.Namespace) -> int:
    """Print the sorted CDXJ of one outlet and month."""
    from archive.warc.wacz import month_index  # noqa: PLC0415  imported when it is needed: the command line stays fast

    count = 0
    for line in month_index(opened(args), args.outlet, args.month):
        sys.stdout.buffer.write(_as_object(line) if args.json else line)
        count += 1
    if not count:
        sys.stderr.write(f"nothing of {args.outlet} was captured in {args.month}\n")
    return 0 if count else 1


def _as_object(line: bytes) -> bytes:
    """Return a CDXJ line as one JSON object, key and time beside what the line says."""
    key, time, rest = line.decode().split(" ", 2)
    return json.dumps({"key": key, "timestamp": time} | json.loads(rest), ensure_ascii=False).encode() + b"\n"


# --- Cite an article so that others can look it up and prove it; --check proves it, with read permission alone -------

_FORMS = ("text", "bibtex", "csl", "json")


def add_cite(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id",
        metavar="ID",
        help="the article's id or address; with --check also a file that --format json was written to",
    )
    parser.add_argument("--as-of", metavar="TIME", help="the version that was the newest then")
    parser.add_argument("--format", choices=_FORMS, default="text", help="by default text; csl is CSL-JSON")
    parser.add_argument(
        "--check", action="store_true",
        help="prove it again: line, record and payload, the WARC's hash, the manifest's, and the chain up to its head",
    )  # fmt: skip


def run_cite(args: argparse.Namespace) -> int:
    """Cite an article so that others can prove it; --check does, with read permission alone."""
    archive = opened(args)
    citation = _citation(archive, args)
    if citation is None:
        return 1
    if args.check:
        return _prove(archive, citation, args)
    from archive.cite import FORMS  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(FORMS["json" if args.json else args.format](citation) + "\n")
    return 0


def _citation(archive: Archive, args: argparse.Namespace) -> Citation | None:
    from archive.cite import Citation, cite  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.check and Path(args.id).is_file():
        return Citation.from_json(Path(args.id).read_text(encoding="utf-8", errors="replace"))
    article = one_article(archive, args.id, args.as_of)
    return None if article is None else cite(archive, article)


def _prove(archive: Archive, citation: Citation, args: argparse.Namespace) -> int:
    from archive.cite import prove  # noqa: PLC0415
    from archive.store import Missing  # noqa: PLC0415
    from archive.warc.capture import CaptureFault  # noqa: PLC0415  imported when it is needed: the command line stays fast

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    holds = True
    try:
        with progress("proving") as tell:
            steps = list(prove(archive, citation, on_progress=tell))
    except (CaptureFault, Missing) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for step in steps:
        holds = holds and step.holds
        word = "holds" if step.holds else "FAILS"
        if args.json:
            sys.stdout.write(json.dumps(asdict(step), ensure_ascii=False) + "\n")
            continue
        write_styled(f"\033[{32 if step.holds else 31}m{word}\033[0m" if colour else word)
        sys.stdout.write(f"  {step.name:<9}{step.found}\n")
    return 0 if holds else 1


# ---------------------------------------------------------------------------------------------------------------------
# Pack chosen articles with everything that was captured beside them into a WACZ, for replayweb.page, pywb and others.


def add_wacz(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument("--limit", type=within(0), metavar="N", help="at most so many articles")
    parser.add_argument("--title", default="Warraq", help="the title that a replay shows")
    parser.add_argument(
        "--sign", type=local_path, metavar="KEY", help="sign it with this private key on the curve P-384 (PEM)"
    )
    parser.add_argument("file", type=local_path, metavar="FILE", help="the WACZ to write; it may not exist yet")


def run_wacz(args: argparse.Namespace) -> int:
    """Pack chosen articles and what was captured beside them into a WACZ, for replayweb.page, pywb and others."""
    from archive.files import alone  # noqa: PLC0415
    from archive.warc.wacz import pack_articles  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.warc.writer import WRITER, named, software  # noqa: PLC0415

    archive, path = opened(args), args.file
    chosen = islice(archive.articles(**choice_of(args)), args.limit)
    created = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    about = {"title": args.title, "created": created, "software": named(software(WRITER))}
    key = None if args.sign is None else _key_of(args.sign)
    part = path.with_name(path.name + ".part")
    part.touch()  # of a run that was killed it is there
    with alone(part, f"writes {path}"):
        try:
            if path.exists():
                raise ValueError(f"{path} exists already")
            with part.open("wb") as out:
                pages = pack_articles(archive, chosen, out, about, key)
            if pages:
                part.rename(path)
        finally:
            part.unlink(missing_ok=True)
    if args.json:
        sys.stdout.write(json.dumps({"file": str(path), "pages": pages}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"{pages} pages in {path}\n" if pages else "no article with a capture fits\n")
    return 0 if pages else 1


def _key_of(path: Path) -> SigningKey:
    from archive.warc.wacz import SigningKey  # noqa: PLC0415  imported when it is needed: the command line stays fast

    try:
        return SigningKey(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} cannot sign: {error}") from None


# --- Write what a pywb needs to serve the whole archive, and keep it up to date ---------------------------------------


def add_pywb(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "folder",
        type=local_path,
        metavar="DIR",
        help="the folder; made where it is not there, brought up to date where it is",
    )
    parser.add_argument(
        "--follow", type=within(1, kind=float), metavar="SECONDS", help="go on, and look for news so often"
    )


def run_pywb(args: argparse.Namespace) -> int:
    """Write what pywb needs to serve the archive from where it lies: index, path index, config; then wayback -d DIR."""
    from archive.index.captures import write_pywb  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.store import StoreUnavailable  # noqa: PLC0415

    archive = opened(args)
    while True:
        try:
            served = write_pywb(archive, args.folder)
        except StoreUnavailable as error:
            if args.follow is None:
                raise
            sys.stderr.write(f"{error}; trying again in {args.follow:g} s\n")
        else:
            if args.json:
                sys.stdout.write(json.dumps({"folder": str(args.folder), **asdict(served)}, ensure_ascii=False) + "\n")
            elif served.fresh or args.follow is None:
                sys.stdout.write(f"{served.fresh:,} new indexes, {served.warcs:,} WARCs in {args.folder}\n")
            sys.stdout.flush()
        if args.follow is None:
            return 0
        time.sleep(args.follow)
