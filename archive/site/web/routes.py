"""From a path to an answer: pages, files and feeds, each with its security headers."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from werkzeug import Response
from werkzeug.exceptions import NotFound
from werkzeug.http import parse_accept_header
from werkzeug.routing import BaseConverter, Map, Rule, ValidationError
from zlib_ng import zlib_ng

from archive.site.queries import entry_of, id_of_path, picture_of
from archive.site.templating import REPLAY_POLICY
from archive.site.web.api import Listing, answer, latest, machine_files, of_outlet, of_search, of_tag, query_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from wsgiref.types import WSGIEnvironment

    from archive.site.pages import Pages
    from archive.site.search import Query

# --- An answer: status, type, body, and the headers that keep it harmless --------------------------------------------

TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "webmanifest": "application/manifest+json; charset=utf-8",
    "png": "image/png",
    "webp": "image/webp",
    "ico": "image/vnd.microsoft.icon",
    "rss": "application/rss+xml; charset=utf-8",
    "svg": "image/svg+xml",
    "csv": "text/csv; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "woff2": "font/woff2",
}
_PACKED_KINDS = {"woff2", "png", "ico", "webp"}  # by themselves
_GZIP = zlib_ng.MAX_WBITS + 16
_LEVEL, _WORTH_PACKING = 4, 1000  # zlib-ng's 4 packs a page as zlib's 5 does, in under half of the time
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
    """What is sent; ``kind`` is a name of `TYPES`, ``policy`` the page's content security policy.

    ``content`` is the body, or the body as gzip where the answer ``is_packed``.
    """

    content: bytes
    kind: str = "html"
    status: int = 200
    policy: str = ""
    max_age: int = 60
    extra: list[tuple[str, str]] = field(default_factory=list)
    is_packed: bool = False

    @property
    def body(self) -> bytes:
        """Return the body as it is; a packed answer unpacks it at each call."""
        return zlib_ng.decompress(self.content, _GZIP) if self.is_packed else self.content

    @cached_property
    def tag(self) -> str:
        """Return the ETag."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'

    @cached_property
    def headers(self) -> list[tuple[str, str]]:
        """Return the headers."""
        policy = f"{self.policy}; frame-ancestors 'none'" if self.policy else _INERT
        return [
            ("Content-Type", TYPES[self.kind]),
            ("Content-Length", str(len(self.body))),
            ("Content-Security-Policy", policy),
            ("ETag", self.tag),
            ("Cache-Control", f"public, max-age={self.max_age}"),
            *HARMLESS,
            *self.extra,
        ]

    @cached_property
    def packed(self) -> bytes:
        """Return the body as gzip; made once, for all who ask."""
        return self.content if self.is_packed else zlib_ng.compress(self.content, _LEVEL, _GZIP)

    def pack(self) -> Answer:
        """Return the answer packed, a fifth to a tenth of its size in memory; itself where that saves nothing."""
        return replace(self, content=self.packed, is_packed=True) if self._is_worth_packing else self

    @property
    def _is_worth_packing(self) -> bool:
        return not self.is_packed and self.kind not in _PACKED_KINDS and len(self.content) >= _WORTH_PACKING

    def response_to(self, environ: WSGIEnvironment) -> Response:
        """Return what answers a request: packed where its reader takes that, without the body where it has it already."""
        response = Response(status=self.status, headers=self.headers)
        has_packed = self.is_packed or self._is_worth_packing
        if has_packed:
            response.vary.add("Accept-Encoding")
        if has_packed and parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING", ""))["gzip"]:
            response.data = self.packed
            response.headers["Content-Encoding"] = "gzip"
            response.headers["ETag"] = f'{self.tag[:-1]}-gzip"'  # other bytes, another tag
        else:
            response.data = self.body
        return response.make_conditional(environ) if self.status == HTTPStatus.OK else response


def as_json(value: Any, status: int = 200) -> Answer:
    """Return JSON; Arabic stays Arabic. Other sites' pages may read it."""
    body = json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
    return Answer(body, "json", status, extra=[("Access-Control-Allow-Origin", "*")])


# --- Paths to pages: the same paths as the static site's, and what only a server can answer --------------------------

_ASSET = re.compile(r"[a-z0-9-]+\.(css|js|svg|woff2|png|ico)")


class _Name(BaseConverter):
    regex = r"[\w-]+"  # letters of any script


