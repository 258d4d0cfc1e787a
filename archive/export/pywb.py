"""What a pywb needs to serve the whole archive, from a folder or a bucket, where its WARCs lie.

    DIR/indexes/index.cdxj     all captures, merged and sorted
    DIR/path-index.txt         each WARC's name, a tab, and where it lies
    DIR/config.yaml            a collection ``warraq`` of these; written once, and then yours
                               wayback -d DIR

Said again, it takes in what is new. pywb opens both files for each question, so it sees the new ones without a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from archive.files import write_text
from archive.index.captures import CaptureIndex

if TYPE_CHECKING:
    from pathlib import Path

    from archive.reader.archive import Archive

CONFIG = """\
# Written by `warraq pywb`, which leaves it alone from now on. Paths are relative to this folder: wayback -d FOLDER
collections:
  warraq:
    index: indexes/index.cdxj
    archive_paths: path-index.txt
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What a pywb can serve now: WARCs in all, and indexes of segments that were taken in."""

    warcs: int
    fresh: int


def write_pywb(archive: Archive, folder: Path) -> Served:
    """Write, or bring up to date, what a pywb needs.

    Args:
        archive: folder or bucket; pywb opens its WARCs there, with the rights and the credentials of its own environment.
        folder: made where it is not there.

    Raises:
        ValueError: the folder is that of another archive.
    """
    index = CaptureIndex(folder / "indexes")
    index.claim(archive)
    places = {
        item.key.rpartition("/")[2]: place_of(archive.store.uri, item.key)
        for manifest in archive.manifests()
        if (item := manifest.by_kind.get("warc"))
    }
    lines = sorted(f"{name}\t{place}\n".encode() for name, place in places.items())
    write_text(folder / "path-index.txt", b"".join(lines).decode())  # before the index, which names the WARCs
    fresh = index.catch_up(archive)
    config = folder / "config.yaml"
    if not config.exists():
        write_text(config, CONFIG)
    return Served(len(places), fresh)


def place_of(uri: str, key: str) -> str:
    """Return where an object lies: a path on this machine, or the object's address."""
    parts = urlsplit(uri)
    return f"{unquote(parts.path)}/{key}" if parts.scheme == "file" else f"{uri}/{key}"
