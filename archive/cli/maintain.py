"""Commands that look after an archive: proof, index, compaction, take-downs, recovery of a spool, the local catalog."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.cli.common import add_outlets, local_path, opened, progress, within
from archive.text import fold

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.article import Article
    from archive.reader.archive import Archive
    from archive.reader.redactions import Redaction
    from archive.store import Store
    from archive.verify import Finding, Tally

# --- Prove the archive: every object, record, line and pointer; exit code 1 where one is not as it should be ---------


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_outlets(parser)
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also open each article's record by its pointer, and have warcio read every WARC",
    )
    parser.add_argument("--chain", action="store_true", help="also follow the chain of manifests by its hashes")
    parser.add_argument(
        "--wacz",
        type=local_path,
        metavar="FILE",
        help="prove this package instead: every entry, its list and its signature",
    )
    parser.add_argument(
        "--sample", type=within(1), metavar="N", help="look into N manifests of each outlet, chosen at random"
    )


def run_verify(args: argparse.Namespace) -> int:
    """Prove every object, record, line and pointer; exit code 1 where one is wrong."""
    from archive.verify import Tally, verify  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.wacz is not None:
        return _verify_package(args)
    archive, tally = opened(args), Tally()
    with progress("looking into manifests") as tell:
        findings = verify(
            archive.store,
            outlets=args.outlet,
            deep=args.deep,
            chain=args.chain,
            sample=args.sample,
            tally=tally,
            on_progress=tell,
        )
        for finding in findings:
            sys.stdout.write(_line(finding, as_json=args.json))
    sys.stdout.write(json.dumps(asdict(tally)) + "\n" if args.json else _summary(tally))
    return 1 if tally.faults else 0


def _verify_package(args: argparse.Namespace) -> int:
    from archive.warc.wacz import check_package  # noqa: PLC0415  imported when it is needed: the command line stays fast

    found = check_package(args.wacz)
    if args.json:
        sys.stdout.write(json.dumps(asdict(found), ensure_ascii=False) + "\n")
        return 1 if found.faults else 0
    sys.stdout.writelines(f"FAULT  {fault}\n" for fault in found.faults)
    verdict = f"{len(found.faults)} faults" if found.faults else "no fault"
    signed = "not signed" if found.signer is None else f"signed by the key {found.signer}"
    sys.stdout.write(f"{verdict} in {found.entries:,} entries, {signed}\n")
    return 1 if found.faults else 0


def _line(finding: Finding, *, as_json: bool) -> str:
    if as_json:
        return json.dumps(asdict(finding), ensure_ascii=False) + "\n"
    return f"{'FAULT' if finding.is_fault else 'note '}  {finding.kind}: {finding.key}: {finding.what}\n"


def _summary(tally: Tally) -> str:
    verdict = f"{tally.faults} faults" if tally.faults else "no fault"
    return (
        f"{verdict}, {tally.notes} notes in {tally.manifests:,} manifests, {tally.objects:,} objects, {tally.bytes:,} bytes, "
        f"{tally.records:,} records, {tally.lines:,} lines\n"
    )


# --- Rebuild the local catalog from the archive, or put a checkpoint of it there -------------------------------------


def add_catalog(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=["rebuild", "checkpoint"],
        help="rebuild: read the published manifests into a new catalog; checkpoint: put the catalog into the archive, "
        "so that a crawl on an empty disk begins quickly",
    )
    parser.add_argument("--catalog", type=local_path, required=True, metavar="FILE", help="the catalog's file")
    parser.add_argument(
        "--days", type=within(1), metavar="N", help="crawl dates of the last N days only; by default all"
    )


def run_catalog(args: argparse.Namespace) -> int:
    """Rebuild the local catalog from the archive, or put a checkpoint there."""
    from archive.catalog import Catalog  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    if args.action == "checkpoint":
        return _checkpoint(args, archive)
    part = args.catalog.with_name(args.catalog.name + ".part")
    part.unlink(missing_ok=True)
    window = None if args.days is None else timedelta(days=args.days)
    with closing(Catalog(part)) as catalog:
        catalog.catch_up(archive.store, archive.outlets(), window, checkpoints=False)
        counts = catalog.count()
    part.replace(args.catalog)
    words = ", ".join(f"{count:,} {table}" for table, count in counts.items())
    sys.stdout.write(json.dumps(counts) + "\n" if args.json else f"{args.catalog}: {words}\n")
    return 0


def _checkpoint(args: argparse.Namespace, archive: Archive) -> int:
    from archive.catalog import Catalog, write_checkpoint  # noqa: PLC0415
    from archive.files import is_damaged  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if not args.catalog.exists():
        raise ValueError(f"there is no catalog {args.catalog}; rebuild makes one")
    if is_damaged(args.catalog):
        raise ValueError(f"{args.catalog} is no catalog, or a damaged one; rebuild makes it anew")
    with closing(Catalog(args.catalog)) as catalog:
        keys = [key for outlet in archive.outlets() if (key := write_checkpoint(catalog, archive.store, outlet))]
    sys.stdout.write("".join(f"{json.dumps({'key': key}) if args.json else key}\n" for key in keys))
    return 0


# --- Join a month's many small segments into few large ones; readers see the same ------------------------------------


def add_compact(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument(
        "--month", action="append", metavar="YYYY-MM", help="this crawl month; by default all that are over"
    )
    parser.add_argument(
        "--large", type=within(1), metavar="BYTES", help="about the size of a segment; by default a gigabyte"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be joined, and change nothing")
    parser.add_argument(
        "--sweep-after", type=within(0), metavar="DAYS",
        help="instead, remove the objects that were replaced more than DAYS ago; needs the permission to delete",
    )  # fmt: skip


def run_compact(args: argparse.Namespace) -> int:
    """Join a month's many small segments into few large ones; readers see the same."""
    from archive.maintenance.compaction import months, outlets_of  # noqa: PLC0415
    from archive.manifests.lease import LeaseHeld  # noqa: PLC0415  imported when it is needed: the command line stays fast

    for month in args.month or ():
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise ValueError(f"a month is written yyyy-mm, not {month!r}")
    store = opened(args).store
    store.check(write=not args.dry_run)
    this, lines = f"{datetime.now(UTC):%Y-%m}", 0
    for outlet in outlets_of(store, args.outlet):
        for month in args.month or [month for month in months(store, outlet) if month < this]:
            try:
                lines += _month(store, outlet, month, args)
            except LeaseHeld as error:
                sys.stderr.write(f"{error}\n")
                return 1
    if not lines:
        sys.stderr.write(f"nothing is to be {'joined' if args.sweep_after is None else 'removed'} in {store.uri}\n")
    return 0


