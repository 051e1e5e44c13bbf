"""What a remedy asks a person to do, in words."""

from rules.remedy import RemedyKind

_TASKS: dict[RemedyKind, str] = {
    "start_charge": "start what is not billed",
    "stop_charge": "stop what is billed wrongly",
    "price_correction": "correct what is billed from now on",
}


def task_of(kind: RemedyKind, name: str, subject: str) -> str:
    """A task, from a rule's name of its remedy and what the finding is about."""
    words = name.replace("_", " ")
    what = f"{_TASKS[kind]} ({words})" if kind in _TASKS else words
    return f"{what}: {subject}"
