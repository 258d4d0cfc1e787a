"""What Slurm is told, by a `sbatch` that only writes it down; `make prove-slurm` runs the same on a real one."""

import re
from dataclasses import replace

import pytest

from crawlers.cluster.engines import LEFT, Engine, run
from crawlers.cluster.jobs import JOBS

JOB = JOBS["recluster"]
SLURM = Engine("slurm", workers=2, memory=0.5, partition="cpu")
SBATCH = """#!/bin/sh
echo "$@" >> {0}
for each; do test ! -f "$each" || cat "$each" >> {0}; done
echo Submitted batch job $(grep -c bin/bash {0})
"""


class Slurm:
    """Stands where Slurm's commands would: notes what is queued, and says what holds the queue."""

    def __init__(self, folder, patch):
        self.folder, self._asked = folder, folder / "asked"
        folder.mkdir()
        self.command("sbatch", SBATCH.format(self._asked))
        self.command("squeue", "#!/bin/sh\n")
        patch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def command(self, name, script):
        (self.folder / name).write_text(script)
        (self.folder / name).chmod(0o755)

    def asked(self, pattern):
        return re.findall(pattern, self._asked.read_text()) if self._asked.exists() else []


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    return Slurm(tmp_path / "bin", monkeypatch)


def test_a_job_is_a_chain_of_arrays(workspace_of, slurm):
    workspace = workspace_of(3)
    told = dict(run(JOB, workspace, 3, SLURM))
    assert told["read"] == {"tasks": 3, LEFT: 3}
    assert told["join"] == {"tasks": 1, LEFT: 1}
    assert slurm.asked("--job-name=warraq-(.+)") == [each.name for each in JOB.passes for _ in range(2)]
    assert slurm.asked("--array=(.+)")[:8:2] == ["0-2%2", "0-2%2", "0-2%2", "0-0%1"]
    # A pass waits for the one before it, and the sum of its statistics for its tasks.
    waited = slurm.asked(r"--dependency=afterok:(\d+)")
    assert waited == ["1", "1", "3", "3", "5", "5", "7", "7", "9", "9", "11", "11", "13"]


def test_a_task_that_dies_is_tried_again_and_none_waits_for_one_that_was_given_up(workspace_of, slurm):
    list(run(JOB, workspace_of(3), 3, SLURM))
    passes = len(JOB.passes)
    assert (
        len(slurm.asked('"\\$\\{SLURM_RESTART_COUNT:-0\\}" -ge 3 ] \\|\\| scontrol requeue "\\$SLURM_JOB_ID"'))
        == 2 * passes
    )
    assert len(slurm.asked("--kill-on-invalid-dep=yes")) == 2 * passes
    assert set(slurm.asked("--mem-per-cpu=(.+)")[::2]) == {"512M"}, "sbatch takes no fraction of a gigabyte"


def test_a_pass_is_one_array_however_many_tasks_it_has(workspace_of, slurm):
    list(run(replace(JOB, passes=JOB.passes[:2]), workspace_of(1500), 1500, SLURM))
    assert slurm.asked("--array=(.+)")[::2] == ["0-1499%2"] * 2
    assert slurm.asked(r"--dependency=afterok:(\d+)") == ["1", "1", "3"]


def test_what_is_done_is_not_queued_again_whatever_engine_did_it(workspace_of, slurm):
    workspace = workspace_of(3)
    done = dict(run(replace(JOB, passes=JOB.passes[:2]), workspace, 3, Engine("local", workers=1)))
    told = dict(run(JOB, workspace, 3, SLURM))
    assert {name: told[name] for name in done} == done
    assert told["compare"] == {"tasks": 3, LEFT: 3}
    assert slurm.asked("--job-name=warraq-(.+)")[0] == "compare"
    assert slurm.asked(r"--dependency=afterok:(\d+)")[0] == "1", "only the sum of its own statistics"


def test_a_job_that_is_queued_is_not_queued_twice(workspace_of, slurm):
    workspace = workspace_of(3)
    slurm.command("squeue", f"#!/bin/sh\necho '(null)'\necho {workspace.store.uri}\n")
    assert dict(run(JOB, workspace, 3, SLURM))["deal"] == {"tasks": 3, LEFT: 3}
    assert slurm.asked("--job-name=.+") == []


def test_notes_of_a_job_in_a_bucket_lie_where_it_is_started(workspace_of, slurm, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    workspace = workspace_of(3)

    class Bucket:
        uri = "s3://news/jobs/2026-11"

    monkeypatch.setattr(type(workspace), "store", Bucket())
    list(run(JOB, workspace, 3, SLURM))
    assert (tmp_path / "slurm" / "news" / "jobs" / "2026-11" / "gather" / "executor.pik").exists()
    assert set(slurm.asked("--comment=(.+)")) == {Bucket.uri}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (("squeue", "#!/bin/sh\necho no controller >&2\nexit 1\n"), "Slurm does not answer: no controller"),
        (("sbatch", "#!/bin/sh\nexit 255\n"), "sbatch refuses warraq-read with exit code 255, see above"),
    ],
)
def test_what_slurm_refuses_is_one_sentence(workspace_of, slurm, answer, sentence):
    slurm.command(*answer)
    with pytest.raises(ValueError, match=sentence):
        list(run(JOB, workspace_of(3), 3, SLURM))


def test_without_slurm_it_says_so(workspace_of, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ValueError, match="squeue is not found: a job for Slurm is started on a machine of its cluster"):
        list(run(JOB, workspace_of(3), 3, SLURM))


def test_a_folder_whose_name_slurm_s_scripts_would_split_is_refused(workspace_of, slurm, tmp_path):
    workspace = replace(workspace_of(3), work=str(tmp_path / "my job"))
    with pytest.raises(ValueError, match=r"Slurm's scripts take no path with a blank: .*my job"):
        list(run(JOB, workspace, 3, SLURM))
    assert slurm.asked("--job-name=.+") == []
