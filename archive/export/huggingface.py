"""A folder that `datasets.load_dataset` loads and the Hub shows: Parquet, and a card that says what it is.

README.md                                   the card, written anew by each run
data/run-00000-00000.parquet …              all columns of the line, typed
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from archive.export.columns import tables
from archive.export.parquet import write_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archive.article import Article
    from archive.export.state import Run

_SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M", 10_000_000: "1M<n<10M"}
CARD = """---
language:
- ar
license: other
license_name: rights-of-the-outlets
pretty_name: Arabic news, kept by Warraq
size_categories:
- {size}
task_categories:
- text-generation
- text-classification
- summarization
configs:
- config_name: default
  data_files:
  - split: train
    path: data/*.parquet
---

# Arabic news, kept by Warraq

{count:,} versions of articles, taken from `{archive}`, with this selection: `{selection}`.

Each row is one version of one article, in the columns of Warraq's published line: `headline`, `text`, `outlet`, `published`, `tags`, `agencies`, `story`, …;
`provenance` says which part of the page each field was read from, `warc` where the page itself is kept, `story.role` is `copy`
where another article told the same story first, `version` is the highest for the newest text of an `id`.

**Rights.** The texts are the outlets' and their agencies'. `policy` says what each outlet asked of machines when the page was captured: `robots`,
`noai`, and `tdm` (a reservation under the EU's directive on text and data mining). Respect it; `--permitted` leaves out what is reserved.
What is taken down in the archive has to be taken down here: a further export into this folder does it.
"""


def write(run: Run, articles: Iterable[Article]) -> list[str]:
    """Write the files of this run and the card; return the files' names."""
    names, rows = [], 0
    (run.folder / "data").mkdir(exist_ok=True)
    for serial, table in enumerate(tables(articles)):
        name = f"data/{run.prefix}-{serial:05d}.parquet"
        write_table(table, run.folder / name)
        names.append(name)
        rows += table.num_rows
    count = run.state.articles + rows
    size = next((name for limit, name in _SIZES.items() if count < limit), "n>10M")
    selection = json.dumps(run.state.selection, ensure_ascii=False)
    text = CARD.format(size=size, count=count, archive=run.state.archive, selection=selection)
    (run.folder / "README.md").write_text(text, encoding="utf-8")
    return [*names, "README.md"]
