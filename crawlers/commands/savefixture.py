"""`scrapy savefixture OUTLET URL CASE`: a live page becomes a golden case, its JSON to be corrected by hand."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.article import format_time
from crawlers.extraction import Page, Unreadable
from crawlers.extraction.judged import read_and_judge
from crawlers.probing import ProbeSpider
from pipelines.validation import Invalid

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

FOLDER = Path("tests/outlets")
CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
OF_THE_PAGE = ("kind", "headline", "standfirst", "text", "section", "tags", "byline", "credit", "agencies", "dateline")
OF_THE_CAPTURE = ("images", "language", "published", "modified", "published_raw", "origin_url", "flags")


class Command(ScrapyCommand):
    """A new golden case from the live site."""

    requires_project = True

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET URL CASE"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Save a live page as a golden case, to be corrected by hand"

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  Scrapy's signature
        """Fetch the page and write the case's two files.

        Raises:
            UsageError: an unknown outlet, a case that exists, a URL of another site.
        """
        assert self.crawler_process is not None
        outlet, url, case = self._checked(args)
        spider: Any = self.crawler_process.spider_loader.load(outlet)
        path = FOLDER / outlet / f"{case}.json"
        if path.exists():
            raise UsageError(f"the case {path} exists", print_help=False)
        if not spider.addresses.owns(url):
            raise UsageError(f"{url} stands on none of {outlet}'s hosts", print_help=False)
        pages: list[Page] = []
        failures: list[str] = []
        self.crawler_process.crawl(ProbeSpider, outlet=spider, urls=(url,), limit=1, pages=pages, failures=failures)
        self.crawler_process.start()
        if not pages:
            sys.stderr.write(f"not saved: {failures[0] if failures else 'no answer'}\n")
            self.exitcode = 1
            return
        save_case(path, pages[0], _expected(pages[0], spider))
        sys.stderr.write(f"saved {path} and its page; now correct the JSON by hand\n")

    def _checked(self, args: Sequence[str]) -> Sequence[str]:
        assert self.crawler_process is not None
        if len(args) != 3:  # noqa: PLR2004  OUTLET, URL and CASE
            raise UsageError("name an outlet, an address and a case: OUTLET URL CASE", print_help=False)
        outlets = sorted(self.crawler_process.spider_loader.list())
        if args[0] not in outlets:
            raise UsageError(f"unknown outlet {args[0]!r}; there are {', '.join(outlets)}", print_help=False)
        if not CASE.fullmatch(args[2]):
            raise UsageError(f"a case is named in small letters and hyphens, not {args[2]!r}", print_help=False)
        return args


def save_case(path: Path, page: Page, expect: dict[str, Any]) -> None:
    """Write a golden case: the page byte for byte, and its JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".html").write_bytes(page.body)
    record = {
        "url": page.url,
        "captured": format_time(page.captured),
        "content_type": page.content_type,
        "expect": expect,
    }
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _expected(page: Page, spider: Any) -> dict[str, Any]:
    """Return what is read today, as a first draft; nothing where the page cannot be read, which fails until corrected."""
    try:
        article = read_and_judge(page, reading=spider.reading, addresses=spider.addresses)
    except (Unreadable, Invalid) as error:
        sys.stderr.write(f"not readable today ({error.reason}): write the expectation by hand\n")
        return {}
    line = json.loads(article.to_line())
    return {name: line[name] for name in (*OF_THE_PAGE, *OF_THE_CAPTURE)}
