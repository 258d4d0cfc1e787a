"""Albawaba's pages that are no articles: sections with a pager, the home page, the missing page, a page in French."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.replica.markup import esc
from tests.replica.sites.albawaba.page import frame

if TYPE_CHECKING:
    from tests.replica.piece import Piece

A_PAGE = 12


def _teasers(pieces: list[Piece]) -> str:
    return "".join(
        f'<div class="views-row"><div class="field field--name-node-title"><h3><a href="{quote(p.path)}">{esc(p.headline)}</a></h3></div></div>'
        for p in pieces
    )


def section(site, words: str, number: int) -> str:
    """A section page, ``?page=N`` from 0; each page's last link goes the long way round by ``/ar/node/<id>``."""
    pieces = site.of("section", words)
    here = pieces[number * A_PAGE : (number + 1) * A_PAGE]
    rows = _teasers(here)
    if here and number == 0:
        rows += f'<div class="views-row"><a href="/ar/node/{here[-1].number}">{esc(here[-1].headline)}</a></div>'
        rows += "".join(
            f'<div class="field--name-node-title"><h3><a href="{quote(path)}">مادة أخرى</a></h3></div>'
            for path in site.dead_links
        )
    more = (
        f'<a class="button" href="?page={number + 1}" title="الذهاب إلى الصفحة التالية" rel="next">التالي</a>'
        if len(pieces) > (number + 1) * A_PAGE
        else ""
    )
    return frame(
        words.replace("-", " "),
        "",
        f'<h1 class="page-header">{words.replace("-", " ")}</h1><div class="view-content">{rows}</div><nav class="pager">{more}</nav>',
    )


def home(site) -> str:
    return frame("البوابة", "", f'<div class="view-content">{_teasers(site.of("section")[:15])}</div>')


def missing(_site) -> str:
    return frame("الصفحة غير موجودة", "", "<h1>الصفحة غير موجودة</h1><p>الصفحة المطلوبة لا يمكن العثور عليها.</p>")


def french() -> str:
    words = (
        "<p>Le conseil municipal s’est réuni mardi pour examiner le projet du vieux port, dont la ville discute depuis des mois.</p>"
        * 4
    )
    return f'<html lang="fr" dir="ltr"><head><title>Le conseil examine le projet du port | Al Bawaba</title><meta charset="utf-8"></head><body><h1 class="page-header">Le conseil examine le projet du port</h1><div class="field--name-body">{words}</div></body></html>'
