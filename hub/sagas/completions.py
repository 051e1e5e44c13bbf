"""Read all that the systems say of completed jobs, of many at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import TypeVar

from sqlalchemy import Connection

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
from provisioning.completion import CompletionRecords
from provisioning.facts import SagaFacts
from storage.current_records import records_among

_MOST = 500
"""Values of one list in a statement."""

AnyRecord = TypeVar("AnyRecord", bound=Record)


def completion_records(
    connection: Connection, jobs: Sequence[SagaFacts], brought: Set[type[Record]]
) -> dict[str, CompletionRecords]:
    """What is known of the jobs that are completed, by service; the others are left out.

    Args:
        connection: of a transaction.
        jobs: facts of sagas with a work order.
        brought: kinds of records that some system brings.
    """
    found = {}
    for market in sorted({each.line.market for each in jobs}):
        for part in _parts([each for each in jobs if each.line.market == market]):
            found.update(_of_market(connection, market, part, brought))
    return found


def _of_market(
    connection: Connection, market: str, jobs: Sequence[SagaFacts], brought: Set[type[Record]]
) -> dict[str, CompletionRecords]:
    works = sorted({each.work_order_id for each in jobs if each.work_order_id is not None})

    def of_work(entity: type[AnyRecord]) -> dict[str, list[AnyRecord]]:
        records = records_among(connection, entity, market, "work_order_id", works)
        return _grouped(records, lambda each: each.work_order_id)  # type: ignore[attr-defined]

    completions = of_work(FieldCompletion)
    done = [each for each in jobs if each.work_order_id in completions]
    if not done:
        return {}
    works = sorted({each.work_order_id for each in done if each.work_order_id is not None})
    orders, visits, photos = of_work(WorkOrder), of_work(WorkOrderVisit), of_work(CompletionPhoto)
    materials, tests = of_work(CompletionMaterial), of_work(CompletionTest)
    numbers = sorted({each.account_number for each in done})
    accounts = _grouped(
        records_among(connection, BillingAccount, market, "account_number", numbers),
        lambda each: each.account_number,
    )
    asked = _orders(connection, market, done)
    premises = _premises(connection, market, asked)
    records = {}
    for job in done:
        work = job.work_order_id or ""
        records[job.line.service_id] = CompletionRecords(
            completion=max(completions[work], key=lambda each: each.completed_at),
            order=next(iter(orders.get(work, ())), None),
            visits=visits.get(work, ()),
            materials=materials.get(work, ()),
            photos=photos.get(work, ()),
            tests=tests.get(work, ()),
            premise=premises.get(job.order_number or ""),
            account=accounts.get(job.account_number, ()),
            asked=asked.get(job.order_number or ""),
            brought=brought,
        )
    return records


def _orders(connection: Connection, market: str, jobs: Sequence[SagaFacts]) -> dict[str, ProductOrder]:
    """The orders of jobs, by their numbers."""
    numbers = sorted({each.order_number for each in jobs if each.order_number})
    found = records_among(connection, ProductOrder, market, "order_number", numbers)
    return {each.order_number: each for each in found}


def _premises(connection: Connection, market: str, orders: Mapping[str, ProductOrder]) -> dict[str, Premise]:
    """The premise of each order, by the order's number."""
    wanted = sorted({each.premise_id for each in orders.values() if each.premise_id is not None})
    known = {each.source_id: each for each in records_among(connection, Premise, market, "source_id", wanted)}
    return {number: known[each.premise_id] for number, each in orders.items() if each.premise_id in known}


def _grouped(records: Iterable[AnyRecord], key: Callable[[AnyRecord], str]) -> dict[str, list[AnyRecord]]:
    groups: dict[str, list[AnyRecord]] = defaultdict(list)
    for each in records:
        groups[key(each)].append(each)
    return dict(groups)


def _parts(jobs: Sequence[SagaFacts]) -> Iterable[Sequence[SagaFacts]]:
    return (jobs[start : start + _MOST] for start in range(0, len(jobs), _MOST))
