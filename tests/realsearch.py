"""Sixty searches of real newspapers against a plain search of their texts: `python -m tests.realsearch FILE FOLDER`.

FILE and FOLDER are those of `tests.realnames`, which has made the index. What should be found is told by one regular expression a word over
the folded texts, which shares nothing with the index: the word with and without its article, behind at most a conjunction and a
preposition; of the words in `PLURALS` that are asked for without quotes, their plural or singular too. What is printed: precision, recall
and processor time, worst first; how many of the first twenty have the words as they were typed, where so many do; and the time of
three common words.

`--static N` multiplies what FOLDER has to N articles, writes what a static site searches of them and prints the bytes that words and phrases
load in the installed Chromium, the most first.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.pages import Pages
from archive.site.search import Query, article_files, near_files, search, word_files
from archive.site.templating import Looks
from archive.text import fold
from tests.realnames import articles
from tests.screens import chromium

if TYPE_CHECKING:
    from collections.abc import Sequence

QUERIES = """
الرياض|بالرياض|والرياض|مصر|لمصر|بمصر|لبنان|إيران|جدة|بجدة|مكة|الطائف|اليمن|باليمن|داعش|الحوثي|أوباما|السيسي|عبدالله|عبد الله
عبدالعزيز|عبد الرحمن|الملك سلمان|"الملك سلمان"|"مجلس الأمن"|"لمجلس الأمن"|"مجلس الوزراء"|"وزارة الصحة"|"بوزارة الصحة"|"وزير الخارجية"|"محمد بن سلمان"|"عبد الله صالح"|"عبدالله صالح"
الهلال|النصر|مباراة|لاعب|مدرب|الحج|للحج|حادث|حريق|مستشفى|جامعة|الجامعة|تعليم|نفط|النفط|أسعار النفط|الأسهم|الاتفاق النووي|الأمم المتحدة|"الأمم المتحدة"|للأمم
كرة القدم|المدينة المنورة|قتيل|إرهاب|الإرهاب|مسؤول|شؤون|تركيا
"""


THREE_COMMON = ("الملك سلمان الرياض", "في من على", "رئيس مجلس دولة", "وزير مدينة يوم")
PLURALS = {"حادث": "حوادث", "حريق": "حرائق", "قتيل": "قتلى", "أسعار": "سعر", "الأسهم": "السهم", "المدينة": "المدن"}


class Sought(NamedTuple):
    """A word or phrase as a folded text may write it: letters that are in every way to write it, which are looked for first, and the rest."""

    letters: str
    pattern: re.Pattern[str]

    def is_in(self, parts: Sequence[str]) -> bool:
        """Say whether one of the parts of a text has it."""
        return any(self.letters in part and self.pattern.search(part) is not None for part in parts)


def expected(asked: str, *, is_plural: bool) -> list[list[Sought]]:
    """Return what each word or phrase of a query looks like in a folded text; where ``is_plural``, in the other number too."""
    phrases = re.findall(r'"([^"]+)"', asked)
    terms = phrases + re.sub(r'"[^"]+"', " ", asked).split()
    sought = re.findall(r"عبد ال\S+", re.sub(r'"[^"]+"', " ", asked)) or terms
    return [[_sought(fold(form)) for form in (term, is_plural and PLURALS.get(term)) if form] for term in sought]


def _sought(term: str) -> Sought:
    first, _, rest = term.partition(" ")
    stem = re.sub(r"^[وف]?[بك]?ال(?=.{2})|^[وف]?لل(?=.{2})|^[بل](?=مصر|مجلس|وزاره)|^ب(?=جده)|^لا?(?=مجلس)", "", first)
    is_definite = (
        stem != first and "ل" in first[: len(first) - len(stem)] and not re.match(r"[بل](مصر|مجلس|وزاره|جده)", first)
    )
    article = "(?:[بكف]?ال|لل|وال|[وف][بك]ال|[وف]لل)" if is_definite else "(?:[وف]?(?:[بكل]?|[بك]?ال|لل))"
    body = re.escape(f"{stem} {rest}".strip()).replace(r"\ ", r"[\W_]+")
    body = re.sub(r"عبد(?=ال)|عبد\[\\W_\]\+(?=ال)", r"عبد\\s*", body)
    body = re.sub("(?<=.)(?:يو|وو)", "(?:يو|وو)", body)
    letters = max(re.split(r"(?<=.)(?:يو|وو)|عبد|\s", f"{stem} {rest}"), key=len)
    return Sought(letters, re.compile(rf"(?<![^\W_]){article}{body}(?![^\W_])"))


def timed(index: SiteDatabase, asked: str) -> tuple[float, list[str]]:
    """Return the milliseconds of processor time that a search takes, and the ids of its first page."""
    started = time.process_time()
    cards = search(index.reader, Query(text=asked)).cards
    return 1000 * (time.process_time() - started), [card.id for card in cards]


def multiplied(source: Path, target: Path, most: int) -> SiteDatabase:
    """Return a copy of an index in which each article stands several times, a month apart; only what a search asks for is right."""
    shutil.copy(source, target)
    with closing(sqlite3.connect(target)) as connection:
        (many,) = connection.execute("SELECT max(n) FROM article").fetchone()
        connection.execute("CREATE TEMP TABLE one AS SELECT * FROM article")
        connection.execute("CREATE TEMP TABLE said AS SELECT rowid AS n, headline, standfirst, text FROM fulltext")
        for turn in range(1, 1 + most // many):
            new = {"turn": turn, "step": turn * many, "most": most}
            connection.execute(
                "UPDATE one SET n = n + :step, id = id || '-' || :turn, at = at + 2592000 * :turn, story = NULL", new
            )
            connection.execute("INSERT INTO article SELECT * FROM one WHERE n <= :most", new)
            connection.execute(
                "INSERT INTO fulltext (rowid, headline, standfirst, text) SELECT n + :step, headline, standfirst, text FROM said WHERE n + :step <= :most",
                new,
            )
            connection.execute("DELETE FROM one")
            connection.execute("INSERT INTO one SELECT * FROM article WHERE n <= ?", [many])
        connection.commit()
    return SiteDatabase(target)


def loads(index: SiteDatabase, folder: Path) -> list[tuple[int, str]]:
    """Return how many bytes the search of a static site loads for each query, beside its page, style and script."""
    (folder / "nothing").mkdir()
    looks, connection = Looks(), index.reader
    pages = Pages(index, open_archive((folder / "nothing").as_uri()), looks)
    made = [*word_files(connection), *article_files(connection, looks.wording), *near_files(connection)]
    made.append(("search.html", pages.search(Query()).encode()))
    made += [(f"static/{each.name}", each.read_bytes()) for each in files("archive.site").joinpath("static").iterdir()]
    for path, body in made:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
    sizes = {path: len(body) for path, body in made}
    found = []
    with chromium() as browser:
        page, asked = browser.new_page(), list[str]()
        page.on("request", lambda request: asked.append(request.url.rpartition("/search/")[2]))
        for query in each_query():
            asked.clear()
            page.goto(f"{(folder / 'search.html').as_uri()}?q={quote(query)}", wait_until="networkidle")
            found.append((sum(sizes.get(f"search/{name}", 0) for name in set(asked)), query))
    return sorted(found, reverse=True)


def each_query() -> list[str]:
    return [each.strip() for line in QUERIES.strip().splitlines() for each in line.split("|")]


def main() -> None:
    """Ask each and print how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--static", type=int, metavar="N", help="articles; print what a static site of so many loads")
    args = parser.parse_args()
    if args.static:
        with tempfile.TemporaryDirectory() as scratch:
            index = multiplied(args.folder / "site.sqlite", Path(scratch) / "site.sqlite", args.static)
            sys.stdout.writelines(f"{size / 1000:6.0f} KB {query}\n" for size, query in loads(index, Path(scratch)))
            index.close()
        return
    texts = {page.id: [fold(page.headline), fold(page.text)] for page in articles(args.file, 1_000_000)}
    index = SiteDatabase(args.folder / "site.sqlite")
    rows, behind = [], 0
    for asked in each_query():
        as_typed, truth = (
            {key for key, parts in texts.items() if all(any(each.is_in(parts) for each in term) for term in terms)}
            for terms in (expected(asked, is_plural=False), expected(asked, is_plural=True))
        )
        spent, first = timed(index, asked)
        behind += len([each for each in first[: len(as_typed)] if each not in as_typed])
        result = search(index.reader, Query(text=asked), limit=100_000)
        found = {each.id for card in result.cards for each in (card, *card.copies)}
        right = len(found & truth)
        rows.append((right / max(len(found), 1), right / max(len(truth), 1), spent, len(truth), asked))
    for precision, recall, spent, many, asked in sorted(rows, key=lambda row: row[0] + row[1]):
        sys.stdout.write(f"{precision:.3f} {recall:.3f} {spent:6.1f} ms {many:6} {asked}\n")
    precision, recall, spent = (statistics.fmean(row[place] for row in rows) for place in range(3))
    median = statistics.median(row[2] for row in rows)
    sys.stdout.write(
        f"{len(rows)} searches: precision {precision:.3f}, recall {recall:.3f}, {spent:.0f} ms, median {median:.0f} ms\n"
    )
    sys.stdout.write(f"of the first twenty, without the words as typed though others have them: {behind}\n")
    sys.stdout.writelines(f"{timed(index, asked)[0]:6.1f} ms {asked}\n" for asked in THREE_COMMON)
    index.close()


if __name__ == "__main__":
    main()
