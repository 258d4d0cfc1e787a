"""The spool's folders: open, closed and sealed segments, one writer for each outlet, one archive for each spool."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from archive.files import (
    is_full,
    make_folder,
    one_at_a_time,
    read_whole,
    set_file_aside,
    sync,
    write_text,
    write_whole,
)
from archive.manifests.manifest import SEGMENT_ID, collection_in, date_of, opened_at, outlet_in

# --- The spool: what is on the local disk and not in the archive yet -------------------------------------------------
#     <spool>/<outlet>/lock            held by the one process that writes this outlet
#     <spool>/<outlet>/crawl.json      the running crawl and its segments; gone after a clean end
#     <spool>/<outlet>/open/<segment_id>/    being written
#     <spool>/<outlet>/closed/<segment_id>/  written; to be verified and sealed
#     <spool>/<outlet>/reports/        crawls' reports that are not published yet
#     <spool>/<outlet>/damaged/        copies of WARCs with a bad sector, for a person to look at
#     <spool>/<outlet>/sealed/<segment_id>/  whole, hashed, described by seal.json; to be published, then removed
#
# A segment is a folder and moves from state to state by one rename. Its files:
#
#     facts.json  <segment_id>.warc.gz  articles.jsonl  stories.jsonl  events.jsonl      as written, append only
#     captures.cdxj  noted.json                                                           what the WARC holds, noted by its writer
#     cdxj.gz  wet.gz  articles.jsonl.gz  stories.jsonl.gz  events.jsonl.gz  seal.json     derived when it is sealed

logger = logging.getLogger(__name__)

_SEALED = {"cdxj": "cdxj.gz", "wet": "wet.gz"}  # others: <kind>.jsonl.gz


class SpoolBusy(Exception):  # noqa: N818  reads as what happened
    """Another process writes this outlet's spool."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment is about; known when it is opened. ``opened`` is ISO 8601, UTC; ``token`` that of the crawl's lease."""

    collection: str
    outlet: str
    crawl: str
    segment_id: str = msgspec.field(name="stem")  # as spools of before call it
    opened: str
    warcinfo: dict[str, str]
    token: int = 0

    @property
    def date(self) -> str:
        """Return the crawl date, the partition of every key of this segment."""
        return date_of(self.segment_id)


class Noted(msgspec.Struct, frozen=True):
    """What was noted of a WARC while it was written; whoever finds other bytes there reads it again.

    The SHA-256 of its bytes and of its captures' index lines, in the order of the file; its records by type; the date of the first
    and the last capture.
    """

    sha256: str
    captures: str
    records: dict[str, int]
    first: str | None
    last: str | None


class _Note(msgspec.Struct):
    """What `Spool.note_crawl` writes."""

    crawl: str
    stems: list[str]


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment's folder in the spool, in whatever state."""

    folder: Path

    @property
    def segment_id(self) -> str:
        """Return the name that all its objects share."""
        return self.folder.name

    @property
    def warc(self) -> Path:
        """Return the WARC file; it bears its published name from the beginning."""
        return self.folder / f"{self.segment_id}.warc.gz"

    @property
    def articles(self) -> Path:
        """Return the file of article lines, as written."""
        return self.folder / "articles.jsonl"

    @property
    def stories(self) -> Path:
        """Return the file of story lines, as written."""
        return self.folder / "stories.jsonl"

    @property
    def events(self) -> Path:
        """Return the file of event lines, as written."""
        return self.folder / "events.jsonl"

    @property
    def captures(self) -> Path:
        """Return the file of the captures' index lines, noted while the WARC was written."""
        return self.folder / "captures.cdxj"

    @property
    def noted(self) -> Path:
        """Return the file of what else was noted of the WARC (`Noted`)."""
        return self.folder / "noted.json"

    def local(self, kind: str) -> Path:
        """Return the file that is to be published as the object of this kind, once the segment is sealed."""
        return self.warc if kind == "warc" else self.folder / _SEALED.get(kind, f"{kind}.jsonl.gz")

    def facts(self) -> Facts:
        """Read what the segment is about; where that is spoiled it is set aside, and told anew from the name and the crawl's note."""
        path = self.folder / "facts.json"
        try:
            return msgspec.convert(read_whole(path), Facts)
        except ValueError as error:
            where = set_file_aside(path)
            logger.warning(
                "%s is spoiled (%s) and made anew from the segment's name; it stands at %s", path, error, where
            )
        crawl = Spool(self.folder.parents[2]).crawl(outlet_in(self.segment_id)) or {}
        facts = Facts(
            collection=collection_in(self.segment_id),
            outlet=outlet_in(self.segment_id),
            crawl=crawl["crawl"] if self.segment_id in crawl.get("stems", ()) else "unknown",
            segment_id=self.segment_id,
            opened=opened_at(self.segment_id).isoformat(),
            warcinfo={},
        )
        write_whole(path, msgspec.to_builtins(facts))
        return facts

    def move(self, state: str) -> Segment:
        """Bring the folder into another state, durably: the names in it first, then its own."""
        target = self.folder.parent.parent / state / self.segment_id
        make_folder(target.parent)
        sync(self.folder)
        self.folder.rename(target)
        sync(target.parent)
        sync(self.folder.parent)
        return Segment(target)

    def remove(self) -> None:
        """Delete the folder. Renamed first, so that a half-deleted one is never taken for a segment."""
        going = self.folder.with_name("." + self.segment_id)
        self.folder.rename(going)
        shutil.rmtree(going)


_HOLDER = re.compile(r"[0-9a-f]{16}")


