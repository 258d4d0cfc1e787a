"""The settings of a crawl, looked at as a whole before anything else: a wrong one would end the crawl in the middle, or never.

Each setting of `crawlers.settings` is of the kind that its default is: yes or no, a whole number, a number; what is more particular
stands here. What needs the archive, the network or a module of its own is checked where it is read (`Destination`, `Limits`, `Notifier`).
"""

from __future__ import annotations

import inspect
import json
import logging
import re
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from pythonjsonlogger.json import JsonFormatter as _JsonFormatter
from scrapy.commands import ScrapyCommand
from scrapy.crawler import AsyncCrawlerProcess, CrawlerProcess, CrawlerProcessBase
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES, default_settings
from scrapy.spiderloader import SpiderLoader
from scrapy.utils import log as scrapy_log
from typing_extensions import override

from archive.manifests.manifest import is_collection
from archive.spool.spool import claim, holder_of, spool_of
from archive.store import Store, StoreError, StoreUnavailable, open_copies, open_store
from archive.text import keep_named_secrets, masked
from crawlers import settings as defaults
from crawlers.signals import ExitCode

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from scrapy.settings import BaseSettings

    from crawlers.settings import Setting

logger = logging.getLogger(__name__)

_ELSEWHERE = "DRIFT_LEAST_", "DRIFT_DAYS", "DRIFT_GRAVE", "DRIFT_PATIENCE"  # `Limits`
_LIKE = 0.8  # how alike a name is to one of ours that was meant: a letter or two in ten
_TOKEN = re.compile(r"[A-Za-z_-]+")  # RFC 9309, 2.2.1
_OWN_PRIORITY = SETTINGS_PRIORITIES["project"]  # what is set above it was typed, or is a spider's


class ConfigurationError(ValueError):
    """A setting is wrong; the message is the sentence for the operator and names the setting."""


def of_callers(name: str) -> Iterator[Any]:
    """Yield what each function that is being run calls by a name, the innermost first; `inspect.stack` would look every source file up."""
    frame = inspect.currentframe()
    while frame is not None:
        yield frame.f_locals.get(name)
        frame = frame.f_back


def process_of_crawl() -> AsyncCrawlerProcess | None:
    """Return Scrapy's process in which the caller runs; None in a runner's, as in a notebook, and in commands of ours, which tell by themselves."""
    callers = list(of_callers("self"))
    if any(isinstance(caller, CheckedSettings) for caller in callers):
        return None
    return next((caller for caller in callers if isinstance(caller, AsyncCrawlerProcess)), None)


@contextmanager
def refusal() -> Iterator[None]:
    """End Scrapy's process with one sentence where a setting is wrong (exit code 2) or the archive does not answer (3).

    Any other caller gets the error itself.
    """
    try:
        yield
    except (ConfigurationError, StoreUnavailable) as error:
        if process_of_crawl() is None:
            raise
        is_wrong = isinstance(error, ConfigurationError)
        _end(error, ExitCode.REFUSED if is_wrong else ExitCode.UNAVAILABLE)


def _end(error: Exception, code: int) -> NoReturn:
    _say(masked(str(error)))
    raise SystemExit(code) from None


def _say(sentence: str) -> None:
    """Say on stderr why nothing began; where the log is JSON, as an object, since no handler may be there yet."""
    if scrapy_log._get_formatter is _json_formatter:  # noqa: SLF001  as `log_as_json` left it
        sentence = JsonFormatter().format(logging.makeLogRecord(
            {"name": __name__, "levelname": "ERROR", "levelno": logging.ERROR, "msg": sentence}
        ))  # fmt: skip
    sys.stderr.write(f"{sentence}\n")


def put_off(error: StoreUnavailable) -> ExitCode:
    """Say on stderr that the archive does not answer, and return the exit code of what did not begin for it."""
    _say(f"{str(error).rstrip('.')}; nothing was requested, the same call may succeed later.")
    return ExitCode.UNAVAILABLE


