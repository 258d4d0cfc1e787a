"""`scrapy savefixture OUTLET URL CASE`: a live page becomes a golden case, its JSON to be corrected by hand."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawlers.configuration import CheckedSettings
from crawlers.monitoring.probe import probe

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from crawlers.extraction import Page

FOLDER = Path("tests/outlets")
CASE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Command(CheckedSettings):
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
            UsageError: an unknown outlet, a case that exists, a URL of another site, a wrong setting.
        """
        from crawlers.monitoring.postcrawl import save_case  # noqa: PLC0415  imported when it is needed: a list of spiders needs no archive

        assert self.crawler_process is not None
        outlet, url, case = self._checked(args)
        spider: Any = self.crawler_process.spider_loader.load(outlet)
        path = FOLDER / outlet / f"{case}.json"
        if path.exists():
            raise UsageError(f"the case {path} exists", print_help=False)
        if not spider.addresses.owns(url):
            raise UsageError(f"{url} stands on none of {outlet}'s hosts", print_help=False)
        pages, failures = probe(self.crawler_process, spider, urls=(url,))
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


def _expected(page: Page, spider: Any) -> dict[str, Any]:
    """Return the first draft of the expectation; where there is none, say why."""
    from crawlers.monitoring.postcrawl import draft_of  # noqa: PLC0415  imported when it is needed: a list of spiders needs no archive

    draft, reason = draft_of(page, spider)
    if reason:
        sys.stderr.write(f"not readable today ({reason}): write the expectation by hand\n")
    return draft
