"""Where a static site is written: a folder or a bucket. Unlike the archive, a site is rewritten; it can always be made again."""

from __future__ import annotations

import json
import mimetypes
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from archive.site.web.answers import TYPES
from archive.store import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = "site.json"
_UPLOADS = 16  # at once
_MAX_AGE = 300  # seconds that a browser may keep a page of a bucket


class Output(Protocol):
    """A place for files; paths are relative, with slashes."""

    def write(self, path: str, body: bytes) -> None:
        """Put a file there, whole or not at all; it may be under way until `flush`."""

    def flush(self) -> None:
        """Return when all is written; raises what went wrong."""

    def close(self) -> None:
        """Give back what was opened; what is not written by then is lost."""

    def read(self, path: str) -> bytes | None:
        """Return a file, None where there is none."""

    def paths(self) -> Iterator[str]:
        """Yield all that is there."""

    def delete(self, path: str) -> None:
        """Take a file away."""


def open_output(uri: str) -> Output:
    """Return the output at a folder's path, ``file:///…`` or ``s3://bucket/prefix``; raises `StoreRefused` in one sentence."""
    if uri.startswith("s3://"):
        parts = urlsplit(uri)
        if "@" in parts.netloc or parts.query or parts.fragment or not parts.netloc:
            raise StoreRefused("the site's URI is wrong; write s3://bucket/prefix, without credentials or query")
        return BucketOutput(parts.netloc, parts.path.strip("/"))
    if uri.startswith("file://"):
        return FolderOutput(Path(unquote(urlsplit(uri).path)))
    if "://" in uri:
        raise StoreRefused(
            f"the site's URI starts with {uri.partition(':')[0]}:, but only folders, file: and s3: are known"
        )
    return FolderOutput(Path(uri))


class FolderOutput:
    """A folder; a file that would stay the same is left alone, so that copies and caches stay valid."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, path: str, body: bytes) -> None:
        """Write a file beside its place, then move it there."""
        place = self._root / path
        try:
            if place.exists() and place.read_bytes() == body:
                return
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_name(f".{os.getpid()}.part")
            part.write_bytes(body)
            part.replace(place)
        except OSError as error:
            raise StoreRefused(f"{place} cannot be written: {error.strerror}") from error

    def flush(self) -> None:
        """All is written already."""

    def close(self) -> None:
        """Nothing is open."""

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        place = self._root / path
        return place.read_bytes() if place.is_file() else None

    def paths(self) -> Iterator[str]:
        """Yield the files below the folder."""
        for found in sorted(self._root.rglob("*")):
            if found.is_file():
                yield found.relative_to(self._root).as_posix()

    def delete(self, path: str) -> None:
        """Delete a file."""
        (self._root / path).unlink(missing_ok=True)


class BucketOutput:
    """A bucket under a prefix; uploads run side by side."""

    def __init__(self, bucket: str, prefix: str) -> None:
        from archive.store.s3_client import S3Options, make_client  # noqa: PLC0415  imported when it is needed: boto3 is slow to load

        options = S3Options()
        self._client = make_client(options, options.checksum_mode)
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._pool = ThreadPoolExecutor(_UPLOADS)
        self._pending: list[Any] = []

    def write(self, path: str, body: bytes) -> None:
        """Upload a file, in the background."""
        self._pending.append(self._pool.submit(self._put, path, body))
        if len(self._pending) > 4 * _UPLOADS:
            self.flush()

    def _put(self, path: str, body: bytes) -> None:
        kind = TYPES.get(path.rpartition(".")[2]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + path,
            Body=body,
            ContentType=kind,
            CacheControl=f"max-age={_MAX_AGE}",
        )

    def close(self) -> None:
        """End the threads and the connections."""
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def flush(self) -> None:
        """Wait for the uploads."""
        pending, self._pending = self._pending, []
        for upload in pending:
            self._asked(upload.result)

    def read(self, path: str) -> bytes | None:
        """Download a file."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except Exception as error:
            raise self._refusal(error) from error

    def paths(self) -> Iterator[str]:
        """List what stands under the prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                yield found["Key"].removeprefix(self._prefix)

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._asked(lambda: self._client.delete_object(Bucket=self._bucket, Key=self._prefix + path))

    def _asked(self, call: Any) -> None:
        try:
            call()
        except Exception as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> Exception:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        if isinstance(error, ClientError):
            return StoreRefused(f"the bucket {self._bucket} refuses: {error.response['Error'].get('Message', error)}")
        return (
            StoreUnavailable(f"the bucket {self._bucket} does not answer: {error}")
            if isinstance(error, BotoCoreError)
            else error
        )


def read_state(output: Output) -> dict[str, Any]:
    """Return what the last writing noted; empty where there is none, or none that can be read."""
    body = output.read(STATE)
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
