"""The server asked by cdx_toolkit and by a Memento client, which know nothing of us; and what both must not be able to do."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from archive.cli import main
from archive.index.captures import BLOCK, CaptureIndex, CdxQuery
from archive.manifests.publisher import Publisher
from archive.site.pages import Pages
from archive.site.templating import Looks
from archive.site.web.app import Server
from archive.site.web.memento import FRESH
from archive.spool.segment import SegmentWriter
from archive.store import StoreUnavailable, open_store
from archive.warc.message import Exchange
from tests.archive.export.test_pywb import pywb
from tests.archive.warc.foreign import clean_environment, tool
from tests.site.newsstand import publish
from tests.site.writing import article, shelf

ARABIC = "https://aljazeera.example/أخبار/غزة?صفحة=2"
SENT = quote(ARABIC, safe=":/?=")


@pytest.fixture(scope="module")
def stand(tmp_path_factory):
    """Three captures of one address and one each of forty more, an Arabic one among them; the site, served."""
    folder = tmp_path_factory.mktemp("stand")
    pages = [article(number) for number in range(40)] + [article(99, url=SENT, canonical_url=SENT)]
    archive, index = shelf(folder, pages)
    for day in (2, 4):
        publish(
            archive.store.uri,
            folder,
            [article(1, captured=datetime(2026, 12, day, 8, tzinfo=UTC), version=day, text=f"نسخة {day}")],
            crawl=f"c{day}",
            now=datetime(2026, 12, day, 9, tzinfo=UTC),
        )
    with Server(Pages(index, archive, Looks()), follow_seconds=0) as server:
        yield archive, server.url
    index.close()


LEGACY = "https://aljazeera.example/%C7%E1%DE%CF%D3"  # windows-1256, as older sites have it


@pytest.fixture(scope="module")
def crooked(tmp_path_factory):
    """Addresses that are no UTF-8, have a mark percent-encoded, or redirect to another name of the same page; served."""
    folder = tmp_path_factory.mktemp("crooked")
    marked = [
        article(1, url=LEGACY),
        article(2, url="https://aljazeera.example/a%23b"),
        article(3, url="http://aljazeera.example:81/p"),
    ]
    archive, index = shelf(
        folder,
        [
            *marked,
            article(4, url="https://www.aljazeera.example/late"),
            article(5, url="https://aljazeera.example/both"),
        ],
    )
    late, both = (archive.article(f"aljazeera:{number}").captured for number in (4, 5))
    redirects = [
        ("http://aljazeera.example/late", late - timedelta(days=2), "https://www.aljazeera.example/late"),
        ("http://aljazeera.example/late", late - timedelta(days=1), "https://www.aljazeera.example/late"),
        ("https://www.aljazeera.example/both", both, "https://aljazeera.example/both"),
        ("https://aljazeera.example/own", both, "/own"),
        ("https://aljazeera.example/broken", both, "http://[oops"),
        ("https://aljazeera.example/old", both, "/أخبار?ص=٢".encode().decode("latin-1")),
    ]  # fmt: skip
    writer = SegmentWriter(
        folder / "spool", collection="warraq", outlet="aljazeera", crawl="r", warcinfo={}, clock=lambda: late
    )
    for url, started, place in redirects:
        head = f"HTTP/1.1 301 Moved\r\nLocation: {place}\r\n\r\n".encode("latin-1")
        writer.write_exchange(
            Exchange(url=url, started=started, duration_ms=1, request=b"GET / HTTP/1.1\r\n\r\n", head=head, body=b"")
        )
    writer.close()
    Publisher(open_store(archive.store.uri), folder / "spool", software={}).publish_sealed()
    with Server(Pages(index, archive, Looks()), follow_seconds=0) as server:
        yield server.url, f"{late:%Y%m%d%H%M%S}", f"{both:%Y%m%d%H%M%S}"
    index.close()


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(url, **headers):
    try:
        with build_opener(Stay).open(Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except OSError as error:
        return error.code, error.headers, error.read()


def lines(answer):
    return [json.loads(line) for line in answer[2].splitlines()]


def run_theirs(script, *args):
    done = subprocess.run(
        [tool("python"), "-c", script, *args], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cdx_toolkit_reads_the_index_and_the_captures(stand):
    _, root = stand
    found = run_theirs(
        """
