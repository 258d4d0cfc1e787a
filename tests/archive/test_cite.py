"""Citations: complete, provable from the bucket alone, and read by tools that know nothing of us."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import bibtexparser
import jsonschema
import pytest
from citeproc import Citation as Cited
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON

from archive import open_archive
from archive.cite import FORMS, Citation, cite, prove
from archive.cli import main
from archive.maintenance.compaction import compact, sweep
from archive.store import Missing
from archive.verify import verify
from tests.archive.samples import OUTLET, START, article_of, body_of, exchange_of, fill

ID = f"{OUTLET}:7"
_DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array", "minItems": 1, "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
    "required": ["date-parts"],
    "additionalProperties": False,
}  # fmt: skip
_TEXTS = ("title", "container-title", "URL", "language", "archive", "archive_location", "version", "note")
CSL_SHAPE = {  # what the CSL data schema says of the variables that we write; it takes no others
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "id": {"type": "string"}, "type": {"const": "article-newspaper"}, "issued": _DATE, "accessed": _DATE,
            "author": {
                "type": "array",
                "items": {"properties": {"literal": {"type": "string"}}, "additionalProperties": False},
            },
            **{name: {"type": "string"} for name in _TEXTS},
        },
        "required": ["id", "type"],
        "additionalProperties": False,
    },
}  # fmt: skip


@pytest.fixture
def archive(filled, tmp_path):
    odd = {
        "captured": START + timedelta(hours=1),
        "headline": "عنوان 7 & 50% {خاص}_#1",
        "byline": ["كاتب أول", "كاتبة ثانية"],
    }
    fill(filled, tmp_path, range(7, 8), crawl="c2", version=2, **odd)
    return open_archive(filled)


@pytest.fixture
def first(archive):
    return cite(archive, archive.versions(ID)[0])


def steps_of(archive, citation):
    return {step.name: step.holds for step in prove(archive, citation)}


def test_a_citation_says_what_is_needed_to_find_and_prove_it(archive, first):
    article = archive.versions(ID)[0]
    assert (first.headline, first.captured, first.record_id) == (
        "عنوان 7",
        "2026-11-23T10:00:07Z",
        article.warc.record_id,
    )
    member = archive.store.read_range(first.warc, first.offset, first.length)
    assert first.record_id.encode() in gzip.decompress(member)
    text = FORMS["text"](first)
    for value in (
        first.url,
        first.warc,
        first.warc_sha256,
        first.manifest,
        first.manifest_sha256,
        first.payload_digest,
    ):
        assert value in text
    assert Citation.from_json(first.to_json()) == first
    with pytest.raises(ValueError, match="this is no citation"):
        Citation.from_json("{}")
    with pytest.raises(Missing, match="names no capture"):
        cite(archive, article_of(1, None))


def test_it_is_proved_and_goes_on_being_true(archive, first, filled, tmp_path):
    assert steps_of(archive, first) == dict.fromkeys(("line", "record", "payload", "WARC", "manifest", "chain"), True)
    fill(filled, tmp_path, range(40, 42), crawl="c3")
    assert all(steps_of(open_archive(filled), first).values())
    assert list(compact(archive.store, OUTLET, "2026-11"))
    assert all(steps_of(open_archive(filled), first).values())
    list(sweep(archive.store, OUTLET, "2026-11", 1, datetime.now(UTC) + timedelta(2)))
    after = steps_of(open_archive(filled), first)
    assert after.pop("moved") is True
    assert all(after.values())
    assert cite(open_archive(filled), open_archive(filled).versions(ID)[0]).warc != first.warc


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("line", {"headline": "عنوان آخر"}),
        ("line", {"text_sha256": "0" * 64}),
        ("WARC", {"warc_sha256": "0" * 64}),
        ("manifest", {"manifest_sha256": "0" * 64}),
        ("chain", {"manifest_sha256": "0" * 64}),
        ("chain", {"heads": ["manifests/outlet=aljazeera/date=2026-11-23/x.json " + "0" * 64]}),
        ("record", {"record_id": "<urn:uuid:00000000-0000-0000-0000-000000000000>"}),
    ],
)
def test_what_was_not_published_so_is_not_proved(archive, first, name, changed):
    wrong = Citation.from_json(json.dumps(json.loads(first.to_json()) | changed))
    assert steps_of(archive, wrong)[name] is False


def test_a_changed_object_is_seen(archive, first, tmp_path):
    path = tmp_path / "collection" / first.manifest
    path.write_bytes(path.read_bytes().replace(b'"c1"', b'"c7"'))
    found = steps_of(open_archive(archive.store.uri), first)
    assert (found["manifest"], found["chain"], found["WARC"]) == (False, False, True)


def test_reference_managers_read_it(archive):
    citation = cite(archive, archive.article(ID))
    (item,) = items = json.loads(FORMS["csl"](citation))
    jsonschema.validate(items, CSL_SHAPE)
    assert item["issued"] == {"date-parts": [[2026, 11, 23]]}
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Cited([CitationItem(item["id"])]))
    (line,) = map(str, bibliography.bibliography())
    assert "كاتب أول" in line
    assert citation.headline in line
    assert citation.url in line
    library = bibtexparser.parse_string(FORMS["bibtex"](citation))
    (entry,) = library.entries
    assert not library.failed_blocks
    assert entry["title"] == r"{عنوان 7 \& 50\% \{خاص\}\_\#1}"
    assert (entry["date"], entry["url"], entry["author"]) == (
        "2026-11-23",
        citation.url,
        "{كاتب أول} and {كاتبة ثانية}",
    )


def test_the_command_cites_and_proves(archive, capsys, tmp_path):
    uri = ["--archive", archive.store.uri]
    assert main(["cite", ID, *uri, "--as-of", "2026-11-23T10:00:07Z", "--format", "json"]) == 0
    kept = tmp_path / "citation.json"
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["cite", "--check", str(kept), *uri]) == 0
    assert capsys.readouterr().out.count("holds  ") == 6
    kept.write_text(kept.read_text(encoding="utf-8").replace("عنوان 7", "عنوان 8"), encoding="utf-8")
    assert main(["cite", "--check", str(kept), *uri, "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[0])["holds"] is False
    assert main(["cite", f"{OUTLET}:99", *uri]) == 1


def dated(tmp_path, number, moment, *flags, zone="Asia/Qatar"):
    """Publish an article of this time; return the archive and the article's citation."""
    uri = (tmp_path / "dated").as_uri()
    time = datetime.fromisoformat(moment)
    fill(
        uri, tmp_path / "work", range(number, number + 1), crawl=f"d{number}", published=time, flags=[*flags], zone=zone
    )
    archive = open_archive(uri)
    return archive, cite(archive, archive.article(f"{OUTLET}:{number}"))


