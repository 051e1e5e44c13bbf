"""What an operator sells and provisions in one market, laid out for looking things up; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from canonical_model.catalogue import Catalogue, ProductOffering
from canonical_model.markets import Market
from canonical_model.money import Money
from canonical_model.record import Record
from hub.operator_folder.load import Operator
from provisioning.network_file import NetworkFile
from rules.compiled_gate import CompiledGates


@dataclass(frozen=True, slots=True)
class MarketTables:
    """The operator's tables as one market needs them.

    Attributes:
        offerings: of the catalogue, by id.
        by_profile: the offering that a profile of the network means here; None where it means several.
        by_code: the offering that a billing code means.
        gates: by which completed jobs are judged before billing is told.
        brought: kinds of records that some system brings: where nobody brings photographs, none are missed.
    """

    market: Market
    catalogue: Catalogue
    network: NetworkFile
    offerings: Mapping[str, ProductOffering]
    by_profile: Mapping[str, str | None]
    by_code: Mapping[str, str]
    gates: CompiledGates
    brought: frozenset[type[Record]]

    def list_price(self, offering_id: str, day: date) -> int | None:
        """What a month of an offering costs by the list on a day, minor units; None where it is not sold then."""
        offering = self.offerings.get(offering_id)
        prices = () if offering is None else offering.prices_in(self.market.id)
        amount = next((each.amount for each in prices if each.valid_from <= day < each.valid_to), None)
        return None if amount is None else Money(amount, self.market.currency).to_minor()


def market_tables(market: Market, operator: Operator) -> MarketTables:
    """Lay the operator's tables out for a market."""
    catalogue = operator.catalogue
    by_profile: dict[str, str | None] = {}
    for each in catalogue.offerings:
        if each.technologies and market.technology not in each.technologies:
            continue
        for profile in each.network_profiles if each.prices_in(market.id) else ():
            by_profile[profile] = each.id if by_profile.get(profile, each.id) == each.id else None
    by_code = {code: each.id for each in catalogue.offerings for code in each.billing_codes}
    mappings = (mapping for of_system in operator.mappings.values() for mapping in of_system)
    return MarketTables(
        market=market,
        catalogue=catalogue,
        network=operator.network,
        offerings={each.id: each for each in catalogue.offerings},
        by_profile=by_profile,
        by_code=by_code,
        gates=operator.gates,
        brought=frozenset(record.entity for mapping in mappings for record in mapping.records),
    )
