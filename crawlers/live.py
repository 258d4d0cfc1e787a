"""A line that stays at the foot of the terminal while the log runs above it."""

from __future__ import annotations

import logging
import sys
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text


class LiveLine:
    """One line of progress on the terminal.

    While it is shown, log handlers that write to the terminal write above it.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr
        self._live = Live(console=Console(stderr=True), auto_refresh=False, transient=True)
        self._moved: list[logging.StreamHandler[Any]] = []

    def start(self) -> None:
        """Show it."""
        self._live.start()
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._terminal:
                handler.setStream(sys.stderr)  # what rich put there prints above the line
                self._moved.append(handler)

    def show(self, line: str) -> None:
        """Change it."""
        self._live.update(Text(line, style="bold", overflow="ellipsis", no_wrap=True), refresh=True)

    def stop(self) -> None:
        """Take it away."""
        self._live.stop()
        for handler in self._moved:
            handler.setStream(self._terminal)
