"""The report of a crawl: what it tells afterwards, for the bucket and for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crawlers.monitoring.postcrawl import alarm_sentence
from crawlers.politeness.breaker import CLOSE_REASON
from crawlers.politeness.retry import OFFLINE
from crawlers.signals import ExitCode
from crawlers.sources import RobotsSitemap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

# --- What a crawl tells afterwards: one report in the bucket, one line on the terminal, one exit code ----------------
# stats, sections ──▶ build_report() ──▶ reports/outlet=…/date=…/<crawl>.json      (schema: `report-1.schema.json`)
#                                   └──▶ judge() ──▶ exit code, summary line
#
# The sections come from extensions (`crawlers.monitoring.postcrawl.ReportSection`); what of them is out of the ordinary is said in `unusual`.

BLOCKED_REASONS = {CLOSE_REASON}
SIGNAL_REASONS = {"shutdown"}
YIELDED = "yielded"  # a back-fill gave way to a regular crawl
LEAST_SAMPLE = 5  # pages without an article that are no chance, where the archive knows the outlet's others
SOURCES = ("answered", "unchanged", "announced", "empty", "dead", "cut", "incomplete")
UNUSUAL = {
    "retry_after/rests": "rests that the outlet asked for: {}",
    "retry_after/given_up": "hosts given up, which asked for a longer rest than a crawl waits: {}",
    "retry/count": "requests repeated: {}",
    "log_count/ERROR": "errors in the log: {}",
    "capture/cached": "answers from an HTTP cache, of which there is no new record: {}",
}
HALF_SOURCES = {
    "cut": "sources left at their limit: {} ({})",
    "incomplete": "sources that were not whole: {} ({})",
}
UNCHANGED = "Unchanged"  # dropped because the archive has it: no loss


def build_report(  # noqa: PLR0913  each is a fact of its own
    stats: Mapping[str, Any],
    *,
    outlet: str,
    crawl: str,
    started: datetime,
    finished: datetime,
    finish_reason: str,
    unpublished: int,
    sections: Mapping[str, Any] | None = None,
    regular: bool = True,
) -> dict[str, Any]:
    """Gather the counts of a crawl: what was announced, chosen, kept and lost, each loss with its reason."""
    report = {
        "schema": 1,
        "outlet": outlet,
        "crawl": crawl,
        "started": started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="milliseconds"),  # two short crawls may begin and end in one second
        "finish_reason": finish_reason,
        "regular": regular,
        "sources": {name: _group(stats, f"source/{name}/") for name in SOURCES},
        "choice": _group(stats, "choice/"),
        "not_followed": _group(stats, "announced/"),
        "articles": _articles(stats),
        "captures": _group(stats, "capture/mode/"),
        "blocks": _blocks(stats),
        "statuses": _group(stats, "downloader/response_status_count/"),
        "bytes": stats.get("downloader/response_bytes", 0),
        "errors": _errors(stats),
        **({"offline": True} if stats.get(OFFLINE) else {}),
        **({"media": media} if (media := _group(stats, "media/")) else {}),
        "segments_unpublished": unpublished,
        "seconds": round((finished - started).total_seconds(), 1),
        **(sections or {}),
    }
    return {**report, "unusual": list(unusual(report, stats))}


def _errors(stats: Mapping[str, Any]) -> dict[str, Any]:
    logged = {"log": stats.get("log_count/ERROR", 0)}
    return logged | _group(stats, "spider_exceptions/") | _group(stats, "faults/")


def unusual(report: Mapping[str, Any], stats: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each thing that an ordinary crawl does not have."""
    blocked = blockade(report)
    if blocked:
        yield blocked
    for kind, count in _declared(report["sources"]["dead"]).items() if not blocked else ():  # they follow from it
        yield f"sources that did not answer as one: {count} ({kind})"
    for name, sentence in HALF_SOURCES.items():
        for kind, count in _declared(report["sources"].get(name, {})).items():
            yield sentence.format(count, kind)
    for key, sentence in UNUSUAL.items():
        if count := stats.get(key, 0):
            yield sentence.format(count)
    for name, count in _group(stats, "capture/truncated/").items():
        yield f"answers cut off: {count} ({name})"
    if left := report.get("pages", {}).get("outcomes", {}).get("not-reached"):
        yield f"pages not reached: {left} ({report['finish_reason']})"
    if report["segments_unpublished"]:
        yield f"segments that wait in the spool: {report['segments_unpublished']}"


