"""The rounds of a soak: in each, something is done to one host or to both, at a moment that nobody chose."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tests.crawling import ROOT
from tests.month.town import Town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.replica.wire.message import Request, Response

OUTLET = "aljazeera"
HOSTS = ("north", "south")
EVERY = timedelta(hours=8)
MARK = "X-Answer"
TAKEOVER = 600.0  # seconds by which the other host's clock is ahead, so that it finds the lease run out
CLOCKS = (0.0, 0.0, 45.0, -45.0, 600.0, -600.0)
WORDS = ("-s", "DOWNLOAD_DELAY=0.2", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "RETRY_AFTER_BASE=0.1",
         "-s", "PUBLISH_EVERY=1", "-s", "SEGMENT_MAX_BYTES=150000", "-s", "LEASE_PATIENCE=0", "-s", "DRIFT_GRAVE=1000")  # fmt: skip
MOST_ANSWERS = 25
LONGEST = 240.0  # seconds


@dataclass(slots=True)
class Answer:
    """One answer of the replica: when it was given (monotonic), to what."""

    at: float
    path: str
    status: int


class Marked(Town):
    """A town that numbers its answers in a header, which the WARCs keep."""

    def __init__(self, rounds: int, seed: int) -> None:
        days = rounds * EVERY // timedelta(days=1) + 2
        super().__init__((OUTLET,), date(2026, 5, 30), days, EVERY, seed)
        self.faults = []  # the outlet is well: what goes wrong here is ours
        self.answers: list[Answer] = []

    def _answer(self, request: Request) -> Response:
        response = super()._answer(request)
        number = len(self.answers)
        self.answers.append(Answer(time.monotonic(), request.path, response.status))
        return replace(response, headers=[*response.headers, (MARK, str(number))])


@dataclass(slots=True)
class Soak:
    """A soak into one archive.

    Attributes:
        place: the environment that names the archive.
        folder: of the hosts' spools.
        kills: moments (monotonic) at which a crawl was killed.
        done: kind of round → how many there were.
        codes: exit code → how many crawls ended so; -9: killed.
    """

    town: Marked
    place: dict[str, str]
    folder: Path
    chance: random.Random
    kills: list[float] = field(default_factory=list)
    done: dict[str, int] = field(default_factory=dict)
    codes: dict[int, int] = field(default_factory=dict)

    def run(self, rounds: int) -> None:
        """Let the rounds pass, then let both hosts end in peace, so that what they captured is published."""
        moment = self.town.start
        kinds = [self.alone, self.killed, self.stopped, self.both, self.jump]
        for number in range(rounds):
            moment += EVERY
            self.town.move_to(moment)
            kind = kinds[number] if number < len(kinds) else self.chance.choice(kinds)  # each once at least
            kind(*self.chance.sample(HOSTS, 2))
            self.done[kind.__name__] = self.done.get(kind.__name__, 0) + 1
        for ahead, host in enumerate(HOSTS, 2):
            self._end(self._start(host, ahead * TAKEOVER))

    def alone(self, host: str, _: str) -> None:
        """One crawl, with a clock that may be wrong."""
        self._end(self._start(host, self.chance.choice(CLOCKS)))

    def killed(self, host: str, other: str) -> None:
        """One is killed; the other takes its lease over while it is dead."""
        crawl = self._start(host)
        self._kill(crawl)
        self._end(self._start(other, TAKEOVER))

    def stopped(self, host: str, other: str) -> None:
        """One stands still past its lease; the other takes over, and is at work when the first one goes on."""
        crawl = self._start(host)
        self._at_work(crawl)
        crawl.send_signal(signal.SIGSTOP)
        heir = self._start(other, TAKEOVER)
        self._at_work(heir)
        crawl.send_signal(signal.SIGCONT)
        self._end(crawl)
        self._end(heir)

    def both(self, host: str, other: str) -> None:
        """Both crawl, their clocks ten minutes apart; one of them may be killed."""
        first = self._start(host)
        self._at_work(first)
        second = self._start(other, TAKEOVER)
        if self.chance.random() < 0.5:
            self._kill(self.chance.choice([first, second]))
        self._end(first)
        self._end(second)

    def jump(self, host: str, _: str) -> None:
        """The clock is set while a crawl is at work."""
        crawl = self._start(host, jump=self.chance.choice((-3600.0, -120.0, 120.0, 3600.0)))
        self._at_work(crawl)
        if crawl.poll() is None:
            crawl.send_signal(signal.SIGUSR1)
        self._end(crawl)

    def _start(self, host: str, ahead: float = 0.0, *, jump: float = 0.0) -> subprocess.Popen[bytes]:
        base = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        offset = self.town.now.timestamp() - time.time() + ahead
        said = {"SPOOL_DIR": str(self.folder / host), "SOAK_OFFSET": str(offset), "SOAK_JUMP": str(jump)}
        with (self.folder / f"{host}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.soak.host", "crawl", OUTLET, *WORDS],
                cwd=ROOT, env=base | self.town.env | self.place | said, stdout=log, stderr=log,
            )  # fmt: skip

    def _at_work(self, crawl: subprocess.Popen[bytes]) -> None:
        """Wait until the outlet has given some more answers, nobody chose how many, and a moment longer."""
        wanted = len(self.town.answers) + self.chance.randint(1, MOST_ANSWERS)
        until = time.monotonic() + LONGEST
        while len(self.town.answers) < wanted and crawl.poll() is None and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(self.chance.uniform(0, 0.5))

    def _kill(self, crawl: subprocess.Popen[bytes]) -> None:
        self._at_work(crawl)
        if crawl.poll() is None:
            crawl.kill()
            crawl.wait()
            self.codes[-signal.SIGKILL] = self.codes.get(-signal.SIGKILL, 0) + 1
            self.kills.append(time.monotonic())

    def _end(self, crawl: subprocess.Popen[bytes]) -> None:
        if crawl.returncode == -signal.SIGKILL:
            return
        try:
            code = crawl.wait(LONGEST)
        finally:
            crawl.kill()
        self.codes[code] = self.codes.get(code, 0) + 1


@contextmanager
def soak(rounds: int, seed: int, place: dict[str, str], folder: Path) -> Iterator[Soak]:
    """Run a soak into an archive; yield it for the judge."""
    folder.mkdir(parents=True, exist_ok=True)
    with Marked(rounds, seed) as town:
        found = Soak(town, place, folder, random.Random(seed))
        found.run(rounds)
        yield found
