"""Thirteen secrets are planted where operators keep them, and every output of a crawl and of the commands is searched."""

import gzip
import json
import logging
import re
import urllib.parse

import boto3
import pytest

from archive.store import StoreError, StoreRefused, open_copies, open_store
from archive.text import MASK, keep_secret, mask_logs, masked, masked_all
from tests.crawling import QUICK, moto, run
from tests.replica import Replica

PLANTED = {
    "key id": "AKIAPLANTED0KEY0ID01",
    "secret key": "planted+secret/key02",
    "session token": "planted//session==token03",
    "endpoint's user": "planted-user04",
    "endpoint's password": "planted-password05",
    "webhook": "planted-hook06",
    "setting": "planted-setting07",
    "variable": "planted-variable08",
    "store's key in an address": "planted-store09",
    "store's password in an address": "planted-store10",
    "cookie": "planted-cookie11",
    "authorization": "planted-bearer12",
    "proxy's password": "planted-proxy13",
}
STORE_KEY, STORE_PASSWORD = PLANTED["store's key in an address"], PLANTED["store's password in an address"]
PROXY_PASSWORD = PLANTED["proxy's password"]
ENDPOINT_USER, ENDPOINT_PASSWORD = PLANTED["endpoint's user"], PLANTED["endpoint's password"]


def found_in(*outputs):
    """Return where a planted secret, as it is or as addresses write it, stands in some bytes."""
    spelled = {name: {value.encode(), urllib.parse.quote(value, safe="").encode()} for name, value in PLANTED.items()}
    return [
        f"{name} in {where}: …{content[max(0, at - 80) : at]!r}"
        for where, content in outputs
        for name, spellings in spelled.items()
        for value in spellings
        if (at := content.find(value)) >= 0
    ]


def files_of(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            yield str(path.relative_to(folder)), gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def objects_of(address):
    client = boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1"
    )
    for found in client.list_objects_v2(Bucket="news")["Contents"]:
        answer = client.get_object(Bucket="news", Key=found["Key"])
        body = answer["Body"].read()
        yield found["Key"], gzip.decompress(body) if found["Key"].endswith(".gz") else body
        yield f"{found['Key']} (its metadata)", repr(answer["Metadata"]).encode()
    client.close()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets")
    settings = {
        "LOG_LEVEL": "DEBUG",
        "LOG_FILE": folder / "crawl.log",
        "PARTNER_TOKEN": PLANTED["setting"],
        "PARTNER_PROXY": f"http://us:{PROXY_PASSWORD}@proxy.example:3128",
        "IMAGES_STORE": f"s3://{STORE_KEY}:{STORE_PASSWORD}@b/x",
        "DEFAULT_REQUEST_HEADERS": f'{{"Cookie": "s={PLANTED["cookie"]}", "Authorization": "Bearer {PLANTED["authorization"]}"}}',
        "WEBHOOK_URL": f"http://127.0.0.1:9/{PLANTED['webhook']}",
    }
    with Replica(seed=4, days=2) as replica, moto() as bucket:
        environment = {
            **bucket,
            **replica.env,
            "ARCHIVE_URI": "s3://news/archive",
            "SPOOL_DIR": str(folder / "spool"),
            "AWS_ACCESS_KEY_ID": PLANTED["key id"],
            "AWS_SECRET_ACCESS_KEY": PLANTED["secret key"],
            "AWS_SESSION_TOKEN": PLANTED["session token"],
            "PARTNER_PASSWORD": PLANTED["variable"],
        }
        given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        answer = run("scrapy", "crawl", "aljazeera", "-a", "limit=2", *given, *QUICK, **environment)
        objects = list(objects_of(bucket["AWS_ENDPOINT_URL"]))
        away = environment | {"AWS_ENDPOINT_URL": f"http://{ENDPOINT_USER}:{ENDPOINT_PASSWORD}@127.0.0.1:9"}
        failed = run("archive", "ls", **away)
        refused = run("scrapy", "crawl", "aljazeera", "-a", "limit=1", *given, *QUICK, **away)
    return answer, objects, failed, refused, folder


