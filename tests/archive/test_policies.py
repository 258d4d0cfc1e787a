"""The published policies allow what the archive does, and no more."""

import json
from fnmatch import fnmatch
from pathlib import Path

import boto3
import pytest

from archive import open_archive
from archive.index import build
from archive.maintenance.compaction import compact, sweep
from archive.maintenance.erasure import erase
from archive.manifests.lease import Lease
from archive.manifests.manifest import SUFFIXES
from archive.reader.redactions import redaction_of
from archive.store import open_store
from tests.archive.samples import OUTLET, START, fill

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
ACTIONS = {
    "PutObject": "s3:PutObject",
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "ListObjectsV2": "s3:ListBucket",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "ListParts": "s3:ListMultipartUploadParts",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListObjectVersions": "s3:ListBucketVersions",
    "DeleteObject": "s3:DeleteObject",
}


def allowed(policy, action, resource):
    said = json.loads((POLICIES / f"{policy}.json").read_text())
    return any(
        action in _listed(statement["Action"]) and any(fnmatch(resource, r) for r in _listed(statement["Resource"]))
        for statement in said["Statement"]
        if statement["Effect"] == "Allow"
    )


def _listed(value):
    return [value] if isinstance(value, str) else value


@pytest.fixture
def calls(monkeypatch):
    """Return every S3 call that is made, as (operation, resource)."""
    made = []
    send = boto3.client("s3", region_name="us-east-1").__class__.__mro__[1]._make_api_call

    def record(self, operation, parameters):
        key = parameters.get("Key", "")
        resource = f"arn:aws:s3:::BUCKET/PREFIX/{key.removeprefix('archive/')}" if key else "arn:aws:s3:::BUCKET"
        made.append((operation, resource))
        return send(self, operation, parameters)

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", record)
    return made


def test_a_writer_needs_no_more_than_its_policy(bucket, calls, tmp_path):
    publisher = fill(bucket, tmp_path)
    publisher.write_report({"outlet": OUTLET, "crawl": "c1", "started": "2026-11-23T10:00:00Z"})
    Lease(open_store(bucket), OUTLET, holder="test").acquire()
    build(open_archive(bucket))
    assert len(calls) > 20
    for operation, resource in calls:
        assert allowed("writer", ACTIONS[operation], resource), (operation, resource)


@pytest.mark.parametrize("kind", SUFFIXES)
def test_every_kind_of_object_can_be_written_and_read(kind):
    """The samples have no events, for one; a crawl has."""
    resource = f"arn:aws:s3:::BUCKET/PREFIX/{kind}/outlet=x/date=2026-11-23/x{SUFFIXES[kind]}"
    assert allowed("writer", "s3:PutObject", resource)
    assert allowed("writer", "s3:AbortMultipartUpload", resource)
    assert allowed("reader", "s3:GetObject", resource)
    assert allowed("take-down", "s3:PutObject", resource)


def test_a_take_down_needs_no_more_than_its_policy(bucket, calls, tmp_path):
    fill(bucket, tmp_path, range(20))
    store = open_store(bucket)
    del calls[:]
    redaction = redaction_of([], [], ids=[f"{OUTLET}:3"], who="w", basis="b", reason="r")
    store.create(redaction.key, redaction.to_bytes())
    assert list(erase(store, redaction))
    list(compact(store, OUTLET, "2026-11"))
    list(sweep(store, OUTLET, "2026-11", days=0, now=START.replace(year=2100)))
    assert {"DeleteObject", "PutObject"} <= {operation for operation, _ in calls}
    for operation, resource in calls:
        assert allowed("take-down", ACTIONS[operation], resource), (operation, resource)


def test_a_writer_may_not_delete(bucket):
    said = (POLICIES / "writer.json").read_text()
    assert "Delete" not in said
    assert "PutBucket" not in said


def test_a_reader_may_only_read(bucket):
    said = json.loads((POLICIES / "reader.json").read_text())
    assert {statement["Action"] for statement in said["Statement"]} == {"s3:ListBucket", "s3:GetObject"}


def test_the_lifecycle_is_taken_by_a_server(s3, bucket):
    rules = json.loads((POLICIES / "lifecycle.json").read_text())
    s3.put_bucket_lifecycle_configuration(Bucket=bucket.split("/")[2], LifecycleConfiguration=rules)
