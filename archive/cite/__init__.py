"""Citing an article so that others can look it up and prove it: what a journalist or a court needs.

article ─▶ cite ─▶ Citation ─▶ as text, BibTeX, CSL-JSON, JSON                        .citation, .forms
                      └──────▶ prove ─▶ line, record, WARC, manifest, chain            .proof
"""

from archive.cite.citation import Citation, cite
from archive.cite.forms import FORMS
from archive.cite.proof import Step, prove

__all__ = ["FORMS", "Citation", "Step", "cite", "prove"]
