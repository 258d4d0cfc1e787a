"""A bucket on loopback for every test that asks for one."""

import shutil
from uuid import uuid4

import boto3
import pytest

from tests.archive.samples import fill
from tests.s3_server import endpoint


@pytest.fixture
def s3(monkeypatch):
    """The environment of an S3 user; returns a client."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.client("s3", endpoint_url=endpoint())
    yield client
    client.close()


@pytest.fixture
def bucket(s3):
    """A fresh bucket's URI."""
    name = f"news-{uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    return f"s3://{name}/archive"


@pytest.fixture(params=["file", "s3"])
def uri(request, tmp_path):
    """The URI of an empty collection, in a folder and in a bucket."""
    if request.param == "file":
        return (tmp_path / "collection").as_uri()
    return request.getfixturevalue("bucket")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An archive of thirty articles in several segments, its spool and the catalog that grew with it: to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    fill((folder / "collection").as_uri(), folder)
    return folder


@pytest.fixture
def filled(prepared, tmp_path):
    """A folder with thirty articles in several segments, the catalog that grew with it; returns its URI."""
    shutil.copytree(prepared, tmp_path, copy_function=shutil.copy, dirs_exist_ok=True)
    return (tmp_path / "collection").as_uri()


@pytest.fixture
def filled_anywhere(uri, tmp_path, request):
    """The same in a folder and in a bucket."""
    if uri.startswith("file:"):
        return request.getfixturevalue("filled")
    fill(uri, tmp_path)
    return uri
