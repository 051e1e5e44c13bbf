"""The tables of the hub's database, one metadata for SQLite and PostgreSQL."""

from storage.schema import (
    acquisition,
    audit,
    bill_runs,
    canonical,
    cases,
    effects,
    gates,
    identity,
    inbox,
    incidents,
    reconciliation,
    run_results,
    sagas,
    shadow,
    synchronisation,
    takeover,
)
from storage.schema.columns import METADATA

__all__ = [
    "METADATA",
    "acquisition",
    "audit",
    "bill_runs",
    "canonical",
    "cases",
    "effects",
    "gates",
    "identity",
    "inbox",
    "incidents",
    "reconciliation",
    "run_results",
    "sagas",
    "shadow",
    "synchronisation",
    "takeover",
]
