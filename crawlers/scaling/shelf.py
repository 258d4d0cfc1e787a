"""The engine's notes in the job's own store: which tasks are done, their statistics and logs.

datatrove keeps them through fsspec. Its S3 needs another botocore than ours and says nothing of a conditional write, so this is our
store as fsspec sees it: whole small files, read and replaced. No shared disk is needed, whatever the cluster.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from fsspec import AbstractFileSystem

from archive.store import Conflict, Missing
from crawlers.cluster.jobs import Desk

if TYPE_CHECKING:
    from archive.store import Store


class Shelf(AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A store as a file system of small files; the arguments are those of `Desk`."""

    protocol = "warraq"
    cachable = False

    def __init__(self, work: str, archive: str, endpoint: str | None = None) -> None:
        super().__init__()
        self._desk = Desk(work, archive, endpoint)

    @property
    def store(self) -> Store:
        """Where the files stand."""
        return self._desk.store

    def ls(self, path: str, detail: bool = True, **_: Any) -> list[Any]:  # noqa: FBT001, FBT002  fsspec's signature
        """List a folder, or name a file."""
        base = path.strip("/")
        below = f"{base}/" if base else ""
        names = {f"{below}{name}": "directory" for name in self.store.folders(below)}
        sizes = {
            found.key: found.size for found in self.store.listing(base) if found.key == base or _is_in(found.key, below)
        }
        if not names and not sizes:
            raise FileNotFoundError(path)
        found = [{"name": name, "size": 0, "type": kind} for name, kind in names.items()]
        found += [{"name": name, "size": size, "type": "file"} for name, size in sizes.items()]
        return found if detail else [each["name"] for each in found]

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Tell what stands at a path."""
        name = path.strip("/")
        stat = self.store.stat(name)
        if stat is not None:
            return {"name": name, "size": stat.size, "type": "file"}
        if next(iter(self.store.listing(f"{name}/")), None) is None:
            raise FileNotFoundError(path)
        return {"name": name, "size": 0, "type": "directory"}

    def makedirs(self, path: str, exist_ok: bool = False) -> None:  # noqa: FBT001, FBT002  fsspec's signature
        """Do nothing: a store has no folders of its own."""

    def _open(self, path: str, mode: str = "rb", **_: Any) -> io.BytesIO:
        name = path.strip("/")
        if "r" in mode:
            try:
                return io.BytesIO(self.store.read(name))
            except Missing:
                raise FileNotFoundError(path) from None
        return _Sheet(self.store, name)


class _Sheet(io.BytesIO):
    """A file that is put in its place when it is closed; whoever closes last has written it."""

    def __init__(self, store: Store, key: str) -> None:
        super().__init__()
        self._store, self._key = store, key

    def close(self) -> None:
        """Put it in its place."""
        if not self.closed:
            _replace(self._store, self._key, self.getvalue())
        super().close()


def _replace(store: Store, key: str, body: bytes) -> None:
    while True:
        try:
            tag: str | None = store.read_tagged(key)[1]
        except Missing:
            tag = None
        try:
            store.replace(key, body, tag=tag)
        except Conflict:  # two workers at one task; either's notes will do
            continue
        return


def _is_in(key: str, folder: str) -> bool:
    return key.startswith(folder) and "/" not in key[len(folder) :]
