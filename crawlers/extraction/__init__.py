"""Reading: a captured page becomes an article, every field from its best witness, or a named refusal.

Page ─▶ charset ─▶ markup ─▶ document ─▶ evidence ─┬▶ titles, people, dating, kind, pictures, policy ─┬▶ Article
                                                   └▶ lines ─▶ sieve ─▶ body ────────────────────────┘
Unreadable (refusals) leaves at any point.
"""

from crawlers.announcement import Announcement
from crawlers.extraction.article import read
from crawlers.extraction.errors import Unreadable
from crawlers.extraction.page_context import Page
from crawlers.extraction.rules import Era, Reading

__all__ = ["Announcement", "Era", "Page", "Reading", "Unreadable", "read"]
