"""Would the tests notice? A sample of small faults, each put into one line of the code on which no article may be lost or wrong.

    python -m tests.mutants --count 60 --seed 1 --jobs 2 [--write]

A place is drawn, then one of the faults that cosmic-ray knows for it (a comparison, a condition, a number, an exception, a loop, a
decorator). The tests named beside the module run on a copy of the tree; a fault that they let pass has survived. Exit code 1 where
fewer than `WANTED` are noticed.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from queue import Queue

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "durability.md"
BEGIN, END = "<!-- mutants -->\n", "<!-- end of the mutants -->\n"
WANTED = 0.85
SECONDS = 600  # for the tests of one fault; a loop without end is noticed too
ANNOTATED = "BitOr"  # mostly `X | None` of an annotation, which nothing evaluates
IDLE = re.compile(r"\s*(?:@dataclass|if TYPE_CHECKING|assert |logger\.)")  # lines that say nothing about what is done

_SPOOL = (
    "tests/archive/spool",
    "tests/archive/manifests/test_publisher.py",
    "tests/archive/durability/test_power_cut.py",
)
_CHAIN = ("tests/archive/manifests", "tests/archive/test_placement.py")
_STORE = (
    "tests/archive/test_store.py",
    "tests/archive/test_store_reads.py",
    "tests/archive/durability/test_power_cut.py",
)
_WARC = ("tests/archive/warc", "tests/archive/spool/test_sealing.py")
_POLITE = ("tests/crawlers/test_politeness_parts.py", "tests/crawlers/politeness", "tests/crawlers/test_politeness.py")
SUBJECTS = {
    "spool": (("archive/files.py", "archive/spool/spool.py", "archive/spool/segment.py"), _SPOOL),
    "sealing": (("archive/spool/sealing.py",), _SPOOL),
    "publishing": (("archive/manifests/publisher.py", "archive/manifests/placement.py"), _CHAIN),
    "manifests": (("archive/manifests/chain.py", "archive/manifests/manifest.py", "archive/manifests/listing.py"), _CHAIN),
    "leases": (("archive/manifests/lease.py",), _CHAIN),
    "store": (("archive/store/file.py", "archive/store/s3.py", "archive/store/upload.py"), _STORE),
    "WARC": (("archive/warc/writer.py", "archive/warc/message.py", "archive/warc/reading.py"), _WARC),
    "redactions": (
        ("archive/reader/redactions.py", "archive/maintenance/erasure.py"),
        ("tests/archive/maintenance/test_takedown.py",),
    ),
    "conditional choice": (("crawlers/frontier/conditional.py",), ("tests/crawlers/test_conditional_parts.py", "tests/test_conditional.py")),
    "politeness": (("crawlers/politeness/robots.py", "crawlers/politeness/retry.py", "crawlers/politeness/breaker.py"), _POLITE),
}  # fmt: skip
"""Subject → its modules, and the tests that are to notice."""


@dataclass(frozen=True)
class Mutant:
    subject: str
    module: str
    operator: str
    occurrence: int
    line: int

    def code(self) -> str | None:
        return mutate_code((ROOT / self.module).read_text("utf-8"), get_operator(self.operator)(), self.occurrence)

    def change(self) -> str:
        before, after = (ROOT / self.module).read_text("utf-8").splitlines(), (self.code() or "").splitlines()
        lines = [line for line in unified_diff(before, after, lineterm="", n=0) if line[:1] in "+-"]
        return " ".join(" ".join(line.split()) for line in lines[2:])


def mutants_of(subject: str, module: str) -> dict[tuple[int, int], list[Mutant]]:
    """Return all mutants of a module by the place that they change."""
    found: dict[tuple[int, int], list[Mutant]] = {}
    code = (ROOT / module).read_text("utf-8")
    nodes, lines = list(ast_nodes(get_ast(code))), code.splitlines()
    for name in operator_names():
        if ANNOTATED in name or get_operator(name).arguments():
            continue
        operator = get_operator(name)()
        places = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, place in enumerate(places):
            if not IDLE.match(lines[place[0] - 1]):
                found.setdefault(place, []).append(Mutant(subject, module, name, occurrence, place[0]))
    return found


def sample(count: int, seed: int) -> list[Mutant]:
    """Draw as many from each subject as from any other, each place at most once."""
    chance, drawn = random.Random(seed), []
    for number, (subject, (modules, _)) in enumerate(SUBJECTS.items()):
        places = [here for module in modules for here in mutants_of(subject, module).values()]
        share = count // len(SUBJECTS) + (number < count % len(SUBJECTS))
        drawn += [chance.choice(here) for here in chance.sample(places, share)]
    chance.shuffle(drawn)
    return drawn


def is_noticed(mutant: Mutant, tree: Path) -> bool:
    """Run the tests of a mutant's subject on it, in a copy of the tree."""
    path = tree / mutant.module
    whole, code = path.read_text("utf-8"), mutant.code()
    assert code is not None
    path.write_text(code, "utf-8")
    tests = SUBJECTS[mutant.subject][1]
    command = (sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests)
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(whole, "utf-8")
    assert done.returncode in {0, 1, 2, 4}, done.stdout + done.stderr  # 2 and 4: it cannot even be imported
    return done.returncode != 0


def copy_of_tree(folder: Path) -> Path:
    left = ("archive", "crawlers", "pipelines", "spiders", "tests", "docs", "deploy")
    for name in left:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def judged(drawn: list[Mutant], jobs: int) -> dict[Mutant, bool]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(jobs) as pool:
        trees: Queue[Path] = Queue()
        for job in range(jobs):
            trees.put(copy_of_tree(Path(folder) / str(job)))

        def one(mutant: Mutant) -> bool:
            tree = trees.get()
            try:
                noticed = is_noticed(mutant, tree)
            finally:
                trees.put(tree)
            print("noticed " if noticed else "SURVIVED", f"{mutant.module}:{mutant.line}", mutant.change(), flush=True)  # noqa: T201
            return noticed

        return dict(zip(drawn, pool.map(one, drawn), strict=True))


def table(found: dict[Mutant, bool], seed: int) -> str:
    drawn, noticed = Counter(m.subject for m in found), Counter(m.subject for m, is_found in found.items() if is_found)
    rows = [f"| {subject} | {drawn[subject]} | {noticed[subject]} |" for subject in SUBJECTS if drawn[subject]]
    whole = f"| all, of the seed {seed} | {drawn.total()} | {noticed.total()} ({noticed.total() / drawn.total():.0%}) |"
    return "\n".join(["| subject | faults | noticed |", "|---|---|---|", *rows, whole, ""])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=60, help="faults in the sample")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others")
    parser.add_argument("--jobs", type=int, default=2, help="how many are tried at once")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/durability.md")
    asked = parser.parse_args()
    found = judged(sample(asked.count, asked.seed), asked.jobs)
    said = table(found, asked.seed)
    print(said)  # noqa: T201
    if asked.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + said + END + rest.partition(END)[2], "utf-8")
    return int(sum(found.values()) < WANTED * len(found))


if __name__ == "__main__":
    sys.exit(main())
