"""The premises and customers of a simulated estate, and a plant that is right: every device hangs where it says.

The estate's own inventory is drawn apart from its devices, as inventories are. Where the plan of an order is held
against what legacy did, the inventory has to be one that can be right: here each premise has a terminal of its own,
fed by the port on which the network shows its device.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from canonical_model.customers import Customer
from canonical_model.field_work import CompletionMaterial, WorkOrder
from canonical_model.network import NetworkObservation, Technology
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.record import Record
from simulated_estate.books import Books
from simulated_estate.estate import Estate
from simulated_estate.markets import MARKETS
from tests.fakes.estate_records import BY_CRM_NAME
from tests.fakes.estate_words import source, without_prefix

ACCESS = ("ont", "nid", "subscriber_module")
PLACES = 16


def plant_records(estate: Estate, records: Iterable[Record]) -> list[Record]:
    """What readiness reads beside the records that reconciliation does.

    Args:
        estate: of which.
        records: those that reconciliation reads.
    """
    books, known = estate.books, list(records)
    return [*_premises(books), *_customers(books), *_terminals(books, known, estate.as_of)]


def terminal_of(premise_id: str) -> str:
    """The terminal of a premise's own."""
    return f"T-{premise_id}"


def _premises(books: Books) -> Iterator[Record]:
    for row in books.crm["Premise__c"]:
        yield Premise(
            **source(BY_CRM_NAME[row["Market__c"]], "crm", "Premise__c", row["Id"]),
            address=row["Street__c"],
            city=row["City__c"],
            serviceability="serviceable",
            hub=f"H-{row['Id']}",
            terminal=terminal_of(row["Id"]),
        )


def _customers(books: Books) -> Iterator[Record]:
    for row in books.crm["Account"]:
        yield Customer(
            **source(BY_CRM_NAME[row["Market__c"]], "crm", "Account", f"{row['Id']}#person"),
            account_number=without_prefix(row["AccountNumber"]),
            name=row["Name"],
            phone="555-0100",
        )


def _terminals(books: Books, records: list[Record], counted: datetime) -> Iterator[Record]:
    ports = _ports(records)
    for row in books.crm["Premise__c"]:
        market = MARKETS[BY_CRM_NAME[row["Market__c"]]]
        element, port = ports.get(row["Id"], (market.elements[0].name, f"9/9/{row['Id']}"))
        technology: Technology = market.technology
        yield AccessTerminal(
            **source(market.id, "fsm", "access-terminal", terminal_of(row["Id"])),
            terminal=terminal_of(row["Id"]),
            hub=f"H-{row['Id']}",
            element=element,
            port=port if technology == "active_ethernet" else port.rpartition("/")[0],
            technology=technology,
            capacity=1 if technology == "active_ethernet" else PLACES,
            used=1 if row["Id"] in ports else 0,
            port_capacity=1 if technology == "active_ethernet" else 128,
            pon_mode="xgs_pon" if technology == "pon" else None,
            observed_at=counted,
        )


def _ports(records: list[Record]) -> dict[str, tuple[str, str]]:
    """Element and port by premise, as the network shows the device that was left there first."""
    seen = {each.serial: each for each in records if isinstance(each, NetworkObservation)}
    left = {
        each.work_order_id: each.serial
        for each in records
        if isinstance(each, CompletionMaterial) and each.kind in ACCESS
    }
    jobs = {each.order_number: each for each in records if isinstance(each, WorkOrder)}
    found: dict[str, tuple[str, str]] = {}
    for order in records:
        if not isinstance(order, ProductOrder) or order.order_type != "new" or order.premise_id is None:
            continue
        job = jobs.get(order.order_number)
        device = None if job is None else seen.get(left.get(job.work_order_id, ""))
        if device is not None and device.port is not None:
            found[order.premise_id] = (device.element, device.port)
    return found
