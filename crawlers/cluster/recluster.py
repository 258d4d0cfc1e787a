"""The job `recluster`: the stories of a whole archive, by passes that each machine can do a share of.

read ─▶ twins ─▶ compare ─▶ join ─▶ deal ─▶ assign ─▶ gather
"""

from __future__ import annotations

import gzip
import hashlib
import heapq
import io
import json
import tempfile
import zlib
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import fields, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.cluster.jobs import JobWorkspace, share
from pipelines.syndication import MemoryStoryIndex, Piece, Placement, Stories, story_line
from pipelines.syndication.fingerprints import WINDOW, block_of
from pipelines.syndication.formulas import DAYS, Formulas
from pipelines.syndication.index import Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from archive.reader.archive import Archive
    from archive.store import Store
    from pipelines.syndication.fingerprints import Hashes, Marks
    from pipelines.syndication.index import Relation

# --- Articles and what is found of them, as Parquet: the same rows give the same bytes -------------------------------

_COLUMNS = [column.name for column in fields(Piece)]
_WORDS = np.dtype("<u4")


def to_parquet(columns: Mapping[str, Sequence[Any] | npt.NDArray[Any]]) -> bytes:
    """Write columns of equal length."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
    return sink.getvalue()


def from_parquet(store: Store, keys: Iterable[str]) -> Iterator[dict[str, list[Any]]]:
    """Read objects, each as its columns."""
    for key in keys:
        yield pq.ParquetFile(io.BytesIO(store.read(key))).read().to_pydict()


def arrays_from_parquet(store: Store, key: str) -> dict[str, npt.NDArray[Any]]:
    """Read an object of numbers as arrays: what every task of a pass holds must not become a hundred million objects."""
    table = pq.ParquetFile(io.BytesIO(store.read(key))).read()
    return {name: table.column(name).to_numpy() for name in table.column_names}


def pieces_to_parquet(pieces: Iterable[Piece]) -> bytes:
    """Write articles, in order of publication."""
    ordered = sorted(pieces, key=in_order)
    columns: dict[str, list[Any]] = {name: [getattr(piece, name) for piece in ordered] for name in _COLUMNS}
    columns["words"] = [piece.words.astype(_WORDS).tobytes() for piece in ordered]
    columns["own"] = [None if piece.own is None else np.packbits(piece.own).tobytes() for piece in ordered]
    columns["agencies"] = [" ".join(map("=".join, piece.agencies.items())) for piece in ordered]
    return to_parquet(columns)


def pieces_from_parquet(store: Store, keys: Iterable[str]) -> list[Piece]:
    """Read articles of several objects, in order of publication."""
    pieces = []
    for columns in from_parquet(store, keys):
        words = [np.frombuffer(body, dtype=_WORDS) for body in columns["words"]]
        agencies = [dict(pair.split("=", 1) for pair in codes.split()) for codes in columns["agencies"]]
        own = [
            None if packed is None else _marks(packed, ids.size)
            for packed, ids in zip(columns["own"], words, strict=True)
        ]
        read = columns | {"words": words, "own": own, "agencies": agencies}
        pieces += [Piece(*row) for row in zip(*(read[name] for name in _COLUMNS), strict=True)]
    return sorted(pieces, key=in_order)


def _marks(packed: bytes, size: int) -> npt.NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(packed, np.uint8), count=size).astype(np.bool_)


def in_order(piece: Piece) -> tuple[float, str, int, Any]:
    """Return what articles are sorted by: as `scrapy recluster` does, and ties by their text."""
    return piece.at, piece.id, piece.version, piece.text


def bucket_of(name: object, buckets: int) -> int:
    """Return in which of so many buckets something stands: the same on every machine."""
    return zlib.crc32(str(name).encode("utf-8", "surrogatepass")) % buckets


# ---------------------------------------------------------------------------------------------------------------------
# Pass 1 of `recluster`: article lines become fingerprinted pieces, by blocks of time; and their keys, by buckets.
# lines ──▶ Piece ─┬─▶ pieces/block=<b>/<task>     72 hours each: what may be compared stands in two of them
#                  └─▶ keys/<bucket>/<task>        page and text of each: what is alike without being compared

_Row = tuple[str, str, float]  # what is alike, article, moment


def objects_of(archive: Archive, options: Mapping[str, Any]) -> list[str]:
    """Return the keys of all article lines that stand; a part of them would have other stories than the whole."""
    if any(options.values()):
        raise ValueError("recluster takes the whole archive; --since, --until and --outlet are for other jobs")
    return [m.by_kind["articles"].key for m in archive.manifests() if "articles" in m.by_kind]


def read_lines(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Read a task's share of the archive's article objects."""
    plan = workspace.plan()
    hidden = frozenset(plan.hidden)
    counts = {"articles": 0, "bytes": 0}
    blocks: defaultdict[int, list[Piece]] = defaultdict(list)
    buckets: defaultdict[int, list[_Row]] = defaultdict(list)
    for key in share(plan.objects, task, tasks):
        with workspace.source.open(key) as packed, gzip.open(packed) as lines:
            for line in lines:
                piece = Piece.of_line(json.loads(line))
                if piece.id in hidden:
                    continue
                blocks[block_of(piece.at)].append(piece)
                for row in keys_of(piece):
                    buckets[bucket_of(row[0], tasks)].append(row)
                counts["articles"] += 1
                counts["bytes"] += len(line)
    for block, pieces in sorted(blocks.items()):
        workspace.put(f"pieces/block={block}/{task:05}.parquet", pieces_to_parquet(pieces))
    for bucket, rows in sorted(buckets.items()):
        workspace.put(f"keys/{bucket:05}/{task:05}.parquet", to_parquet(_columns(rows)))
    return counts


