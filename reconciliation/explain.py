"""Explain the money of one subject: every piece of the arithmetic, computed again from the snapshot alone."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from canonical_model.errors import ConfigurationError
from canonical_model.identifiers import parse_device_serial, parse_number
from reconciliation.analysis_views import SERIAL_STEPS, SERVICE_STEPS, view_sql
from reconciliation.explanation import Explanation, MonthExplained, Piece, Posted
from reconciliation.price_book import FULL_FACTOR, price_scale
from reconciliation.proration import proration_macros
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import DIMENSIONS, SERIAL_TABLES, SERVICE_TABLES

_PARTS = (
    ("before billing began", "unbilled_before"),
    ("after billing ended", "unbilled_after"),
    ("charge missing from the bill", "missing"),
    ("missing or billed under an unknown code", "unclear"),
    ("another tier than billed", "tier"),
    ("another price than the catalogue's", "price"),
    ("billed before the service worked", "billed_before_service"),
    ("billed after the service ended", "billed_after_service"),
    ("billed without delivery", "undelivered"),
    ("another amount than the line's rate gives", "arithmetic"),
    ("discount beyond what was promised", "unentitled"),
    ("billed a second time", "duplicate"),
)

_SUSPENDED = " while suspended"
"""Ends the name of a charge that a suspension takes off the bill: what it would have been, less what it is."""

_DEVICE_FACTS = ("element", "port", "registered_on", "last_traffic_on", "is_live", "known_to_field")
_STOCK_FACTS = ("kind", "model", "movement", "moved_on", "service", "held_until", "is_recorded", "is_work_over")
_FACTS = (
    "service",
    "account",
    "serial",
    "service_start",
    "service_end",
    "ceased_on",
    "courtesy_ended_on",
    "billing_from",
    "billing_to",
    "suspended_since",
    "network_seen",
    "network_live",
    "last_traffic_on",
)


def services_of(folder: Path, manifest: Manifest, account: str) -> tuple[str, ...]:
    """Names of the services of an account, oldest first; just the one that is named where it names a service.

    Raises:
        ConfigurationError: the snapshot knows no such account or service.
    """
    wanted = _service_name(account)
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT service FROM read_parquet(?) WHERE account = ? OR (service = ? AND account <> service)"
            " ORDER BY service_id",
            [str(folder / "by_service" / "*" / "service.parquet"), wanted, wanted],
        ).fetchall()
    if not found:
        kind = "service" if "/" in wanted else "account"
        raise ConfigurationError(f"snapshot {folder.name} of {manifest.market.name} knows no {kind} {wanted}")
    return tuple(service for (service,) in found)


def explain_service(folder: Path, manifest: Manifest, service: str) -> Explanation:
    """Explain every charge of a service, month by month, those that agree included.

    Args:
        folder: the snapshot.
        manifest: of it.
        service: the service's name: its account's number, or ``ACCOUNT/ORDER`` for a later service of an account.

    Raises:
        ConfigurationError: the snapshot knows no such service.
    """
    wanted = _service_name(service)
    with opened(folder, manifest) as connection:
        service_id = _service_id(connection, folder, manifest, wanted)
        place = f"by_service/{service_id % manifest.service_buckets:04d}"
        for table in SERVICE_TABLES:
            connection.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?) WHERE service_id = ?",
                [str(folder / place / f"{table}.parquet"), service_id],
            )
        for step in SERVICE_STEPS:
            connection.execute(view_sql(step))
        facts = rows(connection, f"SELECT {', '.join(_FACTS)} FROM service")[0]
        known = [(name, str(value)) for name, value in zip(_FACTS, facts, strict=True) if value is not None]
        known += [("judged_to", str(day)) for (day,) in rows(connection, "SELECT judged_to FROM awaited")]
        evidence = rows(connection, "SELECT evidence FROM service")[0][0]
        unknown = rows(connection, "SELECT DISTINCT line_ref FROM unknown_line ORDER BY line_ref")
        return Explanation(
            subject=wanted,
            facts=tuple(known),
            months=_months(connection),
            evidence=(*evidence, *(reference for (reference,) in unknown)),
            adjustments=tuple(Posted(*row) for row in rows(connection, _ADJUSTMENTS)),
        )


def explain_device(folder: Path, manifest: Manifest, serial: str) -> Explanation:
    """Explain what a device without a field record, or claimed by two services, is worth.

    Raises:
        ConfigurationError: the snapshot knows no such device.
    """
    wanted = parse_device_serial(serial)
    with opened(folder, manifest) as connection:
        for table in SERIAL_TABLES:
            connection.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?) WHERE serial = ?",
                [str(folder / "by_serial" / "*" / f"{table}.parquet"), wanted],
            )
        for step in SERIAL_STEPS:
            connection.execute(view_sql(step))
        seen = rows(connection, f"SELECT {', '.join(_DEVICE_FACTS)}, [observation_ref] FROM device_state")
        stock = rows(connection, f"SELECT {', '.join(_STOCK_FACTS)}, refs FROM stock_item")
        if not seen and not stock:
            raise ConfigurationError(f"snapshot {folder.name} knows no device with serial {wanted}")
        facts = [("serial", wanted)]
        for names, found in ((_DEVICE_FACTS, seen), (_STOCK_FACTS, stock)):
            facts += [
                (name, str(value))
                for row in found
                for name, value in zip(names, row, strict=False)
                if value is not None
            ]
        online = [
            MonthExplained(row[0], "list price", (_piece(row[1:]),), (), row[8], 0, (("never recorded", row[8]),))
            for row in rows(connection, _DEVICE_PIECES)
        ]
        gone = [
            MonthExplained(period, "device", (), (), cost, 0, (("another one to buy", cost),))
            for period, cost in rows(connection, "SELECT period, device_cost FROM stock_item_view")
        ]
        return Explanation(
            subject=wanted,
            facts=tuple(facts),
            months=(*online, *gone),
            evidence=tuple(reference for row in (*seen, *stock) for reference in row[-1]),
        )


def opened(folder: Path, manifest: Manifest) -> duckdb.DuckDBPyConnection:
    """A connection with the small tables of a snapshot and the proration of its market."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    for macro in proration_macros(
        manifest.catalogue.proration[manifest.market.id], price_scale(manifest.catalogue, manifest.market)
    ):
        connection.execute(macro)
    for table in DIMENSIONS:
        connection.read_parquet(str(folder / "dimensions" / f"{table}.parquet")).create_view(table)
    return connection


