"""A store in a bucket: created only if absent, moved by compare-and-swap, erased with all versions."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from typing_extensions import override
from urllib3.exceptions import HTTPError

from archive.store.protocol import (
    LONGEST_READ,
    Conflict,
    Digests,
    Inconsistent,
    Missing,
    Stat,
    Store,
    StoreRefused,
    StoreUnavailable,
    check_size,
    content_type,
)
from archive.store.s3_client import Abilities, S3Options, make_client, probe, translated
from archive.store.upload import Upload, agrees

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from types_boto3_s3 import S3Client
    from typing_extensions import Buffer

# ---------------------------------------------------------------------------------------------------------------------
# Reading one object of a bucket, or a span of it: a stream that goes on where it broke, and proves what the store lets
# it.
#     get_object ─▶ bytes … broke ─▶ get_object(Range: bytes=<so far>-, If-Match: <tag>) ─▶ bytes … end
#                                                                                           └─ length; of a whole object its MD5
#
# What comes is bounded by the length that the first answer states. Whether the bytes are those of a manifest is asked above,
# by `archive.reader.jsonl`.

PIECE = 1 << 18  # bytes asked of a connection at a time; what one that breaks has in hand is asked for again
_PROGRESS = 1 << 20  # bytes after which a line that breaks again is no longer taken for a dead one
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_BREAKS = (BotoCoreError, HTTPError, OSError)


class Download(io.RawIOBase):
    """The bytes of an object, read once from the first to the last.

    Args:
        client: asks for them.
        where: Bucket and Key (and the expected owner) for every call.
        attempts: how often in a row a broken answer is asked for again, the first time included.
        offset: the first byte that is wanted.
        length: how many are wanted; None for all.

    Raises:
        Missing: there is no such object.
        Inconsistent: the bytes are not those that the store says it holds, or another object stands there by now.
        StoreUnavailable: the store broke off too often.
    """

    def __init__(
        self, client: S3Client, where: dict[str, Any], attempts: int, offset: int = 0, length: int | None = None
    ) -> None:
        self._client, self._where, self._attempts = client, where, attempts
        self._at, self._end = offset, None if length is None else offset + length
        self._whole = hashlib.md5(usedforsecurity=False) if offset == 0 and length is None else None
        self._breaks, self._broke_at = 0, offset
        self._body: Any = None
        self._answer: Any = {}
        self.tag = ""
        self._ask()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Buffer) -> int:
        """Read into a buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        while (wanted := self._wanted(len(view))) > 0:
            try:
                piece = self._body.read(wanted)
            except FlexibleChecksumError as error:
                raise Inconsistent(f"{self._name} came with other bytes than its checksum says") from error
            except _BREAKS as error:
                self._go_on(" ".join(str(error).split()))
                continue
            if piece:
                return self._taken(piece, view)
            if self._end is None:
                break  # sent without a length, and ended as it should
            self._go_on("it ends before its end")
        self._prove()
        return 0

    def readall(self) -> bytes:
        """Return all that is left, or somewhat more than may be read at once."""
        data = bytearray()
        while len(data) <= LONGEST_READ and (piece := self.read(PIECE)):
            data += piece
        return bytes(data)

    def close(self) -> None:
        """Let go of the connection."""
        if self._body is not None:
            self._body.close()
        super().close()

    @property
    def _name(self) -> str:
        return f"{self._where['Key']} in the bucket {self._where['Bucket']}"

    def _wanted(self, room: int) -> int:
        return min(room, PIECE if self._end is None else min(PIECE, self._end - self._at))

    def _taken(self, piece: bytes, view: memoryview) -> int:
        view[: len(piece)] = piece
        self._at += len(piece)
        if self._whole is not None:
            self._whole.update(piece)
        return len(piece)

    def _ask(self) -> None:
        """Ask for what is left, of the same version of the object."""
        is_part = bool(self._at) or self._end is not None
        asked = {"Range": f"bytes={self._at}-{'' if self._end is None else self._end - 1}"} if is_part else {}
        condition = {"IfMatch": self.tag} if self.tag else {}
        try:
            with translated(self._where["Bucket"], "read", self._where["Key"]):
                self._answer = self._got(**asked, **condition)
        except Conflict:
            raise Inconsistent(f"{self._name} changed while it was read") from None
        except _BehindTheEnd:
            self._end = self._at
            return
        self._body = self._answer["Body"]
        tag = self._answer.get("ETag", "")
        if not tag or (self.tag and tag != self.tag):
            raise Inconsistent(f"{self._name} is not what the store answered with")
        self.tag = tag
        self._end = self._end_of_answer() if is_part else self._answer.get("ContentLength")

    def _got(self, **options: Any) -> Any:
        try:
            return self._client.get_object(**self._where, **options)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in {"InvalidRange", "416"} and not self.tag:
                raise _BehindTheEnd from None
            raise

    def _end_of_answer(self) -> int:
        """Return where the span that came ends. Raises `Inconsistent` where it is not the one that was asked for."""
        span = _RANGE.fullmatch(self._answer.get("ContentRange", ""))
        end = int(span[2]) + 1 if span else 0
        is_last = span is not None and span[3] == str(end)
        is_right = span is not None and int(span[1]) == self._at
        if not is_right or (self._end is not None and (end > self._end or (end < self._end and not is_last))):
            raise Inconsistent(f"the store answers with another span of {self._name} than was asked for")
        return end

    def _go_on(self, why: str) -> None:
        """Ask again from where it broke."""
        if self._at - self._broke_at >= _PROGRESS:
            self._breaks = 0
        self._breaks, self._broke_at = self._breaks + 1, self._at
        with suppress(*_BREAKS):
            self._body.close()
        if self._breaks >= self._attempts:
            raise StoreUnavailable(f"the store breaks off in {self._name}, after {self._at} bytes: {why}")
        if self._end is None:
            raise Inconsistent(f"{self._name} came without a length and broke off: {why}")
        self._ask()

    def _prove(self) -> None:
        """Hold a whole object against the MD5 that names it, where one does."""
        if self._whole is None:
            return
        if "-" not in self.tag and not agrees(self.tag, self._answer, md5=self._whole.hexdigest()):
            raise Inconsistent(f"{self._name} came with other bytes than its tag says")
        with suppress(*_BREAKS):
            try:
                self._body.read(1)  # the end, at which botocore compares the checksum that the store sent along
            except FlexibleChecksumError as error:
                raise Inconsistent(f"{self._name} came with other bytes than its checksum says") from error


