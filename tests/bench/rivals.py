"""MinHash-LSH by datasketch and by rensa, over the same folded words, limited to the same window, closed as is usual."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import datasketch
import rensa

from archive.text import words
from pipelines.syndication import Piece
from pipelines.syndication.fingerprints import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable

PERMUTATIONS, SEED = 128, 1
Line = dict[str, str]
Answer = dict[str, str]


def with_datasketch(threshold: float) -> Callable[[list[Line]], tuple[Answer, list[float]]]:
    """datasketch: MinHash of word 3-grams, LSH at a Jaccard threshold."""

    def run(lines: list[Line]) -> tuple[Answer, list[float]]:
        lsh = datasketch.MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)

        def found(number: int, grams: list[str]) -> list[int]:
            signature = datasketch.MinHash(num_perm=PERMUTATIONS, seed=SEED)
            signature.update_batch([gram.encode() for gram in grams])
            hits = lsh.query(signature)
            lsh.insert(number, signature)
            return hits

        return closed(lines, found)

    return run


def with_rensa(threshold: float, bands: int) -> Callable[[list[Line]], tuple[Answer, list[float]]]:
    """rensa: RMinHash of word 3-grams, LSH with so many bands, hits verified at the threshold."""

    def run(lines: list[Line]) -> tuple[Answer, list[float]]:
        lsh = rensa.RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)
        signatures: list[rensa.RMinHash] = []

        def found(number: int, grams: list[str]) -> list[int]:
            signature = rensa.RMinHash(num_perm=PERMUTATIONS, seed=SEED)
            signature.update(grams)
            hits = [hit for hit in lsh.query(signature) if signature.jaccard(signatures[hit]) >= threshold]
            lsh.insert(number, signature)
            signatures.append(signature)
            return hits

        return closed(lines, found)

    return run


def closed(lines: list[Line], found: Callable[[int, list[str]], list[int]]) -> tuple[Answer, list[float]]:
    """Close the pairs that lie within the window."""
    moments = [Piece.of_line({**line, "text": ""}).at for line in lines]
    parents, seconds = list(range(len(lines))), []
    for number, line in enumerate(lines):
        start = time.perf_counter()
        text = words(line["text"])
        grams = [" ".join(gram) for gram in zip(text, text[1:], text[2:], strict=False)]
        for hit in found(number, grams):
            if moments[number] - moments[hit] <= WINDOW:
                parents[root(parents, hit)] = root(parents, number)
        seconds.append(time.perf_counter() - start)
    return {line["id"]: str(root(parents, number)) for number, line in enumerate(lines)}, seconds


def root(parents: list[int], number: int) -> int:
    """Return the representative of a union-find set."""
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
