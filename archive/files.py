"""Files: written so that they survive a kill and a power cut; caches that may be deleted; untrusted files read within bounds.

write_whole, sync        a file appears whole under its name or not at all
make_folder              a folder whose name, and those above it, are there after a power cut
cache files, SQLite      what a bad disk made of one is thrown away, and learned again
give_memory_back         what is free between what is kept goes back to the system
parse_json, inside       an archive's bytes are taken for what anybody may have written
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import math
import os
import tomllib
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import UnionType

# --- What others wrote: an archive may come from anybody, and its bytes may say anything -----------------------------
# What is read of it is JSON as RFC 8259 has it (no NaN, no lone surrogates, no depth that no reader stands), its numbers fit into
# 64 bits, its times lie within the years that can be reckoned with, and its names stay below the folder that they are to stand in.

_LARGEST = 2**63 - 1


class Unreadable(ValueError):  # noqa: N818  reads as what happened
    """Bytes of an archive that are not what they should be; the message says why. Asking again does not help."""


def parse_json(body: bytes | str) -> Any:
    """Return what some JSON says.

    Raises:
        Unreadable: it is none, or too deep.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Unreadable(f"no JSON: {error}") from None
    except RecursionError:
        raise Unreadable("no JSON that can be read: it is too deep") from None


def parse_fields(body: bytes | str, **types: type | UnionType) -> dict[str, Any]:
    """Return a JSON object that has these fields, of these types; one that may be None may be missing.

    Raises:
        Unreadable: it is none, or a number in these fields is no number that can be reckoned with.
    """
    data = parse_json(body)
    if not isinstance(data, dict):
        raise Unreadable("it is no JSON object")
    return check_fields(data, **types)


def check_fields(data: dict[str, Any], **types: type | UnionType) -> dict[str, Any]:
    """Return a JSON object's fields, those of ``types`` as they should be; raises as `parse_fields` does."""
    for name, kind in types.items():
        value = data.setdefault(name, None)
        if not isinstance(value, kind) or (isinstance(value, int | float) and not is_number(value)):
            raise Unreadable(f"its {name!r} is not as it should be")
    return data


def is_number(value: float) -> bool:
    """Say whether a number can be reckoned with: finite, in 64 bits."""
    return math.isfinite(value) if isinstance(value, float) else -_LARGEST <= value <= _LARGEST


def inside(root: Path, path: str) -> Path:
    """Return the place of a relative path below a folder.

    Raises:
        Unreadable: it would lie elsewhere.
    """
    parts = path.split("/")
    if "\0" in path or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        raise Unreadable(f"{path!r} is no path below {root}")
    return root.joinpath(*parts)


# --- SQLite files that are caches: what a bad disk or a power cut made of one is thrown away, and learned again ------

logger = logging.getLogger(__name__)

PATIENCE = 600.0  # seconds to wait for another process that writes: it may be learning years of an archive; a dead one holds nothing
_VERSIONS = {1, 2}  # a rollback journal, a write-ahead log
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")  # and what these begin, as SQLITE_CORRUPT_INDEX


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold a file or folder that is there. Raises `ValueError`, which says ``what`` another process does now, where it is held."""
    held = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another command {what} now") from None
        except OSError:  # network folders lock no folder, and no file that is only read
            logger.debug("%s cannot be held on its file system", path)
        yield
    finally:
        os.close(held)


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
        DamagedState: something else stands in its place, or it may not be opened.
        sqlite3.Error: it cannot be looked at for another reason.
    """
    import sqlite3  # noqa: PLC0415  imported when it is needed: the command line stays fast

    if not path.exists():
        return False
    if _is_of_no_version(path):
        return True
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if tells_damage(error):
            return True
        name = getattr(error, "sqlite_errorname", None)
        if name == "SQLITE_ERROR":  # of a format that SQLite does not know
            return True
        if name == "SQLITE_CANTOPEN":
            raise DamagedState(f"{path} is no file that can be opened; move it away") from error
        raise
    return False


def _is_of_no_version(path: Path) -> bool:
    """Say whether the head of a file names another version than SQLite has had: it would be read, and never be written."""
    try:
        with path.open("rb") as file:
            versions = file.read(20)[18:]
    except OSError:  # said below, with what it is
        return False
    return any(version not in _VERSIONS for version in versions)


