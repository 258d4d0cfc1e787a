"""An archive may come from anybody: what it says is bounded and told, no command breaks, hangs, or does as it is bid."""

import gzip
import io
import json
import shutil
import tracemalloc
from pathlib import Path

import pytest

from archive.article import Article, RecordPointer
from archive.cli import main
from archive.files import Unreadable, inside
from archive.manifests.manifest import Relocations
from archive.reader.archive import open_archive
from archive.store.protocol import ReadError
from archive.text import Terminal
from tests.archive.crafted import Crafted, Screen, publish_lines
from tests.archive.samples import OUTLET, fill

MOST_MEMORY = 200 << 20


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A folder with three articles, one of them with a story line."""
    folder = tmp_path_factory.mktemp("good")
    fill((folder / "collection").as_uri(), folder, range(3))
    return folder / "collection"


@pytest.fixture
def archive(good, tmp_path):
    """A copy that may be spoiled."""
    return Crafted(shutil.copytree(good, tmp_path / "collection"))


def peak(work):
    """Return what some work gives, and the most memory that it held."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- Bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "filling", [b"\0", b"{}\n", b'{"schema":1,"id":"aljazeera:1"}\n'], ids=["zeros", "empty", "ids"]
)
@pytest.mark.parametrize("kind", ["articles", "cdxj"])
def test_six_gigabytes_in_six_megabytes_are_a_finding_and_a_value(archive, kind, filling):
    member = gzip.compress(filling * ((32 << 20) // len(filling)), 9)
    archive.put(kind, member * 192)
    kinds, most = peak(archive.findings)
    assert {"record", "count", "line"} & set(kinds)
    assert len(kinds) < 1000
    assert most < MOST_MEMORY
    if kind == "articles":
        read = open_archive(str(archive.root)).articles(tolerant=True, versions="all", newest_first=False)
        faults, most = peak(lambda: [next(found for found in read if isinstance(found, ReadError))])
        assert faults
        assert most < MOST_MEMORY


def test_a_record_of_six_gigabytes_is_a_finding(archive, tmp_path):
    zeros = gzip.compress(bytes(32 << 20), 9)[10:-8]  # not a record's end: its deflate stream alone
    head = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n"
        b"WARC-Date: 2026-11-23T10:00:00Z\r\nContent-Type: application/http\r\nContent-Length: 6442450944\r\n\r\n"
    )
    archive.put("warc", gzip.compress(head) + zeros)
    kinds, most = peak(archive.findings)
    assert "record" in kinds
    assert most < MOST_MEMORY
    assert archive.run(("capture", f"{OUTLET}:1"), tmp_path)[0] in {1, 3}


def test_two_gigabytes_of_zeros_are_a_finding(archive, tmp_path):
    for path in (archive.manifests()[0], archive.root / "redactions" / "a.json"):
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as stream:
            stream.truncate(2 << 30)  # a file with a hole: nothing lies on the disk
    kinds = archive.findings()
    assert {"manifest", "redaction"} <= set(kinds)
    code, _, told = archive.run(("articles",), tmp_path)
    assert code == 3
    assert told.count("\n") == 1


def test_records_that_moved_in_a_circle_end():
    there = Relocations({"a.warc.gz": ("b.warc.gz", 1), "b.warc.gz": ("a.warc.gz", 1)})
    with pytest.raises(Unreadable, match="moved into itself"):
        there.resolve(_pointer("a.warc.gz"))


def _pointer(file):
    return RecordPointer(file=file, offset=0, length=1, record_id="", payload_digest=None)


# --- Values that no reader can reckon with -----------------------------------------------------------------------------

LINES = {
    "nan": lambda said: json.dumps(said | {"version": float("nan")}),
    "infinite": lambda said: json.dumps(said | {"words": 1}).replace('"words": 1', '"words": 1e999'),
    "deep": lambda said: json.dumps(said | {"more": 0}).replace('"more": 0', '"more": ' + "[" * 20_000 + "]" * 20_000),
    "year": lambda said: json.dumps(said | {"captured": "9999-12-31T23:59:59Z"}),
    "zone": lambda said: json.dumps(said | {"published": "9999-12-31T23:59:59-14:00"}),
    "large": lambda said: json.dumps(said | {"version": 10**23}),
    "list": lambda said: json.dumps(said | {"id": ["aljazeera:1"]}),
    "path": lambda said: json.dumps(said | {"id": "../../../x:1", "outlet": "../../../x"}),
    "none": lambda said: "[]",
}


@pytest.mark.parametrize("change", LINES.values(), ids=LINES)
def test_a_line_of_no_sense_is_a_finding_a_value_and_a_sentence(archive, tmp_path, change):
    archive.put_lines("articles", lambda line: change(json.loads(line)).encode())
    assert "line" in archive.findings()
    found = list(open_archive(str(archive.root)).articles(tolerant=True))
    assert found
    assert any(isinstance(one, ReadError) for one in found)
    code, _, told = archive.run(("articles",), tmp_path)
    assert code == 3
    assert told.count("\n") == 1


def test_get_finds_a_line_with_other_white_space_and_escapes(archive, tmp_path):
    archive.put_lines(
        "articles", lambda line: json.dumps(json.loads(line), indent=None, separators=(" , ", " : ")).encode()
    )
    assert archive.run(("get", f"{OUTLET}:1"), tmp_path)[0] == 0
    archive.put_lines("articles", lambda line: line.replace(b"aljazeera:", b"\\u0061ljazeera:"))
    assert archive.run(("get", f"{OUTLET}:1"), tmp_path)[0] == 0


# --- Paths and terminals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("site", "OUT/a/b/site"),
        ("export", "OUT/a/b/export", "--format", "csv"),
        ("export", "OUT/a/b/parquet", "--format", "parquet"),
    ],
)
@pytest.mark.filterwarnings("ignore:No artists with labels")  # a chart of nothing
def test_an_id_writes_nothing_outside(archive, tmp_path, command):
    bad = {"id": "..:..", "outlet": ".."}
    archive.put_lines("articles", lambda line: json.dumps(json.loads(line) | bad).encode())
    out = tmp_path / "out"
    (out / "a" / "b").mkdir(parents=True)
    before = {path for path in tmp_path.rglob("*") if "collection" not in path.parts}
    archive.run(command, out)
    new = {path for path in tmp_path.rglob("*") if "collection" not in path.parts} - before
    assert all(path.is_relative_to(out / "a" / "b" / command[1].rpartition("/")[2]) for path in new)


