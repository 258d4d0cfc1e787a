"""The settings of a crawl, looked at as a whole before anything else: a wrong one would end the crawl in the middle, or never.

Each setting of `crawlers.settings` is of the kind that its default is: yes or no, a whole number, a number; what is more particular
stands here. What needs the archive, the network or a module of its own is checked where it is read (`Destination`, `Limits`, `Webhook`).
"""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.files import one_at_a_time, set_file_aside, write_text
from archive.manifests.manifest import is_collection
from archive.spool.spool import claim, spool_of
from archive.store import Store, StoreError, StoreUnavailable, open_copies, open_store
from archive.text import keep_named_secrets
from crawlers import settings as defaults

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

_ABOVE_0 = frozenset(
    [
        "CONCURRENT_REQUESTS",
        "CONCURRENT_REQUESTS_PER_DOMAIN",
        "CONCURRENT_ITEMS",
        "AUTOTHROTTLE_TARGET_CONCURRENCY",
        "BREAKER_LIMIT",
        "DOWNLOAD_TIMEOUT",
        "SEGMENT_MAX_BYTES",
        "SEGMENT_MAX_SECONDS",
        "SPOOL_MAX_BYTES",
        "PUBLISH_EVERY",
        "PROGRESS_EVERY",
        "CATALOG_WINDOW_DAYS",
        "STORIES_WINDOW_DAYS",
    ]
)
_PORTS = frozenset({"METRICS_PORT"})
_ELSEWHERE = "DRIFT_LEAST_", "DRIFT_DAYS", "DRIFT_GRAVE", "DRIFT_PATIENCE"  # `Limits`
_TOKEN = re.compile(r"[A-Za-z_-]+")  # RFC 9309, 2.2.1
CODINGS = "strip", "keep"


class ConfigurationError(ValueError):
    """A setting is wrong; the message is the sentence for the operator and names the setting."""


def check_configuration(settings: BaseSettings) -> None:
    """See that every setting can be what it is.

    Raises:
        ConfigurationError: one cannot; the sentence names it and says what it may be.
    """
    keep_named_secrets({name: settings[name] for name in settings if settings.getpriority(name)})
    for name, default in vars(defaults).items():
        if name.isupper() and not name.startswith(_ELSEWHERE):
            _check_kind(name, default, settings)
    _check_words(settings)
    _check_lists(settings)


def check_asking(settings: BaseSettings) -> None:
    """See that requests can be made, and say who makes them.

    Raises:
        ConfigurationError: they cannot, or do not say it; nothing was requested.
    """
    from crawlers.download.connect import Connector  # noqa: PLC0415  `scrapy list` needs none of these
    from crawlers.download.handler import NO_ROUTES, capture_mode  # noqa: PLC0415
    from crawlers.politeness.user_agent import NoContact, user_agent  # noqa: PLC0415

    try:
        user_agent(settings)
        routes = Connector.from_settings(settings).routes
    except (NoContact, ValueError) as error:
        raise ConfigurationError(str(error)) from error
    if routes and capture_mode() == "reconstructed":
        raise ConfigurationError(NO_ROUTES)


class CheckedSettings(ScrapyCommand):
    """A command that begins with looking at the settings."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take the options, then check.

        Raises:
            UsageError: a setting is wrong.
        """
        super().process_options(args, opts)
        assert self.settings is not None
        try:
            check_configuration(self.settings)
        except ConfigurationError as error:
            raise UsageError(str(error), print_help=False) from error


def _check_kind(name: str, default: Any, settings: BaseSettings) -> None:
    given = settings[name]
    if isinstance(default, bool):
        try:
            settings.getbool(name)
        except (TypeError, ValueError):
            raise ConfigurationError(f"{name} is True or False, not {given!r}") from None
    elif isinstance(default, int | float):
        kind, number = ("a whole number", int) if isinstance(default, int) else ("a number", float)
        bounds = "above 0" if name in _ABOVE_0 else "from 0 to 65535" if name in _PORTS else "from 0 on"
        try:
            value = number(given)
        except (TypeError, ValueError, OverflowError):
            raise ConfigurationError(f"{name} is {kind} {bounds}, not {given!r}") from None
        if not (value > 0 if name in _ABOVE_0 else 0 <= value <= (65535 if name in _PORTS else value)) or value == inf:
            raise ConfigurationError(f"{name} is {kind} {bounds}, not {given!r}")


def _check_words(settings: BaseSettings) -> None:
    level = settings["LOG_LEVEL"]
    if not isinstance(level, int) and str(level) not in logging.getLevelNamesMapping():
        raise ConfigurationError(f"LOG_LEVEL is DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}")
    if not is_collection(collection := str(settings["COLLECTION"])):
        raise ConfigurationError(f"COLLECTION is written in small Latin letters and digits, not {collection!r}")
    if (coding := settings["WARC_TRANSFER_CODING"]) not in CODINGS:
        raise ConfigurationError(f"WARC_TRANSFER_CODING is {' or '.join(CODINGS)}, not {coding!r}")
    if (token := settings["ROBOTSTXT_USER_AGENT"]) and not _TOKEN.fullmatch(token):
        raise ConfigurationError(f"ROBOTSTXT_USER_AGENT is one word of Latin letters, - and _, not {token!r}")


def _check_lists(settings: BaseSettings) -> None:
    from crawlers.frontier.ages import read_ages  # noqa: PLC0415  `scrapy list` needs neither
    from pipelines.store import heeded  # noqa: PLC0415

    try:
        read_ages(settings.getlist("RELOOK_AGES"))
        heeded(settings)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


# --- Where a crawl's output goes: the archive, the spool in front of it, the catalog of what it holds ----------------
# ARCHIVE_URI                      the archive
# ARCHIVE_COPIES                   further stores that get everything too, each with its own state
# SPOOL_DIR/<archive>/             what is not in that archive yet; one folder an archive, so that nothing lands in another
# SPOOL_DIR/<archive>.holder       the name by which this spool's crawls hold leases
# SPOOL_DIR/<archive>.archive      whose folder that is, should two archives' names differ in nothing but signs
# SPOOL_DIR/<archive>.catalog      what it holds, as a crawl needs to know it
# SPOOL_DIR/<archive>.stories      fingerprints of its recent stories
# SPOOL_DIR/<archive>.<outlet>.sources   which sources need not be read again until they change

_HOLDER = re.compile(r"[0-9a-f]{16}")


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
                content = path.read_bytes().decode(errors="replace") if path.exists() else None
                if content is not None and _HOLDER.fullmatch(content):
                    return content
                if content is not None:
                    logger.warning("%s is spoiled and drawn anew; it stands at %s", path, set_file_aside(path))
                name = os.urandom(8).hex()
                write_text(path, name, sync_name=False)  # lost in a power cut it is drawn anew, and a lease runs out
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
