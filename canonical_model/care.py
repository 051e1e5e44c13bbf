"""What people did by hand for an order, and what customers and colleagues reported (TMF621)."""

from typing import Annotated, Literal

from pydantic import Field

from canonical_model.identifiers import AccountNumber, OrderNumber
from canonical_model.record import Instant, Record, ShortText

Step = Literal["order", "provisioning", "dispatch", "field", "billing"]
TouchAction = Literal["entered", "copied", "corrected", "rescheduled", "forced"]
TicketKind = Literal["fault", "billing", "order", "reconciliation", "other"]


class Touch(Record):
    """A hand on the work of an order, of a person or of a program: what was done in which step, and when.

    ``entered`` is its first writing down, ``copied`` what was typed from one system into another; ``corrected``,
    ``rescheduled`` and ``forced`` are outside the plan.
    """

    step: Step
    action: TouchAction
    made_by: Literal["person", "program"]
    actor: ShortText | None = None
    touched_at: Instant
    order_number: OrderNumber | None = None
    work_order_id: ShortText | None = None
    account_number: AccountNumber | None = None


class TroubleTicket(Record):
    """What a customer or a colleague reported (TMF621); ``handled_minutes`` is the time that people worked at it.

    ``reconciliation`` is work in which somebody compared systems by hand.
    """

    ticket_number: ShortText
    account_number: AccountNumber | None = None
    kind: TicketKind
    opened_at: Instant
    closed_at: Instant | None = None
    handled_minutes: Annotated[int, Field(ge=0)] | None = None
