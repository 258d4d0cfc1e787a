"""A local disk that takes no more, told from its other faults."""

from __future__ import annotations

import errno

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
