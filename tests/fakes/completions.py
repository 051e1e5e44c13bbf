"""Reports of completed jobs as field service would have brought them, written past every mapping."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

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
from provisioning.facts import SagaFacts
from storage.database import Database
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from tests.fakes.effects import START
from tests.fakes.lines import ONT

HOME = (37.2710, -79.9414)
DONE = START - timedelta(minutes=20)


def known(entity: type[Record], number: int = 1, **fields: Any) -> Record:
    """A record of the first market, of field service or the CRM."""
    given = {"market": "riverbend", "source_system": "fsm", "source_object": entity.__name__, **fields}
    return entity.model_validate({"source_id": f"{entity.__name__}-{number}", **given})


def good_job(facts: SagaFacts, done: datetime = DONE, **fields: Any) -> list[Record]:
    """Everything that field service and the CRM know of a job that was done as it should be."""
    completion = {
        "completed_at": done,
        "received_at": done,
        "installed_offering_id": facts.profile.offering_id,
        "technician": "T-001",
        "crew": "Crew 1",
        "latitude": HOME[0],
        "longitude": HOME[1],
        "checklist_complete": True,
        "signed": True,
    }
    visit = {"dispatched_at": done - timedelta(hours=2), "arrived_at": done - timedelta(hours=1), "outcome": "done"}
    work = {"work_order_id": facts.work_order_id}
    order = {"order_number": facts.order_number, "account_number": facts.account_number}
    return [
        known(WorkOrder, **work, order_number=facts.order_number, work_type="install", state="completed"),
        known(WorkOrderVisit, **work, visit_number=1, **visit),
        known(FieldCompletion, **work, **{**completion, **fields}),
        known(CompletionMaterial, **work, kind="ont", serial=ONT),
        *photos(facts, "drop", "terminal", "device label"),
        known(CompletionTest, **work, name="speed_down", value=488.0, unit="Mbit/s", passed=True),
        known(ProductOrder, order_type="new", state="inProgress", premise_id="home", **order),
        known(Premise, source_id="home", address="1 Elm St", latitude=HOME[0], longitude=HOME[1]),
        known(BillingAccount, account_number=facts.account_number, credit_hold=False),
    ]


def photos(facts: SagaFacts, *subjects: str) -> list[Record]:
    """Photographs of a job."""
    work = facts.work_order_id
    return [known(CompletionPhoto, n, work_order_id=work, subject=each) for n, each in enumerate(subjects, start=1)]


def report(database: Database, records: Sequence[Record], at: datetime = START) -> None:
    """Let records be known in place of those that have their ids."""
    with database.writing() as connection:
        for record in records:
            table = CANONICAL_TABLES[type(record)]
            connection.execute(delete(table).where(table.c.source_id == record.source_id))
            history = {"known_from": at, "known_to": STILL_KNOWN}
            landed = {"stream": "told", "landed_id": record.source_id, "content_hash": ""}
            connection.execute(insert(table).values(**record.to_row(), **landed, **history))


def without(records: Sequence[Record], *entities: str) -> list[Record]:
    """The records that are of no such kind."""
    return [each for each in records if type(each).__name__ not in entities]
