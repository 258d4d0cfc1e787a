"""How a crawl ended, for the process that ran it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from archive.manifests.lease import LeaseHeld, LeaseLost
from archive.spool.spool import SpoolBusy, is_full
from archive.store import StoreUnavailable
from crawlers.exit_codes import ExitCode
from crawlers.monitoring.report import judge

if TYPE_CHECKING:
    from collections.abc import Mapping

BUSY = (SpoolBusy, LeaseHeld, LeaseLost)  # the outlet is another crawl's


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code, one line that says the same in words, the report as lines."""

    code: ExitCode
    summary: str
    text: str


def put_off(error: StoreUnavailable) -> ExitCode:
    """Say on stderr that the archive does not answer, and return the exit code of what did not begin for it."""
    sys.stderr.write(f"{str(error).rstrip('.')}; nothing was requested, the same call may succeed later.\n")
    return ExitCode.UNAVAILABLE


def code_of(report: Mapping[str, Any], failure: Exception | None) -> ExitCode:
    """Return the exit code of a crawl from its report and from what went wrong with the archive, if something did."""
    if isinstance(failure, BUSY):
        return ExitCode.BUSY
    if isinstance(failure, StoreUnavailable) and not is_full(failure):  # while it opened: later ones are waited out
        return ExitCode.UNAVAILABLE
    return ExitCode.FULL if is_full(failure) else judge(report, broken=failure is not None)
