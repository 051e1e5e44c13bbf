"""What persons have dismissed of the findings that waves are judged by."""

from collections.abc import Iterable

from sqlalchemy import Connection

from handoffs.acquisition.steps import RULES, Dismissal
from reconciliation.findings import Finding
from storage.cases import cases_of, events_of

_RULES = frozenset(rule for rules in RULES.values() for rule in rules)


def dismissals(connection: Connection, market: str, findings: Iterable[Finding]) -> dict[str, Dismissal]:
    """Dismissals by the fingerprint of their finding, whether their day has come or not.

    Args:
        connection: of a transaction.
        market: of the findings.
        findings: as a run stored them. Those of the rules of a wave are looked up, and those that carry their money.
    """
    mine = [each for each in findings if each.rule_id in _RULES]
    names = {name for each in mine for name in (each.fingerprint, each.explained_by) if name is not None}
    if not names:
        return {}
    found = {}
    for name, case in cases_of(connection, market).items():
        if name in names and case.state == "dismissed" and case.dismissed_until is not None:
            said = [each for each in events_of(connection, name) if each.kind == "dismissed"][-1]
            found[name] = Dismissal(said.actor, case.dismissed_until, said.why, said.amount_minor or 0)
    return found
