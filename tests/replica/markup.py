"""What all five front ends share: escaping, and the weight of a real page (style sheets, scripts) made once by seed."""

from __future__ import annotations

import json
import random
from functools import cache
from html import escape as esc

__all__ = ["dump", "esc", "paragraphs", "scripts", "styles"]

PROPERTIES = ("margin", "padding", "border-radius", "font-size", "line-height", "min-height", "max-width", "gap")
WORDS = [
    "card",
    "nav",
    "menu",
    "hero",
    "grid",
    "item",
    "list",
    "badge",
    "share",
    "embed",
    "player",
    "widget",
    "footer",
    "banner",
    "ticker",
    "modal",
    "panel",
]


def dump(value: object) -> str:
    """Serialise for a script element: Arabic as it is, ``</`` made harmless."""
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


@cache
def styles(seed: str, size: int) -> str:
    """Return about ``size`` characters of a style sheet."""
    rng, rules, length = random.Random(f"css:{seed}"), [], 0
    while length < size:
        name = f".{rng.choice(WORDS)}__{rng.choice(WORDS)}--{rng.getrandbits(20):x}"
        body = ";".join(f"{rng.choice(PROPERTIES)}:{rng.randint(0, 64)}px" for _ in range(rng.randint(2, 5)))
        rules.append(f"{name}{{{body}}}")
        length += len(rules[-1])
    return f"<style>{''.join(rules)}</style>"


@cache
def scripts(seed: str, size: int) -> str:
    """Return about ``size`` characters of minified script, in a few elements."""
    rng, parts, length = random.Random(f"js:{seed}"), [], 0
    while length < size:
        names = [f"{rng.choice('abcdefghij')}{rng.getrandbits(12):x}" for _ in range(4)]
        a, b, c, d = names
        code = f'var {a}=window["{b}"]||[];{a}.push(["{rng.choice(WORDS)}",{rng.getrandbits(30)}]);'
        code += f'(function({c},{d}){{if({c}<{rng.randint(1, 99)}&&{d}!=="<p>"){{{c}+={d}.length}}}})(0,"{b}");'
        block = f"<script async>{code * rng.randint(2, 6)}</script>"
        parts.append(block)
        length += len(block)
    return "\n".join(parts)


def paragraphs(body: list, quote: str = "<blockquote>{}</blockquote>", heading: str = "<h2>{}</h2>") -> list[str]:
    """Return the HTML of each block of a body."""
    out = []
    for block in body:
        if block.kind == "ul":
            out.append("<ul>" + "".join(f"<li>{esc(i)}</li>" for i in block.text.split("\n")) + "</ul>")
        elif block.kind == "h":
            out.append(heading.format(esc(block.text)))
        elif block.kind == "q":
            out.append(quote.format(esc(block.text)))
        else:
            out.append(f"<p>{esc(block.text)}</p>")
    return out
