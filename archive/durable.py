"""Making files survive: a kill, and a power cut."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, value: Any) -> None:
    """Write a small JSON file so that it is there whole or not at all."""
    write_text(path, json.dumps(value, ensure_ascii=False))


def write_text(path: Path, text: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)


def set_file_aside(path: Path) -> Path:
    """Give a spoiled file another name beside it, for a person to look at; return it. One that was put there before is replaced."""
    return path.replace(path.with_name(f"{path.name}.spoiled"))


class DamagedState(ValueError):  # noqa: N818  reads as what happened
    """A file of this machine that nobody can make anew is not what `write_whole` wrote: a bad disk, or another hand."""


def read_whole(path: Path) -> Any:
    """Read what `write_whole` wrote.

    Raises:
        DamagedState: it is something else.
        FileNotFoundError: there is none.
    """
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DamagedState(f"{path} is damaged ({error}); nothing beside it was touched") from error


def read_cached(path: Path) -> dict[str, Any]:
    """Read what `write_whole` wrote of a table that is only a cache; an empty one where there is none, or it is damaged."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
