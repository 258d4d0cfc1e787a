"""A collection in a bucket: Amazon's, or anybody's that speaks S3.

    put_file ─▶ put_object(If-None-Match: *) ─▶ HEAD confirms size, our SHA-256, and the MD5 that the store computed
                 └─ above a threshold: multipart, resumed after a crash, completed with If-None-Match: *
    replace  ─▶ put_object(If-Match: <etag>)       compare-and-swap for pointers and leases

What the store can do is probed once (`archive.store.probe`); where it has no conditional writes, keys are looked up
before they are written. No ACL is ever sent: buckets with enforced ownership refuse them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from archive.store import erasing
from archive.store.download import PIECE, Download
from archive.store.probe import Abilities, probe
from archive.store.protocol import (
    Conflict,
    Digests,
    Inconsistent,
    Missing,
    Stat,
    StoreRefused,
    StoreUnavailable,
    content_type,
)
from archive.store.s3_client import S3Options, make_client
from archive.store.translation import translated
from archive.store.upload import Upload, agrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from types_boto3_s3 import S3Client


_DAMAGED_TRIES = 3


class S3Store:
    """The store in a bucket, below an optional prefix. One client, which botocore lets all threads share.

    Args:
        bucket: the bucket's name.
        prefix: everything is put below it; without slashes at its ends.
        options: the fields of `archive.store.s3_client.S3Options`.
    """

    def __init__(self, bucket: str, prefix: str = "", **options: Any) -> None:
        if not bucket:
            raise StoreRefused("the archive URI names no bucket; write s3://bucket/prefix")
        self.bucket = bucket
        self.options = S3Options(**options)
        self.uri = f"s3://{bucket}/{prefix}".rstrip("/")
        self.place = f"{self.uri} {self.options.endpoint or ''}".rstrip()
        self._prefix = prefix + "/" if prefix else ""
        self._lock = threading.Lock()
        self._clients: dict[str, S3Client] = {}
        self._found: Abilities | None = None

    def check(self, *, write: bool = True) -> None:
        """See `Store.check`: lists one key and, for a writer, probes what the store can do."""
        with translated(self.bucket, "list"):
            _seen(self._client.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1, **self._owner))
        if write:
            self._abilities()

    def put_file(self, key: str, path: Path, *, digests: Digests, metadata: Mapping[str, str]) -> None:
        """See `Store.put_file`."""
        abilities = self._abilities()
        Upload(self._client, self.options, abilities, self._where(key)).run(path, digests, metadata)

    def create(self, key: str, body: bytes) -> None:
        """See `Store.create`."""
        abilities = self._abilities()
        if not abilities.create_only and self.stat(key):
            raise Conflict(f"{key} exists in {self.uri}")
        condition = {"IfNoneMatch": "*"} if abilities.create_only else {}
        self._put_small(key, body, "immutable, max-age=31536000", condition)

    def replace(self, key: str, body: bytes, *, tag: str | None) -> str:
        """See `Store.replace`. An answer that was lost after the success is recognised by the body that stands there."""
        condition: dict[str, str] = {}
        if not self._abilities().swap:
            if self._tag(key) != tag:
                raise Conflict(f"{key} was moved by someone else")
        elif tag is None:
            condition = {"IfNoneMatch": "*"}
        else:
            condition = {"IfMatch": tag}
        try:
            return self._put_small(key, body, "no-cache", condition)
        except (Conflict, Missing):
            standing, standing_tag = self.read_tagged(key)
            if standing == body:
                return standing_tag
            raise Conflict(f"{key} was moved by someone else") from None

    def overwrite(self, key: str, path: Path, *, digests: Digests) -> None:
        """See `Store.overwrite`; a versioned bucket's older versions go too."""
        erasing.overwrite(self._client, self.options, self._where(key), path, digests)

    def remove(self, key: str) -> None:
        """See `Store.remove`; a versioned bucket's older versions go too."""
        erasing.remove(self._client, self._where(key))

    def read(self, key: str) -> bytes:
        """See `Store.read`."""
        return self.read_tagged(key)[0]

    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """See `Store.read_tagged`; the tag is the ETag."""
        return self._read(key)

    def read_range(self, key: str, offset: int, length: int) -> bytes:
        """See `Store.read_range`."""
        return self._read(key, offset, length)[0] if length > 0 else b""

    def open(self, key: str) -> BinaryIO:
        """See `Store.open`."""
        return cast("BinaryIO", io.BufferedReader(self._download(key), PIECE))

    def stat(self, key: str) -> Stat | None:
        """See `Store.stat`."""
        try:
            with translated(self.bucket, "read", key):
                answer = self._client.head_object(**self._where(key))
        except Missing:
            return None
        if "ETag" not in answer or "LastModified" not in answer:  # a gateway in between said 200 to everything
            raise StoreUnavailable(f"what answers for the bucket {self.bucket} is no object store")
        return Stat(key, answer["ContentLength"], answer["LastModified"])

    def listing(self, prefix: str, *, after: str = "") -> Iterator[Stat]:
        """See `Store.listing`."""
        pages = self._client.get_paginator("list_objects_v2")
        behind: dict[str, Any] = {"StartAfter": self._prefix + after} if after else {}
        with translated(self.bucket, "list"):
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._prefix + prefix, **behind, **self._owner):
                for found in _seen(page).get("Contents", []):
                    yield Stat(found["Key"].removeprefix(self._prefix), found["Size"], found["LastModified"])

    def folders(self, prefix: str) -> list[str]:
        """See `Store.folders`."""
        full = self._prefix + prefix
        pages = self._client.get_paginator("list_objects_v2")
        with translated(self.bucket, "list"):
            answers = pages.paginate(Bucket=self.bucket, Prefix=full, Delimiter="/", **self._owner)
            names = [found["Prefix"] for page in answers for found in _seen(page).get("CommonPrefixes", [])]
        return sorted(name.removeprefix(full).rstrip("/") for name in names)

    @property
    def _client(self) -> S3Client:
        return self._client_for(self._found.checksums if self._found else self.options.checksum_mode)

    def _client_for(self, mode: str) -> S3Client:
        with self._lock:
            if mode not in self._clients:
                self._clients[mode] = make_client(self.options, mode)
            return self._clients[mode]

    def _abilities(self) -> Abilities:
        if self._found is None:
            self._found = probe(self._client_for, self.options, self._where(".probe"))
        return self._found

    @property
    def _owner(self) -> dict[str, Any]:
        return {"ExpectedBucketOwner": self.options.expected_owner} if self.options.expected_owner else {}

    def _where(self, key: str) -> dict[str, Any]:
        return {"Bucket": self.bucket, "Key": self._prefix + key, **self._owner}

    def _download(self, key: str, offset: int = 0, length: int | None = None) -> Download:
        return Download(self._client, self._where(key), self.options.attempts, offset, length)

    def _read(self, key: str, offset: int = 0, length: int | None = None) -> tuple[bytes, str]:
        """Return the bytes and the tag; what came other than the store says is asked for again."""
        left = _DAMAGED_TRIES
        while True:
            left -= 1
            try:
                with self._download(key, offset, length) as stream:
                    return stream.readall(), stream.tag
            except Inconsistent:
                if not left:
                    raise

    def _tag(self, key: str) -> str | None:
        try:
            return self.read_tagged(key)[1]
        except Missing:
            return None

    def _put_small(self, key: str, body: bytes, cache: str, condition: dict[str, Any]) -> str:
        """Put a body, and put it again in the place of what arrived damaged; return the ETag."""
        md5 = hashlib.md5(body, usedforsecurity=False)
        kind: dict[str, Any] = {"ContentType": content_type(key), "CacheControl": cache, **self.options.encryption}
        sum_ = base64.b64encode(md5.digest()).decode()
        for _ in range(_DAMAGED_TRIES):
            with translated(self.bucket, "write to", key):
                answer = self._client.put_object(**self._where(key), Body=body, ContentMD5=sum_, **kind, **condition)
            tag = answer.get("ETag", "")  # none: what answered is no store
            if tag and agrees(tag, answer, md5=md5.hexdigest()):
                return tag
            condition = {"IfMatch": tag} if tag and self._abilities().swap else condition
        raise StoreUnavailable(f"{key} arrives damaged at the store, {_DAMAGED_TRIES} times")


def _seen(page: Any) -> Any:
    """Return an answer to a listing; one without its frame is no listing, and not an empty one."""
    if "IsTruncated" not in page and "Name" not in page:
        raise StoreUnavailable("the store's answer to a listing is none")
    return page
