"""Every setting of ours, with values that it cannot have."""

import gc
import logging

import pytest
from scrapy.utils.project import get_project_settings

from crawlers import settings as defaults
from crawlers.commands.crawl import _spare_what_stands
from crawlers.configuration import ConfigurationError, check_configuration, spare_unheard

NUMBERS = sorted(
    name
    for name, value in vars(defaults).items()
    if name.isupper()
    and isinstance(value, int | float)
    and not isinstance(value, bool)
    and not name.startswith(("DRIFT_LEAST", "DRIFT_DAYS", "DRIFT_GRAVE", "DRIFT_PATIENCE"))
)
FLAGS = sorted(name for name, value in vars(defaults).items() if isinstance(value, bool))


def refused(name, value):
    settings = get_project_settings()
    settings.set(name, value, "cmdline")
    with pytest.raises(ConfigurationError) as error:
        check_configuration(settings)
    return str(error.value)


def test_our_own_are_right():
    check_configuration(get_project_settings())


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["", "x", "-1", -1, None, "nan", "inf", [], "1 h"])
def test_a_number_is_one(name, value):
    assert refused(name, value).startswith((f"{name} is a number ", f"{name} is a whole number "))
    assert refused(name, value).endswith(f", not {value!r}")


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", ["maybe", "ja", ""])
def test_yes_or_no_is_one(name, value):
    assert refused(name, value) == f"{name} is True or False, not {value!r}"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONCURRENT_REQUESTS_PER_DOMAIN", "0", "a whole number above 0, not '0'"),  # would never ask, nor end
        ("PUBLISH_EVERY", 0, "a number above 0, not 0"),
        ("SEGMENT_MAX_BYTES", "1e9", "a whole number above 0, not '1e9'"),
        ("METRICS_PORT", "65536", "a whole number from 0 to 65535, not '65536'"),
        ("COLLECTION", "a/b", "written in small Latin letters and digits, not 'a/b'"),
        ("WARC_TRANSFER_CODING", "both", "strip or keep, not 'both'"),
        ("ROBOTSTXT_USER_AGENT", "Warraq/0.1", "one word of Latin letters, - and _, not 'Warraq/0.1'"),
        ("LOG_LEVEL", "info", "DEBUG, INFO, WARNING, ERROR or CRITICAL, not 'info'"),
    ],
)
def test_what_is_more_particular(name, value, said):
    assert refused(name, value) == f"{name} is {said}"


@pytest.mark.parametrize(
    ("name", "value"), [("RELOOK_AGES", "2 d,1 d"), ("RELOOK_AGES", "x"), ("RESPECT_RESERVATIONS", "tdm,all")]
)
def test_a_list_is_one(name, value):
    assert refused(name, value).startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOWNLOAD_DELAY", "0"),
        ("DOWNLOAD_TIMEOUT", "2.5"),
        ("RELOOK_BUDGET", "0"),
        ("RELOOK_AGES", ""),
        ("LOG_LEVEL", 10),
    ],
)
def test_what_can_be_may_be(name, value):
    settings = get_project_settings()
    settings.set(name, value, "cmdline")
    check_configuration(settings)


def test_no_record_of_the_log_is_made_that_no_handler_takes(monkeypatch):
    warnings = logging.StreamHandler()
    warnings.setLevel(logging.WARNING)
    scrapy = logging.getLogger("scrapy")
    monkeypatch.setattr(scrapy, "level", scrapy.level)
    monkeypatch.setattr(logging.getLogger(), "handlers", [warnings])
    spare_unheard()
    assert not scrapy.isEnabledFor(logging.INFO)
    logging.getLogger().handlers.append(logging.NullHandler())
    spare_unheard()
    assert scrapy.isEnabledFor(logging.DEBUG)


def test_what_a_crawl_begins_with_is_spared_by_the_collector_once():
    try:
        _spare_what_stands()
        spared = gc.get_freeze_count()
        kept = [[] for _ in range(1000)]
        _spare_what_stands()
        assert spared > len(kept)
        assert gc.get_freeze_count() == spared
    finally:
        gc.unfreeze()
