"""What every canonical record has in common: a market, and the system that said so."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.dataclasses import dataclass

MarketId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(max_length=4000)]
ShortText = Annotated[str, Field(min_length=1, max_length=200)]


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, held in UTC; a time stamp without a zone is refused."""


@dataclass(frozen=True, slots=True)
class SourceReference:
    """Which record of which system a statement comes from."""

    system: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.system}/{self.object}/{self.id}"


class Record(BaseModel):
    """One flat statement of one system in the words of the canonical model.

    Records are flat so that a row in the database, a row in a snapshot and a record are the same thing. What
    a source nests (visits of a work order, devices of a completion) is a record of its own that names its
    parent.
    Amounts are integers of minor units in fields that end with ``_minor``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)

    identifiers: ClassVar[tuple[str, ...]] = ()
    """Fields by which records of different systems are followed (account number, order number, serial)."""

    looked_up_by: ClassVar[tuple[str, ...]] = ()
    """Other fields by which single records are looked up while somebody waits."""

    market: MarketId
    source_system: ShortText
    source_object: ShortText
    source_id: ShortText

    @property
    def source(self) -> SourceReference:
        """Where this statement comes from."""
        return SourceReference(self.source_system, self.source_object, self.source_id)

    def to_row(self) -> dict[str, Any]:
        """The record as a flat row: text, integers, booleans, floats, dates and UTC time stamps."""
        return dict(self)