def _declared(sources: Mapping[str, int]) -> Mapping[str, int]:
    """Leave out what robots.txt alone names: whether that answers is the outlet's affair, and the same in every crawl."""
    return {kind: count for kind, count in sources.items() if kind != RobotsSitemap.kind}


def blockade(report: Mapping[str, Any]) -> str | None:
    """Return what a crawl that the outlet blocked has to show for it, None for another crawl."""
    if report["finish_reason"] not in BLOCKED_REASONS:
        return None
    blocks = report["blocks"]
    seen = ", ".join(f"{name} {count}" for name, count in blocks["answers"].items())
    return f"the outlet blocks us: {seen}, {blocks['last']}; not asked any more: {blocks['refused']}"


def _blocks(stats: Mapping[str, Any]) -> dict[str, Any]:
    counts = _group(stats, "breaker/")
    last, refused = counts.pop("last", None), counts.pop("refused", 0)
    return {"answers": counts, "last": last, "refused": refused}


def _articles(stats: Mapping[str, Any]) -> dict[str, Any]:
    dropped = _group(stats, "item_dropped_reasons_count/")
    return {
        "kept": stats.get("archive/articles", 0),
        "copies": stats.get("archive/copies", 0),
        "versions": stats.get("archive/versions", 0),
        "unreadable": _group(stats, "article/unreadable/"),
        "unchanged": dropped.get(UNCHANGED, 0),
        "dropped": {name: count for name, count in dropped.items() if name != UNCHANGED},
        "failed": _group(stats, "article/failed/"),
        "refused": _group(stats, "article/refused/"),
        "outside_window": stats.get("article/outside-window", 0),
    }


def judge(report: Mapping[str, Any], *, broken: bool) -> ExitCode:
    """Say how the crawl went, the gravest first."""
    if broken:
        return ExitCode.FAILED
    if report["finish_reason"] in BLOCKED_REASONS:
        return ExitCode.BLOCKED
    if report["segments_unpublished"]:
        return ExitCode.UNPUBLISHED
    if report["finish_reason"] in SIGNAL_REASONS | {YIELDED}:
        return ExitCode.BUSY if report["finish_reason"] == YIELDED else ExitCode.STOPPED
    if report.get("drift", {}).get("verdict") == "failed":
        return ExitCode.DRIFTED
    return ExitCode.SUSPECT if suspicion(report) else ExitCode.PUBLISHED


def suspicion(report: Mapping[str, Any]) -> str | None:
    """Return why a finished crawl is not to be trusted, or None."""
    articles, sources = report["articles"], report["sources"]
    if not sources["unchanged"]:  # a source that says 304 lives, and has nothing new
        if _declared(sources["dead"]) and not sources["announced"]:
            return "there was no network, it seems" if report.get("offline") else "no source answered"
        if (sources["answered"] or sources["empty"]) and not any(sources["announced"].values()):
            return "no source announced anything"
    return None if articles["kept"] + articles["unchanged"] else _barren(report)


