"""An archive may come from anybody: what it says is bounded and told, no command breaks, hangs, or does as it is bid."""

import contextlib
import gzip
import hashlib
import io
import json
import shutil
import tracemalloc
from pathlib import Path

import pytest

from archive.article import RecordPointer
from archive.cli import main
from archive.files import Unreadable, inside
from archive.manifests.manifest import Relocations
from archive.reader.archive import open_archive
from archive.store.prefetch import ReadError
from archive.text import Terminal
from archive.verify import verify
from tests.archive.samples import OUTLET, fill

MOST_MEMORY = 200 << 20
COMMANDS = (
    ("ls",),
    ("articles", "--all-versions", "--oldest-first"),
    ("get", f"{OUTLET}:1"),
    ("get", "https://www.aljazeera.net/news/2026/11/23/1"),
    ("text", "--limit", "3"),
    ("versions", f"{OUTLET}:1"),
    ("diff", f"{OUTLET}:1"),
    ("story", f"{OUTLET}:1"),
    ("cite", f"{OUTLET}:1"),
    ("cite", "--check", f"{OUTLET}:1"),
    ("capture", f"{OUTLET}:1"),
    ("tail", "--once", "--from-start"),
    ("cdxj", OUTLET, "2026-11"),
    ("wacz", "OUT/a.wacz"),
    ("kwic", "الخبر"),
    ("pywb", "OUT/pywb"),
    ("coverage",),
    ("site", "OUT/site"),
    ("verify", "--deep", "--chain"),
    ("export", "OUT/export", "--format", "csv"),
    ("index",),
    ("sql",),
    ("compact",),
)


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


class Crafted:
    """A folder whose objects say what a test wants, and whose manifests state them rightly."""

    def __init__(self, root):
        self.root = Path(root)

    def manifests(self):
        return sorted(self.root.glob("manifests/**/*.json"))

    def paths(self, kind):
        return sorted(path for path in self.root.glob(f"{kind}/**/*") if path.is_file())

    def put(self, kind, body, **stated):
        """Put an object's bytes, and state them in its manifest."""
        path = self.manifests()[0]
        said = json.loads(path.read_bytes())
        item = next(one for one in said["objects"] if one["kind"] == kind)
        (self.root / item["key"]).write_bytes(body)
        item |= {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} | stated
        path.write_text(json.dumps(said))

    def put_lines(self, kind, change):
        lines = gzip.decompress((self.root / self.item(kind)["key"]).read_bytes()).splitlines()
        self.put(kind, gzip.compress(b"".join(change(line) + b"\n" for line in lines)))

    def item(self, kind):
        objects = json.loads(self.manifests()[0].read_bytes())["objects"]
        return next(one for one in objects if one["kind"] == kind)

    def findings(self):
        return [finding.kind for finding in verify(open_archive(str(self.root)).store, chain=False, deep=True)]

    def run(self, command, out):
        """Run a command in this process and return its exit code with what it printed; what it raises is raised."""
        words = [str(out / word[4:]) if word.startswith("OUT/") else word for word in command]
        said, told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
            code = main([*words, "--archive", str(self.root)])
        said.flush()
        return code, said.buffer.getvalue().decode(errors="replace"), told.getvalue()


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


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


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
