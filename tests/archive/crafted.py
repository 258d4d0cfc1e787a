"""Archives that somebody made to harm their readers, and the commands that are to stand them.

good archive ─▶ copy ─▶ Crafted.put_json │ put_line │ put_bytes │ put_record │ …   restated in its manifest, or not
                            └─▶ Crafted.run(command)     its exit code, and what it printed
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from archive.article import Story
from archive.cli import main
from archive.manifests.publisher import Publisher
from archive.reader.archive import open_archive
from archive.reader.jsonl import event_line
from archive.site.web.app import App
from archive.site.web.routes import Routes
from archive.spool.segment import SegmentWriter
from archive.store import open_store
from archive.verify import verify
from tests.archive.samples import OUTLET, article_of, clock, exchange_of, fill, url_of

if TYPE_CHECKING:
    from collections.abc import Callable

MONTH = "2026-11"
BECAUSE = ("--who", "w", "--basis", "b", "--reason", "r")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("ls",),
    ("articles", "--all-versions", "--oldest-first"),
    ("articles", "--json"),
    ("search", "الخبر"),
    ("count", "--by", "outlet"),
    ("stories",),
    ("get", f"{OUTLET}:1"),
    ("get", url_of(1)),
    ("text", "--limit", "3"),
    ("versions", f"{OUTLET}:1"),
    ("diff", f"{OUTLET}:2"),
    ("story", f"{OUTLET}:1"),
    ("cite", f"{OUTLET}:1"),
    ("cite", "--check", f"{OUTLET}:1"),
    ("capture", f"{OUTLET}:1", "--content"),
    ("capture", url_of(2), "--body"),
    ("tail", "--once", "--from-start"),
    ("cdxj", OUTLET, MONTH),
    ("wacz", "OUT/a.wacz"),
    ("kwic", "الخبر"),
    ("pywb", "OUT/pywb"),
    ("coverage",),
    ("site", "OUT/site", "--processes", "1"),
    ("serve", "--port", "0", "--follow", "0"),
    ("verify", "--deep", "--chain"),
    ("export", "OUT/csv", "--format", "csv"),
    ("export", "OUT/parquet", "--format", "parquet"),
    ("export", "OUT/wet", "--format", "wet"),
    ("index", "--check"),
    ("index",),
    ("sql",),
    ("redact", "--list"),
    ("redact", "--url", url_of(1), *BECAUSE),
    ("redact", "--erase", "REDACTION"),
    ("compact", "--month", MONTH),
    ("catalog", "rebuild", "--catalog", "OUT/catalog"),
    ("catalog", "checkpoint", "--catalog", "CATALOG"),
    ("recover", "--spool", "OUT/spool"),
    ("schema",),
)
"""Each command in this order: what writes comes behind what reads."""

PAGES = (
    "/",
    "/tags.html",
    "/newsroom.html",
    f"/articles/{OUTLET}/1.html",
    f"/replay/{OUTLET}/1.html",
    f"/stories/{OUTLET}.1.html",
    f"/outlets/{OUTLET}.rss",
    "/feed.json",
    "/api/articles",
)
"""What a site that is served is asked for."""


def make_rich(folder: Path) -> Path:
    """Make an archive that has one of everything: versions, stories, events, a report, a compaction, an index, a checkpoint, a take-down.

    Returns:
        The collection; its catalog stands beside it.
    """
    root = folder / "collection"
    uri = root.as_uri()
    fill(uri, folder, range(3), story=Story(id=f"{OUTLET}:1", role="copy", origin=f"{OUTLET}:1", overlap=0.9))
    fill(uri, folder, range(2, 4), crawl="c2", version=2, headline="العنوان المعدَّل")
    _say(uri, "compact", "--month", MONTH)
    fill(uri, folder, range(5, 6), crawl="c3")
    _say(uri, "redact", "--id", f"{OUTLET}:3", *BECAUSE)
    _say(uri, "index")
    _say(uri, "catalog", "rebuild", "--catalog", str(folder / "catalog"))
    _say(uri, "catalog", "checkpoint", "--catalog", str(folder / "catalog"))
    publish_lines(uri, folder)
    return root


def publish_lines(uri: str, folder: Path) -> None:
    """Publish a segment that the index does not know yet, with stories and events, and a crawl's report."""
    writer = SegmentWriter(folder / "spool", collection="warraq", outlet=OUTLET, crawl="c4", warcinfo={}, clock=clock)
    writer.write_article(article_of(6, writer.write_exchange(exchange_of(6)), crawl="c4"))
    told = {
        "story": f"{OUTLET}:1",
        "role": "copy",
        "origin": f"{OUTLET}:1",
        "overlap": 0.8,
        "told": "2026-11-23T12:00:00Z",
    }
    writer.write_story(json.dumps({"id": f"{OUTLET}:2"} | told))
    said = {"id": f"{OUTLET}:0", "url": url_of(0), "reason": "404", "to": None, "warc": None}
    writer.write_event(event_line("vanished", outlet=OUTLET, crawl="c4", at=clock(), **said))
    announced = {"channels": ["feed"], "day": "2026-11-23", "published": None, "outcome": "kept", "reason": None}
    writer.write_event(
        event_line("page", outlet=OUTLET, crawl="c4", at=clock(), id=f"{OUTLET}:6", url=url_of(6), **announced)
    )
    writer.close()
    publisher = Publisher(open_store(uri), folder / "spool", software={"warraq": "0.1"})
    publisher.publish_sealed()
    publisher.write_report({"outlet": OUTLET, "crawl": "c4", "started": "2026-11-23T10:00:00Z"})


