"""What every source is: URLs to start from, and a way to read what comes back."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin, urlsplit

from crawlers.addresses import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawlers.announcement import Announcement


_LINE_ENDS = re.compile("[\t\n\r]")  # browsers take them out of an address, wherever they stand
_AROUND = "".join(map(chr, range(0x21))) + "\u00a0" + INVISIBLE


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
    fault: str | None = None
    """Why the answer may have held more than was read, None where it was read to its end."""
    nowhere: int = 0
    """Entries whose address is none, and which were passed over."""


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
    def read(self, body: bytes, url: str, window: Window, content_type: str | None = None) -> Found:
        """Read the decoded body of an answer, its charset as the header says. Raises `SourceError` where it is something else."""

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


def absolute(base: str, link: str) -> str | None:
    """Return the web address that a link means where it stands, as browsers read it; None where it means none.

    Args:
        base: the address that it is relative to.
        link: as the source wrote it, with the blanks, line ends and invisible marks around it.
    """
    try:
        url = urljoin(base, _LINE_ENDS.sub("", link.strip(_AROUND)))
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return url if is_address else None
