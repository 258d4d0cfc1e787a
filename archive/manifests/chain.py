"""Committing a manifest: created once, then named by its outlet's pointer."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from archive.files import Unreadable
from archive.manifests.manifest import Link, Manifest, heads_of, heads_to_bytes, link_to, manifests_in, pointer_key
from archive.store.protocol import Conflict, Missing, Store, StoreUnavailable, set_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

_TRIES = 10
CHAIN = "chain/"  # where part of an archive keeps the manifests whose objects were left behind


class Overtaken(Exception):  # noqa: N818  reads as what happened
    """The chain has gone on by manifests that the one who is to commit has not seen; nothing was created."""


def commit(store: Store, manifest: Manifest, *, knows: Callable[[str], bool] | None = None) -> Manifest:
    """Create the manifest behind the heads of its outlet's chain, and move the pointer to it.

    Args:
        store: the archive.
        manifest: without predecessors.
        knows: says whether the one who commits has seen a manifest, by its key; None where that does not matter.

    Returns:
        The manifest as it stands in the store: the same, with its predecessors; or, where an earlier attempt got this far,
        what that one wrote.

    Raises:
        Conflict: there is a manifest of this segment that lists other objects.
        Overtaken: there is a head that ``knows`` denies.
    """
    body = _body_there(store, manifest.key)
    if body is None:
        heads, _ = heads_or_rebuilt(store, manifest.outlet)
        if knows is not None and not all(knows(link.key) for link in heads):
            raise Overtaken(manifest.key)
        body = replace(manifest, previous=heads).to_bytes()
        try:
            store.create(manifest.key, body)
        except Conflict:  # an answer was lost after the success
            body = store.read(manifest.key)
    try:
        standing = Manifest.from_bytes(body)
    except Unreadable as error:
        raise Conflict(f"{manifest.key} in {store.uri} is no manifest: {error}") from None
    if standing.objects != manifest.objects:
        raise Conflict(f"{manifest.key} in {store.uri} lists other objects than the segment in the spool")
    _move_pointer(store, standing, link_to(manifest.key, body))
    return standing


def read_heads(store: Store, outlet: str) -> tuple[list[Link], str | None]:
    """Return the heads of an outlet's chain and the tag of its pointer; nothing and None where there is none yet."""
    try:
        body, tag = store.read_tagged(pointer_key(outlet))
    except Missing:
        return [], None
    return heads_of(body), tag


def heads_or_rebuilt(store: Store, outlet: str) -> tuple[list[Link], str | None]:
    """Return what `read_heads` does; a spoiled pointer is set aside before, and made anew from the manifests.

    Raises:
        StoreError: the store does not answer, or somebody else made it anew in this moment.
    """
    try:
        return read_heads(store, outlet)
    except ValueError as error:
        key = pointer_key(outlet)
        body, tag = store.read_tagged(key)
        where = set_aside(store, key, body)
        logger.warning(
            "the pointer %s is spoiled (%s) and made anew from the manifests; it stands at %s", key, error, where
        )
    named: set[Link] = set()
    links: list[Link] = []
    for manifest in manifests_in(store, outlet):
        body = store.read(manifest)
        try:
            named.update(Manifest.from_bytes(body).previous)
        except Unreadable:
            continue  # `archive.verify` names it
        links.append(link_to(manifest, body))
    heads = [link for link in links if link not in named]
    try:
        return heads, store.replace(key, heads_to_bytes(heads), tag=tag)
    except Conflict:
        raise StoreUnavailable(f"somebody else moved {key} in this moment") from None


def highest_token(store: Store, outlet: str) -> int:
    """Return the highest lease token that the manifests at the head of an outlet's chain bear; 0 where none does."""
    tokens = [0]
    for link in heads_or_rebuilt(store, outlet)[0]:
        try:
            tokens.append(Manifest.from_bytes(store.read(link.key)).token)
        except (Missing, Unreadable):
            continue  # `archive.verify` names it
    return max(tokens)


def ancestry(store: Store, links: list[Link]) -> Iterator[tuple[Link, Manifest | None, bytes]]:
    """Walk back from ``links``, each manifest once.

    Yields:
        The link, its manifest, its bytes: no manifest where there is none to be read, no bytes where it is gone.
    """
    waiting, known = list(links), set(links)
    while waiting:
        link = waiting.pop()
        try:
            body = _read_link(store, link.key)
        except Missing:
            yield link, None, b""
            continue
        except Unreadable as error:
            yield link, None, str(error).encode()
            continue
        try:
            manifest = Manifest.from_bytes(body)
        except Unreadable:
            yield link, None, body
            continue
        yield link, manifest, body
        waiting += [before for before in manifest.previous if before not in known]
        known.update(manifest.previous)


def _read_link(store: Store, key: str) -> bytes:
    try:
        return store.read(key)
    except Missing:
        return store.read(f"{CHAIN}{key}")


def _body_there(store: Store, key: str) -> bytes | None:
    try:
        return store.read(key)
    except Missing:
        return None


def _move_pointer(store: Store, manifest: Manifest, link: Link) -> None:
    for _ in range(_TRIES):
        heads, tag = heads_or_rebuilt(store, manifest.outlet)
        if link in heads or _is_behind(store, heads, link, manifest):
            return
        moved = [head for head in heads if head not in manifest.previous] + [link]
        try:
            store.replace(pointer_key(manifest.outlet), heads_to_bytes(moved), tag=tag)
        except Conflict:
            continue
        return
    raise StoreUnavailable(f"the pointer of {manifest.outlet} moves too fast; too many publish at once")


def _is_behind(store: Store, heads: list[Link], link: Link, manifest: Manifest) -> bool:
    """Say whether the chain has gone on from a manifest that an earlier attempt committed."""
    if heads == manifest.previous:
        return False  # the usual case: nothing happened since
    for newer, older, _ in ancestry(store, heads):
        if newer == link:
            return True
        if older is not None and older.created < manifest.created:
            return False
    return False
