"""Hostile archives that nobody thought of, and every command on each: it ends, in its own words, and harms nobody.

make fuzz FUZZ_EXAMPLES=500      as many archives as one likes, others each time; the tests draw few, and always the same
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import tempfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from archive.article import Article
from archive.cli import COMMANDS as NAMES
from archive.reader.archive import open_archive
from archive.store import StoreError
from archive.store.protocol import ReadError
from tests.archive.crafted import COMMANDS, Crafted, make_rich

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SECONDS = 60  # of the processor, for one command: a hundred times what it needs
MOST_MEMORY = 120 << 20  # more than there was before
GONE = object()

VALUES = [
    *("null", "true", "0", "-1", "1e999", "NaN", "1e308", "1.5", "99999999999999999999999", "9223372036854775807", "-5e-324"),
    *('""', '"../../../x"', '"..:.."', '"/etc/passwd"', '"a\\u0000b"', '"\\ud800"', '"\\u001b]0;owned\\u0007\\u009b31m"', '"\\r\\n\\r\\n"'),
    *('"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00+14:00"', '"2026-13-45"', '"2026-02-30T10:00:00Z"', '"2026-11-23"', '"10:00"'),
    *("[]", "{}", "[null]", '[{}, "a", [1]]', '{"a": {"b": []}}', "[" * 3_000 + "]" * 3_000, '{"a":' * 3_000 + "1" + "}" * 3_000),
    *('"http://[::1"', '"javascript:alert(1)"', '"<script>alert(1)</script>"', '"%s%n{0}"', '"aljazeera:1"', '"aljazeera"', '"warc"'),
    '"' + "خبر " * 20_000 + '"',
]  # fmt: skip
"""What somebody may write where JSON has a value."""
BYTES = (
    b"",
    b"\0" * 4096,
    b"\xff\xfe",
    b"{}",
    b"\x1f\x8b",
    b"\n\n\n",
    b"[" * 100_000,
    "خبر".encode("cp1256"),
    b'{"schema":1}\n',
)
HEADERS = (
    b"",
    b"-1",
    b"99999999999999999999",
    b"0",
    b"x",
    b"\x1b]0;owned\x07",
    b"<urn:uuid:x>",
    b"../../x",
    b"\xff\xfe",
    b"application/http",
)


OUR_STYLES = re.compile(r"\x1b\[(0|9;31|4;32|3[123]|1)m")
"""The colours of a difference and of a verdict; a harm of these tests has others."""


@dataclass(frozen=True)
class Harm:
    """One thing that is done to an archive: to the ``which``-th file of a kind, at the ``where``-th place in it."""

    what: str
    kind: str
    which: int
    where: int
    value: Any
    is_stated: bool = True


places = st.integers(0, 400)
few = st.integers(0, 8)
texts = st.sampled_from(VALUES) | st.just(GONE) | st.text(max_size=20).map(json.dumps)
harms = st.one_of(
    st.builds(Harm, st.just("json"), st.sampled_from(["manifests", "manifests", "pointers", "leases", "redactions", "index", "reports"]), few, places, texts),
    st.builds(Harm, st.just("line"), st.sampled_from(["articles", "stories", "events", "cdxj", "checkpoints", "index"]), few, places, texts, st.booleans()),
    st.builds(Harm, st.just("header"), st.sampled_from(["warc", "wet"]), few, places, st.sampled_from(HEADERS) | st.binary(max_size=20)),
    st.builds(
        Harm,
        st.sampled_from(["cut", "put", "insert", "flip", "double"]),
        st.sampled_from(["warc", "wet", "cdxj", "articles", "stories", "events", "manifests", "pointers", "redactions", "index", "checkpoints", "leases"]),
        few, places, st.sampled_from(BYTES) | st.sampled_from([gzip.compress(each) for each in BYTES]) | st.binary(max_size=40), st.booleans(),
    ),
    st.builds(Harm, st.sampled_from(["bomb", "fill"]), st.sampled_from(["warc", "wet", "cdxj", "articles", "stories", "events", "checkpoints", "index"]), few, few, st.sampled_from([b"\0", b"\n", b"[", b"{}\n"])),
    st.builds(Harm, st.sampled_from(["remove", "folder", "circle", "loop", "stray"]), st.sampled_from(["warc", "articles", "cdxj", "manifests", "pointers", "redactions", "index", "leases", "checkpoints"]), few, few, st.sampled_from(["\x1b[2Jx.json", "x.json", "a b.jsonl.gz", "..x", "خبر.json", "x" * 200, "outlet=..", "outlet=x"])),
)  # fmt: skip


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """An archive that has one of everything, its catalog beside it."""
    return make_rich(tmp_path_factory.mktemp("rich"))


def test_every_command_is_tried():
    assert {command[0] for command in COMMANDS} == set(NAMES)


@settings(
    max_examples=EXAMPLES or 15,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink] if EXAMPLES else [Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@pytest.mark.slow
@example(done=[Harm("bomb", "stories", 3, 0, b"\n", True)], offset=0)  # a hundred thousand lines that are none
@given(done=st.lists(harms, min_size=1, max_size=3), offset=st.integers(0, 2))
@pytest.mark.filterwarnings("ignore:No artists with labels")  # a chart of nothing
def test_no_archive_breaks_a_command(rich, done, offset):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a" / "collection"
        shutil.copytree(rich.parent, root.parent, ignore=shutil.ignore_patterns("spool*", "catalog.part.lock"))
        archive, beside = Crafted(root), sorted(root.parent.iterdir())
        for harm in done:
            do(archive, harm)
        out = Path(folder) / "out"
        out.mkdir()
        look(archive)
        for command in COMMANDS if EXAMPLES else COMMANDS[offset::3]:
            try_command(archive, command, out)
        assert sorted(path.name for path in Path(folder).iterdir()) == ["a", "out"]
        assert sorted(root.parent.iterdir()) == beside


def look(archive: Crafted) -> None:
    """Read as one who goes on whatever comes; only a store that fails, and take-downs that cannot be read, end it."""
    with bounded("tolerant"):
        try:
            found = list(open_archive(str(archive.root)).articles(tolerant=True, versions="all"))
        except StoreError:
            return
        except ValueError as error:
            if "tombstone" not in str(error):
                raise
            return
    assert all(isinstance(one, Article | ReadError) for one in found)


def try_command(archive: Crafted, command: tuple[str, ...], out: Path) -> None:
    with bounded(command):
        code, said, told = archive.show(command, out)
    shown = OUR_STYLES.sub("", said + told)
    assert code in {0, 1, 3}, (command, code, told)  # 2 is for who gives a command
    assert "Traceback" not in shown, (command, shown)
    assert not set(shown) & {"\x1b", "\x07", "\x9b", "\x7f", "\x08"}, (command, shown)
    assert code != 3 or told.strip(), (command, "no sentence")
    assert code != 3 or len(told.splitlines()) < 50, (
        command,
        told,
    )  # one sentence; a site says of each object which lines it leaves out


class TooLong(BaseException):  # nothing of ours catches it
    """A command has used up the time of the processor that it may have."""


@contextmanager
def bounded(what: object):
    """Let something take so much of the processor and of memory, and no more."""

    def end(*_: object) -> None:
        raise TooLong(f"{what} takes more than {SECONDS} s")

    old = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    Path("/proc/self/clear_refs").write_text("5")
    before = memory()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, old)
    assert memory() - before < MOST_MEMORY, what


def memory() -> int:
    """Return the most bytes that this process had since it was last asked to forget."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10


