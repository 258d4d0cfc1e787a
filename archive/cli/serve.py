"""Serve the archive as a site in Arabic, live, with feeds and a JSON API; it reads, and writes nothing to the archive."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archive.cli.parser import within

if TYPE_CHECKING:
    import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    from archive.site.arguments import add_looks  # noqa: PLC0415  the site's own arguments stand with the site

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


def run(args: argparse.Namespace) -> int:
    """Catch up with the archive, name the address, answer until interrupted."""
    from dataclasses import replace  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from datetime import UTC, datetime  # noqa: PLC0415

    from archive.site.arguments import caught_up, looks_of  # noqa: PLC0415
    from archive.site.pages import Pages  # noqa: PLC0415
    from archive.site.web.serving import Server  # noqa: PLC0415

    looks = looks_of(args)
    looks = replace(looks, live=True, wording=replace(looks.wording, clock=lambda: datetime.now(UTC)))
    with caught_up(args) as (archive, index):
        pages = Pages(index, archive, looks)
        try:
            server = Server(pages, args.host, args.port, threads=args.threads, follow_seconds=args.follow)
        except OSError as error:
            raise ValueError(f"{args.host} cannot be listened to at port {args.port}: {error.strerror}") from error
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        server.serve_forever()
    return 0
