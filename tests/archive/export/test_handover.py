"""What is handed over to others, opened with their own libraries: bagit-py, rdflib, openpyxl, mlcroissant, the CFF's schema."""

import json
import subprocess
from datetime import datetime, timedelta
from importlib import import_module

import bagit
import pyarrow.parquet as pq
import pytest
import rdflib

from archive.article import Entry, Image, Policy, Story
from archive.cli import main
from archive.export import export
from archive.export.formats import CUT, LONGEST_CELL, newsarticle_of
from archive.maintenance.compaction import compact
from archive.reader.archive import open_archive
from archive.store import open_store
from tests.archive.export.test_pywb import publish_more
from tests.archive.samples import OUTLET, START, article_of, fill, url_of
from tests.archive.warc.foreign import clean_environment, tool

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib, of itself
RICH = {
    "tags": ["غزة", "سياسة"],
    "byline": ["منى حسن"],
    "agencies": ["afp"],
    "images": [Image(url="https://x.example/1.jpg", caption="تعليق")],
    "story": Story(id=f"{OUTLET}:1", role="first", origin=f"{OUTLET}:1", overlap=1.0),
    "policy": Policy(noai=True),
    "standfirst": "=HYPERLINK(1)",
}


@pytest.fixture
def rich(filled, tmp_path):
    fill(filled, tmp_path, range(100, 103), crawl="c2", **RICH)
    return filled


# --- bags


def bag(uri, out, *choice):
    return main(["export", "--archive", uri, "--format", "bagit", *choice, str(out)])


def test_a_bag_is_valid_and_its_data_is_an_archive(filled_anywhere, tmp_path, capsys):
    out = tmp_path / "حقيبة"
    choice = ["--since", "2026-11-23T10:00:12Z", "--until", "2026-11-23T10:00:14Z"]
    assert bag(filled_anywhere, out, *choice) == 0
    assert "3 articles in" in capsys.readouterr().out
    assert bagit.Bag(str(out)).validate()
    data = str(out / "data")
    assert main(["verify", "--archive", data, "--deep", "--chain"]) == 0
    assert "no fault, 0 notes" in capsys.readouterr().out
    inside, whole = open_archive(data), open_archive(filled_anywhere)
    assert 0 < len(list(inside.manifests())) < len(list(whole.manifests()))
    ids = {article.id for article in inside.articles()}
    assert {f"{OUTLET}:{number}" for number in (12, 13, 14)} <= ids
    article = inside.article(f"{OUTLET}:13")
    assert inside.capture(article).body == whole.capture(article).body
    assert main(["cite", "--archive", data, f"{OUTLET}:13", "--check"]) == 0
    assert not out.with_name(f"{out.name}.part").exists()


def test_a_bag_that_was_changed_is_found_out_twice(filled, tmp_path, capsys):
    out = tmp_path / "bag"
    assert bag(filled, out, "--tag", "x") == 1
    assert capsys.readouterr().err == "no article fits; nothing was written\n"
    assert not out.exists()
    assert bag(filled, out) == 0
    path = next((out / "data/articles").rglob("*.gz"))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(out)).validate()
    assert main(["verify", "--archive", str(out / "data")]) == 1
    victim = next((out / "data/manifests").rglob("*.json"))
    victim.unlink()
    capsys.readouterr()
    assert main(["verify", "--archive", str(out / "data"), "--chain"]) == 1
    assert "it is gone" in capsys.readouterr().out


def test_originals_of_revisits_and_joined_segments_go_along(tmp_path, capsys):
    uri = (tmp_path / "collection").as_uri()
    fill(uri, tmp_path, range(12))
    publish_more(uri, tmp_path)
    (revisit,) = [m for m in open_archive(uri).manifests() if m.by_kind["warc"].records.get("revisit")]
    assert revisit.by_kind.get("articles") is None
    fill(uri, tmp_path, range(50, 51), crawl="c3")
    assert len(list(compact(open_store(uri), OUTLET, "2026-11"))) == 1
    assert bag(uri, tmp_path / "bag", "--since", "2026-11-23T10:00:11Z") == 0
    data = str(tmp_path / "bag" / "data")
    capsys.readouterr()
    assert main(["verify", "--archive", data, "--deep", "--chain"]) == 0, capsys.readouterr().out
    assert open_archive(data).capture(url_of(1)).kind == "revisit"