class _BehindTheEnd(Exception):  # noqa: N818  reads as what happened
    """The object ends before the span that was asked for."""


# --- Replacing and removing objects of a bucket for good, for the take-down role alone: older versions go too --------
# overwrite ─▶ put_object, in parts above 100 MB ─▶ HEAD confirms size and SHA-256 ─▶ every other version is deleted
# remove    ─▶ every version and delete marker is deleted, or the object where the bucket keeps no versions

PARTS_ABOVE = 100 << 20  # bytes


def overwrite(client: S3Client, options: S3Options, where: dict[str, Any], path: Path, digests: Digests) -> None:
    """Put a file in the place of an object; ``where`` holds Bucket and Key (and the expected owner) for every call."""
    bucket, key = where["Bucket"], where["Key"]
    arguments: dict[str, Any] = {
        "ContentType": content_type(key),
        "CacheControl": "no-cache",
        "Metadata": {"sha256": digests.sha256},
        **options.encryption,
        **{name: value for name, value in where.items() if name not in {"Bucket", "Key"}},
    }
    with translated(bucket, "write to", key):
        config = TransferConfig(multipart_threshold=PARTS_ABOVE, use_threads=False)
        client.upload_file(str(path), bucket, key, ExtraArgs=arguments, Config=config)
        head = client.head_object(**where)
    if head["ContentLength"] != digests.size or head["Metadata"].get("sha256") != digests.sha256:
        raise StoreUnavailable(f"{key} did not arrive in the bucket {bucket}")
    _purge(client, where, keep_latest=True)


def remove(client: S3Client, where: dict[str, Any]) -> None:
    """Delete an object with all its versions."""
    _purge(client, where, keep_latest=False)
    with translated(where["Bucket"], "write to", where["Key"]):
        client.delete_object(**where)
    _purge(client, where, keep_latest=False)  # the mark of deletion that a versioned bucket made of that


def _purge(client: S3Client, where: dict[str, Any], *, keep_latest: bool) -> None:
    for version in list(_versions(client, where)):
        if not (keep_latest and version["IsLatest"]) and version["VersionId"] != "null":
            with translated(where["Bucket"], "write to", where["Key"]):
                client.delete_object(**where, VersionId=version["VersionId"])


