"""Objects of lines without what was taken down: articles and index entries go, events lose the address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.objects import lines_of
from archive.reader.jsonl import pack
from archive.reader.redactions import digest_of_address

if TYPE_CHECKING:
    from pathlib import Path

    from archive.manifests.manifest import Item
    from archive.reader.redactions import Redaction
    from archive.store import Store

_NOWHERE = "urn:warraq:taken-down"


def leave_out(store: Store, item: Item, path: Path, redaction: Redaction) -> bool:
    """Write an object of lines without what is to go; False, and nothing written, where nothing of it is in there."""
    lines = list(lines_of(store, item))
    if item.kind == "events":
        kept = [_without_address(line, redaction) for line in lines]
    else:
        gone = _is_gone_entry if item.kind == "cdxj" else _is_gone_line
        kept = [line for line in lines if not gone(line, redaction)]
    if kept == lines:
        return False
    pack(kept, path)
    return True


def _without_address(line: bytes, redaction: Redaction) -> bytes:
    """Return an event without the address of what was taken down, which may say what it was about."""
    said = json.loads(line)
    url = said.get("url")
    if url is None or url == _NOWHERE or not (said["id"] in redaction.ids or digest_of_address(url) in redaction.urls):
        return line
    return json.dumps(said | {"url": _NOWHERE}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _is_gone_entry(line: bytes, redaction: Redaction) -> bool:
    said = json.loads(line.split(b" ", 2)[2])
    return said["record_id"] in redaction.records or digest_of_address(said["url"]) in redaction.urls


def _is_gone_line(line: bytes, redaction: Redaction) -> bool:
    said = json.loads(line)
    addresses = (said["url"], said["canonical_url"])
    return said["id"] in redaction.ids or any(digest_of_address(url) in redaction.urls for url in addresses)
