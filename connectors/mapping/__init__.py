"""From raw records to canonical ones, as a YAML file of the operator says.

::

    text --document--> what was written --compilation--> StreamMapping
    page of raw records --raw_values--> text columns --conversion--> typed table --records--> canonical records

A mapping is read and checked once (`read_mappings`); a `PageMapper` holds one mapping of one system open and turns
page after page into records and rejections. What is done to values is done to whole columns, inside DuckDB.
"""

from connectors.mapping.compilation import read_mappings
from connectors.mapping.mapped import Drift, MappedBatch, MappedRaw, Rejection, landed_id
from connectors.mapping.page import PageMapper
from connectors.mapping.plan import MappedSystem, StreamMapping
from connectors.mapping.pull_order import pull_order, references_of

__all__ = [
    "Drift",
    "MappedBatch",
    "MappedRaw",
    "MappedSystem",
    "PageMapper",
    "Rejection",
    "StreamMapping",
    "landed_id",
    "pull_order",
    "read_mappings",
    "references_of",
]