def _service_name(text: str) -> str:
    """A service's name as the snapshot spells it, from an account number or ``ACCOUNT/ORDER`` in any spelling."""
    return "/".join(parse_number(number) for number in text.split("/"))


def _service_id(connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest, service: str) -> int:
    found = connection.execute(
        "SELECT service_id FROM read_parquet(?) WHERE service = ?",
        [str(folder / "by_service" / "*" / "service.parquet"), service],
    ).fetchone()
    if found is None:
        raise ConfigurationError(f"snapshot {folder.name} of {manifest.market.name} knows no service {service}")
    return int(found[0])


def _months(connection: duckdb.DuckDBPyConnection) -> tuple[MonthExplained, ...]:
    expected = _by_row(rows(connection, _DELIVERED_PIECES))
    billed = _by_row(rows(connection, _BILL_LINES))
    sums = {(row[0], row[1]): row[2:] for row in rows(connection, _PARTS_OF_ROWS)}
    months = []
    for key in sorted(expected.keys() | billed.keys() | sums.keys()):
        parts = sums.get(key)
        pieces, lines = expected.get(key, ()), billed.get(key, ())
        expected_minor = sum(piece.amount_minor for piece in pieces)
        months.append(
            MonthExplained(
                period=key[0],
                charge=key[1],
                expected=pieces,
                billed=lines,
                expected_minor=expected_minor,
                billed_minor=sum(line.amount_minor for line in lines),
                parts=_named(parts or ()) if not key[1].endswith(_SUSPENDED) else _whole(expected_minor),
            )
        )
    return tuple(months)


def _named(shares: Sequence[int]) -> tuple[tuple[str, int], ...]:
    return tuple((name, share) for (name, _), share in zip(_PARTS, shares, strict=False) if share)


