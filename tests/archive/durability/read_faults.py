"""What every command makes of a store that stutters while it is read: `python -m tests.archive.durability.read_faults --write`.

bucket, filled once ─▶ faulty proxy ─▶ command ─▶ as ever, or exit code 3 (of a store that refuses: 2), and nothing else
                                         └ what writes is repeated without the fault: the archive is then as it should be
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
import zipfile
from collections import Counter
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

import boto3

from archive import cli, open_archive
from archive.article import Story
from archive.index import check
from archive.reader.redactions import redactions
from archive.site.web.app import Server
from archive.store import s3
from archive.store.s3_client import S3Options
from archive.verify import verify
from archive.warc.capture import captures
from tests.archive.durability.faulty import Stutter, faulty_proxy
from tests.archive.durability.matrix import bucket_server, put
from tests.archive.samples import OUTLET, fill, url_of

BEGIN, END = "<!-- reads -->\n", "<!-- end of the reads -->\n"
STUTTERS = {
    "500, once": Stutter("500", first=True),
    "500, always": Stutter("500"),
    "503 SlowDown, once": Stutter("503", first=True),
    "503 SlowDown, always": Stutter("503"),
    "expired credentials": Stutter("expired"),
    "no right to read": Stutter("denied"),
    "reset before an answer, once": Stutter("reset", first=True),
    "reset before an answer, always": Stutter("reset"),
    "reset in the body, once": Stutter("torn", first=True),
    "reset in the body, always": Stutter("torn"),
    "closed in the body, once": Stutter("short", first=True),
    "closed in the body, always": Stutter("short"),
    "the body stalls, once": Stutter("stalls", first=True),
    "no answer, once": Stutter("hangs", first=True),
    "a changed byte, once": Stutter("changed", first=True),
    "a changed byte, always": Stutter("changed"),
    "another object, once": Stutter("another", first=True),
    "a gateway's page with 200, once": Stutter("html", first=True),
    "a gateway's page with 200, always": Stutter("html"),
    "a gateway's 404, once": Stutter("404", first=True),
    "an empty 200, always": Stutter("empty"),
    "the whole for a span": Stutter("unranged"),
    "another span, once": Stutter("shifted", first=True),
    "half without a length, once": Stutter("chunked", first=True),
    "more than the length": Stutter("surplus"),
}
WAIT = 20  # seconds; a busy machine is no fault
ID, MONTH = f"{OUTLET}:7", "2026-11"
READING = {
    "ls": ["ls"],
    "articles": ["articles", "--json"],
    "search": ["search", "الخبر", "--json"],
    "count": ["count", "--by", "day"],
    "stories": ["stories", "--least", "1"],
    "get": ["get", ID],
    "text": ["text", "--since", "2026-11-23"],
    "versions": ["versions", ID],
    "diff": ["diff", ID],
    "story": ["story", ID],
    "cite": ["cite", ID],
    "cite --check": ["cite", ID, "--check"],
    "capture": ["capture", ID, "--content"],
    "capture URL": ["capture", url_of(8), "--body"],
    "tail": ["tail", "--once", "--from-start", "--json"],
    "cdxj": ["cdxj", OUTLET, MONTH],
    "wacz": ["wacz", "OUT/chosen.wacz", "--limit", "3"],
    "kwic": ["kwic", "الخبر", "--csv"],
    "pywb": ["pywb", "OUT/pywb"],
    "coverage": ["coverage", "--since", "2026-11-22", "--until", "2026-11-24"],
    "site": ["site", "OUT/site", "--processes", "1", "--without-replays"],
    "serve": ["serve", "--port", "0", "--follow", "0"],
    "verify": ["verify"],
    "verify --deep": ["verify", "--deep", "--chain"],
    "export": ["export", "--format", "jsonl", "OUT/export"],
    "export wet": ["export", "--format", "wet", "OUT/export"],
    "index --check": ["index", "--check"],
    "sql": ["sql"],
    "compact --dry-run": ["compact", "--month", MONTH, "--dry-run"],
    "redact --list": ["redact", "--list"],
    "catalog rebuild": ["catalog", "rebuild", "--catalog", "OUT/catalog"],
    "schema": ["schema"],
}
WRITING = {
    "index": ["index"],
    "index --anew": ["index", "--anew"],
    "compact": ["compact", "--month", MONTH],
    "redact": ["redact", "--id", f"{OUTLET}:5", "--who", "w", "--basis", "b", "--reason", "r"],
    "redact --erase": ["redact", "--erase", "REDACTION"],
    "recover": ["recover", "--spool", "OUT/spool"],
    "catalog checkpoint": ["catalog", "checkpoint", "--catalog", "CATALOG"],
}
COMMANDS = READING | WRITING


@dataclass
class Ran:
    """What a run came to: exit code (None: it raised), what it printed, the files it left."""

    code: int | None
    out: bytes
    err: str
    files: dict[str, str] = field(default_factory=dict)


class Stage:
    """A bucket filled once and put back after each command that writes; runs commands in this process."""

    def __init__(self, uri: str, proxy, folder: Path):
        self.uri, self.proxy, self.folder = uri, proxy, folder
        self.client, self.bucket = boto3.client("s3", endpoint_url=proxy.address), uri.split("/")[2]
        self.run_count = 0
        with self.straight():
            fill(uri, folder, range(9), story=Story(id=ID, role="copy", origin=ID, overlap=0.9))
            cli.main(["catalog", "rebuild", "--archive", uri, "--catalog", str(folder / "catalog")])
            cli.main(["redact", "--archive", uri, "--id", f"{OUTLET}:3", *WRITING["redact"][3:]])
            self.redaction = next(redactions(open_archive(uri).store)).id
            cli.main(["index", "--archive", uri])
            fill(uri, folder, range(6, 9), crawl="c2", version=2, headline="العنوان المعدَّل")
        found = {key: self.client.get_object(Bucket=self.bucket, Key=key) for key in self._tags()}
        self.kept = {key: (one["Body"].read(), one["Metadata"], one["ETag"]) for key, one in found.items()}
        self.as_ever = {name: self._as_ever(name) for name in COMMANDS}

    @contextmanager
    def straight(self):
        """Read without a fault."""
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()), patch.object(self.proxy, "stutter", None):
            yield

    def outcome(self, name: str, stutter: Stutter) -> str:
        """Run a command under a fault; return ``as ever``, its exit code, or what is wrong."""
        stutter.met.clear()
        seconds = 0.3 if stutter.kind in {"hangs", "stalls"} else WAIT
        with patch.object(self.proxy, "stutter", stutter), patch.object(s3, "S3Options", options(seconds)):
            ran = self.run(name)
        ever, wanted = self.as_ever[name]
        refused = {2} if stutter.kind == "denied" else set()
        if ran.code not in {3, ever.code} | refused:
            return f"**wrong**: exit code {ran.code}: {ran.err.strip() or ran.out[-200:]!r}"
        if name in READING:
            return self._read(ran, ever)
        if ran.code != ever.code:
            with self.straight():
                again = self.run(name)
            if again.code != 0:
                return f"**wrong**: not mended by a repetition, exit code {again.code}: {again.err.strip()}"
        found = self.summary(name)
        self.put_back()
        if found != wanted:
            return f"**wrong**: it left {found}, and not {wanted}"
        return "as ever" if ran.code == ever.code else str(ran.code)

    def run(self, name: str) -> Ran:
        """Run a command in a folder of its own, with a cache of its own."""
        self.run_count += 1
        folder = self.folder / f"run{self.run_count}"
        folder.mkdir()
        places = {"OUT": folder, "REDACTION": self.redaction, "CATALOG": self.folder / "catalog"}
        words = [
            str(places.get(word, word)) if "/" not in word else word.replace("OUT/", f"{folder}/")
            for word in COMMANDS[name]
        ]
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        code: int | None = None
        with (
            patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder / "cache")}),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                code = cli.main([*words, "--archive", self.uri])
            except Exception as error:  # noqa: BLE001  that is what is looked for
                err.write(f"{type(error).__name__}: {error}")
        out.flush()
        said = re.sub(rb"(127\.0\.0\.1):\d+", rb"\1", out.buffer.getvalue().replace(str(folder).encode(), b"OUT"))
        return Ran(code, said, err.getvalue(), _files(folder) if name in READING else {})

    def summary(self, name: str) -> tuple[object, ...]:
        """Return what an archive holds after a command, whatever its objects are named, and what is wrong with it."""
        with self.straight():
            archive = open_archive(self.uri)
            faults = [str(found) for found in verify(archive.store, chain=True) if found.is_fault]
            articles = Counter((article.id, article.version) for article in archive.articles(versions="all"))
            responses = Counter(
                (capture.kind, capture.url)
                for manifest in archive.manifests()
                if "warc" in manifest.by_kind
                for capture in captures(io.BytesIO(archive.store.read(manifest.by_kind["warc"].key)), "x")
            )
            taken, is_right = len(list(redactions(archive.store))), "index" not in name or check(archive)[1]
            checkpoints = len(list(archive.store.listing("checkpoints/")))
        return faults, articles, responses, taken, is_right, bool(checkpoints)

    def put_back(self) -> None:
        """Put the bucket back as it was filled."""
        there = self._tags()
        for key in there.keys() - self.kept.keys():
            self.client.delete_object(Bucket=self.bucket, Key=key)
        for key, (body, said, tag) in self.kept.items():
            if there.get(key) != tag:
                self.client.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=said)

    def _as_ever(self, name: str) -> tuple[Ran, object]:
        with self.straight():
            ran = self.run(name)
        assert ran.code == 0, (name, ran)
        found = None if name in READING else self.summary(name)
        if found:
            assert not found[0], (name, found)
            self.put_back()
        return ran, found

    def _read(self, ran: Ran, ever: Ran) -> str:
        if ran.code != ever.code:
            if len(ran.err.strip().splitlines()) != 1:
                return f"**wrong**: no sentence, but {ran.err!r}"
            more = set(ran.out.splitlines()) - set(ever.out.splitlines())
            return f"**wrong**: it said {more}" if more else str(ran.code)
        if name := next((name for name in ran.files | ever.files if ran.files.get(name) != ever.files.get(name)), None):
            return f"**wrong**: another {name}"
        return "as ever" if ran.out == ever.out else f"**wrong**: it said {ran.out[-300:]!r}"

    def _tags(self) -> dict[str, str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {found["Key"]: found["ETag"] for page in pages for found in page.get("Contents", [])}


def _files(folder: Path) -> dict[str, str]:
    """Return the files of a run that are the same each time, each with a hash."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".wacz":
            with zipfile.ZipFile(path) as packed:
                found |= {
                    f"{name}/{one.filename}": str(one.CRC) for one in packed.infolist() if one.filename[:4] == "arch"
                }
        elif (
            path.is_file()
            and path.parts[len(folder.parts)] in {"export", "site", "pywb"}
            and path.suffix in {".jsonl", ".html", ".cdxj", ".txt"}
        ):
            found[name] = sha256(path.read_bytes()).hexdigest()
    return found


