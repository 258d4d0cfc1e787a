"""Would the tests notice? A sample of small faults, each put into one line of the code on which no article may be lost or wrong.

    python -m tests.mutants --count 60 --seed 1 [--write]

First the tests run on the code as it is: they must pass, or nothing that follows says anything. Then a place is drawn, and one of the
faults that cosmic-ray knows for it (a comparison, a condition, a number, an exception, a loop, a decorator); the tests named beside
the module run on a copy of the tree, up to the first that fails. A fault that they let pass has survived, unless `EQUIVALENT` says why
nobody could notice it. Exit code 1 where fewer than `WANTED` of the others are noticed, 2 where the unchanged code fails.

Each run is a fork of this process, in which what others wrote is imported already.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice
from pathlib import Path
from typing import NoReturn

import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "durability.md"
BEGIN, END = "<!-- mutants -->\n", "<!-- end of the mutants -->\n"
WANTED = 0.85
SAID = "said.txt"
SECONDS = 600  # for the tests of one fault; a loop without end is noticed too
TRIVIAL = re.compile(
    "_BitOr_|_Div_"
)  # `X | None` of an annotation, which nothing evaluates; `/` of paths, which everything notices
IDLE = re.compile(
    r"\s*(?:@dataclass|if TYPE_CHECKING|assert |logger\.|from |import )"
)  # lines that say nothing about what is done
PRELOADED = (
    "boto3",
    "botocore.retries.standard",
    "jsonschema",
    "moto.server",
    "msgspec",
    "surt",
    "warcio",
    "werkzeug",
)

_ARCHIVE = "tests/archive"
_PUBLISHER = f"{_ARCHIVE}/manifests/test_publisher.py"
_POWER = f"{_ARCHIVE}/durability/test_power_cut.py"
_SPOOL = (f"{_ARCHIVE}/spool", _POWER, _PUBLISHER)
_STORE = (f"{_ARCHIVE}/test_store.py", f"{_ARCHIVE}/test_store_reads.py")
_POLITE = ("tests/crawlers/test_politeness_parts.py", "tests/crawlers/test_politeness.py")
SUBJECTS: dict[str, dict[str, tuple[str, ...]]] = {
    "spool": {
        "archive/files.py": (f"{_ARCHIVE}/test_files.py", _POWER, f"{_ARCHIVE}/spool/test_spool_folder.py", f"{_ARCHIVE}/test_untrusted.py"),
        "archive/spool/spool.py": _SPOOL,
        "archive/spool/segment.py": (*_SPOOL, f"{_ARCHIVE}/durability/test_full_disk.py"),
    },
    "sealing": {"archive/spool/sealing.py": _SPOOL},
    "publishing": {
        "archive/manifests/publisher.py": (_POWER, _PUBLISHER),
        "archive/manifests/placement.py": (f"{_ARCHIVE}/test_placement.py",),
    },
    "manifests": {
        "archive/manifests/chain.py": (_PUBLISHER, f"{_ARCHIVE}/test_placement.py"),
        "archive/manifests/manifest.py": (f"{_ARCHIVE}/manifests/test_listing.py", _PUBLISHER, f"{_ARCHIVE}/test_untrusted.py", f"{_ARCHIVE}/maintenance/test_compaction.py"),
        "archive/manifests/listing.py": (f"{_ARCHIVE}/manifests/test_listing.py", f"{_ARCHIVE}/test_followers.py", f"{_ARCHIVE}/reader/test_archive.py"),
    },
    "leases": {"archive/manifests/lease.py": (f"{_ARCHIVE}/manifests/test_lease.py",)},
    "store": {
        "archive/store/file.py": (_POWER, *_STORE),
        "archive/store/s3.py": (*_STORE, f"{_ARCHIVE}/maintenance/test_takedown.py"),
        "archive/store/upload.py": (*_STORE, f"{_ARCHIVE}/durability/test_faulty_store.py"),
    },
    "WARC": {
        "archive/warc/writer.py": (f"{_ARCHIVE}/warc/test_writer.py", _POWER, f"{_ARCHIVE}/spool/test_sealing.py"),
        "archive/warc/message.py": (f"{_ARCHIVE}/warc/test_message.py", f"{_ARCHIVE}/warc/test_writer.py"),
        "archive/warc/reading.py": (f"{_ARCHIVE}/warc/test_verification.py", f"{_ARCHIVE}/spool/test_sealing.py"),
    },
    "redactions": {
        "archive/reader/redactions.py": (f"{_ARCHIVE}/reader/test_read_filters.py", f"{_ARCHIVE}/maintenance/test_takedown.py"),
        "archive/maintenance/erasure.py": (f"{_ARCHIVE}/maintenance/test_takedown.py",),
    },
    "conditional choice": {"crawlers/frontier/conditional.py": ("tests/crawlers/test_conditional_parts.py", "tests/test_conditional.py")},
    "politeness": dict.fromkeys(("crawlers/politeness/robots.py", "crawlers/politeness/retry.py", "crawlers/politeness/breaker.py"), _POLITE),
}  # fmt: skip
"""Subject → module → the tests that are to notice, the quickest first."""

EQUIVALENT: dict[tuple[str, str], str] = {
    (
        "crawlers/politeness/robots.py",
        "- return Rules(verdict, None, 0.0, self.clock()) + return Rules(verdict, None, -1.0, self.clock())",
    ): "a delay counts where it is longer than the host's own, which is never below nought",
    (
        "archive/manifests/lease.py",
        "- grace: float = 30, + grace: float = 31,",
    ): "how much clocks may differ is a choice; a second more is as good",
    (
        "archive/manifests/lease.py",
        "- seconds: float = 300, + seconds: float = 301,",
    ): "how long a lease lasts is a choice; a second more is as good",
    (
        "archive/store/upload.py",
        "- md5 = hashlib.md5(part, usedforsecurity=False) + md5 = hashlib.md5(part, usedforsecurity=True)",
    ): "the same digest; only a system in FIPS mode refuses the second",
    (
        "archive/spool/segment.py",
        "- return current.warc.size >= self._max_bytes or age >= self._max_age + return current.warc.size > self._max_bytes or age >= self._max_age",
    ): "a segment may be as large as the limit to the byte and end one record later: the limit is about a size",
}
"""Module and change → why no test could notice it."""


@dataclass(frozen=True)
class Mutant:
    subject: str
    module: str
    operator: str
    occurrence: int
    line: int

    def code(self) -> str | None:
        return mutate_code((ROOT / self.module).read_text("utf-8"), get_operator(self.operator)(), self.occurrence)

    def is_python(self) -> bool:
        try:
            compile(self.code() or "", self.module, "exec")
        except SyntaxError:
            return False
        return True

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
        if TRIVIAL.search(name) or get_operator(name).arguments():
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
    for number, (subject, modules) in enumerate(SUBJECTS.items()):
        places = [here for module in modules for here in mutants_of(subject, module).values()]
        share = count // len(SUBJECTS) + (number < count % len(SUBJECTS))
        chance.shuffle(places)
        found = (chance.choice(here) for here in places)
        drawn += islice((mutant for mutant in found if mutant.is_python()), share)
    chance.shuffle(drawn)
    return drawn


def passes(tree: Path, tests: tuple[str, ...]) -> bool:
    """Run tests on a tree in a fork of this process, which has not imported a line of ours; say whether all of them pass in time."""
    child = os.fork()
    if child == 0:
        run_and_exit(tree, tests)
    until, code = time.monotonic() + SECONDS, None
    while code is None and time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        code = os.waitstatus_to_exitcode(status) if done else None
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it started and left
    if code is None:
        os.waitpid(child, 0)
    return code == 0


def run_and_exit(tree: Path, tests: tuple[str, ...]) -> NoReturn:
    """Run tests on a tree, in a process of their own; what they say stands in `SAID`, beside the tree's files."""
    code = 3
    try:
        os.setsid()
        with (tree / SAID).open("w") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        os.chdir(tree)
        sys.path[:0] = [str(tree)]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        os.environ["PYTHONPATH"] = str(tree)  # of what the tests start
        code = pytest.main(["-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests])
    except BaseException:  # noqa: BLE001  this process must not go on as the one that it was forked from
        traceback.print_exc()
    finally:
        os._exit(code)


def is_noticed(mutant: Mutant, tree: Path) -> bool:
    """Run the tests of a mutant's module on it, in a copy of the tree."""
    path = tree / mutant.module
    whole, code = path.read_text("utf-8"), mutant.code()
    assert code is not None
    path.write_text(code, "utf-8")
    try:
        return not passes(tree, SUBJECTS[mutant.subject][mutant.module])
    finally:
        path.write_text(whole, "utf-8")


def copy_of_tree(folder: Path) -> Path:
    for name in ("archive", "crawlers", "pipelines", "spiders", "tests", "docs", "deploy"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def failing(tree: Path, drawn: list[Mutant]) -> str | None:
    """Return what the tests say that fail on the code as it is; None where all that will be asked pass."""
    for tests in dict.fromkeys(SUBJECTS[mutant.subject][mutant.module] for mutant in drawn):
        begun = time.monotonic()
        if not passes(tree, tests):
            return (tree / SAID).read_text("utf-8")
        say(f"control  {time.monotonic() - begun:.0f} s  {' '.join(tests)}")
    return None


def judged(drawn: list[Mutant], tree: Path) -> dict[Mutant, str]:
    """Return ``noticed``, ``equivalent`` or ``SURVIVED`` for each; what is an equivalent is not tried."""
    found = {}
    for mutant in drawn:
        is_equal = (mutant.module, mutant.change()) in EQUIVALENT
        found[mutant] = "equivalent" if is_equal else "noticed" if is_noticed(mutant, tree) else "SURVIVED"
        say(f"{found[mutant]:10} {mutant.module}:{mutant.line} {mutant.change()}")
    return found


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def table(found: dict[Mutant, str], seed: int) -> str:
    """Return the sums over all subjects; what became of each fault was said when it was tried."""
    count = Counter(found.values())
    noticed, survived, equivalent = (count[outcome] for outcome in ("noticed", "SURVIVED", "equivalent"))
    share = f"{noticed / max(1, noticed + survived):.0%} of what is no equivalent"
    return f"Seed {seed}, {len(found)} faults: {noticed} noticed ({share}), {survived} survived, {equivalent} equivalent.\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=60, help="faults in the sample")
    parser.add_argument("--seed", type=int, default=1, help="another one draws others")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/durability.md")
    asked = parser.parse_args()
    for name in PRELOADED:
        importlib.import_module(name)
    drawn = sample(asked.count, asked.seed)
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_of_tree(Path(folder))
        if said := failing(tree, drawn):
            say(f"The tests fail on the code as it is:\n{said}")
            return 2
        found = judged(drawn, tree)
    said = table(found, asked.seed)
    say(said)
    if asked.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        PAGE.write_text(before + BEGIN + said + END + rest.partition(END)[2], "utf-8")
    outcomes = Counter(found.values())
    return int(outcomes["noticed"] < WANTED * (outcomes["noticed"] + outcomes["SURVIVED"]))


if __name__ == "__main__":
    sys.exit(main())
