"""Which keys of a store are an archive's own. What else lies between them is left aside, and `verify` notes it.

    manifests/outlet=<o>/date=<d>/<stem>.json        and the objects of a segment likewise, each under its kind
    redactions/<name>.json                           whatever its name: a tombstone that nobody can read must not be passed over
    checkpoints/outlet=<o>/<time>-<token>.jsonl.gz
    reports/outlet=<o>/date=<d>/<crawl>.json

Consoles make folders by empty objects, desktops leave Thumbs.db and ._names, and copying tools their .partial files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.manifests.manifest import SUFFIXES, manifest_key, object_key
from archive.stem import STEM, outlet_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archive.store import Store

_OUTLET = re.compile(r"outlet=([a-z0-9][a-z0-9_.]*)")
_DATE = re.compile(r"date=(\d{4}-\d{2}-\d{2})")
_OTHERS = {
    "redactions": re.compile(r"redactions/[^./][^/]*\.json"),
    "checkpoints": re.compile(rf"checkpoints/{_OUTLET.pattern}/\d{{17}}-[0-9a-f]{{8}}\.jsonl\.gz"),
    "reports": re.compile(rf"reports/{_OUTLET.pattern}/{_DATE.pattern}/[^./][^/]*\.json"),
}


def outlets_in(store: Store, below: str = "manifests") -> list[str]:
    """Return the outlets of which something lies below a folder of the archive."""
    return _names(_OUTLET, store.folders(f"{below}/"))


def dates_in(store: Store, outlet: str, below: str = "manifests") -> list[str]:
    """Return the crawl dates (``yyyy-mm-dd``) of which something of an outlet lies below a folder of the archive."""
    return _names(_DATE, store.folders(f"{below}/outlet={outlet}/"))


def manifests_in(store: Store, outlet: str | None = None, date: str = "", *, since: str = "") -> Iterator[str]:
    """Yield the keys of manifests in order.

    Args:
        store: the archive.
        outlet: only this one's.
        date: only of crawl dates that begin so, such as ``2026-11``; of one outlet.
        since: only of this crawl date and later ones; of one outlet.
    """
    folder = f"manifests/outlet={outlet}/date=" if outlet else "manifests/"
    after = folder + since if since else ""
    return (key for key in _listed(store, folder + date, after) if is_own(key))


def tombstones_in(store: Store) -> Iterator[str]:
    """Yield the keys of all take-downs, oldest first."""
    return filter(is_own, _listed(store, "redactions/"))


def checkpoints_in(store: Store, outlet: str) -> Iterator[str]:
    """Yield the keys of an outlet's checkpoints."""
    return filter(is_own, _listed(store, f"checkpoints/outlet={outlet}/"))


def reports_in(store: Store, outlet: str, date: str) -> Iterator[str]:
    """Yield the keys of an outlet's reports of one crawl date."""
    return filter(is_own, _listed(store, f"reports/outlet={outlet}/date={date}/"))


def strays_in(store: Store, outlets: Iterable[str] | None = None) -> Iterator[str]:
    """Yield the keys that have not the archive's form, in the folders that it lists; of some outlets, in theirs alone."""
    for folder in ("manifests", *SUFFIXES, *_OTHERS):
        for below in [""] if outlets is None else [f"outlet={outlet}/" for outlet in outlets]:
            yield from (key for key in _listed(store, f"{folder}/{below}") if not is_own(key))


def is_own(key: str) -> bool:
    """Say whether a key is one that an archive gives to its objects."""
    folder, name = key.partition("/")[0], key.rpartition("/")[2]
    if folder in _OTHERS:
        return _OTHERS[folder].fullmatch(key) is not None
    suffix = ".json" if folder == "manifests" else SUFFIXES.get(folder)
    stem = name.removesuffix(suffix or "")
    if suffix is None or not name.endswith(suffix) or not STEM.fullmatch(stem):
        return False
    outlet = outlet_in(stem)
    return key == (manifest_key(outlet, stem) if folder == "manifests" else object_key(folder, outlet, stem))


def _listed(store: Store, prefix: str, after: str = "") -> Iterator[str]:
    return (found.key for found in store.listing(prefix, after=after))


def _names(shape: re.Pattern[str], folders: Iterable[str]) -> list[str]:
    return [match[1] for folder in folders if (match := shape.fullmatch(folder))]
