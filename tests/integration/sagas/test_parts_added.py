"""What is added to a living service and ended beside it: billed by itself, a telephone once it works."""

from datetime import timedelta
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError
from hub.sagas.asking import change_tier, suspend_service
from hub.sagas.asking_parts import add_part, end_part
from hub.sagas.desk import Desk
from hub.sagas.wishes import Wish
from provisioning.voice_block import VoiceBlock
from storage.sagas import Saga, sagas
from tests.fakes.effects import HandClock
from tests.fakes.led_sagas import GROUPS, SERVICE, Orders, active_service, done, facts_of, told_by, with_network
from tests.fakes.lines import ONT, profile
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork

TALKS = VoiceBlock(registrar="sip.lumen.example", secret="env:SIP_{service}")
CALL = Wish(name="call-1")


@pytest.fixture
def living(desk: Desk, network: ToldNetwork, clock: HandClock, operator: LumenValley) -> Saga:
    """A service that works and is billed since 5 November; it is 7 November now."""
    wish = Orders(operator).wish(profile=profile(standing_groups=GROUPS))
    saga = active_service(desk, network, clock, wish)
    clock.now += timedelta(days=2)
    return saga


def billed(operator: LumenValley) -> list[tuple[Any, ...]]:
    """Code, first and last day of what the hub has begun."""
    rows = operator.running.books.billing["subscriptions"]
    ours = [row for row in rows if row["subscriptionId"].startswith("SH")]
    return [(row["planCode"], row["startDate"], row["endDate"]) for row in ours]


def last(desk: Desk) -> Saga:
    with desk.hub.database.reading() as connection:
        return sagas(connection, service_id=SERVICE)[-1]


def test_an_address_is_billed_from_the_day_on_which_it_came_until_it_goes(
    desk: Desk, living: Saga, clock: HandClock, operator: LumenValley
) -> None:
    asked = add_part(desk.hub, SERVICE, "static-ip", clock(), CALL)
    assert add_part(desk.hub, SERVICE, "static-ip", clock(), CALL).id == asked.id, "it is the same wish"
    done(desk, asked, clock)
    assert add_part(desk.hub, SERVICE, "static-ip", clock(), CALL).id == asked.id
    second = done(desk, add_part(desk.hub, SERVICE, "static-ip", clock(), Wish(name="call-2")), clock)
    assert list(told_by(desk, second)) == ["start_billing_of_extra_2"]
    assert billed(operator)[1:] == [("ADD-IPV4", "2026-11-07", None)] * 2

    clock.move(days=1)
    done(desk, end_part(desk.hub, SERVICE, "static-ip", clock(), Wish(name="call-3")), clock)
    assert [ends for _, _, ends in billed(operator)] == [None, None, "2026-11-07"]
    done(desk, change_tier(desk.hub, SERVICE, "fiber-1000", clock(), Wish(name="call-4")), clock)
    assert facts_of(last(desk)).extra_offering_ids == ("static-ip",)
    done(desk, add_part(desk.hub, SERVICE, "static-ip", clock(), Wish(name="call-5")), clock)
    clock.move(days=1)
    done(desk, end_part(desk.hub, SERVICE, "static-ip", clock(), Wish(name="call-6")), clock)
    assert [ends for _, _, ends in billed(operator)] == [None, None, "2026-11-07", "2026-11-08"]
    with pytest.raises(ConfigurationError, match="nothing was sold beside service"):
        end_part(desk.hub, SERVICE, "voice", clock(), Wish(name="call-7"))


@pytest.mark.parametrize(("product", "code"), [("voice", "ADD-VOICE"), ("office-pack", "PCK-OFFICE")])
def test_a_telephone_is_told_to_the_router_and_billed_once_it_works(
    desk: Desk,
    living: Saga,
    network: ToldNetwork,
    clock: HandClock,
    operator: LumenValley,
    product: str,
    code: str,
) -> None:
    """A pack that includes one is billed once the telephone works, as a whole."""
    with with_network(desk, voice=(TALKS,)) as talking:
        done(talking, add_part(talking.hub, SERVICE, product, clock(), CALL), clock)
        settings = network.settings("acs-1", SERVICE)
        assert settings is not None
        assert (settings["voice_on"], settings["voice_password"]) == (True, f"env:SIP_{SERVICE}")
        waits = last(talking)
        assert (waits.kind, waits.state, len(billed(operator))) == ("activate_voice", "running", 1)
        clock.move(days=1)
        network.tell("acs-1", SERVICE, {**settings, "voice_up": True}, ONT)
        done(talking, waits, clock)
        assert billed(operator)[1:] == [(code, "2026-11-08", None)]
        with pytest.raises(ConfigurationError, match="has a telephone already"):
            add_part(talking.hub, SERVICE, "voice", clock(), Wish(name="call-2"))

        clock.move(days=1)
        ended = done(talking, end_part(talking.hub, SERVICE, product, clock(), Wish(name="call-3")), clock)
        assert list(told_by(talking, ended)) == ["stop_billing_of_voice"]
        assert billed(operator)[1:] == [(code, "2026-11-08", "2026-11-08")]
        silent = network.settings("acs-1", SERVICE)
        assert silent is not None
        assert silent["voice_on"] is False
        done(talking, suspend_service(talking.hub, SERVICE, "walled", clock(), Wish(name="r-1")), clock)
        assert facts_of(last(talking)).voice_offering_id is None


def test_a_telephone_that_never_worked_ends_without_a_bill(
    desk: Desk, living: Saga, network: ToldNetwork, clock: HandClock, operator: LumenValley
) -> None:
    done(desk, add_part(desk.hub, SERVICE, "voice", clock(), CALL), clock)
    assert last(desk).kind == "activate_voice"
    done(desk, end_part(desk.hub, SERVICE, "voice", clock(), Wish(name="call-2")), clock)
    assert (last(desk).kind, len(billed(operator))) == ("end_part", 1)


@pytest.mark.parametrize("product", ["moon-cable", "fiber-500", "autopay", "install-fee"])
def test_what_is_not_sold_beside_an_access_is_refused(
    desk: Desk, living: Saga, clock: HandClock, product: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"the catalogue sells no {product} beside an access"):
        add_part(desk.hub, SERVICE, product, clock(), CALL)
