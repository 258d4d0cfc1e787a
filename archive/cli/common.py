"""What commands do alike: open the archive, check outlets, find one article, complain of what is not there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from archive.cli.parser import meant

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

    from archive.article import Article
    from archive.reader.archive import Archive


def opened(args: argparse.Namespace) -> Archive:
    """Open the archive that the arguments name, and see that it knows the outlets that they name.

    Raises:
        StoreRefused: there is none.
        ValueError: there is no such outlet; the message says which are like it.
    """
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = open_archive(args.archive)
    named = getattr(args, "outlet", None) or ()
    if wrong := _unknown(archive, [named] if isinstance(named, str) else named):
        raise ValueError(f"{archive.store.uri} has no outlet {wrong}")
    return archive


def one_article(archive: Archive, name: str, as_of: str | None = None) -> Article | None:
    """Return an article by id or address; None, and a sentence to the user, where there is none."""
    found = archive.article(name, as_of=as_of)
    if found is None:
        by_then = f" from before {as_of}" if as_of else ""
        sys.stderr.write(f"{archive.store.uri} holds no article {name}{by_then}{_hint(archive, name)}\n")
    return found


def complete_outlets(prefix: str, parsed_args: Any, **_: Any) -> list[str]:
    """Return the outlets of the archive for the shell's completion; none where it cannot be asked."""
    from archive.reader.archive import open_archive  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.store import StoreError  # noqa: PLC0415

    try:
        names = open_archive(getattr(parsed_args, "archive", None)).outlets()
    except StoreError:
        return []
    return [name for name in names if name.startswith(prefix)]


def _unknown(archive: Archive, names: Iterable[str]) -> str | None:
    there = archive.outlets() if names else []
    wrong = next((name for name in names if name not in there), None)
    return f"{wrong!r}{meant(wrong, there)}" if wrong and there else None


def _hint(archive: Archive, name: str) -> str:
    if "://" in name:
        return ""
    outlet, there = name.partition(":")[0], archive.outlets()
    return "" if outlet in there or ":" not in name else f"; it has no outlet {outlet!r}{meant(outlet, there)}"
