"""WET: the extracted text as conversion records in a file of its own, so that tools made for Common Crawl's WET read ours.

    article ──▶ conversion  WARC-Refers-To: the response it was read from     block: headline, then the text, a paragraph a line

The same articles give the same bytes: a segment may be sealed twice. So a record's id follows from what it refers to, and
its date is that of the capture, as in Common Crawl's files.
"""

from __future__ import annotations

import uuid
from typing import IO, TYPE_CHECKING

from archive.warc.payload import label_of
from archive.warc.writer import WARC_FIELDS, Record, of_bytes, warc_fields, write_member

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from archive.article import Article

# ISO 639-3, as Common Crawl writes WARC-Identified-Content-Language
_LANGUAGES = {"ar": "ara", "en": "eng", "fr": "fra", "fa": "fas", "ku": "kur", "tr": "tur"}


def write_wet(
    out: IO[bytes], articles: Iterable[Article], *, filename: str, warcinfo: Mapping[str, str], opened: datetime
) -> int:
    """Write a WET file and return the number of its conversion records.

    Args:
        out: where the file is written.
        articles: what was read; one whose record is unknown is left out.
        filename: the name the file will bear.
        warcinfo: fields of the warcinfo record, the extractor's software and versions among them.
        opened: the date of the warcinfo record, aware UTC.
    """
    info = of_bytes("warcinfo", opened, warc_fields(warcinfo.items()), WARC_FIELDS, [("WARC-Filename", filename)])
    info.id = _id("warcinfo", filename)
    write_member(info, out)
    count = 0
    for article in articles:
        if article.warc is not None:
            write_member(conversion_of(article, info.id), out)
            count += 1
    return count


def conversion_of(article: Article, warcinfo: str) -> Record:
    """Return the conversion record of an article that knows its capture (6.8: no concurrent record, no address)."""
    if article.warc is None:
        raise ValueError(f"{article.id} does not know the record it was read from")
    text = f"{article.headline}\n{article.text}\n".encode()
    digest = label_of(text)
    fields = [
        ("WARC-Target-URI", article.url),
        ("WARC-Warcinfo-ID", warcinfo),
        ("WARC-Refers-To", article.warc.record_id),
        ("WARC-Identified-Content-Language", _LANGUAGES.get(article.language, article.language)),
        ("X-Warraq-Extractor", article.extractor),
        ("X-Warraq-Article", article.id),
        ("WARC-Payload-Digest", digest),
    ]
    record = of_bytes("conversion", article.captured, text, "text/plain", fields)
    record.id = _id("conversion", article.warc.record_id, article.id, article.extractor, digest)
    return record


def _id(*parts: str) -> str:
    return f"<{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join(parts)).urn}>"
