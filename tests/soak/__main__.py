"""`make soak`, or `python -m tests.soak [--rounds 20] [--seed 1] [--write]`: prints what was looked at, exits with 1 at a fault."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crawling import ROOT, moto
from tests.soak.judge import judge
from tests.soak.rounds import MARK, soak

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "durability.md"
BEGIN, END = "<!-- soak -->\n", "<!-- end of the soak -->\n"
SUM = ("rounds", "answers", "in a WARC", "in flight at a kill", "turns of the lease", "faults")  # what the page tells


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="half of them into a folder, half into a bucket")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave archive, spools and logs there")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/durability.md")
    args = parser.parse_args()
    rows, faults = [], []
    with tempfile.TemporaryDirectory(prefix="soak-") as temporary:
        folder = args.keep or Path(temporary)
        for number, (name, place) in enumerate(stores(folder)):
            rounds = (args.rounds + 1 - number) // 2
            with soak(rounds, args.seed + number, place, folder / name) as done:
                verdict = judge(done, MARK)
            rows.append({"store": name, "rounds": rounds, **verdict.figures, "faults": len(verdict.faults)})
            kinds = ", ".join(f"{count} × {kind}" for kind, count in sorted(done.done.items()))
            sys.stderr.write(f"{name}: {kinds}; exit codes {dict(sorted(done.codes.items()))}\n")
            faults += [f"{name}: {fault}" for fault in verdict.faults]
    sys.stdout.writelines(_table(rows))
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    if args.write:
        page = PAGE.read_text(encoding="utf-8")
        told = "".join(f"- {row['store']}: {', '.join(f'{row[name]} {name}' for name in SUM)}\n" for row in rows)
        PAGE.write_text(page.split(BEGIN)[0] + BEGIN + told + END + page.split(END)[1], encoding="utf-8")
    return 1 if faults else 0


@contextmanager
def _bucket() -> Iterator[dict[str, str]]:
    with moto("soak") as keys:
        yield {"ARCHIVE_URI": "s3://soak/archive", **keys}


def stores(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the two stores: name, and the environment that leads there."""
    yield "folder", {"ARCHIVE_URI": str(folder / "folder" / "collection")}
    with _bucket() as place:
        yield "bucket", place


def _table(rows: list[dict[str, object]]) -> Iterator[str]:
    yield f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}\n"
    for row in rows:
        yield f"| {' | '.join(map(str, row.values()))} |\n"


if __name__ == "__main__":
    sys.exit(main())
