"""Propose a plan map for an acquisition, from what was pulled of its accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.markets import Market
from canonical_model.money import Money
from hub.acquisition.evidence import estate_billed
from hub.workplace import Hub
from reconciliation.acquisition.proposing import ProposedPlan, propose_plans


@dataclass(frozen=True, slots=True)
class Proposal:
    """The plans of acquired accounts with what may become of each.

    Attributes:
        as_of: of the reconciliation that it was read from.
        yaml: the same as the block ``plans`` of the file; a person completes and answers for it.
    """

    as_of: datetime
    currency: str
    plans: tuple[ProposedPlan, ...]
    yaml: str


def propose(hub: Hub, market: str, wave: str | None = None) -> Proposal:
    """Every acquired plan with its accounts and money, and the equal offering if there is one.

    Args:
        hub: the operator's hub.
        market: as which the operator is brought in.
        wave: only accounts of this one; None for all that the old systems bill, listed or not.

    Raises:
        ConfigurationError: there is no such acquisition or wave, or the market was never reconciled.
        UnsafeToContinue: the snapshot is not what it was.
        RetryableError: the database is out of reach.
    """
    estate = estate_billed(hub, market, wave)
    plans, at = propose_plans(estate.facts.brought, estate.book), estate.book.market
    return Proposal(estate.as_of, at.currency, plans, "\n".join(_lines(plans, at)))


def _lines(plans: Sequence[ProposedPlan], market: Market) -> Iterator[str]:
    currency = market.currency
    yield "    plans:"
    for plan in plans:
        if plan.is_no_plan:
            continue
        price = Money.from_minor(plan.rate_minor, currency).amount
        money = Money.from_minor(plan.monthly_minor, currency)
        yield f"      # {len(plan.accounts)} accounts, {money} a month"
        if plan.equal is not None:
            equal = f"code: {plan.code}, rate: {price}, offering: {plan.equal}"
            yield f"      - {{{equal}, terms: }}   # same, once somebody has compared the contracts"
            continue
        if plan.keeps is not None:
            lacking = ", ".join(plan.lacking)
            yield f"      # agree {price} for {plan.keeps} with {lacking}: the list has another price;"
            yield "      # once this stands here, `splice acquisition prices` gives each line to enter"
        else:
            yield "      # equal to nothing: state an offering of its own in catalogue.yaml, and complete what it is:"
            yield from (f"      #   {line}" for line in offering_lines(plan, market))
        kept = '{until: never, why: "kept at its own price"}'
        yield (
            f"      - {{code: {plan.code}, rate: {price}, offering: {plan.keeps or plan.code.lower()},"
            f" grandfathered: {kept}}}"
        )


def offering_lines(plan: ProposedPlan, market: Market) -> Iterator[str]:
    """An offering of its own for a plan as ``catalogue.yaml`` takes it; what it is, a person completes.

    Its price is from the first day of a move on; where older bills are judged too, it has to begin earlier.
    """
    price = Money.from_minor(plan.rate_minor, market.currency).amount
    yield f"- id: {plan.code.lower()}"
    yield "  charge:"
    yield "  delivered_by:"
    yield f"  technologies: [{market.technology}]"
    yield f"  billing_codes: [{plan.code}]"
    yield f"  prices: [{{amount: {price}, valid_from: {plan.first_day}, market: {market.id}}}]"
