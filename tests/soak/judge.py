"""The judge of a soak. It imports nothing of the product: the bucket is read with warcio, FastWARC and json."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.rounds import Soak

HTTP = "application/http"  # a crawl's own papers are revisited, too, and no server sent them
AT_WORK = 3.0  # seconds before a kill in which an answer may have been given that never reached the disk


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what must not be."""

    figures: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def objects_in(place: dict[str, str]) -> dict[str, bytes]:
    """Return every object of an archive by its key."""
    uri = place["ARCHIVE_URI"]
    if not uri.startswith("s3://"):
        root = Path(uri)
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    keys = {"aws_access_key_id": place["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": place["AWS_SECRET_ACCESS_KEY"]}
    client = boto3.client("s3", endpoint_url=place["AWS_ENDPOINT_URL"], region_name="us-east-1", **keys)
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/")
    names = [found["Key"] for page in pages for found in page.get("Contents", [])]
    found = {
        name.removeprefix(f"{prefix}/"): client.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names
    }
    client.close()
    return found


def judge(soak: Soak, mark: str) -> Verdict:
    """Look at an archive after a soak."""
    objects, verdict = objects_in(soak.place), Verdict()
    manifests = {key: json.loads(body) for key, body in objects.items() if key.startswith("manifests/")}
    listed = [item for manifest in manifests.values() for item in manifest["objects"]]
    verdict.faults += [
        f"{item['key']} is not what its manifest says"
        for item in listed
        if hashlib.sha256(objects.get(item["key"], b"")).hexdigest() != item["sha256"]
    ]
    verdict.faults += _chain(objects, manifests)
    warcs = {item["key"]: objects[item["key"]] for item in listed if item["kind"] == "warc"}
    records = {key: list(_records(body)) for key, body in warcs.items()}
    answers = Counter(one["mark"] for found in records.values() for one in _marked(found, mark))
    verdict.faults += _answers(soak, answers)
    indexes = {item["key"]: objects[item["key"]] for item in listed if item["kind"] == "cdxj"}
    for key, found in records.items():
        index = indexes.get(key.replace("warc/", "cdxj/", 1).replace(".warc.gz", ".cdxj.gz"), gzip.compress(b""))
        verdict.faults += _index(key, found, index)
    lines = [
        json.loads(line)
        for item in listed
        if item["kind"] == "articles"
        for line in gzip.decompress(objects[item["key"]]).splitlines()
    ]
    verdict.faults += _lines(lines, {key.rpartition("/")[2]: body for key, body in warcs.items()})
    left = [path for path in soak.folder.glob("*/*/*/*") if path.parent.name in {"open", "closed", "sealed"}]
    verdict.faults += [f"{path} was never published" for path in left if any(path.iterdir())]
    verdict.figures = {
        "answers": len(soak.town.answers),
        "in a WARC": answers.total(),
        "in flight at a kill": len(soak.town.answers) - len(answers),
        "manifests": len(manifests),
        "turns of the lease": len({manifest.get("token", 0) for manifest in manifests.values()}),
        "articles": len({line["id"] for line in lines}),
        "versions": len(lines),
        "lines said again": sum(one["recovered"].get("lines_said_again", 0) for one in manifests.values()),
        "lines renumbered": sum(one["recovered"].get("lines_renumbered", 0) for one in manifests.values()),
    }
    return verdict


def _records(body: bytes) -> Iterator[dict[str, Any]]:
    reader = ArchiveIterator(BytesIO(body))
    for record in reader:
        headers = record.rec_headers
        found = {
            "of": headers.get_header("Content-Type") or HTTP,
            "type": record.rec_type,
            "id": headers["WARC-Record-ID"].strip("<>"),
            "http": record.http_headers,
        }
        record.content_stream().read()
        reader.read_to_end(record)
        yield found | {"offset": reader.get_record_offset(), "length": reader.get_record_length()}


def _marked(records: list[dict[str, Any]], mark: str) -> Iterator[dict[str, Any]]:
    for record in records:
        if record["type"] in {"response", "revisit"} and record["http"] and record["http"].get_header(mark):
            yield {"mark": int(record["http"].get_header(mark))}


def _answers(soak: Soak, kept: Counter[int]) -> Iterator[str]:
    for number, answer in enumerate(soak.town.answers):
        in_flight = any(moment - AT_WORK <= answer.at <= moment for moment in soak.kills)
        if kept[number] != 1 and not (kept[number] == 0 and in_flight):
            yield f"answer {number} ({answer.status} {answer.path}) is in {kept[number]} WARCs"


def _index(key: str, records: list[dict[str, Any]], index: bytes) -> Iterator[str]:
    entries = [json.loads(line.split(b" ", 2)[2]) for line in gzip.decompress(index).splitlines()]
    said = Counter((int(one["offset"]), int(one["length"]), one["record_id"].strip("<>")) for one in entries)
    captures = [one for one in records if one["type"] in {"response", "revisit"} and one["of"].startswith(HTTP)]
    true = Counter((one["offset"], one["length"], one["id"]) for one in captures)
    if said != true:
        yield f"{key}: the index and the WARC differ by {len((said - true) + (true - said))} entries"


def _lines(lines: list[dict[str, Any]], warcs: dict[str, bytes]) -> Iterator[str]:
    for (name, version), count in Counter((line["id"], line["version"]) for line in lines).items():
        if count > 1:
            yield f"{name} has version {version} {count} times"
    by_id = defaultdict(list)
    for line in lines:
        by_id[line["id"]].append(line)
        where = line["warc"]
        piece = warcs.get(where["file"], b"")[where["offset"] : where["offset"] + where["length"]]
        found = [record.record_id.strip("<>") for record in FastIterator(BytesIO(piece))] if piece else []
        if found != [where["record_id"].strip("<>")]:
            yield f"{line['id']} version {line['version']} points at {found}"
    for name, versions in by_id.items():
        versions.sort(key=lambda line: (line["captured"], line["version"]))
        if {line["version"] for line in versions} != set(range(1, len(versions) + 1)):
            yield f"{name} has the versions {sorted(line['version'] for line in versions)}"
        for before, after in pairwise(versions):
            if (before["headline"], before["text"]) == (after["headline"], after["text"]):
                yield f"{name}: versions {before['version']} and {after['version']} say the same"


def _chain(objects: dict[str, bytes], manifests: dict[str, Any]) -> Iterator[str]:
    for pointer in (key for key in objects if key.startswith("pointers/")):
        waiting, reached = list(json.loads(objects[pointer])["heads"]), set()
        while waiting:
            link = waiting.pop()
            if hashlib.sha256(objects.get(link["key"], b"")).hexdigest() != link["sha256"]:
                yield f"{link['key']} is not what the chain says"
            elif link["key"] not in reached:
                reached.add(link["key"])
                waiting += manifests[link["key"]]["previous"]
        yield from (f"{key} stands outside the chain" for key in set(manifests) - reached)
