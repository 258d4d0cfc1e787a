"""The search of a static site: for each word the numbers of its articles, in small files that a browser fetches as it needs them.

    search/<code points of two letters>.js    warraq.shard("627-644", {"الامم": [3, 1, 14], …})    numbers as steps; 0: nearly all
    search/docs-<thousand>.js                 warraq.shard("docs-0", {"3": [path, headline, outlet, code, time, agencies, date], …})

They are scripts, not JSON, so that a site opened from a folder searches too.
"""

from __future__ import annotations

import json
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from archive.site.paths import article_path, link
from archive.site.templating import outlet_name

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from archive.site.wording import Wording

_THOUSAND = 1000
_COMMON_SHARE, _COMMON = 0.5, 50  # a word in more articles than this share, and this many, chooses nothing


def word_files(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files of words."""
    (total,) = connection.execute("SELECT count(*) FROM article").fetchone()
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.places USING fts5vocab (main, fulltext, instance)")
    rows = connection.execute("SELECT DISTINCT term, doc FROM temp.places ORDER BY term, doc")
    for letters, group in groupby(rows, key=lambda row: row["term"][:2]):
        words: dict[str, Any] = {}
        for term, found in groupby(group, key=lambda row: row["term"]):
            numbers = [row["doc"] for row in found]
            is_common = len(numbers) > max(_COMMON, _COMMON_SHARE * total)
            words[term] = 0 if is_common else [numbers[0], *(after - before for before, after in pairwise(numbers))]
        name = "-".join(f"{ord(letter):x}" for letter in letters)
        yield f"search/{name}.js", _script(name, words)


def article_files(connection: sqlite3.Connection, wording: Wording) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the files that say what the numbers are."""
    rows = connection.execute("SELECT n, id, headline, outlet, at, agencies FROM article ORDER BY n")
    for thousand, group in groupby(rows, key=lambda row: row["n"] // _THOUSAND):
        said = {
            str(row["n"]): [
                *(link(article_path(row["id"])), row["headline"], outlet_name(row["outlet"]), row["outlet"], row["at"]),
                *(row["agencies"].strip(), wording.date(row["at"])),
            ]
            for row in group
        }
        yield f"search/docs-{thousand}.js", _script(f"docs-{thousand}", said)


def _script(name: str, said: dict[str, Any]) -> bytes:
    """Return a script; what ends a script element or a line for old parsers is written as an escape."""
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    for sign in ("<", "\u2028", "\u2029"):
        body = body.replace(sign, f"\\u{ord(sign):04x}")
    return f'warraq.shard("{name}",{body});\n'.encode()
