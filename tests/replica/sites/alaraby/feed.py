"""The feeds: whole text in ``content:encoded``, its entities escaped twice, an image in a second CDATA, ``+0300``."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.clock import DOHA, rfc822
from tests.replica.wire.message import Response, xml

if TYPE_CHECKING:
    from tests.replica.piece import Piece

XMLNS = (
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0" xml:base="https://www.alaraby.co.uk" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)
DESK = "AlAraby AlJadeed - العربي الجديد"
NBSP = "&amp;nbsp;"


def plain(piece: Piece) -> str:
    """Return the text as the feed writes it: bare lines, ``&quot;`` and ``&amp;nbsp;`` still escaped inside CDATA."""
    parts = []
    for turn, block in enumerate(piece.body):
        text = escape(block.text).replace("&#x27;", "&#039;")
        if block.kind == "q":
            parts.append(f"\n{NBSP}{text}\n")
        elif turn == 1 and ". " in text:
            parts.append(text.replace(". ", f".{NBSP}", 1))
        else:
            parts.append(text)
    if len(parts) > 5:
        parts.insert(4, "تعمق أكثر")
        parts.insert(
            3, f"\npic.twitter.com/x{piece.number % 100000}\n— وزارة الإعلام (@media_desk) November 3, 2026\n\n"
        )
    if piece.credit:
        parts.append(f"({piece.credit})")
    return "\n\n".join(parts)


def item(piece: Piece) -> str:
    picture, n = piece.pictures[0], piece.number
    image = escape(picture.url)
    creator = piece.byline[0] if piece.byline else DESK
    return f"""
    <item>
      <guid isPermaLink="false">{n}ab-cd-{n}-ef-gh-{n}</guid>
      <link>https://www.alaraby.co.uk{quote(piece.path)}</link>
      <title><![CDATA[{piece.headline}]]></title>
      <media:content url="{image}" type="image/jpeg" expression="full">
        <media:description type="plain">{escape(picture.shown)}</media:description>
        <media:credit role="author" scheme="urn:ebu">
          <![CDATA[ Free / ]]>
        </media:credit>
      </media:content>
      <enclosure url="{image}" length="0" type="image/jpeg"/>
      <description><![CDATA[{piece.standfirst}]]></description>
      <content:encoded>
        <![CDATA[{plain(piece)}
]]>
        <![CDATA[<div><img src="{image}" /></div>]]>
      </content:encoded>
      <dc:creator>{creator}</dc:creator>
      <category><![CDATA[{piece.section}]]></category>
      <pubDate>{rfc822(piece.published.astimezone(DOHA), "+0300")}</pubDate>
    </item>
"""


def feed(url: str, pieces: list[Piece]) -> Response:
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<rss {XMLNS}>
    <channel xmlns:dc="http://purl.org/dc/elements/1.1/">
    <atom:link href="{url}" rel="self" type="application/rss+xml" />
    <title>العربي الجديد</title>
    <link>https://www.alaraby.co.uk</link>
    <description>تغطية إخبارية وتحليلية للأحداث العربية والعالمية على مدار الساعة</description>
    <language>ar</language>
    {"".join(item(p) for p in pieces)}
  </channel>
</rss>
"""
    stamp = max((p.stamp for p in pieces), default=None)
    return xml(text, stamp + timedelta(0) if stamp else None, "application/rss+xml")
