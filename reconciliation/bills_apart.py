"""How the bill of a service lies apart from what was due, charge class by charge class, over some of its periods.

Expected is what the engine expects of what was delivered, billed is what stands on bills. Both come from the tables
of a snapshot, by the SQL that findings are made by.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from reconciliation.analysis_views import view_sql
from reconciliation.explain import opened, rows
from reconciliation.findings import Finding
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import SERVICE_ORDER

TOGETHER = 20_000
"""Services whose bills are computed at once."""

_TABLES = ("service", "delivered", "billed", "one_time", "awaited")
_EXACT_CLASSES = ("lost", "recoverable", "refund_due")


@dataclass(frozen=True, slots=True)
class BillWindow:
    """Periods of an order's service whose bills are wanted: those that end behind a day and not behind another.

    Attributes:
        work: names the window.
        order_number: of any order of the service.
        since: first day that counts; a period that holds it counts as a whole.
        until: a period that ends behind it does not count.
    """

    work: str
    order_number: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class ClassApart:
    """One charge class over a window, minor units.

    Attributes:
        apart_minor: absolute differences of single periods and charges, added up.
        claimed_minor: how much of that findings account for.
        rules: that found it.
    """

    expected_minor: int = 0
    billed_minor: int = 0
    apart_minor: int = 0
    claimed_minor: int = 0
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BillsApart:
    """The bills of one window.

    Attributes:
        classes: ``recurring``, ``one_time``, ``discount`` and ``penalty``, those that are due or billed.
        periods: how many there are; none where the service is not judged.
        months_apart: first days of those in which something differs.
        due_offering, due_rate_minor: the access that was delivered first, and what a month of it costs.
        billed_offering, billed_rate_minor: the access that was billed first, and the rate that its line states.
    """

    classes: Mapping[str, ClassApart] = field(default_factory=dict)
    periods: int = 0
    months_apart: tuple[date, ...] = ()
    due_offering: str | None = None
    due_rate_minor: int | None = None
    billed_offering: str | None = None
    billed_rate_minor: int | None = None

    @property
    def is_billed(self) -> bool:
        """Whether anything was billed."""
        return any(each.billed_minor for each in self.classes.values())


def bills_apart(
    folder: Path, manifest: Manifest, windows: Sequence[BillWindow], findings: Iterable[Finding] = ()
) -> dict[str, BillsApart]:
    """The bills of windows, by their names; an order that the snapshot does not know is not there.

    Args:
        folder: the snapshot.
        manifest: of it.
        windows: any number.
        findings: that count as proof.
    """
    claims = _claims(findings)
    found: dict[str, BillsApart] = {}
    for start in range(0, len(windows), TOGETHER):
        with opened(folder, manifest) as connection:
            _fill(connection, folder, windows[start : start + TOGETHER])
            found |= _told(connection, claims)
    return found


_Claims = Mapping[tuple[str, date], Sequence[tuple[str, str, int]]]
"""(service, month) -> rule, charge (none where the rule tells none) and absolute cents."""


def _claims(findings: Iterable[Finding]) -> _Claims:
    claims: dict[tuple[str, date], list[tuple[str, str, int]]] = defaultdict(list)
    for finding in findings:
        if finding.subject_kind == "service" and finding.exposure_class in _EXACT_CLASSES:
            for line in finding.lines:
                claims[finding.subject, line.period].append((finding.rule_id, line.charge, abs(line.exposure_minor)))
    return claims


def _fill(connection: duckdb.DuckDBPyConnection, folder: Path, windows: Sequence[BillWindow]) -> None:
    connection.execute('CREATE TABLE asked (work VARCHAR, order_number VARCHAR, "since" DATE, "until" DATE)')
    columns = [[getattr(each, name) for each in windows] for name in ("work", "order_number", "since", "until")]
    connection.execute("INSERT INTO asked SELECT unnest(?), unnest(?), unnest(?), unnest(?)", columns)
    orders = str(folder / f"by_service/*/{SERVICE_ORDER}.parquet")
    connection.execute(
        'CREATE TABLE bill_window AS SELECT a.work, a."since", a."until", min(o.service_id) AS service_id'
        " FROM asked a JOIN read_parquet(?) o USING (order_number) GROUP BY ALL",
        [orders],
    )
    for table in _TABLES:
        connection.execute(
            f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?)"
            " WHERE service_id IN (SELECT service_id FROM bill_window)",
            [str(folder / f"by_service/*/{table}.parquet")],
        )
    connection.execute(view_sql("10_difference"))


def _told(connection: duckdb.DuckDBPyConnection, claims: _Claims) -> dict[str, BillsApart]:
    classes: defaultdict[str, dict[str, ClassApart]] = defaultdict(dict)
    months: defaultdict[str, set[date]] = defaultdict(set)
    claimed: defaultdict[tuple[str, str], list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    for work, service, period, charges, parts, net in rows(connection, _APART):
        months[work].add(period)
        for rule in _claimed(claims.get((service, period), ()), charges, net):
            for charge_class, amount in parts:
                claimed[work, charge_class].append((rule, amount))
    for work, charge_class, expected, billed, amount in rows(connection, _CLASSES):
        proofs = claimed[work, charge_class]
        named = {rule for names, _ in proofs for rule in names}
        classes[work][charge_class] = ClassApart(
            expected, billed, amount, sum(cents for _, cents in proofs), tuple(sorted(named))
        )
    firsts = {work: values for work, *values in rows(connection, _FIRSTS)}
    return {
        work: BillsApart(classes[work], periods, tuple(sorted(months[work])), *firsts.get(work, ()))
        for work, periods in rows(connection, _PERIODS)
    }


def _claimed(known: Sequence[tuple[str, str, int]], charges: Sequence[str], net: int) -> Iterator[tuple[str, ...]]:
    """The rules that account for what a charge and its discounts differ by together, where they account for all.

    A finding tells the money of a charge with the discounts on it: what is missing less what would have been given.
    """
    own = [(rule, cents) for rule, of_charge, cents in known if of_charge in (*charges, "")]
    if net and sum(cents for _, cents in own) >= abs(net):
        yield tuple(sorted({rule for rule, _ in own}))


_CLASS = """CASE WHEN c.kind = 'discount' THEN 'discount' WHEN c.delivered_by = 'early_end' THEN 'penalty'
                 WHEN c.kind = 'one_time' THEN 'one_time' ELSE 'recurring' END"""

_IN_WINDOW = """
FROM bill_window w
JOIN service s ON s.service_id = w.service_id AND s.is_judged
LEFT JOIN awaited y ON y.service_id = s.service_id
JOIN billing_period p ON p.calendar_id = s.calendar_id AND p.ends_on > w."since"
     AND p.ends_on <= least(w."until", y.judged_to)
