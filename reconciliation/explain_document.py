"""Explain a finding on a document, an order or a work order: what is known of it, and what it comes to."""

from pathlib import Path

import duckdb

from canonical_model.errors import ConfigurationError
from reconciliation.analysis_views import DOCUMENT_STEPS, view_sql
from reconciliation.explain import UNIT, opened, rows
from reconciliation.explanation import Explanation, MonthExplained, Piece
from reconciliation.price_book import FULL_FACTOR
from reconciliation.snapshot.manifest import Manifest
from reconciliation.snapshot.tables import DOCUMENT_TABLES

_AMOUNTS = (
    ("field_visit_view", "visit_cost", "truck roll", "one more visit"),
    ("bill_view", "billed_amount", "bill", "not sent"),
    ("payment_view", "paid_amount", "payment", "of no bill"),
    ("contractor_charge_view", "invoiced_amount", "contractor", "asked for"),
    ("partner_charge_view", "invoiced_amount", "partner", "asked for"),
    ("balance_view", "missing_claim_amount", "balance", "not carried over"),
    ("credit_view", "credit_amount", "credit", "given again"),
    ("promised_credit_view", "credit_amount", "credit", "promised"),
    ("outage_credit_view", "owed_amount", "credit", "owed"),
    ("missed_appointment_view", "owed_amount", "credit", "owed"),
    ("billing_item_view", "item_amount", "item", "on no bill"),
    ("reservation_view", "monthly_cost", "reservation", "for nobody"),
    ("wholesale_line_view", "uninvoiced_amount", "wholesale line", "not asked for"),
)
"""Views whose rows are one amount: its column, what it is, and what a finding says of it."""


def explain_document(folder: Path, manifest: Manifest, subject: str) -> Explanation:
    """Explain a document by what its systems say of it.

    Args:
        folder: the snapshot.
        manifest: of it.
        subject: kind and number: ``order/4711``, ``work_order/wo_0f3a91c2``.

    Raises:
        ConfigurationError: the snapshot knows no such document.
    """
    facts: list[tuple[str, str]] = []
    evidence: list[str] = []
    with opened(folder, manifest) as connection:
        for table in DOCUMENT_TABLES:
            files = str(folder / "by_document" / "*" / f"{table}.parquet")
            connection.execute(
                f"CREATE TABLE {table} AS SELECT * FROM read_parquet(?) WHERE subject = ?", [files, subject]
            )
            facts += _facts(connection, table)
            evidence += [reference for (refs,) in rows(connection, f"SELECT refs FROM {table}") for reference in refs]
        if not facts:
            raise ConfigurationError(f"snapshot {folder.name} knows no {subject.replace('/', ' ')}")
        for step in DOCUMENT_STEPS:
            connection.execute(view_sql(step))
        months = [
            MonthExplained(
                period, "list price", (piece,), (), piece.amount_minor, 0, (("not delivered", piece.amount_minor),)
            )
            for period, piece in ((row[0], Piece(*row[1:])) for row in rows(connection, _WAITING_PIECES))
        ]
        for view, column, charge, part in _AMOUNTS:
            for period, amount in rows(connection, f"SELECT period, {column} FROM {view}"):
                months.append(MonthExplained(period, charge, (), (), amount, 0, ((part, amount),)))
    return Explanation(subject, tuple(facts), tuple(months), tuple(evidence))


def _facts(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    found = connection.execute(f"SELECT * EXCLUDE (subject, refs) FROM {table}")
    names = [column[0] for column in found.description or ()]
    return [
        (name, str(value))
        for row in found.fetchall()
        for name, value in zip(names, row, strict=True)
        if value is not None
    ]


_WAITING_PIECES = f"""
SELECT p.starts_on, q.id, greatest(o.charged_on, r.piece_from), least(o.seen_on, r.piece_to),
       share_days(greatest(o.charged_on, r.piece_from), least(o.seen_on, r.piece_to), p.starts_on, p.ends_on),
       share_of(p.starts_on, p.ends_on), {UNIT}, '100',
       prorated(r.unit_price, {FULL_FACTOR}, greatest(o.charged_on, r.piece_from), least(o.seen_on, r.piece_to),
                p.starts_on, p.ends_on),
       o.refs[1]
FROM (SELECT *, charged_from(promised_on) AS charged_on FROM order_stage) o
JOIN waiting USING (subject)
JOIN product q ON q.id = o.offering
JOIN rate r ON r.product_id = q.product_id AND r.period_id = waiting.period_id AND r.piece_to > o.charged_on
     AND r.piece_from < o.seen_on
JOIN period p ON p.period_id = r.period_id
ORDER BY p.starts_on, r.piece_from
"""