# --- What is done to an archive --------------------------------------------------------------------------------------


def do(archive: Crafted, harm: Harm) -> None:
    paths = [path for path in archive.paths(harm.kind) if not path.is_symlink()]
    if not paths:
        return
    path = paths[harm.which % len(paths)]
    DEEDS[harm.what](archive, path, harm)


def change_json(archive: Crafted, path: Path, harm: Harm) -> None:
    try:
        said = json.loads(path.read_bytes())
    except ValueError:
        return
    path.write_bytes(changed(said, harm).encode("utf-8", "surrogatepass"))


def change_line(archive: Crafted, path: Path, harm: Harm) -> None:
    try:
        lines = gzip.decompress(path.read_bytes()).split(b"\n")
    except (OSError, EOFError, zlib.error):  # another harm came first
        return
    number = harm.where % max(1, len(lines) - 1)
    head, brace, rest = lines[number].partition(b"{")
    try:
        said = json.loads(brace + rest)
        lines[number] = head + changed(said, harm).encode("utf-8", "surrogatepass")
    except ValueError:  # no JSON: a word of it is another
        words = lines[number].split(b" ")
        words[harm.where % len(words)] = b"x" if harm.value is GONE else harm.value.encode("utf-8", "surrogatepass")
        lines[number] = b" ".join(words)
    put(archive, path, gzip.compress(b"\n".join(lines)), harm)


