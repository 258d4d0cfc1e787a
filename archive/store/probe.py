"""What a store that speaks S3 can really do, asked once, on an object of its own.

A server that does not know ``If-None-Match`` mostly ignores it and overwrites in silence, so the only honest question is to
try. The probe object stays: the next probe then needs one request to see that it may not be created again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from archive.store.translation import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_s3 import S3Client

    from archive.store.s3_client import S3Options

_UNKNOWN = {"NotImplemented", "InvalidArgument", "InvalidRequest", "XAmzContentSHA256Mismatch", "MissingContentLength"}
_PRESENT = {"PreconditionFailed", "412"}
_BODY = b"Written once by Warraq to learn whether this store honours conditional writes.\n"


@dataclass(frozen=True, slots=True)
class Abilities:
    """``create_only``: honours If-None-Match; ``swap``: honours If-Match; ``checksums``: the checksum mode it bears."""

    create_only: bool
    swap: bool
    checksums: str


def probe(client_for: Callable[[str], S3Client], options: S3Options, where: dict[str, Any]) -> Abilities:
    """Find out what the store can do.

    Args:
        client_for: makes a client with the given checksum mode.
        options: where the encryption arguments come from; a bucket policy may demand them.
        where: bucket and key of the probe object.

    Raises:
        StoreRefused: the store lets us not write at all.
    """
    with translated(where["Bucket"], "write to"):
        mode = options.checksum_mode
        try:
            create_only = _refuses_second(client_for(mode), options, where)
        except ClientError as error:
            if _code(error) not in _UNKNOWN or mode == "when_required":
                raise
            mode = "when_required"
            create_only = _refuses_second(client_for(mode), options, where)
        return Abilities(create_only, create_only and _refuses_stale(client_for(mode), options, where), mode)


def _refuses_second(client: S3Client, options: S3Options, where: dict[str, Any]) -> bool:
    condition = {"IfNoneMatch": "*"}
    try:
        first = _accepts(client, options, where, condition)
    except ClientError as error:
        if _code(error) != "NotImplemented":
            raise
        _accepts(client, options, where, {})  # it must at least let us write
        return False
    return not first or not _accepts(client, options, where, condition)


def _refuses_stale(client: S3Client, options: S3Options, where: dict[str, Any]) -> bool:
    try:
        return not _accepts(client, options, where, {"IfMatch": '"never"'})
    except ClientError as error:  # some know the one condition and not the other
        if _code(error) not in _UNKNOWN:
            raise
        return False


def _accepts(client: S3Client, options: S3Options, where: dict[str, Any], condition: dict[str, str]) -> bool:
    arguments: dict[str, Any] = {**where, **options.encryption, **condition}
    try:
        client.put_object(**arguments, Body=_BODY, ContentType="text/plain")
    except ClientError as error:
        if _code(error) in _PRESENT:
            return False
        raise
    return True


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")
