"""Why a page became no article: one class a reason, so that each is counted by its name."""

from __future__ import annotations

from typing import ClassVar

WITHOUT_SELECTORS = frozenset({"generic-extraction", "selectors-missed"})
"""Flags of articles whose text no selector of their outlet found: where there are many, the outlet was redesigned."""


class ExtractionError(Exception):
    """The page is no article of this outlet; ``reason`` is the counted name, the message says what was seen."""

    reason: ClassVar[str] = "unreadable"


class ErrorStatus(ExtractionError):
    """The server answered with an error."""

    reason = "error-status"


class BlockPage(ExtractionError):
    """A firewall or bot check answered in the outlet's place."""

    reason = "block-page"


class ConsentWall(ExtractionError):
    """A consent or login wall stands before the article."""

    reason = "consent-wall"


class SoftNotFound(ExtractionError):
    """A page that says "not found" under status 200."""

    reason = "soft-404"


class ServerFailure(ExtractionError):
    """A page that says under status 200 that the server failed, or is looked after: the article may be back any time."""

    reason = "server-failure"


class HomePage(ExtractionError):
    """The outlet's home page or a section page stands where an article was."""

    reason = "home-page"


class NotHtml(ExtractionError):
    """The body is no HTML at all."""

    reason = "not-html"


class NotAnArticle(ExtractionError):
    """The URL is none of the outlet's article addresses, and the page names no other."""

    reason = "not-an-article"


class Empty(ExtractionError):
    """No text in it: an empty shell, or nothing but widgets."""

    reason = "empty"


class NoHeadline(ExtractionError):
    """A text without a headline."""

    reason = "no-headline"


class OtherLanguage(ExtractionError):
    """The text is in another language than the outlet's."""

    reason = "other-language"
