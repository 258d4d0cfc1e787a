"""Replacing and removing objects of a bucket for good, for the take-down role alone: older versions go too.

overwrite ─▶ put_object, in parts above 100 MB ─▶ HEAD confirms size and SHA-256 ─▶ every other version is deleted
remove    ─▶ every version and delete marker is deleted, or the object where the bucket keeps no versions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from boto3.s3.transfer import TransferConfig

from archive.store.protocol import StoreUnavailable, content_type
from archive.store.translation import translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from types_boto3_s3 import S3Client

    from archive.store.protocol import Digests
    from archive.store.s3_client import S3Options

PARTS_ABOVE = 100 << 20  # bytes


def overwrite(client: S3Client, options: S3Options, where: dict[str, Any], path: Path, digests: Digests) -> None:
    """Put a file in the place of an object; ``where`` holds Bucket and Key (and the expected owner) for every call."""
    bucket, key = where["Bucket"], where["Key"]
    said: dict[str, Any] = {
        "ContentType": content_type(key),
        "CacheControl": "no-cache",
        "Metadata": {"sha256": digests.sha256},
        **options.encryption,
        **{name: value for name, value in where.items() if name not in {"Bucket", "Key"}},
    }
    with translated(bucket, "write to", key):
        config = TransferConfig(multipart_threshold=PARTS_ABOVE, use_threads=False)
        client.upload_file(str(path), bucket, key, ExtraArgs=said, Config=config)
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
