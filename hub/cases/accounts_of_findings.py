"""Whose bill a finding is about: the account of a service, or that of the document that it names."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import Connection

from canonical_model.billing import Adjustment, BillingItem, CreditApproval, CustomerBill, Payment
from canonical_model.field_work import WorkOrder
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from storage.case_list import ListedCase
from storage.current_records import records_among

_DOCUMENTS: Final[dict[str, tuple[type[Record], str]]] = {
    "bill": (CustomerBill, "bill_id"),
    "payment": (Payment, "source_id"),
    "adjustment": (Adjustment, "source_id"),
    "order": (ProductOrder, "order_number"),
    "case": (CreditApproval, "case_number"),
    "billing_item": (BillingItem, "item_id"),
}
"""Documents that tell their account, each with the column that its findings are named by."""


def accounts_of(connection: Connection, market: str, cases: Collection[ListedCase]) -> dict[str, str]:
    """Account by fingerprint; findings of no account, such as a device of nobody, are not in it.

    Args:
        connection: of a transaction.
        market: of the findings.
        cases: the findings.
    """
    named: dict[str, dict[str, str]] = defaultdict(dict)
    for case in cases:
        named[case.subject_kind][case.fingerprint] = case.subject.partition("/")[2]
    jobs = _looked_up(connection, market, WorkOrder, "work_order_id", "order_number", named["work_order"].values())
    orders = {print_: jobs[job] for print_, job in named.pop("work_order").items() if job in jobs}
    named["order"].update(orders)
    found = {each.fingerprint: each.subject.partition("/")[0] for each in cases if each.subject_kind == "service"}
    found |= {print_: name.rpartition("-")[0] for print_, name in named["balance"].items()}
    for kind, (entity, column) in _DOCUMENTS.items():
        accounts = _looked_up(connection, market, entity, column, "account_number", named[kind].values())
        found |= {print_: accounts[name] for print_, name in named[kind].items() if name in accounts}
    return found


def _looked_up(
    connection: Connection, market: str, entity: type[Record], column: str, wanted: str, names: Iterable[str]
) -> dict[str, str]:
    """Value of one field by that of another, of records that have both."""
    records: list[Any] = records_among(connection, entity, market, column, set(names))
    return {getattr(each, column): getattr(each, wanted) for each in records if getattr(each, wanted) is not None}
