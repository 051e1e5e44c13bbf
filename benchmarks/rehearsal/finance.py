"""What finance does with findings, some days after a run: it accepts what is right, and sets aside what is not."""

from datetime import timedelta

from benchmarks.rehearsal.billing import true_cents
from benchmarks.rehearsal.operator_folder import CODES
from benchmarks.rehearsal.town import Work
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
    works, now = year.towns[market].by_account, year.clock()
    sold: dict[str, list[Subscription]] = {}
    for each in year.beliefs.all(Subscription, market):
        if each.ends_on != each.starts_on:
            sold.setdefault(each.account_number, []).append(each)
    for case in cases:
        account = whose.get(case.fingerprint, "")
        if account in works and is_right(year, works[account], sold.get(account, [])):
            why = "its bills are as they have to be"
            until = year.towns[market].day_of(now + SET_ASIDE_FOR)
            dismiss(year.hub, case.fingerprint, Decision(FINANCE, now, why), until)
        else:
            acknowledge(year.hub, case.fingerprint, Decision(FINANCE, now, "it is so"))


def is_right(year: Year, work: Work, sold: list[Subscription]) -> bool:
    """Whether billing believes what is true of a work, and neither sent nor drafted anything else."""
    biller, town = year.billers[work.market], year.towns[work.market]
    if work.done_at is None:
        return not sold and work.account not in biller.sent
    first = town.day_of(work.done_at)
    if [(each.billing_code, each.starts_on) for each in sold] != [(CODES[work.tier], first)]:
        return False
    billed = biller.sent.get(work.account, 0)
    until = biller.sent_until
    if biller.drafted_on is not None:
        billed, until = billed + biller.batch.get(work.account, 0), biller.drafted_on
    return billed == (true_cents(work.tier, first, until) if first < until else 0)
