"""Commands over many articles: lists, searches, sums by day or section, stories, texts, what is new, a word in its contexts."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from archive.article import Article, Head, format_time
from archive.cli.common import (
    DATES,
    NOTHING,
    add_choice,
    add_limit,
    choice_of,
    chosen,
    issued,
    local_path,
    minute,
    one_article,
    opened,
    progress,
    say_nothing_fits,
    tab_separated,
    within,
    write_table,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from archive.manifests.listing import Cursor
    from archive.reader.archive import Archive
    from archive.reader.query import Line
    from archive.reader.summary import Counts
    from archive.site.queries import Card

# --- List articles, the newest first: one line each for people, the whole record with --json -------------------------

_HEAD = ("published", "id", "v", "headline")


def add_articles(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument(
        "--topic", metavar="NAME", help="names this person, organisation or place, however it is spelled"
    )
    parser.add_argument(
        "--about", action="store_true", help="with --topic: what is about it, not what names it in passing"
    )
    _add_index(parser)
    add_limit(parser)


def run_articles(args: argparse.Namespace) -> int:
    """List articles; with --json the whole records."""
    if args.about and not args.topic:
        raise ValueError("--about goes with --topic")
    archive, count = opened(args), 0
    articles = _naming(archive, args) if args.topic else chosen(archive, args)
    if args.json:
        for count, article in enumerate(articles, 1):  # noqa: B007  counted
            _write(article, as_json=True)
    else:
        count = write_table(_HEAD, map(row_of, articles))
    if not count:
        say_nothing_fits(archive)
    return 0


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index", type=local_path, metavar="FILE", help="the site's index; by default a file in the user's cache"
    )


def _naming(archive: Archive, args: argparse.Namespace) -> Iterator[Article]:
    """Yield the chosen articles that name a topic, or are about it, as its page on the site lists them."""
    from archive.cli.publish import caught_up  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.site.queries import entry_of, ids_naming  # noqa: PLC0415

    with caught_up(args) as (_, index):
        entry = entry_of(index.reader, args.topic)
        if entry is None:
            raise ValueError(f"no article names {args.topic!r}")
        ids = ids_naming(index.reader, entry.e, about=args.about)
    naming = (article for article in archive.articles(**choice_of(args)) if article.id in ids)
    yield from islice(naming, args.limit)


def row_of(article: Article) -> tuple[str, ...]:
    """Return an article as a row: when it was published (captured, where that is not known), id, version, headline."""
    when = issued(article) if article.published else minute(article.captured)
    return when, article.id, f"{article.version}", article.headline


def _write(article: Article, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{article.to_line()}\n")
    else:
        write_table(_HEAD, [row_of(article)], with_head=False)


# --- Search the full text as the site does: the best first, in any spelling and with or without «و» and «ال» ----------

_SEARCH_HEAD = ("published", "id", "headline")


def add_search(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("words", nargs="+", metavar="WORD", help='all of these; "…" is a phrase')
    parser.add_argument("--outlet", metavar="NAME", default="", help="only this outlet")
    parser.add_argument("--agency", metavar="CODE", default="", help="credited to this agency")
    parser.add_argument("--since", metavar="DATE", default="", help=f"published on or after it: {DATES}")
    parser.add_argument("--until", metavar="DATE", default="", help="published on or before it")
    parser.add_argument("--newest", action="store_true", help="the newest first, not the best")
    parser.add_argument("--limit", type=within(1), default=20, metavar="N", help="at most so many; by default 20")
    parser.add_argument(
        "--index", type=local_path, metavar="FILE", help="the site's index; by default a file in the user's cache"
    )


def run_search(args: argparse.Namespace) -> int:
    """Search the full text as the site does, the best first, in any spelling, with or without «و» and «ال»."""
    from archive.cli.publish import caught_up  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.site.search import Query, search  # noqa: PLC0415

    opened(args)  # says which outlets there are, should this be none
    query = Query(
        text=" ".join(args.words), outlet=args.outlet, agency=args.agency, since=args.since, until=args.until,
        order="newest" if args.newest else "best",
    )  # fmt: skip
    if not query.terms:
        raise ValueError(f"no word stands in {query.text!r}")
    with caught_up(args) as (archive, index):
        result = search(index.reader, query, args.limit)
    if args.json:
        sys.stdout.writelines(f"{_hit_as_json(card)}\n" for card in result.cards)
    else:
        write_table(_SEARCH_HEAD, ((*row_of(card.article)[:2], card.headline) for card in result.cards if card.article))
    if not result.total:
        say_nothing_fits(archive)
        if result.meant:
            sys.stderr.write(f"{result.meant} is written in this archive\n")
    elif result.total > len(result.cards):
        sys.stderr.write(f"{len(result.cards)} of {result.total:,}\n")
    return 0


def _hit_as_json(card: Card) -> str:
    article = card.article
    assert article is not None
    record = {
        "id": article.id,
        "outlet": article.outlet,
        "published": None if article.published is None else format_time(article.published),
        "captured": format_time(article.captured),
        "headline": article.headline,
        "passage": "" if card.marked is None else card.marked.striptags(),
        "canonical_url": article.canonical_url,
    }
    return json.dumps(record, ensure_ascii=False)


# --- Count articles by day, month, outlet, section, agency, tag, topic or kind-------------------------------------------

_BY = ("day", "month", "outlet", "section", "agency", "tag", "topic", "kind")
_TIMES = ("day", "month")


def add_count(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--by", choices=_BY, required=True, help="what is counted by; an article counts for each of its tags and topics"
    )
    parser.add_argument(
        "--picture",
        type=local_path,
        metavar="FILE",
        help="by day or month: draw the time series, a row an outlet (SVG, or as the suffix says)",
    )
    _add_index(parser)
    add_choice(parser)
    add_limit(parser)


def run_count(args: argparse.Namespace) -> int:
    """Count articles; days by publication, in the outlet's zone."""
    if args.picture and args.by not in _TIMES:
        raise ValueError("--picture draws a time series: --by day or --by month")
    archive = opened(args)
    series = _counted_by_topic(archive, args) if args.by == "topic" else _counted(archive, args)
    counts = Counter[str]()
    for (_, name), many in series.items():
        counts[name] += many
    if args.picture and series:
        from archive.coverage import draw_series  # noqa: PLC0415  matplotlib takes half a second

        draw_series(series, args.picture)
    if args.by in _TIMES:
        rows = sorted(counts.items(), reverse=not args.oldest_first)
    else:
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    rows = rows[: args.limit]
    if args.json:
        lines = (json.dumps({args.by: name or None, "articles": count}, ensure_ascii=False) for name, count in rows)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    else:
        write_table(("articles", args.by), ((f"{count}", name or NOTHING) for name, count in rows))
    if not rows:
        say_nothing_fits(archive)
    return 0