class _Page(BaseConverter):
    regex = "[0-9]{1,4}"

    def to_python(self, value: str) -> int:
        return int(value)


class _MachineFile(BaseConverter):
    regex = r"robots\.txt|manifest\.webmanifest|opensearch\.xml|sitemap(?:-\w+)?\.xml"


class _Day(BaseConverter):
    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError from error


_FEED = "<any(rss, json):suffix>"
_RULES = Map(
    [
        Rule(path, endpoint=name)
        for path, name in (
            ("/", "home"),
            ("/index.html", "home"),
            ("/tags.html", "tags"),
            *((f"/{name}.html", name) for name in ("newsroom", "stories", "sections", "outlets", "days")),
            ("/stories.<page:number>.html", "stories"),
            ("/letters/<name:letter>.html", "letter"),
            ("/sections/<name:slug>.html", "section"),
            ("/sections/<name:slug>.<page:number>.html", "section"),
            ("/days/<day:day>.html", "day"),
            ("/days/<day:day>.<page:number>.html", "day"),
            ("/search.html", "search"),
            (f"/feed.{_FEED}", "feed"),
            (f"/search.{_FEED}", "search_feed"),
            ("/tags/<slug>.html", "tag"),
            ("/tags/<slug>.<page:page>.html", "tag"),
            (f"/tags/<slug>.{_FEED}", "tag_feed"),
            ("/articles/<name:outlet>/<name:number>.html", "article"),
            ("/pictures/<name:outlet>/<name:number>.webp", "picture"),
            ("/replay/<name:outlet>/<name:number>.html", "replay"),
            ("/stories/<name:outlet>.<name:number>.html", "story"),
            ("/outlets/<name:outlet>.html", "outlet"),
            ("/outlets/<name:outlet>.<page:number>.html", "outlet"),
            (f"/outlets/<name:outlet>.{_FEED}", "outlet_feed"),
            ("/newsroom/<file>", "figure"),
            ("/static/<name>", "asset"),
            ("/<machine:file>", "machine_file"),
            ("/favicon.ico", "favicon"),
            ("/api", "api"),
            ("/api/<path:path>", "api"),
        )
    ],
    converters={"name": _Name, "page": _Page, "day": _Day, "machine": _MachineFile},
    strict_slashes=False,
    merge_slashes=False,
)


