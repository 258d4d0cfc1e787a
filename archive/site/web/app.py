"""The WSGI application: reading methods, ETag, and a cache of answers.

    request ─▶ GET or HEAD? ─▶ cache (until the archive has something new, at most a minute) ─▶ routes ─▶ ETag ─▶ answer

A page is made about once a minute, because relative times grow older; that alone lets two cores bear many readers.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from archive.site.web.answers import STATUS, Answer, as_json
from archive.site.web.cache import Cache
from archive.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archive.site.web.routes import Routes

_LONGEST_QUERY, _MOST_ARGUMENTS = 2000, 20
log = logging.getLogger("archive.site")


class App:
    """The site as a WSGI application.

    Args:
        routes: make the answers.
        generation: says how often the archive had something new; answers of an earlier generation are forgotten.
        cached_bytes: the cache holds at most so much.
        clock: seconds, for the age of cached answers.
    """

    def __init__(
        self,
        routes: Routes,
        generation: Callable[[], int],
        *,
        cached_bytes: int = 128 << 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._routes = routes
        self._cache = Cache(generation, cached_bytes=cached_bytes, clock=clock)

    def prepare(self, *paths: str) -> None:
        """Make answers before anybody asks: the first readers would wait for templates, too."""
        for path in paths:
            self._cache.get(path, "", partial(self._make, path, ""))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            found = Answer(b"this archive is read only\n", "txt", 405, extra=[("Allow", "GET, HEAD")])
        else:
            found = self._answer(environ)
        status = found.status
        if status == 200 and _names(environ.get("HTTP_IF_NONE_MATCH", ""), found.tag):  # noqa: PLR2004
            status = 304
        body = b"" if status == 304 or method == "HEAD" else found.body  # noqa: PLR2004
        if status == 304:  # noqa: PLR2004
            headers = [(name, value) for name, value in found.headers if name != "Content-Type"]
        else:
            headers = [*found.headers, ("Content-Length", str(len(found.body)))]
        start_response(STATUS[status], headers)
        return [body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        try:
            path = environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8").removeprefix("/")
        except UnicodeError:
            return Answer(b"the address is not UTF-8\n", "txt", 400)
        said = environ.get("QUERY_STRING", "")
        if len(said) > _LONGEST_QUERY:
            return as_json({"error": f"the query is longer than {_LONGEST_QUERY} characters"}, 400)
        return self._cache.get(path, said, partial(self._make, path, said))

    def _make(self, path: str, said: str) -> Answer:
        try:
            asked = dict(parse_qsl(said, max_num_fields=_MOST_ARGUMENTS))
            return self._routes.find(path, asked)
        except ValueError as error:
            return as_json({"error": str(error)}, 400)
        except StoreError as error:
            log.warning("the archive did not answer: %s", error)
            return Answer(b"the archive does not answer now\n", "txt", 503, max_age=0)


def _names(said: str, tag: str) -> bool:
    return said == "*" or tag in {each.strip().removeprefix("W/") for each in said.split(",")}
