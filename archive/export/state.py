"""What a folder holds already: ``_export.json``, written last, so that a run that died has not been.

    {"schema": 1, "archive", "format", "selection", "manifests": [keys done], "redactions": [keys known],
     "files": {name: bytes}, "runs": [{"at", "articles"}],
     "columns": {name: type, as DuckDB has it}}

The name begins with ``_``, so that tools which read whole folders pass it over. A run appends to files, or adds some; what a run that died left is cut off, or overwritten, by the next one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

from archive.export.additions import Additions
from archive.files import read_whole, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from archive.reader.archive import Archive

SCHEMA = 1
NAME = "_export.json"


@dataclass(slots=True, kw_only=True)
class State:
    """What a folder holds."""

    schema: int = SCHEMA
    archive: str
    format: str
    selection: dict[str, Any]
    manifests: list[str] = field(default_factory=list)
    redactions: list[str] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, *, archive: str, format: str, selection: dict[str, Any]) -> Self:  # noqa: A002  the option's name
        """Read the state of a folder; a new one where there is none.

        Raises:
            ValueError: the folder holds something else; one sentence.
        """
        fresh = cls(archive=archive, format=format, selection=selection)
        path = folder / NAME
        if not path.exists():
            if folder.is_dir() and any(folder.iterdir()):
                raise ValueError(f"{folder} is not empty and holds no export; name another folder")
            return fresh
        state = cls(**read_whole(path))
        for name in ("schema", "archive", "format", "selection"):
            if getattr(state, name) != getattr(fresh, name):
                raise ValueError(
                    f"{folder} holds an export with another {name}; name another folder, or remove this one"
                )
        return state

    @property
    def articles(self) -> int:
        """Return how many articles the runs brought."""
        return sum(run["articles"] for run in self.runs)

    def forget(self, folder: Path) -> None:
        """Begin anew: remove the files of all runs."""
        (folder / NAME).unlink(missing_ok=True)  # first: without it there is nothing to go on with
        for name in self.files:
            (folder / name).unlink(missing_ok=True)
        self.manifests, self.files, self.runs = [], {}, []

    def mend(self, folder: Path) -> None:
        """Cut files back to what the last whole run left, and remove those that a run that died had begun."""
        for name, size in self.files.items():
            with (folder / name).open("rb+") as stream:
                stream.truncate(size)
        for path in folder.rglob(f"*{self.prefix}*"):
            path.unlink()

    @property
    def prefix(self) -> str:
        """Return what the names of the next run's own files begin with."""
        return f"run-{len(self.runs):05d}"

    def note(self, folder: Path, names: list[str], run: dict[str, Any]) -> None:
        """Remember a run: the commit."""
        self.files |= {name: (folder / name).stat().st_size for name in names}
        self.runs.append(run)
        write_whole(folder / NAME, asdict(self))


@dataclass(frozen=True, slots=True)
class Run:
    """What a format is told.

    Attributes:
        archive: the archive, where captures are wanted too.
        folder: where the files go.
        prefix: what the names of this run's own files begin with.
        state: what the folder holds already.
        additions: what is said of an article beside its line.
    """

    archive: Archive
    folder: Path
    prefix: str
    state: State
    additions: Additions = field(default_factory=Additions)
