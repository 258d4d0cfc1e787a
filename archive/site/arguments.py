"""The arguments that `python -m archive site` and `python -m archive serve` share, and what they mean."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.reader.archive import Archive
    from archive.site.index import Index
    from archive.site.templating import Looks


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
    parser.add_argument("--page-size", type=int, default=50, metavar="N", help="articles on a page of a tag")
    parser.add_argument("--index", metavar="FILE", help="the site's index; by default a file in the user's cache")


def looks_of(args: argparse.Namespace) -> Looks:
    """Return the settings; raises ``ValueError`` in one sentence."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  imported when it is needed: the command line stays fast

    from archive.site.templating import Looks  # noqa: PLC0415
    from archive.site.wording import Wording  # noqa: PLC0415

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
def caught_up(args: argparse.Namespace) -> Iterator[tuple[Archive, Index]]:
    """Open the archive and its index, and let the index catch up."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.site.index import Index  # noqa: PLC0415
    from archive.site.index.index import default_index  # noqa: PLC0415

    archive = open_archive(args.archive)
    path = Path(args.index) if args.index else default_index(archive.store.uri)
    with _named(path):
        index = Index(path)
    try:
        with _named(path):
            index.catch_up(archive)
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
