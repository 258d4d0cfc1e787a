"""Names of real newspapers: `python -m tests.realnames FILE FOLDER [--days] [--most N] [--labels] [--few N [--seed S] [--outlet ID]]`.

FILE holds articles as JSON lines (gzip): `id, outlet, url, headline, text, published`. They are published into an archive in FOLDER, at
once or day by day, and indexed; what that cost is printed. FILE and FOLDER stay outside the repository: the texts belong to the
newspapers.

`--few` draws that many articles that follow one another, of all outlets or of one, and prints the names of two and more by kind, to be read:
an archive's first hundreds tell too little of their own words, and what is no name is seen there first.

`--labels` compares an index that stands in FOLDER with what a reader marked (realnames.tsv: ids and names only): the persons,
organisations and places in the headline and the first hundred words of 331 articles drawn by lot, and what else is right without that
a reader would miss it. The rules were tried on every other article, the errors on the rest were read, too; 46 fresh ones were marked near
the end of that work, 60 «anew» before more rules were tried on them, the 40 «last» when nothing was changed any more, 30 «later», of which two errors were mended, and the 30 «newest», of which none was. Then what was missed in all of
them was read and rules for persons were made of it; the 40 «untried» were marked after that and changed none then. Of what was missed in
them, in the 40 «unseen», the 40 «unseen too» and the 40 «unseen third» (each marked before it was compared) the rules and lists for
organisations and places came; the 40 «blind» were marked last and changed none then. What was missed in them and in the 40 «blind
second» (marked before they were compared: 143 of 183 found) made rules for names in lists, titles as surnames, quarters and shares; the 80
«blind third» and «blind fourth» were marked after that and changed none. Below stand judgements of topics, and names of headlines whose
pages are compared with a search.

So are the well-known names: of those that were marked twice and more the forty of each kind whose words stand in most headlines. What a
search for the words finds and a page does not list was drawn by lot and read («missed»: the name, articles that name it, articles that
do not), of clubs those of sport apart; a newspaper's own credit («سبق - الرياض:») is not counted. The rest is reckoned by these shares.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import shutil
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from archive import open_archive
from archive.article import Article, Discovered
from archive.site.database import SiteDatabase, versions_of
from archive.site.queries import entry_of
from archive.site.topics import Sort, is_nationality, sort_of, stems
from archive.site.topics.gazetteer import Gazetteer, is_of_field
from archive.site.topics.names import parts_of
from archive.site.topics.tables import named_entries
from archive.text import key_of, spellings, tokens_of
from tests.site.newsstand import publish

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from archive.site.topics.gazetteer import Named

LABELS = Path(__file__).with_name("realnames.tsv")
KINDS = ("person", "organisation", "place", "")  # the columns behind an article's id; the last: right, but not missed
WINDOW = 100  # words that were read
LEAST = 3  # articles that a name must stand in, to be missed
Span = tuple[int, int, int]
"""In which part of an article, from which word to which."""


def articles(file: Path, most: int) -> Iterator[Article]:
    """Yield the first articles of a file."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(most), lines, strict=False):
            said = json.loads(line)
            published = datetime.fromisoformat(said["published"])
            text = "\n".join(filter(None, map(str.strip, said["text"].split("\n")))) or "-"
            yield Article(
                id=f"{said['outlet']}:{said['id']}", outlet=said["outlet"], url=said["url"], canonical_url=said["url"],
                headline=said["headline"], published=published, captured=published + timedelta(minutes=10), text=text,
                discovered=Discovered(kind="feed", url=said["url"]), extractor=f"{said['outlet']}/1", words=len(text.split()),
                text_sha256=hashlib.sha256(text.encode()).hexdigest(),
            )  # fmt: skip


def labels() -> tuple[dict[str, list[list[str]]], dict[str, bool], list[str], dict[str, dict[str, bool]]]:
    """Return the marked articles by part (id, names by kind), judged topics (kind and key → right), names of headlines, articles by name."""
    parts = (
        "tried on",
        "the other half",
        "fresh",
        "anew",
        "last",
        "later",
        "newest",
        "untried",
        "unseen",
        "unseen too",
        "unseen third",
        "blind",
        "blind second",
        "blind third",
        "blind fourth",
    )
    marked: dict[str, list[list[str]]] = {part: [] for part in parts}
    judged: dict[str, bool] = {}
    sought: list[str] = []
    read: dict[str, dict[str, bool]] = {}
    for number, line in enumerate(LABELS.read_text(encoding="utf-8").splitlines()):
        first, *rest = line.split("\t")
        if first in {"right", "wrong"}:
            judged["\t".join(rest)] = first == "right"
        elif first == "sought":
            sought += rest
        elif first == "missed":
            name, naming, others = rest
            read[key_of(name)] = dict.fromkeys(others.split(), False) | dict.fromkeys(naming.split(), True)
        elif first in parts:
            marked[first].append(rest)
        else:
            marked[parts[number % 2]].append([first, *rest])
    return marked, judged, sought, read