def test_what_was_taken_down_goes_into_no_bag(filled, tmp_path, capsys):
    said = ["--who", "w", "--basis", "b", "--reason", "r"]
    assert main(["redact", "--archive", filled, "--id", f"{OUTLET}:3", *said]) == 0
    (redaction,) = open_store(filled).listing("redactions/")
    assert bag(filled, tmp_path / "bag") == 2
    assert "taken down and is not erased" in capsys.readouterr().err
    assert bag(filled, tmp_path / "late", "--since", "2026-11-23T10:00:25Z") == 0
    identity = redaction.key.rpartition("/")[2].removesuffix(".json")
    assert main(["redact", "--archive", filled, "--erase", identity]) == 0
    assert bag(filled, tmp_path / "bag") == 0
    capsys.readouterr()
    assert main(["verify", "--archive", str(tmp_path / "bag" / "data"), "--deep", "--chain"]) == 0, (
        capsys.readouterr().out
    )
    payload = b"".join(path.read_bytes() for path in (tmp_path / "bag").rglob("*") if path.suffix == ".cdxj")
    assert b"/23/3" not in payload


def test_a_bag_is_made_once_and_whole(filled, tmp_path, capsys, monkeypatch):
    out = tmp_path / "bag"
    out.mkdir()
    (out / "notes").write_text("dear diary")
    assert bag(filled, out) == 2
    assert "exists already" in capsys.readouterr().err
    assert (out / "notes").exists()
    assert bag(filled, tmp_path / "other", "--normalised") == 2
    monkeypatch.setattr(bagit, "make_bag", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    assert bag(filled, tmp_path / "killed") == 1
    assert not list(tmp_path.glob("killed*"))


# --- JSON-LD and spreadsheets


def test_an_rdf_library_reads_newsarticles(rich, tmp_path):
    export(open_store(rich), tmp_path / "out", "jsonld", {}, normalised=True)
    schema = rdflib.Namespace("https://schema.org/")
    graph = rdflib.Graph()
    for line in (tmp_path / "out" / "articles.jsonld").read_text(encoding="utf-8").splitlines():
        graph.parse(data=line, format="json-ld")
    articles = set(graph.subjects(rdflib.RDF.type, schema.NewsArticle))
    assert len(articles) == 33
    one = rdflib.URIRef(f"{url_of(100)}#v1")
    assert str(graph.value(one, schema.headline)) == "عنوان 100"
    assert graph.value(one, schema.url) == rdflib.URIRef(url_of(100))
    assert {str(tag) for tag in graph.objects(one, schema.keywords)} == {"غزة", "سياسة"}
    author = graph.value(one, schema.author)
    assert (graph.value(author, rdflib.RDF.type), str(graph.value(author, schema.name))) == (schema.Person, "منى حسن")
    assert graph.value(graph.value(one, schema.image), schema.contentUrl) == rdflib.URIRef("https://x.example/1.jpg")
    assert str(graph.value(one, schema.text_normalised)) == "نص الخبر رقم 100"


@pytest.mark.parametrize("url", ['https://a.example/a b"c<d>{e}|f\\g^h`', "https://a.example/خبر\u00a0?ص=٢#%zz"])
def test_an_address_that_is_no_iri_keeps_its_article(url):
    article = article_of(
        1,
        None,
        url=url,
        canonical_url=url,
        origin_url=url,
        images=[Image(url=url)],
        entries=[Entry(id="e 1", published=None, text="نص")],
    )
    graph = rdflib.Graph().parse(data=json.dumps(newsarticle_of(article)), format="json-ld")
    again = rdflib.Graph().parse(data=graph.serialize(format="nt"), format="nt")
    schema = rdflib.Namespace("https://schema.org/")
    for name in ("url", "mainEntityOfPage", "isBasedOn", "contentUrl"):
        assert len(list(again.objects(None, schema[name]))) == 1
    assert len(again) == len(graph) > 15


def test_a_spreadsheet_opens_with_types_and_says_what_it_cut(filled, tmp_path, monkeypatch):
    monkeypatch.setattr("archive.export.formats.MOST_ROWS", 20)
    long = "كلمة 😀 " * 8000
    fill(filled, tmp_path, range(100, 102), crawl="c2", **RICH | {"text": long, "modified": START + timedelta(days=1)})
    export(open_store(filled), tmp_path / "out", "xlsx", {})
    first, second = sorted((tmp_path / "out").glob("*.xlsx"))
    book = import_module("openpyxl").load_workbook(first, read_only=False)
    sheet = book["articles"]
    head = [cell.value for cell in sheet[1]]
    row = next(
        dict(zip(head, cells, strict=True)) for cells in sheet.iter_rows(min_row=2) if cells[1].value == f"{OUTLET}:100"
    )
    assert (sheet.sheet_view.rightToLeft, sheet.freeze_panes, sheet.max_row) == (True, "A2", 21)
    assert row["standfirst"].value == "=HYPERLINK(1)"
    assert row["standfirst"].data_type == "s", "no formula"
    assert row["published"].value == datetime(2026, 11, 23, 10, 1, 40)  # noqa: DTZ001  a spreadsheet knows no zone
    assert row["words"].data_type == "n"
    text = row["text"].value
    assert text.endswith(CUT)
    assert len(text.encode("utf-16-le")) // 2 in {LONGEST_CELL, LONGEST_CELL - 1}
    assert long.startswith(text.removesuffix(CUT))
    frame = import_module("pandas").read_excel(second)
    assert len(frame) == 12
    assert str(frame["published"].dtype).startswith("datetime64")
    book.close()


# --- what stands beside a Hugging Face folder


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # mlcroissant, of pandas
def test_croissant_is_read_by_its_own_reader(rich, tmp_path):
    out = tmp_path / "out"
    export(open_store(rich), out, "hf", {}, normalised=True, split={"train": 0.5, "test": 0.5})
    fill(rich, tmp_path, range(200, 202), crawl="c3")
    export(open_store(rich), out, "hf", {}, normalised=True, split={"train": 0.5, "test": 0.5})
    import mlcroissant  # noqa: PLC0415  it loads half of what machines learn with, and each worker collects this file

    dataset = mlcroissant.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    rows = list(dataset.records("articles"))
    assert len(rows) == 35
    found = {row["articles/id"].decode(): row["articles/text_normalised"].decode() for row in rows}
    assert found[f"{OUTLET}:100"] == "نص الخبر رقم 100"


def test_the_citation_fits_the_schema_of_the_format(rich, tmp_path):
    export(open_store(rich), tmp_path / "out", "hf", {})
    done = subprocess.run(
        [tool("cffconvert"), "--validate", "-i", str(tmp_path / "out" / "CITATION.cff")],
        env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_card_counts_what_is_there(rich, tmp_path):
    out = tmp_path / "out"
    export(open_store(rich), out, "hf", {})
    fill(rich, tmp_path, range(200, 204), crawl="c3")
    export(open_store(rich), out, "hf", {})
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "37 versions of articles" in card
    assert f"| {OUTLET} | 37 | 3 |" in card
    assert "| 2026-11 | 37 |" in card
    assert "| afp | 3 |" in card
    assert "1 stories; 1 of them stand in several rows, the largest in 3; 34 rows name none" in card
    assert sum(pq.read_metadata(path).num_rows for path in out.rglob("*.parquet")) == 37
    state = json.loads((out / "_export.json").read_text())
    assert {"README.md", "croissant.json", "CITATION.cff"} <= set(state["files"])
