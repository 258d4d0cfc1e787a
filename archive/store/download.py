"""Reading one object of a bucket, or a span of it: a stream that goes on where it broke, and proves what the store lets it.

    get_object ─▶ bytes … broke ─▶ get_object(Range: bytes=<so far>-, If-Match: <tag>) ─▶ bytes … end
                                                                                          └─ length; of a whole object its MD5

What comes is bounded by the length that the first answer states. Whether the bytes are those of a manifest is asked above,
by `archive.objects`.
"""

from __future__ import annotations

import hashlib
import io
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from archive.store.protocol import Conflict, Inconsistent, StoreUnavailable
from archive.store.translation import translated
from archive.store.upload import agrees

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from typing_extensions import Buffer

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
        """Return all that is left."""
        found = bytearray()
        while piece := self.read(PIECE):
            found += piece
        return bytes(found)

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

    def _got(self, **said: Any) -> Any:
        try:
            return self._client.get_object(**self._where, **said)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in {"InvalidRange", "416"} and not self.tag:
                raise _BehindTheEnd from None
            raise

    def _end_of_answer(self) -> int:
        """Return where the span that came ends. Raises `Inconsistent` where it is not the one that was asked for."""
        found = _RANGE.fullmatch(self._answer.get("ContentRange", ""))
        end = int(found[2]) + 1 if found else 0
        is_last = found is not None and found[3] == str(end)
        is_right = found is not None and int(found[1]) == self._at
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
