"""From a path to an answer: pages, files and feeds, each with the headers that keep it harmless."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from archive.site.pages import Listing, latest, of_outlet, of_search, of_tag
from archive.site.queries import entry_of, id_of_path
from archive.site.statistics import draw, newsroom
from archive.site.templating import REPLAY_POLICY
from archive.site.web.api import answer, query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archive.site.pages import Pages
    from archive.site.search import Query

# --- An answer: status, type, body, and the headers that keep it harmless --------------------------------------------

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


# --- Paths to pages: the same paths as the static site's, and what only a server can answer --------------------------

_ASSET = re.compile(r"[a-z0-9-]+\.(css|js|svg|woff2)")


class Routes:
    """Answers paths from `Pages`. Each method takes the match of its pattern and the request's arguments."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._table: list[tuple[re.Pattern[str], Callable[[re.Match[str], Mapping[str, str]], Answer | None]]] = [
            (re.compile(r"(index\.html)?"), lambda *_: self._page(pages.home())),
            (re.compile(r"tags\.html"), lambda *_: self._page(pages.tags())),
            (re.compile(r"newsroom\.html"), lambda *_: self._page(pages.newsroom())),
            (re.compile(r"search\.html"), self._search),
            (re.compile(r"(feed|search)\.(rss|json)"), self._feed),
            (re.compile(r"tags/(?P<slug>[^/]+?)(\.(?P<page>\d{1,4}))?\.html"), self._tag),
            (re.compile(r"tags/(?P<slug>[^/]+)\.(?P<suffix>rss|json)"), self._tag_feed),
            (re.compile(r"(?P<folder>articles|replay)/(?P<outlet>[\w-]+)/(?P<number>[\w-]+)\.html"), self._article),
            (re.compile(r"stories/(?P<outlet>[\w-]+)\.(?P<number>[\w-]+)\.html"), self._story),
            (re.compile(r"outlets/(?P<outlet>[\w-]+)\.(?P<suffix>html|rss|json)"), self._outlet),
            (re.compile(r"newsroom/(?P<name>\w+)(\.(?P<shade>dark))?\.(?P<suffix>svg|csv)"), self._figure),
            (re.compile(r"static/(?P<name>[^/]+)"), self._asset),
            (re.compile(r"api/(?P<path>.+?)/?"), self._api),
        ]

    def find(self, path: str, asked: Mapping[str, str]) -> Answer:
        """Return the answer for a path without its leading slash; that there is none is an answer too."""
        for pattern, make in self._table:
            if match := pattern.fullmatch(path):
                page = make(match, asked)
                if page is not None:
                    return page
        if path.startswith("api/"):
            return as_json({"error": "there is nothing here"}, 404)
        return self._page(self._pages.missing(path), status=404)

    def _page(self, text: str | None, *, status: int = 200, policy: str = "") -> Answer:
        assert text is not None
        return Answer(text.encode("utf-8", "replace"), status=status, policy=policy or self._pages.looks.policy)

    def _maybe(self, text: str | None, policy: str = "") -> Answer | None:
        return None if text is None else self._page(text, policy=policy)

    def _search(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer:
        del match
        return self._page(self._pages.search(_patient(asked)))

    def _feed(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer:
        connection, looks = self._pages.index.reader, self._pages.looks
        if match[1] == "feed":
            return self._fed(latest(connection, looks), match[2])
        return self._fed(of_search(connection, replace(query_of(asked), zone=looks.wording.zone)), match[2])

    def _fed(self, listing: Listing, suffix: str) -> Answer:
        return Answer(listing.feed(suffix, self._pages.looks), suffix, max_age=300)

    def _tag(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        entry = entry_of(self._pages.index.reader, match["slug"])
        return None if entry is None else self._maybe(self._pages.tag(entry, int(match["page"] or 1)))

    def _tag_feed(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        connection = self._pages.index.reader
        entry = entry_of(connection, match["slug"])
        return None if entry is None else self._fed(of_tag(connection, entry), match["suffix"])

    def _article(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        article_id = id_of_path(self._pages.index.reader, match["outlet"], match["number"])
        if article_id is None:
            return None
        is_replay = match["folder"] == "replay"
        text = self._pages.replay(article_id) if is_replay else self._pages.article(article_id)
        return self._maybe(text, REPLAY_POLICY if is_replay else "")

    def _story(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        story_id = id_of_path(self._pages.index.reader, match["outlet"], match["number"])
        return self._maybe(self._pages.story(story_id or f"{match['outlet']}:{match['number']}"))

    def _outlet(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        text = self._pages.outlet(match["outlet"])
        if text is None or match["suffix"] == "html":
            return self._maybe(text)
        return self._fed(of_outlet(self._pages.index.reader, match["outlet"]), match["suffix"])

    def _figure(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        tables = newsroom(self._pages.index.reader, self._pages.looks.wording.zone)
        table = next((each for each in tables if each.name == match["name"] and each.rows), None)
        if table is None:
            return None
        is_csv = match["suffix"] == "csv"
        return Answer(
            table.as_csv().encode() if is_csv else draw(table, match["shade"] or "light"), match["suffix"], max_age=300
        )

    def _asset(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        del asked
        return asset(match["name"])

    def _api(self, match: re.Match[str], asked: Mapping[str, str]) -> Answer | None:
        response = answer(self._pages.index.reader, match["path"], asked)
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
