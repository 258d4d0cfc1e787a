"""Numbers that can mean nothing are refused by every command before it does anything."""

import argparse

import pytest
from scrapy.utils.project import get_project_settings

from crawlers.commands import backfill, checklive, distribute, report, reread


@pytest.mark.parametrize(
    ("module", "words", "sentence"),
    [
        (reread, ("--jobs", "0"), "argument --jobs: is at least 1, not 0"),
        (backfill, ("--days", "0"), "argument --days: is at least 1, not 0"),
        (backfill, ("--pause", "-1"), "argument --pause: is at least 0, not -1"),
        (checklive, ("-n", "0"), "argument -n: is at least 1, not 0"),
        (report, ("--top", "-1"), "argument --top: is at least 0, not -1"),
        (distribute, ("--tasks", "0"), "argument --tasks: is at least 1, not 0"),
        (distribute, ("--workers", "-2"), "argument --workers: is at least 1, not -2"),
        (distribute, ("--memory", "0"), "argument --memory: is at least 0.1, not 0"),
        (distribute, ("--memory", "x"), "argument --memory: invalid float value: 'x'"),
    ],
)
def test_it_is_said_which(module, words, sentence, capsys):
    command = module.Command()
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.settings = get_project_settings()
    command.add_options(parser)
    with pytest.raises(SystemExit) as end:
        parser.parse_args(words)
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith(f"{sentence}\n")
