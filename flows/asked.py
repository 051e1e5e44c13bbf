"""What a flow is asked for, as the form in the Prefect UI shows it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from flows.server_settings import OPERATOR_VARIABLE, WORKSPACE_VARIABLE
from handoffs.stages import HANDOFFS, Handoff
from identity.settings import SUBJECTS, Subject

ServiceChange = Literal[
    "change_tier",
    "add_part",
    "end_part",
    "suspend",
    "restore",
    "hold",
    "wake",
    "swap_device",
    "cease",
    "reapply",
    "customize",
]


def _none_where_empty(given: object) -> object:
    return None if given == "" else given


def _without_default(schema: dict[str, Any]) -> None:
    """An empty input is left out, and not sent as the null that its type does not have."""
    schema.pop("default", None)


def _seldom_asked_last(schema: dict[str, Any]) -> None:
    """What is always filled in comes first in the form."""
    fields = schema["properties"]
    fields |= {name: fields.pop(name) for name in ("as_of", "operator", "workspace") if name in fields}


def _optional(title: str, description: str) -> Any:
    return Field(default=None, title=title, description=description, json_schema_extra=_without_default)


# one plain input in the form each: a value or None would be a switch with an input behind it
_EMPTY = BeforeValidator(_none_where_empty)
Folder = Annotated[Path | None, _EMPTY, WithJsonSchema({"type": "string"})]
Moment = Annotated[AwareDatetime | None, _EMPTY, WithJsonSchema({"type": "string", "format": "date-time"})]
Number = Annotated[int | None, Field(ge=1), _EMPTY, WithJsonSchema({"type": "integer", "minimum": 1})]
OneHandoff = Annotated[Handoff | None, _EMPTY, WithJsonSchema({"type": "string", "enum": [*HANDOFFS]})]
OneSubject = Annotated[Subject | None, _EMPTY, WithJsonSchema({"type": "string", "enum": [*SUBJECTS]})]


_DELIVER_AGAIN = Field(
    default=False,
    title="Deliver again",
    description="Send the report also where one that says the same was sent, or may have been.",
)


class Place(BaseModel):
    """Where things lie, for who does not take what the worker's environment says."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_seldom_asked_last)

    operator: Folder = _optional(
        "Operator's folder", f"With its YAML files, as the worker sees it. Empty: the worker's {OPERATOR_VARIABLE}."
    )
    workspace: Folder = _optional(
        "Workspace",
        f"Folder for snapshots and reports. Empty: the worker's {WORKSPACE_VARIABLE}, else one under var.",
    )


class _AtMoment(Place):
    as_of: Moment = _optional("As of", "Moment to work at, with its zone. Empty: when it runs.")

    def for_system(self, system: str) -> "SourceRequest":
        """The same for one system."""
        return SourceRequest(operator=self.operator, workspace=self.workspace, as_of=self.as_of, system=system)

    @property
    def moment(self) -> datetime:
        """The moment asked for, or now; UTC."""
        return (self.as_of or datetime.now(UTC)).astimezone(UTC)


class OutboxRequest(Place):
    """Send what is due to other systems, and look at what may have happened."""

    most: Number = _optional("At most", "So many effects are taken up. Empty: all that are due.")


class SourceRequest(_AtMoment):
    """Pull one system."""

    system: str = Field(description="Name of the system in operator.yaml.", min_length=1)


class IdentityRequest(_AtMoment):
    """Match customers and premises of all systems."""

    subject: OneSubject = _optional("Subject", "Only these. Empty: customers and premises.")
    pull_first: bool = Field(
        default=True, description="Pull first what systems say of customers and premises; nothing else of them."
    )

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is asked for."""
        return SUBJECTS if self.subject is None else (self.subject,)


class MarketRequest(_AtMoment):
    """Work on one market."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    deliver_again: bool = _DELIVER_AGAIN


