"""One job of writing a site: an article, a story, a tag, an outlet or the lists, with all files that belong to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from archive.site.index.pages_of import entry_by_number
from archive.site.listing import Listing, latest, of_outlet, of_tag
from archive.site.newsroom.drawing import draw
from archive.site.newsroom.figures import newsroom
from archive.site.paths import article_path, outlet_path, story_path, tag_path
from archive.site.search import Query
from archive.site.wordlists import article_files, word_files

if TYPE_CHECKING:
    from archive.site.output import Output
    from archive.site.pages import Pages

_OWN = re.compile(
    r"(articles|replay|stories|tags|outlets|newsroom|search|static)/.+|(index|tags|search|newsroom|404)\.html|feed\.\w+"
)


@dataclass(frozen=True, slots=True)
class Job:
    """What to make: ``article``, ``story``, ``tag``, ``outlet`` or ``lists``, and which."""

    kind: str
    key: str


class Maker:
    """Makes pages and writes them."""

    def __init__(self, pages: Pages, output: Output, *, replays: bool) -> None:
        self.pages, self.output, self._replays = pages, output, replays

    def close(self) -> None:
        """Close the index and the output."""
        self.output.close()
        self.pages.index.close()

    @staticmethod
    def owns(path: str) -> bool:
        """Say whether a site writes files of this name."""
        return _OWN.fullmatch(path) is not None

    def make(self, job: Job) -> list[str]:
        """Write all files of a job; return their paths."""
        made = {
            "article": self._article,
            "story": self._story,
            "tag": self._tag,
            "outlet": self._outlet,
            "lists": self._lists,
        }
        return [path for path, body in made[job.kind](job.key) if self._write(path, body)]

    def _write(self, path: str, body: bytes | str | None) -> bool:
        if body is None:
            return False
        self.output.write(path, body.encode("utf-8", "replace") if isinstance(body, str) else body)
        return True

    def _article(self, article_id: str) -> list[tuple[str, bytes | str | None]]:
        made: list[tuple[str, bytes | str | None]] = [(article_path(article_id), self.pages.article(article_id))]
        if self._replays:
            made.append((article_path(article_id, "replay"), self.pages.replay(article_id)))
        return made

    def _story(self, story_id: str) -> list[tuple[str, bytes | str | None]]:
        return [(story_path(story_id), self.pages.story(story_id))]

    def _tag(self, number: str) -> list[tuple[str, bytes | str | None]]:
        connection = self.pages.index.reader
        entry = entry_by_number(connection, int(number))
        last = self.pages.tag_page_count(entry)
        made: list[tuple[str, bytes | str | None]] = [
            (tag_path(entry.slug, page), self.pages.tag(entry, page)) for page in range(1, last + 1)
        ]
        others = connection.execute("SELECT slug FROM entry WHERE same = ?", [entry.e]).fetchall()
        made += [(tag_path(row["slug"]), made[0][1]) for row in others if made]
        return made + self._feeds(of_tag(connection, entry))

    def _outlet(self, outlet: str) -> list[tuple[str, bytes | str | None]]:
        page = (outlet_path(outlet), self.pages.outlet(outlet))
        return [page, *self._feeds(of_outlet(self.pages.index.reader, outlet))]

    def _feeds(self, listing: Listing) -> list[tuple[str, bytes | str | None]]:
        return [(f"{listing.stem}.{suffix}", listing.feed(suffix, self.pages.looks)) for suffix in ("rss", "json")]

    def _lists(self, name: str) -> list[tuple[str, bytes | str | None]]:
        return {"front": self._front, "newsroom": self._newsroom, "words": self._words, "static": self._static}[name]()

    def _front(self) -> list[tuple[str, bytes | str | None]]:
        pages = self.pages
        made: list[tuple[str, bytes | str | None]] = [
            ("index.html", pages.home()),
            ("tags.html", pages.tags()),
            ("search.html", pages.search(Query())),
            ("404.html", pages.missing()),
        ]
        return made + self._feeds(latest(pages.index.reader, pages.looks))

    def _newsroom(self) -> list[tuple[str, bytes | str | None]]:
        made: list[tuple[str, bytes | str | None]] = [("newsroom.html", self.pages.newsroom())]
        for table in newsroom(self.pages.index.reader, self.pages.looks.wording.zone):
            if table.rows:
                made.append((f"newsroom/{table.name}.csv", table.as_csv()))
                made.append((f"newsroom/{table.name}.svg", draw(table)))
                made.append((f"newsroom/{table.name}.dark.svg", draw(table, "dark")))
        return made

    def _words(self) -> list[tuple[str, bytes | str | None]]:
        connection = self.pages.index.reader
        return [*word_files(connection), *article_files(connection, self.pages.looks.wording)]

    @staticmethod
    def _static() -> list[tuple[str, bytes | str | None]]:
        folder = files("archive.site").joinpath("static")
        return [
            (f"static/{found.name}", found.read_bytes())
            for found in sorted(folder.iterdir(), key=lambda each: each.name)
        ]
