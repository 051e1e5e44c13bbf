"""Canonical records of a town of any size, made in sets: right bills, a wrong price in fifty, and what changes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering
from canonical_model.entities import ENTITIES
from canonical_model.intervals import add_months
from canonical_model.markets import Market
from storage.arrow_columns import arrow_schema

AS_OF = datetime(2026, 11, 5, 12, tzinfo=UTC)
FIRST_MONTH, MONTHS = date(2025, 11, 1), 12
MARKET = Market(id="riverbend", name="Riverbend", zone="America/Denver", currency="USD", technology="pon")
ACCESS_MINOR, ROUTER_MINOR, WRONG_MINOR, LATER_MINOR = 60_00, 9_99, 55_00, 50_00
ONE_IN, WRONG_TURN, CHANGED_OF_HUNDRED = 50, 7, 3
"""One service in fifty is billed a wrong price; of each hundred, the third gets another last bill."""


def catalogue() -> Catalogue:
    """Access and the rental of a router, at one price each."""
    always = date(2020, 1, 1)

    def sold(name: str, minor: int, **facts: object) -> ProductOffering:
        price = OfferingPrice(amount=Decimal(minor) / 100, valid_from=always)
        return ProductOffering.model_validate({"id": name, "billing_codes": (name,), "prices": (price,)} | facts)

    return Catalogue(
        offerings=(
            sold("access", ACCESS_MINOR, charge="access", delivered_by="access", network_profiles=("S",)),
            sold("router", ROUTER_MINOR, charge="rental", delivered_by="device", device_kind="router"),
        ),
        proration={MARKET.id: "actual_actual"},
    )


_START = "TIMESTAMPTZ '2024-05-06 17:00:00+00'"
_LINE = {
    "account_number": "account",
    "subscription_id": "account || '-1'",
    "quantity": "1",
    "currency": "'USD'",
    "covers_from": "month",
    "covers_to": "(month + INTERVAL 1 MONTH)::DATE",
    "billed_on": "(month + INTERVAL 1 MONTH)::DATE",
}
_WRONG = f"CASE WHEN number % {ONE_IN} = {WRONG_TURN} THEN {WRONG_MINOR} ELSE {ACCESS_MINOR} END"

_RECORDS: dict[str, tuple[str, dict[str, str]]] = {
    "BillingAccount": ("town", {"account_number": "account", "segment": "'residential'"}),
    "ProductOrder": (
        "town",
        {
            "order_number": "'9' || account",
            "account_number": "account",
            "order_type": "'new'",
            "state": "'completed'",
            "offering_id": "'access'",
            "install_fee_waived": "true",
            "effective_on": "DATE '2024-05-06'",
        },
    ),
    "WorkOrder": (
        "town",
        {
            "work_order_id": "'W' || account",
            "order_number": "'9' || account",
            "work_type": "'install'",
            "state": "'completed'",
        },
    ),
    "FieldCompletion": (
        "town",
        {"work_order_id": "'W' || account", "completed_at": _START, "installed_offering_id": "'access'"},
    ),
    "CompletionMaterial": (
        "town CROSS JOIN (VALUES ('ont', 'ABCD', 'operator'), ('router', 'EEFF', 'leased')) m(kind, vendor, owned)",
        {
            "source_id": "kind || account",
            "work_order_id": "'W' || account",
            "kind": "kind",
            "serial": "vendor || account",
            "ownership": "owned",
        },
    ),
    "NetworkObservation": (
        "town",
        {
            "serial": "'ABCD' || account",
            "element": "'olt'",
            "observed_at": f"TIMESTAMPTZ '{AS_OF.isoformat()}'",
            "operational_state": "'up'",
            "administrative_state": "'unlocked'",
            "profile": "'S'",
            "registered_since": _START,
            "profile_since": _START,
            "last_traffic_at": f"TIMESTAMPTZ '{AS_OF.isoformat()}'",
        },
    ),
    "Subscription": (
        "town",
        {
            "subscription_id": "account || '-1'",
            "account_number": "account",
            "billing_code": "'access'",
            "state": "'active'",
            "starts_on": "DATE '2024-05-06'",
        },
    ),
    "ChargeLine": (
        "town CROSS JOIN month CROSS JOIN (VALUES ('access'), ('router')) c(code)",
        _LINE
        | {
            "source_id": "account || code || strftime(month, '%Y%m')",
            "billing_code": "code",
            "rate_minor": f"CASE code WHEN 'access' THEN {_WRONG} ELSE {ROUTER_MINOR} END",
            "amount_minor": f"CASE code WHEN 'access' THEN {_WRONG} ELSE {ROUTER_MINOR} END",
        },
    ),
}


class Town:
    """The records of so many services, before or after one in a hundred got another last bill."""

    def __init__(self, services: int) -> None:
        """Prepare the numbers of the services; no record is made yet."""
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET threads = 2")
        self._connection.execute("SET preserve_insertion_order = false")
        self._connection.execute("SET memory_limit = '1GB'")
        self._connection.execute(
            "CREATE TABLE town AS SELECT range AS number, lpad(range::VARCHAR, 8, '0') AS account"
            " FROM range(1, ? + 1)",
            [services],
        )
        months = [(add_months(FIRST_MONTH, number),) for number in range(MONTHS)]
        self._connection.execute("CREATE TABLE month (month DATE)")
        self._connection.executemany("INSERT INTO month VALUES (?)", months)

    def records(self, changed: bool) -> dict[str, tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
        """Every entity with its records, as a snapshot takes them."""
        return {
            name: (arrow_schema(ENTITIES[name]), self._batches(name, changed) if name in _RECORDS else iter(()))
            for name in ENTITIES
        }

    def changed_lines(self) -> pa.Table:
        """The bill lines that are otherwise afterwards."""
        schema = arrow_schema(ENTITIES["ChargeLine"])
        sql = self._sql("ChargeLine", changed=True)
        last = add_months(FIRST_MONTH, MONTHS - 1)
        found = self._connection.sql(f"{sql} WHERE {_is_later(last)}")
        return found.to_arrow_table().cast(schema)

    def _batches(self, entity: str, changed: bool) -> Iterator[pa.RecordBatch]:
        schema = arrow_schema(ENTITIES[entity])
        cursor = self._connection.cursor()
        for batch in cursor.sql(self._sql(entity, changed)).to_arrow_reader(100_000):
            yield batch.cast(schema)

    def _sql(self, entity: str, changed: bool) -> str:
        source, given = _RECORDS[entity]
        columns = {"market": f"'{MARKET.id}'", "source_system": "'books'", "source_object": f"'{entity}'"}
        columns |= {"source_id": "account"} | given
        if changed and entity == "ChargeLine":
            is_other = _is_later(add_months(FIRST_MONTH, MONTHS - 1))
            for name in ("rate_minor", "amount_minor"):
                columns[name] = f"CASE WHEN {is_other} THEN {LATER_MINOR} ELSE {columns[name]} END"
        shown = ", ".join(
            f"({columns.get(field.name, 'NULL')})::{_sql_type(field.type)} AS {field.name}"
            for field in arrow_schema(ENTITIES[entity])
        )
        return f"SELECT {shown} FROM {source}"


def _is_later(month: date) -> str:
    """Which lines of that month are otherwise afterwards."""
    return f"code = 'access' AND month = DATE '{month}' AND number % 100 = {CHANGED_OF_HUNDRED}"


def planted(services: int, changed: bool) -> tuple[int, int]:
    """How many findings there must be, and their money in minor units."""
    wrong = len(range(WRONG_TURN, services + 1, ONE_IN))
    # half of the months may still be billed and half are lost: two findings
    found, minor = 2 * wrong, wrong * MONTHS * (ACCESS_MINOR - WRONG_MINOR)
    if changed:
        later = len(range(CHANGED_OF_HUNDRED, services + 1, 100))
        found, minor = found + later, minor + later * (ACCESS_MINOR - LATER_MINOR)
    return found, minor


def _sql_type(kind: pa.DataType) -> str:
    names = {pa.string(): "VARCHAR", pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.float64(): "DOUBLE"}
    return names.get(kind) or ("DATE" if kind == pa.date32() else "TIMESTAMPTZ")
