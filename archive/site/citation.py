"""How an article is cited: what it said, where, when it was captured, and the bytes that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.article import format_time

if TYPE_CHECKING:
    from archive.article import Article


def citation(article: Article) -> list[tuple[str, str]]:
    """Return the lines of a citation, each with its Arabic label; values are text, for machines and people alike."""
    lines = [
        ("العنوان على الشبكة", article.canonical_url),
        ("نُشر", "" if article.issued is None else article.issued.isoformat().replace("+00:00", "Z")),
        ("عُدِّل", "" if article.modified is None else format_time(article.modified)),
        ("حُفظ", format_time(article.captured)),
        ("بصمة النص SHA-256", article.text_sha256),
    ]
    if article.warc is not None:
        place = f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}"
        lines += [
            ("سجل WARC", place),
            ("معرّف السجل", article.warc.record_id.strip("<>")),
            ("بصمة الصفحة", article.warc.payload_digest or ""),
        ]
    return [(label, value) for label, value in lines if value]
