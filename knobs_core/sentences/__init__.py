"""Sentences: what somebody says they are in the mood for, as dials, and the search for knobs by meaning."""

from knobs_core.sentences.index import SOUGHT, Index, Near, index_of
from knobs_core.sentences.reading import Chip, Reading, read

__all__ = ["SOUGHT", "Chip", "Index", "Near", "Reading", "index_of", "read"]
