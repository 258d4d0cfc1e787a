"""What is being done, on a terminal and beside the output; in a pipe or a log nothing of it is seen."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show a bar, or a count where the total is unknown; yield what is to be told each step's name."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[name]}"), console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total, name="")
        yield lambda name: shown.update(task, advance=1, name=name.rpartition("/")[2])
