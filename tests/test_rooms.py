"""The house is built as it was planned: no import circle, rooms that can be overlooked, files of a readable size, nouns as names."""

import ast
import re
from collections import defaultdict
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house_map import PICTURE, files, room_of

ROOT = Path(__file__).parents[1]
FLOORS = ("archive", "pipelines", "crawlers", "spiders")
FILES = sorted(str(path.relative_to(ROOT)) for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
MOST_FILES = 205  # below the outlets, each of which is one file more
MOST_ENTRIES = 20  # beside the folder's own __init__.py
SHORTEST, LONGEST = 40, 600

OTHER_SIZE = {  # file → why it is shorter or longer than others
    "archive/__main__.py": "`python -m archive`, nothing else",
    "pipelines/__init__.py": "the floor's table of contents",
}
NOUNS = {  # names that end like a participle and are nouns, of the field or of this project's design
    "boilerplate", "cleaning", "listing", "reading", "scheduling", "sealing", "templating",
    "monitoring", "content_coding",
}  # fmt: skip


def module_of(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@cache
def imports() -> dict[str, set[str]]:
    """Return file → files that it imports: at run time, for types alone, and inside functions."""
    files = {module_of(file): file for file in FILES}
    found = defaultdict(set)
    for file in FILES:
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [name for alias in node.names for name in (f"{node.module}.{alias.name}", node.module)]
                named = [next(name for name in pair if name in files) for pair in zip(names[::2], names[1::2], strict=True)
                         if set(pair) & set(files)]  # fmt: skip
            elif isinstance(node, ast.Import):
                named = [alias.name for alias in node.names if alias.name in files]
            else:
                continue
            found[file] |= {files[name] for name in named} - {file}
    return found


def test_no_circle_of_imports():
    """Imports for types alone and imports inside functions count; a circle is shown in its order."""
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        raise AssertionError("\n → ".join(error.args[1])) from None


def test_the_imports_are_seen():
    assert "archive/article.py" in imports()["pipelines/validation.py"]
    assert len(imports()) > len(FILES) // 2


def test_a_folder_can_be_overlooked():
    entries = defaultdict(set)
    for file in FILES:
        for folder in Path(file).parents[:-1]:
            entries[str(folder)].add(Path(file).relative_to(folder).parts[0])
    crowded = {folder: len(names - {"__init__.py"}) for folder, names in entries.items()}
    assert not {folder: count for folder, count in crowded.items() if count > MOST_ENTRIES}


def test_a_file_is_neither_a_scrap_nor_a_book():
    sizes = {file: len((ROOT / file).read_text(encoding="utf-8").splitlines()) for file in FILES}
    odd = {file: size for file, size in sizes.items() if not SHORTEST <= size <= LONGEST}
    # a room's __init__.py is its table of contents, as long as the room has parts
    unexplained = {
        file: size for file, size in odd.items() if file not in OTHER_SIZE and not file.endswith("/__init__.py")
    }
    assert not unexplained
    assert not {file for file in odd if file.endswith("/__init__.py") and odd[file] > LONGEST}
    assert set(OTHER_SIZE) <= set(odd), "explained without need"


def test_files_are_named_by_nouns():
    names = {part for file in FILES for part in Path(file).with_suffix("").parts}
    assert not {name for name in names if name.endswith(("ing", "ed")) and name not in NOUNS}
    assert NOUNS - {"boilerplate"} <= names, "allowed without need"


def test_there_are_not_too_many_files():
    assert sum(not file.startswith("spiders/") for file in FILES) <= MOST_FILES


def test_the_picture_shows_every_room_and_no_other():
    shown = re.findall(r"<rect .*?><text .*?>(.*?)</text>", PICTURE.read_text(encoding="utf-8"))
    rooms = {room_of(path) for path in files()}
    assert sorted(shown) == sorted(room.rpartition("/")[2] for room in rooms)
