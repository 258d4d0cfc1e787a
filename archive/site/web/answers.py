"""An answer: status, type, body, and the headers that keep it harmless."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "svg": "image/svg+xml",
    "csv": "text/csv; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "woff2": "font/woff2",
}
STATUS = {
    200: "200 OK",
    304: "304 Not Modified",
    400: "400 Bad Request",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    503: "503 Service Unavailable",
}
HARMLESS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), interest-cohort=()"),
]
_INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"  # for what is no page: SVG, JSON, feeds
)


@dataclass(frozen=True)
class Answer:
    """What is sent; ``kind`` is a name of `TYPES`, ``policy`` the page's content security policy."""

    body: bytes
    kind: str = "html"
    status: int = 200
    policy: str = ""
    max_age: int = 60
    extra: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def tag(self) -> str:
        """Return the ETag."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Return the headers, without the body's length."""
        policy = f"{self.policy}; frame-ancestors 'none'" if self.policy else _INERT
        return [
            ("Content-Type", TYPES[self.kind]),
            ("Content-Security-Policy", policy),
            ("ETag", self.tag),
            ("Cache-Control", f"public, max-age={self.max_age}"),
            *HARMLESS,
            *self.extra,
        ]


def as_json(value: Any, status: int = 200) -> Answer:
    """Return JSON; Arabic stays Arabic. Other sites' pages may read it."""
    body = json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
    return Answer(body, "json", status, extra=[("Access-Control-Allow-Origin", "*")])
