"""A store in a folder, with the same promises as a bucket; and what a disk's errors mean."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BufferedReader, FileIO
from pathlib import Path
from stat import S_ISDIR
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import uuid4

from typing_extensions import override

from archive.files import make_folder, sync
from archive.store.protocol import (
    CHUNK,
    Conflict,
    Digests,
    Missing,
    Stat,
    Store,
    StoreError,
    StoreRefused,
    StoreUnavailable,
    check_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Buffer

# --- What the operating system says of a folder, in the words of `archive.store.protocol` ----------------------------

# what no waiting mends; a full disk, or one that was pulled out for a moment, is another matter
_PERMISSION = {errno.EACCES, errno.EPERM, errno.EROFS}
_PLACE = {errno.ENOTDIR, errno.ENOENT, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG}
_NO_FILE = {
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.ENAMETOOLONG,
}  # a folder where an object should lie is none

NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""How file systems without hard links (exFAT, some network folders) answer to one."""


@contextmanager
def disk_errors(root: Path, doing: str) -> Iterator[None]:
    """Turn an ``OSError`` of the block into a `StoreError` with one sentence."""
    try:
        yield
    except OSError as error:
        if doing == "read" and error.errno in _NO_FILE:
            raise Missing(f"there is no {error.filename}") from None
        sentence = f"cannot {doing} the folder {root}: {error.strerror or error}"
        is_inside = (
            error.errno in {errno.EISDIR, errno.ENOTDIR} and root.is_dir()
        )  # the archive's place is right, not its content
        if error.errno in _PERMISSION | _PLACE and not is_inside:
            raise StoreRefused(sentence) from None
        raise StoreUnavailable(sentence) from error


# --- A collection in a folder ----------------------------------------------------------------------------------------
#     <root>/<key>              the objects, under the very names that a bucket would have
#     <root>/.incoming/…        half-written files; one rename or link away from their place
#     <root>/.swap              the lock under which pointers and leases move
#
# A file is created by ``link``: it fails where there is one, and a reader sees all of it or nothing, as with a conditional PUT.
# Where the file system has no links, it is renamed under the lock, if nothing stands there.


