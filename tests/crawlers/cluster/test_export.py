"""An export in tasks has the rows of `python -m archive export`, read by a tool that knows nothing of us."""

import json

import duckdb
import pytest

from archive.export import export
from archive.reader.archive import Archive
from archive.store import open_store
from crawlers.cluster.jobs import JOBS, JobWorkspace
from tests.archive.samples import fill

JOB = JOBS["export"]


@pytest.mark.parametrize("span", [{}, {"since": "2026-11-23"}])
def test_the_rows_are_those_of_one_machine(tmp_path, span):
    uri = (tmp_path / "collection").as_uri()
    for number in range(3):
        fill(uri, tmp_path, range(10 * number, 10 * number + 4), crawl=f"c{number}")
    store = open_store(uri)
    export(store, tmp_path / "whole", "parquet", {"versions": "all", **span})
    workspace = JobWorkspace(str(tmp_path / "work"), uri)
    options = {"since": None, "until": None, "outlet": None, **span}
    workspace.settle(JOB.plan("export", Archive(store), 2, options))
    for each in JOB.passes:
        for task in [1, 0, 1] if not each.single else [0]:
            each.work(workspace, task, 2)
    rows = [sorted(rows_in(folder)) for folder in (tmp_path / "whole", tmp_path / "work" / "export")]
    assert rows[0] == rows[1]
    assert len(rows[0]) == 12
    files = json.loads(workspace.store.read(JOB.result))["files"]
    assert {name: (tmp_path / "work" / "export" / name).stat().st_size for name in files} == files
    assert len(files) >= 2


def rows_in(folder):
    read = f"SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    return [json.dumps(row, ensure_ascii=False, default=str) for row in duckdb.sql(read).fetchall()]
