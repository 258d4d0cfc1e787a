"""Articles that make re-clustering hard, what one machine says of them, and desks over them."""

import gzip
import io
import json
import random
from argparse import Namespace
from functools import partial

import pytest

from archive.store import open_store
from crawlers.cluster.jobs import JobWorkspace, Plan
from crawlers.commands.recluster import Command
from tests.pipelines.syndication.draws import Draw
from tests.pipelines.syndication.writing import ARTICLES, BASES, read
from tests.pipelines.syndication.writing import line as written

LATE = (0, 60, 110, 165)  # hours


@pytest.fixture(scope="session")
def articles():
    """Two labelled draws a year apart, with versions, the same text again later, the same page twice, no date, and set sentences."""
    found = []
    for seed in (5, 6):
        for each in Draw(BASES, seed, wires=25).articles:
            line = each.line()
            line["published"] = line["published"].replace("2026", str(2020 + seed))
            found.append({**line, "id": f"{line['id']}/{seed}", "captured": line["published"]})
    rng = random.Random(3)
    for line in rng.sample(found, 40):
        later = f"{line['published'][:8]}{rng.randint(23, 28):02}T06:00:00Z"
        found.append({**line, "published": None, "captured": later})  # known: the same text under a later date
        found.append(
            {**line, "version": 2, "text": f"{line['text']}\nوأضافت الوزارة أن التحقيق مستمر.", "captured": later}
        )
        found.append({**line, "id": f"{line['id']}-twin", "published": later, "captured": later})
    for name, (headline, text) in read("formulaic.txt").items():  # what only openings, days and formulas tell apart
        found.append(written(f"alaraby:{name}", text, 20 * int(name[-1]), headline=headline))
        found.append(written(f"aljazeera:{name}", f"الرياض - واس\n{text}", 20 * int(name[-1]) + 1, headline=headline))
    for hours in LATE:  # the last ones come after the first one's window
        text = f"{ARTICLES['chess'][1]}\nالعدد {hours}"
        found.append(written(f"aljazeera:late-{hours}", text, 24 * 200 + hours))
    rng.shuffle(found)
    return found


def as_lines(articles):
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in articles).encode()


@pytest.fixture(scope="session")
def expected(articles, tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "in.jsonl"
    path.write_bytes(as_lines(articles))
    with pytest.MonkeyPatch.context() as patch:
        printed = io.StringIO()
        patch.setattr("sys.stdout", printed)
        Command().run([str(path)], Namespace(archive=None, publish=False))
    return printed.getvalue().encode()


@pytest.fixture
def workspace_of(tmp_path, articles):
    """Lay a workspace out over an archive of seven objects."""
    return partial(lay_out, tmp_path, articles)


def lay_out(folder, articles, tasks, hidden=()):
    store = open_store(str(folder / "collection"))
    keys = [f"articles/outlet=all/date=2026-01-01/{number}.jsonl.gz" for number in range(7)]
    for number, key in enumerate(keys):
        store.create(key, gzip.compress(as_lines(articles[number::7]), mtime=0))
    workspace = JobWorkspace(str(folder / "work"), store.uri)
    workspace.settle(Plan("recluster", store.uri, tasks, keys, {}, list(hidden)))
    return workspace