def refused(error: Exception) -> UsageError:
    """Return what ends a command of which something given is wrong (exit code 2); where the log is JSON, end it, without usage lines."""
    if scrapy_log._get_formatter is _json_formatter:  # noqa: SLF001  as above
        _end(error, ExitCode.REFUSED)
    return UsageError(str(error), print_help=False)


def _is_called_by(kind: type | tuple[type, ...]) -> bool:
    return any(isinstance(caller, kind) for caller in of_callers("self"))


class OutletLoader(SpiderLoader):
    """Looks for spiders as Scrapy does; of a module that is not there a command and a process say it in a sentence (exit code 2)."""

    @override
    def _load_all_spiders(self) -> None:
        try:
            super()._load_all_spiders()
        except ModuleNotFoundError as missing:
            # what a spider itself cannot import is its author's affair, who needs to see where
            name = next((each for each in self.spider_modules if f"{each}.".startswith(f"{missing.name}.")), None)
            if name is None:
                raise
            error = ConfigurationError(f"SPIDER_MODULES names {name}, which is no module here")
            if not _is_called_by((ScrapyCommand, CrawlerProcessBase)):
                raise error from None
            _end(error, ExitCode.REFUSED)


def check_before_crawls(settings: BaseSettings) -> None:
    """See to the add-on's settings where a `CrawlerProcess` is made, whose crawls would hide both sentence and exit code in a Deferred.

    Args:
        settings: the project's, with our defaults.
    """
    if not _is_called_by(CrawlerProcess):
        return
    try:
        check_addon(settings)
        Destination.from_settings(settings)
    except ConfigurationError as error:
        _end(error, ExitCode.REFUSED)


def check_addon(settings: BaseSettings) -> None:
    """See that every setting of ours that another project has can be what it is; what Scrapy knows, and what it calls its own, is its affair.

    Raises:
        ConfigurationError: one cannot; the sentence names it and says what it may be.
    """
    _check_local_file(settings)
    names = [name for name in defaults.known if not hasattr(default_settings, name)]
    for name, place in defaults.unknown:
        raise ConfigurationError(f"{place} sets {name}, which is no setting{_meant(name, names)}")
    for name in settings:
        if (priority := settings.getpriority(name) or 0) and _is_strange(name) and (like := _meant(name, names)):
            if priority > _OWN_PRIORITY:
                raise ConfigurationError(f"{name} is no setting{like}")
            logger.warning("%s is no setting of the archive%s", name, like)
    for name in names:
        if not name.startswith(_ELSEWHERE):
            _check_kind(name, defaults.known[name], settings)
    _check_collection(settings)
    _check_lists(settings)


def _check_local_file(settings: BaseSettings) -> None:
    """Have no log show what is secret, and see that the local file could be read."""
    keep_named_secrets({name: settings[name] for name in settings if settings.getpriority(name)})
    if defaults.problem:
        raise ConfigurationError(defaults.problem)


def _is_strange(name: str) -> bool:
    return name not in defaults.known and not hasattr(default_settings, name)


def check_configuration(settings: BaseSettings) -> None:
    """See that every setting can be what it is.

    Raises:
        ConfigurationError: one cannot; the sentence names it and says what it may be.
    """
    _check_local_file(settings)
    _check_names(settings)
    for name, setting in defaults.known.items():
        if not name.startswith(_ELSEWHERE):
            _check_kind(name, setting, settings)
    _check_words(settings)
    _check_lists(settings)


def check_asking(settings: BaseSettings) -> None:
    """See that requests can be made, and say who makes them.

    Raises:
        ConfigurationError: they cannot, or do not say it; nothing was requested.
    """
    from crawlers.download.connect import Connector  # noqa: PLC0415  `scrapy list` needs none of these
    from crawlers.download.handler import NO_ROUTES, capture_mode  # noqa: PLC0415
    from crawlers.politeness.robots import NoContact, user_agent  # noqa: PLC0415

    try:
        user_agent(settings)
        routes = Connector.from_settings(settings).routes
    except (NoContact, ValueError) as error:
        raise ConfigurationError(str(error)) from error
    if routes and capture_mode() == "reconstructed":
        raise ConfigurationError(NO_ROUTES)