def tells_damage(error: BaseException) -> bool:
    """Say whether an error of SQLite means that the file's pages, or what stands in them, are spoiled."""
    import sqlite3  # noqa: PLC0415  as above

    if isinstance(error, UnicodeDecodeError):  # what SQLite would say of the tables quotes them
        return True
    is_undecodable = isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode to UTF-8")
    return is_undecodable or str(getattr(error, "sqlite_errorname", "")).startswith(_DAMAGED)


# --- Making files survive: a kill, and a power cut -------------------------------------------------------------------


def write_whole(path: Path, value: Any, *, sync_name: bool = True) -> None:
    """Write a small JSON file so that it is there whole or not at all; see `write_text`."""
    write_text(path, json.dumps(value, ensure_ascii=False), sync_name=sync_name)


def write_text(path: Path, text: str, *, sync_name: bool = True) -> None:
    """Write a small file so that it is there whole or not at all.

    Args:
        path: the file.
        text: all of it.
        sync_name: whether its folder is synced, too. Not for a cache, which after a power cut may be what it was before, nor
            where the caller syncs the folder.
    """
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    if sync_name:
        sync(path.parent)


def set_file_aside(path: Path) -> Path:
    """Give a spoiled file another name beside it, for a person to look at; return it. One that was put there before is replaced."""
    return path.replace(path.with_name(f"{path.name}.spoiled"))


class DamagedState(ValueError):  # noqa: N818  reads as what happened
    """A file of this machine that nobody can make anew is not what `write_whole` wrote: a bad disk, or another hand."""


def read_whole(path: Path) -> Any:
    """Read what `write_whole` wrote.

    Raises:
        DamagedState: it is something else.
        FileNotFoundError: there is none.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DamagedState(f"{path} is damaged ({error}); nothing beside it was touched") from error


def read_cached(path: Path) -> dict[str, Any]:
    """Read what `write_whole` wrote of a table that is only a cache; an empty one where there is none, or it is damaged."""
    try:
        value = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, so that their names survive a power cut."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for one in new:
        sync(one.parent)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- A local disk that takes no more, told from its other faults -----------------------------------------------------

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SQLITE_FULL = {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}  # the second: no room for what the readers of a file share


class SpoolFull(OSError):  # noqa: N818  reads as what happened
    """The local disk takes no more; what was written before stays whole, and the same call may be repeated."""


def is_full(error: BaseException | None) -> bool:
    """Say whether an error is that of a full disk or an exhausted quota, of the system or of SQLite."""
    name = getattr(error, "sqlite_errorname", None)  # of SQLite's errors alone, which need no import here
    return name in _SQLITE_FULL or (isinstance(error, OSError) and error.errno in _FULL)


def full(error: OSError) -> OSError:
    """Return the error to raise for one that the disk raised: `SpoolFull` where it is full, else itself."""
    return SpoolFull(error.errno, f"the spool's disk is full: {error.strerror}") if is_full(error) else error


# --- What is set beside the environment: the nearest `warraq.toml`, for the crawl and for its readers alike -------------

LOCAL = "warraq.toml"


def local_settings() -> tuple[dict[str, Any], Path | None]:
    """Return what the nearest `warraq.toml` sets, from the working folder upwards, and where it stands; nothing where there is none.

    Raises:
        Unreadable: it is no TOML.
    """
    here = Path.cwd()
    path = next((path for folder in (here, *here.parents) if (path := folder / LOCAL).is_file()), None)
    try:
        return ({} if path is None else tomllib.loads(path.read_text(encoding="utf-8"))), path
    except (OSError, ValueError, RecursionError) as error:
        raise Unreadable(f"{path} cannot be read as TOML: {error}") from None


# --- Memory ---------------------------------------------------------------------------------------------------------


def give_memory_back() -> None:
    """Return to the system what is free between what is kept, where the C library does so (glibc); takes 3 ms.

    Trees of pages come and go among what stays: the holes that they leave are a tenth of a long crawl's memory.
    """
    import ctypes  # noqa: PLC0415  not needed where a command lists its options

    with suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