def _barren(report: Mapping[str, Any]) -> str | None:
    """Return why a crawl that kept nothing is not to be trusted, or None where there may have been nothing to keep."""
    choice, articles = report["choice"], report["articles"]
    if own := {name: count for name, count in report["errors"].items() if name not in {"log", "count"}}:
        faults = ", ".join(f"{name} {count}" for name, count in own.items())
        return f"nothing was kept, for faults of the program's own: {faults}"
    lost = report.get("pages", {}).get("outcomes", {}).get("not-reached", 0)
    if choice.get("chosen") and lost and report["finish_reason"] == "finished":
        return f"pages were chosen, and lost without a word: {lost}"
    tried = sum(articles["failed"].values()) + sum(articles["unreadable"].values()) + sum(articles["dropped"].values())
    if tried >= (LEAST_SAMPLE if choice.get("seen") else 1):
        return "nothing that was fetched became an article"
    return None


def summary_line(report: Mapping[str, Any], code: ExitCode) -> str:
    """Say in one line what a person wants to know of a crawl."""
    articles, choice = report["articles"], report["choice"]
    lost = sum(articles["failed"].values()) + sum(articles["unreadable"].values()) + sum(articles["dropped"].values())
    parts = [
        f"{report['outlet']}: {choice.get('chosen', 0)} chosen, {choice.get('seen', 0)} already in the archive",
        f"{articles['kept']} articles kept ({articles['copies']} copies of known stories)",
        f"{lost} not readable or not to be had",
        f"{sum(report['captures'].values())} exchanges captured",
        f"exit {code.value} ({': '.join(filter(None, (code.name.lower(), _why(report, code))))})",
    ]
    return " · ".join(parts)


def _why(report: Mapping[str, Any], code: ExitCode) -> str | None:
    reasons = {ExitCode.SUSPECT: suspicion, ExitCode.BLOCKED: blockade}
    return reasons[code](report) if code in reasons else None


def _group(stats: Mapping[str, Any], prefix: str) -> dict[str, int]:
    return {key.removeprefix(prefix): value for key, value in sorted(stats.items()) if key.startswith(prefix)}


# --- A crawl's report as a person reads it in the terminal: a dozen lines, the same with colours or without ----------
# report ──▶ text_of() ──▶ pages · outcomes · reasons · traffic · fields · reading · lag · unusual

STEPS = ("announced", "chosen", "fetched", "read", "kept")
KILO = 1000
MINUTES_A_DAY = 1440


def text_of(report: Mapping[str, Any]) -> str:
    """Return the report as lines."""
    begun, ended = report["started"], report["finished"]
    head = f"{report['outlet']}  {begun[:10]} {begun[11:19]} – {ended[11:19]} UTC  {report['finish_reason']}"
    return "\n".join([head, *(f"  {name:<9} {text}" for name, text in _lines(report))])


def _lines(report: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    pages = report.get("pages")
    if pages:
        yield "pages", " → ".join(f"{pages['steps'][name]} {name}" for name in STEPS)
        yield "outcomes", _counts(pages["outcomes"]) or "no page"
        if pages["reasons"]:
            yield "reasons", _counts(pages["reasons"])
    yield "sources", _counts({name: sum(report["sources"][name].values()) for name in report["sources"]})
    for number, (host, figures) in enumerate(report.get("traffic", {}).get("hosts", {}).items()):
        yield "traffic" if not number else "", _host(host, figures)
    if report.get("media"):
        yield "media", _counts(report["media"])
    yield from _quality(report.get("quality", {}))
    drift = report.get("drift", {"verdict": "not-judged", "alarms": []})
    if drift["verdict"] != "not-judged":
        yield "drift", f"{drift['verdict']} (against {drift['crawls']} crawls)"
    yield from (("", alarm_sentence(alarm)) for alarm in drift["alarms"])
    for number, figures in enumerate(report["unusual"]):
        yield "unusual" if not number else "", figures
    if not report["unusual"]:
        yield "unusual", "nothing"


def _host(host: str, figures: Mapping[str, Any]) -> str:
    times = f"{figures['seconds']['median']:.2f} s to an answer, delay {figures['delay']:.1f} s"
    return f"{host}: {figures['requests']} requests, {figures['answers']} answers, {size(figures['bytes'])}, {times}"


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
