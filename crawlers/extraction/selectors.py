"""CSS selectors over an index of the page: an outlet's hints are a few dozen, and most of them mean nothing on a page.

An XPath with ``contains(@class, …)`` walks the whole page for each. Here one walk (`crawlers.extraction.html.Document`) sorts the elements
by class, id and tag; a selector then looks at the few elements its last part can mean.

Understood: type, ``.class``, ``#id``, ``[attr]`` with ``= ^= $= *= ~=``, ``:not(…)``, descendant, child and next sibling. Anything else
raises `SelectorSyntaxError` when the outlet is loaded, not when a page is read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cssselect import parse
from cssselect.parser import Attrib, Class, CombinedSelector, Element, Hash, Negation, SelectorSyntaxError

if TYPE_CHECKING:
    from lxml.etree import _Element

Test = Callable[["_Element"], bool]

ANY = "*"
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "exists": lambda _value, _wanted: True,
    "=": lambda value, wanted: value == wanted,
    "^=": lambda value, wanted: value.startswith(wanted),
    "$=": lambda value, wanted: value.endswith(wanted),
    "*=": lambda value, wanted: wanted in value,
    "~=": lambda value, wanted: wanted in value.split(),
}


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of a selector's alternatives.

    Attributes:
        kind, name: where its candidates stand in the index: ``class``, ``id`` or ``tag``, and which (``*``: any tag).
        needles: strings that the markup holds wherever the selector means anything.
        marks: classes, besides ``name``, that some elements have wherever it does.
        sign: a tag or a class that the page has wherever it does; ``*`` where it need have none.
        test: whether a candidate is meant; None where every candidate is.
        within: of ``main .lead`` the ``main``, so that candidates are sought in few places; None without an ancestor.
        inner: of ``main .lead`` the ``.lead``, asked of what stands within.
    """

    kind: str
    name: str
    needles: tuple[str, ...]
    marks: tuple[str, ...]
    test: Test | None
    sign: str
    within: Alternative | None = None
    inner: Test | None = None


@lru_cache(maxsize=1024)
def compile_selector(selector: str) -> tuple[Alternative, ...]:
    """Return the alternatives of ``selector``. Raises `SelectorSyntaxError`."""
    alternatives = parse(selector)
    if any(parsed.pseudo_element for parsed in alternatives):
        raise SelectorSyntaxError(f"not understood here: {selector}")
    return tuple(_alternative(parsed.parsed_tree, selector) for parsed in alternatives)


@lru_cache(maxsize=1024)
def names_in(selector: str) -> frozenset[str]:
    """Return tags and classes of which a page has one at least where ``selector`` means anything; ``*`` where it need have none."""
    return frozenset(each.sign for each in compile_selector(selector))


@lru_cache(maxsize=1024)
def needles_in(selector: str) -> tuple[str, ...]:
    """Return strings that a page's markup holds wherever ``selector`` means anything, where no tag and no class says so."""
    first, *others = compile_selector(selector)
    return () if others or first.sign != ANY else first.needles


def _alternative(tree: Any, selector: str) -> Alternative:
    kind, name = _key(tree)
    tests = _tests(tree, selector, (kind, name))
    needles, marks = tuple(_needles(tree)), tuple(mark for mark in _classes(tree) if (kind, name) != ("class", mark))
    sign = marks[-1] if marks else ANY if kind == "id" else name
    if isinstance(tree, CombinedSelector) and tree.combinator == " ":
        within = _alternative(tree.selector, selector)
        inner = _both(_tests(tree.subselector, selector))
        return Alternative(kind, name, needles, marks, _both(tests), sign, within, inner)
    return Alternative(kind, name, needles, marks, _both(tests), sign)


def _tests(  # noqa: PLR0911  one return for each kind of selector
    tree: Any, selector: str, known: tuple[str, str] | None = None
) -> list[Test]:
    """Return the tests of a compound selector, the part that the index answers already left out."""
    match tree:
        case Element(element=None | "*"):
            return []
        case Element(element=tag):
            return [] if known == ("tag", tag) else [lambda element: element.tag == tag]
        case Class(class_name=name):
            rest = _tests(tree.selector, selector, known if known != ("class", name) else None)
            return rest if known == ("class", name) else [*rest, _of_class(name)]
        case Hash(id=name):
            rest = _tests(tree.selector, selector)
            return rest if known == ("id", name) else [*rest, lambda element: element.get("id") == name]
        case Attrib():
            return [*_tests(tree.selector, selector, known), _attribute(tree)]
        case Negation():
            return [*_tests(tree.selector, selector, known), _not(_both(_tests(tree.subselector, selector)))]
        case CombinedSelector(combinator=" " | ">" | "+"):
            return [*_tests(tree.subselector, selector, known), _placed(tree, selector)]
        case _:
            raise SelectorSyntaxError(f"not understood here: {selector}")


def _both(tests: list[Test]) -> Test | None:
    if len(tests) <= 1:
        return tests[0] if tests else None
    first, *others = tests
    second = _both(others)
    return lambda element: first(element) and (second is None or second(element))


def _not(test: Test | None) -> Test:
    return lambda element: test is not None and not test(element)


def _of_class(name: str) -> Test:
    def test(element: _Element) -> bool:
        names = element.get("class")
        return names is not None and name in names and name in names.split()

    return test


def _attribute(tree: Attrib) -> Test:
    name, compare = tree.attrib, _COMPARE[tree.operator]
    wanted = (tree.value.value or "") if tree.value is not None else ""

    def test(element: _Element) -> bool:
        value = element.get(name)
        return value is not None and compare(value, wanted)

    return test


def _placed(tree: CombinedSelector, selector: str) -> Test:
    above = _both(_tests(tree.selector, selector))
    if tree.combinator == " " and isinstance(tree.selector, Element) and tree.selector.element:
        tag = tree.selector.element
        return lambda element: next(element.iterancestors(tag), None) is not None
    if tree.combinator == "+":
        return lambda element: (before := element.getprevious()) is not None and (above is None or above(before))
    if tree.combinator == ">":
        return lambda element: (parent := element.getparent()) is not None and (above is None or above(parent))
    if above is None:
        return lambda element: element.getparent() is not None
    return lambda element: next(filter(above, element.iterancestors()), None) is not None


def _key(tree: Any) -> tuple[str, str]:
    """Return where the candidates stand: an id before a class before a tag."""
    match tree:
        case CombinedSelector():
            return _key(tree.subselector)
        case Hash():
            return "id", tree.id
        case Class():
            inner = _key(tree.selector)
            return inner if inner[0] == "id" else ("class", tree.class_name)
        case Element():
            return "tag", tree.element or "*"
        case Attrib() | Negation():
            return _key(tree.selector)
        case _:
            raise SelectorSyntaxError("not understood here")


def _needles(tree: Any) -> list[str]:
    match tree:
        case CombinedSelector():
            return [*_needles(tree.selector), *_needles(tree.subselector)]
        case Class():
            return [*_needles(tree.selector), tree.class_name]
        case Hash():
            return [*_needles(tree.selector), tree.id]
        case Attrib():
            wanted = tree.value.value if tree.value is not None else None
            return [*_needles(tree.selector), tree.attrib, *([wanted] if wanted else [])]
        case Negation():
            return _needles(tree.selector)
        case _:
            return []


def _classes(tree: Any) -> list[str]:
    match tree:
        case CombinedSelector():
            return [*_classes(tree.selector), *_classes(tree.subselector)]
        case Class():
            return [*_classes(tree.selector), tree.class_name]
        case Hash() | Attrib() | Negation():
            return _classes(tree.selector)
        case _:
            return []
