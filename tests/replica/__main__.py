"""Runs the replica until interrupted: ``python -m tests.replica --folder DIR``.

DIR/ca.pem         trust this         DIR/env           shell lines: export CONNECT_TO=… SSL_CERT_FILE=…
DIR/truth.jsonl    first edition      DIR/truth-2.jsonl second edition
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from datetime import date
from pathlib import Path

from tests.replica.replica import Replica

PROXIES = "http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY"


def main() -> None:
    """Start, write the folder, print one ready line, wait for SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m tests.replica", description="the five outlets on loopback")
    parser.add_argument("--folder", type=Path, required=True, help="where ca.pem, env and the truth are written")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until", type=date.fromisoformat, help="the last day of news (default: today, UTC)")
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--port", type=int, default=0, help="TLS port (default: the kernel chooses)")
    parser.add_argument("--plain-port", type=int, default=0)
    parser.add_argument("--misbehave", action="append", default=[], metavar="SWITCH=PATTERN")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    switches: dict[str, list[str]] = {}
    for switch, _, pattern in (entry.partition("=") for entry in options.misbehave):
        switches.setdefault(switch, []).append(pattern or "*")
    wanted = {"tls_port": options.port, "plain_port": options.plain_port}
    folder = options.folder.resolve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Replica(
        options.seed, until=options.until, days=options.days, misbehave=switches, folder=folder, **wanted
    ) as replica:
        write(replica, folder)
        sys.stdout.write(
            f"ready: TLS on 127.0.0.1:{replica.tls_port}, plain on 127.0.0.1:{replica.plain_port}, . {folder}/env\n"
        )
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


def write(replica: Replica, folder: Path) -> None:
    """Write ``env`` and the truth of both editions."""
    lines = [f"export {name}='{value}'" for name, value in replica.env.items()]
    (folder / "env").write_text("\n".join([*lines, f"unset {PROXIES}", ""]), encoding="utf-8")
    for edition, name in ((1, "truth.jsonl"), (2, "truth-2.jsonl")):
        rows = (json.dumps(entry, ensure_ascii=False) for entry in replica.truth_of(edition))
        (folder / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
