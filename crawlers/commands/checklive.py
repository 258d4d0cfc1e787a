"""`scrapy checklive OUTLET`: a few fresh articles, field by field; the exit code says whether the outlet has drifted."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from archive.cli.common import within
from crawlers.configuration import CheckedSettings
from crawlers.extraction import WITHOUT_SELECTORS, ExtractionError
from crawlers.extraction.article import agreement, read_and_judge
from crawlers.monitoring.probe import probe
from crawlers.signals import ExitCode
from pipelines.validation import Invalid

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from archive.article import Article
    from crawlers.extraction import Page

FIELDS = ("headline", "standfirst", "text", "section", "tags", "byline", "credit", "images", "published", "modified")
NEEDED = ("headline", "text", "published", "section")
READABLE = 0.8  # share of pages that must be readable
ANSWERED = 0.6  # share of pages on which a needed field must be found
AGREEMENT = 0.75  # median F1 with trafilatura; below it one of the two has lost the text


class Command(CheckedSettings):
    """How the live site is read today."""

    requires_project = True

    def syntax(self) -> str:
        """Name the arguments."""
        return "OUTLET [-n PAGES]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Read a few live articles and say whether the outlet has changed"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the number of pages."""
        super().add_options(parser)
        parser.add_argument("-n", dest="pages", type=within(1), default=5, help="how many articles (default: 5)")

    def run(self, args: Sequence[str], opts: argparse.Namespace) -> None:
        """Fetch, read and report; exit 1 on drift, 3 where nothing arrived that could be judged, 0 otherwise.

        Raises:
            UsageError: an unknown outlet, a wrong setting.
        """
        assert self.crawler_process is not None
        loader = self.crawler_process.spider_loader
        if len(args) != 1 or args[0] not in loader.list():
            raise UsageError(f"name one outlet: {', '.join(sorted(loader.list()))}", print_help=False)
        spider: Any = loader.load(args[0])
        pages, failures = probe(self.crawler_process, spider, limit=opts.pages)
        if failures and not pages:
            sys.stdout.write(
                "\n".join([*(f"not fetched: {each}" for each in failures), "NOT JUDGED: no page arrived\n"])
            )
            self.exitcode = ExitCode.SUSPECT
            return
        lines, drifts = examine(pages, failures, spider)
        sys.stdout.write("\n".join([*lines, *(f"DRIFT: {drift}" for drift in drifts)]) + "\n")
        self.exitcode = 1 if drifts else 0


def examine(pages: list[Page], failures: list[str], spider: Any) -> tuple[list[str], list[str]]:
    """Read the pages; return the report's lines and what has drifted."""
    articles: list[tuple[Page, Article]] = []
    lines = [f"not fetched: {failure}" for failure in failures]
    for page in pages:
        try:
            articles.append((page, read_and_judge(page, reading=spider.reading, addresses=spider.addresses)))
        except (ExtractionError, Invalid) as error:
            lines.append(f"no article ({error.reason}): {page.url}")
    agreements = [agreement(article.text, page.markup().decode()) for page, article in articles]
    lines += [_line(article, agreed) for (_, article), agreed in zip(articles, agreements, strict=True)]
    lines += _sources([article for _, article in articles])
    return lines, _drifts(
        pages, [article for _, article in articles], [each for each in agreements if each is not None]
    )


def _line(article: Article, agreed: float | None) -> str:
    missing = [name for name in FIELDS if not getattr(article, name)]
    flags = f"  flags: {', '.join(article.flags)}" if article.flags else ""
    gaps = f"  without: {', '.join(missing)}" if missing else ""
    second = "too large for a second opinion" if agreed is None else f"trafilatura agrees {agreed:.2f}"
    return f"{article.id}  {article.words} words  {second}{gaps}{flags}  {article.headline}"


def _sources(articles: list[Article]) -> list[str]:
    lines = []
    for name in FIELDS:
        answered = Counter(article.provenance[name] for article in articles if name in article.provenance)
        text = ", ".join(f"{source} {count}" for source, count in answered.most_common()) or "nobody"
        lines.append(f"{name:<12}{text}")
    return lines


def _drifts(pages: list[Page], articles: list[Article], agreements: list[float]) -> list[str]:
    if not pages:
        return ["no source announced an article"]
    if not articles:
        return ["nothing could be read"]
    drifts = []
    if len(articles) < READABLE * len(pages):
        drifts.append(f"only {len(articles)} of {len(pages)} pages are articles")
    for name in NEEDED:
        count = sum(bool(getattr(article, name)) for article in articles)
        if count < ANSWERED * len(articles):
            drifts.append(f"{name} found on {count} of {len(articles)} pages")
    generic = sum(not WITHOUT_SELECTORS.isdisjoint(article.flags) for article in articles)
    if generic > len(articles) / 2:
        drifts.append(f"the body selectors meant nothing on {generic} of {len(articles)} pages")
    if agreements and statistics.median(agreements) < AGREEMENT:
        drifts.append(f"median agreement with trafilatura {statistics.median(agreements):.2f}")
    return drifts