def keys_of(piece: Piece) -> Iterator[_Row]:
    """Yield what a piece may have in common with any other one, whenever that was published.

    ``id`` finds the versions of an article, ``again`` the same text of the same article under another date.
    """
    yield f"id {piece.id}", piece.id, piece.at
    yield f"page {piece.address!r}", piece.id, piece.at
    yield f"again {piece.id} {piece.text!r}", piece.id, piece.at
    if piece.comparable:
        yield f"text {piece.text!r}", piece.id, piece.at


def blocks_of(workspace: JobWorkspace) -> list[int]:
    """Return the blocks of time in which there are pieces, in order."""
    return sorted(int(name.removeprefix("block=")) for name in workspace.store.folders("pieces/"))


def _columns(rows: Iterable[_Row]) -> dict[str, list[Any]]:
    alike, articles, moments = (list(column) for column in zip(*sorted(rows), strict=True))
    return {"alike": alike, "article": articles, "at": moments}


# ---------------------------------------------------------------------------------------------------------------------
# Passes 6 and 7 of `recluster`: stories are assembled by the very rules of a crawl; then all lines become one file.
# dealt/<bucket>, linked/<bucket> ──▶ Stories, with the links as found ──▶ placed/<bucket>
# placed/… ──▶ stories.jsonl.gz, by id: byte for byte what `scrapy recluster` prints

RESULT = "stories.jsonl.gz"


class _Linked(MemoryStoryIndex):
    """An index that is told the links beforehand, and draws each as soon as both of its ends are there."""

    def __init__(self, links: Iterable[tuple[str, str, int]]) -> None:
        super().__init__()
        self._waiting: defaultdict[str, dict[str, Link]] = defaultdict(dict)
        self._here: set[str] = set()
        for one, other, link in links:
            strongest = Link(max(link, self._waiting[one].get(other, 0)))
            self._waiting[one][other] = self._waiting[other][one] = strongest

    def shared(self, at: float, sketch: Hashes, least: int) -> Mapping[int, int]:  # noqa: ARG002  as `Index.shared`
        """Find nothing to compare with: that was done."""
        return {}

    def add(self, piece: Piece, sketch: Hashes, own: Marks) -> None:
        """Keep a text, and draw its links."""
        super().add(piece, sketch, own)
        self._here.add(piece.id)
        for other, link in self._waiting[piece.id].items():
            if other in self._here:
                self.link(piece.id, other, link)


def place_all(pieces: Iterable[Piece], links: Iterable[tuple[str, str, int]]) -> Iterable[Placement]:
    """Return where articles stand, by id.

    Args:
        pieces: in order of publication; all of a component, or none.
        links: among these, as they were compared.
    """
    stories = Stories(_Linked(links))
    stories.place_all(pieces)
    return stories.placements()


