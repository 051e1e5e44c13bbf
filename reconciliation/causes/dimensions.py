"""What findings may have in common, and of what each share is counted."""

from dataclasses import dataclass
from typing import Literal

Dimension = Literal["hub", "element", "crew", "plan", "date", "system"]
DIMENSIONS: tuple[Dimension, ...] = ("hub", "element", "crew", "plan", "date", "system")
"""In the order in which one of several with the same findings is named first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What members of a dimension are compared with: only those of one kind are alike.

    Attributes:
        name: as the SQL has it.
        noun: of a member.
        subjects: what the shares are of.
        meaning: which subjects are a member's, and to which member a finding counts.
    """

    dimension: Dimension
    name: str
    noun: str
    subjects: str
    meaning: str


_LAST_ONE = "A finding counts to the last one by the end of the month in which the leak began."

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("hub", "hub", "hub", "services", f"The hub of the premise that was ordered for. {_LAST_ONE}"),
        Kind(
            "element", "element", "network element", "devices", "The element that the network last saw the device at."
        ),
        Kind(
            "crew",
            "crew",
            "crew",
            "services",
            f"Services at which the crew completed a job. {_LAST_ONE} One about a work order counts to its crew.",
        ),
        Kind(
            "crew", "contractor", "contractor", "work orders", "Work orders that the contractor sent an invoice for."
        ),
        Kind("plan", "offering", "plan", "services", f"Services that were ordered with the plan. {_LAST_ONE}"),
        Kind(
            "plan",
            "charge",
            "charge",
            "services",
            "Services with an order of something beside the plan that has the charge. A finding counts to the charge"
            " that has most of its money; where nothing is ordered for that one, to the plan.",
        ),
        Kind(
            "date",
            "work",
            "day of work",
            "services with work on a day",
            "Local days on which a job was completed or an order took effect. A finding counts to the last one in the"
            " month in which the leak began.",
        ),
        Kind(
            "date",
            "cut_over",
            "cut-over",
            "services moved on a day",
            "The day on which another billing system took the account. A finding counts to it where the leak began in"
            " its month.",
        ),
        Kind(
            "date",
            "bill_run",
            "bill run",
            "bills",
            "The day that bills are dated. A finding without work or cut-over in the month in which the leak began"
            " counts to the first bill of that month; a leak that is as old as the judged months to none.",
        ),
        Kind(
            "system",
            "biller",
            "billing system",
            "services",
            f"The system of the account's subscriptions. {_LAST_ONE}",
        ),
    )
}
"""By name; names are unique over the dimensions."""
