"""Who asks: a User-Agent with an address where an outlet reaches the operator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings


_REACHES = re.compile(r"\S@\S|://\S")


class NoContact(Exception):  # noqa: N818  a sentence for the operator
    """The crawl would reach real outlets, and CONTACT or USER_AGENT does not say who asks."""


class ContactMiddleware:
    """Sends the User-Agent; in the place of Scrapy's own `UserAgentMiddleware`.

    Args:
        agent: the complete header value.
    """

    def __init__(self, agent: str) -> None:
        self.agent = agent

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Read USER_AGENT with its ``{contact}``, CONTACT and CONNECT_TO (a crawl of a replica disturbs nobody).

        Raises:
            NoContact: a real crawl without a contact.
        """
        return cls(user_agent(crawler.settings))

    def process_request(self, request: Request) -> None:
        """Set the header where the request has none."""
        request.headers.setdefault(b"User-Agent", self.agent)


def user_agent(settings: BaseSettings) -> str:
    """Return the complete User-Agent of a crawl.

    Raises:
        NoContact: a real crawl without a contact, or one that does not say it.
    """
    contact, agent = (settings["CONTACT"] or "").strip(), str(settings["USER_AGENT"] or "")
    if not settings["CONNECT_TO"]:
        if not contact:
            raise NoContact("CONTACT is not set: say in the environment where an outlet can reach you (mail or page)")
        if not _REACHES.search(contact):
            raise NoContact(f"CONTACT is a mail address or a page where an outlet can reach you, not {contact!r}")
        if "{contact}" not in agent and contact not in agent:
            raise NoContact("USER_AGENT does not say the contact; write {contact} where it stands")
    return agent.replace("{contact}", contact or "replica")
