"""CSS selectors over an index of the page.

An outlet's hints are a few dozen selectors, and an XPath with ``contains(@class, …)`` walks the whole page for each. Here
one walk sorts the elements by class, id and tag; a selector then looks at the few elements its last part can mean.

Understood: type, ``.class``, ``#id``, ``[attr]`` with ``= ^= $= *= ~=``, ``:not(…)``, descendant and child. Anything else
raises `SelectorSyntaxError` when the outlet is loaded, not when a page is read.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Negation, SelectorSyntaxError

if TYPE_CHECKING:
    from lxml.etree import _Element

_COMPARE = {
    "exists": lambda value, _: True,
    "=": lambda value, wanted: value == wanted,
    "^=": lambda value, wanted: value.startswith(wanted),
    "$=": lambda value, wanted: value.endswith(wanted),
    "*=": lambda value, wanted: wanted in value,
    "~=": lambda value, wanted: wanted in value.split(),
}


@lru_cache(maxsize=1024)
def compile_selector(selector: str) -> tuple[Any, ...]:
    """Return the parsed alternatives of ``selector``. Raises `SelectorSyntaxError`."""
    parsed = tuple(alternative.parsed_tree for alternative in parse(selector))
    for tree in parsed:
        _check(tree, selector)
    return parsed


def _check(tree: Any, selector: str) -> None:
    match tree:
        case Element():
            return
        case Class() | Hash() | Attrib():
            _check(tree.selector, selector)
        case Negation():
            _check(tree.selector, selector)
            _check(tree.subselector, selector)
        case CombinedSelector(combinator=" " | ">"):
            _check(tree.selector, selector)
            _check(tree.subselector, selector)
        case _:
            raise SelectorSyntaxError(f"not understood here: {selector}")


def matches(element: _Element, tree: Any) -> bool:
    """Say whether ``element`` is what the parsed selector means."""
    match tree:
        case Element():
            return tree.element is None or tree.element == "*" or element.tag == tree.element
        case Class():
            return tree.class_name in element.get("class", "").split() and matches(element, tree.selector)
        case Hash():
            return element.get("id") == tree.id and matches(element, tree.selector)
        case Attrib():
            value = element.get(tree.attrib)
            wanted = tree.value.value if tree.value is not None else ""
            return value is not None and _COMPARE[tree.operator](value, wanted) and matches(element, tree.selector)
        case Negation():
            return matches(element, tree.selector) and not matches(element, tree.subselector)
        case _:
            return matches(element, tree.subselector) and _placed(element, tree)


def _placed(element: _Element, tree: CombinedSelector) -> bool:
    if tree.combinator == ">":
        parent = element.getparent()
        return parent is not None and matches(parent, tree.selector)
    return any(matches(ancestor, tree.selector) for ancestor in element.iterancestors())


def key_of(tree: Any) -> tuple[str, str]:
    """Return where to look for candidates: ``("class", name)``, ``("id", name)``, ``("tag", name)`` or ``("tag", "*")``."""
    match tree:
        case CombinedSelector():
            return key_of(tree.subselector)
        case Hash():
            return "id", tree.id
        case Class():
            return "class", tree.class_name
        case Element():
            return "tag", tree.element or "*"
        case _:
            return key_of(tree.selector)
