"""The premises and customers of a simulated estate, and a plant that is right: every device hangs where it says.

The estate's own inventory is drawn apart from its devices, as inventories are. Where the plan of an order is held
against what legacy did, the inventory has to be one that can be right: here each premise has a terminal of its own,
fed by the port on which the network shows its device.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from canonical_model.customers import Customer
from canonical_model.field_work import CompletionMaterial, WorkOrder
from canonical_model.network import NetworkObservation
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
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


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
    """A terminal of each premise's own, and further ones for further devices that were left there later."""
    ports = _ports(records)
    for row in books.crm["Premise__c"]:
        market = MARKETS[BY_CRM_NAME[row["Market__c"]]]
        at = ports.get(row["Id"], [(market.elements[0].name, f"9/9/{row['Id']}")])
        for place, (element, port) in enumerate(at):
            beside = f"-{place}" if place else ""
            is_switch = market.technology == "active_ethernet"
            yield AccessTerminal(
                **source(market.id, "fsm", "access-terminal", f"{terminal_of(row['Id'])}{beside}"),
                terminal=f"{terminal_of(row['Id'])}{beside}",
                hub=f"H-{row['Id']}{beside}",
                element=element,
                port=port if is_switch else port.rpartition("/")[0],
                technology=market.technology,
                capacity=1 if is_switch else PLACES,
                used=1 if row["Id"] in ports else 0,
                port_capacity=1 if is_switch else 128,
                pon_mode="xgs_pon" if market.technology == "pon" else None,
                observed_at=counted,
            )


def _ports(records: list[Record]) -> dict[str, list[tuple[str, str]]]:
    """Elements and ports by premise, as the network shows the devices that were left there, the first one first."""
    seen = {each.serial: each for each in records if isinstance(each, NetworkObservation)}
    left = {
        each.work_order_id: each.serial
        for each in records
        if isinstance(each, CompletionMaterial) and each.kind in ACCESS
    }
    installs = (each for each in records if isinstance(each, WorkOrder) and each.work_type == "install")
    jobs = {each.order_number: each for each in installs}
    new = [each for each in records if isinstance(each, ProductOrder) and each.order_type == "new"]
    found: dict[str, list[tuple[str, str]]] = {}
    for order in sorted(new, key=lambda each: (each.ordered_at or NEVER, each.order_number)):
        job = jobs.get(order.order_number)
        device = None if job is None else seen.get(left.get(job.work_order_id, ""))
        if device is not None and device.port is not None and order.premise_id is not None:
            places = found.setdefault(order.premise_id, [])
            if (device.element, device.port) not in places:
                places.append((device.element, device.port))
    return found
