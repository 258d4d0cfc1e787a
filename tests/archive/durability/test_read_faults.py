"""A store that stutters while it is read, and every command of it: as ever, or exit code 3, and never a verdict or a loss."""

from uuid import uuid4

import boto3
import pytest

from archive.cli import COMMANDS as NAMES
from tests.archive.durability.read_faults import COMMANDS, STUTTERS, stage
from tests.s3_server import endpoint

pytestmark = pytest.mark.slow  # every command waits for a store that fails

EVERY = 12  # of 36 commands: three or so for each of 25 faults, and each command under two faults at least


@pytest.fixture(scope="module")
def on_stage(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}.items():
            patch.setenv(name, value)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        bucket = f"news-{uuid4().hex[:12]}"
        boto3.client("s3", endpoint_url=endpoint()).create_bucket(Bucket=bucket)
        with stage(f"s3://{bucket}/archive", endpoint(), tmp_path_factory.mktemp("stage")) as found:
            yield found


def test_every_command_is_tried():
    assert {words[0] for words in COMMANDS.values()} == set(NAMES)
    assert len(STUTTERS) == 25


@pytest.mark.parametrize("number", range(len(STUTTERS)), ids=STUTTERS)
def test_a_command_goes_on_as_ever_or_says_that_the_store_fails(on_stage, number):
    """Each fault meets a few commands and each command a few faults; `make prove-reads` lets every one meet every other."""
    fault = list(STUTTERS.values())[number]
    chosen = list(COMMANDS)[number % EVERY :: EVERY]
    found = {name: on_stage.outcome(name, fault) for name in chosen}
    wrong = {name: outcome for name, outcome in found.items() if outcome not in {"as ever", "3", "2"}}
    assert not wrong
