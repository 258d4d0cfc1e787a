"""Extraction: a captured page becomes an article, every field from its best source, or a named refusal.

Page ─▶ html ─▶ page_context ─┬▶ fields, dates, credit, pictures ─┬▶ Article
                              └▶ boilerplate ─▶ body ─────────────┘
ExtractionError (page_checks) leaves at any point; rules.py says what is peculiar to an outlet.
"""

from crawlers.addresses import Announcement
from crawlers.extraction.article import read
from crawlers.extraction.page_checks import WITHOUT_SELECTORS, ExtractionError
from crawlers.extraction.page_context import Page
from crawlers.extraction.rules import HEADINGS, Era, ExtractionRules

__all__ = ["HEADINGS", "WITHOUT_SELECTORS", "Announcement", "Era", "ExtractionError", "ExtractionRules", "Page", "read"]
