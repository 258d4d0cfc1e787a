"""The replica over real sockets: TLS with its CA, every article reachable, 304, codings, 429, editions, misbehaviour."""

import gzip
import hashlib
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time
from datetime import date
from urllib.parse import urlsplit

import brotli
import pytest

from tests.replica import Replica
from tests.replica.outlets import HOUSES

UNTIL = date(2026, 5, 20)
FEED = "https://www.alaraby.co.uk/rss.xml"


@pytest.fixture(scope="module")
def replica():
    with Replica(seed=7, until=UNTIL) as running:
        yield running


def ask(replica, url, method="GET", **headers):
    """Return (status, headers, raw body) of one request over a new connection."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "https":
        plain = socket.create_connection(("127.0.0.1", replica.tls_port), 10)
        context = ssl.create_default_context(cafile=str(replica.ca_file))
        sock = context.wrap_socket(plain, server_hostname=parts.hostname)
    else:
        sock = socket.create_connection(("127.0.0.1", replica.plain_port), 10)
    connection = http.client.HTTPConnection(parts.hostname)
    connection.sock = sock
    try:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def expected(replica, **fields):
    return [e for e in replica.truth if e["expect"] == "article" and all(e[k] == v for k, v in fields.items())]


def test_tls_needs_the_ca(replica):
    assert ask(replica, "https://www.aljazeera.net/robots.txt")[0] == 200
    with (
        socket.create_connection(("127.0.0.1", replica.tls_port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(plain, server_hostname="www.aljazeera.net")


@pytest.mark.parametrize("outlet", HOUSES)
def test_every_article_is_served(replica, outlet):
    for entry in expected(replica, outlet=outlet):
        status, _, body = ask(replica, entry["canonical_url"])
        if status in {429, 503}:
            status, _, body = ask(replica, entry["canonical_url"])
        assert (status, len(body) > 1000) == (200, True), entry["canonical_url"]


def test_every_host_has_robots(replica):
    for house in HOUSES.values():
        for host in house.hosts:
            status, headers, body = ask(replica, f"https://{host}/robots.txt")
            assert status == 200
            assert headers["Content-Type"].startswith("text/plain")
            assert b"Disallow" in body


def test_plain_port_leads_to_tls(replica):
    status, headers, _ = ask(replica, "http://www.skynewsarabia.com/world?a=1")
    assert (status, headers["Location"]) == (301, "https://www.skynewsarabia.com/world?a=1")


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_codings_decode_to_the_same_bytes_and_are_stable(replica, coding):
    url = "https://www.albawaba.com/ar"
    plain = ask(replica, url)[2]
    first, second = (ask(replica, url, Accept_Encoding=coding) for _ in range(2))
    assert first[1]["Content-Encoding"] == coding
    assert {"gzip": gzip.decompress, "br": brotli.decompress}[coding](first[2]) == plain
    assert first[2] == second[2]


def test_some_bodies_are_chunked(replica):
    answers = [ask(replica, e["canonical_url"])[1] for e in expected(replica, outlet="aljazeera")[:20]]
    framings = {"Transfer-Encoding" in headers for headers in answers}
    assert framings == {True, False}


def test_unchanged_pages_answer_304(replica):
    status, headers, _ = ask(replica, FEED)
    assert headers["ETag"].startswith('W/"')
    assert (status, ask(replica, FEED, If_None_Match=headers["ETag"])[::2]) == (200, (304, b""))
    assert ask(replica, FEED, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert ask(replica, FEED, If_None_Match='W/"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_repeated_headers_stay_repeated(replica):
    assert len(ask(replica, FEED)[1].get_all("Set-Cookie")) == 2


def test_trouble_names_when_to_come_back_and_then_ends():
    with Replica(seed=7, until=UNTIL) as replica:
        found = {}
        for piece in replica.sites()["alaraby"].pieces:
            if piece.trouble:
                status, headers, _ = ask(replica, piece.url)
                found[piece.trouble] = (status, headers["Retry-After"])
                assert ask(replica, piece.url)[0] == 200
        assert found["429-seconds"] == (429, "1")
        assert found["429-date"][0] == 429
        assert found["429-date"][1].endswith("GMT")
        assert found["503"][0] == 503


def test_redirects_end_at_the_long_address(replica):
    entry = expected(replica, outlet="albawaba")[3]
    number = entry["id"].split(":")[1]
    _, first, _ = ask(replica, f"https://www.albawaba.com/ar/node/{number}")
    _, second, _ = ask(replica, f"https://www.albawaba.com{first['Location']}")
    assert entry["canonical_url"] == f"https://www.albawaba.com{second['Location']}"


def test_what_must_not_become_an_article_says_so_on_the_wire(replica):
    statuses = {}
    for entry in replica.truth:
        if entry["expect"] == "nothing":
            statuses.setdefault(ask(replica, entry["url"])[0], []).append(entry["reason"])
    assert {200, 403, 404, 410} <= set(statuses)


def test_one_page_is_windows_1256(replica):
    piece = next(p for p in replica.sites()["albawabhnews"].pieces if p.charset != "utf-8")
    _, headers, body = ask(replica, piece.url)
    assert headers["Content-Type"] == "text/html"
    assert piece.headline in body.decode("windows-1256")


def test_second_edition_edits_deletes_and_adds():
    with Replica(seed=7, until=UNTIL) as replica:
        before = {e["id"]: e for e in expected(replica)}
        assert ask(replica, "http://replica/__replica__/edition?n=2", "POST")[0] == 200
        after = {e["id"]: e for e in expected(replica)}
        edited = [i for i in before.keys() & after.keys() if before[i]["text"] != after[i]["text"]]
        silent = [i for i in edited if before[i]["modified"] == after[i]["modified"]]
        assert (len(edited), len(before.keys() - after.keys()), len(after.keys() - before.keys())) == (25, 10, 25)
        assert 0 < len(silent) < len(edited)
        gone = next(iter(before.keys() - after.keys()))
        assert ask(replica, before[gone]["canonical_url"])[0] in {302, 404, 410}
        for i in sorted(after.keys() - before.keys()):
            assert ask(replica, after[i]["canonical_url"])[0] == 200


def test_log_tells_when_what_was_asked(replica):
    start = time.monotonic()
    ask(replica, FEED, User_Agent="Test/1")
    entry = replica.log[-1]
    assert start <= entry.start <= entry.end <= time.monotonic()
    assert (entry.host, entry.path, entry.status, entry.headers["user-agent"]) == (
        "www.alaraby.co.uk",
        "/rss.xml",
        200,
        "Test/1",
    )


def test_misbehaviour():
    host = "www.aljazeera.net"
    with Replica(seed=7, until=UNTIL) as replica:
        piece = next(p for p in replica.sites()["aljazeera"].pieces if p.look == "aja" and not p.trouble)
        whole = ask(replica, piece.url)[2]
        replica.misbehave(cut="/sitemap.xml", garbage="/news", redirect_loop="/tech", robots_503=host, bomb="/health")
        with pytest.raises(http.client.IncompleteRead):
            ask(replica, f"https://{host}/sitemap.xml")
        with pytest.raises(http.client.BadStatusLine):
            ask(replica, f"https://{host}/news")
        assert ask(replica, f"https://{host}/tech")[1]["Location"] == "/tech"
        assert ask(replica, f"https://{host}/robots.txt")[0] == 503
        assert len(ask(replica, f"https://{host}/health")[2]) < 1_000_000
        replica.misbehave(lost_jsonld=host, changed_body_class=host)
        bent = ask(replica, piece.url)[2]
        assert (b"ld+json" in whole, b"ld+json" in bent, b"wysiwyg" in bent) == (True, False, False)
        replica.misbehave(hang=host)
        with pytest.raises(TimeoutError):
            ask_briefly(replica, host)
        replica.misbehave()
        assert hashlib.sha256(ask(replica, piece.url)[2]).digest() == hashlib.sha256(whole).digest()


def ask_briefly(replica, host):
    with socket.create_connection(("127.0.0.1", replica.plain_port), 0.3) as sock:
        sock.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        sock.recv(1)


def test_unknown_misbehaviour_is_refused():
    with pytest.raises(ValueError, match="no misbehaviour called explode"):
        Replica(misbehave={"explode": "*"})


def test_bare_hosts_lead_to_www(replica):
    status, headers, _ = ask(replica, "https://albawabhnews.com/rss/1")
    assert (status, headers["Location"]) == (301, "https://www.albawabhnews.com/rss/1")


def test_command_line(tmp_path):
    command = [sys.executable, "-m", "tests.replica", "--folder", str(tmp_path), "--until", "2026-05-20", "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline().startswith("ready: TLS on 127.0.0.1:")
            environment = (tmp_path / "env").read_text(encoding="utf-8")
            truth = (tmp_path / "truth.jsonl").read_text(encoding="utf-8")
        finally:
            process.terminate()
        assert process.wait(10) == 0
    assert "export CONNECT_TO=':443:127.0.0.1:" in environment
    assert f"export SSL_CERT_FILE='{tmp_path}/ca.pem'" in environment
    assert "unset http_proxy" in environment
    assert {json.loads(line)["expect"] for line in truth.splitlines()} == {"article", "nothing"}
    assert "\\u0" not in truth
