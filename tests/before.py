"""`make prove-before`: an archive that an earlier release wrote reads today as it read then.

git archive REVISION ─▶ its own demo ─▶ collection ─┬─ each reading command of that release ─▶ output, files, exit code ─┐
                                                    └─ the same command of today            ─▶ output, files, exit code ─┴▶ compared

How strictly, stands beside each command: what is published has to be the same bytes, lines or fields; a table for people may look
otherwise, its exit code may not. Exit code 0 where everything is as asked, 1 where something reads otherwise, 2 without git's history.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REVISION = "a286a67"
"""27 November 2026: before options stood behind commands, before articles came by publication, and before the house was rebuilt."""
BYTES, LINES, FIELDS, WORDS = "bytes", "lines", "fields", "words"
COMMANDS = (
    (BYTES, "cdxj {outlet} {month}"),
    (BYTES, "capture {id} --body"),
    (BYTES, "capture {id} --content"),
    (BYTES, "capture {url} --head"),
    (BYTES, "text {id}"),
    (BYTES, "cite {id} --format bibtex"),
    (BYTES, "cite {id} --format csl"),
    (BYTES, "cite {id} --check"),
    (LINES, "text"),  # by publication since; by outlet and capture before
    (FIELDS, "articles --json"),
    (FIELDS, "articles --json --unique-stories"),
    (FIELDS, "articles --json --outlet {outlet} --all-versions"),
    (FIELDS, "get {id} --json"),
    (FIELDS, "tail --from-start --once --json"),
    (FIELDS, "versions {id} --json"),
    (FIELDS, "story {story} --json"),
    (FIELDS, "export --format jsonl {out}"),
    (LINES, "export --format wet {out}"),
    (FIELDS, "wacz --outlet {outlet} {out}.wacz"),  # of its pages; everything else of it byte by byte
    (WORDS, "ls"),
    (WORDS, "articles"),
    (WORDS, "get {id}"),
    (WORDS, "diff {id}"),
    (WORDS, "coverage"),
    (WORDS, "sql"),
    (WORDS, "export --format csv {out}"),
    (WORDS, "export --format parquet {out}"),
    (WORDS, "verify --deep --chain"),
    (WORDS, "index --check"),
)
_OF_THE_WRITER = ("datapackage.json", "datapackage-digest.json", "_export.json")  # what wrote it, and when
_SHOWN = 4


@dataclass(frozen=True)
class Outcome:
    """What a command gave: its exit code, standard output, the files that it wrote by name, and what it complained of."""

    code: int
    output: bytes
    files: dict[str, bytes]
    complaint: str


def main() -> int:
    """Make the archive, ask both releases, and say what differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.before", description=__doc__.partition("\n")[0])
    parser.add_argument("revision", nargs="?", default=REVISION, help="the earlier release, as git names it")
    parser.add_argument("--folder", type=Path, help="keep the archive here, or take the one that is here already")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.folder or Path(scratch)
        try:
            collection = _archive_of(args.revision, folder.resolve())
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"no archive of {args.revision}: {error}\n")
            return 2
        return _compare(folder / "source", collection, Path(scratch))


