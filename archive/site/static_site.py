"""Writing the static site: everything once, then only what changed, into a folder or a bucket."""

from __future__ import annotations

import hashlib
import json
import mimetypes
import multiprocessing
import os
import re
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import unquote, urlsplit

from archive.files import inside
from archive.reader.archive import open_archive
from archive.site.database import SiteDatabase
from archive.site.lists import (
    Shelf,
    Touched,
    changed_pages,
    day_shelf,
    days_beside_new_ones,
    letters,
    outlet_shelf,
    section_shelf,
    sections,
    shared_stories,
    touched,
)
from archive.site.pages import Pages
from archive.site.queries import entry_by_number, other_slugs, picture_of
from archive.site.search import Query, article_files, near_files, word_files
from archive.site.templating import (
    article_path,
    day_path,
    letter_path,
    numbered,
    outlet_path,
    picture_path,
    section_path,
    section_slug,
    story_path,
    tag_path,
)
from archive.site.web.api import Listing, latest, machine_files, of_outlet, of_tag
from archive.site.web.routes import TYPES
from archive.store import StoreRefused, StoreUnavailable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from datetime import tzinfo

    from archive.site.templating import Looks

# ---------------------------------------------------------------------------------------------------------------------
# One job of writing a site: an article, a story, a tag, an outlet or the lists, with all files that belong to it.

_OWN = re.compile(
    r"(articles|replay|pictures|stories|tags|letters|outlets|sections|days|newsroom|search|static)/.+|feed\.\w+"
    r"|(index|tags|outlets|sections|days|search|newsroom|404|stories(\.\d+)?)\.html"
    r"|robots\.txt|manifest\.webmanifest|favicon\.ico|(opensearch|sitemap(-\w+)?)\.xml"
)
_Files: TypeAlias = "list[tuple[str, bytes | str | None]]"


@dataclass(frozen=True, slots=True)
class Job:
    """What to make: ``article``, ``story``, ``tag``, ``former`` (a tag's old address), ``outlet``, ``section``, ``day`` or ``lists``, and which.

    ``at`` is the time (seconds) from which on a list may be another; 0: all of it. ``since`` is the generation that is written already.
    """

    kind: str
    key: str
    at: int = 0
    since: int = 0


