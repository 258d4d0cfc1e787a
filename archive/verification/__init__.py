"""Proving an archive: everything a manifest says is checked against what is really there. Nothing is repaired.

verify(store) ─▶ Finding, Finding, …
    every manifest    its objects: there, of their size, of their SHA-256           .objects
    every WARC        each record whole, block and payload of their digests         .objects
    every line        against the schema, its pointer against the index             .lines
    every outlet      objects that no manifest lists, missing segments, the chain   .whole
"""

from archive.verification.finding import Finding, Tally
from archive.verification.run import verify

__all__ = ["Finding", "Tally", "verify"]
