"""The page docs/archive.md, made from the parsers: `python -m archive.cli.reference > docs/archive.md`. A test holds it current."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from archive.cli import COMMANDS, help_of, make_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# The archive's command line

```sh
warraq                                                        # alone: the commands
python -m archive ls                                          # outlets and days
python -m archive articles --since 7d --tag غزة               # one line each, the newest first over all outlets
python -m archive articles --text '"مجلس الأمن" غزة'           # a phrase and a word, both, in any written form
python -m archive search وزير الدفاع                           # the best first, as the site finds them
python -m archive count --by month --outlet aljazeera         # how many, by day, month, section, agency, tag …
python -m archive stories --since yesterday                   # what several outlets carry
python -m archive get aljazeera:6b1d…                         # as people read it; its number or any address does as well
python -m archive text --since 2026-11 --unique-stories       # the words alone
python -m archive capture aljazeera:6b1d… --content           # the page as it was
python -m archive cite aljazeera:6b1d… --format csl           # for a reference manager
python -m archive cite aljazeera:6b1d… --check                # for a court
python -m archive tail --json --cursor here.json              # what is published from now on, each once
python -m archive index                                       # one of a million by two range requests
```

`warraq` is the same command where the wheel is installed. Every command takes `--archive URI` (a folder, `file:///…` or
`s3://bucket/prefix`; by default `$ARCHIVE_URI`, else `./collection`) and `--json` for machines; options stand before or behind the command. A mistyped
command, option or outlet is answered with what was probably meant.

**Forms.** On a terminal a table is no wider than the terminal: columns that can be spared are left out, a long headline is cut. In a pipe it is
tab-separated, one row a line, without a head, nothing cut, no mark of direction in it, and sentences beside it go to standard error; the columns are
those that the terminal shows. Where nothing fits, standard error says so, and a list ends with 0. Colours and progress are for terminals alone, and
`NO_COLOR` is heard.

**Dates** are written `2026-11-23`, `2026-11`, `2026`, `today`, `yesterday`, `7d` (so long ago; `h`, `d`, `w`) or `2026-11-23T10:00+03:00`; without a zone in UTC.

**Order.** Articles come by publication (by capture where the page says none, or a date a month later), the newest first, over all outlets; `--sort captured` by
capture; exports too. The first of a million are found by what manifests and the [index](at-a-million.md) say: the segments that can hold none of them are not
opened.

| exit code | means |
|---|---|
| 0 | done |
| 1 | a fault was found, or what was asked for is not there |
| 2 | the command, the archive's address or a date is wrong |
| 3 | the store does not answer now, or gives other bytes than were published: the same command may succeed later; or what it holds cannot be read, and `verify` says what |

**Completion** of commands, options and outlets in bash, zsh and fish: `activate-global-python-argcomplete` once, which comes with the
environment ([argcomplete](https://kislyuk.github.io/argcomplete/)); no script of ours is to be kept in step.

This page is written by `python -m archive.cli.reference` from the help of each command.
"""


def reference() -> str:
    """Return the page."""
    commands = _subparsers(make_parser())
    return "\n".join([_HEAD, *(line for name in COMMANDS for line in _section(name, commands[name]))])


def _section(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield f"## {name}\n"
    yield f"{help_of(name)}\n"
    own = [action for action in parser._actions if not {"--help", "--archive", "--json"} & set(action.option_strings)]  # noqa: SLF001  argparse shows them no other way
    if own:
        yield "| argument | is |"
        yield "|---|---|"
        yield from (f"| `{_written(action)}` | {_cell(action)} |" for action in own)
        yield ""


def _written(action: argparse.Action) -> str:
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    value = name if action.metavar else "|".join(map(str, action.choices or ())) or name.upper().replace("_", "-")
    shown = value.replace("|", r"\|")
    if not action.option_strings:
        return f"[{shown}]" if action.nargs == "?" else shown
    return action.option_strings[-1] + ("" if action.nargs == 0 else f" {shown}")


def _cell(action: argparse.Action) -> str:
    return (action.help or "").replace("|", r"\|")


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (subparsers,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
    return dict(subparsers.choices)


if __name__ == "__main__":
    sys.stdout.write(reference())
