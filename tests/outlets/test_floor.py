"""The floor may rise by a command; it sinks only by an explicit flag."""

import subprocess
import sys

import pytest

from tests.outlets import floor
from tests.outlets.cases import OUTLETS

F1, EXACT = 0.99, 0.98


@pytest.mark.parametrize("outlet", OUTLETS)
def test_outlet_stands_on_its_floor(outlet):
    now = floor.standing(outlet)
    pinned = floor.pinned().get(
        outlet, {**now, "text_f1": F1, "exact_fields": EXACT}
    )  # a new outlet has to keep the promise
    assert not floor.below(now, pinned)
    assert now["cases"] == pinned["cases"], "the cases changed: python -m tests.outlets.floor --raise"


@pytest.mark.parametrize("outlet", floor.pinned())
def test_floor_is_what_was_promised(outlet):
    assert outlet in OUTLETS
    pinned = floor.pinned()[outlet]
    assert pinned["text_f1"] >= F1
    assert pinned["exact_fields"] >= EXACT


def test_lower_standing_is_named():
    pinned = {"text_f1": 0.99, "worst_f1": 0.9, "exact_fields": 0.98}
    assert floor.below({**pinned, "worst_f1": 0.8}, pinned) == ["worst_f1 0.8 is below 0.9"]


def test_raising_refuses_to_lower(tmp_path, monkeypatch):
    higher = {outlet: {**stand, "text_f1": 1.1} for outlet, stand in floor.pinned().items()}
    path = tmp_path / "floor.json"
    path.write_text(floor.json.dumps(higher))
    script = (
        f"import sys, pathlib; from tests.outlets import floor; floor.FLOOR = pathlib.Path({str(path)!r}); floor.main()"
    )
    refused = subprocess.run([sys.executable, "-c", script, "--raise"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is below" in refused.stderr
    assert floor.json.loads(path.read_text()) == higher
    lowered = subprocess.run([sys.executable, "-c", script, "--lower"], capture_output=True, text=True, check=False)
    assert lowered.returncode == 0
    assert floor.json.loads(path.read_text()) != higher