def _counted_by_topic(archive: Archive, args: argparse.Namespace) -> Counts:
    from archive.cli.publish import caught_up  # noqa: PLC0415  as above
    from archive.site.queries import names_by_id  # noqa: PLC0415

    with caught_up(args) as (_, index):
        names = names_by_id(index.reader)
    choice = choice_of(args)
    choice["sort"] = None
    counts: Counts = Counter()
    for article in archive.articles(**choice):
        counts.update((article.outlet, name) for name in names.get(article.id, ()))
    return counts


def _counted(archive: Archive, args: argparse.Namespace) -> Counts:
    from archive.reader.query import Selection  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.summary import count_of, summary_of  # noqa: PLC0415

    choice = choice_of(args)
    with progress("reading articles") as tell:
        summary = summary_of(archive, Selection.of(choice), tell)
        if summary is None:
            choice["sort"] = None
            return count_of(_each_told(tell, archive.articles(**choice)), args.by)
    with summary:
        return summary.count(Selection.of(choice), args.by)


def _each_told(tell: Callable[[str], None], articles: Iterable[Article]) -> Iterator[Article]:
    """Pass articles on and tell of each."""
    for article in articles:
        tell(article.id)
        yield article


# --- List the stories that several articles carry, the newest first --------------------------------------------------

_STORIES_HEAD = ("first", "articles", "outlets", "agencies", "id", "headline")


@dataclass(slots=True)
class _Story:
    """What is kept of a story while its articles pass: the earliest of them, and who carries it."""

    rank: tuple[bool, str, str]
    when: str
    headline: str
    articles: int = 0
    outlets: set[str] = field(default_factory=set)
    agencies: set[str] = field(default_factory=set)


