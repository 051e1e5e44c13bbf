"""What is true of a work's bills, held against what billing believes, drafted and sent."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from benchmarks.rehearsal.billing import Biller, true_cents
from benchmarks.rehearsal.elements import Network
from benchmarks.rehearsal.operator_folder import CODES
from benchmarks.rehearsal.town import Town, Work
from canonical_model.billing import Subscription
from canonical_model.network import ServiceActivation

FirstDays = Mapping[str, date]
"""From which day each account pays."""


def first_days(town: Town, network: Network, shown: Collection[ServiceActivation]) -> FirstDays:
    """From which day what is installed is paid for: from which it worked, and was shown to.

    Args:
        town: a market.
        network: in which its lines are.
        shown: what the hub says of its works; that it works before it does makes nobody pay.
    """
    proven = {each.order_number: town.day_of(each.works_since) for each in shown}
    return {
        work.account: max(worked, proven.get(work.order, worked))
        for work in town.works.values()
        if work.done_at is not None
        for worked in [town.day_of(network.worked_at.get(work.account, work.done_at))]
    }


def days_given(town: Town, network: Network, first: FirstDays) -> int:
    """Days on which services worked and nobody paid, because nobody had shown it."""
    return sum(
        (first[work.account] - town.day_of(network.worked_at[work.account])).days
        for work in town.works.values()
        if work.account in first and work.account in network.worked_at
    )


def wrongly_billed(
    town: Town, biller: Biller, first: FirstDays, accounts: Collection[str] | None = None
) -> dict[str, int]:
    """Cents too much that accounts were sent, less where too little; what was never billed is not looked at.

    Args:
        town: a market.
        biller: of it.
        first: from which day each account pays.
        accounts: only these; None for all.
    """
    found = {}
    for work in town.works.values():
        is_sent = work.account in biller.sent and (accounts is None or work.account in accounts)
        if work.account in first and is_sent:
            due = true_cents(work.tier, first[work.account], biller.sent_until)
            if cents := biller.sent[work.account] - due:
                found[work.account] = cents
    return found


def is_right(biller: Biller, work: Work, first: date | None, sold: Sequence[Subscription]) -> bool:
    """Whether billing believes what is true of a work, and neither sent nor drafted anything else.

    Args:
        biller: of its market.
        work: that was ordered.
        first: day from which it is paid for; None where it is not installed.
        sold: subscriptions of its account.
    """
    if first is None:
        return not sold and work.account not in biller.sent
    if [(each.billing_code, each.starts_on) for each in sold] != [(CODES[work.tier], first)]:
        return False
    billed, until = biller.sent.get(work.account, 0), biller.sent_until
    if biller.drafted_on is not None:
        billed, until = billed + biller.batch.get(work.account, 0), biller.drafted_on
    return billed == (true_cents(work.tier, first, until) if first < until else 0)
