"""Qualify an address out of what all systems said last, and what is kept since."""

from datetime import datetime

from sqlalchemy import Connection

from canonical_model.errors import ConfigurationError
from canonical_model.markets import Market
from canonical_model.places import Premise
from canonical_model.yaml_source import nearest
from hub.readiness.market_view import market_view
from hub.workplace import Hub
from provisioning.addressing import AddressMatch, match_address, words_to_find
from provisioning.qualification import Asked, ServiceQualification, qualify
from storage.current_records import current_records
from storage.premises_alike import premises_alike


def qualify_address(
    hub: Hub, market_id: str, address: str, now: datetime, offering_id: str | None = None
) -> ServiceQualification:
    """Tell whether a service can be delivered; nothing is kept for anybody.

    Args:
        hub: the operator's hub.
        market_id: where.
        address: house number and street, or the id of a premise.
        now: when this is asked.
        offering_id: what is wanted; None to be told what can be sold.

    Raises:
        ConfigurationError: there is no such market.
        RetryableError: the database is out of reach.
    """
    market = known_market(hub, market_id)
    with hub.database.reading() as connection:
        found = address_match(connection, market, address)
        view = market_view(connection, hub, market, [] if found.premise is None else [found.premise])
    rooms = () if found.premise is None else view.rooms_for(found.premise)
    asked = Asked(market.id, offering_id, market.local_date(now))
    return qualify(asked, found, rooms, view.operation(hub.operator.catalogue, hub.operator.network))


def address_match(connection: Connection, market: Market, address: str) -> AddressMatch:
    """What an address, or the id of a premise, means."""
    by_id = current_records(connection, Premise, market.id, source_id=address)
    if by_id:
        return AddressMatch(premise=by_id[0])
    house, word = words_to_find(address)
    return match_address(address, premises_alike(connection, market.id, house, word))


def known_market(hub: Hub, market_id: str) -> Market:
    """The market of that id.

    Raises:
        ConfigurationError: there is none.
    """
    markets = hub.operator.markets
    if market_id not in markets:
        raise ConfigurationError(f"there is no market {market_id}{nearest(market_id, list(markets))}")
    return markets[market_id]