def holder_of(spool: Path) -> str:
    """Return a spool's name, drawn once and kept beside it: a restarted crawl has the same one, no other spool has."""
    path = spool.with_name(f"{spool.name}.holder")
    try:
        with one_at_a_time(path):
            content = path.read_bytes().decode(errors="replace") if path.exists() else None
            if content is not None and _HOLDER.fullmatch(content):
                return content
            if content is not None:
                logger.warning("%s is spoiled and drawn anew; it stands at %s", path, set_file_aside(path))
            name = os.urandom(8).hex()
            write_text(path, name, sync_name=False)  # lost in a power cut it is drawn anew, and a lease runs out
    except OSError as error:  # a full disk: this crawl's leases are nobody's after it, and run out
        logger.warning("%s cannot be kept (%s)", path, error.strerror)
        return os.urandom(8).hex()
    return name


class Spool:
    """The folder of one machine's unpublished segments, all outlets."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def outlets(self) -> list[str]:
        """Return the outlets that have a folder here."""
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir()) if self.root.is_dir() else []

    def segments(self, outlet: str, state: str) -> list[Segment]:
        """Return the outlet's segments in ``open``, ``closed`` or ``sealed``, oldest first."""
        folder = self.root / outlet / state
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
        return [Segment(folder / name) for name in names if SEGMENT_ID.fullmatch(name) and not name.startswith(".")]

    def sweep(self, outlet: str) -> None:
        """Delete what a crash left of folders that were being removed."""
        for going in (self.root / outlet).glob("*/.*"):
            if going.is_dir():
                shutil.rmtree(going)

    def create(self, facts: Facts) -> Segment:
        """Make the folder of a new segment."""
        folder = self.root / facts.outlet / "open" / facts.segment_id
        make_folder(folder.parent)
        folder.mkdir()
        sync(folder.parent)
        write_whole(folder / "facts.json", msgspec.to_builtins(facts))
        return Segment(folder)

    def discard(self, facts: Facts) -> None:
        """Delete the folder of a segment that could not be begun."""
        shutil.rmtree(self.root / facts.outlet / "open" / facts.segment_id, ignore_errors=True)

    def lock(self, outlet: str) -> Lock:
        """Take the outlet's spool for this process; raises `SpoolBusy`. The kernel frees it when the process dies."""
        return Lock(self.root / outlet / "lock")

    def publishing_lock(self, outlet: str) -> Lock:
        """Take the right to publish the outlet's segments, which another process may hold; raises `SpoolBusy`."""
        return Lock(self.root / outlet / "publishing.lock")

    def crawl(self, outlet: str) -> dict[str, Any] | None:
        """Return the crawl that is running, or that died: ``{crawl, stems, mended?}``; None after a clean end.

        A spoiled note is set aside: what lies open is mended without it.
        """
        path = self.root / outlet / "crawl.json"
        try:
            crawl_note: dict[str, Any] = read_whole(path)
            msgspec.convert(crawl_note, _Note)
        except FileNotFoundError:
            return None
        except ValueError as error:
            note = {"crawl": "unknown", "stems": []}
            logger.warning("%s is spoiled (%s) and set aside; it stands at %s", path, error, set_file_aside(path))
            write_whole(path, note)
            return note
        return crawl_note

    def note_crawl(self, outlet: str, note: dict[str, Any] | None) -> None:
        """Remember the running crawl, or (None) that it ended cleanly."""
        path = self.root / outlet / "crawl.json"
        if note is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, note)

    def size(self) -> int:
        """Return the bytes of everything that waits here; what moves meanwhile may count twice or not at all."""
        total = 0
        for folder, _, names in os.walk(self.root):  # not rglob: that breaks off where a folder is renamed under it
            for name in names:
                with suppress(FileNotFoundError):  # published and removed meanwhile
                    total += Path(folder, name).stat().st_size
        return total


class Lock:
    """An exclusive lock on a file, held until `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._stream = path.open("w")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._stream.close()
            raise SpoolBusy(f"another process writes {path.parent}") from None

    def release(self) -> None:
        """Give it back."""
        self._stream.close()


# --- Which folder of the spool is an archive's -----------------------------------------------------------------------
#     <root>/s3-news-a          of s3://news/a, as s3-news-a.archive beside it says
#     <root>/s3-news-a-1f3c…    of s3://news-a, whose name has the same letters: its spool and catalog would be the other's
#
# The plain name belongs to whoever had it first, so that a spool from before there were such notes is found again.


def spool_of(root: Path, archive_uri: str) -> Path:
    """Return the spool's folder for one archive below ``root``, so that nothing lands in another one.

    Raises:
        OSError: the note of whose folder it is cannot be read.
    """
    plain = root / _plain(archive_uri)
    if _owner(plain) in {None, archive_uri}:
        return plain
    return plain.with_name(f"{plain.name}-{hashlib.sha256(archive_uri.encode()).hexdigest()[:8]}")


def claim(root: Path, archive_uri: str) -> None:
    """Note that the folder with the plain name is this archive's, where it is nobody's yet; on a full disk the next crawl does.

    Raises:
        OSError: ``root`` cannot be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    plain, name = root / _plain(archive_uri), archive_uri.encode()
    if _owner(plain) is not None:
        return
    with _note(plain).open("ab+", buffering=0) as note:
        fcntl.flock(note, fcntl.LOCK_EX)
        note.seek(0)
        if note.read():
            return
        try:
            is_whole = note.write(name) == len(name)
        except OSError as error:
            if not is_full(error):
                raise
            is_whole = False
        if not is_whole:
            note.truncate(0)


def _owner(plain: Path) -> str | None:
    try:
        return _note(plain).read_text(encoding="utf-8") or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def _note(plain: Path) -> Path:
    return plain.with_name(f"{plain.name}.archive")


def _plain(archive_uri: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", archive_uri.lower()).strip("-")
