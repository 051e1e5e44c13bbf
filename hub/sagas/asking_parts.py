"""Ask for something to be added to a living service, or to be ended beside it: a telephone, an address, a rental.

Each is billed by a subscription of its own. An added telephone is told to the router at once, and billed by a saga of
its own from the day on which its registration is seen.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from canonical_model.errors import ConfigurationError
from hub.sagas.known_services import KnownService, settled_saga, working_service
from hub.sagas.wishes import Wish
from hub.workplace import Hub
from provisioning.facts import SagaFacts
from provisioning.sold_beside import VOICE, kind_beside
from storage.sagas import Saga

_JUST_SOLD = "it was just sold"


def add_part(hub: Hub, service_id: str, offering_id: str, now: datetime, wish: Wish) -> Saga:
    """Add something to a service that is there.

    Raises:
        ConfigurationError: the hub does not know the service, it is suspended or has a telephone already, or the
            catalogue sells nothing of that name beside an access.
        UnsafeToContinue: another saga is under way for it.
        RetryableError: the database is out of reach.
    """
    if (said := settled_saga(hub, service_id, "add_part", wish)) is not None:
        return said
    known = working_service(hub, service_id)
    if _kind(hub, offering_id) == VOICE:
        return _with_voice(hub, known, offering_id, now, wish)
    extras = (*known.facts.extra_offering_ids, offering_id)
    return known.begin("add_part", now, wish, extra_offering_ids=extras, added_parts=(f"extra_{len(extras)}",))


def end_part(hub: Hub, service_id: str, offering_id: str, now: datetime, wish: Wish) -> Saga:
    """End something that was sold beside a service; where it was sold several times, the last one.

    Where the hub has not begun to bill it, the wish names its subscription.

    Raises:
        ConfigurationError: the hub does not know the service, it is suspended, nothing of that name was sold beside
            it, or no subscription of it is known.
        UnsafeToContinue, RetryableError: as ``add_part``.
    """
    if (said := settled_saga(hub, service_id, "end_part", wish)) is not None:
        return said
    known = working_service(hub, service_id)
    facts, named = known.facts, wish.subscription_id
    asked, billed = replace(wish, subscription_id=None), known.billed_as()
    if facts.voice_offering_id == offering_id:
        voice = named or billed.voice
        if voice is None and VOICE not in facts.missing_parts:
            raise _no_subscription(facts, offering_id)
        silent: dict[str, Any] = {"profile": facts.profile.model_copy(update={"voice": None}), "missing_parts": {}}
        return known.begin("end_part", now, asked, voice_subscription_id=voice, ended_parts=(VOICE,), **silent)
    places = [place for place, each in enumerate(facts.extra_offering_ids) if each == offering_id]
    if not places:
        raise ConfigurationError(f"nothing was sold beside service {facts.line.service_id} as {offering_id}")
    subscriptions = list(billed.extras)
    subscriptions[places[-1]] = named or subscriptions[places[-1]]
    if subscriptions[places[-1]] is None:
        raise _no_subscription(facts, offering_id)
    ended = (f"extra_{places[-1] + 1}",)
    return known.begin("end_part", now, asked, extra_subscription_ids=tuple(subscriptions), ended_parts=ended)


def _with_voice(hub: Hub, known: KnownService, offering_id: str, now: datetime, wish: Wish) -> Saga:
    facts = known.facts
    if facts.voice_offering_id is not None:
        raise ConfigurationError(
            f"service {facts.line.service_id} has a telephone already: {facts.voice_offering_id}"
        )
    line, technology = facts.line, facts.profile.technology
    voice = hub.operator.network.voice_of(line.market, technology, line.service_id, facts.account_number)
    profile = facts.profile.model_copy(update={"voice": voice})
    missing = {VOICE: _JUST_SOLD}
    return known.begin("add_part", now, wish, voice_offering_id=offering_id, profile=profile, missing_parts=missing)


def _kind(hub: Hub, offering_id: str) -> str:
    offerings = {each.id: each for each in hub.operator.catalogue.offerings}
    offering = offerings.get(offering_id)
    kind = None if offering is None else kind_beside(offering, offerings)
    if kind is None:
        raise ConfigurationError(f"the catalogue sells no {offering_id} beside an access")
    return kind


def _no_subscription(facts: SagaFacts, offering_id: str) -> ConfigurationError:
    return ConfigurationError(
        f"the hub has begun no subscription for {offering_id} of account {facts.account_number}: name it"
    )
