"""``remedies.yaml``: what may be done about findings, who may approve it, and what needs nobody."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from canonical_model.errors import Fault
from canonical_model.record import MarketId
from canonical_model.yaml_source import read_yaml
from canonical_model.yaml_validation import validated
from hub.operator_folder.known_markets import unknown_market

REMEDIES_FILE = "remedies.yaml"

Amount = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
Person = Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Approver(_Part):
    """Somebody who may approve remedies.

    Attributes:
        name: as the commands know the person (``--as``, or the user of the machine).
        up_to: the largest amount, in the market's currency; without it any.
        markets: only there; everywhere where none is named.
    """

    name: Person
    up_to: Amount | None = None
    markets: tuple[MarketId, ...] = ()


class MarketRemedies(_Part):
    """What happens in one market.

    Attributes:
        sends: whether the hub carries approved remedies out itself.
        proposes: whether each run proposes the remedies that the rules name.
        proposes_from: findings of less money are left to persons.
        approves_up_to: what a run proposes up to this amount needs no person; 0 lets nothing through.
        approves_in_all: what one run may approve in this way altogether.
    """

    sends: bool = False
    proposes: bool = True
    proposes_from: Amount = Decimal(0)
    approves_up_to: Amount = Decimal(0)
    approves_in_all: Amount = Decimal(0)


class RemedyPolicy(_Part):
    """The whole of ``remedies.yaml``; without the file runs propose nothing and nobody may approve.

    Attributes:
        four_eyes: whoever proposed a remedy may not approve it.
        approvers: who may approve.
        markets: what happens where; in a market that is not named nothing is proposed by runs and nothing is sent.
    """

    four_eyes: bool = True
    approvers: tuple[Approver, ...] = ()
    markets: Mapping[MarketId, MarketRemedies] = Field(default_factory=dict)

    def of(self, market: str) -> MarketRemedies:
        """What happens in a market."""
        return self.markets.get(market, MarketRemedies(proposes=False))

    def why_not(self, person: str, market: str, amount: Decimal, proposed_by: str) -> str:
        """Why a person may not approve a remedy; empty where that is allowed.

        Args:
            person: who wants to.
            market: of the case.
            amount: in major units.
            proposed_by: a person or a run.
        """
        own = [each for each in self.approvers if each.name == person]
        here = [each for each in own if not each.markets or market in each.markets]
        if not here:
            others = [each.name for each in self.approvers if not each.markets or market in each.markets]
            may = ", ".join(others) or "nobody"
            return f"{person} may not approve remedies in {market}; those who may, by {REMEDIES_FILE}: {may}"
        limits = [each.up_to for each in here if each.up_to is not None]
        if len(limits) == len(here) and max(limits) < amount:
            return f"{person} may approve up to {max(limits)} in {market}, and this is {amount}"
        if self.four_eyes and person == proposed_by:
            return f"{person} has proposed it, and {REMEDIES_FILE} asks for four eyes: somebody else has to approve"
        return ""


def read_remedies(text: str | None, markets: Collection[str], faults: list[Fault]) -> RemedyPolicy:
    """Read the file.

    Args:
        text: its content; None where there is none.
        markets: that the operator has.
        faults: what is wrong is added here.
    """
    source = None if text is None else read_yaml(text, REMEDIES_FILE, faults)
    policy = None if source is None or source.data is None else validated(source, RemedyPolicy, faults)
    if source is None or policy is None:
        return RemedyPolicy()
    for market in policy.markets:
        faults.extend(unknown_market(source.place("markets", market), market, markets))
    for place, approver in enumerate(policy.approvers):
        for market in approver.markets:
            faults.extend(unknown_market(source.place("approvers", place, "markets"), market, markets))
    return policy
