"""Settings in one place: where each value comes from, what is refused and with which suggestion, and the page made of them."""

import json
import logging
import os
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings, default_settings
from scrapy.utils.spider import DefaultSpider
from scrapy.utils.test import get_crawler

from archive import store
from archive.reader.archive import open_archive
from crawlers import settings as defaults
from crawlers.configuration import JsonFormatter, page
from crawlers.monitoring.metrics import Apprise, Notifier, event
from tests import processes
from tests.archive.samples import fill
from tests.crawlers.monitoring.listener import listen

ROOT = Path(__file__).parents[2]
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if name not in map(defaults.env_of, defaults.known) and not name.startswith(("WARRAQ_", "SCRAPY_"))
}


PROJECT = {name: value for name, value in vars(defaults).items() if name.isupper()}


def scrapy(folder, *words, **more):
    environment = {**PLAIN, "SCRAPY_SETTINGS_MODULE": "crawlers.settings", "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "scrapy", *words]
    return processes.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)


def ours(folder, *words, **more):
    answer = scrapy(folder, "settings", "--ours", "--json", *words, **more)
    assert answer.returncode == 0, answer.stderr
    rows = map(json.loads, answer.stdout.splitlines())
    return {row["name"]: (row["value"], row["source"]) for row in rows}


def test_every_value_says_where_it_came_from(tmp_path):
    (tmp_path / "warraq.toml").write_text(
        'ARCHIVE_URI = "there"\nBREAKER_LIMIT = 7\nPUBLISH_EVERY = 3\nCLOSESPIDER_TIMEOUT = 9\n[SCHEDULE."*"]\nevery = "30m"\n',
        encoding="utf-8",
    )
    (tmp_path / "below").mkdir()
    more = {"WARRAQ_BREAKER_LIMIT": "8", "ARCHIVE_URI": "s3://elsewhere/x", "WEBHOOK_URL": "https://hooks.example/hush"}
    rows = ours(tmp_path / "below", "-s", "PUBLISH_EVERY=4", **more)
    file = str(tmp_path / "warraq.toml")
    assert rows["SCHEDULE"] == ({"*": {"every": "30m"}}, file)
    assert rows["BREAKER_LIMIT"] == ("8", "WARRAQ_BREAKER_LIMIT")
    assert rows["ARCHIVE_URI"] == ("s3://elsewhere/x", "ARCHIVE_URI")
    assert rows["PUBLISH_EVERY"] == ("4", "command line")
    assert rows["CRAWL_WINDOW_DAYS"] == (2, "default")
    assert rows["WEBHOOK_URL"] == ("***", "WEBHOOK_URL")
    assert set(rows) == set(defaults.known)
    assert scrapy(tmp_path, "settings", "--get", "CLOSESPIDER_TIMEOUT").stdout.strip() == "9"  # Scrapy's own, too