def _month(store: Store, outlet: str, month: str, args: argparse.Namespace) -> int:
    """Join or sweep a month, and say what was done; return in how many lines."""
    from archive.maintenance import compaction  # noqa: PLC0415  imported when it is needed: the command line stays fast

    large, count = args.large or compaction.LARGE, 0
    if args.sweep_after is not None:
        for count, key in enumerate(compaction.sweep(store, outlet, month, args.sweep_after), 1):  # noqa: B007  counted
            _say_compacted(args, f"removed {key}", {"outlet": outlet, "month": month, "removed": key})
        return count
    if args.dry_run:
        for count, group in enumerate(compaction.groups(store, outlet, month, large), 1):  # noqa: B007  counted
            items = [item for view in group.views for item in view.objects]
            articles = sum(item.records.get("article", 0) for item in items if item.kind == "articles")
            row = {"outlet": outlet, "month": month, "segments": len(group.views), "articles": articles}
            words = f"{outlet} {month}: {len(group.views)} segments would become one, {articles:,} articles, {group.bytes:,} bytes"
            _say_compacted(args, words, row | {"bytes": group.bytes})
        return count
    for count, made in enumerate(compaction.compact(store, outlet, month, large=large), 1):  # noqa: B007  counted
        row = {"outlet": outlet, "month": month, "segments": len(made.replaces), "manifest": made.key}
        _say_compacted(args, f"{outlet} {month}: {len(made.replaces)} segments are one now, {made.segment}", row)
    return count


def _say_compacted(args: argparse.Namespace, words: str, figures: dict[str, object]) -> None:
    sys.stdout.write((json.dumps(figures, ensure_ascii=False) if args.json else words) + "\n")


# --- Bring the index up to date, by which one article or capture is found without reading the archive ----------------


