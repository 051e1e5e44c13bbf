"""What finance does with findings, some days after a run: it accepts what is right, and sets aside what is not."""

from datetime import timedelta

from benchmarks.rehearsal.truth import is_right
from benchmarks.rehearsal.year import Year
from canonical_model.billing import Subscription
from hub.cases.accounts_of_findings import accounts_of
from hub.cases.decisions import acknowledge, dismiss
from hub.decision import Decision
from storage.case_list import CaseFilter, listed_cases

FINANCE = "fay"
SET_ASIDE_FOR = timedelta(days=90)


def work_cases(year: Year, market: str) -> None:
    """Look at the account of every new finding: its subscription, what it was sent and what it would be sent."""
    with year.hub.database.reading() as connection:
        untouched = CaseFilter(market=market, states=("new", "open", "reopened"))
        cases, _ = listed_cases(connection, untouched)
        whose = accounts_of(connection, market, cases)
    town, now = year.towns[market], year.clock()
    works, first = town.by_account, year.first_days(market)
    sold: dict[str, list[Subscription]] = {}
    for each in year.beliefs.all(Subscription, market):
        if each.ends_on != each.starts_on:
            sold.setdefault(each.account_number, []).append(each)
    for case in cases:
        account = whose.get(case.fingerprint, "")
        if account in works and is_right(
            year.billers[market], works[account], first.get(account), sold.get(account, [])
        ):
            why = "its bills are as they have to be"
            until = town.day_of(now + SET_ASIDE_FOR)
            dismiss(year.hub, case.fingerprint, Decision(FINANCE, now, why), until)
        else:
            acknowledge(year.hub, case.fingerprint, Decision(FINANCE, now, "it is so"))