class FileStore(Store):
    """The store in a local folder; made with the first object that is put into it."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.abspath(root))  # noqa: PTH100  resolve() would follow a link that a rotation moves
        self.uri = self.place = self.root.as_uri()
        self._was_there = False

    @override
    def check(self, *, write: bool = True) -> None:
        """Creates the folder and a throw-away file in it."""
        if not write:
            if not self.root.is_dir():
                raise StoreRefused(f"there is no collection at {self.root}")
            return
        with disk_errors(self.root, "write to"), self._incoming() as part:
            part.write_bytes(b"")

    @override
    def put_file(self, key: str, path: Path, *, digests: Digests, metadata: Mapping[str, str]) -> None:
        """The copy is hashed again from the disk before it gets its name."""
        target = self._path(key)
        with disk_errors(self.root, "write to"):
            if not target.exists():
                with self._incoming() as part:
                    shutil.copyfile(path, part)
                    if not _holds(part, digests):
                        raise StoreUnavailable(f"the copy of {path.name} into {self.root} came out different")
                    if self._name(part, target):
                        return
            if not _holds(target, digests):
                raise Conflict(f"{target} exists with other content")

    @override
    def create(self, key: str, body: bytes) -> None:
        target = self._path(key)
        with disk_errors(self.root, "write to"), self._incoming() as part:
            part.write_bytes(body)
            if not self._name(part, target):
                raise Conflict(f"{target} exists")

    @override
    def replace(self, key: str, body: bytes, *, tag: str | None) -> str:
        """Compared and renamed under a lock that all processes on this folder share."""
        target = self._path(key)
        with disk_errors(self.root, "write to"), self._incoming() as part:
            part.write_bytes(body)
            with self._swap_lock():
                if _tag(target) != tag:
                    raise Conflict(f"{target} was moved by someone else")
                make_folder(target.parent)
                sync(part)
                part.replace(target)
                sync(target.parent)
        return hashlib.sha256(body).hexdigest()

    @override
    def overwrite(self, key: str, path: Path, *, digests: Digests) -> None:
        target = self._path(key)
        with disk_errors(self.root, "write to"), self._incoming() as part:
            shutil.copyfile(path, part)
            if not _holds(part, digests):
                raise StoreUnavailable(f"the copy of {path.name} into {self.root} came out different")
            sync(part)
            part.replace(target)
            sync(target.parent)

    @override
    def remove(self, key: str) -> None:
        with disk_errors(self.root, "write to"):
            self._path(key).unlink(missing_ok=True)

    @override
    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            check_size(key, os.fstat(stream.fileno()).st_size)
            return stream.read()

    @override
    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """The tag is the content's SHA-256."""
        body = self.read(key)
        return body, hashlib.sha256(body).hexdigest()

    @override
    def read_range(self, key: str, offset: int, length: int) -> bytes:
        with self.open(key) as stream:
            left = os.fstat(stream.fileno()).st_size - offset
            stream.seek(offset)
            return stream.read(max(0, min(length, max(left, CHUNK))))  # no great buffer is made for more than there is

    @override
    def open(self, key: str) -> BinaryIO:
        with disk_errors(self.root, "read"):
            return cast("BinaryIO", BufferedReader(_Reading(self._path(key), self.root), CHUNK))

    @override
    def stat(self, key: str) -> Stat | None:
        try:
            with disk_errors(self.root, "read"):
                status = self._path(key).stat()
        except Missing:
            return None
        if S_ISDIR(status.st_mode):
            return None
        return Stat(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    @override
    def listing(self, prefix: str, *, after: str = "") -> Iterator[Stat]:
        self._see_that_it_is_there()
        folder = prefix.rpartition("/")[0]
        yield from self._walk(self._path(folder) if folder else self.root, prefix, after, {os.path.realpath(self.root)})

    @override
    def folders(self, prefix: str) -> list[str]:
        self._see_that_it_is_there()
        parent = self._path(prefix.rstrip("/"))
        if not parent.is_dir():
            return []
        with disk_errors(self.root, "read"), os.scandir(parent) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())

    def _see_that_it_is_there(self) -> None:
        """Raise `StoreUnavailable` where the folder had something and is gone or empty.

        A disk that is away must not look like an archive of nothing: who follows it would forget everything.
        """
        with disk_errors(self.root, "read"):
            is_there = self.root.is_dir() and next(self.root.iterdir(), None) is not None
        if self._was_there and not is_there:
            raise StoreUnavailable(f"the folder {self.root} is not there any more")
        self._was_there = is_there

    def _walk(self, folder: Path, prefix: str, after: str, linked: set[str]) -> Iterator[Stat]:
        """Yield the files below a folder; one that links lead to is walked once, for links may lead in a circle."""
        if not folder.is_dir():
            return
        with disk_errors(self.root, "read"), os.scandir(folder) as entries:
            names = sorted(  # a folder sorts as its name with the slash behind it, as keys do
                (entry.name + "/" if entry.is_dir() else entry.name) for entry in entries if _is_new(entry, linked)
            )
        for name in names:
            key = (folder / name).relative_to(self.root).as_posix() + ("/" if name.endswith("/") else "")
            if name.startswith(".") or not (key.startswith(prefix) or prefix.startswith(key)):
                continue
            if key.endswith("/"):
                if after < key or after.startswith(key):
                    yield from self._walk(folder / name, prefix, after, linked)
            elif key > after and (found_stat := self.stat(key)):
                yield found_stat

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if key.startswith("/") or "\0" in key or any(part in {"", ".", ".."} for part in parts):
            raise StoreError(f"{key!r} is no key of an archive")
        return self.root.joinpath(*parts)

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        folder = self.root / ".incoming"
        make_folder(self.root)
        folder.mkdir(exist_ok=True)  # what lies in it is nothing yet, so its own name need not last
        part = folder / uuid4().hex
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)

    def _name(self, part: Path, target: Path) -> bool:
        """Give a whole file its name, durably; False where the name is taken."""
        sync(part)
        make_folder(target.parent)
        try:
            os.link(part, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            with self._swap_lock():
                if target.exists():
                    return False
                part.replace(target)
        sync(target.parent)
        return True

    @contextmanager
    def _swap_lock(self) -> Iterator[None]:
        with (self.root / ".swap").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class _Reading(FileIO):
    """A file that is read; a disk or a network folder that fails meanwhile is a `StoreError`."""

    def __init__(self, path: Path, root: Path) -> None:
        super().__init__(path)
        self._root = root

    def readinto(self, buffer: Buffer) -> int:
        with disk_errors(self._root, "read"):
            return super().readinto(buffer) or 0

    def readall(self) -> bytes:
        with disk_errors(self._root, "read"):
            return super().readall() or b""


def _is_new(entry: os.DirEntry[str], linked: set[str]) -> bool:
    """Say whether an entry is no link to a folder that a link led to before; its target is noted."""
    if not (entry.is_symlink() and entry.is_dir()):
        return True
    target = os.path.realpath(entry.path)
    is_new = target not in linked
    linked.add(target)
    return is_new


def _holds(path: Path, digests: Digests) -> bool:
    """Say whether a file's bytes are those of the digests, by the SHA-256: the MD5 is for S3."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == digests.sha256


def _tag(path: Path) -> str | None:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
