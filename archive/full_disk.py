"""A local disk that takes no more, told from its other faults."""

from __future__ import annotations

import errno


class SpoolFull(OSError):  # noqa: N818  reads as what happened
    """The local disk takes no more; what was written before stays whole, and the same call may be repeated."""


def full(error: OSError) -> OSError:
    """Return the error to raise for one that the disk raised: `SpoolFull` where it is full, else itself."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return SpoolFull(error.errno, f"the spool's disk is full: {error.strerror}")
    return error
