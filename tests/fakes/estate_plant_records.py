"""The premises, customers and plant of a simulated estate: what readiness reads beside what reconciliation does."""

from collections.abc import Iterator

from canonical_model.customers import Customer
from canonical_model.places import Premise
from canonical_model.plant import AccessTerminal
from canonical_model.record import Record
from simulated_estate.books import Books
from simulated_estate.estate import Estate
from tests.fakes.estate_records import BY_CRM_NAME
from tests.fakes.estate_words import BY_REGION, source, without_prefix

TECHNOLOGIES = {"fibre": "pon", "ethernet": "active_ethernet", "radio": "fixed_wireless"}
PON_MODES = {"GPON": "gpon", "XGS-PON": "xgs_pon"}


def plant_records(estate: Estate) -> list[Record]:
    """What readiness reads beside the records that reconciliation does."""
    return [*_premises(estate.books), *_customers(estate.books), *_terminals(estate.books)]


def _premises(books: Books) -> Iterator[Record]:
    for row in books.crm["Premise__c"]:
        yield Premise(
            **source(BY_CRM_NAME[row["Market__c"]], "crm", "Premise__c", row["Id"]),
            address=row["Street__c"],
            city=row["City__c"],
            serviceability="serviceable",
            hub=row["Hub__c"],
            terminal=row["Terminal__c"],
        )


def _customers(books: Books) -> Iterator[Record]:
    for row in books.crm["Account"]:
        yield Customer(
            **source(BY_CRM_NAME[row["Market__c"]], "crm", "Account", f"{row['Id']}#person"),
            account_number=without_prefix(row["AccountNumber"]),
            name=row["Name"],
            phone="555-0100",
        )


def _terminals(books: Books) -> Iterator[Record]:
    for row in books.field_service["access_terminals"]:
        yield AccessTerminal(
            **source(BY_REGION[row["region"]], "fsm", "access-terminal", row["id"]),
            terminal=row["terminal"],
            hub=row["hub"],
            element=row["element"],
            port=row["port"],
            technology=TECHNOLOGIES[row["medium"]],
            capacity=row["places"],
            used=row["in_use"],
            port_capacity=row["port_places"],
            pon_mode=row["pon"] and PON_MODES[row["pon"]],
            odn_class=row["class"],
            observed_at=row["counted_at"],
        )
