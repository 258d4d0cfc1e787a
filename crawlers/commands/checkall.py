"""`scrapy checkall`: every outlet's file and golden folder, checked against the rules for spider files and golden cases."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand

from crawlers.extraction import ExtractionRules
from crawlers.outlet import OutletSpider

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

GOLDENS = Path("tests/outlets")
MOST_LINES = 60
FEWEST_CASES = 8
FEWEST_SOURCES = 2
DECLARED = frozenset(("name", "addresses", "sources", "reading"))


class Command(ScrapyCommand):
    """Names, docstrings, fixtures, undeclared attributes."""

    requires_project = True

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Check every outlet's declaration and its golden pages"

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  Scrapy's signature
        """Print what is wrong, one sentence a line; exit 1 where anything is."""
        assert self.crawler_process is not None
        loader = self.crawler_process.spider_loader
        wrong = [
            f"{name}: {fault}" for name in sorted(loader.list()) for fault in faults(loader.load(name), GOLDENS / name)
        ]
        for sentence in wrong:
            sys.stdout.write(f"{sentence}\n")
        sys.stdout.write(f"{len(loader.list())} outlets, {len(wrong)} faults\n")
        self.exitcode = 1 if wrong else 0


def faults(spider: Any, goldens: Path) -> Iterator[str]:
    """Yield what is wrong with one outlet's spider class and its golden folder."""
    if not issubclass(spider, OutletSpider):
        yield "is no OutletSpider"
        return
    yield from _form(spider)
    yield from _declaration(spider)
    yield from _goldens(goldens)


def _form(spider: type[OutletSpider]) -> Iterator[str]:
    module = inspect.getmodule(spider)
    assert module is not None
    assert module.__file__ is not None
    lines = Path(module.__file__).read_text(encoding="utf-8").count("\n")
    if lines > MOST_LINES:
        yield f"its file has {lines} lines, {MOST_LINES} are enough for a declaration"
    if not module.__doc__:
        yield "its module has no docstring"
    if not spider.__dict__.get("__doc__"):
        yield "its class has no docstring"
    if module.__name__.rpartition(".")[2] != spider.name:
        yield f"its module is called {module.__name__}"
    if spider.__name__ != f"{spider.name.capitalize()}Spider":
        yield f"its class is called {spider.__name__}"


def _declaration(spider: type[OutletSpider]) -> Iterator[str]:
    inherited = set(dir(OutletSpider))
    for name, value in vars(spider).items():
        if name.startswith("__") or name in DECLARED:
            continue
        if name not in inherited:
            yield f"declares {name}, which nothing reads"
        elif callable(value) and not value.__doc__:
            yield f"overrides {name} without saying why"
    if spider.addresses.outlet != spider.name:
        yield f"its addresses belong to {spider.addresses.outlet}"
    if len(spider.sources) < FEWEST_SOURCES:
        yield "has one source only: when it dies, the outlet is silent"
    if not isinstance(getattr(spider, "reading", None), ExtractionRules):
        yield "declares no reading"


def _goldens(folder: Path) -> Iterator[str]:
    cases = sorted(folder.glob("*.json"))
    if len(cases) < FEWEST_CASES:
        yield f"has {len(cases)} golden cases in {folder}, {FEWEST_CASES} are the least"
    for case in cases:
        record = json.loads(case.read_text(encoding="utf-8"))
        if not record.get("expect"):
            yield f"{case} expects nothing"
        if not case.with_suffix(".html").exists() and not record.get("announcement"):
            yield f"{case} has no page"
    for page in folder.glob("*.html"):
        if not page.with_suffix(".json").exists():
            yield f"{page} has no expectation"
