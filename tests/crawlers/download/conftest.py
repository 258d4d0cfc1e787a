"""One crawl of all cases, over a raw socket server; every test reads its WARC."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from archive.warc import records
from tests.crawlers.download.cases import CASES, HTML, LIMIT, OK, TEXT, length
from tests.crawlers.download.crawl import run
from tests.crawlers.download.raw_server import Answer, RawServer
from tests.replica.certificates import issue

if TYPE_CHECKING:
    from pathlib import Path

HOST = "wire.example"
OVER = b"y" * (LIMIT + 300_000)
PATHS = {
    "/over-announced": [Answer((OK + length(OVER) + b"\r\n" + OVER[:1000], 1.0), close=True)],
    "/over-unannounced": [Answer((OK + b"\r\n" + OVER,), close=True)],
    "/chain": [
        Answer((b"HTTP/1.1 301 Moved Permanently\r\nLocation: /chain/2?a=1&b=%D8%A7\r\nContent-Length: 0\r\n\r\n",))
    ],
    "/chain/2?a=1&b=%D8%A7": [Answer((b"HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 5\r\n\r\nmoved",))],
    "/busy": [
        Answer((b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy",)),
        Answer((OK + HTML + length(TEXT) + b"\r\n" + TEXT,)),
    ],
    "/silent": [Answer((), close=True)],
    "/half-head": [Answer((OK + b"Content-Type: te",), close=True)],
    "/%D8%A7%D8%AE%D8%A8%D8%A7%D8%B1/?q=%D8%B9%D8%A7%D8%AC%D9%84": [Answer((OK + length(TEXT) + b"\r\n" + TEXT,))],
}


@dataclass
class Stored:
    """A record as it lies in the file."""

    fields: list[tuple[str, str]]
    block: bytes
    offset: int
    length: int

    def __getitem__(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)

    @property
    def said(self) -> dict[str, str]:
        """Return the fields of a metadata block."""
        return dict(line.split(": ", 1) for line in self.block.decode().splitlines())


@dataclass
class Crawled:
    """What a crawl left: its file, its records by target and type, what callbacks saw, what the server was sent."""

    path: Path
    seen: list[dict[str, Any]]
    stats: dict[str, Any]
    log: str
    received: dict[str, list[bytes]] = field(default_factory=dict)
    all: list[Stored] = field(default_factory=list)

    def of(self, url: str, kind: str = "response") -> list[Stored]:
        return [record for record in self.all if record["WARC-Target-URI"] == url and record["WARC-Type"] == kind]

    def one(self, url: str, kind: str = "response") -> Stored:
        (found,) = self.of(url, kind)
        return found


def read_all(path: Path) -> list[Stored]:
    found = []
    with path.open("rb") as stream:
        for record in records(stream):
            block = b"".join(record.block())
            record.finish()
            found.append(Stored(record.fields, block, record.offset, record.length))
    return found


def crawl(path: Path, requests: list[dict[str, Any]], env: dict[str, str], **job: Any) -> Crawled:
    done = run({"warc": str(path), "requests": requests, **job}, {**os.environ, **env})
    return Crawled(path, done["seen"], done["stats"], done["log"], all=read_all(path))


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> tuple[Path, Any]:
    return issue(tmp_path_factory.mktemp("authority"), [HOST])


@pytest.fixture(scope="session", params=["strip", "keep"])
def crawled(request, tmp_path_factory, authority) -> Crawled:
    """Crawl every case, plain and some over TLS, with the transfer coding stripped and kept."""
    certificate, context = authority
    answers = {f"/{name}": [case.answer] for name, case in CASES.items()} | PATHS
    settings = {"DOWNLOAD_TIMEOUT": 6, "DOWNLOAD_MAXSIZE": LIMIT, "WARC_TRANSFER_CODING": request.param}
    with (
        RawServer(answers) as plain,
        RawServer(answers, context) as tls,
        RawServer(answers, issue_other(tmp_path_factory)) as odd,
    ):
        settings["CONNECT_TO"] = [
            f"{HOST}:80:127.0.0.1:{plain.port}",
            f"{HOST}:443:127.0.0.1:{tls.port}",
            f"untrusted.example:443:127.0.0.1:{odd.port}",
            "refused.example:80:127.0.0.1:1",
        ]
        path = tmp_path_factory.mktemp("wire") / f"{request.param}.warc.gz"
        found = crawl(path, list(wanted()), {"SSL_CERT_FILE": str(certificate)}, settings=settings)
    found.received = plain.received
    found.keep = request.param == "keep"
    return found


def issue_other(tmp_path_factory) -> Any:
    return issue(tmp_path_factory.mktemp("stranger"), ["untrusted.example"])[1]


def wanted() -> Any:
    for name, case in CASES.items():
        body = {"body": "سؤال".encode().decode("latin-1"), "encoding": "latin-1"} if case.method == "POST" else {}
        yield {"url": f"http://{HOST}/{name}", "method": case.method, **body}
    for path in PATHS:
        yield {"url": f"http://{HOST}{path}"}
    for name in ("plain", "chunked-odd", "gzip"):
        yield {"url": f"https://{HOST}/{name}"}
    yield {
        "url": f"http://{HOST}/plain#fragment",
        "headers": {"Cookie": "id=1", "Authorization": "Basic eDp5", "X-Mine": "1"},
    }
    yield {
        "url": f"http://{HOST}/plain",
        "meta": {"via": {"kind": "feed", "url": "http://wire.example/feed", "hops": "L"}},
    }
    for url in (
        "https://untrusted.example/",
        "http://refused.example/",
        "http://nowhere.invalid/",
        "http://127.0.0.1:9/",
    ):
        yield {"url": url}
