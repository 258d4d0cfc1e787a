"""The page about the Python interface runs as it stands."""

import re
from pathlib import Path

from tests.archive.samples import OUTLET

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_every_block_runs(filled, capsys):
    names = {"uri": filled}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
    assert names["same"] == names["archive"].article(f"{OUTLET}:7")
    assert names["then"].content() == names["page"]
    assert names["cursor"] == names["archive"].cursor()
    assert "عنوان 7" in capsys.readouterr().out
