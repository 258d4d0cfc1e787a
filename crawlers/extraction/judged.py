"""Reading and judging in one step, as the crawl does it page by page, for those who hold a single page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawlers.extraction.article import read
from pipelines.cleaning import clean
from pipelines.validation import faults

if TYPE_CHECKING:
    from archive.article import Article
    from crawlers.addresses import AddressRules
    from crawlers.extraction.page import Page
    from crawlers.extraction.reading import Reading


def read_and_judge(page: Page, *, reading: Reading, addresses: AddressRules) -> Article:
    """Read ``page``, clean it, and look for faults; nothing that needs other articles is filled in.

    Raises:
        Unreadable: it is no article.
        Invalid: it may not be published.
    """
    article = clean(read(page, reading=reading, addresses=addresses))
    for fault in faults(article):
        raise fault
    return article
