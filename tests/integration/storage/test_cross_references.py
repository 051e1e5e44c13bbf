"""One identifier leads to every record that speaks of it, in whichever system, now and then."""

import pytest

from canonical_model.customers import Customer
from canonical_model.entities import ENTITIES
from canonical_model.orders import ProductOrder
from canonical_model.record import SourceReference
from storage.cross_references import CrossReference, cross_references
from storage.database import Database, open_database
from storage.pages import MappedRecord
from tests.integration.conftest import MakeDatabase
from tests.integration.storage.page_builders import HOUR, NINE, Stream, bill, work_order


@pytest.fixture
def subscriber(database: Database) -> Database:
    crm = {"market": "valley", "source_system": "crm"}
    account = Customer(**crm, source_object="Account", source_id="001", account_number="A-100", name="Ada")
    order = ProductOrder(
        **crm,
        source_object="Order",
        source_id="801",
        order_number="n-7",
        account_number="a100",
        order_type="new",
        state="completed",
    )
    Stream(database, "crm", "accounts").store(MappedRecord("001", {}, [account]))
    Stream(database, "crm", "orders").store(MappedRecord("801", {}, [order]))
    Stream(database, "billing", "lines").store(bill("L1"), bill("L2", account_number="B2"))
    Stream(database, "field", "work_orders").store(work_order("W1", []))
    return database


def test_an_account_number_leads_through_crm_and_billing(subscriber: Database) -> None:
    with subscriber.reading() as connection:
        found = cross_references(connection, "account_number", "A100")
    assert [(each.entity, str(each.source)) for each in found] == [
        ("ChargeLine", "billing/rate/L1"),
        ("Customer", "crm/Account/001"),
        ("ProductOrder", "crm/Order/801"),
    ]


def test_an_order_number_leads_from_crm_to_the_field(subscriber: Database) -> None:
    with subscriber.reading() as connection:
        found = cross_references(connection, "order_number", "N7")
    assert [str(each.source) for each in found] == ["crm/Order/801", "field/order/W1"]


def test_references_are_known_as_they_were(database: Database) -> None:
    bills = Stream(database)
    bills.store(bill("L1", account_number="A1"))
    bills.store(bill("L1", account_number="A2"))

    with database.reading() as connection:
        assert cross_references(connection, "account_number", "A1") == []
        assert cross_references(connection, "account_number", "A1", NINE) == [
            CrossReference("account_number", "A1", "ChargeLine", "valley", SourceReference("billing", "rate", "L1"))
        ]
        assert len(cross_references(connection, "account_number", "A2", NINE + HOUR)) == 1


def test_every_identifier_of_every_entity_is_followed(database: Database) -> None:
    with database.reading() as connection:
        view = "SELECT sql FROM sqlite_master WHERE name = 'cross_reference'"
        if connection.dialect.name == "postgresql":
            view = "SELECT definition FROM pg_views WHERE viewname = 'cross_reference'"
        definition = str(connection.exec_driver_sql(view).scalar_one())
    followed = [(name, kind) for name, entity in ENTITIES.items() for kind in entity.identifiers]
    assert definition.count("UNION ALL") == len(followed) - 1
    for name, kind in followed:
        assert f"'{name}'" in definition, (name, kind)


def test_following_an_identifier_reads_no_table_as_a_whole(make_database: MakeDatabase) -> None:
    database = open_database(make_database("sqlite"))
    with database.reading() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM cross_reference WHERE kind = 'serial' AND value = 'x'"
        ).all()
    database.close()
    assert [step[-1] for step in plan if step[-1].startswith("SCAN")] == []
    assert [step[-1] for step in plan if "_serial" in step[-1]] != []
