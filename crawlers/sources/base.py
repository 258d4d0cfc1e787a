"""What every source is: URLs to start from, and a way to read what comes back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawlers.announcement import Announcement


class SourceError(ValueError):
    """A source answered with something that is not what it should be; the message says what."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days asked for, first and last included. Outlets' days and UTC's differ, so one day is added on either side."""

    since: date
    until: date

    def covers(self, day: date | None) -> bool:
        """Say whether ``day`` may hold an article of the window; an unknown day may."""
        slack = timedelta(days=1)
        return day is None or self.since - slack <= day <= self.until + slack

    def days(self) -> list[date]:
        """List the days, newest first."""
        return [self.until - timedelta(days=n) for n in range((self.until - self.since).days + 1)]


@dataclass(frozen=True, slots=True)
class Found:
    """What one answer of a source holds: announcements in its order, and URLs of the same source to ask next."""

    announcements: list[Announcement] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    stamps: dict[str, str] = field(default_factory=dict)
    """URL → when its answer changed last, for those of ``more`` of which the answer says it."""


class Source(ABC):
    """A place where an outlet announces its articles. Subclasses are frozen dataclasses."""

    kind: ClassVar[str]
    pages: int = 1000
    """The most answers in a row, each leading to the next, that are read in a crawl."""
    full_text: bool = False
    """The source carries whole articles, so that their pages need not be fetched."""

    @abstractmethod
    def start(self, window: Window) -> list[str]:
        """List the URLs to ask first."""

    @abstractmethod
    def read(self, body: bytes, url: str, window: Window) -> Found:
        """Read the decoded body of an answer. Raises `SourceError` where it is something else."""

    def by_day(self, window: Window) -> list[str]:  # noqa: ARG002  a source that is kept by day overrides this
        """List the URLs that announce these days and no others: for days long past, and where ``start`` led nowhere."""
        return []


def ways_in(sources: Sequence[Source], window: Window, *, by_day: bool) -> list[tuple[Source, str]]:
    """Return the URLs at which to begin asking about a window, in the sources' order, each with its source.

    A back-fill asks the sources that are kept by day (``by_day``), where an outlet has some: a feed and the first pages of a
    section say nothing of days long past, and a thousand days would ask them a thousand times.
    """
    dated = [(source, url) for source in sources for url in source.by_day(window)] if by_day else []
    return dated or [(source, url) for source in sources for url in source.start(window)]


def parse_xml(body: bytes) -> etree._Element:
    """Parse XML from a stranger: no entities, no network, no DTD, a mended tree where it is broken.

    Raises:
        SourceError: there is no XML in it.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, strip_cdata=True
    )
    try:
        root = etree.fromstring(body.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(f"no XML: {error}") from error
    if root is None:
        raise SourceError("no XML: the body is empty or garbage")
    return root


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace, lower-cased; comments and instructions have none."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def child_text(element: etree._Element, *names: str) -> str | None:
    """Return the stripped text of the first child with one of these local names that has any."""
    for name in names:
        for child in element:
            if local_name(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return None
