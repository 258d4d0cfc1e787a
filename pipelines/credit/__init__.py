"""Whose an article is: credit line, wire agencies, dateline, byline, picture credit.

    letters     one spelling for every variant of a letter           fold
    agencies    the wire agencies and their spellings                code_of
    mastheads   outlets, desks, picture sources                      is_agency, is_outlet_name
    places      towns that reports are written from
    parts       a credit taken apart
    heads · tails · finding       where a text credits               find
    captions · bylines            pictures and persons               split_caption, read_byline

Credits stand in credit positions: the source field, the author's line, the head, the foot. A name inside a sentence is a
quotation and never counts.
"""

from crawlers.extraction.agencies import AGENCIES, code_of
from pipelines.credit.bylines import read_byline
from pipelines.credit.captions import split_caption
from pipelines.credit.finding import Credit, find
from pipelines.credit.mastheads import is_agency, is_outlet_name

__all__ = ["AGENCIES", "Credit", "code_of", "find", "is_agency", "is_outlet_name", "read_byline", "split_caption"]
