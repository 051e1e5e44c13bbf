"""What the bills of some services come to in a snapshot, by month and charge: whether money came by bill lines."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path

from reconciliation.engines.databases import reading
from reconciliation.findings import FindingLine

BilledMonths = Mapping[tuple[str, date, str], int]
"""Minor units by service, first day of the month, and charge."""


def billed_months(folder: Path, services: Collection[str]) -> BilledMonths:
    """What a snapshot's bills of these services come to; months without a line are left out."""
    if not services:
        return {}
    with reading() as connection:
        found = connection.execute(
            "SELECT s.service, p.starts_on, c.charge, sum(b.amount_minor)::BIGINT"
            " FROM read_parquet(?) b JOIN read_parquet(?) s USING (service_id)"
            " JOIN read_parquet(?) p USING (period_id) JOIN read_parquet(?) c USING (charge_id)"
            " WHERE list_contains(?, s.service) GROUP BY ALL",
            [
                str(folder / "by_service" / "*" / "billed.parquet"),
                str(folder / "by_service" / "*" / "service.parquet"),
                str(folder / "dimensions" / "period.parquet"),
                str(folder / "dimensions" / "charge.parquet"),
                sorted(services),
            ],
        ).fetchall()
    return {(service, month, charge): amount for service, month, charge, amount in found}


def came_by_lines(service: str, lines: Iterable[FindingLine], billed: BilledMonths) -> int:
    """What the bills of a finding's months hold more than when it was seen; negative where they hold less.

    Args:
        service: the finding's subject.
        lines: of the finding, as it was seen last; one without a charge is about all charges of its month.
        billed: what the bills hold now.
    """
    return sum(_billed(service, line, billed) - line.billed_minor for line in lines)


def _billed(service: str, line: FindingLine, billed: BilledMonths) -> int:
    if line.charge:
        return billed.get((service, line.period, line.charge), 0)
    return sum(minor for (name, month, _), minor in billed.items() if (name, month) == (service, line.period))
