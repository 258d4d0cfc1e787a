"""The one mask for what must not be read again: in logs, reports, a crawl's papers, errors.

    masked(text)     userinfo of addresses, signatures, tokens, key ids; and every value that was named a secret
    keep_secret(…)   names one: the credentials that boto3 found, the settings and variables that are called so
    mask_logs()      every record of this process, its exception too

Masks, and does not refuse: what a library says of an error is worth keeping without its secret.
"""

from __future__ import annotations

import logging
import os
import re
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "***"
SECRET = re.compile(r"KEY|WEBHOOK|SECRET|TOKEN|PASSW|CREDENTIAL", re.IGNORECASE)
_HEADERS = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
_SHORTEST = 5  # letters of a value that is masked wherever it stands; shorter ones are words
_LONG_LISTS = {"", "None", "True", "False"}
_FORMS = re.compile(
    r"""(?<=//)[^/?\#@\s"'<>\\]+(?=@)                                                 # userinfo
    | (?<=Credential=)[^\s,;&"']+ | (?<=Signature=)[^\s,;&"']+                       # of signatures, in headers and addresses
    | (?<=Security-Token=)[^\s,;&"']+ | (?<=security-token:)[^\s,;&"']+
    | \b(?:AKIA|ASIA)[A-Z0-9]{12,}\b                                                 # key ids
    | (?<=Authorization:\ )\S[^\r\n"']*""",
    re.VERBOSE | re.IGNORECASE,
)
_named: set[str] = set()


def keep_secret(*values: str | None) -> None:
    """Name values that are masked from now on, wherever they stand."""
    new = {value for value in values if value and len(value) >= _SHORTEST and value not in _LONG_LISTS}
    if not new <= _named:
        _named.update(new)
        _values.cache_clear()


def keep_named_secrets(pairs: Mapping[str, object]) -> None:
    """Name the values of all variables or settings whose names say that they are secrets."""
    keep_secret(*(value for name, value in pairs.items() if SECRET.search(name) and isinstance(value, str)))


def masked(text: str) -> str:
    """Return a text without secrets."""
    if (values := _values()) is not None:
        text = values.sub(MASK, text)
    return _FORMS.sub(MASK, text)


def masked_all(value: Any) -> Any:
    """Return a value of JSON with every text in it masked, and with what a secret's name names; keys stay."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: MASK if is_secret(name, found) else masked_all(found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [masked_all(one) for one in value]
    return value


def is_secret(name: object, value: object) -> bool:
    """Say whether a setting, a variable or a header is one, by its name."""
    is_named = bool(SECRET.search(str(name))) or str(name).lower() in _HEADERS
    return is_named and isinstance(value, str | bytes) and bool(value)


def mask_logs() -> None:
    """Mask every log record that is made in this process from now on; and what the environment calls secret."""
    keep_named_secrets(os.environ)
    logging.setLogRecordFactory(_MaskedRecord)


class _MaskedRecord(logging.LogRecord):
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # as `logging.makeRecord` gives them
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = masked("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))

    def getMessage(self) -> str:  # noqa: N802  logging's own name
        return masked(super().getMessage())


@lru_cache(maxsize=1)
def _values() -> re.Pattern[str] | None:
    """Return what finds the named values, the longest first."""
    return _any_of(sorted(_named, key=len, reverse=True)) if _named else None


def _any_of(values: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, values)))
