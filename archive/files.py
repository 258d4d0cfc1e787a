"""SQLite files that are caches: what a bad disk or a power cut made of one is thrown away, and learned again."""

from __future__ import annotations

import fcntl
import logging
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger(__name__)

PATIENCE = 600.0  # seconds to wait for another process that writes: it may be learning years of an archive; a dead one holds nothing
_DAMAGED = {"SQLITE_NOTADB", "SQLITE_CORRUPT"}


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Let one process look at an SQLite file, throw it away or make it, while the others that begin with it wait; makes its folder.

    SQLite's own locks do not hold them apart: a change of the journal's mode fails where it should wait, and tables that are
    looked for before a transaction may be made by another before it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget_damaged(path: Path) -> None:
    """Delete an SQLite file that is none, or breaks off."""
    if is_damaged(path):
        logger.warning("%s is damaged; it is made anew from the archive", path)
        forget(path)


def forget(path: Path) -> None:
    """Delete an SQLite file and what stands beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def is_damaged(path: Path) -> bool:
    """Say whether a file cannot be opened as SQLite's; its pages are not read. False where there is none.

    Raises:
        sqlite3.Error: it cannot be looked at for another reason.
    """
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as found:
            found.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname in _DAMAGED:
            return True
        raise
    return False
