"""Show word by word what an outlet changed between two versions of an article, by default the last two."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from archive.cli.columns import minute
from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from archive.article import Article


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )
    parser.add_argument("--from", dest="old", type=int, metavar="N", help="this version, else the one before --to")
    parser.add_argument("--to", dest="new", type=int, metavar="N", help="with this version, else the last one")


def run(args: argparse.Namespace) -> int:
    """Print the changes; exit code 1 where there is no such article or version."""
    archive = opened(args)
    found = {article.version: article for article in archive.versions(args.id)}
    if not found:
        sys.stderr.write(f"{archive.store.uri} holds no article {args.id}\n")
        return 1
    try:
        old, new = _chosen(found, args.old, args.new)
    except LookupError as error:
        sys.stderr.write(f"{args.id} has {error}\n")
        return 1
    sys.stdout.writelines(f"{line}\n" for line in ([_as_json(old, new)] if args.json else _as_text(old, new)))
    return 0


def _chosen(found: Mapping[int, Article], old: int | None, new: int | None) -> tuple[Article, Article]:
    """Return the two versions to compare; ``LookupError`` says what is not there."""
    for number in (old, new):
        if number is not None and number not in found:
            there = f"{'is' if len(found) == 1 else 'are'} {', '.join(map(str, found))}"
            raise LookupError(f"no version {number}; there {there}")
    last = max(found) if new is None else new
    before = [number for number in found if number < last] if old is None else [old]
    if not before:
        raise LookupError(f"no version before {last} to compare with")
    return found[max(before)], found[last]


def _as_text(old: Article, new: Article) -> Iterator[str]:
    from archive.diff import compare, counts, render  # noqa: PLC0415  imported when it is needed: it loads rapidfuzz

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    added, removed = counts(old.text, new.text)
    versions = " → ".join(f"version {side.version} ({minute(side.captured)})" for side in (old, new))
    yield f"{new.id}  {versions}  +{added} -{removed} words"
    places = 0
    for name in ("headline", "text"):
        lines = list(render(compare(getattr(old, name), getattr(new, name)), colour=colour))
        places += len(lines)
        if lines:
            yield from ("", name, *lines)
    if not places:
        yield "headline and text are the same"


def _as_json(old: Article, new: Article) -> str:
    from archive.diff import compare, counts  # noqa: PLC0415  imported when it is needed: it loads rapidfuzz

    added, removed = counts(old.text, new.text)
    said = {"id": new.id, "from": old.version, "to": new.version, "words_added": added, "words_removed": removed}
    edits = {
        name: [
            {"removed": edit.removed, "added": edit.added} for edit in compare(getattr(old, name), getattr(new, name))
        ]
        for name in ("headline", "text")
    }
    return json.dumps(said | edits, ensure_ascii=False)
