"""Where a crawl's output goes: the archive, the spool in front of it, the catalog of what it holds.

ARCHIVE_URI                      the archive
ARCHIVE_COPIES                   further stores that get everything too, each with its own state
SPOOL_DIR/<archive>/             what is not in that archive yet; one folder an archive, so that nothing lands in another
SPOOL_DIR/<archive>.holder       the name by which this spool's crawls hold leases
SPOOL_DIR/<archive>.archive      whose folder that is, should two archives' names differ in nothing but signs
SPOOL_DIR/<archive>.catalog      what it holds, as a crawl needs to know it
SPOOL_DIR/<archive>.stories      fingerprints of its recent stories
SPOOL_DIR/<archive>.<outlet>.sources   which sources need not be read again until they change
"""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.files import one_at_a_time, set_file_aside, write_text
from archive.manifests.publisher import open_copies
from archive.spool.spool import claim, spool_of
from archive.store import Store, StoreError, StoreUnavailable, open_store

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

_HOLDER = re.compile(r"[0-9a-f]{16}")


class ConfigurationError(ValueError):
    """A setting is wrong; the message is the sentence for the operator and names the setting."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The archive of a crawl, its copies, and the local files in front of them."""

    store: Store
    copies: tuple[Store, ...]
    spool: Path
    catalog: Path
    stories: Path

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Destination:
        """Read ARCHIVE_URI, AWS_ENDPOINT_URL, ARCHIVE_COPIES and SPOOL_DIR.

        Raises:
            ConfigurationError: one of them cannot be.
        """
        options = {"endpoint_url": settings["AWS_ENDPOINT_URL"]} if settings["AWS_ENDPOINT_URL"] else {}
        uri = str(settings["ARCHIVE_URI"])
        try:
            store = open_store(uri, options=options)
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_URI: {error}") from None
        try:
            copies = tuple(open_copies(settings.getlist("ARCHIVE_COPIES"), store))
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_COPIES: {error}") from None
        try:
            spool = spool_of(Path(settings["SPOOL_DIR"]), store.uri)
        except OSError as error:
            raise ConfigurationError(f"SPOOL_DIR: {settings['SPOOL_DIR']} cannot be read ({error.strerror})") from None
        return cls(
            store, copies, spool, spool.with_name(f"{spool.name}.catalog"), spool.with_name(f"{spool.name}.stories")
        )

    @property
    def holder(self) -> str:
        """Return this spool's name, drawn once and kept beside it: a restarted crawl has the same one, no other spool has."""
        path = self.spool.with_name(f"{self.spool.name}.holder")
        try:
            with one_at_a_time(path):
                found = path.read_bytes().decode(errors="replace") if path.exists() else None
                if found is not None and _HOLDER.fullmatch(found):
                    return found
                if found is not None:
                    logger.warning("%s is spoiled and drawn anew; it stands at %s", path, set_file_aside(path))
                name = os.urandom(8).hex()
                write_text(path, name)
        except OSError as error:  # a full disk: this crawl's leases are nobody's after it, and run out
            logger.warning("%s cannot be kept (%s)", path, error.strerror)
            return os.urandom(8).hex()
        return name

    def check(self) -> None:
        """Say whether the archive will have us and the spool can be written, before the first request.

        Raises:
            ConfigurationError: one sentence that names the setting.
            StoreUnavailable: the archive does not answer; the same call may succeed later.
        """
        try:
            self.store.check()
        except StoreUnavailable as error:
            raise StoreUnavailable(f"ARCHIVE_URI: {error}") from None
        except StoreError as error:
            raise ConfigurationError(f"ARCHIVE_URI: {error}") from None
        for copy in self.copies:
            try:
                with suppress(StoreUnavailable):  # it gets everything later
                    copy.check()
            except StoreError as error:
                raise ConfigurationError(f"ARCHIVE_COPIES: {error}") from None
        try:
            claim(self.spool.parent, self.store.uri)
            self.spool.mkdir(parents=True, exist_ok=True)
            probe = self.spool.parent / ".probe"
            probe.write_bytes(b"")
            probe.unlink(missing_ok=True)  # another outlet's crawl may begin at the same moment
        except OSError as error:
            raise ConfigurationError(f"SPOOL_DIR: {self.spool.parent} cannot be written ({error.strerror})") from None
        if spool_of(self.spool.parent, self.store.uri) != self.spool:
            raise ConfigurationError(f"SPOOL_DIR: a crawl into another archive took {self.spool}; begin again")


def table_of(settings: BaseSettings, name: str) -> dict[str, Any]:
    """Return a setting that is a table, on the command line a JSON object. Raises `ConfigurationError`."""
    try:
        return dict(settings.getdict(name))
    except (TypeError, ValueError):
        raise ConfigurationError(f"{name} is a table, on the command line a JSON object") from None
