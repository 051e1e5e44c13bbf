"""For each kind of system that takes commands and can be looked at: a write, and what it comes to in an estate."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from radius_harness import ACCESS, radius_write, served_with_tables, tables_of, with_sessions
from snmp_harness import ADMIN_STATE, ELEMENT, snmp_write, with_devices
from source_harnesses import UNUSED_PORT

from canonical_model.errors import ConfigurationError, OutcomeUnknown, RetryableError, SpliceError
from connectors.ports import Expected, Look, Part, SystemSettings, Write
from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate, serve_estate

START = datetime(2026, 1, 1, tzinfo=UTC)
PATIENT_S = 30.0
SHORT_S = 1.5
"""Time-out where an answer is held back; enough for whatever is not."""
SILENCE_S = 1.0


@dataclass(frozen=True)
class SinkHarness:
    """One kind of system.

    Attributes:
        kind: the connector.
        target: its name in fault strings and in the write log.
        address: its name in the estate's addresses.
        write: a write that the system does, by number.
        refused: a change of that write that the system will not do, and words of its refusal.
        options: how the system is logged in to.
        secrets: likewise; the estate's credentials by the connector's name for them.
        changes: how many entries in the write log one write makes.
        serve: serves books for the length of a block.
        fixtures: what ``serve`` takes before the books.
        observer: the system that shows what was done, where it is not the one that was written to.
        looks_at_many: whether it is looked at several records with one request.
        unusable: faults under which a write is done, and not answered in a way that can be used.
        unsure: faults under which a write is not done, and nobody can tell.
        too_much: the fault under which a write is turned away as too much.
        blind: faults under which a look fails.
        credentials: name of the credentials in the estate, where it is not the address.
        away: what a write to a system that does not answer comes to.
        stranger: what a write with a wrong secret comes to.
        patience_s: how long an answer is waited for where none may come.
    """

    kind: str
    target: str
    address: str
    write: Callable[[int], Write]
    refused: Callable[[Write], Write]
    refusal: str
    options: Callable[[Mapping[str, str]], dict[str, Any]]
    secrets: Callable[[Mapping[str, str]], dict[str, str]]
    changes: int = 1
    serve: Callable[..., AbstractContextManager[Any]] = serve_estate
    fixtures: tuple[str, ...] = ()
    observer: Callable[[Any], SystemSettings] | None = None
    looks_at_many: bool = False
    unusable: tuple[str, ...] = ("answer_lost=1", "rubbish=1")
    unsure: tuple[str, ...] = ("write_lost=1", "http_500=1", "http_502=1", "http_503=1", "http_504=1")
    too_much: str = "429=1"
    blind: tuple[str, ...] = ("http_503=1", "truncate=1", "reset=1")
    credentials: str = ""
    away: type[SpliceError] = RetryableError
    stranger: type[SpliceError] = ConfigurationError
    patience_s: float = PATIENT_S

    def settings(self, estate: RunningEstate, **changes: Any) -> SystemSettings:
        known = estate.credentials[self.credentials or self.address]
        secrets = {name: SecretStr(value) for name, value in self.secrets(known).items()}
        settings = SystemSettings(
            self.address, self.kind, estate.addresses[self.address], self.options(known), secrets, timeout_s=PATIENT_S
        )
        return replace(settings, **changes)

    def with_wrong_secrets(self, estate: RunningEstate) -> SystemSettings:
        settings = self.settings(estate)
        return replace(settings, secrets=dict.fromkeys(settings.secrets, SecretStr("not-the-right-one")))

    def unreachable(self, estate: RunningEstate) -> SystemSettings:
        settings = self.settings(estate)
        place = settings.address.partition("//")[2].partition("/")[0] or settings.address
        port = place.rpartition(":")[2]
        return replace(settings, address=settings.address.replace(f":{port}", f":{UNUSED_PORT}"))

    def done(self, estate: RunningEstate) -> int:
        """How often a write was done."""
        return len(estate.write_log.of(self.target)) // self.changes


def books() -> Books:
    """An order with its account, and nothing else."""
    account = {
        "Id": "001LV0000000001AAA",
        "Name": "Household 1",
        "Account_Key__c": "LV-0000001",
        "Service_Status__c": None,
        "IsDeleted": False,
        "SystemModstamp": START,
    }
    order = {
        "Id": "801LV0000000001AAA",
        "Order_Key__c": "00000001",
        "AccountId": account["Id"],
        "Status": "Scheduled",
        "StatusCode": "Activated",
        "IsDeleted": False,
        "SystemModstamp": START,
    }
    return Books(
        crm={"Account": [account], "Order": [order]},
        billing={"subscriptions": []},
        field_service={"work_orders": [], "completions": []},
        network=with_devices(START),
        sessions=with_sessions(START),
    )


def _rest_write(number: int) -> Write:
    key = f"key-{number}"
    values = {"client_reference": key, "order_reference": f"SO-{number}", "region": "MSA", "type": "install"}
    options = {"method": "POST", "key_header": "Idempotency-Key"}
    look = Look(
        "api/v2/work-orders",
        {},
        {"client_reference": key},
        (Expected("client_reference", "text", key), Expected("type", "text", "install")),
        {"rows": "data"},
    )
    return Write("create_work_order", key, "keyed", (Part("api/v2/work-orders", {}, values, options),), (look,))


def _soap_write(number: int) -> Write:
    key = f"key-{number}"
    values = {
        "requestId": key,
        "accountNumber": f"{number:010d}",
        "marketCode": "MS",
        "planCode": "INT-ETH-0500",
        "startDate": "2026-11-03",
    }
    look = Look(
        "FindRequest",
        {},
        {"requestId": key},
        (Expected("operation", "text", "StartBilling"), Expected("startDate", "date", "2026-11-03")),
        {"row": "request"},
        "outcome",
        {"DONE": "applied", "REFUSED": "refused"},
    )
    return Write("start_billing", key, "keyed", (Part("StartBilling", {}, values),), (look,))


def _salesforce_write(number: int) -> Write:
    status = "Complete" if number % 2 else "Scheduled"
    parts = (
        Part("Order", {"Order_Key__c": "00000001"}, {"Status": status}),
        Part("Account", {"Account_Key__c": "LV-0000001"}, {"Service_Status__c": f"status {number}"}),
    )
    looks = tuple(
        Look(part.target, part.key, {}, tuple(Expected(name, "text", value) for name, value in part.values.items()))
        for part in parts
    )
    return Write("set_customer_status", f"key-{number}", "harmless", parts, looks)


def _changed(write: Write, **values: Any) -> Write:
    first, *others = write.parts
    return replace(write, parts=(replace(first, values={**first.values, **values}), *others))


SINKS = {
    "rest": SinkHarness(
        kind="rest",
        target="fsm",
        address="field_service",
        write=_rest_write,
        refused=lambda write: _changed(write, type="invent"),
        refusal="HTTP 422 (type is one of",
        options=lambda known: {"login": "oauth2", "token_url": "/oauth/token", "client_id": known["client_id"]},
        secrets=lambda known: {"client_secret": known["client_secret"]},
    ),
    "soap": SinkHarness(
        kind="soap",
        target="billing",
        address="billing",
        write=_soap_write,
        refused=lambda write: _changed(write, planCode="NO-SUCH-PLAN"),
        refusal="ValidationFault (code UNKNOWN_PLAN",
        options=lambda known: {"login": "digest", "username": known["username"]},
        secrets=lambda known: {"password": known["password"]},
    ),
    "salesforce": SinkHarness(
        kind="salesforce",
        target="crm",
        address="crm",
        write=_salesforce_write,
        refused=lambda write: _changed(write, Status="No such label"),
        refusal="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        options=lambda known: {"client_id": known["consumer_key"], "api_version": "62.0"},
        secrets=lambda known: {"client_secret": known["consumer_secret"]},
        changes=2,
        looks_at_many=True,
    ),
    "radius": SinkHarness(
        kind="radius",
        target=ACCESS,
        address=ACCESS,
        write=radius_write,
        refused=lambda write: _changed(write, **{"Filter-Id": "no-such-profile"}),
        refusal="CoA-NAK (Error-Cause 407 Invalid-Attribute-Value",
        options=lambda known: {},
        secrets=lambda known: {"shared_secret": known["shared_secret"]},
        serve=served_with_tables,
        fixtures=("tmp_path",),
        observer=tables_of,
        unsure=("write_lost=1", "loss=1"),
        too_much="busy=1",
        blind=(),
        credentials="access",
        away=OutcomeUnknown,
        stranger=OutcomeUnknown,
        patience_s=SILENCE_S,
    ),
    "snmp": SinkHarness(
        kind="snmp",
        target=ELEMENT,
        address=ELEMENT,
        write=snmp_write,
        refused=lambda write: _changed(write, **{ADMIN_STATE: 9}),
        refusal=f"SNMP wrongValue ({ADMIN_STATE}.2)",
        options=lambda known: {},
        secrets=lambda known: {name: known[name] for name in ("community", "write_community")},
        unsure=("write_lost=1",),
        too_much="busy=1",
        blind=("loss=1", "missing"),
        credentials="network",
        stranger=RetryableError,
        patience_s=SILENCE_S,
    ),
}
