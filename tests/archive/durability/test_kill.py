"""A process dies at every step of the protocol, and at moments that nobody chose."""

import pytest

from tests.archive.durability.points import BUCKET, PUBLISHING, RECOVERY, SEALING, WRITING
from tests.archive.durability.scenarios import killed_at, killed_at_random, killed_in_recovery, killed_with_bucket


@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in (WRITING | SEALING | PUBLISHING).items()])
def test_nothing_is_lost_and_nothing_is_twice(tmp_path, point):
    killed_at(tmp_path, (tmp_path / "collection").as_uri(), point)


@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in RECOVERY.items()])
def test_a_recovery_that_dies_is_recovered(tmp_path, point):
    killed_in_recovery(tmp_path, (tmp_path / "collection").as_uri(), point)


@pytest.mark.parametrize("seed", range(10))
def test_five_crawls_in_a_row_die_at_random_moments(tmp_path, seed):
    killed_at_random(tmp_path, (tmp_path / "collection").as_uri(), seed, crawls=5)


@pytest.mark.parametrize("point", [pytest.param(p, id=name) for name, p in BUCKET.items()])
def test_the_same_with_a_bucket(tmp_path, bucket, point):
    killed_with_bucket(tmp_path, bucket, point)