class ArchiveCommand(ScrapyCommand):
    """A command over an archive, without a crawl in its process: what it prints is its own, without a log between."""

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False}


class CheckedSettings(ScrapyCommand):
    """A command that begins with looking at the settings."""

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take the options, then check.

        Raises:
            UsageError: a setting is wrong.
        """
        super().process_options(args, opts)
        assert self.settings is not None
        see_to_log(self.settings)
        try:
            check_configuration(self.settings)
        except ConfigurationError as error:
            raise refused(error) from error


def _check_names(settings: BaseSettings) -> None:
    """See that no name is a mistyped one of ours: what a local file or our part of the environment has, and what was typed."""
    names = [*defaults.known, *(name for name in vars(default_settings) if name.isupper())]
    for name, place in defaults.unknown:
        raise ConfigurationError(f"{place} sets {name}, which is no setting{_meant(name, names)}")
    for name in settings:
        if (settings.getpriority(name) or 0) > _OWN_PRIORITY and name not in names and (like := _meant(name, names)):
            raise ConfigurationError(f"{name} is no setting{like}")


def _meant(name: str, names: Iterable[str]) -> str:
    bare = name.removeprefix("WARRAQ_")
    like = get_close_matches(bare, names, n=1, cutoff=_LIKE)
    return f"; did you mean {name[: len(name) - len(bare)]}{like[0]}?" if like else ""


def _check_kind(name: str, setting: Setting, settings: BaseSettings) -> None:
    value, default = settings[name], setting.default
    if isinstance(default, bool):
        try:
            settings.getbool(name)
        except (TypeError, ValueError):
            raise ConfigurationError(f"{name} is True or False, not {value!r}") from None
    elif isinstance(default, int | float):
        _check_number(name, setting, value)
    elif isinstance(default, dict):
        table_of(settings, name)
    elif setting.one_of and value not in setting.one_of:
        raise ConfigurationError(f"{name} is {setting.bounds}, not {value!r}")


def _check_number(name: str, setting: Setting, value: Any) -> None:
    kind, read = ("a whole number", int) if isinstance(setting.default, int) else ("a number", float)
    least, most = setting.above or 0, inf if setting.most is None else setting.most
    try:
        number = read(value)
        is_right = least <= number <= most and number != inf and not (setting.above is not None and number == least)
    except (TypeError, ValueError, OverflowError):
        is_right = False
    if not is_right:
        raise ConfigurationError(f"{name} is {kind} {setting.bounds}, not {value!r}")


def _check_words(settings: BaseSettings) -> None:
    level = settings["LOG_LEVEL"]
    if not isinstance(level, int) and str(level) not in logging.getLevelNamesMapping():
        raise ConfigurationError(f"LOG_LEVEL is DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}")
    _check_collection(settings)
    if (token := settings["ROBOTSTXT_USER_AGENT"]) and not _TOKEN.fullmatch(token):
        raise ConfigurationError(f"ROBOTSTXT_USER_AGENT is one word of Latin letters, - and _, not {token!r}")


def _check_collection(settings: BaseSettings) -> None:
    if not is_collection(collection := str(settings["COLLECTION"])):
        raise ConfigurationError(f"COLLECTION is written in small Latin letters and digits, not {collection!r}")


def _check_lists(settings: BaseSettings) -> None:
    from crawlers.frontier.pages import read_ages  # noqa: PLC0415  `scrapy list` needs neither
    from pipelines.store import heeded  # noqa: PLC0415

    try:
        read_ages(settings.getlist("RELOOK_AGES"))
        heeded(settings)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error


# --- LOG_JSON=1: a JSON object a line, for machines that read logs -----------------------------------------------------


class JsonFormatter(_JsonFormatter):
    """Writes a record as one line: time (UTC), level, logger, message, the exception, and what Scrapy adds, the spider say."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}",
            style="{",
            datefmt="%Y-%m-%dT%H:%M:%SZ",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            json_ensure_ascii=False,
            json_default=str,
        )

    @override
    def formatException(self, ei: Any) -> str:
        return masked(str(super().formatException(ei)))