def _whole(lost_minor: int) -> tuple[tuple[str, int], ...]:
    return (("live while suspended", lost_minor),) if lost_minor else ()


def _by_row(rows: Sequence[tuple[Any, ...]]) -> dict[tuple[date, str], tuple[Piece, ...]]:
    grouped: dict[tuple[date, str], tuple[Piece, ...]] = {}
    for period, charge, *values in rows:
        grouped[period, charge] = (*grouped.get((period, charge), ()), _piece(values))
    return grouped


def _piece(values: Sequence[Any]) -> Piece:
    return Piece(*values)


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Everything that a query gives."""
    return connection.execute(query).fetchall()


UNIT = "rtrim(rtrim((unit_price::DECIMAL(18, 4) / price_scale())::DECIMAL(18, 4)::VARCHAR, '0'), '.')"

_PERCENT = "rtrim(rtrim((factor::DECIMAL(18, 4) / 100)::DECIMAL(18, 2)::VARCHAR, '0'), '.')"

_DELIVERED_PIECES = f"""
WITH piece AS (
    SELECT d.month_from AS period, c.charge, q.id AS product, d.starts_on AS f, d.ends_on AS t, d.unit_price,
           d.factor, d.basis, d.month_to
    FROM delivered_piece d
    JOIN charge c ON c.charge_id = d.charge_id
    JOIN product q ON q.product_id = d.product_id
    WHERE NOT d.is_suspended
    UNION ALL
    SELECT s.month_from, c.charge || '{_SUSPENDED}', q.id, s.line_from, unnest([s.ends_on, s.starts_on]),
           s.unit_price, unnest([s.factor, -s.factor]), s.basis, s.month_to
    FROM suspended_piece s
    JOIN charge c ON c.charge_id = s.charge_id
    JOIN product q ON q.product_id = s.product_id
    UNION ALL
    SELECT p.starts_on, c.charge, q.id, p.whole_from, p.whole_to, o.unit_price, {FULL_FACTOR}, 'field', p.whole_to
    FROM one_time o
    JOIN billing_period p USING (period_id)
    JOIN charge c USING (charge_id)
    JOIN product q USING (product_id)
)
SELECT period, charge, product, f, t, share_days(f, t, period, month_to), share_of(period, month_to), {UNIT},
       {_PERCENT}, prorated(unit_price, factor, f, t, period, month_to), basis
FROM piece
WHERE f < t
ORDER BY period, charge, f, factor DESC
"""

_BILL_LINES = """
SELECT p.starts_on, c.charge, q.id, b.covers_from, b.covers_to,
       share_days(b.covers_from, b.covers_to, p.whole_from, p.whole_to),
       share_of(p.whole_from, p.whole_to), b.rate_minor::VARCHAR, '100', b.amount_minor, b.line_ref
FROM billed b
JOIN billing_period p USING (period_id)
JOIN charge c USING (charge_id)
JOIN product q ON q.product_id = b.product_id
ORDER BY p.starts_on, c.charge, b.covers_from, b.line_ref
"""

_PARTS_OF_ROWS = f"""
SELECT p.starts_on, c.charge, {", ".join(f"x.{column}" for _, column in _PARTS)}
FROM charge_row x
JOIN billing_period p USING (period_id)
JOIN charge c USING (charge_id)
"""

_ADJUSTMENTS = "SELECT posted_on, reason, amount_minor, ref FROM correction ORDER BY posted_on, ref"

_DEVICE_PIECES = f"""
SELECT p.starts_on, q.id, greatest(d.registered_on, r.piece_from), r.piece_to,
       share_days(greatest(d.registered_on, r.piece_from), r.piece_to, p.starts_on, p.ends_on),
       share_of(p.starts_on, p.ends_on), {UNIT}, '100',
       prorated(r.unit_price, {FULL_FACTOR}, greatest(d.registered_on, r.piece_from), r.piece_to,
                p.starts_on, p.ends_on),
       d.observation_ref
FROM unrecorded d
JOIN rate r ON r.product_id = d.profile_product AND r.piece_to > d.registered_on
JOIN period p USING (period_id)
JOIN product q ON q.product_id = d.profile_product
ORDER BY p.starts_on, r.piece_from
"""
