"""`python -m tests.screens FOLDER`: pictures of every page, phone and desk, light and dark, to be looked at.

newsstand archive ─▶ archive.site.web on loopback ─▶ the installed Chromium ─▶ FOLDER/<page>-<phone|desk>[-dark].png
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from playwright.sync_api import sync_playwright

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.pages import Pages
from archive.site.templating import Looks, Wording
from archive.site.web.app import Server
from tests.site.newsstand import NOW, newsstand

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
def chromium() -> Iterator[Browser]:
    """Start the installed Chromium."""
    if CHROMIUM is None:
        raise FileNotFoundError("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def addresses(index: SiteDatabase) -> dict[str, str]:
    """Return a page of each kind: the ones with most to show."""
    ask = index.reader.execute
    (edited,) = ask("SELECT id FROM article WHERE version > 1 ORDER BY silent DESC, at DESC LIMIT 1").fetchone()
    (story,) = ask("SELECT story FROM article GROUP BY story ORDER BY count(*) DESC, story LIMIT 1").fetchone()
    (copied,) = ask("SELECT id FROM article WHERE story = ? ORDER BY at LIMIT 1", [story]).fetchone()
    (slug,) = ask("SELECT slug FROM entry WHERE kind = 'place' ORDER BY many DESC LIMIT 1").fetchone()
    paths = {name: quote(article.replace(":", "/")) for name, article in {"edited": edited, "copied": copied}.items()}
    return {
        "home": "",
        "tag": f"tags/{quote(slug)}.html",
        "tags": "tags.html",
        "article": f"articles/{paths['copied']}.html",
        "article-edited": f"articles/{paths['edited']}.html",
        "replay": f"replay/{paths['copied']}.html",
        "story": f"stories/{quote(story.replace(':', '.'))}.html",
        "outlet": "outlets/aljazeera.html",
        "search": f"search.html?q={quote('وزارة الصحه')}&order=newest",
        "newsroom": "newsroom.html",
    }


def main() -> int:
    """Make the pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "screens")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        uri = (Path(scratch) / "collection").as_uri()
        newsstand(uri, Path(scratch))
        archive, index = open_archive(uri), SiteDatabase(Path(scratch) / "site.sqlite")
        index.catch_up(archive)
        looks = Looks(Wording(clock=lambda: NOW + timedelta(hours=2)), live=True)
        with Server(Pages(index, archive, looks), follow_seconds=0) as server, chromium() as browser:
            for shade in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=shade, java_script_enabled=False
                    )
                    page = context.new_page()
                    for name, path in addresses(index).items():
                        page.goto(server.url + path)
                        suffix = "" if shade == "light" else "-dark"
                        page.screenshot(
                            path=folder / f"{name}-{size}{suffix}.png", full_page=not name.startswith("tag")
                        )
                    context.close()
        index.close()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
