"""Bill-to-bill comparison of accounts that were moved to another billing system, charge class by charge class.

The legacy bill is that of the last whole month before the move, the target bill that of the first whole month since.
What lies between them is taken apart: what was due changed; the legacy bill was wrong, by the rules that found it;
the target bill is wrong, likewise; and the rest, which nobody has explained. The parts add up, bill by bill.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reconciliation.analysis_views import SERVICE_STEPS, view_sql
from reconciliation.explain import opened, rows
from reconciliation.findings import Finding
from reconciliation.incremental.take import ASIDE, BEFORE
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import SERVICE_TABLES

CHARGE_CLASSES = ("recurring", "one_time", "usage", "discount", "penalty", "tax")
DUE_CHANGED = "what was due changed"
_EXACT_CLASSES = ("lost", "recoverable", "refund_due")


@dataclass(frozen=True, slots=True)
class Cause:
    """A part of the difference between two bills, minor units; ``side`` is the bill that it is in, empty for both."""

    name: str
    side: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ComparedClass:
    """One charge class of one service, minor units.

    Attributes:
        legacy_month: first day of the month that the legacy bill is for.
        target_month: of the month that the target bill is for.
        expected_minor: what was due in the target's month.
        causes: parts of target minus legacy that are known; with ``unexplained_minor`` they add up to it.
    """

    service: str
    charge_class: str
    legacy_month: date
    target_month: date
    legacy_minor: int
    expected_minor: int
    target_minor: int
    causes: tuple[Cause, ...]
    unexplained_minor: int

    @property
    def difference_minor(self) -> int:
        """Target minus legacy."""
        return self.target_minor - self.legacy_minor


@dataclass(frozen=True, slots=True)
class BillToBill:
    """The comparison of a market.

    Attributes:
        classes: those in which a service is billed or due on either side, by service.
        not_compared: services without a whole judged month on each side of the move, with the reason.
        services: every service of the snapshot, moved or not, gone ones that it was taken for included.
    """

    classes: tuple[ComparedClass, ...]
    not_compared: tuple[tuple[str, str], ...]
    services: frozenset[str] = frozenset()

    def over(self, before: "BillToBill") -> "BillToBill":
        """Both, where this one is of the services that changed since the other."""
        return BillToBill(
            (*self.classes, *(row for row in before.classes if row.service not in self.services)),
            (*self.not_compared, *(one for one in before.not_compared if one[0] not in self.services)),
            self.services | before.services,
        )

    def of_class(self, charge_class: str) -> tuple[ComparedClass, ...]:
        """The rows of one charge class."""
        return tuple(row for row in self.classes if row.charge_class == charge_class)


@dataclass(frozen=True, slots=True)
class _Charge:
    """One charge of a service in a month."""

    charge: str
    charge_class: str
    expected: int
    legacy: int
    target: int


def compare_bills(folder: Path, manifest: Manifest, findings: Iterable[Finding]) -> BillToBill:
    """Compare the bills of every moved service of a snapshot.

    Args:
        folder: the snapshot.
        manifest: of it.
        findings: those of the run that judged it.
    """
    charges: dict[tuple[str, date], list[_Charge]] = defaultdict(list)
    with opened(folder, manifest) as connection:
        for table in SERVICE_TABLES:
            connection.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?) WHERE service_id IN"
                " (SELECT service_id FROM read_parquet(?))",
                [str(folder / f"by_service/*/{name}.parquet") for name in (table, "moved_service")],
            )
        for step in SERVICE_STEPS:
            connection.execute(view_sql(step))
        for service, period, *values in rows(connection, _CHARGES):
            charges[service, period].append(_Charge(*values))
        moved = rows(connection, _MOVED)
        unjudged = rows(connection, "SELECT service FROM service WHERE NOT is_judged ORDER BY service")
        places = [folder, *([folder / ASIDE / BEFORE] if manifest.changes else [])]
        known = connection.execute(
            "SELECT service FROM read_parquet(?)", [[str(place / "by_service/*/service.parquet") for place in places]]
        ).fetchall()
    claims = _claims(findings)
    compared: list[ComparedClass] = []
    not_compared = [(service, "the service is not judged") for (service,) in unjudged]
    for service, cut_over_on, legacy_month, target_month in moved:
        if legacy_month is None or target_month is None:
            not_compared.append((service, f"no whole judged month on each side of {cut_over_on}"))
            continue
        before, since = charges[service, legacy_month], charges[service, target_month]
        compared += _compared(service, (legacy_month, before), (target_month, since), claims)
    services = frozenset(service for (service,) in known)
    return BillToBill(tuple(compared), tuple(sorted(not_compared)), services)


_Claims = Mapping[tuple[str, date, str], Mapping[str, int]]
"""(service, month, charge) -> rule -> cents by which the bill is too high; no charge where the rule tells none."""


def _claims(findings: Iterable[Finding]) -> _Claims:
    claims: dict[tuple[str, date, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for finding in findings:
        if finding.subject_kind == "service" and finding.exposure_class in _EXACT_CLASSES:
            sign = 1 if finding.direction == "over_billed" else -1
            for line in finding.lines:
                claims[finding.subject, line.period, line.charge][finding.rule_id] += sign * line.exposure_minor
    return claims


def _compared(
    service: str,
    legacy: tuple[date, Sequence[_Charge]],
    target: tuple[date, Sequence[_Charge]],
    claims: _Claims,
) -> Iterator[ComparedClass]:
    (legacy_month, before), (target_month, since) = legacy, target
    for charge_class in CHARGE_CLASSES:
        old = [one for one in before if one.charge_class == charge_class]
        new = [one for one in since if one.charge_class == charge_class]
        if not old and not new:
            continue
        due_before, due = sum(one.expected for one in old), sum(one.expected for one in new)
        causes = [Cause(DUE_CHANGED, "", due - due_before)] if due != due_before else []
        for one in old:
            causes += _parts(service, legacy_month, one, one.legacy - one.expected, -1, "legacy", claims)
        for one in new:
            causes += _parts(service, target_month, one, one.target - one.expected, 1, "target", claims)
        billed_before, billed = sum(one.legacy for one in old), sum(one.target for one in new)
        explained = sum(cause.amount_minor for cause in causes)
        yield ComparedClass(
            service,
            charge_class,
            legacy_month,
            target_month,
            billed_before,
            due,
            billed,
            _summed(causes),
            billed - billed_before - explained,
        )


def _parts(
    service: str, month: date, charge: _Charge, too_high: int, sign: int, side: str, claims: _Claims
) -> Iterator[Cause]:
    """What rules have found of the amount by which a bill is too high, never more than there is."""
    if not too_high:
        return
    rest = too_high
    for rule, amount in claims.get((service, month, charge.charge), {}).items():
        part = min(amount, rest, key=abs) if amount * rest > 0 else 0
        if part:
            rest -= part
            yield Cause(rule, side, sign * part)
    whole = [rule for rule, amount in claims.get((service, month, ""), {}).items() if amount]
    if rest and whole:
        yield Cause(whole[0], side, sign * rest)


def _summed(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for cause in causes:
        sums[cause.name, cause.side] += cause.amount_minor
    return tuple(Cause(name, side, amount) for (name, side), amount in sorted(sums.items()) if amount)


_CHARGES = """
SELECT service, period, charge, charge_class, expected_amount, legacy_amount, target_amount
FROM migration_view
ORDER BY ALL
"""

_MOVED = """
SELECT s.service, m.cut_over_on, max(p.starts_on) FILTER (p.ends_on <= m.cut_over_on),
       min(p.starts_on) FILTER (p.starts_on >= m.cut_over_on AND p.ends_on <= coalesce(a.judged_to, p.ends_on))
FROM moved_service m
JOIN service s USING (service_id)
LEFT JOIN awaited a USING (service_id)
JOIN billing_period p ON p.calendar_id = s.calendar_id AND p.ends_on = p.whole_to
WHERE s.is_judged
GROUP BY s.service, m.cut_over_on
ORDER BY s.service
"""
