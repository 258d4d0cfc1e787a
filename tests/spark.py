"""Spark over the bucket and over an export, as docs/for-data-engineers.md has it: `make prove-spark`.

    archive in a folder ─┬─ articles/ as it lies ──────────▶ the page's blocks, in one session ──▶ compared with the reader
                         └─ export --format parquet lake ──▶

Not among the tests: Spark is 400 MB and needs Java 17 or newer.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import cli, open_archive
from tests.archive.samples import fill

PAGE = Path(__file__).parents[1] / "docs" / "for-data-engineers.md"


def main() -> int:
    """Run the proof; return 0 where it holds."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        return say("Spark needs Java: there is no java on the path and no JAVA_HOME") or 2
    blocks = re.findall(r"```py\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 2, "the page has no blocks for Spark"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fill("collection", Path(folder))
        assert cli.main(["export", "--archive", "collection", "--format", "parquet", "lake"]) == 0
        names: dict[str, Any] = {}
        for block in blocks:
            exec(block, names)
        faults = compared(names["lines"], names["lake"])
        names["spark"].stop()
    for fault in faults:
        say(fault)
    return 1 if faults else 0


def compared(lines: Any, lake: Any) -> list[str]:
    """Return what Spark's two tables have otherwise than our reader."""
    ours = {article.id: article for article in open_archive("collection").articles()}
    faults = []
    for name, table in (("articles/", lines), ("lake", lake)):
        rows = {row["id"]: row for row in table.collect()}
        if rows.keys() != ours.keys():
            faults.append(f"{name}: {len(rows)} articles, our reader has {len(ours)}")
        wrong = [i for i, row in rows.items() if (row["headline"], row["text"]) != (ours[i].headline, ours[i].text)]
        faults += [f"{name}: {each} reads otherwise" for each in wrong]
        say(f"{name}: {len(rows)} articles read by Spark {table.sparkSession.version}")
    kinds = dict(lines.dtypes)["date"], dict(lake.dtypes)["published"], dict(lake.dtypes)["tags"]
    if kinds != ("date", "timestamp", "array<string>"):
        faults.append(f"the types are {kinds}")
    captured = {row["id"]: row["captured"].astimezone(UTC) for row in lake.collect()}
    wrong_times = [i for i, moment in captured.items() if not same(moment, ours[i].captured)]
    return faults + [f"lake: {each} was captured at another time" for each in wrong_times]


def same(one: datetime, other: datetime) -> bool:
    """Say whether two times are the same to the second."""
    return abs((one - other).total_seconds()) < 1


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
