"""Drift is judged on reports: each fault raises its own alarm and no other, and quiet weeks raise none."""

import pytest
from scrapy.utils.project import get_project_settings

from crawlers.configuration import ConfigurationError
from crawlers.monitoring.drift import Limits, judge_drift
from tests.crawlers.monitoring.reports import Outlet

FAULTS = {
    "body-selectors": {"generic": 0.9, "words": 170, "agreement": 0.6},
    "json-ld": {"jsonld": 0.0, "shares": {"modified": 0.1, "tags": 0.2}},
    "consent-wall": {"lost": {"consent-wall": 0.95}},
    "other-language": {"lost": {"other-language": 0.8}},
    "empty": {"lost": {"empty": 0.5}},
    "failures": {"lost": {"failures": 9}, "pages": 12},
    "text-length": {"words": 100},
    "arabic": {"arabic": 0.6},
    "agreement": {"agreement": 0.4},
    "field section": {"shares": {"section": 0.0}},
}


def warmed(seed, days=4):
    outlet = Outlet(seed)
    outlet.crawls(12 * days)
    return outlet


@pytest.mark.parametrize("seed", range(2))
def test_three_quiet_weeks_raise_no_alarm(seed):
    outlet = Outlet(seed)
    verdicts = outlet.crawls(12 * 20)
    assert {name for names, _ in verdicts for name in names} == set()
    assert {verdict for _, verdict in verdicts} == {"learning", "too-few", "quiet"}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_raises_its_own_alarm_and_no_other(name):
    outlet = warmed(seed=name)
    found = outlet.crawls(6, **{"pages": 20, **FAULTS[name]})
    raised = {alarm for names, _ in found for alarm in names}
    assert raised == {name}
    assert "failed" in {verdict for _, verdict in found}


@pytest.mark.parametrize("seed", range(3))
def test_a_few_pages_that_agree_badly_by_chance_raise_no_alarm(seed):
    outlet = Outlet(f"doubt {seed}")
    found = outlet.crawls(12 * 15, doubtful=0.3)  # half of a crawl's three sampled pages, time and again
    medians = [report["quality"]["agreement"]["median"] or 1 for report in outlet.judged]
    assert sum(median < 0.5 for median in medians) > 10
    assert {name for names, _ in found for name in names} == set()


def test_agreement_is_lost_though_a_crawl_samples_two_pages():
    outlet = warmed(seed="two pages", days=6)
    assert {name for names, _ in outlet.crawls(12, doubtful=0.1) for name in names} == set()
    found = outlet.crawls(8, pages=20, agreement=0.4)
    assert [report["quality"]["agreement"]["sampled"] for report in outlet.judged[-8:]] == [2] * 8
    assert {name for names, _ in found for name in names} == {"agreement"}
    assert "failed" in {verdict for _, verdict in found}
    assert outlet.judged[-1]["drift"]["alarms"][0]["sample"] >= 10
    assert outlet.crawls(8, pages=20)[-1] == ([], "quiet")


def test_older_reports_that_tell_the_median_alone_are_a_measure_too():
    outlet = warmed(seed="older", days=6)
    for report in outlet.judged:
        del report["quality"]["agreement"]["pages"]
    assert "agreement" in {name for names, _ in outlet.crawls(8, pages=20, agreement=0.4) for name in names}


def test_pages_that_were_read_wrongly_are_no_doubt_about_the_next_ones():
    outlet = warmed(seed="after", days=6)
    assert outlet.crawl(pages=60, **FAULTS["body-selectors"]) == (["body-selectors"], "failed")
    assert [outlet.crawl(pages=20) for _ in range(3)] == [([], "quiet")] * 3


def test_long_and_short_articles_raise_no_alarm_where_few_crawls_are_known():
    found = set()
    for seed in range(60):
        outlet = Outlet(f"young {seed}")
        outlet.crawl(pages=40, spread=0.6)  # as it begins: much at once, then ten pages or so
        found |= {name for names, _ in outlet.crawls(14, pages=11, spread=0.6) for name in names}
    assert found == set()


def test_long_and_short_articles_hide_no_loss_of_text():
    outlet = Outlet("long and short")
    assert {name for names, _ in outlet.crawls(40, pages=25, spread=0.6) for name in names} == set()
    assert {name for names, _ in outlet.crawls(4, pages=25, spread=0.6, words=60) for name in names} == {"text-length"}


def test_an_outlet_that_falls_silent_is_warned_of_and_then_failed():
    outlet = warmed(seed=7, days=6)
    found = outlet.crawls(24, volume=0.1)
    assert {alarm for names, _ in found for alarm in names} == {"rhythm"}
    verdicts = [verdict for _, verdict in found]
    assert verdicts.index("warned") < verdicts.index("failed")


def test_the_hour_of_the_day_is_taken_into_account():
    outlet = warmed(seed=8, days=6)
    night = [names for names, _ in outlet.crawls(12)]  # a whole day, with hours in which nothing comes
    assert not any(night)


def test_a_small_difference_warns_and_fails_when_it_stands():
    outlet = warmed(seed=9)
    verdicts = [outlet.crawl(pages=60, shares={"tags": 0.45})[1] for _ in range(4)]
    assert verdicts == ["warned", "warned", "failed", "failed"]
    assert outlet.judged[-1]["drift"]["alarms"][0]["standing"] == 4


def test_a_grave_difference_fails_at_once():
    assert warmed(seed=10).crawl(pages=40, jsonld=0.0) == (["json-ld"], "failed")


def test_small_crawls_are_counted_together():
    outlet = warmed(seed=11)
    verdicts = [outlet.crawl(pages=3, lost={"consent-wall": 1.0}, volume=1)[1] for _ in range(5)]
    assert "too-few" in verdicts  # three pages say nothing
    assert "failed" in verdicts


def test_what_failed_is_no_measure_for_what_comes():
    outlet = warmed(seed=12)
    outlet.crawls(40, jsonld=0.0)
    assert outlet.crawl(pages=40, jsonld=0.0) == (["json-ld"], "failed")
    assert outlet.crawl(pages=40) == ([], "quiet")


def test_a_new_reading_begins_a_new_baseline():
    outlet = warmed(seed=13)
    verdicts = [verdict for _, verdict in outlet.crawls(20, jsonld=0.0, extractor="outlet/2")]
    assert set(verdicts) == {"learning", "too-few", "quiet"}


def test_an_alarm_names_what_it_explains():
    outlet = warmed(seed=14)
    outlet.crawl(pages=60, **FAULTS["json-ld"])
    (alarm,) = outlet.judged[-1]["drift"]["alarms"]
    assert alarm["explains"] == ["field modified", "field tags"]


def test_crawls_of_other_days_are_not_judged():
    outlet = warmed(seed=15)
    report = {**outlet.judged[-1], "regular": False}
    assert judge_drift(report, outlet.judged, Limits())["verdict"] == "not-judged"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DRIFT_TOLERANCE", {"shares": 1}, "DRIFT_TOLERANCE: 'shares' is none of"),
        ("DRIFT_TOLERANCE", {"share": "much"}, "DRIFT_TOLERANCE: share is a number above 0"),
        ("DRIFT_PATIENCE", "0", "DRIFT_PATIENCE is a number above 0"),
        ("DRIFT_SINCE", "May", "DRIFT_SINCE is a day such as"),
    ],
)
def test_a_wrong_setting_is_named(name, value, sentence):
    settings = get_project_settings()
    settings.set(name, value)
    with pytest.raises(ConfigurationError, match=sentence):
        Limits.from_settings(settings)
