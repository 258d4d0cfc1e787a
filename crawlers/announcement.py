"""What a source said of one article: a link and, with luck, a title, a time, a section, the whole text.

sitemap · news-sitemap · feed · section · api · argument  ──▶  Announcement  ──▶  crawlers.extraction
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One entry of a source, its strings verbatim: entities resolved once by the XML or JSON parser, nothing more.

    Args:
        kind: ``sitemap``, ``news-sitemap``, ``feed``, ``section``, ``api`` or ``argument``.
        source: the URL of the source that said it.
        url: the article's URL as the source wrote it, made absolute.
        guid: the entry's own identifier in the source.
        title, summary, text: headline, standfirst and full text (HTML or plain) where the source carries them.
        published, modified: the source's own strings; a sitemap's ``lastmod`` is ``modified``.
        section, tags, author: as the source names them.
        image, caption: the entry's picture and the words under it.
        language: as the source names it.
    """

    kind: str
    source: str
    url: str
    guid: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    published: str | None = None
    modified: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    author: str | None = None
    image: str | None = None
    caption: str | None = None
    language: str | None = None


def write_announcement(announcement: Announcement) -> str:
    """Return an announcement as one line of JSON, without the whole text, which only the feed's own record keeps."""
    said = {name: value for name, value in asdict(announcement).items() if value and name != "text"}
    return json.dumps(said, ensure_ascii=False)


def read_announcement(line: str) -> Announcement:
    """Read what `write_announcement` wrote."""
    said = json.loads(line)
    return Announcement(**{**said, "tags": tuple(said.get("tags", ()))})


def day_of(said: str | None) -> date | None:
    """Return the day that an announcement's own words for its time name, None where they are no ISO 8601 or RFC 5322."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read((said or "").strip())
        except (ValueError, TypeError, IndexError):
            continue
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    return None