def log_as_json() -> None:
    """Have Scrapy's own handler, which is made next, write JSON: Scrapy asks a function, and no setting, for its form."""
    scrapy_log._get_formatter = _json_formatter  # noqa: SLF001  a test holds that it is asked


def _json_formatter(handler: logging.Handler, settings: BaseSettings) -> JsonFormatter:  # noqa: ARG001  as Scrapy's takes them
    return JsonFormatter()


def spare_unheard() -> None:
    """Have Scrapy make no record of the log that no handler takes; it makes two of each page."""
    least = min((handler.level for handler in logging.getLogger().handlers), default=0)
    logging.getLogger("scrapy").setLevel(max(least, logging.DEBUG))


def see_to_log(settings: BaseSettings) -> None:
    """Have the log written as LOG_JSON says."""
    with suppress(ValueError):  # what is neither yes nor no is refused by name a little later
        if settings.getbool("LOG_JSON"):
            log_as_json()


# --- The page docs/settings.md, made of the table: `scrapy settings --page > docs/settings.md` ---------------------------

_PAGE = """\
# Settings

You can change what stands here in three places; the later wins, and `scrapy settings --ours` lists each value with its place:

1. `warraq.toml`, the nearest one from the working folder upwards;
2. the environment: `WARRAQ_` and the name; of {own} the name alone. An empty variable sets nothing;
3. the command line: `-s NAME=VALUE`.

```toml
# warraq.toml, beside scrapy.cfg
ARCHIVE_URI = "s3://news/archive"
CONTACT = "archive@example.org"
RELOOK_AGES = ["1 h", "24 h"]

[SCHEDULE."*"]
every = "30m"
```

An unknown name or an impossible value is refused with what was probably meant (exit code 2). Lists and tables are JSON in the environment and on the
command line. Scrapy's own settings go to the same places. The archive's command line reads ARCHIVE_URI and AWS_ENDPOINT_URL.

Written by `scrapy settings --page`.
"""


def page() -> str:
    """Return the page: a list for each chapter."""
    names = [name for rows in defaults.chapters.values() for name in rows if defaults.env_of(name) == name]
    lines = [_PAGE.replace("{own}", f"{', '.join(names[:-1])} and {names[-1]}")]
    for chapter, rows in defaults.chapters.items():
        lines.append(f"## {chapter}\n")
        lines += [f"- `{name}{_default_of(row)}`: {_about(row)}" for name, row in rows.items()]
        lines.append("")
    return "\n".join(lines)


def _default_of(setting: Setting) -> str:
    value = setting.default
    if value in (None, "", [], {}):
        return ""
    shown = (
        value
        if isinstance(value, str)
        else repr(value)
        if isinstance(value, bool)
        else json.dumps(value, ensure_ascii=False)
    )
    return f"={shown}"


def _about(setting: Setting) -> str:
    # of other kinds the default shows which it is
    kind = "list" if isinstance(setting.default, list) else "table" if isinstance(setting.default, dict) else ""
    bounds = "" if setting.bounds in {"from 0 on", "above 0"} else setting.bounds
    words = ", ".join(filter(None, (kind, bounds)))
    return f"{setting.about} ({words})" if words else setting.about


# --- Where a crawl's output goes: the archive, the spool in front of it, the catalog of what it holds ----------------
# ARCHIVE_URI                      the archive
# ARCHIVE_COPIES                   further stores that get everything too, each with its own state
# SPOOL_DIR/<archive>/             what is not in that archive yet; one folder an archive, so that nothing lands in another
# SPOOL_DIR/<archive>.holder       the name by which this spool's crawls hold leases
# SPOOL_DIR/<archive>.archive      whose folder that is, should two archives' names differ in nothing but signs
# SPOOL_DIR/<archive>.catalog      what it holds, as a crawl needs to know it
# SPOOL_DIR/<archive>.stories      fingerprints of its recent stories
# SPOOL_DIR/<archive>.<outlet>.sources   which sources need not be read again until they change


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
        return holder_of(self.spool)

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
