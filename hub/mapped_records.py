"""A raw record as the mapping made it, in the form in which storage takes it."""

from connectors.mapping import MappedRaw
from storage.pages import MappedRecord
from storage.quarantine import Rejection


def stored_form(raw: MappedRaw) -> MappedRecord:
    """What is stored of a raw record that was mapped."""
    refused = raw.rejection
    return MappedRecord(
        landed_id=raw.landed_id,
        payload=raw.payload,
        records=raw.records,
        rejection=Rejection(refused.reason, refused.expectation, refused.waits_for) if refused else None,
        change_order=raw.change_order,
    )
