"""Chosen articles, in the form that other tools take: once whole, then what is new since.

    export(archive, folder, format, selection)
      _export.json in the folder ─▶ which manifests are done ─▶ the others' articles ─▶ files of this run ─▶ _export.json

state.py        what a folder holds already, and whether it can be gone on with
run.py          one run from end to end
columns.py      the article as typed columns               ── parquet.py, huggingface.py
lines.py        as one file of JSON lines, as CSV, as documents for a corpus
captures.py     as WET, as WACZ
"""

from archive.export.run import FORMATS, Exported, export

__all__ = ["FORMATS", "Exported", "export"]
