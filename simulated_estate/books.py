"""What each of the four systems believes, in its own spelling: plain rows that the servers serve."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


@dataclass(slots=True)
class DeviceRow:
    """One subscriber device as a network element sees it, before any vendor's spelling and unit.

    Attributes:
        serial: four letters and eight hex digits (ONT, NID), or twelve hex digits (subscriber module).
        port: shelf/slot/port or interface name on the element.
        oper_state: up, down or discovered (seen, not admitted to service).
        profile: name of the provisioned speed profile, ``500/500`` for instance; empty when none.
        rx_dbm: received power; None where the element has no reading.
        registered_since: first registration on this element, UTC.
        profile_since: since when this profile is provisioned, UTC; None when none.
        last_traffic_at: when traffic was last counted, UTC; None if never.
        locked: whether somebody has taken it out of service.
        label: what somebody has written beside it.
    """

    serial: str
    port: str
    oper_state: str
    profile: str
    rx_dbm: Decimal | None
    registered_since: datetime
    profile_since: datetime | None
    last_traffic_at: datetime | None
    locked: bool = False
    label: str = ""


@dataclass(slots=True)
class SessionRow:
    """One session of a subscriber on a piece of access equipment.

    Attributes:
        username: who logged in.
        session_id: Acct-Session-Id.
        framed_address: IPv4 address of the session.
        port: circuit it comes in on.
        profile: name of the policy it runs under (Filter-Id).
        started_at: UTC.
        ended_at: None while it runs.
        end_cause: Acct-Terminate-Cause, empty while it runs.
    """

    username: str
    session_id: str
    framed_address: str
    port: str
    profile: str
    started_at: datetime
    ended_at: datetime | None = None
    end_cause: str = ""


@dataclass(slots=True)
class Books:
    """Everything the estate serves.

    Attributes:
        crm: sObject name -> rows with the org's API field names (Id, SystemModstamp and IsDeleted on each).
        billing: ``subscriptions``, ``charge_lines``, ``bills``, ``payments``, ``adjustments``, ``disputes``,
            ``pending_items``, ``balances``, ``bill_cycles`` -> rows.
        field_service: ``work_orders``, ``completions``, ``stock_movements``, ``access_terminals``,
            ``contractor_invoices``, ``partner_charges``, ``outages``, ``reservations``, ``wholesale_lines``,
            ``wholesale_charges`` -> rows as JSON objects.
        target_billing: ``cut_overs``, ``subscriptions``, ``invoices``, ``payments``, ``balances``,
            ``job_pauses`` -> rows as JSON objects.
        network: element name -> device rows.
        sessions: name of access equipment -> sessions on it.
    """

    crm: dict[str, list[Row]] = field(default_factory=dict)
    billing: dict[str, list[Row]] = field(default_factory=dict)
    field_service: dict[str, list[Row]] = field(default_factory=dict)
    target_billing: dict[str, list[Row]] = field(default_factory=dict)
    network: dict[str, list[DeviceRow]] = field(default_factory=dict)
    sessions: dict[str, list[SessionRow]] = field(default_factory=dict)
