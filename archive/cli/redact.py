"""Take something down: hide it from every reader at once; with --erase, also take it out of the objects."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.article import Article
    from archive.reader.archive import Archive
    from archive.reader.redactions import Redaction
    from archive.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--id", action="append", default=[], metavar="ID", help="this article, all its versions")
    parser.add_argument(
        "--url", action="append", default=[], metavar="URL", help="captures of this address, and the article there"
    )
    parser.add_argument(
        "--person", metavar="NAME", help="every article in which this name stands; the name is not kept"
    )
    parser.add_argument("--who", metavar="WHO", help="who decided")
    parser.add_argument("--basis", metavar="BASIS", help="on what ground: a law, an order, a request")
    parser.add_argument("--reason", metavar="SENTENCE", help="why, in one sentence that everybody can read")
    parser.add_argument("--list", action="store_true", help="list the take-downs, and change nothing")
    parser.add_argument("--dry-run", action="store_true", help="say what would be hidden, and change nothing")
    parser.add_argument(
        "--erase", metavar="REDACTION",
        help="the second step, under a role of its own: take what this take-down hides out of the objects",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Hide, list or erase; exit code 1 where nothing fits, or somebody else rewrites the outlet."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.redactions import redaction_of, redactions  # noqa: PLC0415

    archive = open_archive(args.archive)
    if args.list:
        for redaction in redactions(archive.store):
            _say(args, redaction)
        return 0
    if args.erase:
        return _erase(args, archive.store)
    if not (args.id or args.url or args.person):
        raise ValueError("say what is to be taken down: --id, --url or --person")
    found = list(_chosen(archive, args))
    if args.person and not found:
        sys.stderr.write(f"no article in {archive.store.uri} fits\n")
        return 1
    said = {name: getattr(args, name) or ("?" if args.dry_run else "") for name in ("who", "basis", "reason")}
    redaction = redaction_of(found, args.url, ids=args.id, **said)
    if not args.dry_run:
        archive.store.create(redaction.key, redaction.to_bytes())
    _say(args, redaction)
    return 0


def _chosen(archive: Archive, args: argparse.Namespace) -> Iterator[Article]:
    """Yield all versions of the articles that are named, or stand at a URL, or name a person."""
    from archive.reader.redactions import digest_of_address  # noqa: PLC0415  imported when it is needed

    for identity in args.id:
        yield from archive.versions(identity)
    if not (args.url or args.person):
        return
    urls = set(map(digest_of_address, args.url))
    named = {article.id for article in archive.articles(text=args.person, versions="all")} if args.person else set()
    for article in archive.articles(versions="all", settle=False):
        is_signed = args.person is not None and args.person in article.byline
        is_there = bool(urls) and bool({digest_of_address(u) for u in (article.url, article.canonical_url)} & urls)
        if is_signed or is_there or article.id in named:
            yield article


def _erase(args: argparse.Namespace, store: Store) -> int:
    from archive.maintenance.erasure import erase  # noqa: PLC0415
    from archive.manifests.lease import LeaseHeld  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.redactions import redactions  # noqa: PLC0415

    redaction = next((one for one in redactions(store) if one.id == args.erase), None)
    if redaction is None:
        sys.stderr.write(f"{store.uri} has no take-down {args.erase}; see redact --list\n")
        return 1
    store.check()
    count = 0
    try:
        for erased in erase(store, redaction):
            count += len(erased.objects)
            for key in erased.objects:
                sys.stdout.write((json.dumps({"erased_from": key}) if args.json else f"erased from {key}") + "\n")
    except LeaseHeld as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{count} objects rewritten\n")
    return 0


def _say(args: argparse.Namespace, redaction: Redaction) -> None:
    from dataclasses import asdict  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.json:
        sys.stdout.write(json.dumps(asdict(redaction), ensure_ascii=False) + "\n")
        return
    what = f"{len(redaction.ids)} articles, {len(redaction.urls)} addresses"
    state = "would be hidden" if args.dry_run else "hidden"
    sys.stdout.write(
        f"{redaction.id}  {redaction.date[:10]}  {what} {state}  {redaction.basis}: {redaction.reason} ({redaction.who})\n"
    )
