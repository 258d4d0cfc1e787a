"""`make demo`: the main job, offline. A replica of the five outlets is crawled, published, verified and shown.

replica on loopback ──▶ scrapy crawlall ──▶ demo/collection ──▶ python -m archive verify ──▶ what a person wants to know
                                                └──▶ python -m archive site demo/site ──▶ an address to open
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from archive import open_archive
from tests.replica.outlets import HOUSES

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "demo"
SITE = FOLDER / "site"
DAYS = 10
console = Console()


def main() -> int:
    """Run the demo and return its exit code: that of the gravest step."""
    begun = time.monotonic()
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    console.print("[bold]1 · A replica of the five outlets starts on this machine[/bold]")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.replica", "--folder", str(FOLDER / "replica"), "--days", str(DAYS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as replica:
        assert replica.stdout is not None
        console.print(f"    {replica.stdout.readline().strip()}")
        try:
            code = _run(_environment())
        finally:
            replica.terminate()
    console.print(f"\nThat took {time.monotonic() - begun:.0f} s. Now open this address in a browser:\n")
    console.print(f"    {(SITE / 'index.html').as_uri()}", soft_wrap=True, highlight=False)
    return code


def _environment() -> dict[str, str]:
    lines = (FOLDER / "replica" / "env").read_text(encoding="utf-8").splitlines()
    said = dict(line.removeprefix("export ").split("=", 1) for line in lines if line.startswith("export "))
    named = {name: value.strip("'\"") for name, value in said.items()}
    return {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        **named,
        "ARCHIVE_URI": str(FOLDER / "collection"),
        "SPOOL_DIR": str(FOLDER / "spool"),
        "CONTACT": "https://warraq.example/demo",
    }


def _run(environment: dict[str, str]) -> int:
    console.print("\n[bold]2 · scrapy crawlall: each outlet in a process of its own[/bold]")
    since = datetime.now(UTC).date() - timedelta(days=DAYS)
    crawl = [
        sys.executable,
        "-m",
        "scrapy",
        "crawlall",
        *sorted(HOUSES),
        "-a",
        f"since={since}",
        "-s",
        "DOWNLOAD_DELAY=0.05",
    ]
    crawled = subprocess.run(crawl, cwd=ROOT, env=environment, check=False).returncode
    console.print("\n[bold]3 · python -m archive verify: every checksum, record, line and pointer[/bold]")
    verify = [sys.executable, "-m", "archive", "verify", "--deep"]
    verified = subprocess.run(verify, cwd=ROOT, env=environment, check=False).returncode
    console.print("\n[bold]4 · What the archive holds now[/bold]")
    console.print(_table(environment["ARCHIVE_URI"]))
    console.print("\n[bold]5 · python -m archive site: the news by tag, as people read it[/bold]")
    site = [sys.executable, "-m", "archive", "site", str(SITE), "--index", str(FOLDER / "site.sqlite")]
    written = subprocess.run(site, cwd=ROOT, env=environment, check=False).returncode
    _try_next(environment["ARCHIVE_URI"])
    return crawled or verified or written


def _table(uri: str) -> Table:
    table = Table(
        "outlet", "found", "fetched", "articles", "copies", "bytes", "left out, and why", box=None, header_style="bold"
    )
    for column in table.columns[1:6]:
        column.justify = "right"
    for report in _reports(uri):
        articles, choice = report["articles"], report["choice"]
        lost = ("unreadable", "dropped", "failed", "refused")
        reasons = {name: n for kind in lost for name, n in articles[kind].items()}
        table.add_row(
            report["outlet"],
            str(sum(choice.get(name, 0) for name in ("chosen", "seen", "over-limit"))),
            str(sum(report["statuses"].values())),
            str(articles["kept"]),
            str(articles["copies"]),
            f"{report['bytes']:,}",
            ", ".join(f"{name} {n}" for name, n in reasons.items()) or "–",
        )
    return table


def _reports(uri: str) -> list[dict[str, object]]:
    return [json.loads(path.read_bytes()) for path in sorted(Path(uri).glob("reports/**/*.json"))]


def _try_next(uri: str) -> None:
    place = Path(uri).relative_to(ROOT)
    article = next(iter(open_archive(uri).articles(outlet="aljazeera")))
    console.print(f"\nThe bucket is the folder [bold]{place}[/bold]. Try next:\n")
    for command in ("ls", "articles --outlet skynewsarabia", f"get {article.id}", "serve"):
        console.print(f"    .venv/bin/python -m archive {command} --archive {place}", soft_wrap=True, highlight=False)


if __name__ == "__main__":
    sys.exit(main())
