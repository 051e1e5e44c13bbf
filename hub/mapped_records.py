"""A raw record as the mapping made it, in the form in which storage takes it."""

from connectors.mapping import MappedRaw
from storage.pages import MappedRecord
from storage.quarantine import Rejection


def stored_form(raw: MappedRaw) -> MappedRecord:
    """What is stored of a raw record that was mapped."""
    refused = raw.rejection
    rejection = Rejection(refused.reason, refused.expectation, refused.waits_for or None) if refused else None
    return MappedRecord(raw.landed_id, raw.payload, raw.records, rejection, raw.change_order)