def test_the_crawl_published(crawled):
    answer, objects, failed, _, _ = crawled
    assert answer.returncode == 0, answer.stderr
    assert any("/warraq-meta-" in key and key.startswith("archive/warc/") for key, _ in objects)
    assert any(key.startswith("archive/reports/") for key, _ in objects)
    assert failed.returncode == 3


def test_no_secret_stands_in_any_output(crawled):
    answer, objects, failed, refused, folder = crawled
    said = [
        (f"{name} of {what}", text.encode())
        for what, ended in (("the crawl", answer), ("ls", failed), ("a crawl without its store", refused))
        for name, text in (("stdout", ended.stdout), ("stderr", ended.stderr))
    ]
    assert not found_in(*said, *objects, *files_of(folder))


def test_a_library_that_signs_is_not_listened_to(crawled):
    log = (crawled[4] / "crawl.log").read_text(encoding="utf-8")
    assert "DEBUG" in log
    assert not re.search(r"\[(botocore|boto3|s3transfer|urllib3)[^]]*\] DEBUG", log)
    papers = [body for key, body in crawled[1] if "/warraq-meta-" in key]
    assert not [body for body in papers if b"StringToSign" in body or b"CanonicalRequest" in body]


@pytest.mark.parametrize(
    "text",
    [
        "http://user:{}@127.0.0.1:9/x",
        "AWS4-HMAC-SHA256 Credential={}/20261130/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={}",
        "https://news.s3.amazonaws.com/x?X-Amz-Credential={}%2F2026&X-Amz-Security-Token={}&X-Amz-Signature={}&x=1",
        "x-amz-security-token:{}",
        "Authorization: Bearer {}",
    ],
)
def test_what_has_the_form_of_a_secret_is_masked(text):
    shown = masked(text.replace("{}", "s3cr3t"))
    assert "s3cr3t" not in shown
    assert shown.startswith(text[:4])
    assert MASK in shown


def test_text_without_secrets_is_left_alone():
    for text in (
        "http://127.0.0.1:9/a@b",
        "mail editor@example.org // see x@y.z",
        "عنوان الخبر",
        "KEY=1",
        "s3://news/archive",
    ):
        assert masked(text) == text


def test_what_is_named_a_secret_is_masked_in_values_of_json():
    keep_secret("0987654321")
    given = {
        "TOKEN": "abc",
        "n": 987654321,
        "list": ["a 0987654321 b", {"Cookie": "x"}],
        "COOKIES_ENABLED": True,
        "عنوان": "خبر",
        int: {None: 1},
    }
    shown = {
        "TOKEN": MASK,
        "n": 987654321,
        "list": [f"a {MASK} b", {"Cookie": MASK}],
        "COOKIES_ENABLED": True,
        "عنوان": "خبر",
        "<class 'int'>": {"None": 1},
    }
    assert masked_all(given) == shown
    assert json.dumps(
        masked_all(given), sort_keys=True
    )  # as a crawl's settings are, which may name a component by its class


def test_errors_and_logged_exceptions_are_masked(caplog):
    assert str(StoreError("http://u:s3cr3t@h/ is away")) == f"http://{MASK}@h/ is away"
    first = open_store("file:///tmp/x")
    with pytest.raises(StoreRefused) as refusal:
        open_copies("s3://b/x endpoint=http://u:s3cr3t@h,s3://b/x endpoint=http://u:s3cr3t@h", first)
    assert "s3cr3t" not in str(refusal.value)
    factory = logging.getLogRecordFactory()
    mask_logs()
    try:
        int("http://u:s3cr3t@h/")
    except ValueError:
        logging.getLogger("archive").exception("at %s", "http://u:s3cr3t@h/")
    finally:
        logging.setLogRecordFactory(factory)
    assert "s3cr3t" not in caplog.text
    assert caplog.text.count(MASK) >= 2
