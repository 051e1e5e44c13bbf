"""Mistakes of dispatch and field, and of what is told of them."""

from datetime import timedelta

from benchmarks.rehearsal.legacy import Legacy
from benchmarks.rehearsal.operator_folder import olt_of
from benchmarks.rehearsal.regressions.regression import End, Regression, every_morning, on_the_way
from benchmarks.rehearsal.year import Year
from canonical_model.field_work import CompletionMaterial, FieldCompletion, WorkOrder, WorkOrderVisit
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.record import Record
from handoffs.stages import Handoff


def legacy_dispatches_too(hours_later: int) -> Regression:
    """Somebody goes on making jobs for orders that the hub dispatches."""

    def act(year: Year, legacy: Legacy) -> None:
        for work in legacy.town.waiting.values():
            names = year.beliefs.jobs[work.order]
            is_ours = any(name.startswith("W-") for name in names)
            if (
                is_ours
                and not any(name.startswith("X-") for name in names)
                and year.clock() - work.ordered_at >= timedelta(hours=hours_later)
            ):
                name = f"X-{work.order}"
                year.beliefs.say(
                    WorkOrder, "fsm", work.market, name, work_order_id=name, order_number=work.order,
                    work_type="install", state="scheduled", created_at=year.clock(), scheduled_for=work.visit_at,
                )  # fmt: skip
                return

    return Regression(
        "legacy dispatches beside the hub", "provisioning_to_dispatch", every_morning(act), f"{hours_later} h later"
    )


def job_rewritten() -> Regression:
    """Somebody types another device into the hub's jobs."""

    def act(year: Year, legacy: Legacy) -> None:
        for work in legacy.town.waiting.values():
            for name in year.beliefs.jobs[work.order]:
                job = year.beliefs.get(WorkOrder, name)
                if name.startswith("W-") and job.expected_serial not in (None, work.serial):
                    year.beliefs.change(WorkOrder, name, expected_serial=work.serial)
                    return

    return Regression("legacy rewrites the hub's jobs", "provisioning_to_dispatch", every_morning(act))


def tier_mapped_wrong(to: str) -> Regression:
    """A changed mapping takes what was installed for another tier."""

    def change(record: FieldCompletion, _year: Year) -> Record:
        return record.model_copy(update={"installed_offering_id": to})

    return Regression(
        "mapping of the installed tier changed", "field_to_billing", on_the_way(FieldCompletion, change), to
    )


def clock_shifted(hours: int) -> Regression:
    """Completions are stamped by a clock that is wrong, as where nobody tells tablets that summer is over."""

    def change(record: FieldCompletion, _year: Year) -> Record:
        return record.model_copy(update={"completed_at": record.completed_at + timedelta(hours=hours)})

    return Regression("clock shifted", "field_to_billing", on_the_way(FieldCompletion, change), f"{hours:+} h")


def field_empty() -> Regression:
    """The network shows no profile any more."""

    def change(record: NetworkObservation, _year: Year) -> Record:
        return record.model_copy(update={"profile": None, "profile_since": None})

    return Regression(
        "field empty all at once", "order_to_provisioning", on_the_way(NetworkObservation, change), "profile"
    )


def completions_lost(share: int) -> Regression:
    """Pulls succeed, and bring only some of the completions."""

    def change(record: FieldCompletion, _year: Year) -> Record | None:
        return None if int(record.source_id[-2:]) % 100 < share else record

    return Regression("events lost", "field_to_billing", on_the_way(FieldCompletion, change), f"{share} %")


def serial_mistyped(digits: str) -> Regression:
    """What technicians report to have left behind exists nowhere."""

    def change(record: CompletionMaterial, _year: Year) -> Record:
        return record.model_copy(update={"serial": record.serial[: -len(digits)] + digits})

    return Regression("serials mistyped", "field_to_billing", on_the_way(CompletionMaterial, change), digits)


def second_visits(every: int) -> Regression:
    """Technicians cannot finish at the first visit."""

    def change(record: WorkOrderVisit, _year: Year) -> Record:
        is_one = int(record.source_id[-2:]) % every == 0
        return (
            record.model_copy(update={"outcome": "return_needed"})
            if is_one and record.source_id.startswith("W-")
            else record
        )

    return Regression(
        "technicians come twice", "dispatch_to_field", on_the_way(WorkOrderVisit, change), f"every {every}"
    )


def event_twice() -> Regression:
    """Each completion comes a second time, under another name."""

    def act(year: Year, legacy: Legacy) -> None:
        for record in list(year.beliefs.all(FieldCompletion, legacy.town.market)):
            if not record.source_id.endswith("-again") and year.clock() - record.completed_at < timedelta(days=2):
                again = record.model_dump(exclude={"market", "source_system", "source_object", "source_id"})
                year.beliefs.say(FieldCompletion, "fsm", record.market, f"{record.source_id}-again", **again)

    return Regression("events come twice", "field_to_billing", every_morning(act), is_harmless=True)


def ordered_twice() -> Regression:
    """The CRM sends orders under two numbers."""

    def act(year: Year, legacy: Legacy) -> None:
        for work in list(legacy.town.waiting.values()):
            order = year.beliefs.get(ProductOrder, work.order)
            again = f"{work.order}7"
            if (
                year.clock() - work.ordered_at < timedelta(hours=22)
                and ("ProductOrder", again) not in year.beliefs.records
            ):
                told = order.model_dump(
                    exclude={"market", "source_system", "source_object", "source_id", "order_number"}
                )
                year.beliefs.say(ProductOrder, "crm", work.market, again, **{**told, "order_number": again})
                return

    return Regression("orders come twice", "order_to_provisioning", every_morning(act))


def feed_stale(system: str, handoff: Handoff) -> Regression:
    """A system cannot be pulled; ``olt`` is that of the market."""

    def begin(year: Year, market: str) -> End:
        name = olt_of(market) if system == "olt" else system
        year.beliefs.silent.add(name)
        return lambda: year.beliefs.silent.discard(name)

    return Regression("stale feed", handoff, begin, system)


def wrong_port(by: int) -> Regression:
    """Technicians plug terminals into a neighbour's port."""

    def begin(year: Year, market: str) -> End:
        year.legacies[market].port_off = by
        return lambda: setattr(year.legacies[market], "port_off", 0)

    return Regression("plugged into another port", "order_to_provisioning", begin, f"{by} away")
