"""Customer care and the office in the CRM: what was told and promised, and who worked at which order.

``Case``: ``CaseNumber``, ``AccountId``, ``Account_Number__c`` (formula), ``Market__c``, ``Type`` (``Fault``,
    ``Billing question``, ``Reconciliation``), ``Subject``, ``Status`` (``Closed``, ``Working``), ``ClosedDate`` (or
    null), ``Handling_Minutes__c``, ``Credit_Amount__c`` and ``Credit_Approved_On__c`` (null where no credit was
    approved).

``Order_Activity__c``: ``Name``, ``Order__c`` (Id), ``Order_Number__c`` (formula), ``Market__c``, ``Step__c``
    (``Order``, ``Provisioning``), ``Action__c`` (``Entered``, ``Copied``, ``Corrected``, ``Forced``), ``By__c``,
    ``By_Kind__c`` (``User``, ``Integration``), ``Done_At__c``.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from simulated_estate.books import Row
from simulated_estate.life.calls import Call, CallKind, calls, promised_minutes
from simulated_estate.life.hands import hands_on_order
from simulated_estate.life.records import Life, Order
from simulated_estate.life.stage import Correction
from simulated_estate.spelling import call_number, case_number, crm_account, crm_id, crm_order

_CASES_PER_ACCOUNT = 4
_CALLS_PER_ACCOUNT = 100
_CALLS_FROM = 10**11
_HANDS_PER_ORDER = 8
_TYPES: dict[CallKind, tuple[str, str]] = {
    "fault": ("Fault", "Line does not work"),
    "billing": ("Billing question", "Asks about a line of the bill"),
    "reconciliation": ("Reconciliation", "Bill compared with the order by hand"),
}


def case_rows(
    life: Life, account_id: str, corrections: Sequence[Correction], until: datetime
) -> Iterator[tuple[str, Row]]:
    """The cases of an account as (sObject, row): credits that were promised, then everything else."""
    for place, (day, amount) in enumerate(life.dealings.promises):
        yield "Case", _promise(life, place, day, amount, account_id)
    for place, call in enumerate(calls(life, corrections, until)):
        yield "Case", _call(life, place, call, account_id)


def activity_rows(life: Life, order: Order, order_id: str) -> Iterator[tuple[str, Row]]:
    """Who worked at an order, as (sObject, row)."""
    for place, hand in enumerate(hands_on_order(order, life.jobs)):
        number = int(order.number) * _HANDS_PER_ORDER + place
        yield (
            "Order_Activity__c",
            {
                "Id": crm_id("a0T", number),
                "CreatedDate": hand.moment,
                "SystemModstamp": hand.moment,
                "IsDeleted": order.is_deleted,
                "Name": f"ACT-{number:08d}",
                "Order__c": order_id,
                "Order_Number__c": crm_order(order.number),
                "Market__c": life.market.name,
                "Step__c": hand.step.capitalize(),
                "Action__c": hand.action.capitalize(),
                "By__c": hand.actor,
                "By_Kind__c": "User" if hand.is_person else "Integration",
                "Done_At__c": hand.moment,
            },
        )


def _promise(life: Life, place: int, day: date, amount: Decimal, account_id: str) -> Row:
    closed = datetime.combine(day, time(16, 10), life.market.zone)
    name = case_number(life.account, place)
    return _case(life, int(life.account) * _CASES_PER_ACCOUNT + place, account_id) | {
        "CreatedDate": closed - timedelta(hours=5),
        "SystemModstamp": closed,
        "CaseNumber": name,
        "Type": "Fault",
        "Subject": "No service for an evening",
        "Status": "Closed",
        "ClosedDate": closed,
        "Handling_Minutes__c": promised_minutes(name),
        "Credit_Amount__c": amount,
        "Credit_Approved_On__c": day,
    }


def _call(life: Life, place: int, call: Call, account_id: str) -> Row:
    kind, subject = _TYPES[call.kind]
    number = _CALLS_FROM + int(life.account) * _CALLS_PER_ACCOUNT + place
    return _case(life, number, account_id) | {
        "CreatedDate": call.opened,
        "SystemModstamp": call.closed or call.opened,
        "CaseNumber": call_number(life.account, place),
        "Type": kind,
        "Subject": subject,
        "Status": "Working" if call.closed is None else "Closed",
        "ClosedDate": call.closed,
        "Handling_Minutes__c": call.minutes,
        "Credit_Amount__c": None,
        "Credit_Approved_On__c": None,
    }


def _case(life: Life, number: int, account_id: str) -> Row:
    return {
        "Id": crm_id("500", number),
        "IsDeleted": False,
        "AccountId": account_id,
        "Account_Number__c": crm_account(life.account),
        "Market__c": life.market.name,
    }
