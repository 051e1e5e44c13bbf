"""``acquisitions.yaml``: operators that were bought, their waves, and what becomes of each of their plans."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.catalogue import ONE_TIME, Catalogue
from canonical_model.errors import Fault
from canonical_model.markets import Market
from canonical_model.money import minor_digits
from canonical_model.record import MarketId, ShortText
from canonical_model.yaml_source import Place, YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from handoffs.acquisition.steps import JobOwner
from hub.operator_folder.known_markets import unknown_market
from hub.operator_folder.operator_file import SystemBlock
from reconciliation.acquisition.plans import Grandfathered, PlanEntry

ACQUISITIONS_FILE = "acquisitions.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeptBlock(_Part):
    """A plan that keeps its own price.

    Attributes:
        until: first day on which it need not be kept any more, like 2027-09-01, or ``never``.
        why: who promised it, for whoever asks later.
    """

    until: Literal["never"] | date
    why: ShortText


class PlanMapBlock(_Part):
    """What becomes of a plan of the operator that was bought: exactly one of `terms` and `grandfathered` says why.

    Attributes:
        code: billing code in the system that it comes from.
        rate: only of those who pay this for one of it a month; a grandfathered plan states it. Else of all.
        offering: of the catalogue, as which it goes on.
        terms: ``same``, where somebody has compared the contracts: the catalogue states no terms to compare with.
        grandfathered: it keeps its own price, and why.
    """

    code: ShortText
    rate: Decimal | None = None
    offering: ShortText
    terms: Literal["same"] | None = None
    grandfathered: KeptBlock | None = None


class PausedJobBlock(_Part):
    """A recurring job that may be off for a wave.

    Attributes:
        owner: who answers for it.
        until: first day on which it has to run again.
    """

    owner: ShortText
    until: date


class AcquisitionBlock(_Part):
    """One operator that was bought and is brought in as a market.

    Attributes:
        name: of the operator that was bought.
        systems: its own billing systems, from which accounts come.
        target: the billing system to which they go.
        owner: who answers for it.
        approvers: who may begin a wave, and sign it.
        deputies: who may where no approver answers.
        remind_every_hours: how often they are reminded of a wave that waits for them.
        deputies_after_hours: when deputies are asked, too.
        fresh_hours: older than this no feed, reconciliation or comparison of customers is judged by.
        waves: as the lists of accounts name them, in their order.
        jobs: by name, what may be off for a wave (`dunning`, `disconnection`, `promotion_expiry`).
        plans: the plan map.
    """

    name: ShortText
    systems: Annotated[tuple[ShortText, ...], Field(min_length=1)]
    target: ShortText
    owner: ShortText
    approvers: Annotated[tuple[ShortText, ...], Field(min_length=1)]
    deputies: tuple[ShortText, ...] = ()
    remind_every_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 24
    deputies_after_hours: Annotated[int, Field(ge=1, le=24 * 31)] = 72
    fresh_hours: Annotated[int, Field(ge=1, le=24 * 62)] = 48
    waves: Annotated[tuple[ShortText, ...], Field(min_length=1)]
    jobs: Mapping[Literal["dunning", "disconnection", "promotion_expiry"], PausedJobBlock] = Field(
        default_factory=dict
    )
    plans: tuple[PlanMapBlock, ...] = ()

    def job_owners(self) -> dict[str, JobOwner]:
        """Who answers for each job that is off."""
        return {job: JobOwner(block.owner, block.until) for job, block in self.jobs.items()}

    def entries(self, currency: str) -> tuple[PlanEntry, ...]:
        """The plan map in minor units."""
        return tuple(_entry(block, currency) for block in self.plans)


class AcquisitionsFile(_Part):
    """The whole of ``acquisitions.yaml``; without the file nothing is brought in.

    Attributes:
        acquisitions: by the market as which each operator is brought in.
    """

    acquisitions: Mapping[MarketId, AcquisitionBlock] = Field(default_factory=dict)


def read_acquisitions(
    text: str | None,
    markets: Mapping[str, Market],
    systems: Mapping[str, SystemBlock],
    catalogue: Catalogue | None,
    faults: list[Fault],
    written: Collection[str] = (),
) -> AcquisitionsFile:
    """Read the file and check it against markets, systems and catalogue.

    Args:
        text: of the file; None where there is none.
        markets: those of ``operator.yaml``.
        systems: likewise.
        catalogue: None where it could not be read; then nothing is said of offerings.
        faults: takes what is wrong.
        written: markets and systems that ``operator.yaml`` names, right or wrong: what is wrong is told there.
    """
    if text is None:
        return AcquisitionsFile()
    source = read_yaml(text, ACQUISITIONS_FILE, faults)
    if source is None or (file := validated(source, AcquisitionsFile, faults)) is None:
        return AcquisitionsFile()
    for market, block in file.acquisitions.items():
        at = source.place("acquisitions", market)
        faults.extend(unknown_market(at, market, {*markets, *written}))
        faults.extend(_system_faults(source, market, block, systems, written))
        faults.extend(_order_faults(source, market, block))
        if catalogue is not None and market in markets:
            faults.extend(_plan_faults(source, markets[market], block, catalogue))
    return file


def with_acquired_codes(catalogue: Catalogue, file: AcquisitionsFile) -> Catalogue:
    """The catalogue in which each acquired code means the offering that the plan map names.

    Without it the bills of the old system would be of codes that nobody knows, and could not be compared.
    """
    codes: dict[str, list[str]] = {}
    for block in file.acquisitions.values():
        for plan in block.plans:
            codes.setdefault(plan.offering, []).append(plan.code)
    offerings = tuple(
        each.model_copy(update={"billing_codes": tuple(dict.fromkeys((*each.billing_codes, *codes[each.id])))})
        if each.id in codes
        else each
        for each in catalogue.offerings
    )
    return catalogue.model_copy(update={"offerings": offerings})


def _system_faults(
    source: YamlSource,
    market: str,
    block: AcquisitionBlock,
    systems: Mapping[str, SystemBlock],
    written: Collection[str],
) -> Iterator[Fault]:
    named = [
        (source.place("acquisitions", market, "systems", number), name) for number, name in enumerate(block.systems)
    ]
    named.append((source.place("acquisitions", market, "target"), block.target))
    for place, name in named:
        found = systems.get(name)
        if found is None and name in written:
            continue
        if found is None:
            yield place.fault(f"there is no system {name}{nearest(name, list(systems))}")
        elif found.role != "billing":
            yield place.fault(f"{name} is a system of {found.role}, and accounts move between systems of billing")
        elif found.market not in (None, market):
            yield place.fault(f"{name} serves market {found.market}, not {market}")
    if block.target in block.systems:
        yield named[-1][0].fault(f"{block.target} is where accounts come from: they cannot go there")


def _order_faults(source: YamlSource, market: str, block: AcquisitionBlock) -> Iterator[Fault]:
    for number, wave in enumerate(block.waves):
        if wave in block.waves[:number]:
            yield source.place("acquisitions", market, "waves", number).fault(f"wave {wave} stands here twice")
    seen: set[tuple[str, Decimal | None]] = set()
    for number, plan in enumerate(block.plans):
        place = source.place("acquisitions", market, "plans", number)
        if (plan.code, plan.rate) in seen:
            yield place.fault(f"{plan.code} at this rate stands here twice")
        seen.add((plan.code, plan.rate))
        if (plan.terms is None) == (plan.grandfathered is None):
            yield place.fault(
                "say `terms: same`, where price, tier and terms are those of the offering, or `grandfathered`"
            )
        if plan.grandfathered is not None and plan.rate is None:
            yield place.fault("a grandfathered plan keeps its own price: state it as `rate`")


def _plan_faults(
    source: YamlSource, market: Market, block: AcquisitionBlock, catalogue: Catalogue
) -> Iterator[Fault]:
    digits = minor_digits(market.currency)
    means: dict[str, str] = {code: each.id for each in catalogue.offerings for code in each.billing_codes}
    monthly = {each.id: each for each in catalogue.offerings if each.delivered_by not in ONE_TIME}
    for number, plan in enumerate(block.plans):
        place: Place = source.place("acquisitions", market.id, "plans", number)
        if plan.rate is not None and plan.rate.scaleb(digits) != int(plan.rate.scaleb(digits)):
            yield place.fault(f"rate {plan.rate} has more decimals than {market.currency} has")
        if means.setdefault(plan.code, plan.offering) != plan.offering:
            yield place.fault(f"{plan.code} means {means[plan.code]} already: a code means one offering")
        offering = monthly.get(plan.offering)
        if offering is None:
            yield place.fault(
                f"there is no monthly offering {plan.offering}{nearest(plan.offering, list(monthly))}:"
                " state a grandfathered plan in catalogue.yaml as an offering of its own"
            )
        elif offering.technologies and market.technology not in offering.technologies:
            yield place.fault(f"{plan.offering} is not sold over {market.technology}")
        elif plan.terms == "same" and plan.rate is not None:
            prices = sorted({price.amount for price in offering.prices_in(market.id)})
            if plan.rate not in prices:
                listed = ", ".join(str(price) for price in prices)
                yield place.fault(
                    f"{plan.rate} is no price of {plan.offering} ({listed}): no plan is rounded to another,"
                    " keep it as `grandfathered`"
                )


def _entry(block: PlanMapBlock, currency: str) -> PlanEntry:
    rate = None if block.rate is None else int(block.rate.scaleb(minor_digits(currency)))
    kept = None
    if block.grandfathered is not None:
        until = block.grandfathered.until
        kept = Grandfathered(None if until == "never" else until, block.grandfathered.why)
    return PlanEntry(block.code, block.offering, rate, kept)