def spans_of(key: str, parts: Sequence[Sequence[str]]) -> list[Span]:
    """Return where a name stands in the parts of an article, with what is written together with its first word."""
    first, *rest = key.split()
    forms = {first, *spellings(first)}
    return [
        (part, at, at + 1 + len(rest))
        for part, tokens in enumerate(parts)
        for at, token in enumerate(tokens)
        if token in forms and list(tokens[at + 1 : at + 1 + len(rest)]) == rest
    ]


def is_same(kind: str, marked: Span, mentioned: Span) -> bool:
    """Say whether a mention is of what was marked: a good part of it, a person's first and last name, or it and a word more."""
    (part, start, end), (other, begun, ended) = marked, mentioned
    common = min(end, ended) - max(start, begun)
    if part != other or common <= 0:
        return False
    is_wider = begun <= start and ended >= end
    least = 0.33 if is_wider else 0.3 if kind == "person" else 0.6
    return common / (max(end, ended) - min(start, begun)) >= least


def match_of(key: str) -> str:
    """Return the full-text query for a name in all its written forms."""
    first, _, rest = key.partition(" ")
    return " OR ".join(f'"{f"{form} {rest}".strip()}"' for form in spellings(first))


def is_named(name: str, kind: str, tokens: Sequence[str]) -> bool:
    """Say whether words have a name by itself: «الحماس» is another word than «حماس», «مركز الملك سلمان» is only called after him.

    The rule: whatever stands together with the name's first word but the article; a person's, not directly behind a word that the
    lexicon lists for what is named after people (``named_after``); a ministry's, not before the adjective of another land.
    """
    first, *rest = name.split()
    return any(
        first in stems(token)
        and list(tokens[at + 1 : at + 1 + len(rest)]) == rest
        and not (at and kind == "person" and any(sort_of(stem) & Sort.NAMED_AFTER for stem in stems(tokens[at - 1])))
        and not (first == "وزاره" and is_nationality("".join(tokens[at + 1 + len(rest) :][:1])))
        for at, token in enumerate(tokens)
    )


class Score:
    """How many names are found, by kind, and how many of those found are right."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._entries = {entry.e: entry for entry in named_entries(connection)}
        self._gazetteer = Gazetteer(self._entries.values())
        self.found, self.wanted, self.right, self.shown = Counter(), Counter(), Counter(), Counter()
        self.same_kind = 0

    def add(self, article_id: str, names: Sequence[str]) -> None:
        """Compare what an article's first words are said to name with what a reader marked there."""
        article = versions_of(self._connection, article_id)[-1]
        parts = [folded for folded, _ in parts_of(article)]
        ends = [match.end() for match in re.finditer(r"\S+", article.text)][:WINDOW]
        window = len(tokens_of(article.text[: ends[-1]])[0]) if ends else 0
        mentioned: dict[int, list[Span]] = {}
        for part, mentions in enumerate(self._gazetteer.mentions(parts)):
            for e, start, end, _ in mentions:
                if part < len(parts) - 1 or start < window:
                    mentioned.setdefault(e, []).append((part, start, end))
        right, other = set(), set()
        for kind, marked in zip(KINDS, names, strict=True):
            for key in filter(None, map(key_of, marked.split(";"))):
                hits = {e for e, spans in mentioned.items() if self._is(key, self._entries[e], spans, parts)}
                same = {e for e in hits if kind in {"", self._entries[e].kind}}
                right, other = right | same, other | hits
                if kind and self._many(key) >= LEAST:
                    self.wanted[kind] += 1
                    self.found[kind] += bool(same)
        self.shown.update(self._entries[e].kind for e in mentioned)
        self.right.update(self._entries[e].kind for e in right)
        self.same_kind += len(other)

    def _is(self, key: str, entry: Named, spans: Sequence[Span], parts: Sequence[Sequence[str]]) -> bool:
        if key in entry.names or key in entry.shorts:
            return True
        marked = spans_of(key, parts)
        return any(is_same(entry.kind, each, span) for each in marked for span in spans)

    def _many(self, key: str) -> int:
        asked = "SELECT count(*) FROM fulltext WHERE fulltext MATCH ?"
        return int(self._connection.execute(asked, [match_of(key)]).fetchone()[0])

    def __str__(self) -> str:
        rows = [
            f"{kind or 'all':13} recall {_share(self.found, self.wanted, kind)}   precision {_share(self.right, self.shown, kind)}"
            for kind in (*KINDS[:3], "")
        ]
        return "\n".join([*rows, f"kind right {sum(self.right.values()) / max(self.same_kind, 1):.3f}"])


