"""What a reader does on a terminal: text, captures, tailing, the index, help with what was mistyped, completion."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.cli import COMMANDS, main, make_parser
from archive.cli.common import page_of
from archive.cli.read import as_text
from archive.manifests.publisher import Publisher
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from tests.archive.samples import OUTLET, article_of, body_of, exchange_of, fill, url_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(filled, capsysbinary, monkeypatch, tmp_path):
    monkeypatch.setenv("ARCHIVE_URI", filled)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def call(*words):
        try:
            code = main(words)
        except SystemExit as error:
            code = error.code
        said = capsysbinary.readouterr()
        return code, said.out, said.err.decode()

    return call


def test_the_text_alone(run):
    assert run("text", f"{OUTLET}:7") == (0, "عنوان 7\nنص الخبر رقم 7\n".encode(), "")
    assert run("text", url_of(7))[1].decode().startswith("عنوان 7\n")
    code, out, _ = run("text", "--text", "رقم", "--limit", "2", "--json")
    assert (code, [json.loads(line)["id"] for line in out.splitlines()]) == (0, [f"{OUTLET}:{n}" for n in (29, 28)])
    assert run("text", "--tag", "none")[0] == 1


def test_a_capture_and_its_parts(run):
    code, out, _ = run("capture", f"{OUTLET}:7")
    assert code == 0
    assert f"address    {url_of(7)}\n" in out.decode()
    assert out.decode().endswith(f"Content-Length: {len(body_of(7))}\n")
    assert run("capture", url_of(7), "--content")[1] == body_of(7)
    assert run("capture", url_of(7), "--head")[1].startswith(b"HTTP/1.1 200 OK\r\n")
    said = json.loads(run("capture", url_of(7), "--json")[1])
    assert (said["status"], said["content_bytes"], said["body_from"]) == (200, len(body_of(7)), None)
    assert run("capture", url_of(99))[::2] == (1, f"the archive holds no capture of {url_of(99)}\n")
    assert run("capture", url_of(7), "--at", "2026-11-22")[0] == 1


def test_a_body_of_nothing_is_written_as_nothing(run, filled, tmp_path):
    writer = SegmentWriter(tmp_path / "spool", collection="warraq", outlet=OUTLET, crawl="c9", warcinfo={})
    writer.write_exchange(replace(exchange_of(99), head=b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", body=b""))
    writer.close()
    Publisher(open_store(filled), tmp_path / "spool").publish_sealed()
    assert run("capture", url_of(99), "--content") == (0, b"", "")
    assert run("capture", url_of(99), "--body") == (0, b"", "")
    assert b"0 bytes" in run("capture", url_of(99))[1]


def test_a_damaged_capture_is_one_sentence(run, tmp_path):
    place = json.loads(run("get", f"{OUTLET}:7", "--json")[1])["warc"]
    (path,) = (tmp_path / "collection" / "warc").rglob(place["file"])
    body = bytearray(path.read_bytes())
    body[place["offset"] + 40 : place["offset"] + 60] = bytes(20)
    path.write_bytes(body)
    code, _, err = run("capture", f"{OUTLET}:7")
    assert (code, err.count("\n")) == (1, 1)
    assert "Traceback" not in err


def test_tail_goes_on_where_it_was(run, filled, tmp_path):
    cursor = str(tmp_path / "cursor.json")
    assert run("tail", "--once", "--cursor", cursor)[1] == b""
    fill(filled, tmp_path, range(40, 43), crawl="c2")
    ids = [json.loads(line)["id"] for line in run("tail", "--once", "--cursor", cursor, "--json")[1].splitlines()]
    assert ids == [f"{OUTLET}:{n}" for n in (40, 41, 42)]
    assert run("tail", "--once", "--cursor", cursor)[1] == b""
    assert len(run("tail", "--once", "--from-start")[1].splitlines()) == 33


def test_the_index_is_made_and_checked(run, tmp_path):
    assert json.loads(run("index", "--json")[1])["entries"] == 90
    assert run("index", "--check") == (0, b"90 entries: the index is what its segments say\n", "")
    (part,) = (tmp_path / "collection" / "index").glob("*.run")
    part.write_bytes(part.read_bytes()[:-40] + b"x" * 40)
    assert run("index", "--check")[0] == 1
    assert run("index", "--anew")[0] == 0
    assert run("index", "--check")[0] == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("articels",), "there is no 'articels'; did you mean articles?"),
        (("articles", "--kind", "vidoe"), "there is no 'vidoe'; did you mean video?"),
        (("articles", "--sort", "foo"), "there is no 'foo'; there are captured, published\n"),
        (("tail", "--limit", "1"), "unrecognized arguments: --limit 1; another command has it\n"),
        (("articles", "--outlt", "x"), "unrecognized arguments: --outlt x; did you mean --outlet?"),
        (("articles", "--outlet", "aljazera"), "has no outlet 'aljazera'; did you mean aljazeera?"),
        (("ls", "--outlet", "bbc"), "has no outlet 'bbc'; there are aljazeera"),
    ],
)
def test_what_was_meant(run, words, sentence):
    code, _, err = run(*words)
    assert code == 2
    assert sentence in err


def test_an_id_of_an_unknown_outlet(run, filled):
    said = f"{filled} holds no article aljazera:7; it has no outlet 'aljazera'; did you mean aljazeera?\n"
    assert run("get", "aljazera:7") == (1, b"", said)


def complete(line, filled, tmp_path):
    """Ask as the shell does."""
    out = tmp_path / "completions"
    environment = {
        **os.environ, "_ARGCOMPLETE": "3", "_ARGCOMPLETE_STDOUT_FILENAME": str(out), "COMP_LINE": line, "ARCHIVE_URI": filled,
        "COMP_POINT": str(len(line.encode())), "_ARGCOMPLETE_SUPPRESS_SPACE": "1", "_ARGCOMPLETE_SHELL": "bash", "IFS": "\013",
    }  # fmt: skip
    subprocess.run([sys.executable, "-m", "archive"], cwd=ROOT, env=environment, check=False, timeout=60)
    return set(out.read_text(encoding="utf-8").split("\013"))


def test_the_shell_completes_commands_options_and_outlets(filled, tmp_path):
    assert complete("python -m archive ar", filled, tmp_path) == {"articles"}
    assert "--unique-stories" in complete("python -m archive articles --u", filled, tmp_path)
    assert complete("python -m archive articles --outlet al", filled, tmp_path) == {OUTLET}
    assert "PYTHON_ARGCOMPLETE_OK" in (ROOT / "archive" / "__main__.py").read_text(encoding="utf-8")[:200]


def test_every_command_takes_the_archive_and_json():
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            make_parser().parse_args([name, "--help"])
        assert ended.value.code == 0


def test_arabic_runs_from_the_right_on_a_terminal_and_is_bare_in_a_pipe():
    article = article_of(1, None, headline="BBC: عنوان", byline=["كاتب"], modified=datetime(2026, 11, 24, tzinfo=UTC))
    shown, piped = as_text(article, marked=True), as_text(article, marked=False)
    assert shown.startswith("\u200fBBC: عنوان\n")
    assert "\u2068كاتب\u2069" in shown
    assert not {"\u200f", "\u2068", "\u2069"} & set(piped)
    assert list(page_of("one two three\n", "en", width=8, marked=True)) == ["one two\nthree", ""]
    assert all(
        line.startswith("\u200f") for line in "\n".join(page_of("كلمة " * 40, "ar", width=30, marked=True)).split("\n")
    )


def test_colour_and_progress_are_for_terminals_alone(run, monkeypatch):
    code, out, err = run("verify", "--deep")
    assert (code, b"\033" in out, err) == (0, False, "")

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    assert main(["verify"]) == 0
    assert "looking into manifests" in shown.getvalue()
