"""A market in which the hub has acted: orders with everything that every system should say of them by now.

What is told here is told as the journals and the records hold it, so that a test can plant one wrong word.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.rollback import Signal, Trip, tripped
from handoffs.stages import Authority, Handoff, Writer
from hub.takeover.signals.finders import FINDERS
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.line import Line
from provisioning.profile import Bandwidth, ProvisioningProfile, Vlans
from storage.effects import PlannedEffect, effect_with_key, journal
from storage.sagas import PlannedSaga, SagaStep, append_steps, begin, saga_with_key
from storage.schema.effects import EFFECT
from storage.schema.sagas import SAGA
from storage.schema.takeover import WORK_PATH
from storage.work_paths import WorkPath, note_paths
from tests.fakes.small_hub import ROLES, SmallHub, pull_records
from tests.fakes.small_operator import MARKET, SmallOperator, serial_of

NOW = datetime(2026, 4, 5, 12, tzinfo=UTC)
ORDERED = datetime(2026, 3, 2, 15, tzinfo=UTC)
DONE = datetime(2026, 3, 10, 18, tzinfo=UTC)
DONE_ON = date(2026, 3, 10)
FIRST_BILL_ON = date(2026, 4, 1)

NETWORK = """
verification:
  - {technology: pon, checks: [registered, session]}
profiles:
  - technology: pon
    vlans: {outer: 700, inner_from: 1000}
    tiers:
      - {offering: silver, down: 500, up: 500, aaa_group: silver}
      - {offering: gold, down: 1000, up: 1000, aaa_group: gold}
"""
MAPPING = """
system: {system}
stream: all
market: "'oldtown'"
read:
  object: everything
  key: [id]
  options: {{rows: data}}
  fields: {{id: text, at: timestamp}}
records:
"""
MAIL = """
command: notify_staff
system: post
unsure: drop
send:
  object: text/plain
  fields: {to: recipient, title: title, body: body}
look: none
"""
GIVEN: Mapping[str, str] = {
    "crm": """
  - entity: ProductOrder
    fields: {order_number: id, account_number: id, order_type: "'new'", state: "'completed'"}
