"""The switches that make an outlet misbehave, by host or by path.

    misbehave={"hang": ["www.alaraby.co.uk"], "cut": ["/sport/"], "robots_503": ["www.albawabhnews.com"]}

A value is one pattern or several; a pattern matches where it is the host, or stands in the decoded path, or is ``*``.
What changes the response itself (``english``, ``lost_jsonld`` …) is done here before delivery; what spoils the bytes
(``hang``, ``cut``, ``endless``, ``garbage``) is done by the server while it sends.
"""

from __future__ import annotations

import re
import struct
import zlib
from functools import cache, reduce
from itertools import count
from typing import TYPE_CHECKING

from tests.replica.wire.message import Request, Response, html, redirect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SWITCHES = frozenset(
    {
        "hang",
        "cut",
        "endless",
        "garbage",
        "bomb",
        "redirect_loop",
        "english",
        "consent_wall",
        "lost_jsonld",
        "changed_body_class",
        "half_empty",
        "robots_503",
        "dead",
    }
)
ENGLISH = """<!doctype html><html lang="en"><head><title>Council reviews harbour plan</title>
<meta property="og:type" content="article"></head><body><article><h1>Council reviews harbour plan</h1>
<p>The city council met on Tuesday to review the plan for the old harbour, which has been under discussion for a year.</p>
<p>Residents asked for wider pavements, more trees and a later closing hour for the ferry, officials said.</p>
</article></body></html>"""
CONSENT = """<!doctype html><html lang="ar" dir="rtl"><head><title>قبل المتابعة</title></head><body><main>
<h1>نحن وشركاؤنا نقدّر خصوصيتك</h1><p>نستخدم ملفات تعريف الارتباط لتخزين المعلومات على جهازك والوصول إليها.</p>
<p>يمكنك قبول الكل أو إدارة خياراتك قبل متابعة التصفح.</p><button>أوافق</button><button>إدارة الخيارات</button>
</main></body></html>"""
JSONLD = re.compile(rb"<script[^>]*application/ld\+json[^>]*>.*?</script>", re.DOTALL)
STATE = re.compile(rb"<script>window\.__APOLLO_STATE__=.*?</script>", re.DOTALL)
PARAGRAPH = re.compile(rb"<p\b[^>]*>.*?</p>", re.DOTALL)
BODY_CLASSES = (
    (b"wysiwyg", b"rich-copy"),
    (b"DynamicContentContainer", b"StoryBox"),
    (b"field--name-body", b"field--name-story"),
    (b"article-body", b"story-copy"),
    (b"firstBodyDiv", b"copyDiv"),
    (b"paragraph-list", b"copy-list"),
    (b"show-parags", b"show-copy"),
    (b"ni-content", b"nx-copy"),
)


class Misbehaviour:
    """Says which switches hold for a request, and bends responses."""

    def __init__(self, switches: Mapping[str, str | Iterable[str]] | None = None) -> None:
        self._patterns: dict[str, list[str]] = {}
        for name, value in (switches or {}).items():
            if name not in SWITCHES:
                raise ValueError(f"no misbehaviour called {name}; there are {', '.join(sorted(SWITCHES))}")
            self._patterns[name] = [value] if isinstance(value, str) else list(value)

    def holds(self, name: str, request: Request) -> bool:
        patterns = self._patterns.get(name, ())
        return any(p in ("*", request.host) or (p.startswith("/") and p in request.path) for p in patterns)

    def instead(self, request: Request) -> Response | None:
        """Return what is answered in place of the page, or None."""
        if request.path == "/robots.txt":
            if self.holds("robots_503", request):
                return Response(b"", status=503, validators=False)
            return None
        return next((make(request) for name, make in INSTEAD.items() if self.holds(name, request)), None)

    def bend(self, request: Request, response: Response) -> Response:
        """Change a page as a redesign would."""
        if self.holds("lost_jsonld", request):
            response.body = JSONLD.sub(b"", response.body)
        if self.holds("changed_body_class", request):
            for old, new in BODY_CLASSES:
                response.body = response.body.replace(old, new)
        if self.holds("half_empty", request):
            response.body = PARAGRAPH.sub(
                thinned(), STATE.sub(b"", response.body)
            )  # an outlet that cuts texts cuts them everywhere
        return response


def thinned() -> Callable[[re.Match[bytes]], bytes]:
    """Return what keeps the first of every four paragraphs of a page."""
    numbers = count()
    return lambda found: b"" if next(numbers) % 4 else found[0]


@cache
def bomb() -> bytes:
    """Return 300 MB of zeros as 300 KB of gzip: one megabyte's blocks, each complete by itself, 300 times."""
    coder, zeros = zlib.compressobj(9, wbits=31), bytes(1_000_000)
    first, next_ones = (coder.compress(zeros) + coder.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    checksum = reduce(lambda before, _: zlib.crc32(zeros, before), range(300), 0)
    return first + next_ones * 299 + b"\3\0" + struct.pack("<LL", checksum, 300_000_000)


INSTEAD: dict[str, Callable[[Request], Response]] = {
    "dead": lambda _request: Response(b"Bad Gateway", status=502, content_type="text/plain", validators=False),
    "redirect_loop": lambda request: redirect(request.target, 302),
    "english": lambda _request: html(ENGLISH),
    "consent_wall": lambda _request: html(CONSENT),
    "bomb": lambda _request: Response(bomb(), headers=[("Content-Encoding", "gzip")], validators=False),
}
