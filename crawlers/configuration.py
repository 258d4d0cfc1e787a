"""The settings of a crawl, looked at as a whole before anything else: a wrong one would end the crawl in the middle, or never.

Each setting of `crawlers.settings` is of the kind that its default is: yes or no, a whole number, a number; what is more particular
stands here. What needs the archive, the network or a module of its own is checked where it is read (`Destination`, `Limits`, `Webhook`).
"""

from __future__ import annotations

import logging
import re
from math import inf
from typing import TYPE_CHECKING, Any

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.manifests.manifest import is_collection
from archive.text import keep_named_secrets
from crawlers import settings as defaults
from crawlers.session.session import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings

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
    said = settings[name]
    if isinstance(default, bool):
        try:
            settings.getbool(name)
        except (TypeError, ValueError):
            raise ConfigurationError(f"{name} is True or False, not {said!r}") from None
    elif isinstance(default, int | float):
        kind, number = ("a whole number", int) if isinstance(default, int) else ("a number", float)
        bounds = "above 0" if name in _ABOVE_0 else "from 0 to 65535" if name in _PORTS else "from 0 on"
        try:
            value = number(said)
        except (TypeError, ValueError, OverflowError):
            raise ConfigurationError(f"{name} is {kind} {bounds}, not {said!r}") from None
        if not (value > 0 if name in _ABOVE_0 else 0 <= value <= (65535 if name in _PORTS else value)) or value == inf:
            raise ConfigurationError(f"{name} is {kind} {bounds}, not {said!r}")


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
