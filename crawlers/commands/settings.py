"""`scrapy settings --ours`: Scrapy's own command; with --ours every setting of this project, its value and where that came from."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from scrapy.commands.settings import Command as ScrapySettings
from scrapy.exceptions import UsageError
from scrapy.settings import SETTINGS_PRIORITIES

from archive.text import MASK, SECRET, masked
from crawlers import settings as defaults
from crawlers.configuration import ConfigurationError, check_configuration, page

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import BaseSettings


class Command(ScrapySettings):
    """The settings, and where they come from."""

    def syntax(self) -> str:
        """Name the arguments."""
        return "[--ours [--json] | --page | --get NAME]"

    def short_desc(self) -> str:
        """Say what it does, for the list of commands."""
        return "Get settings values; --ours: each of this project's, and where it came from"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take the choice of what is shown."""
        super().add_options(parser)
        parser.add_argument(
            "--ours", action="store_true", help="list this project's settings: value, and where it came from"
        )
        parser.add_argument("--json", action="store_true", help="with --ours, a JSON object a line")
        parser.add_argument("--page", action="store_true", help="print the page docs/settings.md")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Print what is asked for.

        Raises:
            UsageError: a setting is wrong, or none of ours; with --ours, after the list.
        """
        assert self.settings is not None
        if opts.page:
            sys.stdout.write(page())
        elif opts.ours:
            rows = [_row(name, self.settings) for name in defaults.known]
            with suppress(BrokenPipeError):  # who reads it has seen enough
                sys.stdout.writelines(f"{_line(*row, as_json=opts.json)}\n" for row in rows)
            try:
                check_configuration(self.settings)
            except ConfigurationError as error:
                raise UsageError(str(error), print_help=False) from error
        else:
            super().run(args, opts)


def _row(name: str, settings: BaseSettings) -> tuple[str, Any, str]:
    value = settings[name]
    value = MASK if value and SECRET.search(name) else dict(value) if hasattr(value, "items") else value
    return name, value, source_of(name, settings)


def source_of(name: str, settings: BaseSettings) -> str:
    """Return where a value came from: ``default``, a file, a variable of the environment, ``command line`` or ``another project``."""
    priority = settings.getpriority(name) or 0
    if priority > SETTINGS_PRIORITIES["project"]:
        return "command line"
    is_ours = priority == SETTINGS_PRIORITIES["project"] and settings["BOT_NAME"] == defaults.BOT_NAME
    return defaults.sources[name] if is_ours else "another project"


def _line(name: str, value: Any, source: str, *, as_json: bool) -> str:
    if as_json:
        return masked(json.dumps({"name": name, "value": value, "source": source}, ensure_ascii=False, default=str))
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return masked(f"{name:<32}{source:<{max(len('command line'), len(source))}}  {shown}".rstrip())
