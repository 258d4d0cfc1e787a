"""The project's own articles, and how a test writes lines of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.syndication import MemoryStoryIndex, Piece, Stories
from tests.replica.writing.wires import read_wires

HERE = Path(__file__).parent
START = datetime(2026, 3, 10, 6, tzinfo=UTC)


def read(name: str) -> dict[str, tuple[str, str]]:
    """Return name → (headline, text) of a file of articles."""
    found = {}
    for block in (HERE / name).read_text("utf-8").split("@ ")[1:]:
        title, headline, *paragraphs = block.strip().split("\n")
        found[title] = headline, "\n".join(paragraphs)
    return found


ARTICLES = read("articles.txt")
BULLETINS = read("bulletins.txt")
BACKGROUND = (HERE / "background.txt").read_text("utf-8").strip().split("\n")
BASES = [*ARTICLES.values(), *((w.headlines[0], "\n".join(p for p, _ in w.paragraphs)) for w in read_wires())]


def line(
    name: str, text: str, hours: float = 0, *, outlet: str | None = None, headline: str = "عنوان", **more: object
) -> dict[str, object]:
    """Return a plain line; ``name`` is ``outlet:id`` or the id alone."""
    outlet = outlet or name.split(":", maxsplit=1)[0]
    moment = (START + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    return {"id": name, "outlet": outlet, "headline": f"{headline} {name}", "text": text, "published": moment, **more}


def published(lines):
    """Return lines as a crawl that met them in their order would have published them, with the formulas that it knew."""
    stories = Stories(MemoryStoryIndex())
    return [{**each, "formulas": stories.place(Piece.of_line(each)).formulas} for each in lines]


def settle(lines: list[dict[str, object]], stories: Stories | None = None) -> dict[str, tuple[str, str, float]]:
    """Place lines as they come; return id → story, role, overlap."""
    stories = stories or Stories(MemoryStoryIndex())
    for each in lines:
        stories.place(Piece.of_line(each))
    return {each.id: (each.story, each.role, each.overlap) for each in stories.placements()}


def groups(settled: dict[str, tuple[str, str, float]]) -> set[frozenset[str]]:
    """Return the stories as sets of ids."""
    stories: dict[str, set[str]] = {}
    for article, (story, _, _) in settled.items():
        stories.setdefault(story, set()).add(article)
    return {frozenset(members) for members in stories.values()}
