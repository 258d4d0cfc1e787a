"""The published JSON Schema of the article line, and the check against it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def article_schema() -> str:
    """Return the JSON Schema of an article line, as published."""
    return files(__name__).joinpath("article-1.schema.json").read_text(encoding="utf-8")


@cache
def line_checker() -> Callable[[Any], str | None]:
    """Return a function that says what is wrong with a parsed line, None where nothing is."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415  imported when it is needed: the command line stays fast
    from jsonschema.exceptions import best_match  # noqa: PLC0415  imported when it is needed: the command line stays fast

    validator = Draft202012Validator(json.loads(article_schema()))

    def check(line: Any) -> str | None:
        fault = best_match(validator.iter_errors(line))
        return None if fault is None else f"{fault.json_path}: {fault.message}"

    return check
