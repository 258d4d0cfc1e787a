"""One file on its way into a bucket: created once, confirmed before it counts.

    small: put_object(If-None-Match: *, Content-MD5)
    large: create_multipart_upload ─▶ upload_part … ─▶ complete(If-None-Match: *)
             └─ <file>.upload beside the file keeps the upload's id, so that the next run goes on where this one died
    both:  HEAD ─▶ size, x-amz-meta-sha256, and the ETag, which stores compute from the bytes they really received

An object of ours that arrived damaged is replaced (If-Match on the damaged version): no manifest names it yet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from archive.store.protocol import Conflict, Digests, Missing, StoreUnavailable, content_type
from archive.store.s3_client import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from types_boto3_s3 import S3Client

    from archive.store.s3_client import Abilities, S3Options

_DAMAGED_TRIES = 3
_MD5 = re.compile(r'"([0-9a-f]{32})"')
_MD5_OF_PARTS = re.compile(r'"([0-9a-f]{32})-\d+"')


class Upload:
    """The upload of one object; ``where`` holds Bucket and Key (and the expected owner) for every call."""

    def __init__(self, client: S3Client, options: S3Options, abilities: Abilities, where: dict[str, Any]) -> None:
        self._client = client
        self._options = options
        self._abilities = abilities
        self._where = where

    def run(self, path: Path, digests: Digests, metadata: Mapping[str, str]) -> None:
        """Create the object, or find that it is already there; see `Store.put_file`."""
        quoted = {name: quote(value, safe=" /:;,=+") for name, value in metadata.items()} | {"sha256": digests.sha256}
        large = digests.size >= self._options.multipart_threshold
        expected = _etag_of_parts(path, self._options.part_size) if large else digests.md5
        damaged = self._object_there(digests, expected)
        for _ in range(_DAMAGED_TRIES):
            if damaged == "":
                return
            with translated(self._where["Bucket"], "write to", self._where["Key"]):
                self._send(path, digests, quoted, self._condition(damaged), large=large)
            damaged = self._object_there(digests, expected)
        if damaged != "":
            raise StoreUnavailable(f"{self._where['Key']} arrives damaged at the store, {_DAMAGED_TRIES} times")

    def _object_there(self, digests: Digests, expected: str) -> str | None:
        """Return ``""`` where the object stands there whole, its ETag where it is ours but damaged, None where it is not."""
        try:
            with translated(self._where["Bucket"], "read", self._where["Key"]):
                head = self._client.head_object(**self._where)
        except Missing:
            return None
        if "ETag" not in head:  # a gateway in between said 200 to everything
            raise StoreUnavailable(f"what answers for the bucket {self._where['Bucket']} is no object store")
        if head.get("Metadata", {}).get("sha256") != digests.sha256:
            raise Conflict(f"{self._where['Key']} exists in the bucket {self._where['Bucket']} with other content")
        whole = head["ContentLength"] == digests.size and agrees(head["ETag"], head, md5=digests.md5, parts=expected)
        return "" if whole else head["ETag"]

    def _condition(self, damaged: str | None) -> dict[str, Any]:
        if damaged is not None:
            return {"IfMatch": damaged} if self._abilities.swap else {}
        return {"IfNoneMatch": "*"} if self._abilities.create_only else {}

    def _send(
        self, path: Path, digests: Digests, metadata: dict[str, str], condition: dict[str, Any], *, large: bool
    ) -> None:
        kind: dict[str, Any] = {
            "ContentType": content_type(self._where["Key"]),
            "CacheControl": "immutable, max-age=31536000",
            "Metadata": metadata,
            **self._options.encryption,
        }
        try:
            with translated(self._where["Bucket"], "write to", self._where["Key"]):
                if large:
                    self._send_parts(path, kind, condition)
                    return
                with path.open("rb") as body:
                    md5 = _base64(bytes.fromhex(digests.md5))
                    self._client.put_object(**self._where, Body=body, ContentMD5=md5, **kind, **condition)
        except Conflict:
            return  # it is there by now: an answer was lost, or another machine was faster; HEAD tells which

    def _send_parts(self, path: Path, kind: dict[str, Any], condition: dict[str, Any]) -> None:
        journal = path.with_name(path.name + ".upload")
        upload_id, done = self._resume(journal)
        if upload_id is None:
            upload_id = self._client.create_multipart_upload(**self._where, **kind)["UploadId"]
            journal.write_text(json.dumps({"upload_id": upload_id, "key": self._where["Key"]}), encoding="utf-8")
        where: dict[str, Any] = {**self._where, "UploadId": upload_id}
        try:
            with translated(self._where["Bucket"], "write to", self._where["Key"]):
                parts = [self._send_part(where, n, part, done) for n, part in _parts(path, self._options.part_size)]
                self._client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts}, **condition)
        except StoreUnavailable:
            raise  # the parts that arrived stay, the next attempt goes on from them
        except Exception:
            self._client.abort_multipart_upload(**where)
            journal.unlink(missing_ok=True)
            raise
        journal.unlink(missing_ok=True)

    def _resume(self, journal: Path) -> tuple[str | None, dict[int, dict[str, Any]]]:
        try:
            noted = json.loads(journal.read_bytes())
            if noted["key"] != self._where["Key"]:
                return None, {}
            with translated(self._where["Bucket"], "read", self._where["Key"]):
                pages = self._client.get_paginator("list_parts").paginate(**self._where, UploadId=noted["upload_id"])
                parts = [part for page in pages for part in page.get("Parts", [])]
        except (FileNotFoundError, ValueError, KeyError, Missing, StoreUnavailable):
            return None, {}  # never begun, half noted, or expired at the store
        return noted["upload_id"], {part["PartNumber"]: dict(part) for part in parts}

    def _send_part(self, where: dict[str, Any], number: int, part: bytes, done: dict[int, Any]) -> Any:
        md5 = hashlib.md5(part, usedforsecurity=False)
        answer = done.get(number)
        if answer is None or answer["Size"] != len(part) or md5.hexdigest() not in answer["ETag"]:
            answer = self._client.upload_part(**where, PartNumber=number, Body=part, ContentMD5=_base64(md5.digest()))
        sums = {name: value for name, value in answer.items() if name.startswith("Checksum") and name != "ChecksumType"}
        return {"PartNumber": number, "ETag": answer["ETag"], **sums}


def agrees(etag: str, answer: Mapping[str, Any], *, md5: str, parts: str = "") -> bool:
    """Compare an ETag where it is one of the two known hashes; under KMS, and at some stores, it is a random name.

    Args:
        etag: what the store computed from the bytes that it received.
        answer: the answer it came with, which says how the object is encrypted.
        md5: of the whole file, hex.
        parts: the MD5 of the parts' MD5s, hex.
    """
    if answer.get("ServerSideEncryption", "AES256") != "AES256":
        return True
    if single := _MD5.fullmatch(etag):
        return single[1] == md5
    if several := _MD5_OF_PARTS.fullmatch(etag):
        return several[1] == parts
    return True


def _parts(path: Path, size: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as stream:
        number = 0
        while part := stream.read(size):
            number += 1
            yield number, part


def _etag_of_parts(path: Path, size: int) -> str:
    whole = hashlib.md5(usedforsecurity=False)
    for _, part in _parts(path, size):
        whole.update(hashlib.md5(part, usedforsecurity=False).digest())
    return whole.hexdigest()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
