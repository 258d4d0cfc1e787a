"""What surrounds an article on a real page, so that a small one reaches a real one's size and number of elements.

The stored pages of 2019 and 2026 of the outlets and their sisters have 430 to 930 elements, 60 to 200 links and 54 to 450 KB, of
which the scripts, styles and drawings of the new front ends are three quarters.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

SMALLEST, LARGEST = 150_000, 300_000  # bytes
CARD = (
    '<article class="article-card article-card--{0}"><div class="card__image"><img data-src="/i/{0}.jpg" alt=""></div>'
    '<h3 class="article-card__title"><a class="u-clickable-card__link" href="/news/{0}">عنوان بطاقة رقم {0}</a></h3>'
    '<p class="article-card__excerpt">موجز قصير</p></article>'
)
LINK = '<li class="menu__item"><a href="/s/{0}">قسم {0}</a></li>'
DRAWING = '<svg viewBox="0 0 24 24"><path d="' + "M1 1h2v3z " * 60 + '"/></svg>'
MARKUP = (
    f"<nav><ul>{''.join(map(LINK.format, range(90)))}</ul></nav>"
    f'<aside class="sidebar">{"".join(map(CARD.format, range(50)))}</aside>{DRAWING * 20}'
)
END = b"</body>"


def grown(body: bytes, rng: random.Random) -> bytes:
    """Return a page with a menu, cards, drawings, and scripts up to a size between SMALLEST and LARGEST, where it is smaller."""
    wanted = rng.randint(SMALLEST, LARGEST) - len(body) - len(MARKUP.encode())
    state = json.dumps({f"k{n}": rng.random() for n in range(400)})
    script = f"<script>window.__STATE__={state}</script>"
    head, end, tail = body.rpartition(END) if END in body else (body, b"", b"")
    return head + (MARKUP + script * max(0, wanted // len(script))).encode() + end + tail
