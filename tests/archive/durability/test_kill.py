"""A process dies at every step of the protocol, and at moments that nobody chose."""

import ast
from pathlib import Path

import pytest

from tests.archive.durability.points import BUCKET, PUBLISHING, RECOVERY, SEALING, WRITING
from tests.archive.durability.proof import ROOT
from tests.archive.durability.scenarios import killed_at, killed_at_random, killed_in_recovery, killed_with_bucket


def test_every_point_is_a_place_in_the_code():
    for point in (WRITING | SEALING | PUBLISHING | RECOVERY | BUCKET).values():
        module, function, event, _ = point.split(":")
        code = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FunctionDef)]
        bodies = [ast.unparse(node.body) for node in nodes if node.name == function.rpartition(".")[2]]
        assert bodies, point
        if event not in {"call", "return"}:
            assert [body.count(event.removeprefix("at ")) for body in bodies] == [1], point


@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in (WRITING | SEALING | PUBLISHING).items()])
def test_nothing_is_lost_and_nothing_is_twice(tmp_path, point):
    killed_at(tmp_path, (tmp_path / "collection").as_uri(), point)


@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in RECOVERY.items()])
def test_a_recovery_that_dies_is_recovered(tmp_path, point):
    killed_in_recovery(tmp_path, (tmp_path / "collection").as_uri(), point)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_five_crawls_in_a_row_die_at_random_moments(tmp_path, seed):
    killed_at_random(tmp_path, (tmp_path / "collection").as_uri(), seed, crawls=5)


@pytest.mark.slow
@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in BUCKET.items()])
def test_the_same_with_a_bucket(tmp_path, bucket, point):
    killed_with_bucket(tmp_path, bucket, point)
