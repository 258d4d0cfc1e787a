"""What is wrong stops before the first request: exit code 2 and one sentence that names what is wrong."""

import pytest

from tests.crawling import moto, places, run

ELSEWHERE = {"CONNECT_TO": "::127.0.0.1:9"}  # nobody listens on the discard port


def refused(tmp_path, *command, **environment):
    answer = run("scrapy", *command, **{**places(tmp_path), **ELSEWHERE, **environment})
    assert answer.returncode == 2, answer.stderr
    sentence = answer.stderr.strip().splitlines()[-1]
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "collection" / "warc").exists()
    return sentence


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("crawl", "aljazira"), "unknown outlet 'aljazira'; there are alaraby, albawaba,"),
        (("crawl",), "name one outlet"),
        (("crawl", "alaraby", "-a", "since=2025-13-01"), "since=2025-13-01 is not a date"),
        (("crawl", "alaraby", "-a", "until=yesterday"), "until=yesterday is not a date"),
        (("crawl", "alaraby", "-a", "url=https://www.aljazeera.net/"), "is not on a host of alaraby"),
        (("crawl", "alaraby", "-a", "limit=-1"), "limit=-1 is not a number of articles"),
        (("crawl", "alaraby", "-a", "sinse=2025-01-01"), "unknown argument 'sinse'"),
        (("crawlall", "aljazira"), "unknown outlet 'aljazira'"),
    ],
)
def test_wrong_arguments(tmp_path, command, said):
    assert said in refused(tmp_path, *command)


def test_an_archive_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    sentence = refused(tmp_path, "crawl", "alaraby", ARCHIVE_URI=str(tmp_path / "file" / "collection"))
    assert sentence.startswith("scrapy: error: ARCHIVE_URI") or "ARCHIVE_URI: " in sentence


@pytest.mark.parametrize("command", [("crawl", "alaraby"), ("schedule",), ("reread", "--since", "2026-01-01")])
def test_an_archive_that_does_not_answer_is_no_refusal(tmp_path, command):
    away = {"ARCHIVE_URI": "s3://news/a", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "us-east-1"}
    answer = run(
        "scrapy", *command, **{**places(tmp_path), **ELSEWHERE, **away, **keys, "CONTACT": "https://a.example/"}
    )
    assert answer.returncode == 3, answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stderr.strip().endswith("nothing was requested, the same call may succeed later.")


def test_a_spool_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    assert "SPOOL_DIR: " in refused(tmp_path, "crawl", "alaraby", SPOOL_DIR=str(tmp_path / "file" / "spool"))


def test_an_archive_of_an_unknown_kind(tmp_path):
    assert "ARCHIVE_URI: " in refused(tmp_path, "crawl", "alaraby", ARCHIVE_URI="ftp://host/news")


def test_credentials_in_the_uri_are_refused_and_not_repeated(tmp_path):
    sentence = refused(tmp_path, "crawl", "alaraby", ARCHIVE_URI="s3://key:hushhush@bucket/news")
    assert "ARCHIVE_URI: " in sentence
    assert "hushhush" not in sentence


def test_a_bucket_that_is_not_there(tmp_path):
    with moto() as store:
        sentence = refused(tmp_path, "crawl", "alaraby", ARCHIVE_URI="s3://nobucket/news", **store)
    assert "ARCHIVE_URI: " in sentence
    assert "nobucket" in sentence


def test_a_real_crawl_without_a_contact(tmp_path):
    for contact, said in (("", "CONTACT is not set"), ("hello", "a page where an outlet can reach you, not 'hello'")):
        assert said in refused(tmp_path, "crawl", "alaraby", CONNECT_TO="", CONTACT=contact)
    words = ("crawl", "alaraby", "-s", "USER_AGENT=Mozilla/5.0")
    assert "USER_AGENT does not say the contact" in refused(tmp_path, *words, CONNECT_TO="", CONTACT="a@example.org")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("DOWNLOAD_DELAY=abc", "DOWNLOAD_DELAY is a number from 0 on, not 'abc'"),
        ("RELOOK_AGES=soon", "RELOOK_AGES: 'soon' is no age; write 30 m, 6 h or 7 d"),
        ("LOG_LEVEL=LOUD", "LOG_LEVEL is DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'LOUD'"),
    ],
)
@pytest.mark.parametrize("command", [("crawl", "alaraby"), ("crawlall",), ("backfill", "alaraby"), ("schedule",)])
def test_a_setting_that_cannot_be(tmp_path, command, setting, said):
    assert refused(tmp_path, *command, "-s", setting).endswith(said)


def test_a_route_that_is_none(tmp_path):
    assert "CONNECT_TO" in refused(tmp_path, "crawl", "alaraby", CONNECT_TO="somewhere")
