"""Writing the static site: everything once, then only what changed.

    site.json in the output says of which index, generation and looks it was made
        the same index and looks ─▶ articles, stories, tags and outlets that changed since; front, lists and search
        another, or a take-down  ─▶ everything, and what no longer belongs is deleted

Pages are made by several processes side by side; each opens the index and the archive for itself.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from archive.reader.archive import open_archive
from archive.site.index import Index
from archive.site.making import Job, Maker
from archive.site.output import STATE, open_output, read_state
from archive.site.pages import Pages

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from archive.site.templating import Looks

FORM = 2  # raised with the templates: a site made by an older release is made anew
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
        said = (FORM, self.replays, repr(self.looks))
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    def maker(self) -> Maker:
        """Open everything for one process."""
        archive, output = open_archive(self.archive), open_output(self.output)
        return Maker(Pages(Index(self.index), archive, self.looks), output, replays=self.replays)


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
    if is_whole or generation > since:
        for kind, made in _made(plan, maker, list(jobs(index.reader, since)), processes):
            counts[kind] = counts.get(kind, 0) + len(made)
            paths.update(made)
    deleted = _prune(maker, paths) if is_whole else 0
    said = {"index": index.fact("identity"), "form": plan.fingerprint, "generation": generation}
    output.write(STATE, (json.dumps(said, indent=1) + "\n").encode())
    output.flush()
    return Written(counts, is_whole, deleted)


def jobs(connection: sqlite3.Connection, since: int) -> Iterator[Job]:
    """Yield what changed after a generation; 0: everything. The lists that change with anything come last."""
    for row in connection.execute("SELECT id FROM article WHERE changed > ? ORDER BY n", [since]):
        yield Job("article", row["id"])
    stories = (
        "SELECT story FROM article WHERE story IS NOT NULL GROUP BY story HAVING count(*) > 1 AND max(changed) > ?"
    )
    for row in connection.execute(stories, [since]):
        yield Job("story", row["story"])
    for row in connection.execute("SELECT e FROM entry WHERE same IS NULL AND many > 0 AND changed > ?", [since]):
        yield Job("tag", str(row["e"]))
    for row in connection.execute("SELECT DISTINCT outlet FROM article WHERE changed > ? ORDER BY outlet", [since]):
        yield Job("outlet", row["outlet"])
    yield from (Job("lists", name) for name in ("front", "newsroom", "words", "static"))


def _made(plan: Plan, maker: Maker, todo: list[Job], processes: int | None) -> Iterator[tuple[str, list[str]]]:
    side_by_side = processes or os.cpu_count() or 1
    if side_by_side == 1 or len(todo) < _WORTH_PROCESSES:
        yield from ((job.kind, maker.make(job)) for job in todo)
        maker.output.flush()
        return
    context = multiprocessing.get_context("spawn")  # a fork would share SQLite's and boto3's connections
    with ProcessPoolExecutor(side_by_side, context, initializer=partial(_begin, plan)) as pool:
        for made in pool.map(_make, _groups(todo)):
            yield from made


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
