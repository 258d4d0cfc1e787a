"""The S3 client: where it finds the store, how long it waits, how often it tries."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import BotoCoreError

from archive.mask import keep_secret
from archive.store.protocol import StoreRefused
from archive.store.translation import PASSING_AT_ONCE

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

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
        session, said = _session(options.profile)
        if endpoint and not said.get(
            "addressing_style"
        ):  # MinIO and Ceph have no host name per bucket, others nothing else
            config = config.merge(Config(s3=cast("Any", {**said, "addressing_style": "path"})))
        region = options.region or session.region_name or "us-east-1"
        client = session.client("s3", endpoint_url=endpoint, region_name=region, config=config)
    except (BotoCoreError, ValueError) as error:
        raise StoreRefused(f"no S3 client can be made from these settings: {error}") from None
    found = session.get_credentials()
    if found is not None and not isinstance(found, RefreshableCredentials):  # to ask those might be to fetch them
        keep_secret(found.access_key, found.secret_key, found.token)
    try_again: Any = partial(_pause_before_next, options.attempts)  # types-boto3 knows no handler that answers
    client.meta.events.register("needs-retry.s3", try_again)
    return client


def _pause_before_next(most: int, *, attempts: int, response: tuple[Any, Any] | None, **_: Any) -> float | None:
    """Return the seconds after which botocore is to try again what passes, None where it does not or was tried enough."""
    code = response[1].get("Error", {}).get("Code") if response else None
    return 2.0 ** (attempts - 2) if code in PASSING_AT_ONCE and attempts < most else None