def _say(uri: str, *command: str) -> None:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = main([*command, "--archive", uri])
    assert code == 0, command


class Screen(io.StringIO):
    """A terminal, as far as a command can see."""

    encoding = "utf-8"

    def isatty(self):
        return True


class Crafted:
    """A folder whose objects say what a test wants, and whose manifests state them rightly."""

    def __init__(self, root: Path | str):
        self.root = Path(root)

    def manifests(self) -> list[Path]:
        return sorted(self.root.glob("manifests/**/*.json"))

    def paths(self, kind: str) -> list[Path]:
        """Return the files of a folder in the order of their names, which is that of their making."""
        return sorted(path for path in self.root.glob(f"{kind}/**/*") if path.is_file())

    def put(self, kind: str, body: bytes, **stated: Any) -> None:
        """Put the bytes of the first object of a kind, and state them in its manifest."""
        self.put_bytes(self.root / self.item(kind)["key"], body, **stated)

    def put_bytes(self, path: Path, body: bytes, **stated: Any) -> None:
        """Put an object's bytes, and state them in each manifest that names it."""
        path.write_bytes(body)
        key = path.relative_to(self.root).as_posix()
        for manifest in self.manifests():
            said = manifest.read_text("utf-8")
            if f'"{key}"' in said:
                whole = json.loads(said)
                for item in [*whole["objects"], *whole.get("amends", [])]:
                    if item["key"] == key:
                        item.update({"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()} | stated)
                manifest.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")

    def put_lines(self, kind: str, change: Callable[[bytes], bytes]) -> None:
        lines = gzip.decompress((self.root / self.item(kind)["key"]).read_bytes()).splitlines()
        self.put(kind, gzip.compress(b"".join(change(line) + b"\n" for line in lines)))

    def item(self, kind: str) -> dict[str, Any]:
        """Return what the first manifest says of its object of a kind."""
        objects = json.loads(self.manifests()[0].read_bytes())["objects"]
        return next(one for one in objects if one["kind"] == kind)

    def findings(self) -> list[str]:
        return [finding.kind for finding in verify(open_archive(str(self.root)).store, chain=False, deep=True)]

    def run(self, command: tuple[str, ...], out: Path) -> tuple[int, str, str]:
        """Run a command in this process and return its exit code with what it printed; what it raises is raised."""
        said, told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
            code = main([*self._words(command, out), "--archive", str(self.root)])
        said.flush()
        return code, said.buffer.getvalue().decode(errors="replace"), told.getvalue()

    def show(self, command: tuple[str, ...], out: Path) -> tuple[int, str, str]:
        """Run a command as `run` does, on a terminal and with a cache of its own; a site that it would serve is asked for its pages."""
        shown, told = Screen(), Screen()
        with (
            patch("sys.stdout", shown),
            patch("sys.stderr", told),
            patch("archive.site.web.app.Server", Asked),
            patch.dict(os.environ, {"XDG_CACHE_HOME": str(out / "cache"), "COLUMNS": "120", "TERM": "dumb"}),
        ):
            code = main([*self._words(command, out), "--archive", str(self.root)])
        return code, shown.getvalue(), told.getvalue()

    def _words(self, command: tuple[str, ...], out: Path) -> list[str]:
        words = [str(out / word[4:]) if word.startswith("OUT/") else word for word in command]
        if "CATALOG" in words:
            words[words.index("CATALOG")] = str(shutil.copy(self.root.parent / "catalog", out / "kept"))
        if "REDACTION" in words:
            words[words.index("REDACTION")] = next((path.stem for path in self.paths("redactions")), "none")
        return words


class Asked:
    """Stands where the server does; asks the site for `PAGES` and ends."""

    def __init__(self, pages: Any, *_: Any, **__: Any):
        self.app, self.url = App(Routes(pages), lambda: pages.index.generation), "http://127.0.0.1/"

    def serve_forever(self) -> None:
        for page in PAGES:
            began: list[str] = []
            self.app({"REQUEST_METHOD": "GET", "PATH_INFO": page}, lambda status, _: began.append(status))  # noqa: B023
            assert began[0][:3] in {"200", "404", "503"}, (page, began)
