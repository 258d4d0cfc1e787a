"""The live line on a terminal: the log runs above it, and nothing of it is left behind."""

import contextlib
import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PROGRAM = """
import logging, sys
from crawlers.monitoring.progress import LiveLine
terminal = sys.stderr
handler = logging.StreamHandler()
logging.getLogger().addHandler(handler)
line = LiveLine()
line.start()
line.show("aljazeera: 3 kept")
logging.warning("الخبر في السجل")
line.show("aljazeera: 4 kept")
line.stop()
assert handler.stream is terminal
logging.warning("after")
"""


def test_the_log_runs_above_a_line_that_stays():
    terminal, inner = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"}
    program = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    with subprocess.Popen(program, cwd=ROOT, env=environment, stdin=inner, stdout=inner, stderr=inner) as child:
        os.close(inner)
        written = b""
        with contextlib.suppress(OSError):  # how a terminal ends on Linux
            while part := os.read(terminal, 65536):
                written += part
    os.close(terminal)
    assert child.returncode == 0, written
    said = written.decode()
    first, log, second, after = (said.index(words) for words in ("3 kept", "الخبر في السجل", "4 kept", "after"))
    assert first < log < second < after
    assert "\x1b[2K" in said[second:after]  # the line is taken away
