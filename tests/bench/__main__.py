"""`make bench`: every figure in one run, each beside its peer, written to docs/benchmarks.md with the command that made it and a plot.

Machines are noisy: quote the ratios, not the seconds.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
PLOTS = PAGE.with_suffix("")
PARTS = {
    "reading": "A page into an article, beside trafilatura and resiliparse",
    "line": "A whole crawl, beside one that only fetches and what one would assemble today",
    "reread": "Reading an archive again, beside warcio and trafilatura",
    "import": "A file of another archive taken in, beside trafilatura",
    "capture": "A crawl that captures, beside a bare Scrapy crawl",
    "segment": "A segment of a gigabyte",
    "catalog": "A year of four outlets on an empty disk",
    "syndication": "Recognising stories, beside datasketch and rensa",
    "site": "The site of a month of five outlets",
    "reader": "An archive read, beside warcio and trafilatura, FastWARC and resiliparse",
    "growth": "The index of stories on disk as it grows",
}
LONG = {"memory": "The memory of one crawl of 100,000 pages"}  # half an hour; only where it is named
HEAD = """# Benchmarks

Each figure stands beside its peer of the same run: machines are noisy. `make bench` makes them, `make bench-<part>` one;
all its lines stand in `benchmarks/<part>.txt`. How cost grows: [at-a-million](at-a-million.md).
"""
SHOWN = {
    "reading": (-1,),
    "line": (-1,),
    "reread": (1, 3),
    "import": (-1,),
    "segment": (-1,),
    "catalog": (0, 2),
    "syndication": (0, 1, 3, 6),
    "capture": (2,),
    "site": (1, 4, 6),
    "reader": (1, 2, 3),
    "growth": (0, -1),
    "memory": (-1,),
}  # lines of long tables that sum them up; the others are shown whole
PACKAGES = ("scrapy", "twisted", "lxml", "trafilatura", "warcio", "numpy")


def main() -> int:
    """Run what is named on the command line, everything without names; return the exit code.

    What a part printed stands beside its plot (``docs/benchmarks/<part>.txt``), and the page is made anew of all of them after each:
    a part that breaks costs nothing that was measured before it.
    """
    known = PARTS | LONG
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := sorted(set(wanted) - set(known)):
        sys.stderr.write(f"there is no benchmark {unknown[0]!r}; there are {', '.join(known)}\n")
        return 2
    os.environ["BENCH_PLOTS"] = str(PLOTS)
    for name in wanted:
        sys.stdout.write(f"\n{name}: {known[name]}\n")
        begun = time.monotonic()
        said = _run(name)
        took = f"{time.monotonic() - begun:.0f} s"
        sys.stdout.write(f"({took})\n")
        (PLOTS / f"{name}.txt").write_text(f"{conditions()}; it took {took}\n{said}", encoding="utf-8")
        PAGE.write_text(_page(), encoding="utf-8")
    return 0


def conditions() -> str:
    """Say when and on what it is measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {versions}"


def _run(name: str) -> str:
    command = [sys.executable, "-m", f"tests.bench.bench_{name}"]
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line)
    if process.returncode:
        raise SystemExit(process.returncode)
    return "".join(lines)


def _page() -> str:
    parts = [Part.read(name, title) for name, title in (PARTS | LONG).items() if (PLOTS / f"{name}.txt").exists()]
    (usual, _), *_ = Counter(part.machine for part in parts).most_common()
    return f"{HEAD}\nOn {usual}, where a part says nothing else.\n" + "".join(part.section(usual) for part in parts)


@dataclass
class Part:
    """What one benchmark printed, and when and on what."""

    name: str
    title: str
    day: str
    machine: str
    took: str
    text: str

    @classmethod
    def read(cls, name: str, title: str) -> Part:
        measured, _, text = (PLOTS / f"{name}.txt").read_text(encoding="utf-8").partition("\n")
        day, _, rest = measured.partition(", ")
        machine, _, took = rest.partition("; it took ")
        return cls(name, title, day, machine, took, text)

    def section(self, usual: str) -> str:
        lines = self.text.splitlines(keepends=True)
        shown = [lines[number] for number in SHOWN[self.name]] if self.name in SHOWN else lines
        picture = f"![{self.name}](benchmarks/{self.name}.svg)\n\n" if (PLOTS / f"{self.name}.svg").exists() else ""
        elsewhere = "" if self.machine == usual else f" on {self.machine}"
        return f"\n## {self.name.capitalize()}\n\n{self.title} ({self.day}, {self.took}{elsewhere}).\n\n{picture}```\n{''.join(shown)}```\n"


if __name__ == "__main__":
    sys.exit(main())
