"""What stands beside a Hugging Face folder's Parquet: the card with its counts, Croissant metadata, a citation.

    README.md         what it is, how many by outlet, month, agency, story, and whose the texts are
    croissant.json    MLCommons' Croissant 1.0: each file with its SHA-256, each column with its type
    CITATION.cff      how to cite it, for people and for GitHub

All three are written anew by each run, from the Parquet that is there then.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from archive.article import VERSION
from archive.export.columns import arrow
from archive.files import write_text
from archive.schema.record import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from archive.export.state import Run

FILES = ("README.md", "croissant.json", "CITATION.cff")
_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
_MOST_ROWS = 60  # of a table: five years of months
_PIECE = 1 << 20
TITLE = "Arabic news, kept by Warraq"
CARD = """---
language:
- ar
license: other
license_name: rights-of-the-outlets
pretty_name: {title}
size_categories:
- {size}
task_categories:
- text-generation
- text-classification
- summarization
configs:
- config_name: default
  data_files:
{splits}
---

# {title}

{count:,} versions of articles, taken from `{archive}`, with this selection: `{selection}`.

Each row is one version of one article, in the columns of Warraq's published line: `headline`, `text`, `outlet`, `published`, `tags`, `agencies`, `story`, …;
`provenance` says which part of the page each field was read from, `warc` where the page itself is kept, `story.role` is `copy`
where another article told the same story first, the newest text of an `id` is the one `captured` last.

