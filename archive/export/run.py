"""One run of an export, from what is new in the archive to what the folder holds then."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from archive.article import format_time
from archive.export.formats import (
    write_huggingface,
    write_parquet,
    write_spreadsheets,
    write_text_files,
    write_web_archive,
)
from archive.export.state import NAME, Additions, Run, Split, State
from archive.files import alone
from archive.manifests.manifest import RENUMBERED, Manifest, manifests_in, tombstones_in
from archive.reader.archive import Archive
from archive.reader.redactions import ReadFilter
from archive.schema.record import duckdb_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from archive.article import Article
    from archive.store import Store

FORMATS: dict[str, Callable[[Run, Iterable[Article]], list[str]]] = {
    "parquet": write_parquet,
    "jsonl": write_text_files,
    "jsonld": write_text_files,
    "csv": write_text_files,
    "xlsx": write_spreadsheets,
    "hf": write_huggingface,
    "datatrove": write_text_files,
    "wet": write_web_archive,
    "wacz": write_web_archive,
}


WITHOUT_FIELDS = ("wet", "wacz")
"""The formats of web archives: their records are made of captures, and an article that has none is not among them."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a run did: articles it added, articles there now, and why it began anew, None where it went on.

    ``is_written``: whether there is an export now; a first one that no article fits makes none.
    """

    added: int
    articles: int
    anew: str | None
    is_written: bool = True


class _Only(ReadFilter):
    """Shows the manifests that were there when the run began and are not done."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted

    @property
    @override
    def is_clear(self) -> bool:
        return True

    @override
    def keys(self, outlet: str, keys: list[str]) -> list[str]:
        return [key for key in keys if key in self._wanted]


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make a folder; what fails in a new one, such as a selection by a day that is none, or writes nothing leaves no folder."""
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except Exception:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    if is_new and not any(folder.iterdir()):
        folder.rmdir()


def export(  # noqa: PLR0913  each is a choice of its own
    store: Store,
    folder: Path,
    format: str,  # noqa: A002  the option's name
    selection: Mapping[str, Any],
    *,
    permitted: bool = False,
    normalised: bool = False,
    split: Mapping[str, float] | None = None,
    seed: int = 0,
    anew: bool = False,
) -> Exported:
    """Bring a folder level with the archive.

    Args:
        store: the archive.
        folder: made where it is not there; one export a folder.
        format: one of `FORMATS`.
        selection: as `Archive.articles` takes it.
        permitted: leave out what its outlet asked machines not to learn from: ``noai``, a TDM reservation.
        normalised: add `archive.text.normalise` of headline and text, as fields of their own.
        split: name → share: add on which side of a split by story each article stands.
        seed: which split it is.
        anew: begin again, whatever the folder holds.

    Raises:
        ValueError: the folder holds something else, or a package is missing; one sentence.
    """
    _check_fields(format, split, normalised=normalised)
    chosen = _chosen(selection) | {"permitted": permitted}
    chosen |= {"normalised": True} if normalised else {}
    chosen |= {"split": dict(split), "seed": seed} if split else {}
    with _made(folder), alone(folder, f"exports into {folder}"):
        state = State.of(folder, archive=store.uri, format=format, selection=chosen)
        keys = {"manifests": list(manifests_in(store)), "redactions": list(tombstones_in(store))}
        reason = "asked for" if anew else _why_anew(store, state, keys)
        is_first = not state.runs
        if reason:
            state.forget(folder)
        state.mend(folder)
        new = _with_news(store, state, keys["manifests"])
        if split and new and state.runs:  # what is new may join two stories that stand on two sides
            reason = reason or "a split is one of whole stories, which may have grown together since"
            state.forget(folder)
            new = _with_news(store, state, keys["manifests"])
        articles = partial(Archive(store, [_Only(new)]).articles, **selection)
        additions = Additions(normalised, _split_of(articles(settle=True) if split and new else (), split, seed))
        counted = _Counted(articles() if new else iter(()), permitted=permitted, captured=format in WITHOUT_FIELDS)
        passing = iter(counted)
        first = list(islice(passing, 1))
        if is_first and not first:
            (folder / NAME).unlink(missing_ok=True)  # of a run that died
            return Exported(0, 0, None, is_written=False)
        names = _write(format, Run(Archive(store), folder, state.prefix, state, additions), chain(first, passing))
        state.manifests, state.redactions, state.columns = keys["manifests"], keys["redactions"], duckdb_columns()
        state.note(folder, names, {"at": format_time(datetime.now(UTC)), "articles": counted.count})
        return Exported(counted.count, state.articles, reason if reason and reason != "asked for" else None)


def _check_fields(format: str, split: Mapping[str, float] | None, *, normalised: bool) -> None:  # noqa: A002  the option's name
    if (split or normalised) and format in WITHOUT_FIELDS:
        raise ValueError(f"{format} has no fields to which a normalised text or a split could be added")
    if split and format == "hf" and "all" in split:
        raise ValueError("no side of a split for hf is called 'all', which means both there")


def _write(format: str, run: Run, articles: Iterator[Article]) -> list[str]:  # noqa: A002  the option's name
    """Write a run's files and return their names; one that fails leaves none."""
    run.state.begin(run.folder)
    try:
        return FORMATS[format](run, articles)
    except BaseException:
        run.state.mend(run.folder)
        raise