def options(seconds: float) -> partial[S3Options]:
    """Return what makes the options of a store that waits so long for an answer."""
    return partial(S3Options, attempts=2, connect_timeout=WAIT, read_timeout=seconds)


@contextmanager
def stage(uri: str, target: str, folder: Path):
    """Set the stage: two tries without a pause, a server that is only started."""
    with ExitStack() as stack:
        proxy = stack.enter_context(faulty_proxy(target))
        stack.enter_context(patch.object(s3, "S3Options", options(WAIT)))
        stack.enter_context(patch.object(Server, "serve_forever", Server._close))
        stack.enter_context(patch("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0))
        stack.enter_context(patch.dict(os.environ, {"AWS_ENDPOINT_URL": proxy.address, "COLUMNS": "120"}))
        stack.callback(proxy.released.set)
        yield Stage(uri, proxy, folder)


def outcomes(on_stage: Stage):
    """Run every command with every fault; yield command, fault and outcome."""
    for name in COMMANDS:
        for fault, stutter in STUTTERS.items():
            yield name, fault, on_stage.outcome(name, stutter)


def table(found) -> str:
    """Return the page's list: how many faults come to which outcome with most commands, and which commands make something else of one."""
    by_command = {}
    for name, fault, outcome in found:
        by_command.setdefault(name, {})[fault] = f"exit code {outcome}" if outcome.isdecimal() else outcome
    unmoved = [name for name, outcomes in by_command.items() if set(outcomes.values()) == {"as ever"}]
    moved = {name: outcomes for name, outcomes in by_command.items() if name not in unmoved}
    usual, otherwise = {}, []
    for fault in STUTTERS:
        (most, _), *others = Counter(outcomes[fault] for outcomes in moved.values()).most_common()
        usual.setdefault(most, []).append(fault)
        for other, _ in others:
            names = ", ".join(f"`{name}`" for name in moved if moved[name][fault] == other)
            otherwise.append(f"- {fault}: {other} with {names}")
    sums = "; ".join(f"{len(faults)} {outcome}" for outcome, faults in usual.items())
    kinds = len({name.split()[0] for name in by_command})
    calls = f"{len(by_command)} calls of {kinds} commands, of which {', '.join(f'`{name}`' for name in unmoved)} reads nothing"
    return f"{len(STUTTERS)} faults, {calls}: {sums}. But:\n\n" + "\n".join(otherwise) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the matrix into docs/durability.md")
    args = parser.parse_args()
    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(bucket_server()(), os.environ["AWS_ENDPOINT_URL"], Path(folder)) as on_stage,
    ):
        for run in outcomes(on_stage):
            sys.stdout.write(" | ".join(run) + "\n")
            found.append(run)
    if args.write:
        put(BEGIN, table(found), END)
    return int(any(outcome.startswith("**wrong**") for _, _, outcome in found))


if __name__ == "__main__":
    sys.exit(main())
