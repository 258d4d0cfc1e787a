"""An argparse parser that says what was probably meant."""

from __future__ import annotations

import argparse
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CHOICE = re.compile(r"invalid choice: '([^']*)'")
_UNKNOWN = re.compile(r"unrecognized arguments: (\S+)")


class Parser(argparse.ArgumentParser):
    """The parser of all commands; those of the commands are of this class too."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and what is like it; exit code 2."""
        if wrong := _CHOICE.search(message):
            words = {str(choice) for action in self._actions for choice in action.choices or ()}
            message = f"there is no {wrong[1]!r}{meant(wrong[1], words)}"
        elif wrong := _UNKNOWN.search(message):
            message += meant(wrong[1].partition("=")[0], _options(self))
        super().error(message)


def within(least: float, most: float = math.inf, kind: Callable[[str], float] = int) -> Callable[[str], float]:
    """Return an argument's type: a number of a kind, not less than one bound nor more than the other."""

    def read(text: str) -> float:
        number = kind(text)
        if not least <= number <= most:
            bounds = f"at least {least}" if most == math.inf else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"is {bounds}, not {text}")
        return number

    read.__name__ = getattr(kind, "__name__", "number")  # argparse says it of what is no number at all
    return read


def meant(word: str, words: Iterable[str]) -> str:
    """Return a question after the likeliest of some words, or which there are; to be put behind a sentence."""
    there = sorted(words)
    like = get_close_matches(word, there, n=1)
    return f"; did you mean {like[0]}?" if like else f"; there are {', '.join(there)}" if there else ""


def _options(parser: argparse.ArgumentParser) -> set[str]:
    found = {option for action in parser._actions for option in action.option_strings}  # noqa: SLF001  argparse shows them no other way
    for action in parser._actions:  # noqa: SLF001
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            found |= {option for sub in action.choices.values() for option in _options(sub)}
    return found