def assign(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Assemble the stories of one bucket."""
    pieces = pieces_from_parquet(workspace.store, workspace.keys(f"dealt/{task:05}/"))
    links = [
        row
        for columns in from_parquet(workspace.store, workspace.keys(f"linked/{task:05}.parquet"))
        for row in zip(columns["one"], columns["other"], columns["link"], strict=True)
    ]
    placed = list(place_all(pieces, links))
    workspace.put(f"placed/{task:05}.jsonl", "".join(f"{story_line(each)}\n" for each in placed).encode())
    return {"placed": len(placed), "stories": len({each.story for each in placed})}


def gather(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Merge what all tasks placed, in one task, as a stream."""
    if task:
        return {}
    articles = 0
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        parts = [stack.enter_context(workspace.store.open(key)) for key in workspace.keys("placed/")]
        path = Path(folder) / RESULT
        with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
            for line in heapq.merge(*parts, key=_id):
                packed.write(line)
                articles += 1
        workspace.put_file(RESULT, path)
    return {"articles": articles}


def _id(line: bytes) -> str:
    return str(json.loads(line)["id"])


# ---------------------------------------------------------------------------------------------------------------------
# Pass 2 of `recluster`: what is alike however far apart: the versions of an article, the same page, the same text.
# keys/<bucket>/… ─┬─▶ twins/<bucket>      pairs of articles; an article with itself, where there are several versions
#                  └─▶ repeats/<bucket>    article and text, since when: the same text under a later date is no news

Alike = dict[str, list[tuple[float, str]]]  # key → moment and article of whoever has it


def find_twins(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:  # noqa: ARG001  every pass is called alike
    """Find what is alike in one bucket of keys."""
    alike: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for columns in from_parquet(workspace.store, workspace.keys(f"keys/{task:05}/")):
        for key, article, at in zip(columns["alike"], columns["article"], columns["at"], strict=True):
            alike[key].append((at, article))
    pairs = sorted(pairs_of(alike))
    workspace.put(
        f"twins/{task:05}.parquet", to_parquet({"one": [a for a, _ in pairs], "other": [b for _, b in pairs]})
    )
    again = repeats_of(alike)
    workspace.put(f"repeats/{task:05}.parquet", to_parquet({"alike": list(again), "since": list(again.values())}))
    return {"keys": len(alike), "twins": len(pairs), "repeats": len(again)}


def pairs_of(alike: Alike) -> set[tuple[str, str]]:
    """Return a chain of pairs for each key that several pieces have; an article with itself where they are all its own."""
    chains = (sorted(holders) for key, holders in alike.items() if len(holders) > 1 and not key.startswith("again "))
    return {(one[0][1], other) for one in chains for _, other in one[1:]}


def repeats_of(alike: Alike) -> dict[str, float]:
    """Return the texts that their article had at several moments, with the first of these."""
    moments = {key: [at for at, _ in holders] for key, holders in alike.items() if key.startswith("again ")}
    return {key: min(times) for key, times in sorted(moments.items()) if min(times) < max(times)}


class Repeats:
    """What is no news: the same text of the same article at a later moment. A crawl that knows it does not learn it again."""

    def __init__(self, workspace: JobWorkspace) -> None:
        self._since: dict[str, float] = {}
        for columns in from_parquet(workspace.store, workspace.keys("repeats/")):
            self._since.update(zip(columns["alike"], columns["since"], strict=True))

    def without(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Return the pieces that are news, in their order."""
        return [piece for piece in pieces if piece.at <= self._since.get(f"again {piece.id} {piece.text!r}", piece.at)]


# ---------------------------------------------------------------------------------------------------------------------
# Pass 3 of `recluster`: each piece against those before it within the window. Stateless: a block needs those before it.
#     blocks b-12 … b-2  ░░░░  only learned: what 32 days say again and again is formula
#     block b-1  ▒▒▒▒▒▒▒▒▒▒▒▒  only posted
#     block b    ████████████  posted and compared ──▶ links/block=<b>: article, article, link
#
# The comparison is `Stories` itself, over an index that writes the links down instead of drawing conclusions from them.

_LEARNED = int(DAYS * 24 * 3600 // WINDOW) + 2  # blocks, the first and the last one begun
Links = dict[tuple[str, str], int]  # two articles in alphabetical order → the strongest link


class _Noting(MemoryStoryIndex):
    """An index that notes links and keeps none, so that no stories are assembled here."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: Links = {}
        self.comparing = False

    def shared(self, at: float, sketch: Hashes, least: int) -> Mapping[int, int]:
        """Find nothing to compare with while the block before is posted."""
        return super().shared(at, sketch, least) if self.comparing else {}

    def link(self, one: str, other: str, link: Link) -> None:
        """Note a link; those by key are found elsewhere, without window."""
        if link is not Link.KEY:
            pair = (min(one, other), max(one, other))
            self.noted[pair] = max(self.noted.get(pair, 0), int(link))

    def relate(self, article: str, relation: Relation) -> None:
        """Forget a relation: `scrapy recluster` prints none."""


def links_of(before: Iterable[Piece], block: Iterable[Piece]) -> Links:
    """Return the links of a block's pieces with one another and with those of the block before; both in order."""
    index = _Noting()
    stories = Stories(index)
    stories.place_all(before)
    index.comparing = True
    stories.place_all(block)
    return index.noted


class OwnWords:
    """Reads the pieces of blocks, each with which of its words are its own, as a crawl finds them when it places it.

    Args:
        workspace: where the job lies.
        repeats: what is left out.
    """

    def __init__(self, workspace: JobWorkspace, repeats: Repeats) -> None:
        self._desk, self._repeats = workspace, repeats
        self._blocks = blocks_of(workspace)
        self._formulas, self._last = Formulas(), 0

    def pieces(self, block: int) -> list[Piece]:
        """Return a block's pieces in order of publication. Blocks are asked for in ascending order, each once."""
        for earlier in self._blocks:
            if max(self._last, block - _LEARNED) < earlier < block:
                for piece in self._read(earlier):
                    self._learn(piece)
        result = []
        for piece in self._read(block):
            result.append(replace(piece, own=self._formulas.own(piece.words, piece.at)))
            self._learn(piece)
        self._last = block
        return result

    def _read(self, block: int) -> list[Piece]:
        return self._repeats.without(pieces_from_parquet(self._desk.store, self._desk.keys(f"pieces/block={block}/")))

    def _learn(self, piece: Piece) -> None:
        if piece.comparable:
            self._formulas.learn(piece.words, piece.at)


def compare(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Compare a task's share of the blocks."""
    blocks, own = blocks_of(workspace), OwnWords(workspace, Repeats(workspace))
    counts = {"compared": 0, "links": 0}
    before: tuple[int, list[Piece]] = (0, [])
    for block in share(blocks, task, tasks):
        if before[0] != block - 1:
            before = (block - 1, own.pieces(block - 1))
        pieces = own.pieces(block)
        links = sorted(links_of(before[1], pieces).items())
        columns: dict[str, list[Any]] = {
            "one": [one for (one, _), _ in links],
            "other": [other for (_, other), _ in links],
            "link": [link for _, link in links],
        }
        workspace.put(f"links/block={block}.parquet", to_parquet(columns))
        counts["compared"] += len(pieces)
        counts["links"] += len(links)
        before = (block, pieces)
    return counts


# --- Passes 4 and 5 of `recluster`: what hangs together comes into one bucket; what stands alone is done -------------
#     twins, links ──▶ components ─┬─▶ linked/<bucket>       the links among a bucket's articles
#                                  └─▶ buckets               hash of an article → its bucket
#     pieces/block=<b> ─┬─ in no component ─▶ placed/alone-<task>
#                       └─ in one ──────────▶ dealt/<bucket>/<task>
#
# Articles are told apart by 64-bit hashes here. Two that had the same one would come into one bucket, which changes nothing: the
# rules look at links, and these name articles in full.

Places: TypeAlias = npt.NDArray[np.int64]
Numbers: TypeAlias = npt.NDArray[np.uint64]


def hash_of(article: str) -> int:
    """Return 64 bits of an article's id."""
    digest = hashlib.blake2b(article.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def join(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Find the components of the whole graph, in one task: numbers alone, 16 bytes an edge."""
    if task:
        return {}
    edges = list(_edges(workspace))
    ends = np.array(list(chain.from_iterable(edges)), dtype=np.uint64).reshape(-1, 2)
    articles, labels = components(ends)
    buckets = articles[labels] % np.uint64(tasks)
    workspace.put("buckets.parquet", to_parquet({"article": articles, "bucket": buckets}))
    linked: defaultdict[int, list[tuple[str, str, int]]] = defaultdict(list)
    of = Buckets(articles, buckets)
    for row in _links(workspace):
        mine, theirs = of.find([row[0], row[1]])
        if mine == theirs and mine is not None:
            linked[mine].append(row)
    for bucket, rows in sorted(linked.items()):
        one, other, link = (list(column) for column in zip(*sorted(rows), strict=True))
        workspace.put(f"linked/{bucket:05}.parquet", to_parquet({"one": one, "other": other, "link": link}))
    return {"edges": len(edges), "components": np.unique(labels).size, "joined": articles.size}


def components(ends: Numbers) -> tuple[Numbers, Places]:
    """Return the nodes of a graph in order, and for each the place of the first one of its component.

    Args:
        ends: the edges, a row of two nodes each.
    """
    nodes, places = np.unique(ends, return_inverse=True)
    one, other = places.reshape(-1, 2).T
    labels = np.arange(nodes.size)
    while True:
        lower = np.minimum(labels[one], labels[other])
        renewed = labels.copy()
        for side in (one, other):
            np.minimum.at(renewed, side, lower)
        renewed = renewed[renewed]
        if (renewed == labels).all():
            return nodes, labels
        labels = renewed


class Buckets:
    """Which bucket an article was dealt to."""

    def __init__(self, articles: Numbers, buckets: Numbers) -> None:
        self._articles, self._buckets = articles, buckets

    @classmethod
    def of(cls, workspace: JobWorkspace) -> Buckets:
        """Read it: 16 bytes for each article that is linked with another one."""
        arrays = arrays_from_parquet(workspace.store, "buckets.parquet")
        return cls(arrays["article"], arrays["bucket"])

    def find(self, articles: Sequence[str]) -> list[int | None]:
        """Return the bucket of each article, None for one that hangs together with none."""
        if not self._articles.size:
            return [None] * len(articles)
        wanted = np.array([hash_of(article) for article in articles], dtype=np.uint64)
        places = np.minimum(self._articles.searchsorted(wanted), self._articles.size - 1)
        hits = self._articles[places] == wanted
        return [int(self._buckets[at]) if here else None for at, here in zip(places, hits, strict=True)]


def deal(workspace: JobWorkspace, task: int, tasks: int) -> dict[str, int]:
    """Deal the pieces of a task's share of the blocks."""
    own, buckets = OwnWords(workspace, Repeats(workspace)), Buckets.of(workspace)
    dealt: defaultdict[int, list[Piece]] = defaultdict(list)
    alone: list[str] = []
    for block in share(blocks_of(workspace), task, tasks):
        pieces = own.pieces(block)
        for piece, bucket in zip(pieces, buckets.find([piece.id for piece in pieces]), strict=True):
            if bucket is None:
                alone.append(piece.id)
            else:
                dealt[bucket].append(piece)
    for bucket, pieces in sorted(dealt.items()):
        workspace.put(f"dealt/{bucket:05}/{task:05}.parquet", pieces_to_parquet(pieces))
    lines = "".join(f"{story_line(Placement(each, each, 'first', each, 1.0))}\n" for each in sorted(alone))
    workspace.put(f"placed/alone-{task:05}.jsonl", lines.encode())
    return {"alone": len(alone), "dealt": sum(map(len, dealt.values()))}


def _links(workspace: JobWorkspace) -> Iterable[tuple[str, str, int]]:
    for columns in from_parquet(workspace.store, workspace.keys("links/")):
        yield from zip(columns["one"], columns["other"], columns["link"], strict=True)


def _edges(workspace: JobWorkspace) -> Iterable[tuple[int, int]]:
    columns: dict[str, Any]
    for columns in from_parquet(workspace.store, workspace.keys("twins/")):
        yield from zip(map(hash_of, columns["one"]), map(hash_of, columns["other"]), strict=True)
    yield from ((hash_of(one), hash_of(other)) for one, other, link in _links(workspace) if link > Link.NEAR)
