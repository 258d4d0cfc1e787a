"""Times written for machines: seconds or milliseconds since 1970, /Date(…)/ of ASP.NET, compact ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_EPOCH = re.compile(
    r"(?P<aspnet>/date\()?(?P<digits>-?\d{10}|\d{13}|\d{16})(?:\.\d{1,9})?(?(aspnet)(?:[+\-]\d{4})?\)/)"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:t?(\d{2})(\d{2})(\d{2})?)?(?=z|[+\-]|$)")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
)
_SECONDS = 10
_START = datetime(1970, 1, 1, tzinfo=UTC)


def read_iso(text: str) -> datetime | None:
    """Return the time of a complete ISO 8601 stamp with seconds and an offset, as nearly all JSON-LD has it; None for any other."""
    match = _ISO.fullmatch(text)
    if not match:
        return None
    try:
        return datetime.fromisoformat(match[1] + match[2]).astimezone(UTC)
    except (ValueError, OverflowError):  # a 30th of February, a leap second: for those who read with patience
        return None


def read_epoch(text: str) -> datetime | None:
    """Return the time that folded ``text`` counts from 1970: 10 digits are seconds, 13 milliseconds, 16 microseconds."""
    match = _EPOCH.fullmatch(text)
    if not match:
        return None
    digits = match["digits"]
    return _START + timedelta(seconds=int(digits) // 10 ** max(len(digits) - _SECONDS, 0))


def spread(text: str) -> str:
    """Write compact ISO 8601 (20260707T142921Z) with its separators; any other text comes back as it is."""
    match = _COMPACT.match(text)
    if not match:
        return text
    year, month, day, hour, minute, second = match.groups()
    clock = f"t{hour}:{minute}:{second or '00'}" if hour else ""
    return f"{year}-{month}-{day}{clock}{text[match.end() :]}"
