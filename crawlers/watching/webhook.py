"""Telling somebody: a webhook when an outlet's crawls begin to fail, fail otherwise, and are good again.

exit code before, exit code now ──▶ event_of() ──▶ failed | recovered | None ──▶ POST WEBHOOK_URL

The body has a ``text`` that Slack, Mattermost and their kin show, beside fields for machines. The URL is a secret: neither it nor
what the other side answers comes into a log. Nothing that goes wrong here stops a crawl.
"""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from crawlers.destination import ConfigurationError
from crawlers.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

TIMES = 4
FIRST_PAUSE = 1.0  # seconds; then twice that, and so on
TIMEOUT = 10.0  # seconds
TELL_NOTHING = {ExitCode.BUSY, ExitCode.STOPPED}
"""Neither good nor bad: somebody else crawls, somebody stopped the crawl."""


class Webhook:
    """Posts events.

    Args:
        url: where to.
        pause: waits so many seconds between two attempts.
    """

    def __init__(self, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._url = url
        self._pause = pause

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Webhook | None:
        """Read WEBHOOK_URL; None without one.

        Raises:
            ConfigurationError: it is no web address; the sentence does not repeat it.
        """
        url = str(settings["WEBHOOK_URL"] or "")
        if not url:
            return None
        try:
            parts = urlsplit(url)
            is_right = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            is_right = False
        if not is_right:
            raise ConfigurationError("WEBHOOK_URL is no address that begins with https:// or http://")
        return cls(url)

    def post(self, event: Mapping[str, Any]) -> bool:
        """Post an event, again after a pause where that fails; say whether it arrived."""
        body = json.dumps(event, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Warraq/0.1"}
        reason = ""
        for attempt in range(TIMES):
            if attempt:
                self._pause(FIRST_PAUSE * 2 ** (attempt - 1))
            request = urllib.request.Request(self._url, body, headers)  # noqa: S310  the scheme was checked
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310  the scheme was checked
                    return True
            except urllib.error.HTTPError as error:
                reason = f"status {error.code}"
                error.close()
            except (OSError, HTTPException) as error:
                reason = type(error).__name__
        logger.warning("the webhook did not take the news of %s (%s)", event.get("outlet"), reason)
        return False


def event_of(code: int, before: Iterable[int]) -> str | None:
    """Return what is to be told of a crawl: ``failed``, ``recovered``, or None where nothing changed.

    Args:
        code: the crawl's exit code.
        before: those of the crawls before it, newest first.
    """
    if code in TELL_NOTHING:
        return None
    last = next((other for other in before if other not in TELL_NOTHING), ExitCode.PUBLISHED)
    if code == last:
        return None
    return "recovered" if code == ExitCode.PUBLISHED else "failed"


def event(kind: str, outlet: str, code: int, said: str, **more: Any) -> dict[str, Any]:
    """Return an event's body."""
    name = ExitCode(code).name.lower() if code in ExitCode._value2member_map_ else "killed"
    text = f"{outlet} is crawled well again: {said}" if kind == "recovered" else f"{outlet}: crawl {name}. {said}"
    return {"event": kind, "outlet": outlet, "exit_code": code, "exit": name, "text": text, **more}
