"""Findings of a hand-off that nobody has taken in hand, and how old the reconciliation is that found them."""

from collections.abc import Collection
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import Connection

from canonical_model.money import minor_digits
from handoffs.criteria import Measure, Number
from handoffs.stages import Handoff
from hub.cases.accounts_of_findings import accounts_of
from hub.takeover.signals.look import Look
from reconciliation.cases import CaseState
from storage.case_list import CaseFilter, ListedCase, listed_cases
from storage.runs import latest_run

_UNTOUCHED: tuple[CaseState, ...] = ("new", "open", "reopened")
_MOST_TOLD = 50


def open_findings(look: Look, handoff: Handoff, accounts: Collection[str] | None = None) -> dict[str, Measure]:
    """How many there are, and their money without its sign.

    Args:
        look: at the market.
        handoff: that the rules of the findings watch.
        accounts: only findings of these; None for all.
    """
    run = latest_run(look.connection, look.market.id)
    if run is None:
        missing = Measure(None, "the market was never reconciled")
        return dict.fromkeys(("open_findings", "open_money", "run_age"), missing)
    cases = untouched_cases(look.connection, look.market.id, handoff)
    if accounts is not None:
        whose = accounts_of(look.connection, look.market.id, cases)
        cases = [each for each in cases if whose.get(each.fingerprint) in accounts]
    money = Decimal(sum(abs(each.seen_minor) for each in cases)).scaleb(-minor_digits(look.market.currency))
    works = tuple(f"{each.rule_id} {each.fingerprint[:8]}" for each in cases[:_MOST_TOLD])
    age = Decimal((look.now - run.as_of) // timedelta(minutes=1)) / 60
    return {
        "open_findings": Measure(Number(Decimal(len(cases))), as_of=run.as_of, works=works),
        "open_money": Measure(Number(money), as_of=run.as_of, works=works),
        "run_age": Measure(Number(age.quantize(Decimal("0.1")))),
    }


def untouched_cases(connection: Connection, market: str, handoff: Handoff) -> list[ListedCase]:
    """Findings of a hand-off that nobody has taken in hand; what another one explains is that one's."""
    cases, _ = listed_cases(connection, CaseFilter(market=market, states=_UNTOUCHED, handoff=handoff))
    return [each for each in cases if each.explained_by is None]
