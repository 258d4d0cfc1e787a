"""`scrapy newoutlet https://host/ [name]`: the spider of an outlet that nobody declared, from what its site shows.

survey ─▶ spiders/<name>.py, each line sure, likely or a guess ─▶ eight golden cases to be corrected by hand ─▶ checkall
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import UsageError

from crawlers.addresses import DomainAddresses
from crawlers.commands.checkall import FEWEST_CASES, GOLDENS, MOST_LINES, faults
from crawlers.commands.genspider import spiders_folder
from crawlers.configuration import CheckedSettings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from crawlers.monitoring.draft import Draft

NAME = re.compile(r"[a-z][a-z0-9]*")


class Command(CheckedSettings):
    """A new outlet."""

    requires_project = True

    def syntax(self) -> str:
        """Name the arguments."""
        return "https://host/ [NAME]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Write the spider of a site from what it shows, with golden cases to correct"

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:  # noqa: ARG002  Scrapy's signature
        """Survey, write, save, check; exit 1 where nothing could be written or the check finds faults.

        Raises:
            UsageError: no web address, a name that cannot be one or is taken, a wrong setting; nothing was requested.
        """
        from crawlers.monitoring.draft import EvidenceError, draft_spider  # noqa: PLC0415  imported when it is needed: a list of commands needs no reading
        from crawlers.monitoring.probe import survey_site  # noqa: PLC0415  as above

        assert self.crawler_process is not None
        url, name = self._checked(args)
        survey = survey_site(self.crawler_process, url)
        try:
            draft = draft_spider(survey, name)
        except EvidenceError as error:
            refused = f"robots.txt refuses {survey.refused[0]}; " if survey.refused else ""
            sys.stderr.write(f"nothing is written: {refused}{error}\n")
            self.exitcode = 1
            return
        self.exitcode = _write(draft, Path(_spiders()).parent)

    def _checked(self, args: Sequence[str]) -> tuple[str, str]:
        assert self.crawler_process is not None
        if len(args) not in {1, 2}:
            raise UsageError("name a site, and the outlet if you like: https://host/ [NAME]", print_help=False)
        try:
            domain = DomainAddresses.of(args[0]).outlet
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from error
        name = args[1] if len(args) > 1 else re.sub(r"[^a-z0-9]", "", domain.partition(".")[0]).lstrip("0123456789")
        if not NAME.fullmatch(name):
            raise UsageError(f"an outlet is named in small Latin letters and digits, not {name!r}", print_help=False)
        if name in self.crawler_process.spider_loader.list() or (_spiders() / f"{name}.py").exists():
            raise UsageError(
                f"the outlet {name!r} exists; name another: scrapy newoutlet {args[0]} NAME", print_help=False
            )
        parts = urlsplit(args[0])
        return f"{parts.scheme}://{parts.netloc}{parts.path or '/'}", name


def _spiders() -> Path:
    """Return the folder of the outlets' files. Raises `UsageError` where they are installed."""
    return spiders_folder("spiders")


def _write(draft: Draft, root: Path) -> int:
    """Write the spider and its cases, say how sure each line is, and return the exit code of the check."""
    path = root / "spiders" / f"{draft.name}.py"
    path.write_text(draft.text, encoding="utf-8")
    importlib.invalidate_caches()
    module = importlib.import_module(f"spiders.{draft.name}")
    spider = getattr(module, f"{draft.name.capitalize()}Spider")
    for certainty, line, reason in draft.claims:
        sys.stdout.write(f"{certainty:7} {line}  ({reason})\n")
    cases = _save_cases(draft, spider, root / GOLDENS / draft.name)
    sys.stdout.write(
        f"{path}: {draft.text.count(chr(10))} of {MOST_LINES} lines; {cases} golden cases to correct by hand\n"
    )
    wrong = list(faults(spider, root / GOLDENS / draft.name))
    sys.stdout.writelines(f"{draft.name}: {fault}\n" for fault in wrong)
    sys.stdout.write(
        f"checkall: {len(wrong)} faults; then by hand: the import contract in pyproject.toml, docs/before-you-crawl.md\n"
    )
    return 1 if wrong else 0


def _save_cases(draft: Draft, spider: Any, folder: Path) -> int:
    """Save pages of the sample as golden cases, those first that are read; return how many."""
    from crawlers.monitoring.postcrawl import draft_of, save_case  # noqa: PLC0415  imported when it is needed

    read = [(page, draft_of(page, spider)) for page in draft.pages if spider.addresses.classify(page.url)]
    chosen = [(page, expect) for page, (expect, reason) in read if reason is None][:FEWEST_CASES]
    for number, (page, expect) in enumerate(chosen, 1):
        save_case(folder / f"{expect['kind']}-{number}.json", page, expect)
    return len(chosen)
