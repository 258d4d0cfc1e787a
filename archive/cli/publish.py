"""Commands that pass an archive on: a static site, a server, exports for other tools."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.cli.common import add_choice, choice_of, local_path, opened, within

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from archive.reader.archive import Archive
    from archive.site.database import SiteDatabase
    from archive.site.templating import Looks

# ---------------------------------------------------------------------------------------------------------------------
# Write the archive as a static site in Arabic: pages by tag, article, story and outlet, search, feeds; only what
# changed.


def add_site(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("output", metavar="OUT", help="a folder, file:///… or s3://bucket/prefix")
    add_looks(parser)
    parser.add_argument("--without-replays", action="store_true", help="leave out the captured pages")
    parser.add_argument("--everything", action="store_true", help="write all pages anew, not only what changed")
    parser.add_argument(
        "--processes", type=within(1), metavar="N", help="make pages in so many processes; by default one a core"
    )


def run_site(args: argparse.Namespace) -> int:
    """Write the archive as a static site in Arabic; only what changed."""
    from archive.site.static_site import Plan, build  # noqa: PLC0415
    from archive.store import StoreRefused  # noqa: PLC0415

    looks = looks_of(args)
    with caught_up(args) as (archive, index):
        if args.output.rstrip("/") in {archive.store.uri.rstrip("/"), str(args.archive or "").rstrip("/")}:
            raise StoreRefused("the site cannot stand in the archive's own place; name another folder or prefix")
        plan = Plan(archive.store.uri, index.path, args.output, looks, not args.without_replays)
        written = build(plan, everything=args.everything, processes=args.processes)
    files = sum(written.counts.values())
    if args.json:
        summary = {
            "output": args.output,
            "files": files,
            "whole": written.whole,
            "deleted": written.deleted,
            **written.counts,
        }
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    else:
        parts = ", ".join(f"{count} of {kind}" for kind, count in written.counts.items())
        gone = f"; {written.deleted} deleted" if written.deleted else ""
        sys.stdout.write(f"{files} files written to {args.output}" + (f" ({parts})" if parts else "") + gone + "\n")
    return 0


# --- Export chosen articles for other tools; a second export into the same folder adds only what is new --------------

FORMATS = ("parquet", "jsonl", "csv", "hf", "datatrove", "wet", "wacz", "jsonld", "xlsx", "bagit")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--format",
        required=True,
        choices=FORMATS,
        help="hf is a Hugging Face dataset folder, jsonld schema.org's NewsArticle, bagit a bag of whole segments",
    )
    add_choice(parser)
    parser.add_argument(
        "--permitted", action="store_true",
        help="leave out what its outlet asked machines not to learn from (noai, a TDM reservation)",
    )  # fmt: skip
    parser.add_argument(
        "--normalised",
        action="store_true",
        help="add headline_normalised and text_normalised: one spelling of each word, as the search has it",
    )
    parser.add_argument(
        "--split",
        metavar="NAME=SHARE,…",
        help="add on which side each article stands, as train=0.9,test=0.1: whole stories, so that no copy leaks",
    )
    parser.add_argument("--seed", type=within(0), default=0, metavar="N", help="which split it is; by default 0")
    parser.add_argument("--anew", action="store_true", help="begin again, whatever the folder holds of an export")
    parser.add_argument("folder", type=local_path, metavar="OUT", help="the folder; made where it is not there")


def run_export(args: argparse.Namespace) -> int:
    """Export chosen articles for other tools; again into the same folder it adds what is new."""
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own allocator keeps 35 MB of what is free
    from archive.export import export  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.export.state import shares_of  # noqa: PLC0415

    archive = opened(args)
    if args.format == "bagit":
        return _bag(archive, args)
    done = export(
        archive.store, args.folder, args.format, choice_of(args), permitted=args.permitted, normalised=args.normalised,
        split=None if args.split is None else shares_of(args.split), seed=args.seed, anew=args.anew,
    )  # fmt: skip
    if args.json:
        summary = {"folder": str(args.folder), "added": done.added, "articles": done.articles, "anew": done.anew}
        sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
        return 0 if done.is_written else 1
    if not done.is_written:
        sys.stderr.write("no article fits; nothing was written\n")
        return 1
    if done.anew:
        sys.stderr.write(f"made anew: {done.anew}\n")
    sys.stdout.write(f"{done.added:,} articles added, {done.articles:,} in {args.folder}\n")
    return 0


def _bag(archive: Archive, args: argparse.Namespace) -> int:
    from dataclasses import asdict  # noqa: PLC0415  with the bag

    from archive.export.bag import write_bag  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.permitted or args.normalised or args.split is not None or args.anew:
        raise ValueError(
            "a bag holds whole segments, made once: --permitted, --normalised, --split and --anew are of other formats"
        )
    done = write_bag(archive, args.folder, choice_of(args))
    if args.json:
        sys.stdout.write(json.dumps({"folder": str(args.folder), **asdict(done)}, ensure_ascii=False) + "\n")
    elif not done.articles:
        sys.stderr.write("no article fits; nothing was written\n")
    else:
        sys.stdout.write(
            f"{done.articles:,} articles in {done.segments:,} segments, {done.bytes:,} bytes, in {args.folder}\n"
        )
    return 0 if done.articles else 1


# ---------------------------------------------------------------------------------------------------------------------
# Serve the archive as a site in Arabic, live, with feeds and a JSON API; it reads, and writes nothing to the archive.


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; by default this machine alone")
    parser.add_argument("--port", type=within(0, 65535), default=8000, help="port; 0 takes a free one")
    parser.add_argument("--threads", type=within(1), default=8, metavar="N", help="requests answered at once")
    parser.add_argument(
        "--follow",
        type=within(0, kind=float),
        default=60,
        metavar="SECONDS",
        help="ask the archive for news so often; 0: never",
    )
    add_looks(parser)


def run_serve(args: argparse.Namespace) -> int:
    """Serve the archive as a site in Arabic, live, with feeds and a JSON API; writes nothing to the archive."""
    from dataclasses import replace  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from datetime import UTC, datetime  # noqa: PLC0415

    from archive.site.database import SMALL_CACHE  # noqa: PLC0415
    from archive.site.pages import FEW_BODIES, Pages  # noqa: PLC0415
    from archive.site.web.app import Learner, Server, share_heap  # noqa: PLC0415

    looks = looks_of(args)
    looks = replace(looks, live=True, wording=replace(looks.wording, clock=lambda: datetime.now(UTC)))
    share_heap()
    with caught_up(args, Learner, cache=SMALL_CACHE) as (archive, index):
        pages = Pages(index, archive, looks, bodies=FEW_BODIES)
        try:
            server = Server(pages, args.host, args.port, threads=args.threads, follow_seconds=args.follow)
        except OSError as error:
            raise ValueError(f"{args.host} cannot be listened to at port {args.port}: {error.strerror}") from error
        sys.stdout.write(json.dumps({"url": server.url}) + "\n" if args.json else f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()
    return 0


# --- The arguments that `python -m archive site` and `python -m archive serve` share, and what they mean -------------


def add_looks(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "--digits",
        choices=("mixed", "arab", "latn"),
        default="mixed",
        help="mixed: منذ 6 أيام and ١٦-٠٥-٢٠٢٥ (default); arab: ٦ and ١٦; latn: 6 and 16",
    )
    parser.add_argument("--zone", default="UTC", help="the readers' time zone, as Asia/Riyadh; by default UTC")
    parser.add_argument("--title", default="ورّاق", help="the site's name")
    parser.add_argument(
        "--address", default="", metavar="URL", help="where the site will stand: feeds need whole addresses"
    )
    parser.add_argument(
        "--pictures",
        choices=("link", "show"),
        default="link",
        help="link: name pictures and where they are (default); show: load them from the outlets, who then see the reader",
    )
    parser.add_argument("--page-size", type=int, default=50, metavar="N", help="articles on a page of a list")
    parser.add_argument(
        "--index", type=local_path, metavar="FILE", help="the site's index; by default a file in the user's cache"
    )


def looks_of(args: argparse.Namespace) -> Looks:
    """Return the settings; raises ``ValueError`` in one sentence."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  imported when it is needed: the command line stays fast

    from archive.site.templating import Looks, Wording  # noqa: PLC0415

    try:
        zone = ZoneInfo(args.zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"there is no time zone {args.zone!r}; write one as Asia/Riyadh") from error
    if args.page_size < 1:
        raise ValueError("--page-size is at least 1")
    if args.address and not args.address.startswith(("http://", "https://")):
        raise ValueError(f"--address starts with http:// or https://, not as {args.address!r}")
    wording = Wording(digits=args.digits, zone=zone)
    return Looks(
        wording=wording, title=args.title, pictures=args.pictures, page_size=args.page_size, address=args.address
    )


@contextmanager
def caught_up(
    args: argparse.Namespace,
    learner: Callable[[SiteDatabase, Archive], Callable[[], int]] | None = None,
    **options: int,
) -> Iterator[tuple[Archive, SiteDatabase]]:
    """Open the archive and its index, with the index's options, and let the index catch up, by itself or by a learner."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.site.database import SiteDatabase, default_index  # noqa: PLC0415

    archive = open_archive(args.archive)
    path = args.index or default_index(archive.store.uri)
    with _named(path):
        index = SiteDatabase(path, **options)
    try:
        with _named(path):
            learner(index, archive)() if learner else index.catch_up(archive)
        yield archive, index
    finally:
        index.close()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which file is no index, or a broken one; it may be somebody's, so it is left where it is."""
    import sqlite3  # noqa: PLC0415  as above

    try:
        yield
    except sqlite3.DatabaseError as error:
        raise ValueError(f"{path} is no index of a site: {error}; name another file, or delete this one") from error
