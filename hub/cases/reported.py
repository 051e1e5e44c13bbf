"""The cases of a market as its report has them."""

from datetime import date

from sqlalchemy import Connection

from canonical_model.markets import Market
from canonical_model.money import Money
from reconciliation.cases import ENDED
from reconciliation.report import CaseInReport
from storage.case_list import CaseFilter, listed_cases
from storage.remedies import Remedy, remedies_of_market


def report_cases(connection: Connection, market: Market, period_from: date) -> tuple[CaseInReport, ...]:
    """Every case of a market but those that ended before the judged months began, most money first."""
    listed, _ = listed_cases(connection, CaseFilter(market=market.id))
    remedies = remedies_of_market(connection, market.id)
    return tuple(
        CaseInReport(
            case.fingerprint,
            case.rule_id,
            case.subject,
            case.direction,
            case.exposure_class,
            case.state,
            case.assignee or "",
            case.first_seen,
            case.last_seen,
            case.then_minor,
            case.now_minor,
            tuple(remedy_words(one, case.currency) for one in remedies.get(case.fingerprint, ())),
            case.ended_by or "",
        )
        for case in listed
        if case.state not in ENDED or market.local_date(case.last_seen) >= period_from
    )


def remedy_words(remedy: Remedy, currency: str) -> str:
    """A remedy in a few words."""
    kind = remedy.kind.replace("_", " ")
    what = (
        f"{kind} of {Money.from_minor(remedy.amount_minor, currency)}" if remedy.amount_minor else remedy.task or kind
    )
    return f"{what}, {remedy.state}"
