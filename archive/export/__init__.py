"""Chosen articles, in the form that other tools take: once whole, then what is new since.

      export(archive, folder, format, selection)
        _export.json in the folder ─▶ which manifests are done ─▶ the others' articles ─▶ files of this run ─▶ _export.json

state.py        what a folder holds already, whether it can be gone on with, and what a format is told
run.py          one run from end to end
formats.py      JSON lines, CSV, documents for a corpus, Parquet, Hugging Face folders, WET, WACZ
columns.py      the article as typed columns, and SQL that makes them of the lines
"""

from archive.export.run import FORMATS, Exported, export

__all__ = ["FORMATS", "Exported", "export"]
