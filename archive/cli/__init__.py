"""The command line: for each command ``add_<command>`` (its arguments) and ``run_<command>`` (its work and exit code).

    read.py       one thing, or what there is: ls, get, versions, diff, story, coverage, schema, sql
    articles.py   many articles: articles, search, count, stories, text, kwic, tail
    captures.py   what was captured: capture, cdxj, wacz, pywb, cite
    maintain.py   care: verify, index, compact, redact, recover, catalog
    publish.py    passing it on: site, serve, export
    common.py     what commands do alike          reference.py  the page docs/archive.md

exit code   means
0           done
1           a fault was found, or what was asked for is not there
2           the command, the archive's address or a date is wrong
3           the store does not answer now, or gives other bytes than were published: the same command may succeed later; or what it holds cannot be read, and `verify` says what
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING

from archive import extra_missing
from archive.article import VERSION
from archive.cli.common import Parser
from archive.files import Unreadable, is_full
from archive.store import NotAsPublished, StoreError, StoreRefused, StoreUnavailable
from archive.text import guard_terminal, mask_logs, masked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Sequence

COMMANDS = {
    "ls": "read",
    "articles": "articles",
    "search": "articles",
    "count": "articles",
    "get": "read",
    "text": "articles",
    "versions": "read",
    "diff": "read",
    "stories": "articles",
    "story": "read",
    "cite": "captures",
    "capture": "captures",
    "tail": "articles",
    "cdxj": "captures",
    "wacz": "captures",
    "pywb": "captures",
    "kwic": "articles",
    "coverage": "read",
    "site": "publish",
    "serve": "publish",
    "verify": "maintain",
    "export": "publish",
    "index": "maintain",
    "sql": "read",
    "compact": "maintain",
    "redact": "maintain",
    "recover": "maintain",
    "catalog": "maintain",
    "schema": "read",
}
"""Each command, and the module in which it stands."""

DONE, FAULT, WRONG, UNAVAILABLE = range(4)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    mask_logs()
    guard_terminal()
    words = list(sys.argv[1:] if argv is None else argv)
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete  # noqa: PLC0415  only the shell's completion needs it

        argcomplete.autocomplete(make_parser())
    if not words:
        make_parser().print_help()
        return DONE
    args = _parsed(words)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return FAULT
    except ImportError as error:
        if (sentence := extra_missing(error)) is None:
            raise
        sys.stderr.write(f"{sentence}\n")
        return WRONG
    except (StoreError, ValueError, OSError) as error:
        sys.stderr.write(masked(f"{_about_file(error) if isinstance(error, OSError) else error}\n"))
        return _code_of(error)
    return code


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of a command: read by its own parser alone where that knows all of them, which is made in no time."""
    if words[0] in COMMANDS:
        args, unknown = make_parser(words[:1]).parse_known_args(words)
        if not unknown:
            return args
    parser = make_parser()
    return parser.parse_args(command_first(words, parser))


def _code_of(error: Exception) -> int:
    if isinstance(error, StoreUnavailable | NotAsPublished | Unreadable) or is_full(error):
        return UNAVAILABLE
    return FAULT if isinstance(error, StoreError) and not isinstance(error, StoreRefused) else WRONG


def _about_file(error: OSError) -> str:
    """Return one sentence about a file that the command was to read or write; what it keeps itself is a `StoreError`."""
    name = error.filename2 or error.filename
    return f"{os.fsdecode(name)}: {error.strerror}" if isinstance(name, str | bytes) else error.strerror or str(error)


def make_parser(names: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of all commands, whose help is the reference; or of some, where it is known which is meant."""
    installed = Path(sys.argv[0]).stem == "warraq"
    parser = Parser(
        prog="warraq" if installed else "python -m archive",
        description="Read, prove and mend a Warraq archive.",
        epilog="Exit codes: 0 done, 1 a fault or nothing found, 2 a wrong command or address, 3 the store does not answer, or holds what cannot be read.",
    )
    parser.add_argument("--version", action="version", version=f"warraq {VERSION}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in names:
        add, run = command_of(name)
        description = help_of(name)
        sub = commands.add_parser(name, help=description.splitlines()[0].rstrip("."), description=description)
        sub.add_argument(
            "--archive",
            metavar="URI",
            help="folder, file:///… or s3://bucket/prefix; by default $ARCHIVE_URI, else ./collection",
        )
        sub.add_argument("--json", action="store_true", help="print for machines: JSON, one object a line")
        add(sub)
        sub.set_defaults(run=run)
    return parser


def command_first(words: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """Return the words with the options that stand before the command behind it; as they are where no command is named."""
    options = _options_with_values(parser)
    place = 0
    while place < len(words) and words[place].startswith("-") and words[place] not in {"-h", "--help", "--version"}:
        name, is_joined, _ = words[place].partition("=")
        place += 1 if is_joined or not any(option.startswith(name) for option in options) else 2
    return [*words[place : place + 1], *words[:place], *words[place + 1 :]]


def _options_with_values(parser: argparse.ArgumentParser) -> set[str]:
    (commands,) = (action.choices for action in parser._actions if isinstance(action.choices, dict))  # noqa: SLF001  argparse shows them no other way
    actions = [action for command in commands.values() for action in command._actions]  # noqa: SLF001
    return {option for action in actions if action.nargs != 0 for option in action.option_strings}


def command_of(name: str) -> tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]:
    """Return what adds a command's arguments, and what does its work; the latter's docstring is the command's help."""
    module = import_module(f"archive.cli.{COMMANDS[name]}")
    return getattr(module, f"add_{name}"), getattr(module, f"run_{name}")


def help_of(name: str) -> str:
    """Return what a command says of itself."""
    return getdoc(command_of(name)[1]) or ""
