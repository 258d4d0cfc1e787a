"""Running the project's commands as an operator does, in processes of their own, and reading what they published."""

import contextlib
import gzip
import http.client
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from tests import processes
from tests.s3_server import endpoint

ROOT = Path(__file__).parents[1]
OUTLETS = sorted(path.stem for path in (ROOT / "spiders").glob("*.py") if path.name != "__init__.py")
QUICK = ("-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_AFTER_BASE=0.2", "-s", "AUTOTHROTTLE_ENABLED=False")


def run(*command, timeout=170, cwd=ROOT, **environment):
    """Run ``python -m …`` in the project's folder (or another), proxies off; return the finished process with its output as text."""
    base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return processes.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=cwd,
        env={**base, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )


@contextlib.contextmanager
def serving(page, **headers):
    """Serve ``page(path)`` as HTML at every path but robots.txt, which is not there; give the server's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            body = b"" if self.path == "/robots.txt" else page(self.path).encode()
            self.send_response(404 if self.path == "/robots.txt" else 200)
            for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def places(folder):
    """Return the environment that puts archive and spool below ``folder``."""
    return {"ARCHIVE_URI": str(folder / "collection"), "SPOOL_DIR": str(folder / "spool")}


def lines_of(collection, kind="articles"):
    """Return the article (or story) lines of a ``file:`` archive, as they lie."""
    packed = [gzip.decompress(path.read_bytes()) for path in sorted(Path(collection).glob(f"{kind}/**/*.jsonl.gz"))]
    return [json.loads(line) for body in packed for line in body.splitlines()]


def _forget_buckets(address):
    """Empty the store: it lives as long as this process, and a test that kills a crawl leaves its lease in it."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 200
    connection.close()


@contextlib.contextmanager
def moto(*buckets):
    """Serve an S3 with these buckets (``news`` without any) over HTTP; yield the environment in which it is reached."""
    address = endpoint()
    _forget_buckets(address)
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "us-east-1"}
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    for bucket in buckets or ("news",):
        client.create_bucket(Bucket=bucket)
    try:
        yield {**keys, "AWS_ENDPOINT_URL": address}
    finally:
        client.close()
