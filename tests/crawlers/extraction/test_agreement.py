"""A second opinion on a page: large in scripts is asked for it, large in text is no sample and no disagreement."""

from dataclasses import replace

import trafilatura

from crawlers.commands.checklive import examine
from crawlers.extraction.article import agreement, word_f1
from tests.crawlers.extraction.pages import PARAGRAPHS, story
from tests.outlets.cases import Case, spider_of

TEXT = "\n".join(PARAGRAPHS)
SCRIPT = f"<script>{'x=1;' * 100_000}</script>"
MENU = "<p>" + "<a href=/x>قائمة</a>" * 20_000 + "</p>"


def test_two_readings_agree_by_their_words():
    assert word_f1("واحد اثنان ثلاثة", "ثلاثة واحد") == 0.8
    assert word_f1("", "") == 1.0


def test_a_page_whose_scripts_are_large_is_read_twice():
    assert len(SCRIPT) > 300_000
    assert agreement(TEXT, story(head=SCRIPT)) > 0.9


def test_the_second_reader_is_handed_no_scripts(monkeypatch):
    handed, extract = [], trafilatura.extract
    monkeypatch.setattr(trafilatura, "extract", lambda page, **how: handed.append(page) or extract(page, **how))
    assert agreement(TEXT, story(head=SCRIPT)) > 0.9
    assert len(handed[0]) < len(story(head="")) + 1000


def test_a_page_too_large_to_be_read_twice_is_no_sample():
    assert agreement(TEXT, story(around=f"{{}}{MENU}")) is None


def test_checklive_counts_it_neither_for_nor_against():
    page = Case("aljazeera", "agency-copy").page()
    large = replace(page, body=page.body.replace(b"</body>", MENU.encode() + b"</body>"))
    lines, drifts = examine([large], [], spider_of("aljazeera"))
    assert drifts == []
    assert "too large for a second opinion" in lines[0]