@pytest.mark.parametrize(
    ("moment", "flags", "zone", "issued"),
    [
        ("2026-11-27T21:00:00Z", ["date-without-time"], "Asia/Qatar", "2026-11-28"),
        ("2026-11-27T22:00:00Z", ["date-from-url"], "Africa/Cairo", "2026-11-28"),
        ("2026-11-27T21:30:00Z", [], "Asia/Qatar", "2026-11-28T00:30:00+03:00"),
        ("2026-07-27T21:30:00Z", [], "Africa/Cairo", "2026-07-28T00:30:00+03:00"),  # summer time
        ("2026-11-27T21:30:00Z", [], None, "2026-11-27T21:30:00+00:00"),  # a line from before its zone was kept
        ("2026-11-27T21:00:00Z", ["date-without-time"], None, "2026-11-28"),
        ("2026-11-28T05:00:00Z", ["date-without-time"], None, "2026-11-28"),
        ("2026-11-27T21:30:00Z", [], "Mars/Olympus", "2026-11-27T21:30:00+00:00"),
    ],
)
def test_the_date_that_is_cited_is_the_outlet_s(tmp_path, capsys, moment, flags, zone, issued):  # noqa: PLR0917
    archive, citation = dated(tmp_path, 1, moment, *flags, zone=zone)
    day = issued[:10]
    assert (citation.published, citation.issued) == (moment, issued)
    (entry,) = bibtexparser.parse_string(FORMS["bibtex"](citation)).entries
    assert entry["date"] == day
    (item,) = json.loads(FORMS["csl"](citation))
    assert item["issued"] == {"date-parts": [[int(part) for part in day.split("-")]]}
    assert f"published    {issued.replace('+00:00', 'Z')}\n" in FORMS["text"](citation)
    assert all(steps_of(archive, citation).values())
    assert main(["get", "--archive", archive.store.uri, citation.id]) == 0
    when = day if flags else f"{issued[:16].replace('T', ' ')} {zone if issued[-6:] != '+00:00' else 'UTC'}"
    assert f"{OUTLET} · {when}" in capsys.readouterr().out.splitlines()[1]
    assert main(["articles", "--archive", archive.store.uri]) == 0
    assert capsys.readouterr().out.partition("\t")[0] == (day if flags else moment[:16].replace("T", " "))


def test_a_citation_from_before_dates_had_a_zone_is_still_proved(tmp_path):
    archive, citation = dated(tmp_path, 1, "2026-11-27T21:00:00Z", "date-without-time")
    said = json.loads(citation.to_json())
    del said["issued"]
    old = Citation.from_json(json.dumps(said))
    assert all(steps_of(archive, old).values())
    forged = Citation.from_json(json.dumps(said | {"issued": "2026-11-30"}))
    assert steps_of(archive, forged)["line"] is False


@pytest.mark.parametrize("coding", ["gzip", "br", "none"])
def test_verify_and_cite_agree_on_a_record_whose_content_cannot_be_read(tmp_path, monkeypatch, coding):
    """As crawls published it before they told a cut content coding from a whole one."""

    def cut(number):
        body = gzip.compress(body_of(number))[:-9]
        sent = exchange_of(number)
        head = sent.head.replace(b"Content-Length", b"Content-Encoding: " + coding.encode() + b"\r\nContent-Length")
        return replace(sent, head=head, body=body)

    monkeypatch.setattr("tests.archive.samples.exchange_of", cut)
    archive, citation = dated(tmp_path, 1, "2026-11-27T21:00:00Z")
    proof, found = steps_of(archive, citation), [finding.what for finding in verify(archive.store, deep=True)]
    assert proof["record"]
    assert proof["payload"] is (coding == "none")  # an unknown coding is none, and nothing is missing
    assert found == [] if coding == "none" else len(found) == 1
    assert all(f"does not decode as {coding}" in what for what in found)


def test_what_has_no_date_is_cited_without_one(archive, first):
    undated = replace(first, published=None, issued=None)
    (entry,) = bibtexparser.parse_string(FORMS["bibtex"](undated)).entries
    fields = {field.key: field.value for field in entry.fields}
    assert "date" not in fields
    assert fields["urldate"] == "2026-11-23"
    (item,) = json.loads(FORMS["csl"](undated))
    assert "issued" not in item
    assert item["accessed"] == {"date-parts": [[2026, 11, 23]]}
    jsonschema.validate([item], CSL_SHAPE)
    assert "published    undated" in FORMS["text"](undated)