def _versions(client: S3Client, where: dict[str, Any]) -> Iterator[Any]:
    others = {name: value for name, value in where.items() if name != "Key"}
    pages = client.get_paginator("list_object_versions")
    with translated(where["Bucket"], "list"):
        for page in pages.paginate(Prefix=where["Key"], **others):
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                if version["Key"] == where["Key"]:
                    yield version


# --- A collection in a bucket: Amazon's, or anybody's that speaks S3 -------------------------------------------------
#     put_file ─▶ put_object(If-None-Match: *) ─▶ HEAD confirms size, our SHA-256, and the MD5 that the store computed
#                  └─ above a threshold: multipart, resumed after a crash, completed with If-None-Match: *
#     replace  ─▶ put_object(If-Match: <etag>)       compare-and-swap for pointers and leases
#
# What the store can do is probed once (`archive.store.s3_client`); where it has no conditional writes, keys are looked up
# before they are written. No ACL is ever sent: buckets with enforced ownership refuse them.

_DAMAGED_TRIES = 3


class S3Store(Store):
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

    @override
    def check(self, *, write: bool = True) -> None:
        """Lists one key and, for a writer, probes what the store can do."""
        with translated(self.bucket, "list"):
            _seen(self._client.list_objects_v2(Bucket=self.bucket, Prefix=self._prefix, MaxKeys=1, **self._owner))
        if write:
            self._abilities()

    @override
    def put_file(self, key: str, path: Path, *, digests: Digests, metadata: Mapping[str, str]) -> None:
        abilities = self._abilities()
        Upload(self._client, self.options, abilities, self._where(key)).run(path, digests, metadata)

    @override
    def create(self, key: str, body: bytes) -> None:
        abilities = self._abilities()
        if not abilities.create_only and self.stat(key):
            raise Conflict(f"{key} exists in {self.uri}")
        condition = {"IfNoneMatch": "*"} if abilities.create_only else {}
        self._put_small(key, body, "immutable, max-age=31536000", condition)

    @override
    def replace(self, key: str, body: bytes, *, tag: str | None) -> str:
        """An answer that was lost after the success is recognised by the body that stands there."""
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

    @override
    def overwrite(self, key: str, path: Path, *, digests: Digests) -> None:
        """A versioned bucket's older versions go too."""
        overwrite(self._client, self.options, self._where(key), path, digests)

    @override
    def remove(self, key: str) -> None:
        """A versioned bucket's older versions go too."""
        remove(self._client, self._where(key))

    @override
    def read(self, key: str) -> bytes:
        return self.read_tagged(key)[0]

    @override
    def read_tagged(self, key: str) -> tuple[bytes, str]:
        """The tag is the ETag."""
        return self._read(key)

    @override
    def read_range(self, key: str, offset: int, length: int) -> bytes:
        return self._read(key, offset, length)[0] if length > 0 else b""

    @override
    def open(self, key: str) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(self._download(key), PIECE))

    @override
    def stat(self, key: str) -> Stat | None:
        try:
            with translated(self.bucket, "read", key):
                answer = self._client.head_object(**self._where(key))
        except Missing:
            return None
        if "ETag" not in answer or "LastModified" not in answer:  # a gateway in between said 200 to everything
            raise StoreUnavailable(f"what answers for the bucket {self.bucket} is no object store")
        return Stat(key, answer["ContentLength"], answer["LastModified"])

    @override
    def listing(self, prefix: str, *, after: str = "") -> Iterator[Stat]:
        pages = self._client.get_paginator("list_objects_v2")
        behind: dict[str, Any] = {"StartAfter": self._prefix + after} if after else {}
        with translated(self.bucket, "list"):
            for page in pages.paginate(Bucket=self.bucket, Prefix=self._prefix + prefix, **behind, **self._owner):
                for entry in _seen(page).get("Contents", []):
                    yield Stat(entry["Key"].removeprefix(self._prefix), entry["Size"], entry["LastModified"])

    @override
    def folders(self, prefix: str) -> list[str]:
        full = self._prefix + prefix
        pages = self._client.get_paginator("list_objects_v2")
        with translated(self.bucket, "list"):
            answers = pages.paginate(Bucket=self.bucket, Prefix=full, Delimiter="/", **self._owner)
            names = [folder["Prefix"] for page in answers for folder in _seen(page).get("CommonPrefixes", [])]
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
                    body = stream.readall()
                    check_size(key, len(body))
                    return body, stream.tag
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