import cdx_toolkit, json, sys
from cdx_toolkit.myrequests import retry_info
retry_info["default"]["minimum_interval"] = 0  # it would wait three seconds between two questions
cdx = cdx_toolkit.CDXFetcher(source=sys.argv[1] + "web/cdx", wb=sys.argv[1] + "web")
one = list(cdx.iter("https://aljazeera.example/1", limit=10))
late = cdx.get("aljazeera.example/*", from_ts="202612", to="20261203", filter="=status:200")
arabic = cdx.get(sys.argv[2])
whole = list(cdx.iter("*.example", limit=1000))
print(json.dumps({"times": [c["timestamp"] for c in one], "texts": [c.text for c in one], "late": [c["url"] for c in late],
  "arabic": [c["url"] for c in arabic], "whole": len(whole), "arabic_text": arabic[0].text,
  "none": cdx.get("https://nowhere.example/"), "size": cdx.get_size_estimate("*.example", as_pages=True)}))
""",
        root,
        ARABIC,
    )
    assert found["times"] == sorted(found["times"])
    assert len(found["times"]) == 3
    assert "نسخة 4" in found["texts"][-1]
    assert found["late"] == ["https://aljazeera.example/1"]
    assert found["arabic"] == [SENT]
    assert "عنوان الخبر 99" in found["arabic_text"]
    assert (found["whole"], found["none"], found["size"]) == (43, [], 1)


def test_a_memento_client_finds_the_capture_of_a_time(stand):
    _, root = stand
    found = run_theirs(
        """
import json, sys
from datetime import datetime
from memento_client import MementoClient
client = MementoClient(timegate_uri=sys.argv[1] + "web/", check_native_timegate=False)
client.get_original_uri = lambda uri, **_: uri  # there is no live page
info = client.get_memento_info("https://aljazeera.example/1", datetime(2026, 12, 2, 12))
uri = info["mementos"]["closest"]["uri"][0]
print(json.dumps({"uri": uri, "is": MementoClient.is_memento(uri), "gate": MementoClient.is_timegate(sys.argv[1] + "web/https://aljazeera.example/1"),
  "status": info["mementos"]["closest"]["http_status_code"], "time": str(info["mementos"]["closest"]["datetime"]),
  "first": str(info["mementos"]["first"]["datetime"]), "last": str(info["mementos"]["last"]["datetime"])}))
