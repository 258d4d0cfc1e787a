"""The page docs/archive.md, made from the parsers: `python -m tests.cli_reference > docs/archive.md`. A test holds it current."""

from __future__ import annotations

import argparse
import sys

from archive.cli import COMMANDS, help_of, make_parser
from archive.cli.common import DATES, add_choice, add_limit

_FEW = 2  # of the choice: a command with more of them has all
_HEAD = """\
# The archive's command line

You can type these:

```sh
python -m archive articles --since 7d --tag غزة               # one line each, the newest first over all outlets
python -m archive articles --text '"مجلس الأمن" غزة'           # a phrase and a word, both, in any written form
python -m archive search وزير الدفاع                           # the best first, as the site finds them
python -m archive count --by month --outlet aljazeera
python -m archive get aljazeera:6b1d…                         # its number or any address does as well
python -m archive cite aljazeera:6b1d… --check                # for a court; --format csl for a reference manager
python -m archive tail --json --cursor here.json              # what is published from now on, each once
```

`warraq` is the same command where the wheel is installed. All take `--archive URI` (a folder, `file:///…` or
`s3://bucket/prefix`; else `$ARCHIVE_URI`, else `./collection`) and `--json`.

- **On a terminal** a table as wide as it is, with colours unless `NO_COLOR` is set; **in a pipe** tab-separated, nothing cut
- **Dates**: `2026-11-23`, `2026-11`, `2026`, `today`, `yesterday`, `7d` (so long ago; `h`, `d`, `w`), `2026-11-23T10:00+03:00`; without a zone in UTC
- **Order**: by publication (by capture where the page says none, or a date a month later), the newest first
- **Completion** (bash, zsh, fish): `activate-global-python-argcomplete` once ([argcomplete](https://kislyuk.github.io/argcomplete/))

Exit codes:

- 0: done
- 1: a fault was found, or what was asked for is not there
- 2: the command, the archive's address or a date is wrong
- 3: the store does not answer now, or gives other bytes than were published: the same command may succeed later; or what it holds cannot be read, and `verify` says what

Written by `python -m tests.cli_reference`.

## Choosing articles

The *choice* of commands that take many articles:

"""

_COMMANDS = "## Commands\n\nTheir options: `warraq COMMAND --help`."


def reference() -> str:
    """Return the page: what is said once of many commands, then a line for each command."""
    commands = _subparsers(make_parser())
    choice = argparse.ArgumentParser(add_help=False)
    add_choice(choice)
    add_limit(choice)
    rows = _rows(choice)
    lines = [_line(name, _rows(commands[name]), rows) for name in COMMANDS]
    return "\n".join([_HEAD.rstrip("\n"), "", *rows, "", _COMMANDS, "", *lines, ""])


def _rows(parser: argparse.ArgumentParser) -> list[str]:
    shared = {"--help", "--archive", "--json"}
    own = [action for action in parser._actions if not shared & set(action.option_strings)]
    about = {
        action: (action.help or "").removesuffix(f": {DATES}") for action in own
    }  # how dates are written stands above
    return [f"- `{_written(action)}`: {about[action]}" for action in own]


def _line(name: str, rows: list[str], choice: list[str]) -> str:
    """Return a command's line: what has to be named, and what it does; its options are said by its help."""
    written = [row.split("`")[1] for row in rows]
    is_choice = sum(row in choice for row in rows) > _FEW
    named = [f" `{argument}`" for argument in written if not argument.startswith("-")]
    return f"- **{name}**{''.join(named)}: {help_of(name)}{' [choice](#choosing-articles).' if is_choice else ''}"


def _written(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    value = name if action.metavar else "|".join(map(str, action.choices or ())) or name.upper().replace("_", "-")
    if not action.option_strings:
        return f"[{value}]" if action.nargs == "?" else value
    return action.option_strings[-1] + ("" if action.nargs == 0 else f" {value}")


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(subparsers.choices)


if __name__ == "__main__":
    sys.stdout.write(reference())
