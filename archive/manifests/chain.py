"""Committing a manifest: created once, then named by its outlet's pointer."""

from __future__ import annotations

import json
import logging
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict
from uuid import uuid4

from archive.files import Unreadable, parse_fields
from archive.manifests.manifest import Link, Manifest, heads_of, heads_to_bytes, link_to, manifests_in, pointer_key
from archive.store.protocol import Conflict, Missing, Store, StoreError, StoreUnavailable, set_aside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

_TRIES = 10
CHAIN = "chain/"  # where part of an archive keeps the manifests whose objects were left behind


class Committing(TypedDict, total=False):
    """What a publisher says to `commit` of itself."""

    knows: Callable[[str], bool]
    holder: str


class Overtaken(Exception):  # noqa: N818  reads as what happened
    """The chain has gone on by manifests that the one who is to commit has not seen; nothing was created."""


def commit(
    store: Store, manifest: Manifest, *, knows: Callable[[str], bool] | None = None, holder: str = ""
) -> Manifest:
    """Create the manifest behind the heads of its outlet's chain, and move the pointer to it.

    Args:
        store: the archive.
        manifest: without predecessors.
        knows: says whether the one who commits has seen a manifest, by its key; None where that does not matter.
        holder: a name that no other spool has; with ``knows``, one at a time looks at the heads and commits, see `Turn`.

    Returns:
        The manifest as it stands in the store: the same, with its predecessors; or, where an earlier attempt got this far,
        what that one wrote.

    Raises:
        Conflict: there is a manifest of this segment that lists other objects.
        Overtaken: there is a head that ``knows`` denies.
    """
    body = _body_there(store, manifest.key)
    if body is not None:
        return _finish(store, manifest, body)
    if knows is None:
        return _finish(store, manifest, _create(store, manifest))
    turn = Turn(store, manifest.outlet, holder)
    turn.take(manifest.key)
    try:
        heads, _ = heads_or_rebuilt(store, manifest.outlet)
        if not all(knows(link.key) for link in heads) or not turn.is_in_time():
            raise Overtaken(manifest.key)
        return _finish(store, manifest, _create(store, manifest, heads))
    finally:
        turn.release()


def _create(store: Store, manifest: Manifest, heads: list[Link] | None = None) -> bytes:
    """Create the manifest behind these heads, by default those of now, and return its bytes as they stand."""
    heads = heads_or_rebuilt(store, manifest.outlet)[0] if heads is None else heads
    body = replace(manifest, previous=heads).to_bytes()
    try:
        store.create(manifest.key, body)
    except Conflict:  # an answer was lost after the success
        return store.read(manifest.key)
    return body


def _finish(store: Store, manifest: Manifest, body: bytes) -> Manifest:
    """See that what stands is this manifest, and that its outlet's pointer leads to it."""
    try:
        standing = Manifest.from_bytes(body)
    except Unreadable as error:
        raise Conflict(f"{manifest.key} in {store.uri} is no manifest: {error}") from None
    if standing.objects != manifest.objects:
        raise Conflict(f"{manifest.key} in {store.uri} lists other objects than the segment in the spool")
    _move_pointer(store, standing, link_to(manifest.key, body))
    return standing


# --- The turn: of two hosts that publish at a time, one looks at the chain's heads and commits, and then the other ---
#     leases/<outlet>.commit.json    {"holder": …, "manifest": …, "nonce": …}, moved by compare-and-swap; holder None: it is free
#
# No clock is asked that others set. Who waits takes over a turn that it has seen unchanged for `STANDS` seconds, and brings to its end
# what that one had created; who has a turn creates nothing when `LASTS` seconds are over. A spool takes its own turn again at once.

LASTS, STANDS = 10.0, 30.0
_LOOKS = 0.1  # seconds between two looks
_PATIENCE = 300.0  # seconds in which somebody else has the turn each time


class Turn:
    """The turn to commit to an outlet's chain."""

    def __init__(self, store: Store, outlet: str, holder: str) -> None:
        self._store, self._outlet, self._holder = store, outlet, holder
        self._key = f"leases/{outlet}.commit.json"
        self._tag: str | None = None
        self._begun = 0.0

    def take(self, manifest: str) -> None:
        """Take the turn for a manifest, by its key; wait while somebody else has it.

        Raises:
            StoreUnavailable: others commit all the time.
        """
        begun = since = time.monotonic()
        seen: str | None = None
        while time.monotonic() < begun + _PATIENCE:
            holder, open_key, tag = self._standing()
            if tag != seen:
                seen, since = tag, time.monotonic()
            is_dead = time.monotonic() >= since + STANDS
            if holder in {None, self._holder} or is_dead:
                if open_key is not None and open_key != manifest:
                    self._bring_to_its_end(open_key)
                with suppress(Conflict):
                    self._tag = self._store.replace(self._key, self._body(self._holder, manifest), tag=tag)
                    self._begun = time.monotonic()
                    return
            else:
                time.sleep(_LOOKS)
        raise StoreUnavailable(f"others commit to the chain of {self._outlet} all the time")

    def is_in_time(self) -> bool:
        """Say whether nobody can have taken the turn over yet."""
        return time.monotonic() < self._begun + LASTS

    def release(self) -> None:
        """Give the turn on. Where that fails it is taken over later."""
        with suppress(StoreError):
            self._store.replace(self._key, self._body(None, None), tag=self._tag)

    def _bring_to_its_end(self, key: str) -> None:
        """Move the pointer to a manifest that was created by one who died before doing so."""
        body = _body_there(self._store, key)
        if body is not None:
            with suppress(Unreadable):  # `archive.verify` names it
                _move_pointer(self._store, Manifest.from_bytes(body), link_to(key, body))

    def _standing(self) -> tuple[str | None, str | None, str | None]:
        try:
            body, tag = self._store.read_tagged(self._key)
        except Missing:
            return None, None, None
        try:
            state = parse_fields(body, holder=str | None, manifest=str | None)
        except Unreadable:
            return None, None, tag
        key = state["manifest"]
        return state["holder"], key if key and key.startswith(f"manifests/outlet={self._outlet}/") else None, tag

    def _body(self, holder: str | None, manifest: str | None) -> bytes:
        return json.dumps({"holder": holder, "manifest": manifest, "nonce": uuid4().hex}).encode()


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