**Rights.** The texts are the outlets' and their agencies'. `policy` says what each outlet asked of machines when the page was captured: `robots`,
`noai`, and `tdm` (a reservation under the EU's directive on text and data mining). Respect it; `--permitted` leaves out what is reserved.
What is taken down in the archive has to be taken down here: a further export into this folder does it.

{counts}"""


@dataclass(slots=True)
class Counts:
    """How many versions of articles a folder holds, and of what."""

    rows: int = 0
    outlets: Counter[str] = field(default_factory=Counter)
    months: Counter[str] = field(default_factory=Counter)
    agencies: Counter[str] = field(default_factory=Counter)
    stories: Counter[str] = field(default_factory=Counter)
    reserved: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, folder: Path, names: Iterable[str]) -> Counts:
        """Count what Parquet files hold; the columns that are counted are read, the texts are not."""
        counts, parquet = cls(), arrow().parquet
        for name in names:
            for batch in parquet.ParquetFile(folder / name).iter_batches(
                columns=["outlet", "published", "captured", "agencies", "story", "policy"]
            ):
                for row in batch.to_pylist():
                    counts._take(row)
        return counts

    def _take(self, row: Mapping[str, Any]) -> None:
        self.rows += 1
        self.outlets[row["outlet"]] += 1
        self.months[f"{row['published'] or row['captured']:%Y-%m}"] += 1
        self.agencies.update(row["agencies"] or ["none"])
        self.stories[row["story"]["id"] if row["story"] else "none"] += 1
        policy = row["policy"] or {}
        if policy.get("noai") or policy.get("tdm") not in {None, "0"}:
            self.reserved[row["outlet"]] += 1

    def to_markdown(self) -> str:
        """Return the tables of the card."""
        alone = self.stories.pop("none", 0)
        several = sum(count > 1 for count in self.stories.values())
        parts = [
            _table("outlet", self.outlets, more=("reserved against machines", self.reserved)),
            _table("month", self.months, by_name=True),
            _table("agency", self.agencies),
            (
                f"**Stories.** {len(self.stories):,} stories; {several:,} of them stand in several rows, the largest in "
                f"{max(self.stories.values(), default=0):,}; {alone:,} rows name none.\n"
            ),
        ]
        return "\n".join(parts)


def _table(
    name: str, counts: Counter[str], *, by_name: bool = False, more: tuple[str, Mapping[str, int]] | None = None
) -> str:
    rows = sorted(counts.items()) if by_name else counts.most_common()
    shown = rows[-_MOST_ROWS:] if by_name else rows[:_MOST_ROWS]
    heads = [name, "rows", *([more[0]] if more else [])]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {value} | {count:,} |" + (f" {more[1].get(value, 0):,} |" if more else "") for value, count in shown]
    if rest := sum(counts.values()) - sum(count for _, count in shown):
        lines.append(f"| others | {rest:,} |" + (" |" if more else ""))
    return "\n".join(lines) + "\n"


def write_card(run: Run, names: Sequence[str]) -> list[str]:
    """Write card, metadata and citation of a folder.

    Args:
        run: the run that wrote into it.
        names: all Parquet files that it holds.

    Returns:
        The names of what was written.
    """
    counts = Counts.of(run.folder, names)
    size = next((name for limit, name in _SIZES.items() if counts.rows < limit), "n>10M")
    sides = run.additions.split.names if run.additions.split is not None else ()
    filled = (
        side for side in sides if any(name.startswith(f"data/{side}-") for name in names)
    )  # no loader takes one without a file
    splits = [f"  - split: {side}\n    path: data/{side}-*.parquet" for side in filled]
    card = CARD.format(
        title=TITLE,
        size=size,
        count=counts.rows,
        archive=run.state.archive,
        selection=json.dumps(run.state.selection, ensure_ascii=False),
        splits="\n".join(splits or ["  - split: train\n    path: data/*.parquet"]),
        counts=counts.to_markdown(),
    )
    today = datetime.now(UTC).date().isoformat()
    metadata = json.dumps(croissant(run, names, today), ensure_ascii=False, indent=1)
    texts = (
        card,
        metadata,
        _citation(run, counts, today),
    )  # all of them before the first is written: they speak of one state
    for name, text in zip(FILES, texts, strict=True):
        write_text(run.folder / name, text)
    return list(FILES)


def _citation(run: Run, counts: Counts, today: str) -> str:
    """Return a citation in the Citation File Format 1.2.0; strings are JSON's, which are YAML's too."""
    outlets = ", ".join(sorted(counts.outlets))
    abstract = f"{counts.rows:,} versions of articles of {outlets}, taken from {run.state.archive}."
    said = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, please cite it as below.",
        "title": TITLE,
        "type": "dataset",
        "abstract": abstract,
        "version": f"{today}-{len(run.state.runs)}",
        "date-released": today,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    return "\n".join([*lines, "authors:", f'  - name: "Warraq {VERSION}"', ""])


# --- Croissant: what a machine has to know to load the files ---------------------------------------------------------

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {
    "string": "sc:Text",
    "boolean": "sc:Boolean",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "time": "sc:DateTime",
}


def croissant(run: Run, names: Sequence[str], today: str) -> dict[str, Any]:
    """Return the metadata; the columns with plain values are described one by one, the others as they stand in the record's page."""
    added = [name for name in run.additions.names if name != "split"]
    plain = {name: part for name, part in shape().parts.items() if part.kind in _TYPES} | dict.fromkeys(added)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "warraq-arabic-news",
        "description": f"{TITLE}: one version of one article a row.",
        "license": "The texts are the outlets' and their agencies'; README.md says more.",
        "url": run.state.archive,
        "citeAs": "CITATION.cff",
        "datePublished": today,
        "version": f"1.0.{len(run.state.runs)}",
        "inLanguage": "ar",
        "isLiveDataset": True,
        "distribution": _distribution(run, names),
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "articles",
                "name": "articles",
                "field": [_field(name, part) for name, part in plain.items()],
            }
        ],
    }


def _distribution(run: Run, names: Sequence[str]) -> list[dict[str, Any]]:
    files = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "encodingFormat": "application/x-parquet",
            "sha256": _sha256(run.folder / name),
        }
        for name in names
    ]
    fileset = {
        "@type": "cr:FileSet",
        "@id": "parquet",
        "name": "parquet",
        "description": "all of them, below the folder of this file",
        "encodingFormat": "application/x-parquet",
        "includes": "data/*.parquet",
    }
    return [*files, fileset]


def _field(name: str, part: Shape | None) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"articles/{name}",
        "name": name,
        "description": "in one spelling" if part is None else part.about.text,
        "dataType": "sc:Text" if part is None else _TYPES[part.kind],
        "source": {"fileSet": {"@id": "parquet"}, "extract": {"column": name}},
    }


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
