"""A segment of a gigabyte: written, sealed, published into a folder, verified to the last record, with how much memory.

    python -m tests.bench.bench_segment

Beside it a segment of a tenth of that: what grows with the size shows.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile

from tests.bench.plots import bars

MEGABYTES = (100, 1000)


def main() -> None:
    """Print the figures."""
    drawn: dict[str, list[float]] = {}
    for megabytes in MEGABYTES:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.archive.heavy_segment", str(megabytes), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        said = json.loads(done.stdout)
        size = f"Warraq, {said['megabytes']:,} MB"
        drawn[f"{size}: written"] = [1000 * said["written_cpu"] / said["megabytes"]]
        drawn[f"{size}: sealed and published"] = [1000 * (said["cpu"] - said["written_cpu"]) / said["megabytes"]]
        print(  # noqa: T201  what a bench is for
            f"{said['megabytes']:5,} MB, {said['records']:6,} records: {said['written_cpu']:5.1f} s of processor to write,"
            f" {said['cpu'] - said['written_cpu']:5.1f} s to seal, publish and verify, {said['peak_mb']} MB of memory at most"
        )
    bars("segment", "ms of processor time a megabyte", drawn)


if __name__ == "__main__":
    main()
