"""What the operating system says of a folder, in the words of `archive.store.protocol`."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from archive.store.protocol import Missing, StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# what no waiting mends; a full disk, or one that was pulled out for a moment, is another matter
_PERMISSION = {errno.EACCES, errno.EPERM, errno.EROFS}
_PLACE = {errno.ENOTDIR, errno.ENOENT, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG}

NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""How file systems without hard links (exFAT, some network folders) answer to one."""


@contextmanager
def disk_errors(root: Path, doing: str) -> Iterator[None]:
    """Turn an ``OSError`` of the block into a `StoreError` with one sentence."""
    try:
        yield
    except OSError as error:
        if doing == "read" and isinstance(error, FileNotFoundError):
            raise Missing(f"there is no {error.filename}") from None
        sentence = f"cannot {doing} the folder {root}: {error.strerror or error}"
        if error.errno in _PERMISSION | _PLACE:
            raise StoreRefused(sentence) from None
        raise StoreUnavailable(sentence) from error
