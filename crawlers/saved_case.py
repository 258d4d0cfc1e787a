"""A page as a golden case: `tests/outlets/<outlet>/<case>.html` and its `.json`, the expectation to be corrected by hand.

Page ──▶ draft_of() ──▶ what is read today ──▶ save_case()
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from archive.article import format_time
from crawlers.extraction import Page, Unreadable
from crawlers.extraction.article import read_and_judge
from pipelines.validation import Invalid

if TYPE_CHECKING:
    from pathlib import Path

OF_THE_PAGE = ("kind", "headline", "standfirst", "text", "section", "tags", "byline", "credit", "agencies", "dateline")
OF_THE_CAPTURE = ("images", "language", "published", "modified", "published_raw", "origin_url", "flags")


def draft_of(page: Page, spider: Any) -> tuple[dict[str, Any], str | None]:
    """Return what is read of a page today, and None; or nothing, which fails until it is written by hand, and the reason."""
    try:
        article = read_and_judge(page, reading=spider.reading, addresses=spider.addresses)
    except (Unreadable, Invalid) as error:
        return {}, error.reason
    line = json.loads(article.to_line())
    return {name: line[name] for name in (*OF_THE_PAGE, *OF_THE_CAPTURE)}, None


def save_case(path: Path, page: Page, expect: dict[str, Any], **said: Any) -> None:
    """Write a golden case: the page byte for byte, and its JSON, with what else is ``said`` of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if page.body:
        path.with_suffix(".html").write_bytes(page.body)
    record: dict[str, Any] = {
        "url": page.url,
        "captured": format_time(page.captured),
        "content_type": page.content_type,
        **said,
        "expect": expect,
    }
    if page.announcement:
        record["announcement"] = {name: value for name, value in asdict(page.announcement).items() if value}
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
