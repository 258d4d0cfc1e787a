"""What botocore says, in the four words of `archive.store.protocol`. No message repeats a credential."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from collections.abc import Iterator

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
