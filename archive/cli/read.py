"""Commands that read one thing or say what there is: an article, its versions, a story, days, coverage, the schema, SQL for DuckDB."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from archive.article import Article, format_time, zone_of
from archive.cli.common import (
    NOTHING,
    add_outlets,
    isolated,
    issued,
    local_path,
    minute,
    one_article,
    opened,
    page_of,
    progress,
    tab_separated,
    without_marks,
    write_table,
)
from archive.reader.query import end_of, start_of
from archive.text import write_styled

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from archive.article import EntryChanges
    from archive.coverage import Coverage, DayCoverage, Estimate
    from archive.manifests.listing import Day
    from archive.manifests.manifest import Manifest
    from archive.reader.archive import Archive

# --- Show how complete the archive is, by outlet and day of publication ----------------------------------------------

WINDOW = 30  # days
_FIRST, _LAST = date(1970, 1, 1), date(9998, 12, 31)  # days before and after these can still be reckoned


def add_coverage(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--outlet", action="append", metavar="NAME", help="only this outlet; may be given several times"
    )
    parser.add_argument(
        "--since", metavar="DAY", help=f"from this day of publication on ({WINDOW} days before the last)"
    )
    parser.add_argument("--until", metavar="DAY", help="until this day (today)")
    parser.add_argument("--gaps", action="store_true", help="print the addresses that are missing and might be had")
    parser.add_argument(
        "--calendar", type=local_path, metavar="FILE", help="draw the days as a calendar (SVG, or what the suffix says)"
    )


def run_coverage(args: argparse.Namespace) -> int:
    """Show how complete the archive is, by outlet and day of publication."""
    from archive.coverage import coverage  # noqa: PLC0415  imported when it is needed: the command line stays fast

    until = _day("until", args.until) or datetime.now(UTC).date()
    since = _day("since", args.since) or until - timedelta(days=WINDOW)
    result = coverage(opened(args), args.outlet, since, until)
    if args.calendar:
        _draw(result, args.calendar)
    if args.gaps:
        lines = (json.dumps({"url": fact.url}, ensure_ascii=False) if args.json else fact.url for fact in result.gaps)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    elif args.json:
        lines = (json.dumps(asdict(day), ensure_ascii=False, default=str) for day in result.days)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    elif result.days:
        _print(result)
    else:
        sys.stderr.write(f"Nothing is known of the days from {since} to {until}.\n")
    return 0


def _day(name: str, text: str | None) -> date | None:
    moment = start_of(text) if name == "since" else end_of(text)
    day = None if moment is None else moment.date()
    if day is not None and not _FIRST <= day <= _LAST:
        raise ValueError(f"--{name} is a day from {_FIRST} to {_LAST}, not {day}")
    return day


def _draw(result: Coverage, path: Path) -> None:
    from archive.coverage import draw_calendar  # noqa: PLC0415  matplotlib takes half a second

    draw_calendar(result.days, path)


def _print(result: Coverage) -> None:
    head = ("outlet", "day", "announced", "captured", "refused", "failed", "late", "missed", "state", "why")
    write_table(head, map(_coverage_row, result.days), spare=("late", "refused"))
    beside = sys.stdout if sys.stdout.isatty() else sys.stderr  # a sentence is no row
    beside.writelines(f"{_sentence(outlet, estimated)}\n" for outlet, estimated in result.outlets.items())
    beside.writelines(f"{_alone(outlet, result.days)}\n" for outlet in result.outlets)


def _coverage_row(day: DayCoverage) -> list[str]:
    missed = "–" if day.estimate is None else f"{day.estimate.missed:.0f}"
    counts = (day.announced, day.captured, day.refused, sum(day.failed.values()), day.late)
    why = ", ".join(f"{reason} {count}" for reason, count in day.failed.items())
    return [day.outlet, f"{day.day}", *map(str, counts), missed, day.state, why]


def _alone(outlet: str, days: Sequence[DayCoverage]) -> str:
    alone = Counter[str]()
    for day in days:
        if day.outlet == outlet:
            alone.update(day.alone)
    listed = ", ".join(f"{channel} {count}" for channel, count in sorted(alone.items()))
    return f"{outlet}: announced by one channel alone: {listed or 'none'}."


def _sentence(outlet: str, estimate: Estimate | None) -> str:
    if estimate is None:
        return f"{outlet}: two channels overlap too little to say what every channel missed."
    first, second = estimate.channels
    return (
        f"{outlet}: by {first} and {second} there were {estimate.total:.0f} ± {estimate.margin:.0f} articles; "
        f"{estimate.missed:.0f} of them no channel announced (a lower bound where channels leave out the same)."
    )


# --- Show word by word what an outlet changed between two versions of an article, by default the last two ------------


def add_diff(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )
    parser.add_argument("--from", dest="old", type=int, metavar="N", help="this version, else the one before --to")
    parser.add_argument("--to", dest="new", type=int, metavar="N", help="with this version, else the last one")


def run_diff(args: argparse.Namespace) -> int:
    """Show word by word what changed between two versions of an article."""
    archive = opened(args)
    versions = {article.version: article for article in archive.versions(args.id)}
    if not versions:
        sys.stderr.write(f"{archive.store.uri} holds no article {args.id}\n")
        return 1
    try:
        old, new = _chosen(versions, args.old, args.new)
    except LookupError as error:
        sys.stderr.write(f"{args.id} has {error}\n")
        return 1
    if args.json:
        sys.stdout.write(_diff_as_json(old, new) + "\n")
    else:
        for line in _as_text(old, new):
            write_styled(f"{line}\n" if sys.stdout.isatty() else f"{without_marks(line)}\n")
    return 0


def _chosen(versions: Mapping[int, Article], old: int | None, new: int | None) -> tuple[Article, Article]:
    """Return the two versions to compare; ``LookupError`` says what is not there."""
    for number in (old, new):
        if number is not None and number not in versions:
            there = f"{'is' if len(versions) == 1 else 'are'} {', '.join(map(str, versions))}"
            raise LookupError(f"no version {number}; there {there}")
    in_time = sorted(
        versions, key=lambda number: (versions[number].captured, number)
    )  # a later number may be of an older capture
    last = in_time[-1] if new is None else new
    before = in_time[: in_time.index(last)] if old is None else [old]
    if not before:
        raise LookupError(f"no version before {last} to compare with")
    return versions[before[-1]], versions[last]


def _as_text(old: Article, new: Article) -> Iterator[str]:
    from archive.diff import compare, compare_entries, counts, render  # noqa: PLC0415  imported when it is needed: it loads rapidfuzz

    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    added, removed = counts(old.text, new.text)
    versions = " → ".join(f"version {side.version} ({minute(side.captured)})" for side in (old, new))
    yield f"{new.id}  {versions}  +{added} -{removed} words"
    places = 0
    for name in ("headline", "text"):
        lines = list(render(compare(getattr(old, name), getattr(new, name)), colour=colour))
        places += len(lines)
        if lines:
            yield from ("", name, *lines)
    entries = compare_entries(old.entries, new.entries)
    if entries:
        yield from ("", "entries", *_entry_lines(entries, old, new))
    if not places:
        yield "headline and text are the same"


def _entry_lines(changes: EntryChanges, old: Article, new: Article) -> Iterator[str]:
    """Yield a line for each entry of a live blog that came, changed or went: its id, its time, how it begins."""
    ways = (("came", changes.came, new), ("changed", changes.changed, new), ("went", changes.went, old))
    for way, names, article in ways:
        entries = {entry.id: entry for entry in article.entries}
        for entry in (entries[name] for name in names):
            yield f"{way}  {entry.id}  {minute(entry.published)}  {(entry.text or NOTHING).partition(chr(10))[0]}"


def _diff_as_json(old: Article, new: Article) -> str:
    from archive.diff import compare, compare_entries, counts  # noqa: PLC0415  imported when it is needed: it loads rapidfuzz

    added, removed = counts(old.text, new.text)
    record = {"id": new.id, "from": old.version, "to": new.version, "words_added": added, "words_removed": removed}
    edits = {
        name: [
            {"removed": edit.removed, "added": edit.added} for edit in compare(getattr(old, name), getattr(new, name))
        ]
        for name in ("headline", "text")
    }
    entries = compare_entries(old.entries, new.entries)
    return json.dumps(record | edits | ({"entries": asdict(entries)} if entries else {}), ensure_ascii=False)


# --- Print one article as people read it, or its record with --json --------------------------------------------------

WIDTH = 100


def add_get(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )
    parser.add_argument("--as-of", metavar="TIME", help="the version that was the newest then")


def run_get(args: argparse.Namespace) -> int:
    """Print an article as people read it; its record with --json."""
    article = one_article(opened(args), args.id, args.as_of)
    if article is None:
        return 1
    sys.stdout.write((article.to_line() if args.json else as_text(article, marked=sys.stdout.isatty())) + "\n")
    return 0


def as_text(article: Article, *, marked: bool) -> str:
    """Return the article as a page of text: headline, who and when, the text, where it comes from.

    Args:
        article: the article.
        marked: for a terminal, with marks of direction and wrapped to its width.
    """
    width = min(WIDTH, shutil.get_terminal_size().columns - 1) if marked else WIDTH
    own = isolated if marked else str
    signed = " · ".join(own(part) for part in (*article.byline, article.credit, article.section) if part)
    when = _when(article.issued, article.zone)
    changed = (
        f", changed {article.modified.astimezone(zone_of(article.zone)):%Y-%m-%d %H:%M}"
        if article.modified and article.modified != article.published
        else ""
    )
    title, *_ = page_of(article.headline, article.language, width=width, marked=marked)
    standfirst = page_of(article.standfirst or "", article.language, width=width, marked=marked)
    head = [title, f"{article.outlet} · {when}{changed}", signed, *standfirst]
    foot = [
        article.canonical_url,
        f"version {article.version}, captured {article.captured:%Y-%m-%d %H:%M:%S} UTC",
        f"{article.warc.file} @ {article.warc.offset}+{article.warc.length}" if article.warc else "",
    ]
    paragraphs = page_of(_told(article), article.language, width=width, marked=marked)
    return "\n\n".join(["\n".join(filter(None, head)), *paragraphs, "—", "\n".join(filter(None, foot))])


def _told(article: Article) -> str:
    """Return the text, of a live blog each entry under its time, in the outlet's zone."""
    lines = article.opening
    for entry in article.entries:
        if entry.text and entry.published:
            lines.append(_when(entry.published.astimezone(zone_of(article.zone)), article.zone))
        lines += [entry.text] if entry.text else []
    return "\n".join(lines)


