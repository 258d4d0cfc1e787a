"""The catalog's file: opened with its tables, thrown away where it is of another version."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from archive.catalog_rows import TABLES, VERSION
from archive.files import PATIENCE, forget, forget_damaged

if TYPE_CHECKING:
    from pathlib import Path


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; its tables are made where there are none."""
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=PATIENCE)
    try:
        connection.executescript(TABLES)
    except BaseException:
        connection.close()
        raise
    return connection


def forget_other_version(path: Path) -> None:
    """Delete a file that another release made, or that is damaged: what it holds is learned again."""
    forget_damaged(path)
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        forget(path)