def _chosen(selection: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a selection a folder notes: what was chosen, but for the order that folders of an earlier release do not name."""
    chosen = {name: value for name, value in selection.items() if value not in (None, [], ())}
    return chosen if chosen.get("sort") != "published" else {n: value for n, value in chosen.items() if n != "sort"}


def _split_of(articles: Iterable[Article], shares: Mapping[str, float] | None, seed: int) -> Split | None:
    if not shares:
        return None
    split = Split(shares, seed)
    split.learn(articles)
    return split


class _Counted:
    """Counts the articles that pass.

    Left out is what may not be used, where only ``permitted`` ones are asked for, and what has no capture, where only ``captured`` ones are.
    """

    def __init__(self, articles: Iterator[Article], *, permitted: bool, captured: bool) -> None:
        self._articles, self._permitted, self._captured = articles, permitted, captured
        self.count = 0

    def __iter__(self) -> Iterator[Article]:
        for article in self._articles:
            if (not self._permitted or is_permitted(article)) and (not self._captured or article.warc is not None):
                self.count += 1
                yield article


def is_permitted(article: Article) -> bool:
    """Say whether the outlet, at capture, had nothing against machines learning from the page."""
    policy = article.policy
    return policy.noai is not True and policy.tdm in {None, "0"}


def _why_anew(store: Store, state: State, keys: Mapping[str, list[str]]) -> str | None:
    """Say why what is there cannot be gone on with, None where it can."""
    if not state.runs:
        return None
    if set(keys["redactions"]) != set(state.redactions):
        return "something was taken down since"
    if state.columns != duckdb_columns():
        return "a release since then has other columns"
    done = set(state.manifests)
    new = (Manifest.from_bytes(store.read(key)) for key in set(keys["manifests"]) - done)
    return next((reason for manifest in new if (reason := _why_not_after(manifest, done))), None)


def _why_not_after(manifest: Manifest, done: set[str]) -> str | None:
    """Say why the lines of a new manifest cannot be put behind those of the manifests that are done, None where they can."""
    if manifest.recovered.get(RENUMBERED):
        return "a host that had been overtaken published captures that may be older than exported ones"
    gone = {old.key for old in manifest.replaces if "articles" in old.kinds}
    if manifest.amends or (gone & done and not manifest.moved):
        return "lines that were exported were read again since"
    if gone & done and gone - done:
        return "lines that were exported were joined with new ones since"
    return None


def _with_news(store: Store, state: State, keys: Iterable[str]) -> frozenset[str]:
    """Return the manifests that are not done and whose lines are not either: a compaction of what is done brings none."""
    done = set(state.manifests)
    if not done:
        return frozenset(keys)
    return frozenset(
        key
        for key in set(keys) - done
        if not done & {old.key for old in Manifest.from_bytes(store.read(key)).replaces if "articles" in old.kinds}
    )
