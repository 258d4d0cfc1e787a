"""Where each page of the site stands, the same for the static site and for the server.

    index.html                            search.html        newsroom.html, newsroom/<picture>.svg|csv
    tags/<words>.html, .rss, .json        one per name; page 2 and on: <words>.2.html
    articles/<outlet>/<number>.html       replay/<outlet>/<number>.html
    stories/<outlet>.<number>.html        outlets/<outlet>.html, .rss, .json

Paths are relative to the site's root and unquoted; links are relative to the page, so that a site can be moved, put into a
bucket or opened from a folder. What comes from an outlet's page becomes a file name only if it is letters and digits.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote

from archive.text import fold

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_LONGEST_SLUG = 80  # letters; a file name holds 255 bytes
_MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u200b-\u200f]")  # stand inside words: «عُمان» is one
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def is_safe_outlet(outlet: str) -> bool:
    """Say whether an outlet's name can be a folder's."""
    return _PLAIN.fullmatch(outlet) is not None


def article_path(article_id: str, folder: str = "articles") -> str:
    """Return the path of an article's page; ``folder`` ``replay`` gives that of its replay."""
    outlet, _, number = article_id.partition(":")
    return f"{folder}/{_plain(outlet)}/{_plain(number)}.html"


def story_path(story_id: str) -> str:
    """Return the path of a story's page."""
    outlet, _, number = story_id.partition(":")
    return f"stories/{_plain(outlet)}.{_plain(number or story_id)}.html"


def tag_path(slug: str, page: int = 1, suffix: str = "html") -> str:
    """Return the path of a page of a tag, or of its feed."""
    return f"tags/{slug}.{suffix}" if page == 1 else f"tags/{slug}.{page}.{suffix}"


def outlet_path(outlet: str, suffix: str = "html") -> str:
    """Return the path of an outlet's page, or of its feed."""
    return f"outlets/{_plain(outlet)}.{suffix}"


def slug_of(name: str) -> str | None:
    """Return a name as it stands in an address; None where nothing, or too much, would be left."""
    slug = _BETWEEN_WORDS.sub("-", _MARKS.sub("", name)).strip("-")
    return slug if 0 < len(slug) <= _LONGEST_SLUG else None


def key_of_slug(slug: str) -> str:
    """Return the folded words that an address names, however it is spelled."""
    return " ".join(fold(slug).replace("-", " ").split())


@lru_cache(maxsize=1 << 16)
def _quoted(path: str) -> str:
    return quote(path)


def link(path: str, page: str = "") -> str:
    """Return a link to ``path``, percent-encoded, from the page at the path ``page``."""
    return "../" * page.count("/") + _quoted(path)


def _plain(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()[:16]
