"""What is true of a work's bills, held against what billing believes, drafted and sent."""

from collections.abc import Collection, Sequence

from benchmarks.rehearsal.billing import Biller, true_cents
from benchmarks.rehearsal.operator_folder import CODES
from benchmarks.rehearsal.town import Town, Work
from canonical_model.billing import Subscription


def wrongly_billed(town: Town, biller: Biller, accounts: Collection[str] | None = None) -> dict[str, int]:
    """Cents too much that accounts were sent, less where too little; what was never billed is not looked at.

    Args:
        town: a market.
        biller: of it.
        accounts: only these; None for all.
    """
    found = {}
    for work in town.works.values():
        is_sent = work.account in biller.sent and (accounts is None or work.account in accounts)
        if work.done_at is not None and is_sent:
            due = true_cents(work.tier, town.day_of(work.done_at), biller.sent_until)
            if cents := biller.sent[work.account] - due:
                found[work.account] = cents
    return found


def is_right(town: Town, biller: Biller, work: Work, sold: Sequence[Subscription]) -> bool:
    """Whether billing believes what is true of a work, and neither sent nor drafted anything else.

    Args:
        town: the market of the work.
        biller: of it.
        work: that was ordered.
        sold: subscriptions of its account.
    """
    if work.done_at is None:
        return not sold and work.account not in biller.sent
    first = town.day_of(work.done_at)
    if [(each.billing_code, each.starts_on) for each in sold] != [(CODES[work.tier], first)]:
        return False
    billed, until = biller.sent.get(work.account, 0), biller.sent_until
    if biller.drafted_on is not None:
        billed, until = billed + biller.batch.get(work.account, 0), biller.drafted_on
    return billed == (true_cents(work.tier, first, until) if first < until else 0)