def add_index(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--anew", action="store_true", help="forget the index that is there, and read everything again")
    parser.add_argument("--check", action="store_true", help="change nothing: hold the index against the segments")
    parser.add_argument(
        "--sweep",
        action="store_true",
        help="instead, remove the parts of former indexes; needs the permission to delete",
    )


def run_index(args: argparse.Namespace) -> int:
    """Bring the index up to date that finds one article or capture without reading the archive."""
    from archive.index import build, check, sweep  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    if args.sweep:
        for key in sweep(archive.store):
            sys.stdout.write((json.dumps({"removed": key}) if args.json else f"removed {key}") + "\n")
        return 0
    with progress("reading segments") as tell:
        if args.check:
            entries, is_right = check(archive, on_progress=tell)
        else:
            done = build(archive, anew=args.anew, on_progress=tell)
    if not args.check:
        words = f"{done.segments:,} segments added to {done.known:,}; {done.entries:,} entries, {done.bytes:,} bytes"
        sys.stdout.write((json.dumps(asdict(done)) if args.json else words) + "\n")
        return 0
    verdict = "the index is what its segments say" if is_right else "the index is wrong; make it with index --anew"
    sys.stdout.write(
        json.dumps({"entries": entries, "right": is_right}) + "\n" if args.json else f"{entries:,} entries: {verdict}\n"
    )
    return 0 if is_right else 1


# --- Mend the spool of a crawl that died, and publish what it holds --------------------------------------------------


def add_recover(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--spool", type=local_path, default=Path(os.environ.get("SPOOL_DIR", "spool")), metavar="DIR",
        help="by default $SPOOL_DIR, else ./spool",
    )  # fmt: skip
    parser.add_argument(
        "--copies", default=os.environ.get("ARCHIVE_COPIES", ""), metavar="URI,…",
        help="stores that get everything too, each with endpoint=, profile= … behind it; by default $ARCHIVE_COPIES",
    )  # fmt: skip


def run_recover(args: argparse.Namespace) -> int:
    """Mend the spool of a crawl that died, and publish what it holds."""
    from archive.catalog import Catalog  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.manifests.publisher import Publisher  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.spool.recovery import recover  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.spool.spool import Spool, spool_of  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.store import default_uri, open_copies, open_store  # noqa: PLC0415  imported when it is needed: the command line stays fast

    store = open_store(args.archive or default_uri())
    copies = open_copies(args.copies, store)
    store.check()
    folder = spool_of(args.spool, store.uri)
    done = recover(folder, store)
    with closing(Catalog(folder.with_name(f"{folder.name}.catalog"))) as catalog:
        catalog.catch_up(store, Spool(folder).outlets())
        published = Publisher([store, *copies], folder, catalog).publish_sealed()
    if args.json:
        result = {"recovered": [asdict(one) for one in done], "published": len(published.manifests)}
        sys.stdout.write(json.dumps(result | {"waiting": published.waiting}, ensure_ascii=False) + "\n")
    else:
        for one in done:
            sys.stdout.write(f"{one}\n")
        sys.stdout.write(
            f"{len(published.manifests)} segments published, {published.waiting} still waiting in {folder}\n"
        )
    for failure in published.failures:
        sys.stderr.write(f"{failure}\n")
    return 3 if published.waiting else 0


# --- Take something down: hide it from every reader at once; with --erase, also take it out of the objects -----------


def add_redact(parser: argparse.ArgumentParser) -> None:
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


def run_redact(args: argparse.Namespace) -> int:
    """Take something down: hide it from every reader at once, then --erase it from the objects."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.redactions import redaction_of, redactions  # noqa: PLC0415

    archive = open_archive(args.archive)
    if args.list:
        for redaction in (there := list(redactions(archive.store))):
            _say_redaction(args, redaction)
        if not there:
            sys.stderr.write(f"nothing was taken down in {archive.store.uri}\n")
        return 0
    if args.erase:
        return _erase(args, archive.store)
    if not (args.id or args.url or args.person):
        raise ValueError("say what is to be taken down: --id, --url or --person")
    articles = list(_chosen(archive, args))
    if args.person and not articles:
        sys.stderr.write(f"no article in {archive.store.uri} fits\n")
        return 1
    grounds = {name: getattr(args, name) or ("?" if args.dry_run else "") for name in ("who", "basis", "reason")}
    redaction = redaction_of(articles, args.url, ids=args.id, **grounds)
    if not args.dry_run:
        archive.store.create(redaction.key, redaction.to_bytes())
    _say_redaction(args, redaction)
    return 0


def _chosen(archive: Archive, args: argparse.Namespace) -> Iterator[Article]:
    """Yield all versions of the articles that are named, or stand at a URL, or name a person."""
    from archive.reader.redactions import digest_of_address  # noqa: PLC0415  imported when it is needed

    for identity in args.id:
        yield from archive.versions(identity)
    if not (args.url or args.person):
        return
    urls = set(map(digest_of_address, args.url))
    named = set()
    if args.person:  # wherever the letters stand, inside other words too: what is left out would stay readable
        person = fold(args.person)
        every = archive.articles(versions="all", settle=False)
        named = {found.id for found in every if person in fold(f"{found.headline}\n{found.standfirst}\n{found.text}")}
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


def _say_redaction(args: argparse.Namespace, redaction: Redaction) -> None:
    from dataclasses import asdict  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if args.json:
        sys.stdout.write(json.dumps(asdict(redaction), ensure_ascii=False) + "\n")
        return
    what = f"{len(redaction.ids)} articles, {len(redaction.urls)} addresses"
    state = "would be hidden" if args.dry_run else "hidden"
    sys.stdout.write(
        f"{redaction.id}  {redaction.date[:10]}  {what} {state}  {redaction.basis}: {redaction.reason} ({redaction.who})\n"
    )
