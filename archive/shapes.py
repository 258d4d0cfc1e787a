"""JSON into dataclasses: what has not the types that were written is damage, to be named before anybody stumbles over it."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from types import NoneType
from typing import Any, TypeVar

_Shape = TypeVar("_Shape")
_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "list": (list,),
    "dict": (dict,),
    "str | None": (str, NoneType),
}


def build(shape: type[_Shape], record: Any) -> _Shape:
    """Build a dataclass from a JSON object; what a later release added is left alone.

    Raises:
        ValueError: it is no object, or a field has another type.
        KeyError: a field is missing.
    """
    check_types(shape, record)
    return shape(**{name: record[name] for name, _ in _types_of(shape)})  # type: ignore[arg-type]  # a class is hashable


def check_types(shape: type, record: Any) -> None:
    """See that a JSON object has the fields of a dataclass; of a list or table only that it is one. Raises as `build` does."""
    for name, types in _types_of(shape):
        if not isinstance(record, dict) or not isinstance(record[name], types):
            raise ValueError(f"{name!r} of a {shape.__name__} is not as it should be")  # noqa: TRY004  the bytes are wrong, not a type


@cache
def _types_of(shape: type) -> list[tuple[str, tuple[type, ...]]]:
    return [(entry.name, _TYPES[str(entry.type).partition("[")[0]]) for entry in fields(shape)]
