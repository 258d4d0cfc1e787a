"""Draws the floors and their rooms, with the imports between them, into ``docs/house.svg`` (``make house-map``).

A room is a folder of a floor; what lies beside the rooms is the floor's own box. A line says that a room imports from another, from the
upper to the lower: the more imports, the thicker. Lines to the floor's own box and within a floor are left out, for they are many.
"""

import ast
from collections import Counter
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "house.svg"
FLOORS = {"spiders": "WHO", "crawlers": "HOW", "pipelines": "WHAT", "archive": "WHERE"}
_WIDTH, _LEFT, _STEP, _BOX, _HEIGHT = 1480, 100, 114, 102, 44
_BETWEEN = 150
_LEAST = 2  # imports between two rooms, for a line


def room_of(path):
    """Return the room of a file or a module's path, such as ``archive/spool``; a floor's own box is the floor's name."""
    floor, *inner = path.parts
    return f"{floor}/{inner[0]}" if len(inner) > 1 else floor


def files():
    """Return the files of the floors, as paths from the root."""
    return sorted(path.relative_to(ROOT) for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def imports_of(path):
    """Yield the rooms from which a file imports."""
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        module = getattr(node, "module", None) if isinstance(node, ast.ImportFrom) else None
        if module and module.split(".")[0] in FLOORS:
            target = Path(*module.split("."))
            yield room_of(target / "__init__.py" if (ROOT / target).is_dir() else target.with_suffix(".py"))


def drawn():
    """Return the picture."""
    rooms = Counter(room_of(path) for path in files())
    edges = Counter((room_of(path), target) for path in files() for target in imports_of(path))
    places, boxes = {}, []
    for row, (floor, word) in enumerate(FLOORS.items()):
        y = 30 + row * _BETWEEN
        boxes.append(
            f'<text x="12" y="{y + 20}" font-weight="bold">{floor}/</text><text x="12" y="{y + 38}">{word}</text>'
        )
        for column, room in enumerate(sorted(name for name in rooms if name.split("/")[0] == floor)):
            x = _LEFT + column * _STEP
            places[room] = (x + _BOX / 2, y)
            boxes.append(
                f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="4" fill="#f4efe6" stroke="#555"/>'
                f'<text x="{x + 6}" y="{y + 18}">{escape(room.rpartition("/")[2])}</text>'
                f'<text x="{x + 6}" y="{y + 36}" fill="#777">{rooms[room]} files</text>'
            )
    lines = [
        f'<line x1="{places[a][0]}" y1="{places[a][1] + _HEIGHT}" x2="{places[b][0]}" y2="{places[b][1]}" '
        f'stroke="#8a6d3b" stroke-opacity="0.45" stroke-width="{min(count, 12) / 3:.1f}"/>'
        for (a, b), count in sorted(edges.items())
        if a.split("/")[0] != b.split("/")[0] and count >= _LEAST and ("/" in b or a == "spiders")
    ]
    height = 30 + len(FLOORS) * _BETWEEN - 60
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">\n'
        + "\n".join([*lines, *boxes])
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