"""

_ENTRIES = f"""
WITH entries AS (
    SELECT w.work, s.service, p.starts_on AS period, c.charge, {_CLASS} AS charge_class,
           coalesce(sum(e.amount) FILTER (e.side = 'expected'), 0)::BIGINT AS expected,
           coalesce(sum(e.amount) FILTER (e.side = 'billed'), 0)::BIGINT AS billed
    {_IN_WINDOW}
    JOIN (
        SELECT service_id, charge_id, period_id, amount, 'expected' AS side
        FROM delivered_piece
        WHERE NOT is_suspended
        UNION ALL
        SELECT service_id, charge_id, period_id, rounded(unit_price, price_scale()), 'expected' FROM one_time
        UNION ALL
        SELECT service_id, charge_id, period_id, amount_minor, 'billed' FROM billed
    ) e ON e.service_id = s.service_id AND e.period_id = p.period_id
    JOIN charge c ON c.charge_id = e.charge_id
    GROUP BY ALL
)
"""

_CLASSES = f"""{_ENTRIES}
SELECT work, charge_class, sum(expected)::BIGINT, sum(billed)::BIGINT, sum(abs(expected - billed))::BIGINT
FROM entries
GROUP BY ALL
ORDER BY ALL
"""

_FAMILY = """
SELECT c.charge, coalesce(min(f.charge), c.charge) AS family
FROM charge c
LEFT JOIN (SELECT charge_id, applies_to FROM promotion UNION SELECT charge_id, first_member FROM bundle) q
       ON q.charge_id = c.charge_id
LEFT JOIN charge f ON f.charge_id = q.applies_to
GROUP BY c.charge
"""
"""What a charge is given or taken with: a discount belongs to the charge that it is given on."""

_APART = f"""{_ENTRIES}
SELECT e.work, e.service, e.period, list(DISTINCT e.charge) || [f.family],
       list((e.charge_class, abs(e.expected - e.billed)) ORDER BY e.charge), sum(e.expected - e.billed)::BIGINT
FROM entries e
JOIN ({_FAMILY}) f ON f.charge = e.charge
WHERE e.expected <> e.billed
GROUP BY e.work, e.service, e.period, f.family
ORDER BY e.work, e.period, f.family
"""

_FIRSTS = f"""
WITH access AS (
    SELECT w.work, s.service_id, p.period_id, w."since"
    {_IN_WINDOW}
),
due AS (
    SELECT a.work, arg_min(q.id, d.starts_on) AS offering,
           rounded(arg_min(d.unit_price, d.starts_on)::BIGINT, price_scale()) AS rate
    FROM access a
    JOIN delivered_piece d ON d.service_id = a.service_id AND d.period_id = a.period_id
    JOIN product q ON q.product_id = d.product_id AND q.delivered_by = 'access'
    WHERE d.ends_on > a."since"
    GROUP BY a.work
),
charged AS (
    SELECT a.work, arg_min(q.id, b.covers_from) AS offering, arg_min(b.rate_minor, b.covers_from)::BIGINT AS rate
    FROM access a
    JOIN billed b ON b.service_id = a.service_id AND b.period_id = a.period_id
    JOIN product q ON q.product_id = b.product_id AND q.delivered_by = 'access'
    WHERE b.covers_to > a."since"
    GROUP BY a.work
)
SELECT coalesce(d.work, c.work), d.offering, d.rate, c.offering, c.rate
FROM due d
FULL JOIN charged c USING (work)
ORDER BY ALL
"""

_PERIODS = f"""
SELECT w.work, count(*)
{_IN_WINDOW}
GROUP BY w.work
ORDER BY w.work
"""
