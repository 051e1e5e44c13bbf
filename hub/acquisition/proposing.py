"""Propose a plan map for an acquisition, from what was pulled of its accounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.money import Money
from hub.acquisition.bought import acquisition_of, checked_wave
from hub.acquisition.evidence import seen_market
from hub.snapshots import market_of
from hub.workplace import Hub
from reconciliation.acquisition.plans import PlanBook
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
    block = acquisition_of(hub, market)
    seen = seen_market(hub, market, block)
    if seen is None:
        raise ConfigurationError(f"market {market} was never reconciled: run `splice reconcile {market}` first")
    facts = seen.facts if wave is None else seen.facts.of_wave(checked_wave(block, wave))
    book = PlanBook.of(market_of(hub.operator, market), hub.operator.catalogue, facts.own_prices)
    plans = propose_plans(facts.brought, book)
    currency = book.market.currency
    return Proposal(seen.run.as_of, currency, plans, "\n".join(_lines(plans, book.market)))


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
