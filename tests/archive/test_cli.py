"""The archive's command line, as people and machines use it."""

import json
import socket
import subprocess
import sys

import jsonschema
import pytest

from archive.cli import main
from archive.schema import article_schema
from tests.archive.samples import OUTLET, fill, url_of


@pytest.fixture
def run(filled, capsys, monkeypatch):
    monkeypatch.setenv("ARCHIVE_URI", filled)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*words):
        code = main(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_ls_shows_a_table_and_its_sums(run, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, out, _ = run("ls")
    assert code == 0
    assert OUTLET in out
    assert out.count(" 30 ") >= 4


def test_ls_for_machines(run):
    (day,) = map(json.loads, run("ls", "--json")[1].splitlines())
    assert (day["outlet"], day["articles"], day["captures"]) == (OUTLET, 30, 30)


def test_articles_are_one_line_each(run):
    code, out, _ = run("articles", "--limit", "3")
    assert code == 0
    assert out.splitlines()[0] == f"2026-11-23 10:00\t{OUTLET}:29\t1\tعنوان 29"
    assert len(out.splitlines()) == 3


def test_articles_for_machines_fit_the_schema(run):
    _, out, _ = run(
        "articles",
        "--json",
        "--since",
        "2026-11-23",
        "--text",
        "الخَبَر رقم",
        "--until",
        "2026-11-23T10:00:12",
        "--oldest-first",
    )
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["id"] for line in lines] == [f"{OUTLET}:{n}" for n in range(13)]
    for line in lines:
        jsonschema.validate(line, json.loads(article_schema()))
    assert "عنوان" in out


def test_get_prints_an_article_as_people_read_it(run):
    code, out, _ = run("get", f"{OUTLET}:7")
    assert code == 0
    assert out.startswith("عنوان 7\naljazeera · 2026-11-23 10:00 UTC\n\nنص الخبر رقم 7\n")
    assert "version 1, captured 2026-11-23 10:00:07 UTC" in out
    assert json.loads(run("get", "--json", f"{OUTLET}:7")[1])["id"] == f"{OUTLET}:7"


def test_get_says_that_there_is_none(run, filled):
    assert run("get", f"{OUTLET}:99") == (1, "", f"{filled} holds no article {OUTLET}:99\n")


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("asked", ["7", f"{url_of(7)}?utm_source=x", f"{url_of(7)}?ref=home&fbclid=1#top", url_of(7)])
def test_get_finds_by_a_link_as_it_was_shared_and_by_the_bare_number(run, asked, indexed):
    if indexed:
        assert run("index")[0] == 0
    code, out, _ = run("get", "--json", asked)
    assert (code, json.loads(out)["id"]) == (0, f"{OUTLET}:7")
    assert run("versions", asked)[0] == 0


def test_get_names_those_that_share_a_bare_number_and_says_where_none_has_it(run, filled, tmp_path):
    fill(filled, tmp_path / "other", range(7, 8), outlet="skynewsarabia", id="skynewsarabia:7")
    code, _, error = run("get", "7")
    assert (code, error.count("\n")) == (2, 1)
    assert f"7 is the number of several articles: {OUTLET}:7, skynewsarabia:7" in error
    assert run("get", "777") == (1, "", f"{filled} holds no article 777\n")


def test_verify_is_silent_about_the_good_and_loud_about_the_bad(run, tmp_path):
    code, out, _ = run("verify", "--deep", "--chain")
    assert code == 0
    assert out.startswith("no fault, 0 notes in ")
    next((tmp_path / "collection" / "warc").rglob("*.gz")).unlink()
    code, out, _ = run("verify", "--json")
    assert code == 1
    finding, *_, tally = map(json.loads, out.splitlines())
    assert (finding["kind"], finding["is_fault"], tally["faults"]) == ("missing", True, 1)


@pytest.mark.parametrize(
    "words",
    [
        ["export", "--format", "jsonl", "s3://bucket/out"],
        ["export", "--format", "bagit", "s3://bucket/out"],
        ["wacz", "s3://bucket/out.wacz"],
        ["wacz", "https://a.example/out.wacz"],
        ["pywb", "s3://bucket/out"],
        ["verify", "--wacz", "s3://bucket/out.wacz"],
        ["coverage", "--calendar", "file://host/out.svg"],
    ],
)
def test_what_is_written_here_is_not_written_into_a_folder_called_s3(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        run(*words)
    assert ended.value.code == 2
    assert not list(tmp_path.glob("*:"))


def test_a_folder_may_be_named_by_its_address(run, tmp_path):
    assert run("export", "--format", "jsonl", (tmp_path / "خارج out").as_uri())[0] == 0
    assert (tmp_path / "خارج out" / "articles.jsonl").exists()


def test_catalog_rebuild(run, tmp_path):
    code, out, _ = run("catalog", "rebuild", "--catalog", str(tmp_path / "new"), "--json")
    assert (code, json.loads(out)["articles"]) == (0, 30)
    assert (tmp_path / "new").exists()


def test_recover_on_a_clean_spool(run, tmp_path):
    code, out, _ = run("recover", "--spool", str(tmp_path / "empty"))
    assert (code, out.startswith("0 segments published, 0 still waiting")) == (0, True)


def test_schema_is_the_published_one(run):
    jsonschema.Draft202012Validator.check_schema(json.loads(run("schema")[1]))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ls", "--archive", "s3://"), "the archive URI names no bucket; write s3://bucket/prefix\n"),
        (("ls", "--archive", "/proc/none"), "there is no collection at /proc/none\n"),
        (
            ("articles", "--since", "gestern"),
            "'gestern' is no date; write 2026-11-23, 2026-11, yesterday, 7d or 2026-11-23T10:00:00Z\n",
        ),
        (
            ("articles", "--since", "0001-01-01T00:00+14:00"),
            "0001-01-01T00:00+14:00 lies outside the years 1 to 9999 in UTC\n",
        ),
        (("compact", "--month", "2026-13"), "a month is written yyyy-mm, not '2026-13'\n"),
        (("coverage", "--since", "0001-01-01"), "--since is a day from 1970-01-01 to 9998-12-31, not 0001-01-01\n"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(run, words, sentence):
    assert run(*words) == (2, "", sentence)


@pytest.mark.parametrize(
    ("words", "file", "said"),
    [
        (("wacz",), "none/a.wacz", "none/a.wacz.part: No such file or directory"),
        (("export", "--format", "jsonl"), "file", "file: File exists"),
        (("export", "--format", "jsonl"), "file/out", "file/out: Not a directory"),
        (("catalog", "rebuild", "--catalog"), "folder", "folder: Is a directory"),
        (("catalog", "checkpoint", "--catalog"), "file", "file is no catalog, or a damaged one; rebuild makes it anew"),
    ],
)
def test_a_file_that_cannot_be_is_one_sentence(run, tmp_path, words, file, said):
    (tmp_path / "file").write_bytes(b"something else, of more than one hundred bytes" * 9)
    (tmp_path / "folder").mkdir()
    assert run(*words, str(tmp_path / file)) == (2, "", f"{tmp_path}/{said}\n")
    assert run("catalog", "checkpoint", "--catalog", "/none")[::2] == (
        2,
        "there is no catalog /none; rebuild makes one\n",
    )
    assert (tmp_path / "file").read_bytes().startswith(b"something else")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("articles", "--limit", "-1"), "argument --limit: is at least 0, not -1"),
        (("text", "--limit", "x"), "argument --limit: invalid int value: 'x'"),
        (("verify", "--sample", "0"), "argument --sample: is at least 1, not 0"),
        (("tail", "--every", "-1"), "argument --every: is at least 0, not -1"),
        (("serve", "--threads", "0"), "argument --threads: is at least 1, not 0"),
        (("serve", "--follow", "-1"), "argument --follow: is at least 0, not -1"),
        (("compact", "--large", "-5"), "argument --large: is at least 1, not -5"),
        (("compact", "--sweep-after", "-3"), "argument --sweep-after: is at least 0, not -3"),
        (("site", "out", "--processes", "0"), "argument --processes: is at least 1, not 0"),
        (("serve", "--port", "99999"), "argument --port: is from 0 to 65535, not 99999"),
    ],
)
def test_a_number_that_can_mean_nothing_is_refused(run, capsys, words, sentence):
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [("tail", "--once", "--cursor"), ("coverage", "--calendar")],
)
def test_a_file_that_cannot_be_written_is_named(run, tmp_path, words):
    (tmp_path / "file").touch()
    code, _, said = run(*words, str(tmp_path / "file" / "below.svg"))
    assert code == 2
    assert said.startswith(str(tmp_path / "file" / "below.svg"))
    assert said.endswith(": Not a directory\n")


