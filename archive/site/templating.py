"""How pages are made: the templates, and the few settings that readers notice."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archive.site.paths import link, outlet_path, story_path, tag_path
from archive.site.wording import Wording, isolated

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'{pictures}; script-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'"
)
REPLAY_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; script-src 'self';"
    " frame-src 'self'; form-action 'self'; base-uri 'none'"
)
KINDS = {"person": "شخص", "organisation": "جهة", "place": "مكان", "tag": "موضوع"}


@dataclass(frozen=True, slots=True)
class Looks:
    """The settings of a site.

    Attributes:
        wording: digits, time zone, clock.
        title: the site's name.
        pictures: ``link`` names an article's pictures and where they are; ``show`` loads them from the outlets.
        page_size: articles on a page of a tag or outlet.
        address: where the site will stand, for feeds, which need whole addresses; empty: unknown.
        live: a server answers: search and feeds of searches work.
    """

    wording: Wording = field(default_factory=Wording)
    title: str = "ورّاق"
    pictures: str = "link"
    page_size: int = 50
    address: str = ""
    live: bool = False

    @property
    def policy(self) -> str:
        """Return the content security policy of every page but replays."""
        return POLICY.format(pictures=" https:" if self.pictures == "show" else "")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("archive.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "isolated": isolated,
        "outlet": outlet_name,
        "agency": agency_name,
        "lines": _lines,
        "web": web_address,
    }
    environment.globals |= {"tag_path": tag_path, "story_path": story_path, "outlet_path": outlet_path, "KINDS": KINDS}
    return environment


def render(template: str, looks: Looks, page: str, **values: Any) -> str:
    """Return the page at path ``page``; ``to(path)`` links from there, or from the address among the values, ``root``."""
    root = values.pop("root", "")
    policy = REPLAY_POLICY if template == "replay.html" else looks.policy
    shared = {
        "looks": looks,
        "w": looks.wording,
        "page": page,
        "policy": policy,
        "to": lambda path: root + Markup(link(path, page)),  # noqa: S704  percent-encoded
    }
    return _environment().get_template(template).render(**shared, **values)


@cache
def _names(file: str) -> dict[str, str]:
    return tomllib.loads(files("archive.site").joinpath(file).read_text(encoding="utf-8"))


def outlet_name(outlet: str) -> str:
    """Return an outlet's name as people read it; its code where it has none."""
    return _names("outlets.toml").get(outlet, outlet)


def agency_name(agency: str) -> str:
    """Return an agency's name as people read it."""
    return _names("agencies.toml").get(agency, agency)


def web_address(address: str | None) -> str:
    """Return an address that leads to the web; nothing for ``javascript:`` and its like."""
    return address if address is not None and address.lower().startswith(("https://", "http://")) else ""


def _lines(text: str | None) -> list[str]:
    return [line for line in (text or "").split("\n") if line.strip()]
