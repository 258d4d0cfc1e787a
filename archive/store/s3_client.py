"""The client of an S3 store: its options, what the store can do, and its errors in the archive's own words."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)
from urllib3.exceptions import HTTPError

from archive.store.protocol import Conflict, Missing, StoreError, StoreRefused, StoreUnavailable
from archive.text import keep_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_s3 import S3Client

# --- What botocore says, in the four words of `archive.store.protocol`. No message repeats a credential --------------

_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)
_WRONG_REGION = {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}
_NOT_WELCOME = {
    "AccessDenied",
    "AccountProblem",
    "AllAccessDisabled",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "AccessControlListNotSupported",
    "403",
}
PASSING_AT_ONCE = {"ConditionalRequestConflict", "OperationAborted", "RequestTimeTooSkewed"}
"""Codes after which the same request may succeed in a second, and that botocore does not try again of itself."""
_PASSING = PASSING_AT_ONCE | {  # 4xx that pass: refreshed credentials, a set clock, another writer who is done
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestTimeout",
    "SlowDown",
    "TooManyRequests",
    "BadDigest",
    "IncompleteBody",
    "NoSuchUpload",
}


@contextmanager
def translated(bucket: str, doing: str, key: str | None = None) -> Iterator[None]:
    """Turn what botocore raises in the block into a `StoreError` with one sentence."""
    try:
        yield
    except ClientError as error:
        raise _from_answer(error, bucket, doing, key) from None
    except _CREDENTIALS:
        raise StoreRefused(
            f"no credentials for the bucket {bucket}; set a profile, a role, or AWS_ACCESS_KEY_ID"
        ) from None
    except ParamValidationError as error:
        raise StoreRefused(f"cannot {doing} the bucket {bucket}: {_one_line(error)}") from None
    except (BotoCoreError, HTTPError) as error:
        raise StoreUnavailable(f"the store of the bucket {bucket} does not answer: {_one_line(error)}") from error


def _from_answer(error: ClientError, bucket: str, doing: str, key: str | None) -> StoreError:
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", ""), answer.get("Message", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in {"PreconditionFailed", "412"}:
        return Conflict(f"{key} exists in the bucket {bucket} in another version")
    if code in {"NoSuchKey", "404"} and key is not None:
        return Missing(f"there is no {key} in the bucket {bucket}")
    if not code:  # an error without a code is none of a store, but of a gateway before it
        return StoreUnavailable(f"what answers for the bucket {bucket} is no object store: it says {status}")
    if code in _PASSING or status >= 500 or status == 429:  # noqa: PLR2004  HTTP's own numbers
        return StoreUnavailable(
            f"the store cannot {doing} the bucket {bucket} now: {code or status} {message}".rstrip()
        )
    return StoreRefused(_refusal(code, message, bucket, doing))


def _refusal(code: str, message: str, bucket: str, doing: str) -> str:
    if code in {"NoSuchBucket", "404"}:
        return f"there is no bucket {bucket}"
    if code in _WRONG_REGION:
        return f"the bucket {bucket} lies in another region; set AWS_REGION to it"
    if code in _NOT_WELCOME:
        return f"the store does not let us {doing} the bucket {bucket}: {code}"
    return f"the store refuses to {doing} the bucket {bucket}: {code} {message}".rstrip()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


# --- The S3 client: where it finds the store, how long it waits, how often it tries ----------------------------------

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class S3Options:
    """What can be said about a bucket beyond its name. Secrets are not among it: boto3 finds them by itself.

    ``checksum_mode`` is botocore's: ``when_required`` for stores that choke on the newer checksum headers. ``attempts``
    counts all tries of one request; the outer retry is the publisher's. Sizes are bytes, times seconds. ``profile`` names
    the credentials among those that boto3 knows, where a second provider has other ones.
    """

    endpoint_url: str | None = None
    region: str | None = None
    profile: str | None = None
    expected_owner: str | None = None
    sse: str | None = None
    kms_key: str | None = None
    checksum_mode: str = os.environ.get("S3_CHECKSUM_MODE", "when_supported")
    connect_timeout: float = 10
    read_timeout: float = 60
    attempts: int = 4
    multipart_threshold: int = 64 * MEBIBYTE
    part_size: int = 32 * MEBIBYTE  # 10,000 parts of it hold 312 GiB; S3 wants at least 5 MiB

    @property
    def endpoint(self) -> str | None:
        """Return the endpoint; None is Amazon's own."""
        return self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")

    @property
    def encryption(self) -> dict[str, Any]:
        """Return the server-side encryption arguments; none means the bucket's own default."""
        if self.kms_key:
            return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key, "BucketKeyEnabled": True}
        return {"ServerSideEncryption": self.sse} if self.sse else {}


_making = Lock()

for _name in ("botocore", "boto3", "s3transfer", "urllib3"):  # their debug lines hold key ids, tokens and signatures
    logging.getLogger(_name).setLevel(logging.INFO)


@cache
def _session(profile: str | None) -> tuple[boto3.session.Session, dict[str, Any]]:
    """Return the one session of a profile, and what the AWS configuration says of S3.

    One, because it parses the service's description once, which takes longer than all else here.
    """
    session = botocore.session.Session(profile=profile)
    return boto3.session.Session(botocore_session=session), session.get_config_variable("s3") or {}


def make_client(options: S3Options, checksum_mode: str) -> S3Client:
    """Return a client for the bucket's endpoint. Clients may be shared between threads, making them may not."""
    with _making:
        return _make(options, checksum_mode)


def _make(options: S3Options, checksum_mode: str) -> S3Client:
    endpoint = options.endpoint
    mode = cast("Literal['when_supported', 'when_required']", checksum_mode)
    config = Config(
        retries={"mode": "standard", "total_max_attempts": options.attempts},
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        max_pool_connections=16,
        request_checksum_calculation=mode,
        response_checksum_validation=mode,
        user_agent_extra="warraq",
    )
    try:
        session, session_config = _session(options.profile)
        if endpoint and not session_config.get(
            "addressing_style"
        ):  # MinIO and Ceph have no host name per bucket, others nothing else
            config = config.merge(Config(s3=cast("Any", {**session_config, "addressing_style": "path"})))
        region = options.region or session.region_name or "us-east-1"
        client = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreRefused(f"no S3 client can be made from these settings: {error}") from None
    credentials = session.get_credentials()
    if credentials is not None and not isinstance(
        credentials, RefreshableCredentials
    ):  # to ask those might be to fetch them
        keep_secret(credentials.access_key, credentials.secret_key, credentials.token)
    try_again: Any = partial(_pause_before_next, options.attempts)  # types-boto3 knows no handler that answers
    client.meta.events.register("needs-retry.s3", try_again)
    return client


def _pause_before_next(most: int, *, attempts: int, response: tuple[Any, Any] | None, **_: Any) -> float | None:
    """Return the seconds after which botocore is to try again what passes, None where it does not or was tried enough."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return 2.0 ** (attempts - 2) if code in PASSING_AT_ONCE and attempts < most else None


# --- What a store that speaks S3 can really do, asked once, on an object of its own ----------------------------------
# A server that does not know ``If-None-Match`` mostly ignores it and overwrites in silence, so the only honest question is to
# try. The probe object stays: the next probe then needs one request to see that it may not be created again.

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
