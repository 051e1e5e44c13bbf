"""The words a reader sees for directions, classes and outcomes, and what each of them means."""

from hub.reports.cause_words import CAUSE_DEFINITIONS
from reconciliation.cases import STATES as CASE_MEANINGS
from reconciliation.cases import CaseState
from reconciliation.findings import Direction, ExposureClass

DIRECTION_NAMES: dict[Direction, str] = {
    "under_billed": "Under-billed",
    "over_billed": "Over-billed",
    "cost": "Cost leak",
    "tax": "Tax liability",
}

DIRECTION_MEANINGS: dict[Direction, str] = {
    "under_billed": "delivered, but billed too little or not at all",
    "over_billed": "billed, but not owed by the customer",
    "cost": "paid for by the operator without a service behind it",
    "tax": "owed to or reclaimed from an authority; never revenue",
}

CLASS_NAMES: dict[ExposureClass, str] = {
    "lost": "Lost",
    "recoverable": "Recoverable",
    "deferred": "Deferred",
    "refund_due": "Refund due",
    "cost": "Cost",
    "at_risk": "At risk",
}

CLASS_MEANINGS: dict[ExposureClass, str] = {
    "lost": "can no longer be billed: not back-dated, or past the back-bill window",
    "recoverable": "can still be back-billed",
    "deferred": "will be billed, only later: a delay, not a loss",
    "refund_due": "has to be given back to the customer",
    "cost": "spent without a service behind it",
    "at_risk": "an estimate: lost if nobody acts",
}


def kind_words(kind: tuple[Direction, ExposureClass]) -> tuple[str, str]:
    """Direction and class as two cells of a table have them."""
    return DIRECTION_NAMES[kind[0]], CLASS_NAMES[kind[1]]


CASE_NAMES: dict[CaseState, str] = {
    "new": "New",
    "open": "Open",
    "acknowledged": "Acknowledged",
    "in_remedy": "In remedy",
    "recovered": "Recovered",
    "refunded": "Refunded",
    "written_off": "Written off",
    "dismissed": "Dismissed",
    "reopened": "Reopened",
    "vanished": "Vanished",
}

ENDING_NAMES = {
    "mended": "mended",
    "out_of_window": "left the judged months",
    "past_limit": "can no longer be billed",
}


def case_words(state: CaseState, ended_by: str) -> str:
    """The state of a case as a cell has it, with why it vanished."""
    return f"{CASE_NAMES[state]}: {ENDING_NAMES[ended_by]}" if ended_by in ENDING_NAMES else CASE_NAMES[state]


OUTCOME_NAMES = {
    "findings": "Findings",
    "clean": "Clean",
    "inconclusive": "Inconclusive",
    "off": "Off",
}

SCOPE_NAMES = {
    "rule": "Rule",
    "record": "Record",
    "month": "Month",
    "difference": "Difference",
    "adjustment": "Adjustment",
}

SCOPE_MEANINGS = {
    "rule": "could not be judged as a whole",
    "record": "joins nothing, so nothing that concerns it was judged",
    "month": "is not judged for these accounts: their bills of it are still to come",
    "difference": "expected and billed differ, and no rule says why",
    "adjustment": "was posted to correct a bill, and no difference is left that it could settle",
}

DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        "Finding",
        "One cause on one subject: a service, or the serial of a device that no service claims.",
    ),
    (
        "Exposure to date",
        (
            "Sum of the cause's share of expected minus billed over the judged months, without tax, rounded half up "
            "line by line."
        ),
    ),
    (
        "Monthly run rate",
        "What the last billed month contributes: an estimate of the next one if nobody acts, not a sum to claim.",
    ),
    *(
        (DIRECTION_NAMES[direction], meaning[0].upper() + meaning[1:] + ".")
        for direction, meaning in DIRECTION_MEANINGS.items()
    ),
    *((CLASS_NAMES[name], meaning[0].upper() + meaning[1:] + ".") for name, meaning in CLASS_MEANINGS.items()),
    (
        "Never netted",
        "No amount here adds two directions or two exposure classes: a netted total hides refunds that are owed.",
    ),
    (
        "Explained by another finding",
        (
            "A second rule tripped over a cause that another finding already carries; it counts 0.00, so that no "
            "cent is counted twice."
        ),
    ),
    (
        "Identified leakage rate",
        (
            "Under-billed exposure of the classes lost and recoverable, divided by itself plus everything billed "
            "in the judged period. Deferred and at risk stay out."
        ),
    ),
    (
        "Billed in the period",
        "Everything billed for services in the judged months, without tax.",
    ),
    (
        "Charges compared",
        "Rows of a service, charge code and month of which what was delivered and what was billed were compared.",
    ),
    (
        "Services of a cohort",
        (
            "Services that began: by the field and the network, or by their first bill where their records lead"
            " nowhere. With findings are those on which at least one finding carries money."
        ),
    ),
    (
        "Cohort: month",
        "The month in which a service began, in the market's own calendar.",
    ),
    (
        "Cohort: hub",
        (
            "The hub of the premise that a service was first ordered for; one that moved counts where it began. A"
            " finding on a device counts at the service that holds it. What is on no service is in a row of its own."
        ),
    ),
    (
        "Inconclusive",
        (
            "The rule could not be judged, because a feed that it needs was stale, broken off, shrunken or missing. "
            "It is neither clean nor a finding."
        ),
    ),
    *(
        (f"Case: {CASE_NAMES[state].lower()}", meaning[0].upper() + meaning[1:] + ".")
        for state, meaning in CASE_MEANINGS.items()
    ),
    *CAUSE_DEFINITIONS,
    (
        "Age of the money",
        "Days from the first day that the evidence covers to the day of this report, in the market's own calendar.",
    ),
    (
        "Age of the finding",
        "Days from the day a run first found it to the day of this report, in the market's own calendar.",
    ),
)


HEADER_DEFINITIONS = {
    "Exposure": "Exposure to date",
    "Exposure to date": "Exposure to date",
    "Monthly run rate": "Monthly run rate",
    "Findings": "Finding",
    "Finding": "Finding",
    "Explained by": "Explained by another finding",
    "Explained by others": "Explained by another finding",
    "Age of the money, days": "Age of the money",
    "First found": "Age of the finding",
    "Outcome": "Inconclusive",
    "Rules that could not judge": "Inconclusive",
    "Cohort": "Services of a cohort",
}
"""What the headers of the workbook mean, by the words of ``DEFINITIONS``."""


def slug(word: str) -> str:
    """A word as part of an address: ``Case: in remedy`` becomes ``case-in-remedy``."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in word.lower()).split())


def spoken(name: str) -> str:
    """A name of ours as a reader says it: ``change_subscription`` becomes ``Change subscription``."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def counted(number: int, noun: str) -> str:
    """A count with its noun: ``1 finding``, ``1,204 findings``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
