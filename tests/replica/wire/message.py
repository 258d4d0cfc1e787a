"""A request as it came, and a response before it is encoded for the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Request:
    method: str
    target: str
    host: str
    headers: dict[str, str]  # lower-case names
    secure: bool
    body: bytes = b""

    @property
    def path(self) -> str:
        """The decoded, composed path: the key under which a site keeps a page."""
        return normalize("NFC", unquote(urlsplit(self.target).path))

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(slots=True)
class Response:
    """What a site says; the delivery decides on encoding, validators and framing."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    modified: datetime | None = None
    validators: bool = True  # ETag and Last-Modified, and so 304


def html(text: str, **more: object) -> Response:
    return Response(text.encode(), **more)


def xml(text: str, modified: datetime | None = None, kind: str = "application/xml") -> Response:
    return Response(text.encode(), content_type=f"{kind}; charset=utf-8", modified=modified)


def redirect(location: str, status: int = 301) -> Response:
    return Response(b"", status=status, headers=[("Location", location)], validators=False)
