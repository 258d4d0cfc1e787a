"""Every golden line is a line of the published schema."""

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from tests.outlets.cases import all_cases, read_case

SCHEMA = json.loads(files("archive.schema").joinpath("article-1.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_line_validates(case):
    errors = [
        error
        for error in Draft202012Validator(SCHEMA).iter_errors(read_case(case))
        if not {"warc", "crawl"} & set(error.path)
    ]
    assert not [error.message for error in errors]


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.id)
def test_every_field_of_the_page_says_who_its_witness_was(case):
    line = read_case(case)
    read = (
        "headline",
        "standfirst",
        "text",
        "section",
        "tags",
        "byline",
        "credit",
        "agencies",
        "dateline",
        "images",
        "published",
    )
    for name in read:
        assert (name in line["provenance"]) == bool(line[name]), name
