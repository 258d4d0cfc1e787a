"""One test per outlet, case and field: a failure reads ``aljazeera/agency-copy::credit``."""

import pytest

from tests.crawling import OUTLETS as SPIDERS
from tests.outlets.cases import OUTLETS, all_cases, read_case

CASES = all_cases()
FIELDS = [(case, field) for case in CASES for field in case.record["expect"]]
AT_LEAST = 8


@pytest.mark.parametrize(("case", "field"), FIELDS, ids=[f"{case.id}::{field}" for case, field in FIELDS])
def test_field(case, field):
    assert read_case(case)[field] == case.record["expect"][field]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case_expects_something(case):
    expect = case.record["expect"]
    assert {"headline", "text", "published"} <= expect.keys()
    assert any(value not in (None, [], "") for value in expect.values())
    assert case.body or case.record["announcement"]["text"]


@pytest.mark.parametrize("outlet", OUTLETS)
def test_outlet_has_enough_cases(outlet):
    assert sum(case.outlet == outlet for case in CASES) >= AT_LEAST


def test_every_outlet_has_goldens():
    assert OUTLETS == SPIDERS
