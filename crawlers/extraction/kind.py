"""What kind of article a page is: the address says it first, then the marks on the page.

live · video · gallery · opinion · explainer · breaking · article
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.text import fold_label
from crawlers.extraction.jsonld import MEDIA_TYPES, types

if TYPE_CHECKING:
    from crawlers.extraction.page_context import Evidence

_CONTENT_TYPES = {
    "liveblog": "live",
    "live-blog": "live",
    "livestory": "live",
    "live_story": "live",
    "video": "video",
    "episode": "video",
    "gallery": "gallery",
    "image_gallery": "gallery",
    "imagegallery": "gallery",
    "infographic": "gallery",
    "slideshow": "gallery",
    "opinion": "opinion",
    "blog": "opinion",
    "blogs": "opinion",
    "explainer": "explainer",
    "breaking_news": "breaking",
    "breakingnews": "breaking",
}
_LINKED = {"LiveBlogPosting": "live", "OpinionNewsArticle": "opinion"}
_SECTIONS = {
    "opinion": frozenset(
        ("راي", "اراء", "الراي", "مقالات", "مقالات راي", "مدونات", "مدونه", "كتاب واراء", "opinion", "opinions")
    ),
    "video": frozenset(("فيديو", "الفيديو", "فيديوهات", "video", "videos", "بالفيديو")),
    "gallery": frozenset(
        ("صور", "البوم صور", "احداث في صور", "معرض الصور", "gallery", "slideshows", "انفوغراف", "انفوجراف")
    ),
    "explainer": frozenset(("موسوعه",)),
}
_LABELS = (".post-label__text", ".live-label", ".article-label", ".label-live", ".breaking-label", ".badge")
_LIVE = re.compile(r"^(?:تغطيه (?:مباشره|حيه|مستمره)|بث مباشر|مباشر|التحديثات الحيه|live(?: updates| blog)?)\b")
_BREAKING = re.compile(r"^(?:خبر )?عاجل\b(?!ا)")
_BREAKING_WORDS = 60  # a one-line item; a longer text under «عاجل» has grown into an article


def read_kind(evidence: Evidence, headline: str, section: str | None, word_count: int) -> str:
    """Return the kind of the article."""
    if evidence.address.kind != "article":
        return evidence.address.kind
    return _marked(evidence) or _by_words(evidence, headline, section, word_count)


def _marked(evidence: Evidence) -> str | None:
    """Return the kind that the page's own vocabulary names."""
    said = [*evidence.ask("meta:contentType"), *evidence.ask("json:type")]
    if kind := next((kind for line in said if (kind := _CONTENT_TYPES.get(line.lower().replace(" ", "_")))), None):
        return kind
    linked = types(evidence.linked)
    if kind := next((kind for name, kind in _LINKED.items() if name in linked), None):
        return kind
    if not linked and (media := {name for node in evidence.document.linked for name in types(node)} & MEDIA_TYPES):
        return "video" if "VideoObject" in media else "gallery"
    return None


def _by_words(evidence: Evidence, headline: str, section: str | None, word_count: int) -> str:
    labels = [fold_label(line) for selector in _LABELS for line in evidence.ask(selector)]
    if any(_LIVE.match(label) for label in labels):
        return "live"
    is_breaking = _BREAKING.match(fold_label(headline)) or any(_BREAKING.match(label) for label in labels)
    if is_breaking and word_count <= _BREAKING_WORDS:
        return "breaking"
    key = fold_label(section or "")
    return next((kind for kind, sections in _SECTIONS.items() if key in sections), "article")
