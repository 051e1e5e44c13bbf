"""What other systems are told once a saga has proven what it is about: which commands, by its kind; pure.

Money follows the proof. Billing starts, changes, rests or ends on the local day on which the network was seen to be
as it shall be; where a soak is asked for, on the day on which the unbroken time began that it was awaited for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from handoffs.commands import FieldValue
from handoffs.stages import Handoff
from provisioning.facts import SagaFacts
from provisioning.parts import Part, parts_of, voice_of
from provisioning.proven import Proven
from provisioning.saga import SagaKind

Fields = dict[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing that a system is told.

    Attributes:
        command: of ``handoffs.commands``.
        fields: of the command; None where there is nothing to tell.
        key: sets it apart from another one of the same command.
        handoff: whose authority it needs.
        of_part: the same of each thing that is sold beside the access; None where nothing is told of them.
    """

    command: str
    fields: Callable[[Proven], Fields | None]
    key: str = ""
    handoff: Handoff = "field_to_billing"
    of_part: Callable[[Part, Proven], Fields | None] | None = None

    @property
    def name(self) -> str:
        """What tells it from the others of its saga."""
        return self.key or self.command


def _order_is(status: str) -> Callable[[Proven], Fields | None]:
    def fields(told: Proven) -> Fields | None:
        if told.facts.order_number is None:
            return None
        return {
            "account_number": told.facts.account_number,
            "order_number": told.facts.order_number,
            "status": status,
            "effective_on": told.day,
            "completed_at": told.at,
        }

    return fields


def _service_is(status: str) -> Callable[[Proven], Fields]:
    def fields(told: Proven) -> Fields:
        return {
            "account_number": told.facts.account_number,
            "service_id": told.facts.line.service_id,
            "status": status,
            "effective_on": told.day,
            "reason": told.facts.reason,
        }

    return fields


def _starts(told: Proven) -> Fields:
    return {
        "account_number": told.facts.account_number,
        "order_number": told.facts.order_number,
        "offering_id": told.offering_id,
        "billing_code": told.code_of(told.offering_id),
        "starts_on": told.day,
    }


def _billed(told: Proven) -> Fields:
    return {"account_number": told.facts.account_number, "subscription_id": told.facts.subscription_id}


def _changes(told: Proven) -> Fields:
    code = told.code_of(told.offering_id)
    return {**_billed(told), "offering_id": told.offering_id, "billing_code": code, "effective_on": told.day}


def _changes_where_the_tier_does(told: Proven) -> Fields | None:
    before = told.facts.previous_profile
    return _changes(told) if before is None or before.offering_id != told.offering_id else None


def _suspension(told: Proven) -> Fields:
    return {**_billed(told), "starts_on": told.day, "reason": told.facts.reason}


def _resumption(told: Proven) -> Fields:
    return {**_billed(told), "resumes_on": told.day}


def _rests(told: Proven) -> Fields | None:
    return _suspension(told) if told.facts.billing.policy == "stop" else None


def _resumes(told: Proven) -> Fields | None:
    return _resumption(told) if told.facts.billing.policy == "stop" else None


def _fee(told: Proven) -> Fields | None:
    billing = told.facts.billing
    if billing.policy != "fee":
        return None
    return {
        "account_number": told.facts.account_number,
        "amount": billing.amount,
        "currency": told.market.currency,
        "reason": f"fee: {told.facts.reason or 'suspension'}",
        "posted_on": told.day,
    }


def _hold_price(told: Proven) -> Fields | None:
    return {**_changes(told), "monthly_price": told.facts.billing.amount} if _has_own_price(told) else None


def _usual_price(told: Proven) -> Fields | None:
    return _changes(told) if _has_own_price(told) else None


def _has_own_price(told: Proven) -> bool:
    return told.facts.billing.policy == "price"


def _stops(told: Proven) -> Fields:
    return {**_billed(told), "ends_on": told.day, "reason": told.facts.reason}


def _part_starts(part: Part, told: Proven) -> Fields | None:
    if part.offering_id is None or part.name in told.facts.missing_parts:
        return None
    return {**_starts(told), "offering_id": part.offering_id, "billing_code": told.code_of(part.offering_id)}


def _voice_starts(told: Proven) -> Fields | None:
    return _part_starts(voice_of(told.facts), told)


def _with_access(fields: Callable[[Proven], Fields | None]) -> Callable[[Part, Proven], Fields | None]:
    """The same for what is sold beside the access, where the hub has begun to bill it."""

    def of_part(part: Part, told: Proven) -> Fields | None:
        said = fields(told)
        return (
            None
            if part.subscription_id is None or said is None
            else {**said, "subscription_id": part.subscription_id}
        )

    return of_part


