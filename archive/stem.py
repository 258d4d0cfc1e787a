"""A segment's name, which all its objects share.

<collection>-<outlet>-<17-digit UTC time>-<serial>-<token>      warraq-aljazeera-20261123100000123-00000-0a1b2c3d
"""

from __future__ import annotations

import hashlib
import os
import re
from datetime import UTC, datetime

_OUTLET = re.compile(r"[a-z0-9][a-z0-9_.]*")
_COLLECTION = re.compile(r"[a-z0-9][a-z0-9_.-]*")
STEM = re.compile(
    r"(?P<collection>.+)-(?P<outlet>[a-z0-9_.]+)-(?P<time>\d{17})-(?P<serial>\d{5})-(?P<token>[0-9a-f]{8})"
)


def is_collection(name: str) -> bool:
    """Say whether segments' names may begin so."""
    return _COLLECTION.fullmatch(name) is not None


def make_stem(collection: str, outlet: str, opened: datetime, serial: int) -> str:
    """Return a segment's name, unique by time, serial and a random token."""
    if not _OUTLET.fullmatch(outlet) or not is_collection(collection):
        raise ValueError(f"names of keys are small Latin letters and digits, not {collection!r}, {outlet!r}")
    moment = opened.astimezone(UTC)
    stamp = f"{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}"
    return f"{collection}-{outlet}-{stamp}-{serial:05d}-{os.urandom(4).hex()}"


def successor_stem(last: str, *what: str) -> str:
    """Return the name of a segment that stands in the place of others: the last one's, with a token of its own.

    Args:
        last: the name of the last segment it replaces; it lends its time, and with it the crawl date.
        what: what tells this successor from any other one.
    """
    match = STEM.fullmatch(last)
    if match is None:
        raise ValueError(f"{last!r} is no segment's name")
    token = hashlib.sha256("\n".join(what).encode()).hexdigest()[:8]
    return f"{match['collection']}-{match['outlet']}-{match['time']}-{match['serial']}-{token}"


def date_of(stem: str) -> str:
    """Return the crawl date (``yyyy-mm-dd``) that stands in a segment's name; raises ``ValueError``."""
    match = STEM.fullmatch(stem)
    if match is None:
        raise ValueError(f"{stem!r} is no segment's name")
    stamp = match["time"]
    return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}"


def time_of(stem: str) -> str:
    """Return the 17 digits of the time at which a segment was opened."""
    return stem.split("-")[-3]


def opened_at(stem: str) -> datetime:
    """Return when a segment was opened, aware UTC, to the millisecond; raises ``ValueError``."""
    return datetime.strptime(f"{time_of(stem)}000", "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)


def collection_in(stem: str) -> str:
    """Return the collection that stands in a segment's name; raises ``ValueError``."""
    return stem.rpartition(f"-{outlet_in(stem)}-")[0]


def serial_of(stem: str) -> int:
    """Return the serial that stands in a segment's name: 0 for the first of its crawl."""
    return int(stem.split("-")[-2])


def outlet_in(stem: str) -> str:
    """Return the outlet that stands in a segment's name; raises ``ValueError``."""
    match = STEM.fullmatch(stem)
    if match is None:
        raise ValueError(f"{stem!r} is no segment's name")
    return match["outlet"]