@pytest.mark.parametrize(
    ("file", "words", "variable", "sentence"),
    [
        ("BREAKER_LIMT = 3", (), {}, "warraq.toml sets BREAKER_LIMT, which is no setting; did you mean BREAKER_LIMIT?"),
        ("BREAKER_LIMIT = ", (), {}, "warraq.toml cannot be read as TOML: Invalid value"),
        ("DEFAULT_REQUEST_HEADERS = 5", (), {}, "warraq.toml: DEFAULT_REQUEST_HEADERS is a table, not 5"),
        ("RESPECT_RESERVATIONS = 5", (), {}, "warraq.toml: RESPECT_RESERVATIONS is a list of texts, not 5"),
        ("RELOOK_AGES = [5]", (), {}, "warraq.toml: RELOOK_AGES is a list of texts, not [5]"),
        ("SPIDER_MODULES = 5", (), {}, "warraq.toml: SPIDER_MODULES is a list of texts, not 5"),
        ("CONTACT = true", (), {}, "warraq.toml: CONTACT is a text, not True"),
        ("ARCHIVE_URI.a = 1", (), {}, "warraq.toml: ARCHIVE_URI is a text, not {'a': 1}"),
        ("BREAKER_LIMIT = 0", (), {}, "BREAKER_LIMIT is a whole number above 0, not 0"),
        ("SCHEDULE = 3", (), {}, "SCHEDULE is a table, on the command line a JSON object"),
        ("", ("-s", "BREAKER_LIMT=3"), {}, "BREAKER_LIMT is no setting; did you mean BREAKER_LIMIT?"),
        ("", ("-s", "ARCHIV_URI=x"), {}, "ARCHIV_URI is no setting; did you mean ARCHIVE_URI?"),
        ("", ("-s", "LOG_JSON=maybe"), {}, "LOG_JSON is True or False, not 'maybe'"),
        ("", ("-s", "ARCHIVE_ONLY=wet"), {}, "ARCHIVE_ONLY is empty or warc, not 'wet'"),
        ("", (), {"WARRAQ_BREAKER_LIMT": "3"}, "the environment sets WARRAQ_BREAKER_LIMT, which is no setting; did you mean WARRAQ_BREAKER_LIMIT?"),
        ("", ("-s", "NOTIFY_URLS=nosuch://hush"), {}, "NOTIFY_URLS: number 1 is no address of a service that apprise knows"),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_wrong_is_refused_before_anything_is_asked(tmp_path, file, words, variable, sentence):
    (tmp_path / "warraq.toml").write_text(file, encoding="utf-8")
    answer = scrapy(tmp_path, "crawl", "aljazeera", "-s", "CONTACT=mailto:a@b.example", *words, **variable)
    assert answer.returncode == 2
    assert sentence in answer.stderr.splitlines()[-1]
    assert "hush" not in answer.stderr
    assert not (tmp_path / "collection" / "warc").exists()


@pytest.mark.parametrize("command", [("list",), ("crawl", "aljazeera"), ("shell",), ("status",)])
def test_a_module_of_spiders_that_is_not_there_is_a_sentence(tmp_path, command):
    (tmp_path / "warraq.toml").write_text('SPIDER_MODULES = ["spiders", "nope.deep"]', encoding="utf-8")
    answer = scrapy(tmp_path, *command)
    assert answer.returncode == 2
    assert answer.stderr == "SPIDER_MODULES names nope.deep, which is no module here\n"


def test_what_a_spider_cannot_import_is_shown_where_it_stands(tmp_path):
    (tmp_path / "mine.py").write_text("import nope", encoding="utf-8")
    (tmp_path / "warraq.toml").write_text('SPIDER_MODULES = ["mine"]', encoding="utf-8")
    answer = scrapy(tmp_path, "list", PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert answer.returncode == 1
    assert 'mine.py", line 1' in answer.stderr


def test_other_people_s_settings_are_let_alone(tmp_path):
    more = ("-s", "PLAYWRIGHT_BROWSER_TYPE=firefox", "-s", "CLOSESPIDER_ITEMCOUNT=1", "-s", "MYPROJECT_LIMIT=3")
    assert ours(tmp_path, *more)["BREAKER_LIMIT"] == (5, "default")


def test_the_reader_has_the_archive_of_the_local_file(tmp_path, monkeypatch):
    fill((tmp_path / "news").as_uri(), tmp_path, range(1))
    (tmp_path / "warraq.toml").write_text(
        'ARCHIVE_URI = "news"\nAWS_ENDPOINT_URL = "http://127.0.0.1:1"\n', encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCHIVE_URI", raising=False)
    assert [article.id for article in open_archive().articles()] == ["aljazeera:0"]
    assert store.default_options() == {}  # a folder has no endpoint
    (tmp_path / "warraq.toml").write_text(
        'ARCHIVE_URI = "s3://b/x"\nAWS_ENDPOINT_URL = "http://127.0.0.1:1"\n', encoding="utf-8"
    )
    assert store.default_options() == {"endpoint_url": "http://127.0.0.1:1"}
    monkeypatch.setenv("ARCHIVE_URI", "s3://other/x")
    assert (store.default_uri(), store.default_options()) == ("s3://other/x", {})
    monkeypatch.delenv("ARCHIVE_URI")
    (tmp_path / "warraq.toml").write_text("ARCHIVE_URI", encoding="utf-8")
    with pytest.raises(store.StoreRefused, match="cannot be read as TOML"):
        open_archive()


def test_the_page_is_made_of_the_table():
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == page(), "write it anew: scrapy settings --page > docs/settings.md"


def test_every_setting_that_the_code_asks_for_is_in_the_table():
    """By name, in brackets or by one of Scrapy's getters; Scrapy's own settings aside."""
    import re  # noqa: PLC0415

    asked = re.compile(r'settings(?:\[|\.get\w*\()"([A-Z][A-Z_0-9]+)"')
    for floor in ("crawlers", "pipelines", "spiders"):
        for path in (ROOT / floor).rglob("*.py"):
            for name in asked.findall(path.read_text(encoding="utf-8")):
                is_there = name in defaults.known or hasattr(default_settings, name) or hasattr(defaults, name)
                assert is_there, (path.name, name)
    for name, setting in defaults.known.items():
        assert setting.about, name


# --- The log as JSON ----------------------------------------------------------------------------------------------------


def test_a_log_of_json_has_an_object_a_line_from_the_first_one(tmp_path):
    """A crawl that begins, and that the loopback refuses: what Scrapy and we say of it, the exception, its last words."""
    more = {"LOG_JSON": "1", "CONTACT": "mailto:a@b.example", "CONNECT_TO": "www.aljazeera.net:443:127.0.0.1:9"}
    words = ("-s", "RETRY_TIMES=0", "-s", "ARCHIVE_URI=c", "-a", "limit=1")
    answer = scrapy(tmp_path, "crawl", "aljazeera", *words, **more)
    rows = [json.loads(line) for line in answer.stderr.splitlines()]
    assert rows[0]["message"].startswith("Scrapy ")
    assert {"time", "level", "logger", "message"} <= set(rows[0])
    assert any(row["logger"].startswith("crawlers.") for row in rows)
    assert rows[0]["time"].endswith("Z")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-s", "BREAKER_LIMT=3"), 2, "BREAKER_LIMT is no setting; did you mean BREAKER_LIMIT?"),
        (("-s", "ARCHIVE_URI=ftp://x"), 2, "ARCHIVE_URI: the archive URI starts with ftp:"),
        (("-s", "SPIDER_MODULES=nope"), 2, "SPIDER_MODULES names nope, which is no module here"),
        (("-s", "ARCHIVE_URI=s3://b/x", "-s", "AWS_ENDPOINT_URL=http://127.0.0.1:1"), 3, "nothing was requested, the same call may succeed later."),
    ],
    ids=("setting", "archive", "module", "store"),
)  # fmt: skip
def test_why_nothing_began_is_an_object_of_it_too(tmp_path, words, code, said):
    more = {"LOG_JSON": "1", "CONTACT": "mailto:a@b.example", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    answer = scrapy(tmp_path, "crawl", "aljazeera", *words, **more)
    rows = [json.loads(line) for line in answer.stderr.splitlines()]
    assert answer.returncode == code
    assert rows[-1]["level"] == "ERROR"
    assert said in rows[-1]["message"]


def test_a_record_is_one_line_without_a_secret():
    try:
        int("s3://key:hush@store\nفي سطرين")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "الخبر %s", ("٧",), sys.exc_info())
    record.spider = object()
    line = JsonFormatter().format(record)
    row = json.loads(line)
    assert "\n" not in line
    assert "الخبر ٧" in line
    assert "ValueError" in row["exc_info"]
    assert "hush" not in line


# --- What is off ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["REMOTE_CONTROL_ENABLED", "TELNETCONSOLE_ENABLED", "COOKIES_ENABLED"])
def test_what_is_on_is_built_and_what_is_off_is_not_even_imported(switch):
    def built(value):
        crawler = get_crawler(DefaultSpider, {**PROJECT, switch: value})
        return {path for base in ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES") for path in crawler.settings[f"{base}_BASE"]}

    assert len(built("True") - built("False")) == 1


# --- Telling somebody through apprise -----------------------------------------------------------------------------------


def test_the_news_go_to_the_webhook_and_through_apprise():
    with listen() as hook, listen() as service:
        address = service.url.replace("http://", "json://")
        notifier = Notifier.from_settings(Settings({"WEBHOOK_URL": hook.url, "NOTIFY_URLS": f"{address} {address}2"}))
        assert notifier.post(event("failed", "aljazeera", 8, "الجزيرة"))
    assert [body["text"] for _, body in hook.posted] == ["aljazeera: crawl drifted. الجزيرة"]
    assert [body["message"] for _, body in service.posted] == ["aljazeera: crawl drifted. الجزيرة"] * 2
    assert service.posted[0][1]["title"] == "Warraq: aljazeera"


def test_a_service_that_is_not_there_is_a_warning_without_its_address(caplog):
    caplog.set_level(logging.DEBUG)
    notifier = Apprise(["json://127.0.0.1:9/hush-hush"])
    assert not notifier.post(event("failed", "aljazeera", 8, "x"))
    assert "not every service took the news of aljazeera" in caplog.text
    assert "hush-hush" not in caplog.text


def test_nobody_is_told_where_nobody_is_named():
    assert Notifier.from_settings(Settings({"WEBHOOK_URL": "", "NOTIFY_URLS": ""})) is None


def test_without_apprise_a_sentence_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ValueError, match=r"NOTIFY_URLS: This needs apprise, .* pip install 'warraq\[notify\]'"):
        Notifier.from_settings(Settings({"WEBHOOK_URL": "", "NOTIFY_URLS": "json://localhost"}))
