"""Running the project's commands as an operator does, in processes of their own, and reading what they published."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_AFTER_BASE=0.2")


def run(*command, timeout=170, **environment):
    """Run ``python -m …`` in the project's folder, proxies off; return the finished process with its output as text."""
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=ROOT,
        env={**base, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


def places(folder):
    """Return the environment that puts archive and spool below ``folder``."""
    return {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool")}


def lines_of(collection, kind="articles"):
    """Return the article (or story) lines of a ``file:`` archive, as they lie."""
    packed = [gzip.decompress(path.read_bytes()) for path in sorted(Path(collection).glob(f"{kind}/**/*.jsonl.gz"))]
    return [json.loads(line) for body in packed for line in body.splitlines()]