def changed(said: Any, harm: Harm) -> str:
    """Return JSON with one of its values, whichever and however deep it lies, being another, or gone."""
    spots = list(spots_of(said))
    if not spots:
        return harm.value if harm.value is not GONE else ""
    inside, name = spots[harm.where % len(spots)]
    if harm.value is GONE:
        del inside[name]
        return json.dumps(said, ensure_ascii=False)
    inside[name] = "@@here@@"
    return json.dumps(said, ensure_ascii=False).replace('"@@here@@"', harm.value)


def spots_of(said: Any):
    pairs = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for name, value in list(pairs):
        yield said, name
        yield from spots_of(value)


def change_header(archive: Crafted, path: Path, harm: Harm) -> None:
    """Give a header of a record, or of the HTTP message in it, another value."""
    members, body = list[bytes](), path.read_bytes()
    while body:
        inflater = zlib.decompressobj(31)
        try:
            members.append(inflater.decompress(body, 1 << 20))
        except zlib.error:  # another harm came first
            return
        body = inflater.unused_data
    if not members:
        return
    number = harm.where % len(members)
    lines = members[number].split(b"\r\n")
    names = [at for at, line in enumerate(lines) if b": " in line[:40]]
    at = names[(harm.where // 7) % len(names)] if names else 0
    lines[at] = lines[at].partition(b": ")[0] + b": " + harm.value
    members[number] = b"\r\n".join(lines)
    put(archive, path, b"".join(map(gzip.compress, members)), harm)


def change_bytes(archive: Crafted, path: Path, harm: Harm) -> None:
    body = path.read_bytes()
    at = harm.where * len(body) // 400
    put(
        archive,
        path,
        {
            "cut": body[:at],
            "put": harm.value,
            "insert": body[:at] + harm.value + body[at:],
            "flip": body[:at] + bytes(byte ^ 0x55 for byte in body[at : at + 3]) + body[at + 3 :],
            "double": body + body,
        }[harm.what],
        harm,
    )


def put_bomb(archive: Crafted, path: Path, harm: Harm) -> None:
    """Put what unpacks to a gigabyte; or what is said to be as large, and lies nowhere."""
    if harm.what == "bomb":
        put(archive, path, gzip.compress(harm.value * ((16 << 20) // len(harm.value)), 9) * 64, harm)
    else:
        with path.open("wb") as stream:
            stream.truncate(1 << 30)


def change_files(archive: Crafted, path: Path, harm: Harm) -> None:
    if harm.what == "stray":
        path.with_name(harm.value).write_bytes(b"{}")
        return
    path.unlink()
    if harm.what == "folder":
        path.mkdir()
    elif harm.what == "circle":
        path.symlink_to(path.name)
    elif harm.what == "loop":
        path.symlink_to("..")
        path.with_name("outlet=a").symlink_to(".")


def put(archive: Crafted, path: Path, body: bytes, harm: Harm) -> None:
    try:
        archive.put_bytes(path, body) if harm.is_stated else path.write_bytes(body)
    except (ValueError, KeyError, TypeError, AttributeError):  # the manifests are no manifests any more
        path.write_bytes(body)


DEEDS = {
    "json": change_json,
    "line": change_line,
    "header": change_header,
    **dict.fromkeys(("cut", "put", "insert", "flip", "double"), change_bytes),
    **dict.fromkeys(("bomb", "fill"), put_bomb),
    **dict.fromkeys(("remove", "folder", "circle", "loop", "stray"), change_files),
}
