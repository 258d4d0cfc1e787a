"""The files of deploy/, each held against a tool or schema that we did not write, and against the program that they run."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from apscheduler.triggers.cron import CronTrigger

from crawlers import settings as defaults
from crawlers.monitoring.metrics import LABELLED, PLAIN
from crawlers.scheduling.service import NAMES
from tests.crawling import OUTLETS, ROOT

DEPLOY = ROOT / "deploy"
METRICS = {*PLAIN, *LABELLED, *NAMES}
UNITS = sorted((DEPLOY / "systemd").iterdir())
ENVIRONMENT = {setting.env for setting in defaults.known.values() if setting.env}  # those without a prefix
AWS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"}


def load(path):
    return [part for part in yaml.safe_load_all((DEPLOY / path).read_text(encoding="utf-8")) if part]


def calls(command):
    """The words behind `scrapy` name a command of ours, with an outlet where it takes one."""
    name, *rest = command
    assert (ROOT / "crawlers" / "commands" / f"{name}.py").exists()
    assert name != "crawl" or (len(rest) == 1 and rest[0] in {*OUTLETS, "%i"})


def test_the_example_of_an_environment_names_what_the_settings_read():
    said = {line.partition("=")[0] for line in (DEPLOY / "env.example").read_text().splitlines() if "=" in line}
    assert said <= ENVIRONMENT | AWS
    assert {"CONTACT", "ARCHIVE_URI", "SPOOL_DIR", "METRICS_DIR", "WEBHOOK_URL"} <= said


# --- systemd and cron ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_read_by_systemd(path, tmp_path):
    text = path.read_text(encoding="utf-8")
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.optionxform = str
    parser.read_string(text)
    assert {"Unit"} < set(parser.sections())
    if "Service" in parser:
        program, *words = parser["Service"]["ExecStart"].split()
        assert program == "/opt/warraq/.venv/bin/scrapy"
        calls(words)
    if not (analyze := shutil.which("systemd-analyze")):
        return
    for unit in UNITS:  # a timer wants its service beside it, and a service its program
        here = unit.read_text(encoding="utf-8").replace("/opt/warraq/.venv/bin/scrapy", sys.executable)
        (tmp_path / unit.name).write_text(here, encoding="utf-8")
    verify = [analyze, "verify", "--man=no", str(tmp_path / path.name)]
    answer = subprocess.run(verify, capture_output=True, text=True, check=False)
    newer = re.compile(r".*Unknown key .*'Restart(Steps|MaxDelaySec)'.*, ignoring\.\n")  # they came with systemd 254
    assert (answer.returncode, newer.sub("", answer.stderr)) == (0, "")


def test_the_cron_line_is_one(tmp_path):
    lines = (DEPLOY / "cron" / "warraq.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and not re.match(r"\w+=", line)]
    (job,) = jobs
    *times, user, command = job.split(None, 6)
    assert CronTrigger.from_crontab(" ".join(times))
    assert user == "warraq"
    assert "%" not in command  # cron takes it for the end of the line
    shell = tmp_path / "job.sh"
    shell.write_text(command, encoding="utf-8")
    assert subprocess.run(["/bin/sh", "-n", str(shell)], check=False).returncode == 0
    calls(re.search(r"bin/scrapy (\w+)", command).groups())


# --- containers ------------------------------------------------------------------------------------------------------


def test_the_compose_file_is_one_and_fits_together():
    (compose,) = load("container/compose.yaml")
    schema = json.loads(files("check_jsonschema").joinpath("builtin_schemas/vendor/compose-spec.json").read_text())
    jsonschema.validators.validator_for(schema)(schema).validate(compose)
    services = compose["services"]
    calls(services["warraq"]["command"])
    folder = DEPLOY / "container"
    build = services["warraq"]["build"]
    assert (folder / build["context"]).resolve() == ROOT
    assert (folder / build["context"] / build["dockerfile"]).is_file()
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (folder / source).is_file()
    assert set(services["warraq"]["environment"]) <= ENVIRONMENT | AWS


def test_the_containerfile_copies_what_there_is_and_runs_what_there_is():
    text = re.sub(r"\\\n", " ", (DEPLOY / "container" / "Containerfile").read_text(encoding="utf-8"))
    steps = [line.split(None, 1) for line in text.splitlines() if line.strip() and not line.startswith("#")]
    known = [
        "FROM",
        "RUN",
        "WORKDIR",
        "COPY",
        "ARG",
        "ENV",
        "USER",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "ENTRYPOINT",
        "CMD",
    ]
    assert {step for step, _ in steps} <= set(known)
    copied = [source for step, said in steps if step == "COPY" for source in said.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert {"archive", "pipelines", "crawlers", "spiders", "scrapy.cfg", "uv.lock", "pyproject.toml"} <= set(copied)
    said = dict(steps)
    assert json.loads(said["ENTRYPOINT"]) == ["scrapy"]
    calls(json.loads(said["CMD"]))
    assert said["USER"] == "warraq"
    assert "WARRAQ_REVISION=$REVISION" in said["ENV"].split()


def test_kubernetes_takes_the_cron_jobs_one_for_each_outlet(tmp_path):
    print_all = [DEPLOY / "kubernetes" / "manifests.sh"]
    scrapy = str(Path(sys.executable).with_name("scrapy"))
    text = subprocess.run(
        print_all, env={**os.environ, "SCRAPY": scrapy}, capture_output=True, text=True, check=True
    ).stdout
    path = tmp_path / "warraq.yaml"
    path.write_text(text, encoding="utf-8")
    check = [Path(sys.executable).with_name("kubernetes-validate"), "--strict", path]
    answer = subprocess.run(check, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    parts = [part for part in yaml.safe_load_all(text) if part]
    jobs = {part["metadata"]["name"]: part["spec"] for part in parts if part["kind"] == "CronJob"}
    assert set(jobs) == {f"warraq-{outlet}" for outlet in OUTLETS}
    assert len({job["schedule"] for job in jobs.values()}) == min(len(jobs), 5), "they begin apart"
    for name, job in jobs.items():
        assert CronTrigger.from_crontab(job["schedule"])
        (container,) = job["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        calls(container["args"])
        assert name == f"warraq-{container['args'][1]}"
        (volume,) = job["jobTemplate"]["spec"]["template"]["spec"]["volumes"]
        assert volume["persistentVolumeClaim"]["claimName"] == name
    claims = [part for part in parts if part["kind"] == "PersistentVolumeClaim"]
    assert {claim["metadata"]["name"] for claim in claims} == set(jobs)
    (config,) = [part for part in parts if part["kind"] == "ConfigMap"]
    assert set(config["data"]) <= ENVIRONMENT | AWS


# --- figures ---------------------------------------------------------------------------------------------------------


def names_in(expression):
    return set(re.findall(r"\bwarraq_\w+", expression))


def promtool(*words):
    """Ask Prometheus' own tool, where it is installed."""
    if tool := shutil.which("promtool"):
        answer = subprocess.run([tool, *map(str, words)], capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_alerts_name_figures_that_there_are():
    (rules,) = load("prometheus/alerts.yml")
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len({alert["alert"] for alert in alerts}) == len(alerts) >= 8
    for alert in alerts:
        assert set(alert) <= {"alert", "expr", "for", "labels", "annotations"}
        assert names_in(alert["expr"]) <= METRICS
        assert alert["annotations"]["summary"]
    promtool("check", "rules", DEPLOY / "prometheus" / "alerts.yml")
    promtool("check", "config", DEPLOY / "prometheus" / "prometheus.yml")
    (config,) = load("prometheus/prometheus.yml")
    assert config["rule_files"] == ["alerts.yml"]


def test_the_dashboard_shows_figures_that_there_are(tmp_path):
    board = json.loads((DEPLOY / "grafana" / "warraq.json").read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    variables = {variable["name"] for variable in board["templating"]["list"]}
    shown, rules = set(), []
    for panel in panels:
        assert {"title", "type", "gridPos", "targets", "datasource"} <= set(panel)
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        for target in panel["targets"]:
            assert set(re.findall(r"\$(\w+)", target["expr"])) <= variables
            assert names_in(target["expr"]) <= METRICS
            shown |= names_in(target["expr"])
            rules.append({"record": f"board:{len(rules)}", "expr": target["expr"].replace("$outlet", ".*")})
    assert {"warraq_crawl_exit_code", "warraq_crawl_drift_alarm", "warraq_schedule_missed_slots_total"} <= shown
    (tmp_path / "board.yml").write_text(yaml.safe_dump({"groups": [{"name": "board", "rules": rules}]}))
    promtool("check", "rules", tmp_path / "board.yml")
