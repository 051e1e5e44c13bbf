"""For each kind of system: rows in the books of a simulated estate, and how a connector reads them.

Kinds that the estate does not serve have a file of their own beside this one.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import SecretStr

from connectors.ports import StreamRead, SystemSettings
from simulated_estate.books import Books, DeviceRow
from simulated_estate.servers.serve import RunningEstate, serve_estate

START = datetime(2026, 1, 1, tzinfo=UTC)
UNUSED_PORT = "9"  # discard: nobody listens there on loopback
PATIENT_S = 30.0
SILENCE_S = 0.7
"""Time-out where no answer will come however long one waits."""
SILENT_TO_STRANGERS = {"snmp"}
"""Kinds whose systems answer a wrong login, and an address where nobody is, with silence (UDP, v2c)."""


@dataclass(frozen=True)
class Harness:
    """One kind of system, or one of several that a connector reads.

    Attributes:
        name: what the tests call it.
        kind: the connector.
        target: its name in fault strings.
        address: its name in the estate's addresses.
        read: the stream that is read.
        fill: writes that many rows into books.
        rows: those rows, to be changed under way.
        key: the key of a row, as the connector spells it.
        options: how the system is logged in to.
        secrets: likewise; the estate's credentials by the connector's name for them.
        passing: faults that strike now and then, and pass.
        lasting: faults under which nothing can be read.
        serve: serves books for the length of a block.
        fixtures: what ``serve`` takes before the books.
        publish: tells what serves the books that rows have changed, where it does not look by itself.
        is_remote: whether it is reached through a network and with a login.
        deleted_mark: field of a row that is true once it is deleted.
    """

    name: str
    kind: str
    target: str
    address: str
    read: StreamRead
    fill: Callable[[Books, int], None]
    rows: Callable[[Books], list[Any]]
    key: Callable[[Any], str]
    options: Callable[[Mapping[str, str]], dict[str, Any]]
    secrets: Callable[[Mapping[str, str]], dict[str, str]]
    passing: tuple[str, ...]
    lasting: tuple[str, ...]
    size: int = 25
    serve: Callable[..., AbstractContextManager[Any]] = serve_estate
    fixtures: tuple[str, ...] = ()
    publish: Callable[[Any], None] = lambda estate: None
    is_remote: bool = True
    deleted_mark: str = "IsDeleted"

    def books(self) -> Books:
        books = Books(
            crm={"Account": []},
            billing={"charge_lines": []},
            field_service={"work_orders": [], "completions": []},
            network={"rb-olt-calix": []},
        )
        self.fill(books, self.size)
        return books

    def keys(self, books: Books) -> set[str]:
        return {self.key(row) for row in self.rows(books)}

    def settings(self, estate: RunningEstate, **changes: Any) -> SystemSettings:
        known = estate.credentials["network" if self.kind == "snmp" else self.address]
        secrets = {name: SecretStr(value) for name, value in self.secrets(known).items()}
        settings = SystemSettings(
            self.address, self.kind, estate.addresses[self.address], self.options(known), secrets, timeout_s=PATIENT_S
        )
        return replace(settings, **changes)

    @property
    def stranger_s(self) -> float:
        """Time-out for asking whoever does not know us."""
        return SILENCE_S if self.kind in SILENT_TO_STRANGERS else PATIENT_S

    def with_wrong_secrets(self, estate: RunningEstate, **changes: Any) -> SystemSettings:
        settings = self.settings(estate, timeout_s=self.stranger_s, **changes)
        return replace(settings, secrets=dict.fromkeys(settings.secrets, SecretStr("not-the-right-one")))

    def unreachable(self, estate: RunningEstate) -> SystemSettings:
        settings = self.settings(estate, timeout_s=self.stranger_s)
        port = (
            settings.address.partition("//")[2].partition("/")[0].rpartition(":")[2]
            or (settings.address.rpartition(":")[2])
        )
        return replace(settings, address=settings.address.replace(f":{port}", f":{UNUSED_PORT}"))


def _stamp(number: int) -> datetime:
    return START + timedelta(minutes=number)


def _accounts(books: Books, count: int) -> None:
    books.crm["Account"] += [
        {
            "Id": f"001LV{number:010d}AAA",
            "AccountNumber": f"LV-{number:07d}",
            "IsDeleted": False,
            "SystemModstamp": _stamp(number),
        }
        for number in range(count)
    ]


def fill_charge_lines(books: Books, count: int) -> None:
    books.billing["charge_lines"] += [
        {
            "lineId": f"L{number:06d}",
            "billNumber": "B1",
            "subscriptionId": "S1",
            "accountNumber": "0000000001",
            "billingCode": "INT-FBR-0300",
            "description": "Fiber 300",
            "rate": Decimal("54.99"),
            "amount": Decimal("54.99"),
            "coverFrom": date(2026, 3, 1),
            "coverTo": date(2026, 3, 31),
            "billDate": date(2026, 4, 1),
            "modified": _stamp(number),
        }
        for number in range(count)
    ]


def _work_orders(books: Books, count: int) -> None:
    books.field_service["work_orders"] += [
        {"id": f"wo_{number:04d}", "order": f"SO-{number}", "updated_at": _stamp(number).isoformat(), "visits": []}
        for number in range(count)
    ]


def _devices(books: Books, count: int) -> None:
    books.network["rb-olt-calix"] += [
        DeviceRow(f"CXNK{number:08X}", f"1/1/{number}", "up", "500/500", Decimal("-20"), START, START, None)
        for number in range(count)
    ]


SALESFORCE = Harness(
    name="salesforce",
    kind="salesforce",
    target="crm",
    address="crm",
    read=StreamRead(
        "accounts", "Account", ("Id", "AccountNumber", "SystemModstamp"), ("Id",), "SystemModstamp", page_size=200
    ),
    fill=_accounts,
    rows=lambda books: books.crm["Account"],
    key=lambda row: str(row["Id"]),
    options=lambda known: {"client_id": known["consumer_key"], "longest_wait_s": 0.2},
    secrets=lambda known: {"client_secret": known["consumer_secret"]},
    passing=("http_503=0.3", "429=0.3,{}:retry_after=0", "reset=0.2", "truncate=0.2", "expire_session=1"),
    lasting=("http_503=1", "429=1,{}:retry_after=3600", "reset=1", "truncate=1", "missing", "request_limit=1"),
    size=450,  # an org gives no pages below 200
)
SOAP = Harness(
    name="soap",
    kind="soap",
    target="billing",
    address="billing",
    read=StreamRead(
        "charge-lines",
        "ListChargeLines",
        ("lineId", "amount", "modified"),
        ("lineId",),
        "modified",
        page_size=10,
        options={
            "rows": "chargeLine",
            "page_size": "pageSize",
            "page_token": "pageToken",
            "next_token": "nextPageToken",
            "since": "modifiedSince",
            "total": "total",
            "total_counts": "whole",
        },
    ),
    fill=fill_charge_lines,
    rows=lambda books: books.billing["charge_lines"],
    key=lambda row: str(row["lineId"]),
    options=lambda known: {"login": "digest", "username": known["username"], "longest_wait_s": 2},
    secrets=lambda known: {"password": known["password"]},
    passing=("http_503=0.3", "429=0.3,{}:retry_after=0", "reset=0.2", "truncate=0.2"),
    lasting=("http_503=1", "429=1,{}:retry_after=3600", "reset=1", "truncate=1", "missing"),
)
REST = Harness(
    name="rest",
    kind="rest",
    target="fsm",
    address="field_service",
    read=StreamRead(
        "work-orders",
        "api/v2/work-orders",
        ("id", "order", "updated_at"),
        ("id",),
        "updated_at",
        page_size=10,
        options={
            "rows": "data",
            "since_parameter": "updated_since",
            "total": "header:X-Total-Count",
            "total_counts": "whole",
        },
    ),
    fill=_work_orders,
    rows=lambda books: books.field_service["work_orders"],
    key=lambda row: str(row["id"]),
    options=lambda known: {
        "login": "oauth2",
        "token_url": "/oauth/token",
        "client_id": known["client_id"],
        "longest_wait_s": 2,
    },
    secrets=lambda known: {"client_secret": known["client_secret"]},
    passing=("http_503=0.3", "429=0.3,{}:retry_after=0", "reset=0.2", "truncate=0.2", "expire_session=2"),
    lasting=("http_503=1", "429=1,{}:retry_after=3600", "reset=1", "truncate=1", "missing"),
)
SNMP = Harness(
    name="snmp",
    kind="snmp",
    target="rb-olt-calix",
    address="rb-olt-calix",
    read=StreamRead("devices", "calix_axos", ("serial", "port", "operational_state"), ("serial",), page_size=10),
    fill=_devices,
    rows=lambda books: books.network["rb-olt-calix"],
    key=lambda row: str(row.serial),
    options=lambda known: {},
    secrets=lambda known: {"community": known["community"]},
    passing=("loss=0.1",),
    lasting=("loss=1", "missing"),
)
