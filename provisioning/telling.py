"""What other systems are told once a saga has proven what it is about: which commands, by its kind; pure.

Money follows the proof. Billing starts, changes, rests or ends on the local day on which the network was seen to be
as it shall be; where a soak is asked for, on the day on which the unbroken time began that it was awaited for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from canonical_model.catalogue import ProductOffering
from canonical_model.markets import Market
from handoffs.commands import FieldValue
from handoffs.stages import Handoff
from provisioning.facts import SagaFacts
from provisioning.saga import SagaKind

Fields = dict[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven.

    Attributes:
        offerings: of the catalogue, by id.
        at: when it was so for the first time and from then on without a break.
        day: from which it counts.
    """

    facts: SagaFacts
    market: Market
    offerings: Mapping[str, ProductOffering]
    at: datetime
    day: date

    def code_of(self, offering_id: str) -> str:
        """The billing code under which an offering is sold now.

        Raises:
            KeyError: the catalogue does not know the offering.
        """
        return self.offerings[offering_id].billing_codes[0]

    @property
    def offering_id(self) -> str:
        """What is installed: what the technician says, or else what the network was told."""
        return self.facts.installed_offering_id or self.facts.profile.offering_id


def proven(
    facts: SagaFacts, market: Market, offerings: Mapping[str, ProductOffering], verified_at: datetime
) -> Proven:
    """What the facts prove.

    Someone who had left before the network was told of it pays nothing for the days between.
    """
    since = facts.working_since if facts.standing == "active" else None
    at = (since or verified_at).replace(microsecond=0)  # as exact as the systems keep it that are told
    day = market.local_date(at)
    if facts.standing == "ended" and facts.effective_on is not None:
        day = min(day, facts.effective_on)
    return Proven(facts, market, offerings, at, day)


@dataclass(frozen=True, slots=True)
class Telling:
    """One thing that a system is told.

    Attributes:
        command: of ``handoffs.commands``.
        fields: of the command; None where there is nothing to tell.
        key: sets it apart from another one of the same command.
        handoff: whose authority it needs.
    """

    command: str
    fields: Callable[[Proven], Fields | None]
    key: str = ""
    handoff: Handoff = "field_to_billing"

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


def _voice_starts(told: Proven) -> Fields | None:
    voice = told.facts.voice_offering_id
    if voice is None or "voice" in told.facts.missing_parts:
        return None
    return {**_starts(told), "offering_id": voice, "billing_code": told.code_of(voice)}


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


def _of_voice(fields: Callable[[Proven], Fields | None]) -> Callable[[Proven], Fields | None]:
    """The same for the telephone, where it is billed by a subscription of its own."""

    def of_voice(told: Proven) -> Fields | None:
        voice, said = told.facts.voice_subscription_id, fields(told)
        return None if voice is None or said is None else {**said, "subscription_id": voice}

    return of_voice


def _rests_on_hold(told: Proven) -> Fields | None:
    """Whoever pays another price while nothing works pays it alone."""
    return _suspension(told) if told.facts.billing.policy in ("stop", "price") else None


def _resumes_after_hold(told: Proven) -> Fields | None:
    return _resumption(told) if told.facts.billing.policy in ("stop", "price") else None


def _recovery(told: Proven) -> Fields | None:
    order, serial = told.facts.order_number, told.facts.line.serial
    if order is None or serial is None:
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


_ORDER_DONE = Telling("set_customer_status", _order_is("active"))
_JOB_DONE = Telling("close_work_order", _job_done)
_VOICE = Telling("start_billing", _voice_starts, key="start_billing_of_voice")

TELLINGS: dict[SagaKind, tuple[Telling, ...]] = {
    "activate": (_ORDER_DONE, Telling("start_billing", _starts), _VOICE, _JOB_DONE),
    "activate_voice": (_VOICE,),
    "reapply": (),
    "change_tier": (Telling("change_billing", _changes_where_the_tier_does), _ORDER_DONE, _JOB_DONE),
    "suspend": (
        Telling("set_service_status", _service_is("suspended")),
        Telling("suspend_billing", _rests),
        Telling("suspend_billing", _of_voice(_rests), key="suspend_billing_of_voice"),
        Telling("post_adjustment", _fee),
    ),
    "restore": (
        Telling("set_service_status", _service_is("active")),
        Telling("resume_billing", _resumes),
        Telling("resume_billing", _of_voice(_resumes), key="resume_billing_of_voice"),
    ),
    "hold": (
        Telling("set_service_status", _service_is("on_hold")),
        Telling("suspend_billing", _rests),
        Telling("suspend_billing", _of_voice(_rests_on_hold), key="suspend_billing_of_voice"),
        Telling("change_billing", _hold_price),
    ),
    "wake": (
        Telling("set_service_status", _service_is("active")),
        Telling("resume_billing", _resumes),
        Telling("resume_billing", _of_voice(_resumes_after_hold), key="resume_billing_of_voice"),
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
        Telling("stop_billing", _stops),
        Telling("stop_billing", _of_voice(_stops), key="stop_billing_of_voice"),
        Telling("create_work_order", _recovery, handoff="provisioning_to_dispatch"),
        _JOB_DONE,
    ),
}
"""What is told, in that order; systems are told of one account one thing after the other.

A swap tells of no money. A move keeps the one subscription, so that there is neither a gap nor a second charge.
"""

LONGEST_TELLING = max((each.name for tellings in TELLINGS.values() for each in tellings), key=len)
"""The longest name by which a telling is told from the others of its saga; keys have room for it."""