@pytest.mark.parametrize("path", ["../a", "a/../../b", "/etc/passwd", "a//b", "", ".", "a\0b", "..\\a"])
def test_a_path_stays_inside(tmp_path, path):
    with pytest.raises(Unreadable):
        inside(tmp_path, path)
    assert inside(tmp_path, "a/b.html") == tmp_path / "a" / "b.html"


@pytest.mark.parametrize(
    "command", [("get", f"{OUTLET}:1"), ("articles",), ("text",), ("diff", f"{OUTLET}:1"), ("articles", "--json")]
)
def test_no_terminal_is_commanded(archive, monkeypatch, command):
    title = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\x7f"
    archive.put_lines("articles", lambda line: json.dumps(json.loads(line) | {"headline": f"a{title}b"}).encode())
    out, err = Screen(), Screen()
    monkeypatch.setattr("sys.stdout", out)
    monkeypatch.setattr("sys.stderr", err)
    main([*command, "--archive", str(archive.root)])
    shown = out.getvalue() + err.getvalue()
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\r", "\x7f"}
    assert shown


def test_a_page_that_is_shown_on_a_terminal_is_harmless_and_whole_in_a_pipe():
    screen = Screen()
    Terminal(screen).buffer.write("خبر \x1b[2J\n\tx".encode())
    assert screen.getvalue() == "خبر \u241b[2J\n\tx"


def test_a_bar_that_stands_beside_it_reads_no_link_and_no_colour_out_of_a_name(archive, monkeypatch):
    """Rich prints what others print while its bar moves, and makes styles of the escapes that it finds there."""
    archive.manifests()[0].with_name("\x1b]8;;x:y\x1b\\a\x1b[31mb\x1b[0m\x1b]8;;\x1b\\.json").write_text("{}")
    shown = Screen()
    monkeypatch.setattr("sys.stdout", shown)
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["verify", "--archive", str(archive.root)]) == 0
    assert "\x1b]8" not in shown.getvalue()
    assert "\x1b[31m" not in shown.getvalue()
    assert "\u241b[31mb" in shown.getvalue()


