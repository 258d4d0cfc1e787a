"""`python -m tests.screens FOLDER [ARCHIVE]`: pictures of every page, phone and desk, light and dark, to be looked at.

newsstand archive, or the one at ARCHIVE ─▶ archive.site.web on loopback ─▶ the installed Chromium ─▶ FOLDER/<page>-<phone|desk>[-dark].png
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.lists import days, letters, sections
from archive.site.pages import Pages
from archive.site.templating import (
    Looks,
    Wording,
    article_path,
    day_path,
    letter_path,
    outlet_path,
    section_path,
    story_path,
    tag_path,
)
from archive.site.web.app import Server
from archive.store import StoreUnavailable
from tests.site.newsstand import newsstand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": (390, 844), "desk": (1280, 900)}


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """Start the installed Chromium, with further arguments."""
    if CHROMIUM is None:
        raise FileNotFoundError("no Chromium on this machine: apt-get install chromium")
    with import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *more])
        yield browser
        browser.close()


def addresses(index: SiteDatabase) -> dict[str, str]:
    """Return a page of each kind: the ones with most to show."""
    ask = index.reader.execute
    (edited,) = ask("SELECT id FROM article ORDER BY version DESC, silent DESC, at DESC LIMIT 1").fetchone()
    (story,) = ask("SELECT story FROM article GROUP BY story ORDER BY count(*) DESC, story LIMIT 1").fetchone()
    (copied,) = ask("SELECT id FROM article WHERE story = ? ORDER BY at LIMIT 1", [story]).fetchone()
    (slug,) = ask("SELECT slug FROM entry WHERE kind = 'place' ORDER BY many DESC LIMIT 1").fetchone()
    (outlet,) = ask("SELECT outlet FROM article GROUP BY outlet ORDER BY count(*) DESC, outlet LIMIT 1").fetchone()
    day = next(reversed(days(index.reader, UTC)))
    named = sections(index.reader)
    return {
        "home": "",
        "tag": quote(tag_path(slug)),
        "tags": "tags.html",
        "letter": quote(letter_path(next(iter(letters(index.reader))))),
        "article": article_path(copied),
        "article-edited": article_path(edited),
        "replay": article_path(copied, "replay"),
        "stories": "stories.html",
        "story": story_path(story),
        "outlets": "outlets.html",
        "outlet": outlet_path(outlet),
        "sections": "sections.html",
        **({"section": quote(section_path(named[0].slug))} if named else {}),
        "days": "days.html",
        "day": day_path(day),
        "search": f"search.html?q={quote('وزارة الصحه')}&order=newest",
        "search-form": "search.html",
        "search-nothing": f"search.html?q={quote('زرافة الصحة')}&outlet={outlet}",
        "newsroom": "newsroom.html",
        "missing": "nothing.html",
        "broken": outlet_path(BROKEN),
        "away": outlet_path(AWAY),
        "refused": f"search.html?q={'x' * 2001}",
    }


# What lies far below is not drawn before it is scrolled to, and a picture of the whole page does not scroll.
SHOW_ALL = "document.styleSheets[0].insertRule('* { content-visibility: visible !important }', 0)"
BROKEN, AWAY = "broken", "away"  # outlets whose pages cannot be made
PRINTED = ("article", "tag", "story")
EMPTY = ("", "tags.html", "stories.html", "outlets.html", "sections.html", "days.html", "search.html", "newsroom.html")


def main() -> int:
    """Make the pictures: of the replica's archive, or of one that is named; then of one that is empty."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screens")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        full, empty = Path(scratch) / "full", Path(scratch) / "empty"
        uri = sys.argv[2] if len(sys.argv) > 2 else (full / "collection").as_uri()
        if len(sys.argv) <= 2:
            newsstand(uri, full)
        with served(uri, full) as (server, index):
            pictures(browser, server.url, addresses(index), folder)
        (empty / "collection").mkdir(parents=True)
        with served((empty / "collection").as_uri(), empty) as (server, _):
            nothing = {f"empty-{path.partition('.')[0] or 'home'}": path for path in EMPTY}
            pictures(browser, server.url, nothing, folder)
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}\n")
    return 0


@contextmanager
def served(uri: str, folder: Path) -> Iterator[tuple[Server, SiteDatabase]]:
    """Serve an archive; it is two hours after its newest article."""
    folder.mkdir(parents=True, exist_ok=True)
    archive, index = open_archive(uri), SiteDatabase(folder / "site.sqlite")
    index.catch_up(archive)
    newest = index.reader.execute("SELECT max(at) FROM article").fetchone()[0] or 0
    now = datetime.fromtimestamp(newest + 7200, UTC)
    with Server(Faulty(index, archive, Looks(Wording(clock=lambda: now), live=True)), follow_seconds=0) as server:
        yield server, index
    index.close()


class Faulty(Pages):
    """Pages of which one fails and one finds the archive away, so that what a reader sees then has a picture, too."""

    def outlet(self, outlet: str, number: int | None = None) -> str | None:
        """Return an outlet's page, or fail."""
        if outlet == BROKEN:
            raise RuntimeError("this page fails for its picture")
        if outlet == AWAY:
            raise StoreUnavailable("this page finds no archive for its picture")
        return super().outlet(outlet, number)


def pictures(browser: Browser, root: str, paths: dict[str, str], folder: Path) -> None:
    """Make a picture of each page, on phone and desk, light and dark, and of some as they are printed."""
    for shade in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=shade)
            page = context.new_page()
            for name, path in paths.items():
                page.goto(root + path)
                page.evaluate(SHOW_ALL)
                suffix = "" if shade == "light" else "-dark"
                page.screenshot(path=folder / f"{name}-{size}{suffix}.png", full_page=not name.startswith("tag"))
                if (size, shade) == ("desk", "light") and name in PRINTED:
                    page.emulate_media(media="print")
                    page.screenshot(path=folder / f"{name}-print.png", full_page=True)
                    page.emulate_media(media="screen")
            context.close()


if __name__ == "__main__":
    sys.exit(main())