def add_stories(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument("--least", type=within(1), default=2, metavar="N", help="articles of a story; by default 2")
    add_limit(parser)


def run_stories(args: argparse.Namespace) -> int:
    """List the stories that several of the chosen articles carry, the newest first."""
    archive = opened(args)
    stories: dict[str, _Story] = {}
    for article in _in_stories(archive, args):
        _join(stories, article)
    several = {name: story for name, story in stories.items() if story.articles >= args.least}
    rows = sorted(several.items(), key=lambda row: (row[1].rank[1], row[0]), reverse=not args.oldest_first)[
        : args.limit
    ]
    if args.json:
        sys.stdout.writelines(f"{_as_json(name, story)}\n" for name, story in rows)
    else:
        write_table(_STORIES_HEAD, (_cells(*row) for row in rows), spare=("agencies", "outlets"))
    if not rows:
        say_nothing_fits(archive, f"story is carried by {args.least} of the chosen articles")
    return 0


def _in_stories(archive: Archive, args: argparse.Namespace) -> Iterator[Article | Head]:
    from archive.reader.query import Selection  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from archive.reader.summary import summary_of  # noqa: PLC0415

    choice = choice_of(args)
    choice["sort"], choice["settle"] = None, True
    with progress("reading articles") as tell:
        summary = summary_of(archive, Selection.of(choice), tell)
        if summary is None:
            yield from _each_told(tell, archive.articles(**choice))
            return
    with summary:
        yield from summary.in_stories(Selection.of(choice), args.least, args.limit)


def _join(stories: dict[str, _Story], article: Article | Head) -> None:
    if article.story is None:
        return
    moment = format_time(article.published or article.captured)
    rank = (article.id != article.story.origin, moment, article.id)  # the origin, should it be among the chosen ones
    known = stories.get(article.story.id)
    if known is None:
        known = stories[article.story.id] = _Story(rank, issued(article), article.headline)
    elif rank < known.rank:
        known.rank, known.when, known.headline = rank, issued(article), article.headline
    known.articles += 1
    known.outlets.add(article.outlet)
    known.agencies |= set(article.agencies) | set(article.story.agencies)


def _cells(name: str, story: _Story) -> tuple[str, ...]:
    counts = (f"{story.articles}", ",".join(sorted(story.outlets)))
    return (story.when, *counts, ",".join(sorted(story.agencies)) or NOTHING, name, story.headline)


def _as_json(name: str, story: _Story) -> str:
    record = {"id": name, "first": story.rank[1], "articles": story.articles, "outlets": sorted(story.outlets)}
    return json.dumps(record | {"agencies": sorted(story.agencies), "headline": story.headline}, ensure_ascii=False)


# --- Print the text alone, of one article or of all that are chosen: for grep, for counting, for a corpus ------------


def add_text(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", nargs="?", help="the article's id or address; without it, all that are chosen"
    )
    add_choice(parser)
    add_limit(parser)


def run_text(args: argparse.Namespace) -> int:
    """Print the text alone, for grep, for counting, for a corpus."""
    archive = opened(args)
    articles: Iterable[Article]
    if args.id is None:
        articles = chosen(archive, args)
    else:
        article = one_article(archive, args.id, args.as_of)
        articles = [] if article is None else [article]
    count = 0
    for article in articles:
        if args.json:
            record = {"id": article.id, "headline": article.headline, "text": article.text}
            sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(("\n" if count else "") + f"{article.headline}\n{article.text}\n")
        count += 1
    if args.id is None and not count:
        say_nothing_fits(archive)
    return 0 if count else 1


# --- Print new articles as they are published, each once, whatever happens in between --------------------------------


def add_tail(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    parser.add_argument(
        "--cursor", type=local_path, metavar="FILE", help="begin where this file says, and keep it up to date"
    )
    parser.add_argument(
        "--from-start", action="store_true", help="begin with the first article ever, where no cursor says else"
    )
    parser.add_argument(
        "--every", type=within(0, kind=float), default=30.0, metavar="SECONDS", help="between two looks; by default 30"
    )
    parser.add_argument("--once", action="store_true", help="print what is new, and end")


def run_tail(args: argparse.Namespace) -> int:
    """Print new articles as they are published, each once."""
    from archive.manifests.listing import Cursor  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    if args.cursor is not None and args.cursor.exists():
        cursor = Cursor.from_json(args.cursor.read_text(encoding="utf-8", errors="replace"))
    else:
        cursor = Cursor() if args.from_start else archive.cursor()
    _keep(args.cursor, cursor)
    while True:
        count = _round(archive, cursor, args)
        if args.once:
            if not count:
                say_nothing_fits(archive, "new article")
            return 0
        time.sleep(args.every)


def _round(archive: Archive, cursor: Cursor, args: argparse.Namespace) -> int:
    """Print what is new and return how many there were; in a long watch an outage of the store is waited out."""
    from archive.store import StoreUnavailable  # noqa: PLC0415  imported when it is needed: the command line stays fast

    count = 0
    try:
        for manifest in archive.manifests(after=cursor):
            if archive.filters.is_news(manifest):
                for article in archive.articles_of(manifest, **choice_of(args)):
                    _write(article, as_json=args.json)
                    count += 1
                sys.stdout.flush()
            cursor.advance(manifest)
            _keep(args.cursor, cursor)
    except StoreUnavailable as error:
        if args.once:
            raise
        sys.stderr.write(f"{error}; trying again in {args.every:g} s\n")
    return count


def _keep(path: Path | None, cursor: Cursor) -> None:
    if path is not None:
        part = path.with_name(path.name + ".part")
        part.write_text(cursor.to_json() + "\n", encoding="utf-8")
        part.replace(path)


# --- Show a word in its contexts: every place where it stands, with the words around it ------------------------------

_KWIC_COLUMNS = ("id", "outlet", "published", "left", "keyword", "right", "place", "url")
_FROM_RIGHT, _POP = "\u2067", "\u2069"  # from right to left, whatever stands before it


def add_kwic(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("word", metavar="WORD", help="a word, or several in quotation marks that follow one another")
    parser.add_argument("--exact", action="store_true", help="the word alone, without what is written together with it")
    parser.add_argument("--width", type=within(0, 200), default=8, metavar="N", help="words on each side; by default 8")
    parser.add_argument(
        "--csv", action="store_true", help="comma-separated values: id, outlet, published, left, keyword …"
    )
    add_choice(parser)
    add_limit(parser)


def run_kwic(args: argparse.Namespace) -> int:
    """Show a word in its contexts, with whatever is written together with it."""
    lines = _kwic_lines(args)
    writer = csv.writer(sys.stdout)
    if args.csv:
        writer.writerow(_KWIC_COLUMNS)
    count = 0
    for count, line in enumerate(lines, 1):  # noqa: B007  how many there were
        if args.json:
            sys.stdout.write(json.dumps(_line_record(line), ensure_ascii=False) + "\n")
        elif args.csv:
            writer.writerow([_cell(value) for value in _line_record(line).values()])
        else:
            sys.stdout.write(_as_text(line))
    if not count:
        sys.stderr.write(f"{args.word} stands nowhere in what was chosen\n")
    return 0 if count else 1


def _kwic_lines(args: argparse.Namespace) -> Iterator[Line]:
    from archive.reader.query import Pattern  # noqa: PLC0415  imported when it is needed: the command line stays fast

    pattern = Pattern(args.word, clitics=not args.exact)
    articles = opened(args).articles(**choice_of(args))
    return islice((line for article in articles for line in pattern.lines(article, args.width)), args.limit)


def _line_record(line: Line) -> dict[str, Any]:
    return asdict(line) | {"published": line.published and format_time(line.published)}


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _as_text(line: Line) -> str:
    """Return a place as one line; on a terminal the word stands out, the line runs from the right and is no longer than that is wide."""
    if not sys.stdout.isatty():
        return f"{tab_separated([line.id, line.left, line.keyword, line.right])}\n"
    from rich.cells import cell_len  # noqa: PLC0415  imported when it is needed: the command line stays fast

    half = (shutil.get_terminal_size().columns - cell_len(f"{line.id}   [{line.keyword}] ")) // 2
    left, right = line.left.split(), line.right.split()
    while left and cell_len(" ".join(left)) > half:
        del left[0]
    while right and cell_len(" ".join(right)) > half:
        del right[-1]
    return f"{line.id}  {_FROM_RIGHT}{' '.join(left)} [{line.keyword}] {' '.join(right)}{_POP}\n"