def _archive_of(revision: str, folder: Path) -> Path:
    """Return the demo archive that a release makes with its own code."""
    source = folder / "source"
    if not source.exists():
        tree = subprocess.run(["git", "archive", revision], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        source.mkdir(parents=True)
        with tarfile.open(fileobj=BytesIO(tree)) as packed:
            packed.extractall(source, filter="data")
    collection = source / "demo" / "collection"
    if not collection.exists():
        subprocess.run([sys.executable, "-m", "tests.demo"], cwd=source, check=True)
    return collection


def _compare(source: Path, collection: Path, scratch: Path) -> int:
    names = _names(collection)
    worst = 0
    for kind, words in COMMANDS:
        before, now = (_run(root, words, collection, names, scratch) for root in (source, ROOT))
        differences = [f"exit code {before.code}, now {now.code}: {now.complaint[-300:]}"] * (before.code != now.code)
        if not before.files:  # else it says in words what it wrote
            differences += _differences(kind, before.output, now.output)
        for name in sorted(before.files.keys() | now.files.keys()):
            pair = before.files.get(name, b""), now.files.get(name, b"")
            differences += [f"{name}: {each}" for each in _differences(kind, *pair, name)]
        worst = max(worst, bool(differences))
        size = len(before.output) + sum(map(len, before.files.values()))
        verdict = "DIFFERS" if differences else "as before"
        sys.stdout.write(f"{verdict:9}  {kind:6}  {words}  ({size:,} bytes, exit {before.code})\n")
        sys.stdout.writelines(f"           {each}\n" for each in differences[:_SHOWN])
        sys.stdout.flush()
    return worst


def _names(collection: Path) -> dict[str, str]:
    """Return an article of a story with what the commands are asked of it."""
    lines = [
        json.loads(line)
        for path in sorted(collection.glob("articles/**/*.jsonl.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    line = max(lines, key=lambda each: (each["version"], each["story"] is not None, each["id"]))
    story = next(each["story"]["id"] for each in lines if each["story"])
    return {
        "id": line["id"],
        "url": line["url"],
        "outlet": line["outlet"],
        "month": line["captured"][:7],
        "story": story,
    }


def _run(root: Path, words: str, collection: Path, names: dict[str, str], scratch: Path) -> Outcome:
    own = Path(tempfile.mkdtemp(dir=scratch))
    environment = {
        **os.environ,
        "ARCHIVE_URI": str(collection),
        "XDG_CACHE_HOME": str(own / "cache"),
        "COLUMNS": "120",
        "TZ": "UTC",
    }
    asked = [word.format(out=own / "out", **names) for word in words.split()]
    done = subprocess.run(
        [sys.executable, "-m", "archive", *asked], cwd=root, env=environment, capture_output=True, check=False
    )
    return Outcome(done.returncode, done.stdout, dict(_files(own)), done.stderr.decode())


def _files(own: Path) -> list[tuple[str, bytes]]:
    """Return what was written, packed files by their members, without what says who wrote it and when."""
    files = []
    for path in sorted(own.rglob("*")):
        name = path.relative_to(own).as_posix()
        if name.startswith("cache/") or not path.is_file():
            continue
        if path.suffix == ".wacz":
            with zipfile.ZipFile(path) as packed:
                files += [(f"{name}/{member}", _content(member, packed.read(member))) for member in packed.namelist()]
        else:
            files.append((name, _content(name, path.read_bytes())))
    return [(name, body) for name, body in files if not name.endswith(_OF_THE_WRITER)]


def _content(name: str, body: bytes) -> bytes:
    if name.endswith(".warc.wet.gz"):
        # behind the first record, which says what wrote it, and when
        _, _, *conversions = gzip.decompress(body).split(b"WARC/1.1\r\n")
        return b"".join(conversions)
    return body


def _differences(kind: str, before: bytes, now: bytes, name: str = "") -> list[str]:
    if kind == WORDS or before == now:
        return []
    if kind == BYTES or (kind == FIELDS and name and not name.endswith(".jsonl")):
        return [f"{len(before):,} bytes, now {len(now):,}"]
    if kind == LINES:
        gone, new = set(before.splitlines()) - set(now.splitlines()), set(now.splitlines()) - set(before.splitlines())
        return [f"- {line.decode()[:160]}" for line in sorted(gone)] + [
            f"+ {line.decode()[:160]}" for line in sorted(new)
        ]
    return _changed_fields(_records(before), _records(now))


def _records(body: bytes) -> dict[str, dict[str, Any]]:
    """Return the JSON objects of some lines, or of a list of them, by article and version."""
    text = body.decode()
    try:
        value = json.loads(text)
    except ValueError:
        value = [json.loads(line) for line in text.splitlines()]
    records = value if isinstance(value, list) else [value]
    return {f"{each.get('id', number)} {each.get('version', '')}": each for number, each in enumerate(records)}


def _changed_fields(before: dict[str, dict[str, Any]], now: dict[str, dict[str, Any]]) -> list[str]:
    """Return where a field that there was is gone or has another value; fields that were added since are none."""
    if before.keys() != now.keys():
        return [f"other articles: {sorted(before.keys() ^ now.keys())[:_SHOWN]}"]
    return [
        f"{name}: {field} was {value!r:.80}, is {now[name].get(field)!r:.80}"
        for name, record in before.items()
        for field, value in record.items()
        if not _is_kept(value, now[name].get(field))
    ]


def _is_kept(before: Any, now: Any) -> bool:
    """Say whether a value is what it was, but for fields that were added to objects in it."""
    if isinstance(before, dict) and isinstance(now, dict):
        return all(field in now and _is_kept(value, now[field]) for field, value in before.items())
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(_is_kept, before, now))
    return before == now


if __name__ == "__main__":
    sys.exit(main())