def _rests_on_hold(told: Proven) -> Fields | None:
    """Whoever pays another price while nothing works pays it alone."""
    return _suspension(told) if told.facts.billing.policy in ("stop", "price") else None


def _resumes_after_hold(told: Proven) -> Fields | None:
    return _resumption(told) if told.facts.billing.policy in ("stop", "price") else None


def _recovery(told: Proven) -> Fields | None:
    order, serial = told.facts.order_number, told.facts.line.serial
    if order is None or serial is None or told.facts.collected_by is not None:
        return None
    return {"order_number": order, "work_type": "disconnect", "expected_serial": serial, "note": f"collect {serial}"}


def _returned(told: Proven) -> Fields | None:
    before = told.facts.previous_line
    if before is None or before.serial in (None, told.facts.line.serial):
        return None
    return {
        "serial": before.serial,
        "work_order_id": told.facts.work_order_id,
        "order_number": told.facts.order_number,
        "returned_at": told.facts.completed_at or told.at,
        "reason": told.facts.reason,
    }


def _job_done(told: Proven) -> Fields | None:
    if told.facts.work_order_id is None:
        return None
    return {
        "work_order_id": told.facts.work_order_id,
        "outcome": "completed",
        "closed_at": told.facts.completed_at or told.at,
    }


def _nothing(told: Proven) -> None:
    """What concerns the parts alone."""
    del told


def _added(part: Part, told: Proven) -> Fields | None:
    return _part_starts(part, told) if part.name in told.facts.added_parts else None


def _ended(part: Part, told: Proven) -> Fields | None:
    return _with_access(_stops)(part, told) if part.name in told.facts.ended_parts else None


_ORDER_DONE = Telling("set_customer_status", _order_is("active"))
_JOB_DONE = Telling("close_work_order", _job_done)
_VOICE = Telling("start_billing", _voice_starts, key="start_billing_of_voice")

_ACTIVE = (_ORDER_DONE, Telling("start_billing", _starts, of_part=_part_starts), _JOB_DONE)

TELLINGS: dict[SagaKind, tuple[Telling, ...]] = {
    "activate": _ACTIVE,
    "take_on": _ACTIVE,
    "adopt": (),
    "activate_voice": (_VOICE,),
    "reapply": (),
    "customize": (),
    "change_tier": (Telling("change_billing", _changes_where_the_tier_does), _ORDER_DONE, _JOB_DONE),
    "add_part": (Telling("start_billing", _nothing, of_part=_added), _ORDER_DONE, _JOB_DONE),
    "end_part": (Telling("stop_billing", _nothing, of_part=_ended), _ORDER_DONE, _JOB_DONE),
    "suspend": (
        Telling("set_service_status", _service_is("suspended")),
        Telling("suspend_billing", _rests, of_part=_with_access(_rests)),
        Telling("post_adjustment", _fee),
    ),
    "restore": (
        Telling("set_service_status", _service_is("active")),
        Telling("resume_billing", _resumes, of_part=_with_access(_resumes)),
    ),
    "hold": (
        Telling("set_service_status", _service_is("on_hold")),
        Telling("suspend_billing", _rests, of_part=_with_access(_rests_on_hold)),
        Telling("change_billing", _hold_price),
    ),
    "wake": (
        Telling("set_service_status", _service_is("active")),
        Telling("resume_billing", _resumes, of_part=_with_access(_resumes_after_hold)),
        Telling("change_billing", _usual_price),
    ),
    "swap_device": (Telling("return_device", _returned, handoff="dispatch_to_field"), _JOB_DONE),
    "move": (
        Telling("change_billing", _changes_where_the_tier_does),
        _ORDER_DONE,
        Telling("return_device", _returned, handoff="dispatch_to_field"),
        _JOB_DONE,
    ),
    "cease": (
        Telling("set_customer_status", _order_is("ceased")),
        Telling("set_service_status", _service_is("ceased")),
        Telling("stop_billing", _stops, of_part=_with_access(_stops)),
        Telling("create_work_order", _recovery, handoff="provisioning_to_dispatch"),
        _JOB_DONE,
    ),
}
"""What is told, in that order; systems are told of one account one thing after the other.

A swap tells of no money. A move keeps the one subscription, so that there is neither a gap nor a second charge.
"""

ROOM_FOR_NAMES = 36
"""Characters that the key of a saga leaves for the name by which one telling is told from its others."""


def tellings_of(kind: SagaKind, facts: SagaFacts) -> list[Telling]:
    """What is told of a saga, in that order: of everything that is sold beside the access as well."""
    found = []
    for row in TELLINGS[kind]:
        found.append(row)
        if row.of_part is not None:
            found += [
                Telling(row.command, partial(row.of_part, part), f"{row.command}_of_{part.name}", row.handoff)
                for part in parts_of(facts)
            ]
    return found