def test_what_is_printed_into_a_file_is_there_though_a_bar_is_shown_on_the_terminal(archive, monkeypatch):
    archive.paths("warc")[0].unlink()
    written, shown = io.StringIO(), Screen()
    monkeypatch.setattr("sys.stdout", written)
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert main(["verify", "--archive", str(archive.root)]) == 1
    assert written.getvalue().startswith("FAULT")
    assert "FAULT" not in shown.getvalue()


@pytest.mark.parametrize("kind", ["stories", "events"])
def test_a_line_beside_the_articles_is_named_by_object_and_number(archive, tmp_path, kind):
    publish_lines(archive.root.as_uri(), tmp_path)
    (path,) = archive.paths(kind)
    archive.put_bytes(path, gzip.compress(path.read_bytes() and b'{"id": 1}\n'))
    code, _, told = archive.run(("articles",) if kind == "stories" else ("coverage",), tmp_path)
    assert code == 3
    assert f"{path.name}, line 1: " in told
    found = list(open_archive(str(archive.root)).articles(tolerant=True))
    assert [Path(one.key).name for one in found if isinstance(one, ReadError)] == [path.name][: kind == "stories"]
    assert sum(isinstance(one, Article) for one in found) == 4


def test_links_of_folders_that_lead_in_a_circle_end(archive, tmp_path):
    day = archive.manifests()[0].parent
    for name, target in (("outlet=a", "."), ("outlet=b", ".."), ("date=2026-11-24", "..")):
        (day / name).symlink_to(target)
    (day.parent / "outlet=c").symlink_to(day)
    assert archive.run(("verify",), tmp_path)[0] == 0
    assert archive.run(("articles",), tmp_path)[1].count("\n") == 3


@pytest.mark.parametrize("spoil", [lambda line: line.split(b" ", 2)[2], lambda line: line[:20]])
def test_a_line_of_an_index_without_key_and_time_is_a_finding_and_a_sentence(archive, tmp_path, spoil):
    publish_lines(archive.root.as_uri(), tmp_path)
    archive.put_lines("cdxj", spoil)
    assert "line" in archive.findings()
    for command in (("compact", "--month", "2026-11"), ("index",)):
        code, _, told = archive.run(command, tmp_path)
        assert (code, told.count("\n")) == (3, 1), told


@pytest.mark.parametrize("filling", [b"\n", b"{}\n"])
def test_a_hundred_million_lines_that_nobody_stated_are_not_worked_through(archive, tmp_path, filling):
    publish_lines(archive.root.as_uri(), tmp_path)
    member = gzip.compress(filling * ((16 << 20) // len(filling)), 9)
    for kind in ("events", "articles"):
        for path in archive.paths(kind):
            archive.put_bytes(path, member * 4)
    code, _, told = archive.run(("compact", "--month", "2026-11"), tmp_path)
    assert (code, told.count("\n")) == (3, 1)
    faults = [one for one in open_archive(str(archive.root)).articles(tolerant=True) if isinstance(one, ReadError)]
    assert 2 <= len(faults) < 300_000
    assert "more lines than" in str(faults[-1])


@pytest.mark.parametrize("kind", ["pointers", "redactions", "manifests", "articles"])
def test_a_folder_and_a_link_in_a_circle_where_an_object_should_lie_is_no_wrong_use(archive, tmp_path, kind):
    (archive.root / "redactions").mkdir(exist_ok=True)
    path = next(iter(archive.paths(kind)), archive.root / "redactions" / "a.json")
    for make in (path.mkdir, lambda: path.symlink_to(path.name)):
        path.unlink(missing_ok=True)
        make()
        for command in (
            ("verify", "--chain"),
            ("articles",),
            ("get", f"{OUTLET}:1"),
            ("compact", "--month", "2026-11"),
        ):
            code, _, told = archive.run(command, tmp_path)
            assert code in {0, 1, 3}, (command, told)
            assert "Traceback" not in told
        if not path.is_symlink():
            path.rmdir()


def test_a_terminal_that_outlives_its_stream_says_nothing():
    screen = io.StringIO()
    terminal = Terminal(screen)
    screen.close()
    terminal.close()  # as the garbage collector does