class Maker:
    """Makes pages and writes them."""

    def __init__(self, pages: Pages, output: Output, *, replays: bool) -> None:
        self.pages, self.output, self._replays = pages, output, replays
        self.known: dict[str, str] = {}  # digests of the files of lists as they were written last
        self.digests: dict[str, str] = {}  # … and now
        self.unchanged = 0

    def close(self) -> None:
        """Close the index and the output."""
        self.output.close()
        self.pages.index.close()

    @staticmethod
    def owns(path: str) -> bool:
        """Say whether a site writes files of this name."""
        return _OWN.fullmatch(path) is not None

    def make(self, job: Job) -> list[str]:
        """Write all files of a job; return their paths."""
        made = {
            "article": self._article,
            "story": self._story,
            "tag": self._tag,
            "former": self._former,
            "outlet": self._outlet,
            "section": self._section,
            "day": self._day,
            "lists": self._lists,
        }
        is_list = job.kind == "lists"
        return [path for path, body in made[job.kind](job) if self._write(path, body, is_list=is_list)]

    def _write(self, path: str, body: bytes | str | None, *, is_list: bool) -> bool:
        """Write a file; a list's that is as it was is left alone, for there are many and news changes few of them."""
        if body is None:
            return False
        body = body.encode("utf-8", "replace") if isinstance(body, str) else body
        if is_list:
            self.digests[path] = digest = hashlib.sha256(body).hexdigest()[:16]
            if self.known.get(path) == digest:
                self.unchanged += 1
                return True
        self.output.write(path, body)
        return True

    def _article(self, job: Job) -> _Files:
        made: _Files = [(article_path(job.key), self.pages.article(job.key))]
        if self._replays:
            made.append((article_path(job.key, "replay"), self.pages.replay(job.key)))
        return [*made, (picture_path(job.key), picture_of(self.pages.index.reader, job.key))]

    def _story(self, job: Job) -> _Files:
        return [(story_path(job.key), self.pages.story(job.key))]

    def _tag(self, job: Job) -> _Files:
        connection = self.pages.index.reader
        entry = entry_by_number(connection, int(job.key))
        last = self.pages.tag_page_count(entry)
        made: _Files = [(tag_path(entry.slug, page), self.pages.tag(entry, page)) for page in range(1, last + 1)]
        made += [(tag_path(slug), made[0][1]) for slug in other_slugs(connection, entry) if made]
        return made + self._feeds(of_tag(connection, entry))

    def _former(self, job: Job) -> _Files:
        return [(tag_path(job.key), self.pages.former_tag(job.key))]

    def _outlet(self, job: Job) -> _Files:
        pages = self._shelf(outlet_path(job.key), outlet_shelf(job.key), job.at, partial(self.pages.outlet, job.key))
        return [*pages, *self._feeds(of_outlet(self.pages.index.reader, job.key))]

    def _section(self, job: Job) -> _Files:
        names = {section.slug: section.names for section in sections(self.pages.index.reader)}
        shelf = section_shelf(names.get(job.key, []))
        return self._shelf(section_path(job.key), shelf, job.at, partial(self.pages.section, job.key))

    def _day(self, job: Job) -> _Files:
        day = date.fromisoformat(job.key)
        shelf = day_shelf(day, self.pages.looks.wording.zone)
        return self._shelf(day_path(day), shelf, job.at, partial(self.pages.day, day))

    def _shelf(self, path: str, shelf: Shelf, at: int, make: Callable[[int], str | None]) -> _Files:
        """Return the pages of a list that may be others since ``at``; what a list that shrank left behind is deleted."""
        connection, size = self.pages.index.reader, self.pages.looks.page_size
        first, last = changed_pages(connection, shelf, size, at)
        if at:
            self.output.delete(numbered(path, max(last, 1), 0))
            if not last:
                self.output.delete(path)
        return [(numbered(path, number, last), make(number)) for number in range(first, last + 1)]

    def _feeds(self, listing: Listing) -> _Files:
        return [(f"{listing.stem}.{suffix}", listing.feed(suffix, self.pages.looks)) for suffix in ("rss", "json")]

    def _lists(self, job: Job) -> _Files:
        made = {
            "front": self._front,
            "stories": self._stories,
            "newsroom": self._newsroom,
            "words": self._words,
            "machines": self._machines,
            "static": self._static,
        }
        return made[job.key](job)

    def _front(self, _: Job) -> _Files:
        pages = self.pages
        made: _Files = [
            ("index.html", pages.home()),
            ("tags.html", pages.tags()),
            ("outlets.html", pages.outlets()),
            ("sections.html", pages.sections()),
            ("days.html", pages.days()),
            ("search.html", pages.search(Query())),
            ("404.html", pages.error()),
            *((letter_path(letter), pages.tags_of_letter(letter)) for letter in letters(pages.index.reader)),
        ]
        return made + self._feeds(latest(pages.index.reader, pages.looks))

    def _stories(self, job: Job) -> _Files:
        known = shared_stories(self.pages.index.reader)
        size = self.pages.looks.page_size
        last = max(1, len(known) // size)
        older = sum(first < job.at for _, first in known)
        numbers = range(max(1, min(older // size + 1, last)), last + 1)
        return [(numbered("stories.html", number, last), self.pages.stories(number)) for number in numbers]

    def _newsroom(self, _: Job) -> _Files:
        figures = self.pages.figure_files()
        return [("newsroom.html", self.pages.newsroom()), *((path, make()) for path, make in figures.items())]

    def _machines(self, job: Job) -> _Files:
        made = machine_files(self.pages.index.reader, self.pages.looks, job.since)
        return [(path, make()) for path, make in made.items()]

    def _words(self, _: Job) -> _Files:
        connection = self.pages.index.reader
        return [*word_files(connection), *article_files(connection, self.pages.looks.wording), *near_files(connection)]

    def _static(self, _: Job) -> _Files:
        folder = files("archive.site").joinpath("static")
        own = sorted(folder.iterdir(), key=lambda each: each.name)
        return [(f"static/{path.name}", path.read_bytes()) for path in own]


# ---------------------------------------------------------------------------------------------------------------------
# Where a static site is written: a folder or a bucket. Unlike the archive, a site is rewritten; it can always be made
# again.

STATE = "site.json"
_UPLOADS = 16  # at once
_MAX_AGE = 300  # seconds that a browser may keep a page of a bucket


class Output(Protocol):
    """A place for files; paths are relative, with slashes."""

    def write(self, path: str, body: bytes) -> None:
        """Put a file there, whole or not at all; it may be under way until `flush`."""

    def flush(self) -> None:
        """Return when all is written; raises what went wrong."""

    def close(self) -> None:
        """Give back what was opened; what is not written by then is lost."""

    def read(self, path: str) -> bytes | None:
        """Return a file, None where there is none."""

    def paths(self) -> Iterator[str]:
        """Yield all that is there."""

    def delete(self, path: str) -> None:
        """Take a file away."""


def open_output(uri: str) -> Output:
    """Return the output at a folder's path, ``file:///…`` or ``s3://bucket/prefix``; raises `StoreRefused` in one sentence."""
    if uri.startswith("s3://"):
        parts = urlsplit(uri)
        if "@" in parts.netloc or parts.query or parts.fragment or not parts.netloc:
            raise StoreRefused("the site's URI is wrong; write s3://bucket/prefix, without credentials or query")
        return BucketOutput(parts.netloc, parts.path.strip("/"))
    if uri.startswith("file://"):
        return FolderOutput(Path(unquote(urlsplit(uri).path)))
    if "://" in uri:
        raise StoreRefused(
            f"the site's URI starts with {uri.partition(':')[0]}:, but only folders, file: and s3: are known"
        )
    return FolderOutput(Path(uri))


class FolderOutput:
    """A folder; a file that would stay the same is left alone, so that copies and caches stay valid."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: set[Path] = set()  # that are there

    def write(self, path: str, body: bytes) -> None:
        """Write a file beside its place, then move it there."""
        place = inside(self._root, path)
        try:
            with suppress(FileNotFoundError):
                if place.read_bytes() == body:
                    return
            if place.parent not in self._folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                self._folders.add(place.parent)
            part = place.with_name(f".{os.getpid()}.part")
            part.write_bytes(body)
            part.replace(place)
        except OSError as error:
            raise StoreRefused(f"{place} cannot be written: {error.strerror}") from error

    def flush(self) -> None:
        """All is written already."""

    def close(self) -> None:
        """Nothing is open."""

    def read(self, path: str) -> bytes | None:
        """Return a file."""
        place = inside(self._root, path)
        return place.read_bytes() if place.is_file() else None

    def paths(self) -> Iterator[str]:
        """Yield the files below the folder."""
        for path in sorted(self._root.rglob("*")):
            if path.is_file():
                yield path.relative_to(self._root).as_posix()

    def delete(self, path: str) -> None:
        """Delete a file."""
        inside(self._root, path).unlink(missing_ok=True)


class BucketOutput:
    """A bucket under a prefix; uploads run side by side."""

    def __init__(self, bucket: str, prefix: str) -> None:
        from archive.store.s3_client import S3Options, make_client  # noqa: PLC0415  imported when it is needed: boto3 is slow to load

        options = S3Options()
        self._client = make_client(options, options.checksum_mode)
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._pool = ThreadPoolExecutor(_UPLOADS)
        self._pending: list[Any] = []

    def write(self, path: str, body: bytes) -> None:
        """Upload a file, in the background."""
        self._pending.append(self._pool.submit(self._put, path, body))
        if len(self._pending) > 4 * _UPLOADS:
            self.flush()

    def _put(self, path: str, body: bytes) -> None:
        kind = TYPES.get(path.rpartition(".")[2]) or mimetypes.guess_type(path)[0] or "application/octet-stream"
        self._client.put_object(
            Bucket=self._bucket,
            Key=self._prefix + path,
            Body=body,
            ContentType=kind,
            CacheControl=f"max-age={_MAX_AGE}",
        )

    def close(self) -> None:
        """End the threads and the connections."""
        self._pool.shutdown(cancel_futures=True)
        self._client.close()

    def flush(self) -> None:
        """Wait for the uploads."""
        pending, self._pending = self._pending, []
        for upload in pending:
            self._asked(upload.result)

    def read(self, path: str) -> bytes | None:
        """Download a file."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        except Exception as error:
            raise self._refusal(error) from error

    def paths(self) -> Iterator[str]:
        """List what stands under the prefix."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            for entry in page.get("Contents", ()):
                yield entry["Key"].removeprefix(self._prefix)

    def delete(self, path: str) -> None:
        """Delete an object."""
        self._asked(lambda: self._client.delete_object(Bucket=self._bucket, Key=self._prefix + path))

    def _asked(self, call: Any) -> None:
        try:
            call()
        except Exception as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> Exception:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        if isinstance(error, ClientError):
            return StoreRefused(f"the bucket {self._bucket} refuses: {error.response['Error'].get('Message', error)}")
        return (
            StoreUnavailable(f"the bucket {self._bucket} does not answer: {error}")
            if isinstance(error, BotoCoreError)
            else error
        )


def read_state(output: Output) -> dict[str, Any]:
    """Return what the last writing noted; empty where there is none, or none that can be read."""
    body = output.read(STATE)
    try:
        state = json.loads(body) if body else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


# --- Writing the static site: everything once, then only what changed ------------------------------------------------
#     site.json in the output says of which index, generation and looks it was made
#         the same index and looks ─▶ articles, stories, tags and outlets that changed since; front, lists and search
#         another, or a take-down  ─▶ everything, and what no longer belongs is deleted
#
# Pages are made by several processes side by side; each opens the index and the archive for itself.

FORM = 18  # raised with the templates: a site made by an older release is made anew
_AT_ONCE = 40  # pages that one process makes before it is asked again
_WORTH_PROCESSES = 400  # pages; fewer are made before another process has started


@dataclass(frozen=True, slots=True)
class Plan:
    """What a site is made of: all of it can be sent to another process."""

    archive: str
    index: Path
    output: str
    looks: Looks
    replays: bool

    @property
    def fingerprint(self) -> str:
        """Return what must be the same for pages to stay as they are."""
        parts = (FORM, self.replays, repr(self.looks))
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    def maker(self) -> Maker:
        """Open everything for one process."""
        archive, output = open_archive(self.archive), open_output(self.output)
        return Maker(Pages(SiteDatabase(self.index), archive, self.looks), output, replays=self.replays)


@dataclass(frozen=True, slots=True)
class Written:
    """What was done: files written, by kind of page; whether all was made anew; files deleted."""

    counts: dict[str, int]
    whole: bool
    deleted: int


def build(plan: Plan, *, everything: bool = False, processes: int | None = None) -> Written:
    """Write the site of an index that has caught up.

    Args:
        plan: what, from where, to where.
        everything: write all pages anew.
        processes: side by side; None: one for each core.

    Raises:
        StoreError: the archive does not answer, or the output cannot be written.
    """
    with closing(plan.maker()) as maker:
        return _written(plan, maker, everything=everything, processes=processes)


def _written(plan: Plan, maker: Maker, *, everything: bool, processes: int | None) -> Written:
    index, output = maker.pages.index, maker.output
    state = read_state(output)
    known = state.get("index") == index.fact("identity") and state.get("form") == plan.fingerprint
    is_whole = everything or not known or state.get("generation", 0) < int(index.fact("rebuilt", "0"))
    since = 0 if is_whole else int(state["generation"])
    generation = index.generation
    paths: set[str] = set()
    counts: dict[str, int] = {}
    maker.known = {} if is_whole else state.get("lists", {})
    maker.digests = dict(maker.known)
    if is_whole or generation > since:
        for kind, made in _made(plan, maker, list(jobs(index.reader, since, plan.looks.wording.zone)), processes):
            counts[kind] = counts.get(kind, 0) + len(made)
            paths.update(made)
        counts["lists"] -= maker.unchanged
    deleted = _prune(maker, paths) if is_whole else 0
    facts = {"index": index.fact("identity"), "form": plan.fingerprint, "generation": generation}
    facts["lists"] = maker.digests
    output.write(STATE, (json.dumps(facts, indent=1) + "\n").encode())
    output.flush()
    return Written(counts, is_whole, deleted)


def jobs(connection: sqlite3.Connection, since: int, zone: tzinfo) -> Iterator[Job]:
    """Yield what changed after a generation; 0: everything. The lists that change with anything come last."""
    for row in connection.execute("SELECT id FROM article WHERE changed > ? ORDER BY n", [since]):
        yield Job("article", row["id"])
    stories = (
        "SELECT story FROM article WHERE story IS NOT NULL GROUP BY story HAVING count(*) > 1 AND max(changed) > ?"
    )
    for row in connection.execute(stories, [since]):
        yield Job("story", row["story"])
    for row in connection.execute("SELECT e FROM entry WHERE live AND many > 0 AND changed > ?", [since]):
        yield Job("tag", str(row["e"]))
    gone = "SELECT slug FROM entry WHERE had AND (NOT live OR many = 0) AND changed > ? ORDER BY slug"
    for row in connection.execute(gone, [since]):
        yield Job("former", row["slug"])
    places = touched(connection, since)
    if places:
        yield from _list_jobs(places, connection, since, zone)
    at = min((place.at for place in places), default=0)
    lists = ("front", "stories", "newsroom", "words", "machines", "static")
    yield from (Job("lists", name, at, since) for name in lists)


def _list_jobs(places: list[Touched], connection: sqlite3.Connection, since: int, zone: tzinfo) -> Iterator[Job]:
    """Yield the outlets, sections and days in which something came, went or changed, each with when the first of it was."""
    earliest: dict[tuple[str, str], int] = {}
    for place in places:
        day = datetime.fromtimestamp(place.at, zone).date()
        keys = [("outlet", place.outlet), ("day", day.isoformat())]
        if place.section is not None:
            keys.append(("section", section_slug(place.section)))
        for key in keys:
            earliest[key] = min(place.at, earliest.get(key, place.at))
    if since:
        for day in days_beside_new_ones(connection, since, zone, [key for kind, key in earliest if kind == "day"]):
            earliest.setdefault(("day", day.isoformat()), 1)
    yield from (Job(kind, key, at if since else 0) for (kind, key), at in sorted(earliest.items()))


def _made(plan: Plan, maker: Maker, todo: list[Job], processes: int | None) -> Iterator[tuple[str, list[str]]]:
    side_by_side = processes or os.cpu_count() or 1
    lists = [job for job in todo if job.kind == "lists"]
    others = [job for job in todo if job.kind != "lists"]
    if side_by_side == 1 or len(others) < _WORTH_PROCESSES:
        yield from ((job.kind, maker.make(job)) for job in todo)
        maker.output.flush()
        return
    context = multiprocessing.get_context("spawn")  # a fork would share SQLite's and boto3's connections
    with ProcessPoolExecutor(side_by_side, context, initializer=partial(_begin, plan)) as pool:
        groups = pool.map(_make, _groups(others))
        yield from ((job.kind, maker.make(job)) for job in lists)  # here, where what they were is known
        for made in groups:
            yield from made
    maker.output.flush()


def _groups(todo: Iterable[Job]) -> Iterator[list[Job]]:
    remaining = iter(todo)
    while group := list(islice(remaining, _AT_ONCE)):
        yield group


_maker: list[Maker] = []


def _begin(plan: Plan) -> None:
    _maker[:] = [plan.maker()]


def _make(group: list[Job]) -> list[tuple[str, list[str]]]:
    (maker,) = _maker
    made = [(job.kind, maker.make(job)) for job in group]
    maker.output.flush()
    return made


def _prune(maker: Maker, paths: set[str]) -> int:
    """Delete the pages of an earlier writing that are not of this one; what a site never writes is left alone."""
    gone = [path for path in maker.output.paths() if maker.owns(path) and path not in paths]
    for path in gone:
        maker.output.delete(path)
    return len(gone)