def _share(some: Counter[str], of: Counter[str], kind: str) -> str:
    one, all_of = (some[kind], of[kind]) if kind else (sum(some.values()), sum(of.values()))
    return f"{one:4} of {all_of:4} = {one / max(all_of, 1):.3f}"


def compare(index: SiteDatabase) -> Iterator[str]:
    """Yield how an index compares with the labels, line by line."""
    connection = index.reader
    marked, judged, sought, read = labels()
    for part, articles_of in marked.items():
        score = Score(connection)
        for article_id, *names in articles_of:
            score.add(article_id, names)
        yield f"{part}\n{score}"
    rows = connection.execute("SELECT kind, key FROM entry WHERE live AND many > 1 ORDER BY many DESC, key").fetchall()
    keys = [f"{row['kind']}\t{row['key']}" for row in rows]
    for name, some in (("100 biggest", keys[:100]), ("150 biggest", keys[:150]), ("the tail", keys[150:])):
        known = [judged[key] for key in some if key in judged]
        yield f"{name}: {sum(known)} right of {len(known)} judged"
    for name in sought:
        asked = "SELECT rowid, headline, standfirst, text FROM fulltext WHERE fulltext MATCH ?"
        rows = connection.execute(asked, [match_of(key_of(name))]).fetchall()
        searched = {row[0] for row in rows}
        entry = entry_of(connection, name)
        kind = entry.kind if entry else ""
        named = {
            n for n, *parts in rows if any(is_named(key_of(name), kind, part.split(" ")) for part in parts if part)
        }
        rows = connection.execute("SELECT n FROM topic WHERE e = ?", [entry.e]).fetchall() if entry else []
        listed = {row[0] for row in rows}
        shown = f"{entry.name} ({entry.kind}, {len(listed)})" if entry else "no page"
        of_it = float(len(named))
        if key_of(name) in read:
            named, of_it = searched, len(searched & listed) + _missed(connection, searched - listed, read[key_of(name)])
        yield (
            f"{len(named & listed) / max(of_it, 1):.3f} of {of_it:4.0f} that name «{name}», "
            f"{len(searched & listed) / max(len(searched), 1):.3f} of {len(searched):4} with its words: {shown}"
        )

    yield from _well_known(connection, marked, read)


def _well_known(
    connection: sqlite3.Connection, marked: dict[str, list[list[str]]], read: dict[str, dict[str, bool]]
) -> Iterator[str]:
    """Yield what the pages of well-known names miss of what a plain search for their words finds, and of what names them."""
    times = {kind: Counter[str]() for kind in KINDS[:3]}
    for _, *names in (article for articles_of in marked.values() for article in articles_of):
        for kind, of_kind in zip(times, names, strict=False):
            times[kind].update(filter(None, of_kind.split(";")))
    plain = sure = total = 0
    for kind, counts in times.items():
        spelled = {key_of(name): name for name in sorted(counts)}
        twice = Counter[str]()
        for name, many in counts.items():
            twice[key_of(name)] += many
        known = [key for key, many in twice.items() if many > 1]
        for key in sorted(known, key=lambda key: (-len(_found(connection, f"headline : ({match_of(key)})")), key))[
            :_FAMOUS
        ]:
            found = _found(connection, match_of(key))
            entry = entry_of(connection, spelled[key])
            listed = found & _listed(connection, entry.e) if entry else set()
            of_it = len(listed) + _missed(connection, found - listed, read.get(key, {}))
            shares = len(listed) / max(len(found), 1), len(listed) / max(of_it, 1)
            plain, sure, total = plain + (shares[0] >= _ENOUGH), sure + (shares[1] >= _ENOUGH), total + 1
            if shares[0] < _ENOUGH:
                shown = f"{entry.name} ({entry.kind})" if entry else "no page"
                yield f"{spelled[key]} ({kind}): {shares[0]:.3f} of {len(found)} with its words, {shares[1]:.3f} of what names it: {shown}"
    yield f"{plain} of {total} well-known names list 0.95 of what a search for their words finds, {sure} of what names them"