@pytest.mark.parametrize("held", [b"no json", b"\xff\xfe", b"[]"])
def test_a_file_that_is_something_else_is_said_to_be(run, tmp_path, held):
    kept = tmp_path / "kept"
    kept.write_bytes(held)
    assert run("cite", "--check", str(kept)) == (2, "", "this is no citation; one is made with cite ID --json\n")
    sentence = "this is no cursor; one looks like {outlet: [keys of manifests]}\n"
    assert run("tail", "--once", "--cursor", str(kept)) == (2, "", sentence)
    assert kept.read_bytes() == held


def test_an_index_that_is_none_is_named_and_left_alone(run, tmp_path):
    (tmp_path / "index").write_bytes(b"somebody's")
    code, _, said = run("site", str(tmp_path / "out"), "--index", str(tmp_path / "index"))
    assert code == 2
    assert said.startswith(f"{tmp_path / 'index'} is no index of a site: file is not a database; ")
    assert (tmp_path / "index").read_bytes() == b"somebody's"


def test_a_port_that_is_taken_is_named(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = run("serve", "--index", str(tmp_path / "index"), "--port", str(port))
    assert (code, said) == (2, f"127.0.0.1 cannot be listened to at port {port}: Address already in use\n")


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--format", "jsonl", "--outlet", "aljazera", "out"),
        ("wacz", "--outlet", "aljazera", "out"),
        ("coverage", "--outlet", "aljazera"),
        ("sql", "--outlet", "aljazera"),
        ("compact", "--outlet", "aljazera"),
        ("cdxj", "aljazera", "2026-11"),
    ],
)
def test_a_mistyped_outlet_is_no_empty_archive(run, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    code, out, said = run(*words)
    assert (code, out) == (2, "")
    assert said.endswith("has no outlet 'aljazera'; did you mean aljazeera?\n")
    assert not (tmp_path / "out").exists()


def test_a_month_without_captures_is_said_to_have_none(run):
    assert run("cdxj", OUTLET, "2026-13") == (1, "", f"nothing of {OUTLET} was captured in 2026-13\n")


def test_all_that_was_ever_published_can_be_asked_for(run):
    code, out, _ = run("articles", "--since", "0001-01-01", "--until", "9999-12-31")
    assert (code, len(out.splitlines())) == (0, 30)


def test_the_help_is_fast_and_imports_nothing_heavy():
    program = "import sys; from archive.cli import make_parser; make_parser().format_help(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "botocore", "rich", "warcio", "jsonschema", "surt", "sqlite3"} & set(loaded)


def test_a_reader_that_has_seen_enough_is_no_error(filled):
    command = f"{sys.executable} -m archive articles --archive {filled} | head -1"
    answer = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr, len(answer.stdout.splitlines())) == (0, "", 1)
