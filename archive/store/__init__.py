"""Where a collection lies: a folder (``file:``) or a bucket (``s3:``), behind one small protocol.

    open_store(uri) ──▶ FileStore | S3Store      no request yet: a wrong URI is refused here
    check(uri)      ──▶ None, or StoreRefused    asks the store: is it there, may we read, may we write

Nothing published is ever rewritten, so the protocol knows no overwrite. An object is created only where there is none
(`Store.put_file`, `Store.create`), and the few that move, pointers and leases, move by compare-and-swap (`Store.replace`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from archive.files import Unreadable, local_settings
from archive.store.protocol import (
    Conflict,
    Missing,
    NotAsPublished,
    Stat,
    Store,
    StoreError,
    StoreRefused,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Conflict",
    "Missing",
    "NotAsPublished",
    "Stat",
    "Store",
    "StoreError",
    "StoreRefused",
    "StoreUnavailable",
    "check",
    "default_options",
    "default_uri",
    "open_copies",
    "open_store",
]


def open_store(uri: str | os.PathLike[str], *, options: Mapping[str, Any] | None = None) -> Store:
    """Return the store at ``uri``, without a request to it.

    Args:
        uri: ``file:///path``, ``s3://bucket/prefix``, or the bare path of a folder.
        options: for S3: ``endpoint_url``, ``region``, ``expected_owner``, ``sse``, ``kms_key``; what is missing comes from
            the environment (``AWS_ENDPOINT_URL``, ``AWS_REGION`` …) as boto3 reads it.

    Raises:
        StoreRefused: one sentence that says what is wrong with the URI.
    """
    text = os.fspath(uri)
    if "://" not in text and not text.startswith("file:"):
        return _file_store(Path(text))
    try:
        parts = urlsplit(text)
        userinfo = "@" in parts.netloc
    except ValueError as error:
        raise StoreRefused(f"the archive URI cannot be read: {error}") from None
    if userinfo:  # never repeated: what stands before the @ is a secret
        raise StoreRefused("the archive URI carries credentials; keep them in the environment or a profile instead")
    if parts.query or parts.fragment:
        raise StoreRefused("the archive URI has a query or fragment; write file:///path or s3://bucket/prefix")
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"} or not parts.path:
            raise StoreRefused(f"{text} is no local folder; write file:///path with three slashes")
        return _file_store(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return _s3_store(parts.netloc, parts.path.strip("/"), dict(options or {}))
    raise StoreRefused(f"the archive URI starts with {parts.scheme}:, but only file: and s3: are known")


def default_uri() -> str:
    """Return ``$ARCHIVE_URI``, else that of the nearest `warraq.toml`, else the folder where a crawl puts its collection."""
    return os.environ.get("ARCHIVE_URI") or _local("ARCHIVE_URI") or "collection"


def default_options() -> dict[str, Any]:
    """Return what `warraq.toml` says of the store at its own ARCHIVE_URI; nothing where the environment names another."""
    endpoint = None if os.environ.get("ARCHIVE_URI") else _local("AWS_ENDPOINT_URL")
    return {"endpoint_url": endpoint} if endpoint and default_uri().startswith("s3:") else {}


def _local(name: str) -> str | None:
    try:
        value = local_settings()[0].get(name)
    except Unreadable as error:
        raise StoreRefused(f"{error}") from None
    return None if value is None else str(value)


def check(uri: str | os.PathLike[str], *, write: bool = True, options: Mapping[str, Any] | None = None) -> None:
    """Ask the store whether it is there and will have us, before the first page is fetched.

    Raises:
        StoreRefused: one clear sentence, fit to be shown as it is.
        StoreUnavailable: the store does not answer at this moment.
    """
    open_store(uri, options=options).check(write=write)


# --- Further stores that get everything too, as one setting names them -----------------------------------------------
# s3://bucket/prefix endpoint=https://s3.example.net profile=second region=eu-1, file:///mnt/disk/news
# └─ URI             └─ what is said of this store alone; credentials stay in boto3's profile of that name

OPTIONS = {"endpoint": "endpoint_url", "profile": "profile", "region": "region", "checksums": "checksum_mode"}


def open_copies(uris: str | Iterable[str], first: Store) -> list[Store]:
    """Return the stores that a setting names, without a request to them.

    Args:
        uris: the entries, or one text of them with commas between.
        first: the archive itself, which is no copy of it.

    Raises:
        StoreRefused: one sentence that says what is wrong with an entry.
    """
    entries = uris.split(",") if isinstance(uris, str) else uris
    stores = [_open_copy(entry.split()) for entry in entries if entry.strip()]
    places = [first.place, *(store.place for store in stores)]
    if twice := next((place for place in places if places.count(place) > 1), None):
        raise StoreRefused(f"{twice} is named twice")
    return stores


def _file_store(root: Path) -> Store:
    from archive.store.file import FileStore  # noqa: PLC0415  imported when it is needed: the command line stays fast

    return FileStore(root)


def _s3_store(bucket: str, prefix: str, options: dict[str, Any]) -> Store:
    from archive.store.s3 import S3Store  # noqa: PLC0415  imported when it is needed: the command line stays fast

    return S3Store(bucket, prefix, **options)


def _open_copy(words: list[str]) -> Store:
    uri, *others = words
    options = {}
    for word in others:
        name, equals, value = word.partition("=")
        if name not in OPTIONS or not equals or not value:
            raise StoreRefused(f"{word!r} is nothing that is said of a store; there are {', '.join(OPTIONS)}")
        options[OPTIONS[name]] = value
    if options and not uri.startswith("s3://"):
        raise StoreRefused(f"{uri} is no bucket, and has no {others[0].partition('=')[0]}")
    return open_store(uri, options=options)
