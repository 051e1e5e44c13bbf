"""A raw record as the mapping made it, in the form in which storage takes it."""

from connectors.mapping import MappedRaw
from storage.pages import MappedRecord
from storage.quarantine import Rejection


def stored_form(raw: MappedRaw) -> MappedRecord:
    """What is stored of a raw record that was mapped."""
    landed_id, payload, records, refused, change_order = raw
    rejection = Rejection(refused.reason, refused.expectation, refused.waits_for) if refused else None
    return MappedRecord(landed_id, payload, records, rejection, change_order)
