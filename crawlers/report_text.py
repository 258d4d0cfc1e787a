"""A crawl's report as a person reads it in the terminal: a dozen lines, the same with colours or without.

report ──▶ text_of() ──▶ pages · outcomes · reasons · traffic · fields · reading · lag · unusual
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawlers.watching.watch import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STEPS = ("announced", "chosen", "fetched", "read", "kept")
KILO = 1000
MINUTES_A_DAY = 1440


def text_of(report: Mapping[str, Any]) -> str:
    """Return the report as lines."""
    begun, ended = report["started"], report["finished"]
    head = f"{report['outlet']}  {begun[:10]} {begun[11:19]} – {ended[11:19]} UTC  {report['finish_reason']}"
    return "\n".join([head, *(f"  {name:<9} {said}" for name, said in _lines(report))])


def _lines(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    pages = report.get("pages")
    if pages:
        yield "pages", " → ".join(f"{pages['steps'][name]} {name}" for name in STEPS)
        yield "outcomes", _counts(pages["outcomes"]) or "no page"
        if pages["reasons"]:
            yield "reasons", _counts(pages["reasons"])
    yield "sources", _counts({name: sum(report["sources"][name].values()) for name in report["sources"]})
    for number, (host, said) in enumerate(report.get("traffic", {}).get("hosts", {}).items()):
        yield "traffic" if not number else "", _host(host, said)
    yield from _quality(report.get("quality", {}))
    drift = report.get("drift", {"verdict": "not-judged", "alarms": []})
    if drift["verdict"] != "not-judged":
        yield "drift", f"{drift['verdict']} (against {drift['crawls']} crawls)"
    yield from (("", sentence(alarm)) for alarm in drift["alarms"])
    for number, said in enumerate(report["unusual"]):
        yield "unusual" if not number else "", said
    if not report["unusual"]:
        yield "unusual", "nothing"


def _host(host: str, said: Mapping[str, Any]) -> str:
    times = f"{said['seconds']['median']:.2f} s to an answer, delay {said['delay']:.1f} s"
    return f"{host}: {said['requests']} requests, {said['answers']} answers, {size(said['bytes'])}, {times}"


def _quality(quality: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if not (articles := quality.get("articles", 0)):
        return
    yield "fields", ", ".join(f"{name} {100 * count / articles:.0f} %" for name, count in quality["fill"].items())
    agreement = quality["agreement"]
    doubt = f", {agreement['median']:.2f} agreement with trafilatura" if agreement["sampled"] else ""
    yield "reading", f"{quality['words']['median']:.0f} words, {100 * quality['arabic']:.0f} % Arabic letters{doubt}"
    if quality["lag"]["articles"]:
        lag = quality["lag"]
        yield "lag", f"{span(lag['median'])} from published to captured, nine tenths within {span(lag['p90'])}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))


def size(count: float) -> str:
    """Return a number of bytes as people say it."""
    for unit in ("B", "kB", "MB"):
        if count < KILO:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= KILO
    return f"{count:.1f} GB"


def span(minutes: float) -> str:
    """Return a number of minutes as people say it."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    if minutes < 2 * 60:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 2 * MINUTES_A_DAY else f"{minutes / MINUTES_A_DAY:.1f} days"
