"""The completion of a job as one flat row that gates judge: what was reported beside what the network proved; pure.

Moments are when something happened, never when a tablet synchronised: a completion that arrives days later is judged,
and billed, by its own time.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from canonical_model.customers import BillingAccount
from canonical_model.field_work import (
    CompletionMaterial,
    CompletionPhoto,
    CompletionTest,
    FieldCompletion,
    WorkOrder,
    WorkOrderVisit,
)
from canonical_model.orders import ProductOrder
from canonical_model.places import Premise
from canonical_model.record import Record
from provisioning.equipment import TERMINAL_KINDS
from provisioning.facts import SagaFacts
from rules.types import EngineValue, parse_schema

COMPLETION_VIEW = "completion"

COMPLETION_SCHEMA = parse_schema(
    {
        "market": "text",
        "technology": "text",
        "judged_at": "timestamp",
        "work_type": "text?",
        "work_state": "text?",
        "crew": "text?",
        "technician": "text?",
        "visits": "integer?",
        "visit_outcome": "text?",
        "dispatched_at": "timestamp?",
        "on_site_at": "timestamp?",
        "completed_at": "timestamp",
        "received_at": "timestamp?",
        "proven_at": "timestamp?",
        "verified_at": "timestamp?",
        "latitude": "number?",
        "longitude": "number?",
        "premise_latitude": "number?",
        "premise_longitude": "number?",
        "photos": "integer?",
        "photo_subjects": "text?",
        "tests": "text?",
        "failed_tests": "text?",
        "speed_down_mbps": "number?",
        "speed_up_mbps": "number?",
        "sold_down_mbps": "number",
        "sold_up_mbps": "number",
        "optical_dbm": "number?",
        "checklist_complete": "boolean?",
        "signed": "boolean?",
        "network_serial": "text?",
        "scanned_serials": "text?",
        "network_offering": "text",
        "installed_offering": "text?",
        "installed_is_sold": "boolean?",
        "credit_hold": "boolean?",
        "order_state": "text?",
    }
)
"""Columns of the view ``completion``. Lists are texts with commas, their words in order."""

MEASURED = {"speed_down": "speed_down_mbps", "speed_up": "speed_up_mbps", "optical_level": "optical_dbm"}
"""Column by the name of a test whose value gates can judge."""

CompletionRow = dict[str, EngineValue]


@dataclass(frozen=True, slots=True)
class CompletionRecords:
    """Everything that the systems say of a completed job.

    Attributes:
        completion: the newest report of it.
        order: the work order; None where nobody brings it.
        account: the customer's accounts in every system that has one.
        asked: the customer's order that the job is for.
        brought: kinds of records that some system brings at all: where nobody brings photographs, it is unknown
            whether there are any.
    """

    completion: FieldCompletion
    order: WorkOrder | None = None
    visits: Sequence[WorkOrderVisit] = ()
    materials: Sequence[CompletionMaterial] = ()
    photos: Sequence[CompletionPhoto] = ()
    tests: Sequence[CompletionTest] = ()
    premise: Premise | None = None
    account: Sequence[BillingAccount] = ()
    asked: ProductOrder | None = None
    brought: Set[type[Record]] = frozenset()


def completion_row(
    records: CompletionRecords, facts: SagaFacts, offerings: Set[str], judged_at: datetime
) -> CompletionRow:
    """One row with a value, or None, for each column of ``COMPLETION_SCHEMA``.

    Args:
        records: what the systems say.
        facts: what the saga knows: the serial that the network reads, what it was told, and when it was proven.
        offerings: ids of the catalogue.
        judged_at: this moment.
    """
    done, profile = records.completion, facts.profile
    installed = done.installed_offering_id
    return {
        "market": facts.line.market,
        "technology": profile.technology,
        "judged_at": judged_at,
        "crew": done.crew,
        "technician": done.technician,
        "completed_at": done.completed_at,
        "received_at": done.received_at,
        "proven_at": facts.first_proof(),
        "verified_at": facts.verified_at,
        "latitude": done.latitude,
        "longitude": done.longitude,
        "premise_latitude": None if records.premise is None else records.premise.latitude,
        "premise_longitude": None if records.premise is None else records.premise.longitude,
        "sold_down_mbps": float(profile.bandwidth.down_maximum),
        "sold_up_mbps": float(profile.bandwidth.up_maximum),
        "checklist_complete": done.checklist_complete,
        "signed": done.signed,
        "network_serial": facts.line.serial,
        "network_offering": profile.offering_id,
        "installed_offering": installed,
        "installed_is_sold": None if installed is None else installed in offerings,
        "credit_hold": _any(each.credit_hold for each in records.account),
        "order_state": None if records.asked is None else records.asked.state,
        **_of_work(records),
        **_of_proofs(records, TERMINAL_KINDS[profile.technology]),
    }


def fingerprint(row: CompletionRow) -> str:
    """Short text that changes where anything changes on which gates may judge, but the time of judging."""
    judged = {name: str(value) for name, value in sorted(row.items()) if name != "judged_at"}
    return hashlib.sha256(json.dumps(judged).encode()).hexdigest()[:16]


def _of_work(records: CompletionRecords) -> CompletionRow:
    order, visits = records.order, sorted(records.visits, key=lambda each: each.visit_number)
    last = visits[-1] if visits else None
    return {
        "work_type": None if order is None else order.work_type,
        "work_state": None if order is None else order.state,
        "visits": len(visits) if visits or WorkOrderVisit in records.brought else None,
        "visit_outcome": None if last is None else last.outcome,
        "dispatched_at": None if last is None else last.dispatched_at,
        "on_site_at": None if last is None else last.arrived_at,
    }


def _of_proofs(records: CompletionRecords, terminal: str) -> CompletionRow:
    measured: CompletionRow = dict.fromkeys(MEASURED.values())
    for each in records.tests:
        if each.name in MEASURED and each.value is not None:
            measured[MEASURED[each.name]] = each.value
    knows_photos = bool(records.photos) or CompletionPhoto in records.brought
    knows_tests = bool(records.tests) or CompletionTest in records.brought
    scanned = [each.serial for each in records.materials if each.kind == terminal]
    return {
        **measured,
        "photos": len(records.photos) if knows_photos else None,
        "photo_subjects": _listed(each.subject for each in records.photos) if knows_photos else None,
        "tests": _listed(each.name for each in records.tests) if knows_tests else None,
        "failed_tests": _listed(each.name for each in records.tests if each.passed is False) if knows_tests else None,
        "scanned_serials": _listed(scanned) if scanned else None,
    }


def _listed(words: Iterable[str]) -> str:
    return ",".join(sorted({_word(word) for word in words}))


def _word(word: str) -> str:
    """A word of a list, which has no commas in it."""
    return word.replace(",", " ").strip()


def _any(known: Iterable[bool | None]) -> bool | None:
    """True where one says so, None where nobody says anything."""
    said = [each for each in known if each is not None]
    return any(said) if said else None
