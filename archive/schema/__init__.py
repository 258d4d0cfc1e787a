"""The published JSON Schemas of the article line and of the event line, and the check against them."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 500  # letters of what is said of a line, which may hold megabytes


def article_schema() -> str:
    """Return the JSON Schema of an article line, as published."""
    return _schema("article")


def event_schema() -> str:
    """Return the JSON Schema of an event line, as published."""
    return _schema("event")


@cache
def line_checker(what: str = "article") -> Callable[[Any], str | None]:
    """Return a function that says what is wrong with a parsed line of an ``article`` or an ``event``, None where nothing is."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from jsonschema.exceptions import best_match  # noqa: PLC0415  imported when it is needed: the command line stays fast

    validator = Draft202012Validator(json.loads(_schema(what)))

    def check(line: Any) -> str | None:
        fault = best_match(validator.iter_errors(line))
        return None if fault is None else f"{fault.json_path}: {fault.message}"[:_LONGEST]

    return check


def _schema(what: str) -> str:
    return files(__name__).joinpath(f"{what}-1.schema.json").read_text(encoding="utf-8")
