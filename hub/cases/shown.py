"""A case with everything that is known of it: its money, its proof, its remedies, its history."""

from dataclasses import dataclass
from datetime import datetime

from hub.archive import Archive
from hub.cases.held import name_of_case
from reconciliation.findings import Finding
from storage.case_list import CaseFilter, ListedCase, listed_cases
from storage.cases import CaseEvent, amounts_of, events_of
from storage.findings import findings_named
from storage.remedies import Remedy, remedies_of_case


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A case in full.

    Attributes:
        finding: as it was seen last.
        amounts: what it came to, where that changed: the moment that was judged, and minor units.
    """

    case: ListedCase
    finding: Finding
    amounts: list[tuple[datetime, int]]
    remedies: list[Remedy]
    events: list[CaseEvent]


def shown_case(archive: Archive, name: str) -> ShownCase:
    """A case by the beginning of its name.

    Raises:
        ConfigurationError: none, or several, begin so.
    """
    with archive.database.reading() as connection:
        fingerprint = name_of_case(connection, name)
        (case,), _ = listed_cases(connection, CaseFilter(fingerprint=fingerprint))
        (stored,) = findings_named(connection, fingerprint)
        return ShownCase(
            case,
            stored.finding,
            amounts_of(connection, fingerprint),
            remedies_of_case(connection, fingerprint),
            events_of(connection, fingerprint),
        )
