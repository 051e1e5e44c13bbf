"""Adopt what legacy has brought to life, so that the hub can change, move and end it as it does with its own.

Nothing is touched: each line is compared with what the hub would have told it (``provisioning.adopting``). One that
differs is left as it is, with what differs.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from canonical_model.billing import Subscription
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.identifiers import parse_number
from canonical_model.markets import Market
from canonical_model.network import NetworkObservation
from canonical_model.orders import ProductOrder
from canonical_model.plant import AccessTerminal
from canonical_model.yaml_source import nearest
from hub.readiness.order_records import by_key
from hub.readiness.orders_around import UNFINISHED_STATES
from hub.sagas.beginning import begin_saga
from hub.sagas.known_services import next_attempt
from hub.takeover.adoptable import StandingService, facts_of_standing
from hub.takeover.authority import authority_in, history_of
from hub.workplace import Hub
from provisioning.equipment import TERMINAL_KINDS
from provisioning.facts import SagaFacts
from provisioning.plant_room import place_of
from storage.current_records import current_records, records_among
from storage.installed_terminals import last_places
from storage.line_use import last_saga_of_services
from storage.sagas import Saga
from storage.terminals_standing import Stay

MOST = 500
"""Services that are begun at once, if nobody says otherwise: what becomes due later waits behind them."""
_LEADS = ("active", "legacy_retired")


@dataclass(slots=True)
class Adoption:
    """What became of the services of a market that legacy has brought to life.

    Attributes:
        begun: whose lines are compared now.
        known: how many terminals are of services that the hub knows already, or is comparing.
        left: by account, what keeps the hub from adopting it.
        later: how many are left for the next time, since enough were begun.
    """

    begun: list[Saga] = field(default_factory=list)
    known: int = 0
    left: dict[str, str] = field(default_factory=dict)
    later: int = 0


def adopt_services(
    hub: Hub,
    market_id: str,
    now: datetime,
    *,
    accounts: Collection[str] = (),
    again: bool = False,
    most: int = MOST,
    actor: str = "hub",
) -> Adoption:
    """Begin to compare what legacy has brought to life in a market; each once.

    Args:
        hub: the operator's hub.
        market_id: whose services.
        now: when this happens.
        accounts: only theirs; all where none is named.
        again: also those that were found to differ before.
        most: that are begun at once.
        actor: who wants it.

    Raises:
        ConfigurationError: there is no such market, legacy still begins what changes its lines, or what is named is
            no account's number.
        RetryableError: the database is out of reach; what was begun stays.
    """
    market, wanted = _led(hub, market_id), _numbers(accounts)
    outcome = Adoption()
    with hub.database.reading() as connection:
        before = last_saga_of_services(connection, market.id)
        known = {serial for last in before.values() if last.stands for serial in last.serials}
        sought = _sought(_standing(connection, market, wanted), known, wanted, outcome)
        legacys = _left_to_legacy(connection, hub, market, sought, now)
        found = list(_services(connection, market, sought, legacys))
    offerings = {code: each for each in hub.operator.catalogue.offerings for code in each.billing_codes}
    compared = {service.account_number: before.get(service.service_id) for service in found}
    found.sort(key=lambda each: 0 if (last := compared[each.account_number]) is None else last.id)
    for service in found:
        last = compared[service.account_number]
        facts = facts_of_standing(service, offerings, hub.operator.network)
        if last is not None and (last.kind, last.state) == ("adopt", "undone") and not again:
            outcome.left[service.account_number] = last.reason
        elif isinstance(facts, str):
            outcome.left[service.account_number] = facts
        elif len(outcome.begun) >= most:
            outcome.later += 1
        else:
            _begin(hub, facts, now, actor, outcome)
    return outcome


def _numbers(accounts: Collection[str]) -> list[str]:
    """Account numbers in their compared form."""
    try:
        return [parse_number(each) for each in accounts]
    except ValueError as error:
        raise ConfigurationError(str(error)) from None


def _led(hub: Hub, market_id: str) -> Market:
    """The market, where the hub begins whatever changes a line."""
    market = hub.operator.markets.get(market_id)
    if market is None:
        raise ConfigurationError(f"there is no market {market_id!r}{nearest(market_id, list(hub.operator.markets))}")
    with hub.database.reading() as connection:
        stage = history_of(connection, hub, market.id, "order_to_provisioning")[-1].stage
    if stage not in _LEADS:
        raise ConfigurationError(
            f"order to provisioning of {market.id} is in {stage}: legacy still changes its lines. "
            f"Adopt them once it is {' or '.join(_LEADS)}"
        )
    return market


def _begin(hub: Hub, facts: SagaFacts, now: datetime, actor: str, outcome: Adoption) -> None:
    name = f"{facts.line.market}/{facts.line.service_id}"  # the job that left its terminal may be another order's
    try:
        attempt = next_attempt(hub, name, "adopt")
        saga = begin_saga(hub, "adopt", facts, now, attempt=attempt, actor=actor, wish=name)
    except (ConfigurationError, UnsafeToContinue) as error:
        outcome.left[facts.account_number] = str(error)
        return
    if saga.state == "running":
        outcome.begun.append(saga)
    else:  # it was adopted, and has another terminal or has ended since
        outcome.left[facts.account_number] = f"{saga.key} is {saga.state}"


def _sought(
    terminals: Mapping[str, Sequence[Stay]], known: Collection[str], wanted: Collection[str], outcome: Adoption
) -> dict[str, Stay]:
    """The only terminal of each account whose line the hub does not know."""
    outcome.left |= {each: "no terminal of it is known" for each in wanted if each not in terminals}
    sought = {}
    for account, those in sorted(terminals.items()):
        others = [each for each in those if each.serial not in known]
        outcome.known += len(those) - len(others)
        if others and len(those) > 1:
            named = ", ".join(each.serial for each in those)
            outcome.left[account] = f"it has {len(those)} terminals: {named}"
        elif others:
            sought[account] = others[0]
    return sought


def _standing(connection: Connection, market: Market, accounts: Collection[str]) -> Mapping[str, Sequence[Stay]]:
    """The terminals of each account that has any."""
    of_account: defaultdict[str, list[Stay]] = defaultdict(list)
    for stay in last_places(connection, market.id, TERMINAL_KINDS[market.technology]).values():
        if stay.until is None and (not accounts or stay.account_number in accounts):
            of_account[stay.account_number].append(stay)
    return of_account


def _left_to_legacy(
    connection: Connection, hub: Hub, market: Market, accounts: Collection[str], now: datetime
) -> dict[str, str]:
    """By account, an open order that legacy carries out."""
    found = records_among(connection, ProductOrder, market.id, "account_number", accounts, state=UNFINISHED_STATES)
    works = ((each, f"order/{each.order_number}") for each in found)
    asked = (
        (each, authority_in(connection, hub, market.id, "order_to_provisioning", work, now)) for each, work in works
    )
    return {each.account_number: each.order_number for each, authority in asked if authority.actor == "legacy"}


def _services(
    connection: Connection, market: Market, terminals: Mapping[str, Stay], legacys: Mapping[str, str]
) -> Iterator[StandingService]:
    """What all systems tell of them."""
    orders = by_key(
        records_among(connection, ProductOrder, market.id, "account_number", terminals.keys()),
        lambda each: each.account_number,
    )
    billed = by_key(
        records_among(connection, Subscription, market.id, "account_number", terminals.keys()),
        lambda each: each.account_number,
    )
    serials = {each.serial for each in terminals.values()}
    seen = _last_seen(records_among(connection, NetworkObservation, market.id, "serial", serials))
    plant = current_records(connection, AccessTerminal, market.id)
    by_element = by_key(plant, lambda each: each.element)
    for account, stay in terminals.items():
        shown = seen.get(stay.serial)
        near = [] if shown is None else by_element.get(shown.element, [])
        yield StandingService(
            account,
            stay.serial,
            stay.order_number,
            orders.get(account, ()),
            legacys.get(account),
            tuple(each for each in billed.get(account, ()) if each.state != "closed"),
            shown,
            None if shown is None or shown.port is None else place_of(near, shown.element, shown.port),
        )


def _last_seen(observed: Iterable[NetworkObservation]) -> dict[str, NetworkObservation]:
    return {each.serial: each for each in sorted(observed, key=lambda one: one.observed_at)}