def _when(issued: datetime | date | None, zone: str | None) -> str:
    """Return when it was published, in the outlet's zone; a day where no more is known."""
    if isinstance(issued, datetime):
        return f"{issued:%Y-%m-%d %H:%M} {zone if zone and issued.tzinfo is not UTC else 'UTC'}"
    return "undated" if issued is None else f"{issued}"


# --- Show what the archive holds, by outlet and crawl date -----------------------------------------------------------


def add_ls(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_outlets(parser)


def run_ls(args: argparse.Namespace) -> int:
    """Show what the archive holds, by outlet and crawl date."""
    from archive.manifests.listing import days_of  # noqa: PLC0415  imported when it is needed: the command line stays fast

    archive = opened(args)
    with progress("reading manifests") as tell:
        outlets = args.outlet or archive.outlets()
        days = days_of(told(tell, (one for outlet in outlets for one in archive.manifests(outlet))))
    if args.json:
        for day in days:
            sys.stdout.write(json.dumps(asdict(day), ensure_ascii=False) + "\n")
    elif days and sys.stdout.isatty():
        write_table(("outlet", "crawled", "segments", "articles", "captures", "size"), _rows(days))
    else:
        for day in days:
            sys.stdout.write(tab_separated([str(cell) for cell in asdict(day).values()]) + "\n")
    if not days:
        sys.stderr.write(f"Nothing is published in {archive.store.uri} yet.\n")
    return 0


def told(tell: Callable[[str], None], manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Pass manifests on and tell of each."""
    for manifest in manifests:
        tell(manifest.key)
        yield manifest


def _rows(days: Sequence[Day]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each day, and the sums of all."""
    from rich.filesize import decimal  # noqa: PLC0415  imported when it is needed: the command line stays fast

    for day in days:
        counts = (f"{day.segments:,}", f"{day.articles:,}", f"{day.captures:,}", decimal(day.bytes))
        yield day.outlet, day.date, *counts
    sums = [sum(getattr(day, name) for day in days) for name in ("segments", "articles", "captures", "bytes")]
    many = len({day.date for day in days})
    yield "all", "1 day" if many == 1 else f"{many} days", *(f"{each:,}" for each in sums[:3]), decimal(sums[3])


# --- Print the JSON Schema of an article line, or of an event line ---------------------------------------------------


def add_schema(parser: argparse.ArgumentParser) -> None:
    """Add the choice of the line."""
    parser.add_argument("--of", choices=("article", "event"), default="article", help="which line's (article)")


def run_schema(args: argparse.Namespace) -> int:
    """Print the JSON Schema of an article or event line."""
    from archive.schema import article_schema, event_schema  # noqa: PLC0415  imported when it is needed: the command line stays fast

    sys.stdout.write(event_schema() if args.of == "event" else article_schema())
    return 0


# ---------------------------------------------------------------------------------------------------------------------
# Print SQL that makes the articles a view in DuckDB, straight on the archive's objects: exactly what a reader sees.


def add_sql(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--outlet", metavar="NAME", help="only this outlet")


def run_sql(args: argparse.Namespace) -> int:
    """Print SQL for DuckDB: the articles as a view, straight on the archive's objects, exactly what a reader sees."""
    from archive.export.columns import articles_view  # noqa: PLC0415  imported when it is needed: the command line stays fast

    view = articles_view(opened(args), args.outlet)
    sys.stdout.write(json.dumps({"sql": view}, ensure_ascii=False) + "\n" if args.json else view)
    return 0


# --- List the articles that carry a story, oldest first, as the archive knows it now ---------------------------------

_STORY_HEAD = ("published", "outlet", "role", "overlap", "agencies", "id", "headline")


def add_story(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="STORY_ID", help="the story's id, or id, number or address of one of its articles"
    )


def run_story(args: argparse.Namespace) -> int:
    """List the articles of a story, oldest first."""
    archive = opened(args)
    articles = archive.story(args.id) or _story_of_article(archive, args.id)
    if not articles:
        sys.stderr.write(f"{archive.store.uri} holds no story {args.id}\n")
        return 1
    articles.sort(key=lambda article: (article.published or article.captured, article.id))
    if args.json:
        sys.stdout.writelines(f"{_story_as_json(article)}\n" for article in articles)
        return 0
    write_table(_STORY_HEAD, map(_story_row, articles), spare=("outlet", "agencies", "overlap"))
    beside = sys.stdout if sys.stdout.isatty() else sys.stderr  # a sentence is no row
    beside.writelines(f"{line}\n" for line in _credited(articles[0]))
    return 0


def _story_of_article(archive: Archive, name: str) -> list[Article]:
    article = archive.article(name)
    return [] if article is None or article.story is None else archive.story(article.story.id)


def _story_row(article: Article) -> tuple[str, ...]:
    assert article.story is not None
    share = f"{100 * article.story.overlap:.0f} %"
    agencies = ",".join(article.agencies) or NOTHING
    row = (issued(article), article.outlet, article.story.role, share, agencies)
    return (*row, article.id, article.headline)


def _credited(article: Article) -> Iterator[str]:
    """Say who credits which agency, and where; nothing where nobody does."""
    assert article.story is not None
    for agency, by in article.story.agencies.items():
        parts = (f"{crediting} ({where.replace('_', ' ')})" for crediting, where in by.items())
        yield f"{agency}: {', '.join(parts)}"


def _story_as_json(article: Article) -> str:
    """Return what concerns the story: the settled roles are not those of a published line."""
    assert article.story is not None
    when = {
        "published": None if article.published is None else format_time(article.published),
        "captured": format_time(article.captured),
    }
    record = {"id": article.id, "outlet": article.outlet, **when, "story": asdict(article.story)}
    rest = {"headline": article.headline, "agencies": article.agencies, "canonical_url": article.canonical_url}
    return json.dumps(record | rest, ensure_ascii=False)


# --- List all versions of an article: when, how many words came and went, and whether the outlet said so -------------

_VERSIONS_HEAD = ("version", "captured", "published", "modified", "words", "added", "removed", "silent", "headline")


def add_versions(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "id", metavar="ID", help="the article's id, as outlet:number or the number alone, or its address"
    )


def run_versions(args: argparse.Namespace) -> int:
    """List an article's versions: when, how many words came and went, and whether the outlet said so."""
    archive = opened(args)
    versions = archive.versions(args.id)
    if not versions:
        sys.stderr.write(f"{archive.store.uri} holds no article {args.id}\n")
        return 1
    if args.json:
        sys.stdout.writelines(f"{article.to_line()}\n" for article in versions)
    else:
        write_table(_VERSIONS_HEAD, map(_version_row, versions), spare=("published", "modified", "words"))
    return 0


def _version_row(article: Article) -> tuple[str, ...]:
    changes = article.changes
    what = (
        (NOTHING,) * 3
        if changes is None
        else (f"+{changes.words_added}", f"-{changes.words_removed}", "silent" if changes.silent else NOTHING)
    )
    when = (minute(article.captured), issued(article), minute(article.modified))
    return (str(article.version), *when, str(article.words), *what, article.headline)
