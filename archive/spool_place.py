"""Which folder of the spool is an archive's.

    <root>/s3-news-a          of s3://news/a, as s3-news-a.archive beside it says
    <root>/s3-news-a-1f3c…    of s3://news-a, whose name has the same letters: its spool and catalog would be the other's

The plain name belongs to whoever had it first, so that a spool from before there were such notes is found again.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
from typing import TYPE_CHECKING

from archive.full_disk import is_full

if TYPE_CHECKING:
    from pathlib import Path


def spool_of(root: Path, archive_uri: str) -> Path:
    """Return the spool's folder for one archive below ``root``, so that nothing lands in another one.

    Raises:
        OSError: the note of whose folder it is cannot be read.
    """
    plain = root / _plain(archive_uri)
    if _owner(plain) in {None, archive_uri}:
        return plain
    return plain.with_name(f"{plain.name}-{hashlib.sha256(archive_uri.encode()).hexdigest()[:8]}")


def claim(root: Path, archive_uri: str) -> None:
    """Note that the folder with the plain name is this archive's, where it is nobody's yet; on a full disk the next crawl does.

    Raises:
        OSError: ``root`` cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    plain, name = root / _plain(archive_uri), archive_uri.encode()
    if _owner(plain) is not None:
        return
    with _note(plain).open("ab+", buffering=0) as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.seek(0)
        if note.read():
            return
        try:
            is_whole = note.write(name) == len(name)
        except OSError as error:
            if not is_full(error):
                raise
            is_whole = False
        if not is_whole:
            note.truncate(0)


def _owner(plain: Path) -> str | None:
    try:
        return _note(plain).read_text(encoding="utf-8") or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _note(plain: Path) -> Path:
    return plain.with_name(f"{plain.name}.archive")


def _plain(archive_uri: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", archive_uri.lower()).strip("-")
