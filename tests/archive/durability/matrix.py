"""Prints the matrix of docs/durability.md, by running every scenario: `python -m tests.archive.durability.matrix --write`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from uuid import uuid4

import boto3

from tests.archive.durability.faulty import faulty_proxy
from tests.archive.durability.points import BUCKET, FAULTS, PLACES, PUBLISHING, RECOVERY, SEALING, WRITING
from tests.archive.durability.proof import ROOT
from tests.archive.durability.scenarios import (
    fault_met,
    killed_at,
    killed_at_random,
    killed_in_recovery,
    killed_with_bucket,
)
from tests.s3_server import endpoint

PAGE = ROOT / "docs" / "durability.md"
BEGIN, END = "<!-- matrix -->\n", "<!-- end of the matrix -->\n"
STEPS = {
    "writing": (WRITING, killed_at),
    "sealing": (SEALING, killed_at),
    "publishing": (PUBLISHING, killed_at),
    "publishing into a bucket": (BUCKET, killed_with_bucket),
    "recovering": (RECOVERY, killed_in_recovery),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the matrix into docs/durability.md")
    args = parser.parse_args()
    runs = []
    for run in scenarios():
        sys.stdout.write(" | ".join(run) + "\n")
        sys.stdout.flush()
        runs.append(run)
    if args.write:
        put(BEGIN, table(runs), END)
    return int(any(is_lost(outcome) for _, _, outcome in runs))


def scenarios():
    """Run every scenario; yield its step, what happens, and the outcome."""
    new_bucket = bucket_server()
    for step, (points, scenario) in STEPS.items():
        for name, point in points.items():
            uri = new_bucket() if scenario is killed_with_bucket else None
            yield f"{step}, killed", name, outcome(scenario, point, uri=uri)
    for seed in range(10):
        yield "five crawls, killed at random", f"seed {seed}", outcome(killed_at_random, seed, crawls=5)
    for fault, what in FAULTS.items():
        for place, part in PLACES.items():
            yield f"uploading {place}", what, outcome(faulty, fault, part, uri=new_bucket())


def table(runs) -> str:
    """Return the page's line: how many moments and faults left everything whole, and those that did not."""
    lost = [f"{step}, {what}: {result}" for step, what, result in runs if is_lost(result)]
    return "; ".join([f"Whole afterwards: {len(runs) - len(lost)} of {len(runs)}", *lost]) + ".\n"


def is_lost(result: str) -> bool:
    return result.startswith("**lost**")


def put(begin: str, table: str, end: str) -> None:
    """Put a table between its marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page.split(begin)[0] + begin + table + end + page.split(end)[1], encoding="utf-8")


def faulty(folder, uri, fault, part):
    """Run one fault through a proxy of its own."""
    with faulty_proxy(os.environ["AWS_ENDPOINT_URL"]) as proxy:
        return fault_met(folder, uri, proxy, fault, part)


def outcome(scenario, *args, uri=None, **options):
    """Run a scenario in a folder of its own; return how it went."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return "whole: " + scenario(Path(folder), uri or (Path(folder) / "collection").as_uri(), *args, **options)
        except AssertionError as error:
            return f"**lost**: {' '.join(str(error).split())}"


def bucket_server():
    """Put the environment of an S3 on loopback in place; return a function that makes a fresh bucket and returns its URI."""
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint(),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client("s3")

    def new_bucket():
        name = f"news-{uuid4().hex[:12]}"
        client.create_bucket(Bucket=name)
        return f"s3://{name}/archive"

    return new_bucket


if __name__ == "__main__":
    sys.exit(main())
