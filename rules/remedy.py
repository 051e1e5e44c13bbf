"""What a rule names as the remedy of its findings: words for a reader, and kinds that can be proposed."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints

RemedyKind = Literal["backbill", "credit", "start_charge", "stop_charge", "price_correction", "task"]
"""``backbill`` and ``credit`` move the finding's money; the next three mend the billing, ``task`` is a person's."""


class Remedy(BaseModel):
    """What is to be done about the findings of a rule.

    Attributes:
        name: in the words of a report: ``back_date_billing_start``.
        kinds: what is proposed, each kind that fits the finding: a rule in both directions names both moneys.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    kinds: tuple[RemedyKind, ...] = Field(default=("task",), min_length=1)


def _read(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


def _write(remedy: Remedy) -> object:
    plain = remedy.model_dump(exclude_defaults=True)
    return plain if "kinds" in plain else remedy.name


NamedRemedy = Annotated[Remedy, BeforeValidator(_read), PlainSerializer(_write)]
"""A name alone is a task for a person."""