""",
        root,
    )
    assert found["uri"] == f"{root}web/20261202080000id_/https://aljazeera.example/1"
    assert (found["is"], found["gate"], found["status"]) == (True, True, 200)
    assert (found["time"], found["last"]) == ("2026-12-02 08:00:00", "2026-12-04 08:00:00")
    assert found["first"].startswith("2026-11-20")


def test_a_capture_comes_as_it_was_recorded_and_without_rights(stand):
    archive, root = stand
    status, headers, body = ask(f"{root}web/20261202080000id_/https://aljazeera.example/1")
    capture = archive.capture("https://aljazeera.example/1", at="2026-12-03")
    assert (status, body) == (200, capture.body)
    assert headers["Memento-Datetime"] == "Wed, 02 Dec 2026 08:00:00 GMT"
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    rels = ('"original"', '"timegate"', '"timemap"', '"first prev memento"', '"last next memento"')
    assert not [rel for rel in rels if rel not in headers["Link"]]


def test_other_times_and_names_lead_to_the_nearest_capture(stand):
    _, root = stand
    for path in ("20261203/https://aljazeera.example/1", "20261202080000/http://aljazeera.example/1/"):
        status, headers, _ = ask(f"{root}web/{path}")
        assert (status, headers["Location"].partition("web/")[2][:17]) == (302, "20261202080000id_")
    status, headers, _ = ask(f"{root}web/https:/aljazeera.example/1")  # a proxy took a stroke
    assert (status, headers["Vary"], headers["Location"].partition("web/")[2][:8]) == (
        302,
        "accept-datetime",
        "20261204",
    )


@pytest.mark.parametrize("url", [LEGACY, "https://aljazeera.example/a%23b", quote(LEGACY, safe="")])
def test_an_address_is_taken_as_it_was_sent(crooked, url):
    """Decoded, one is no text, the other another address; some clients send all of it as one word."""
    status, headers, _ = ask(f"{crooked[0]}web/{url}")
    assert (status, ask(headers["Location"])[0]) == (302, 200)
    assert headers["Location"].endswith(("%C7%E1%DE%CF%D3", "a%23b"))
    assert ask(f"{crooked[0]}web/timemap/link/{url}")[0] == 200


@pytest.mark.parametrize("url", ["aljazeera.example:81/p", "aljazeera.example:81*", LEGACY, quote(LEGACY, safe="")])
def test_the_index_finds_ports_and_bytes_that_are_no_text(crooked, url):
    assert len(lines(ask(f"{crooked[0]}web/cdx?output=json&url={url}"))) == 1


def test_a_redirect_between_names_of_one_page_does_not_lead_to_itself(crooked):
    root, late, both = crooked
    for url in ("http://aljazeera.example/late", "https://www.aljazeera.example/late"):
        for moment in ("Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 31 Dec 9999 00:00:00 GMT"):
            status, headers, _ = ask(f"{root}web/{url}", **{"Accept-Datetime": moment})
            while status in {301, 302}:
                seen, (status, headers, _) = headers["Location"], ask(headers["Location"])
                assert headers["Location"] != seen
            assert (status, seen.startswith(f"{root}web/{late}id_/")) == (200, True)
    names = [f"{root}web/{both}id_/https://{host}aljazeera.example/both" for host in ("www.", "")]
    assert [ask(name)[0] for name in names] == [301, 200]  # of one second
    assert ask(names[0])[1]["Location"] == names[1]


@pytest.mark.parametrize(
    ("page", "place"), [("own", None), ("broken", None), ("old", "https://aljazeera.example/" + quote("أخبار") + "?" + quote("ص=٢", safe="="))]
)  # fmt: skip
def test_a_redirect_to_itself_or_to_no_address_is_replayed_without_a_place(crooked, page, place):
    root, _, both = crooked
    status, headers, _ = ask(f"{root}web/{both}id_/https://aljazeera.example/{page}")
    assert (status, headers["Location"]) == (301, place and f"{root}web/{both}id_/{place}")
    assert headers["X-Archive-Orig-Location"]


def test_a_timemap_lists_all_captures(stand):
    _, root = stand
    status, headers, body = ask(f"{root}web/timemap/link/https://aljazeera.example/1")
    assert (status, headers["Content-Type"]) == (200, "application/link-format")
    rows = body.decode().split(",\n")
    assert sum("memento" in row.partition(">; ")[2] for row in rows) == 3
    assert 'rel="self"' in rows[1]
    assert 'until="Fri, 04 Dec 2026 08:00:00 GMT"' in rows[1]


ANSWERS = {
    "url=aljazeera.example/1&output=json&fl=timestamp,statuscode": lambda got: [set(row) for row in got] == [{"timestamp", "status"}] * 3,
    "url=aljazeera.example/1&output=json&limit=2": lambda got: len(got) == 2,
    "url=aljazeera.example/1&output=json&sort=reverse&limit=1": lambda got: got[0]["timestamp"] == "20261204080000",
    "url=aljazeera.example/1&output=json&limit=-2": lambda got: [row["timestamp"] for row in got] == ["20261202080000", "20261204080000"],
    "url=aljazeera.example/1&output=json&limit=-1&sort=reverse": lambda got: [row["timestamp"] for row in got] == ["20261204080000"],
    "url=aljazeera.example/1&output=json&closest=20261203&limit=1": lambda got: got[0]["timestamp"] == "20261202080000",
    "url=aljazeera.example/1&output=json&from=2026&to=202611": lambda got: len(got) == 1,
    "url=aljazeera.example&matchType=host&output=json&filter=~url:.*/[12]$": lambda got: {row["url"][-2:] for row in got} == {"/1", "/2"},
    "url=aljazeera.example/3*&output=json&filter=!~timestamp:2027": lambda got: len(got) == 11,  # 3, 30 … 39
    "url=example&matchType=domain&output=json&filter=mimetype:html": lambda got: len(got) == 43,
    "url=aljazeera.example&matchType=host&output=json&filter==status:404": None,
}  # fmt: skip


@pytest.mark.parametrize("query", ANSWERS)
def test_the_parameters_of_pywb(stand, query):
    answer = ask(f"{stand[1]}web/cdx?{query}")
    assert answer[0] == (404 if ANSWERS[query] is None else 200), answer
    assert ANSWERS[query] is None or ANSWERS[query](lines(answer))


def test_text_is_the_line_of_the_index(stand):
    archive, root = stand
    _, headers, body = ask(f"{root}web/cdx?url=aljazeera.example/7")
    assert headers["Content-Type"].startswith("text/x-cdxj")
    key, timestamp, said = body.decode().rstrip("\n").split(" ", 2)
    assert (key, timestamp[:8]) == ("example,aljazeera)/7", "20261120")
    assert json.loads(said)["record_id"] == archive.article("aljazeera:7").warc.record_id


ADDRESSES = (
    "url=aljazeera.example/1",
    "url=https://ALJAZEERA.example/1%23part",
    f"url={quote(ARABIC, safe='')}",
    "url=aljazeera.example/3*",
    "url=aljazeera.example/&matchType=prefix",
    "url=aljazeera.example/&matchType=host",
    "url=*.example",
    "url=example&matchType=domain",
)
QUESTIONS = [
    *ADDRESSES,
    *(
        f"url=*.example&{more}"
        for more in (
            "limit=3",
            "sort=reverse&limit=2",
            "from=20261121&to=202612",
            "to=20261201000000",
            "filter=url:/1",
            "filter=!url:/1",
            "filter==mime:text/html",
            "filter=!=timestamp:20261204080000",
            "filter=~timestamp:202612",
            "filter=!~timestamp:202612",
            "filter=~url:.*/[12]$&filter=!timestamp:202611",
            "output=json",
            "output=text",
            "output=cdxj&fl=urlkey,status",
            "fl=url,status",
            "fl=nothing",
            "output=text&fl=timestamp,url,nothing",
            "output=json&fl=url,nothing",
        )
    ),
    "url=aljazeera.example/1&closest=20261203000001",
]


@pytest.mark.slow  # another project's server starts
def test_a_pywb_answers_the_same_questions_alike(stand, tmp_path):
    """But for its two fields ``source`` and ``source-coll``, which end each of its lines."""
    archive, root = stand
    assert main(["pywb", "--archive", archive.store.uri, str(tmp_path)]) == 0
    with pywb(tmp_path) as theirs:
        for question in QUESTIONS:
            status, headers, body = ask(f"{root}web/cdx?{question}")
            their_status, their_headers, their_body = ask(f"{theirs}/cdx?{question}")
            own = their_body.replace(b', "source": "warraq", "source-coll": "warraq"', b"").replace(
                b" warraq warraq\n", b"\n"
            )
            assert (status, body) == (their_status, own), question
            assert headers["Content-Type"].partition(";")[0] == their_headers["Content-Type"], question
            assert body.count(b"\n") >= 1, question


@pytest.mark.parametrize(
    ("output", "line"),
    [
        ("", 'example,aljazeera)/7 20261120{rest} {{"url": "https://aljazeera.example/7"}}'),
        ("&output=cdxj", 'example,aljazeera)/7 20261120{rest} {{"url": "https://aljazeera.example/7"}}'),
        ("&output=json", '{{"timestamp": "20261120{rest}", "url": "https://aljazeera.example/7"}}'),
        ("&output=text", "20261120{rest} - https://aljazeera.example/7"),
    ],
)
def test_of_chosen_fields_each_output_has_its_own_line(stand, output, line):
    _, _, body = ask(f"{stand[1]}web/cdx?url=aljazeera.example/7&fl=timestamp,nothing,%20original{output}")
    timestamp = lines(ask(f"{stand[1]}web/cdx?url=aljazeera.example/7&output=json"))[0]["timestamp"]
    assert body.decode() == line.format(rest=timestamp[8:]) + "\n"


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("cdx", 400, "url says which captures"),
        ("cdx?url=a.example&matchType=near", 400, "matchType is one of"),
        ("cdx?url=a.example&output=xml", 400, "output is cdxj, json, text, not 'xml'"),
        ("cdx?url=aljazeera.example/1&filter=~url:(", 400, "no regular expression"),
        ("cdx?url=aljazeera.example/1&filter=status", 400, "a filter is written"),
        ("cdx?url=aljazeera.example/1&from=yesterday", 400, "from is a time"),
        ("cdx?url=aljazeera.example/1&limit=0", 400, "limit is a number"),
        ("cdx?url=aljazeera.example/1&limit=--1", 400, "limit is a number"),
        ("cdx?url=aljazeera.example/1&limit=-", 400, "limit is a number"),
        ("cdx?url=aljazeera.example/1&page=7", 400, "there is no page 7"),
        ("cdx?url=nowhere.example", 404, "No Captures found for: nowhere.example"),
        ("https://nowhere.example/", 404, "holds no capture"),
        ("timemap/link/https://nowhere.example/", 404, "holds no capture"),
        ("99999999999999id_/https://aljazeera.example/1", 400, "there is no time 99999999999999"),
        ("cdx?url=aljazeera.example/1&closest=20261131", 400, "there is no time 20261131"),
    ],
)
def test_bad_questions_are_answered_in_a_sentence(stand, path, status, sentence):
    answer = ask(f"{stand[1]}web/{path}")
    assert answer[0] == status
    assert sentence in json.loads(answer[2])["message"]


def test_an_expression_that_never_ends_is_given_up(stand):
    answer = ask(f"{stand[1]}web/cdx?url=*.example&filter=~url:" + quote((r"(\w|\W|.)+?" * 6) + r"\d\d\D"))
    assert (answer[0], "takes too long" in json.loads(answer[2])["message"]) == (400, True)


def test_an_expression_that_is_slow_on_every_line_is_given_up_too(stand, monkeypatch):
    monkeypatch.setattr("archive.index.captures.EXPRESSION_SECONDS_IN_ALL", 1e-9)
    answer = ask(f"{stand[1]}web/cdx?url=*.example&filter=~url:.*9")
    assert (answer[0], "takes too long" in json.loads(answer[2])["message"]) == (400, True)


def test_a_date_that_is_none_and_a_host_that_is_none(stand):
    root = stand[1]
    status, headers, _ = ask(f"{root}web/https://aljazeera.example/1", **{"Accept-Datetime": "soon"})
    assert (status, headers["Vary"]) == (400, "accept-datetime")  # no cache may give it to who asks for another time
    for host in ("x>; rel=original", "a..b", "a:99999", "[::zz]"):
        answer = ask(f"{root}web/https://aljazeera.example/1", Host=host)
        assert (answer[0], json.loads(answer[2])) == (400, {"message": "the request's Host is none"})


def test_pages_cover_the_range_once_and_a_long_index_is_bisected(tmp_path, monkeypatch):
    pages = [article(number, url=f"https://a.example/{number:04}") for number in range(300)]
    archive, index = shelf(tmp_path, pages)
    index.close()
    captures = CaptureIndex(tmp_path / "captures")
    assert captures.catch_up(archive) == 1
    assert captures.path.stat().st_size > BLOCK
    query = {"url": ["*.a.example"], "pageSize": ["1"]}
    count = CdxQuery.of(query).pages(captures)
    assert count > 1
    found = [
        one["url"] for page in range(count) for one in CdxQuery.of({**query, "page": [str(page)]}).captures(captures)
    ]
    assert found == [f"https://a.example/{number:04}" for number in range(300)]
    for number in (0, 1, 150, 298, 299):
        (one,) = CdxQuery.of({"url": [f"https://a.example/{number:04}"]}).captures(captures)
        assert one["url"].endswith(f"{number:04}")


def test_the_index_goes_by_what_is_new_and_by_what_was_taken_down(tmp_path, monkeypatch):
    archive, index = shelf(tmp_path, [article(1), article(2)])
    index.close()
    captures = CaptureIndex(tmp_path / "captures")
    captures.catch_up(archive)
    publish(archive.store.uri, tmp_path, [article(3)], crawl="c2")
    assert captures.catch_up(archive) == 1
    assert captures.catch_up(archive) == 0
    captures._state.unlink()  # killed after the file was in its place
    assert captures.catch_up(archive) == 2
    assert len(captures.path.read_bytes().splitlines()) == 3
    said = ["--who", "w", "--basis", "b", "--reason", "r"]
    assert main(["redact", "--archive", archive.store.uri, "--id", "aljazeera:2", *said]) == 0
    monkeypatch.setattr("archive.reader.redactions.FRESH", 0)
    captures.catch_up(archive)
    assert [one["url"][-1] for one in CdxQuery.of({"url": ["*.example"]}).captures(captures)] == ["1", "3"]


def test_an_outage_is_a_503_only_where_nothing_is_known(tmp_path, monkeypatch):
    archive, index = shelf(tmp_path, [article(1)])
    now = [0.0]
    with Server(Pages(index, archive, Looks()), follow_seconds=0) as server:
        wayback = server._app._wayback
        wayback._clock = lambda: now[0]

        def fail(*_, **__):
            raise StoreUnavailable("the store is away")

        monkeypatch.setattr(archive, "manifests", fail)
        assert ask(f"{server.url}web/cdx?url=aljazeera.example/1")[0] == 503
        monkeypatch.undo()
        assert ask(f"{server.url}web/cdx?url=aljazeera.example/1")[0] == 200
        monkeypatch.setattr(archive, "manifests", fail)
        now[0] = FRESH + 1
        assert ask(f"{server.url}web/cdx?url=aljazeera.example/1")[0] == 200
    index.close()
