"""``python -m …`` in processes of their own, as `subprocess` starts them, without importing Scrapy anew each time.

A crawl takes a second to import what it needs before it does anything, and the tests start hundreds. So each pytest
process keeps one server that has the libraries loaded; a process is a fork of it, adopted by pytest, and everything of
`subprocess.Popen` (wait, signals, pipes, exit codes) is that of any other child::

    pytest ── Popen(["python", "-m", …]) ──▶ server ──fork──▶ the process
       ▲                                                          │
       └────────────── its parent (Linux: a subreaper) ◀──────────┘

What cannot be had this way is started as it is: other interpreters' options, other settings of Python in the
environment, a terminal, another system than Linux. Where starting itself is the subject, tests use `subprocess`.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

# What crawls and readers load: libraries, and modules of the house that read no environment while they are imported.
PRELOADED = (
    "scrapy.cmdline", "scrapy.commands.bench", "scrapy.commands.check", "scrapy.commands.crawl", "scrapy.commands.fetch",
    "scrapy.commands.genspider", "scrapy.commands.parse", "scrapy.commands.runspider", "scrapy.commands.shell",
    "scrapy.commands.startproject", "scrapy.contracts", "scrapy.crawler", "scrapy.dupefilters", "scrapy.exporters",
    "scrapy.core.downloader.handlers.http11", "scrapy.downloadermiddlewares.cookies", "scrapy.downloadermiddlewares.offsite",
    "scrapy.downloadermiddlewares.httpcache", "scrapy.downloadermiddlewares.httpcompression", "scrapy.extensions.feedexport",
    "scrapy.downloadermiddlewares.httpproxy", "scrapy.downloadermiddlewares.redirect", "scrapy.extensions.remote_control",
    "scrapy.extensions.telnet", "scrapy.extensions.throttle", "scrapy.pipelines.media", "scrapy.pqueues",
    "twisted.conch.telnet", "twisted.internet.endpoints", "twisted.internet.ssl", "twisted.internet.stdio", "twisted.plugin",
    "twisted.web.client", "service_identity", "cryptography.x509", "aiohttp.web", "botocore.session", "boto3", "lxml.html",
    "lxml.cssselect", "trafilatura", "htmldate", "dateparser", "numpy", "msgspec", "rich.progress", "rich.console", "rich.table",
    "warcio", "fastwarc", "surt", "brotli", "zstandard", "prometheus_client", "apscheduler.triggers.cron", "itemadapter",
    "jsonschema", "rapidfuzz", "time_machine", "tldextract", "protego", "sqlite3", "argcomplete", "queuelib",
    "archive.catalog", "archive.cli", "archive.coverage", "archive.maintenance.compaction", "archive.manifests.publisher",
    "archive.spool.recovery", "archive.store.file", "archive.verify", "archive.warc.capture", "pipelines.syndication.pipeline",
    "pipelines.store", "crawlers.download.handler", "crawlers.extraction", "crawlers.outlet", "crawlers.politeness.queue",
    "scrapy.commands.list", "scrapy.commands.settings", "scrapy.commands.version", "scrapy.commands.view", "scrapy.logformatter",
    "scrapy.statscollectors", "scrapy.downloadermiddlewares.defaultheaders", "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.httpauth", "scrapy.downloadermiddlewares.robotstxt", "scrapy.downloadermiddlewares.stats",
    "scrapy.downloadermiddlewares.useragent", "scrapy.extensions.closespider", "scrapy.extensions.corestats",
    "scrapy.extensions.logcount", "scrapy.extensions.logstats", "scrapy.extensions.memdebug", "scrapy.extensions.memusage",
    "scrapy.extensions.spiderstate", "scrapy.spidermiddlewares.depth", "scrapy.spidermiddlewares.metacopy",
    "scrapy.spidermiddlewares.start", "scrapy.spidermiddlewares.urllength", "pythonjsonlogger.json", "statistics",
    "multiprocessing.queues", "concurrent.futures.process", "encodings.charmap", "archive.spool.segment", "pipelines.versions",
    "crawlers.cluster.jobs", "crawlers.commands", "crawlers.download.wire", "crawlers.frontier.pages",
    "crawlers.frontier.any_outlet", "crawlers.frontier.incremental", "crawlers.frontier.recheck", "crawlers.items",
    "crawlers.monitoring.outcomes", "crawlers.politeness.tdmrep", "crawlers.reextract", "crawlers.session.provenance",
    "crawlers.session.session",
)  # fmt: skip
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
_OF_PYTHON = ("PYTHON", "LANG", "LC_", "OPENBLAS_", "OMP_")  # the environment that an interpreter reads when it starts
_LARGEST = 1 << 20  # bytes of a request: arguments and an environment


def spare_the_disk():
    """Have `os.fsync` of this process wait for no disk: no test cuts a machine's power, and what a killed process wrote is the kernel's.

    Those that ask what would survive a power cut record the calls, which are still made.
    """

    def fsync(handle):
        os.fstat(handle)  # a closed file is the error that it was

    os.fsync = fsync


class Popen(subprocess.Popen):
    """A process as `subprocess.Popen` starts it, forked from a server that has the libraries loaded."""

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *rest):  # noqa: PLR0917
        startup, pipes, others = rest[:3], rest[3:9], rest[10:]  # between them whether signals are restored
        streams = [end if end != -1 else own for own, end in enumerate((pipes[0], pipes[3], pipes[5]))]
        environment = dict(os.environ if env is None else env)
        is_usual = not any((executable, preexec_fn, pass_fds, *startup)) and set(others) <= {None, -1, False}
        is_module = isinstance(args, list) and [str(word) for word in args[:2]] == [sys.executable, "-m"]
        if not (is_usual and is_module and _is_like_ours(environment)) or any(map(os.isatty, streams)):
            super()._execute_child(args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *rest)
            return
        try:
            words = [str(word) for word in args[2:]]
            self.pid = _server().start(words, str(cwd or Path.cwd()), environment, streams)
            self._child_created = True
        finally:
            self._close_pipe_fds(*pipes)


def run(args, *, input=None, capture_output=False, check=False, timeout=None, **named):  # noqa: A002  subprocess's
    """Run a process as `subprocess.run` does."""
    if capture_output:
        named |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        named["stdin"] = subprocess.PIPE
    with Popen(args, **named) as process:
        try:
            output, errors = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(process.args, process.returncode, output, errors)
    if check:
        done.check_returncode()
    return done


def _is_like_ours(environment):
    """Say whether an interpreter would start with this environment as this one did."""

    def of_python(variables):
        return {n: v for n, v in variables.items() if n.startswith(_OF_PYTHON) and n != "PYTHONPATH"}

    return sys.platform == "linux" and of_python(environment) == of_python(os.environ)


class _Server:
    """The server of this process, and how it is asked."""

    def __init__(self):
        self._lock = threading.Lock()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.processes", str(theirs.fileno())],
            cwd=Path(__file__).parents[1], stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
        )  # fmt: skip
        theirs.close()
        atexit.register(self._close)

    def _close(self):
        self._socket.close()
        self._process.wait()

    def start(self, words, cwd, environment, streams):
        """Start ``python -m`` with these words; return the number of the process, a child of this one."""
        request = json.dumps({"words": words, "cwd": cwd, "environment": environment}).encode()
        with self._lock:
            self._libc.prctl(_SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(self._socket, [request], streams)
                return int(self._socket.recv(100))
            finally:  # orphans of others are no business of this process
                self._libc.prctl(_SUBREAPER, 0, 0, 0, 0)


_servers = {}


def _server():
    if os.getpid() not in _servers:  # a fork of pytest is another process
        _servers[os.getpid()] = _Server()
    return _servers[os.getpid()]


def _serve(number):
    """Answer requests until pytest has gone; return the request in the process that is to fulfil it."""
    for name in PRELOADED:
        with suppress(ImportError):  # of an extra that is not installed
            importlib.import_module(name)
    from scrapy.utils.versions import get_versions  # noqa: PLC0415  pytest itself needs none of this

    assert "twisted.internet.reactor" not in sys.modules, "each crawl installs a reactor of its own"
    assert "crawlers.settings" not in sys.modules, "each crawl has an environment of its own"
    get_versions()  # each crawl logs them: where the installed packages lie is known from then on
    gc.collect()
    gc.freeze()  # what the collector does not touch stays shared
    spare_the_disk()
    asked = socket.socket(fileno=number)
    while True:
        body, streams, _, _ = socket.recv_fds(asked, _LARGEST, 3)
        if not body:
            os._exit(0)
        told, tell = os.pipe()
        if (between := os.fork()) == 0:
            if (process := os.fork()) == 0:
                os.close(told)
                os.close(tell)
                asked.close()
                return json.loads(body), streams
            os.write(tell, str(process).encode())
            os._exit(0)
        os.close(tell)
        os.waitpid(between, 0)  # so that its child is pytest's
        asked.send(os.read(told, 100))
        for stream in (told, *streams):
            os.close(stream)


def _become(request, streams):
    """Take the streams, the folder and the environment of a request."""
    for own, stream in enumerate(streams):
        os.dup2(stream, own)
    for stream in set(streams) - {0, 1, 2}:
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.path[0] = request["cwd"]
    sys.path[1:1] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.argv = list(request["words"])


def _end(code):
    """End as the interpreter does, but for taking down modules that the kernel frees with the process: that takes longer than most commands."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code & 0xFF)


if __name__ == "__main__":
    _become(*_serve(int(sys.argv[1])))
    code = 0
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as exited:
        if exited.code is not None and not isinstance(exited.code, int):
            raise  # it is printed
        code = exited.code or 0
    _end(code)