class Routes:
    """Answers paths from `Pages`: a rule's endpoint is the method that makes its page, of the request's arguments and the path's parts."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._rules = _RULES.bind("")

    def find(self, path: str, asked: Mapping[str, str]) -> Answer:
        """Return the answer for a path without its leading slash; that there is none is an answer too."""
        page: Answer | None = None
        with suppress(NotFound):
            if not path.startswith("/"):  # which werkzeug would strip
                name, parts = self._rules.match(path)
                page = getattr(self, f"_{name}")(asked, **parts)
        if page is not None:
            return page
        return self.error(path, 404)

    def error(self, path: str, status: int, sentence: str = "") -> Answer:
        """Return why there is no answer: a page for people, JSON where a program asks."""
        if path.startswith("api/") or path.rpartition(".")[2] in TYPES.keys() - {"html"}:
            answer = as_json({"error": sentence or "there is nothing here"}, status)
        else:
            answer = self._page(self._pages.error(path, status=status), status=status)
        return answer if status < HTTPStatus.INTERNAL_SERVER_ERROR else replace(answer, max_age=0)

    def _page(self, text: str | None, *, status: int = 200, policy: str = "") -> Answer:
        assert text is not None
        return Answer(text.encode("utf-8", "replace"), status=status, policy=policy or self._pages.looks.policy)

    def _maybe(self, text: str | None, policy: str = "") -> Answer | None:
        return None if text is None else self._page(text, policy=policy)

    def _home(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.home())

    def _tags(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.tags())

    def _newsroom(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.newsroom())

    def _search(self, asked: Mapping[str, str]) -> Answer:
        return self._page(self._pages.search(_patient(asked)))

    def _feed(self, _: Mapping[str, str], suffix: str) -> Answer:
        return self._fed(latest(self._pages.index.reader, self._pages.looks), suffix)

    def _search_feed(self, asked: Mapping[str, str], suffix: str) -> Answer:
        query = replace(query_of(asked), zone=self._pages.looks.wording.zone)
        return self._fed(of_search(self._pages.index.reader, query), suffix)

    def _fed(self, listing: Listing, suffix: str) -> Answer:
        return Answer(listing.feed(suffix, self._pages.looks), suffix, max_age=300)

    def _tag(self, _: Mapping[str, str], slug: str, page: int = 1) -> Answer | None:
        entry = entry_of(self._pages.index.reader, slug)
        return self._maybe(self._pages.former_tag(slug) if entry is None else self._pages.tag(entry, page))

    def _tag_feed(self, _: Mapping[str, str], slug: str, suffix: str) -> Answer | None:
        connection = self._pages.index.reader
        entry = entry_of(connection, slug)
        return None if entry is None else self._fed(of_tag(connection, entry), suffix)

    def _article(self, _: Mapping[str, str], outlet: str, number: str) -> Answer | None:
        article_id = id_of_path(self._pages.index.reader, outlet, number)
        return None if article_id is None else self._maybe(self._pages.article(article_id))

    def _picture(self, _: Mapping[str, str], outlet: str, number: str) -> Answer | None:
        connection = self._pages.index.reader
        article_id = id_of_path(connection, outlet, number)
        body = None if article_id is None else picture_of(connection, article_id)
        return None if body is None else Answer(body, "webp", max_age=3600)

    def _replay(self, _: Mapping[str, str], outlet: str, number: str) -> Answer | None:
        article_id = id_of_path(self._pages.index.reader, outlet, number)
        return None if article_id is None else self._maybe(self._pages.replay(article_id), REPLAY_POLICY)

    def _story(self, _: Mapping[str, str], outlet: str, number: str) -> Answer | None:
        story_id = id_of_path(self._pages.index.reader, outlet, number)
        return self._maybe(self._pages.story(story_id or f"{outlet}:{number}"))

    def _stories(self, _: Mapping[str, str], number: int | None = None) -> Answer | None:
        return self._maybe(self._pages.stories(number))

    def _sections(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.sections())

    def _outlets(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.outlets())

    def _days(self, _: Mapping[str, str]) -> Answer:
        return self._page(self._pages.days())

    def _letter(self, _: Mapping[str, str], letter: str) -> Answer | None:
        return self._maybe(self._pages.tags_of_letter(letter))

    def _section(self, _: Mapping[str, str], slug: str, number: int | None = None) -> Answer | None:
        return self._maybe(self._pages.section(slug, number))

    def _day(self, _: Mapping[str, str], day: date, number: int | None = None) -> Answer | None:
        return self._maybe(self._pages.day(day, number))

    def _outlet(self, _: Mapping[str, str], outlet: str, number: int | None = None) -> Answer | None:
        return self._maybe(self._pages.outlet(outlet, number))

    def _outlet_feed(self, _: Mapping[str, str], outlet: str, suffix: str) -> Answer | None:
        listing = of_outlet(self._pages.index.reader, outlet)
        return self._fed(listing, suffix) if listing.cards else None

    def _figure(self, _: Mapping[str, str], file: str) -> Answer | None:
        make = self._pages.figure_files().get(f"newsroom/{file}")
        if make is None:
            return None
        body = make()
        return Answer(body if isinstance(body, bytes) else body.encode(), file.rpartition(".")[2], max_age=300)

    def _asset(self, _: Mapping[str, str], name: str) -> Answer | None:
        return asset(name)

    def _favicon(self, _: Mapping[str, str]) -> Answer | None:
        return asset("favicon.ico")

    def _machine_file(self, _: Mapping[str, str], file: str) -> Answer | None:
        make = machine_files(self._pages.index.reader, self._pages.looks).get(file)
        return None if make is None else Answer(make(), file.rpartition(".")[2], max_age=300)

    def _api(self, asked: Mapping[str, str], path: str = "") -> Answer | None:
        response = answer(self._pages.index.reader, path, asked)
        return None if response is None else as_json(response)


@lru_cache(maxsize=64)
def asset(name: str) -> Answer | None:
    """Return one of the site's own files."""
    if not _ASSET.fullmatch(name):
        return None
    place = files("archive.site").joinpath("static", name)
    return Answer(place.read_bytes(), name.rpartition(".")[2], max_age=3600) if place.is_file() else None


def _patient(asked: Mapping[str, str]) -> Query:
    """Return the query of a reader's request: a wrong page number is the first page, where the API says that it is wrong."""
    try:
        return query_of(asked)
    except ValueError:
        return replace(query_of({**asked, "page": ""}), page=1)