_FAMOUS, _ENOUGH = 40, 0.95


def _found(connection: sqlite3.Connection, match: str) -> set[int]:
    return {row[0] for row in connection.execute("SELECT rowid FROM fulltext WHERE fulltext MATCH ?", [match])}


def _listed(connection: sqlite3.Connection, e: int) -> set[int]:
    return {row[0] for row in connection.execute("SELECT n FROM topic WHERE e = ?", [e])}


def _missed(connection: sqlite3.Connection, missed: set[int], read: dict[str, bool]) -> float:
    """Return how many of the articles that a page misses name it, by the share of those of sport, and of the others, that were read."""
    parts: dict[bool, list[bool | None]] = {True: [], False: []}
    for number in missed:
        row = connection.execute(
            "SELECT id, fulltext.headline, fulltext.standfirst, text FROM fulltext JOIN article ON n = fulltext.rowid WHERE n = ?",
            [number],
        ).fetchone()
        is_sport = is_of_field("sport", {*" ".join(filter(None, tuple(row)[1:])).split()})
        parts[is_sport].append(read.get(row["id"].replace("sn-2015-", "")))
    shares = {of: [each for each in part if each is not None] for of, part in parts.items()}
    every = shares[True] + shares[False]
    return sum(len(part) * sum(of := shares[is_sport] or every or [True]) / len(of) for is_sport, part in parts.items())


def few(args: argparse.Namespace) -> Iterator[str]:
    """Yield the names of two articles and more, by kind, of some articles that follow one another."""
    every = [each for each in articles(args.file, args.most) if args.outlet in {"", each.outlet}]
    every.sort(key=lambda each: (str(each.published), each.id))
    start = random.Random(args.seed).randrange(max(len(every) - args.few, 0) + 1)
    chosen = every[start : start + args.few]
    folder = args.folder / f"few-{args.few}-{args.seed}-{args.outlet or 'all'}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    uri = (folder / "collection").as_uri()
    publish(uri, folder, chosen, crawl="few")
    index = SiteDatabase(folder / "site.sqlite")
    index.catch_up(open_archive(uri))
    asked = "SELECT name, many FROM entry WHERE live AND many > 1 AND kind = ? ORDER BY many DESC, name"
    yield f"{len(chosen)} articles, {chosen[0].published} to {chosen[-1].published}"
    for kind in KINDS[:3]:
        rows = index.reader.execute(asked, [kind]).fetchall()
        names = " · ".join(f"{name} {many}" for name, many in rows)
        yield f"{kind}: {len(rows)}\n{names}"
    index.close()


def main() -> None:
    """Publish, index, and say what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", action="store_true", help="catch up day by day")
    parser.add_argument("--most", type=int, default=1_000_000, help="articles")
    parser.add_argument(
        "--labels", action="store_true", help="compare what is indexed in FOLDER with what a reader marked"
    )
    parser.add_argument("--few", type=int, metavar="N", help="print the names of that many articles, to be read")
    parser.add_argument("--seed", type=int, default=1, help="which articles are drawn")
    parser.add_argument("--outlet", default="", help="of one outlet alone")
    args = parser.parse_args()
    if args.few:
        sys.stdout.writelines(f"{line}\n" for line in few(args))
        return
    args.folder.mkdir(parents=True, exist_ok=True)
    uri = (args.folder / "collection").as_uri()
    index = SiteDatabase(args.folder / "site.sqlite")
    if args.labels:
        sys.stdout.writelines(f"{line}\n" for line in compare(index))
        index.close()
        return
    chosen = list(articles(args.file, args.most))
    days = groupby(chosen, key=lambda article: article.published.date()) if args.days else [("all", chosen)]
    spent = 0.0
    for day, group in days:
        publish(uri, args.folder, list(group), crawl=f"c{day}")
        archive = open_archive(uri)
        started = time.process_time()
        index.catch_up(archive)
        spent += time.process_time() - started
    rows = index.reader.execute(
        "SELECT kind, name, many, key FROM entry WHERE live AND many > 0 ORDER BY many DESC, key"
    ).fetchall()
    mark = hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]
    sys.stdout.write(
        f"{len(chosen)} articles indexed: {1000 * spent / len(chosen):.2f} ms of processor an article\n"
        f"{len(rows)} names {dict(Counter(row['kind'] for row in rows))}\n"
        f"{mark} is the sum of all names and of how many articles each has\n"
    )
    index.close()


if __name__ == "__main__":
    main()