""",
    "billing": "  - entity: BillingAccount\n    fields: {account_number: id}\n",
    "fsm": "  - entity: FieldCompletion\n    fields: {work_order_id: id, completed_at: at}\n",
    "olt": "  - entity: BillingAccount\n    fields: {account_number: id}\n",
}


@dataclass
class ActedWorks:
    """Collects what was done, and opens a hub that knows it.

    Attributes:
        parent: gets the operator's folder and the workspace.
        operator: what the systems believe.
        journals: what the hub did, in order.
        database: of the hub; a SQLite file where none is named.
        pulled_at: when every system has told all of it.
    """

    parent: Path
    operator: SmallOperator = field(default_factory=SmallOperator)
    journals: list[Callable[[Hub], None]] = field(default_factory=list)
    database: str | None = None
    pulled_at: datetime = NOW

    def __post_init__(self) -> None:
        self.small = SmallHub(self.parent, database=self.database)
        (self.small.folder / "network.yaml").write_text(NETWORK, encoding="utf-8")
        for system, records in GIVEN.items():
            file = self.small.folder / "mappings" / f"{system}.yaml"
            file.write_text(MAPPING.format(system=system) + records, encoding="utf-8")

    def handoffs(self, text: str) -> None:
        """What the operator says of its take-over."""
        (self.small.folder / "handoffs.yaml").write_text(text, encoding="utf-8")

    def staff_by_mail(self) -> None:
        """Let people be told by mail."""
        (self.small.folder / "commands").mkdir(exist_ok=True)
        (self.small.folder / "commands" / "mail.yaml").write_text(MAIL, encoding="utf-8")
        file = self.small.folder / "operator.yaml"
        told = json.loads(file.read_text(encoding="utf-8"))
        options = {"sender": "hub@operator.example", "security": "none", "login": "none"}
        told["systems"]["post"] = {"kind": "smtp", "role": "crm", "address": "127.0.0.1:9", "options": options}
        file.write_text(json.dumps(told, indent=1), encoding="utf-8")

    def good(self, number: int, *, day: datetime = DONE, ordered: datetime = ORDERED, **facts: Any) -> None:
        """An order of a new customer that the hub has led from its address to its first bill, all of it right."""
        account, order = f"{number}", f"9{number}"
        started = MARKET.local_date(day)
        self.operator.account(account)
        self.operator.order(
            account,
            order,
            offering_id="silver",
            premise_id=f"P{number}",
            ordered_at=ordered,
            completed_at=day + timedelta(hours=1),
            effective_on=started,
        )
        job = f"wo-{order}"
        self.add_job(job, order, day)
        self.operator.seen(serial_of(account), "S", started)
        self.operator.subscription(account, f"{account}-s1", started, premise=f"P{number}")
        if started < FIRST_BILL_ON:
            amount = f"{first_bill(started) / 100:.2f}"
            self.operator.line(account, "SLV", started, FIRST_BILL_ON, "60.00", amount, bill_id=f"b{account}")
            self.operator.bill(account, date(2026, 3, 1), FIRST_BILL_ON, FIRST_BILL_ON)
        self.saga(number, day, **facts)
        self.effect(
            f"SO-{order}/create_work_order/1",
            "create_work_order",
            f"order/{order}",
            {"order_number": order, "work_type": "install"},
            ordered,
        )
        self.begun("dispatch_to_field", order, at=ordered)  # the job takes port, device and tests along
        self.effect(
            f"SO-{order}/activate/1/start_billing",
            "start_billing",
            f"account/{account}",
            {
                "account_number": account,
                "order_number": order,
                "offering_id": "silver",
                "billing_code": "SLV",
                "starts_on": started.isoformat(),
            },
            day + timedelta(minutes=30),
            reference=f"{account}-s1",
        )

    def add_job(
        self,
        job: str,
        order: str,
        day: datetime,
        *,
        work_type: str = "install",
        state: str = "completed",
        outcome: str = "done",
        serial: str | None = None,
    ) -> None:
        """A job with a visit, its completion and the device that it left behind, as far as it was done."""
        add = self.operator.add
        add(WorkOrder, "fsm", source_id=job, work_order_id=job, order_number=order, work_type=work_type, state=state)
        visit = {"dispatched_at": day - timedelta(hours=3), "arrived_at": day - timedelta(hours=2), "left_at": day}
        add(WorkOrderVisit, "fsm", source_id=f"{job}-1", work_order_id=job, visit_number=1, outcome=outcome, **visit)
        if outcome == "done":
            done = {"completed_at": day, "received_at": day + timedelta(minutes=2), "installed_offering_id": "silver"}
            add(FieldCompletion, "fsm", source_id=job, work_order_id=job, **done)
            left = serial or serial_of(order.removeprefix("9"))
            add(CompletionMaterial, "fsm", source_id=job, work_order_id=job, kind="ont", serial=left)

    def saga(
        self,
        number: int,
        at: datetime,
        kind: str = "activate",
        state: str = "done",
        step: str = "release",
        attempt: int = 1,
        changes: tuple[str, ...] = (),
        reason: str = "",
        **facts: Any,
    ) -> None:
        """A saga of the journal, as it stands now."""

        def write(hub: Hub) -> None:
            known = self.facts(hub, number, at, **facts)
            key = f"SO-9{number}/{kind}/{attempt}"
            planned = PlannedSaga(
                key,
                kind,
                MARKET.id,
                f"{number}",
                known.order_number,
                known.line.element,
                step,
                known.model_dump_json(),
            )
            with hub.database.writing() as connection:
                begin(connection, planned, at - timedelta(hours=1))
                if known.order_number is not None:
                    note_paths(connection, [_path("order_to_provisioning", known.order_number, at)])
                values = {"state": state, "step": step, "changed_at": at, "reason": reason}
                connection.execute(update(SAGA).where(SAGA.c.key == key).values(**values))
                saga = saga_with_key(connection, key)
                assert saga is not None
                append_steps(
                    connection, saga.id, [SagaStep(at, step, "intended", change=change) for change in changes]
                )

        self.journals.append(write)

    def facts(self, hub: Hub, number: int, at: datetime, **given: Any) -> SagaFacts:
        """What the saga of an activation knows when all of it was proven at a moment."""
        serial = given.pop("serial", serial_of(f"{number}"))
        line = {
            "service_id": f"{number}",
            "market": MARKET.id,
            "element": "olt",
            "port": f"1/1/{number}",
            "onu_id": 1,
            "serial": serial,
            "username": f"u{number}",
        } | given.pop("line", {})
        profile = {
            "technology": "pon",
            "offering_id": "silver",
            "version": sha256(hub.operator.network.model_dump_json().encode()).hexdigest()[:12],
            "vlans": Vlans(outer=700, inner=1001),
            "bandwidth": Bandwidth(down_maximum=500, up_maximum=500),
            "aaa_group": "silver",
        } | given.pop("profile", {})
        proven = {
            "line": Line(**line),
            "profile": ProvisioningProfile(**profile),
            "order_number": f"9{number}",
            "account_number": f"{number}",
            "installed_offering_id": profile["offering_id"],
            "working_since": at,
            "verified_at": at,
            "completed_at": at,
        }
        return SagaFacts(**(proven | given))

    def effect(
        self,
        key: str,
        command: str,
        subject: str,
        fields: Mapping[str, Any],
        at: datetime,
        state: str = "done",
        reference: str = "",
        handoff: str = "",
    ) -> None:
        """An effect of the journal, as it stands now."""
        of_command = {"create_work_order": "provisioning_to_dispatch"}.get(command, "field_to_billing")
        order = fields.get("order_number")

        def write(hub: Hub) -> None:
            planned = PlannedEffect(
                idempotency_key=key,
                market=MARKET.id,
                handoff=handoff or of_command,  # type: ignore[arg-type]
                command=command,
                subject=subject,
                system="billing",
                fields=dict(fields),
                write="{}",
                work=f"order/{order}" if order else subject,
                authority=Authority("hub", records_intent=True, reason="said by the test"),
            )
            with hub.database.writing() as connection:
                journal(connection, planned, at)
                values = {"state": state, "sends": int(state != "queued"), "reference": reference}
                connection.execute(update(EFFECT).where(EFFECT.c.idempotency_key == key).values(**values))
                assert effect_with_key(connection, key) is not None

        self.journals.append(write)

    def begun(self, handoff: Handoff, order: str, writer: Writer = "hub", at: datetime = ORDERED) -> None:
        """Who has begun an order in a hand-off."""

        def write(hub: Hub) -> None:
            with hub.database.writing() as connection:
                note_paths(connection, [_path(handoff, order, at, writer)])

        self.journals.append(write)

    def forgets_paths(self) -> None:
        """Nothing is known of who has begun what, as before paths were kept."""

        def write(hub: Hub) -> None:
            with hub.database.writing() as connection:
                connection.execute(delete(WORK_PATH))

        self.journals.append(write)

    def change(self, entity: type[Record], source_id: str, **values: Any) -> None:
        """Let a system say otherwise."""
        records = self.operator.records
        (place,) = (n for n, each in enumerate(records) if isinstance(each, entity) and each.source_id == source_id)
        records[place] = records[place].model_validate({**records[place].model_dump(), **values})

    @property
    def orders(self) -> set[str]:
        """Numbers of all orders that the CRM knows."""
        return {each.order_number for each in self.operator.records if isinstance(each, ProductOrder)}

    def order_of(self, number: int) -> str:
        """Under which id the CRM holds the order of a work."""
        (found,) = (
            each.source_id
            for each in self.operator.records
            if isinstance(each, ProductOrder) and each.order_number == f"9{number}"
        )
        return found

    @contextmanager
    def hub(self, pulled_at: datetime | None = None) -> Iterator[Hub]:
        """The hub, to which every system has told all of it at a moment."""
        at = pulled_at or self.pulled_at
        with self.small.open() as hub:
            for system in ROLES:
                pull_records(
                    hub, system, [each for each in self.operator.records if each.source_system == system], at
                )
            for write in self.journals:
                write(hub)
            yield hub

    def trips(self, now: datetime = NOW, works: frozenset[str] | None = None, **look: Any) -> list[Trip]:
        """What our own rules say to everything that is seen."""
        with self.hub() as hub:
            return trips_of(hub, now, works, **look)


def _path(handoff: Handoff, order: str, at: datetime, writer: Writer = "hub") -> WorkPath:
    return WorkPath(MARKET.id, handoff, f"order/{order}", writer, 0, at, "said by the test")


def trips_of(hub: Hub, now: datetime = NOW, works: frozenset[str] | None = None, **look: Any) -> list[Trip]:
    """What the rules of the market say to everything that is seen."""
    signals: list[Signal] = []
    with hub.database.reading() as connection:
        seen = Look(connection, hub.operator, hub.operator.markets[MARKET.id], now, works, **look)
        for find in FINDERS.values():
            signals += find(seen)
    return tripped(hub.operator.handoffs.rules(MARKET.id), signals, now.date())


def first_bill(started: date) -> int:
    """Cents of the days of March from one on, of 60.00 a month."""
    days = (FIRST_BILL_ON - started).days
    return (2 * 6000 * days + 31) // 62
