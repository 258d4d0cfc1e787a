"""List the articles that carry a story, oldest first, as the archive knows it now."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from archive.article import format_time
from archive.cli.columns import NOTHING, in_columns, issued
from archive.cli.common import opened

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from archive.article import Article

_HEAD = ("published", "outlet", "role", "overlap", "agencies", "id", "headline")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("id", metavar="STORY_ID", help="the story's id: that of its first article")


def run(args: argparse.Namespace) -> int:
    """Print the articles; exit code 1 where nothing carries this story."""
    archive = opened(args)
    found = sorted(archive.story(args.id), key=lambda article: (article.published or article.captured, article.id))
    if not found:
        sys.stderr.write(f"{archive.store.uri} holds no story {args.id}\n")
        return 1
    lines = (
        map(_as_json, found)
        if args.json
        else [*in_columns(_HEAD, [_row(article) for article in found]), *_credited(found[0])]
    )
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _row(article: Article) -> tuple[str, ...]:
    assert article.story is not None
    share = f"{100 * article.story.overlap:.0f} %"
    agencies = ",".join(article.agencies) or NOTHING
    row = (issued(article), article.outlet, article.story.role, share, agencies)
    return (*row, article.id, article.headline)


def _credited(article: Article) -> Iterator[str]:
    """Say who credits which agency, and where; nothing where nobody does."""
    assert article.story is not None
    for agency, by in article.story.agencies.items():
        said = (f"{crediting} ({where.replace('_', ' ')})" for crediting, where in by.items())
        yield f"{agency}: {', '.join(said)}"


def _as_json(article: Article) -> str:
    """Return what concerns the story: the settled roles are not those of a published line."""
    assert article.story is not None
    when = {
        "published": None if article.published is None else format_time(article.published),
        "captured": format_time(article.captured),
    }
    said = {"id": article.id, "outlet": article.outlet, **when, "story": asdict(article.story)}
    rest = {"headline": article.headline, "agencies": article.agencies, "canonical_url": article.canonical_url}
    return json.dumps(said | rest, ensure_ascii=False)