class SpreadRequest(_AtMoment):
    """Judge one market with its buckets spread over workers."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    deliver_again: bool = _DELIVER_AGAIN
    shares: int = Field(default=2, description="So many runs, each for its share of the buckets.", ge=1, le=256)
    patience_s: float = Field(
        default=900.0,
        title="Patience",
        description="Seconds without any progress of the shares after which this run judges what is left.",
        gt=0,
    )


class ShareRequest(Place):
    """Judge one share of a snapshot's buckets."""

    snapshot: Path = Field(description="Folder of the snapshot, as every worker sees it.")
    share: int = Field(description="Which one, from 0.", ge=0)
    shares: int = Field(description="How many there are.", ge=1)


class AdoptionRequest(Place):
    """Adopt what legacy has brought to life in a market; nothing in the network is touched."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    accounts: tuple[str, ...] = Field(default=(), description="Only these accounts. Empty: all of the market.")
    again: bool = Field(default=False, description="Compare those anew that were found to differ.")
    most: int = Field(default=500, title="At most", description="So many services are begun.", ge=1)
    seconds: float = Field(default=240.0, description="After which what is left is left to the next run.", gt=0)


class ActivationRequest(Place):
    """Make the open orders of a market ready and lead what is due to its end."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    most: Number = _optional("At most", "So many open orders are looked at. Empty: all.")
    seconds: float = Field(default=240.0, description="After which what is left is left to the next run.", gt=0)


class RecoveryRequest(Place):
    """Take up what a lost process has left, and tell what needs a person."""

    seconds: float = Field(default=240.0, description="After which what is left is left to the next run.", gt=0)


class ChangeRequest(Place):
    """Do something to a service that the hub knows."""

    service: str = Field(description="The service, as orders name it.", min_length=1)
    change: ServiceChange = Field(description="What is done to it.")
    value: str = Field(
        default="",
        description="The tier for change_tier, the product for add_part and end_part, the serial for swap_device."
        " A setting of the router for customize, like wifi_name=Home."
        " A suspension or a hold: walled, throttled or blocked; walled where it is empty. Else nothing.",
    )
    until: str = Field(default="", description="For a hold: the day on which it ends by itself, like 2027-03-01.")
    order: str = Field(default="", description="Number of the order that asks for it; a cease needs one.")
    wish: str = Field(
        default="", description="What names it where no order does: a reminder's number, an event's id."
    )
    reason: str = Field(default="", description="Why, for CRM, billing and the history.")
    seconds: float = Field(default=240.0, description="After which what is left is left to a worker.", gt=0)


class WatchRequest(_AtMoment):
    """Look what the network shows to be wrong in one market."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    pull_first: bool = Field(default=True, description="Ask the network's elements first.")


class MigrationRequest(Place):
    """Lead the take-over of one hand-off in one market along its plan in handoffs.yaml."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    handoff: Handoff = Field(title="Hand-off", description="Which of the four is led.")


class AcquisitionRequest(Place):
    """Bring an acquired operator in as a market, wave by wave, as acquisitions.yaml says."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)


class GuardRequest(Place):
    """Look for harm in what the hub does in one market, and lead on what waits for a better day."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    look_every_hours: float = Field(
        default=24.0,
        title="Gates every so many hours",
        description="How often the gates of take-overs that wait are looked at again.",
        gt=0,
    )


class GiveBackRequest(Place):
    """Give hand-offs of a market back to the legacy systems, at once."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    who: str = Field(title="Your name", description="For the history and the audit.", min_length=1)
    why: str = Field(title="Why", description="For the history and the audit.", min_length=1)
    handoff: OneHandoff = _optional("Hand-off", "Only this one. Empty: all that the hub has.")


class ReplayRequest(Place):
    """Tell the parity that a hand-off would have had over the orders of a period."""

    market: str = Field(description="Id of the market in operator.yaml.", min_length=1)
    handoff: Handoff = Field(title="Hand-off", description="Which of the four.")
    since: date = Field(title="From", description="First day of the orders.")
    until: date = Field(title="To", description="Day after the last one.")
