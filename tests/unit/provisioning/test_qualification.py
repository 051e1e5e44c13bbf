"""Whether an address can be served, on which line and with what, and every reason why it cannot (TMF645)."""

from datetime import date
from typing import Any

import pytest

from canonical_model.catalogue import OfferingPrice
from canonical_model.plant import AccessTerminal
from provisioning.addressing import AddressMatch, match_address
from provisioning.equipment import StockedDevice
from provisioning.plant_room import HeldPlace, TerminalRoom, by_port, rooms, taken_numbers
from provisioning.qualification import Asked, ServiceQualification, qualify
from tests.fakes.plant import ASKED, catalogue, empty, offering, operation, premise, seen, terminal


def qualified(asked: Asked = ASKED, **facts: Any) -> ServiceQualification:
    address = facts.pop("address", AddressMatch(premise=premise()))
    plant = facts.pop("plant", empty(terminal(), terminal("T2")))
    return qualify(asked, address, plant, operation(**facts))


def used(terminals: list[AccessTerminal], *ports: str) -> tuple[TerminalRoom, ...]:
    """What is left where devices are seen on some ports."""
    return rooms(terminals, (), taken_numbers(terminals, by_port(terminals, seen(*ports))))


def codes(answer: ServiceQualification) -> list[str]:
    return [each.code for each in answer.reasons]


def test_an_address_with_room_is_told_its_line_and_what_can_be_sold() -> None:
    answer = qualified(plant=empty(terminal(pon_mode="xgs_pon"), terminal("T2")))
    assert (answer.result, answer.reasons) == ("qualified", ())
    nearest = answer.rooms[0].terminal
    assert (nearest.terminal, nearest.element, nearest.port) == ("T1", "olt-1", "1/1/1")
    assert answer.free_capacity == 2
    assert answer.offerings == ("silver", "gold")
    assert (answer.models, [each.serial for each in answer.devices]) == (("GX",), ["CXNK00000001"])


def test_an_address_that_nobody_knows_is_not_found_and_what_comes_near_is_ranked() -> None:
    """Scenario 1."""
    known = [
        premise(source_id="p-1", address="12 Mill Road"),
        premise(source_id="p-2", address="14 Mill Road"),
        premise(source_id="p-3", address="900 Quarry Lane"),
    ]
    answer = qualified(address=match_address("14 Mil Rd", known))
    assert codes(answer) == ["addressNotFound"]
    assert [each.source_id for each in answer.candidates] == ["p-2", "p-1", "p-3"]
    assert answer.reasons[0].person == "dispatcher"
    assert answer.rooms == ()


def test_an_address_of_several_flats_is_asked_and_never_guessed() -> None:
    """Scenario 2."""
    flats = [premise(source_id=f"p-{unit}", unit=unit) for unit in ("1A", "1B")]
    answer = qualified(address=match_address("12 Mill Rd.", flats))
    assert codes(answer) == ["addressAmbiguous"]
    assert [each.source_id for each in answer.candidates] == ["p-1A", "p-1B"]
    assert qualified(address=match_address("12 MILL RD APT 1B", flats)).result == "qualified"


def test_another_spelling_is_the_same_address() -> None:
    assert match_address("12 mill rd", [premise()]).premise == premise()
    assert match_address("12 Mill Road Apt 9", [premise(unit="1A")]).premise is None


@pytest.mark.parametrize(
    ("serviceability", "code"),
    [("planned", "notYetServiceable"), ("not_serviceable", "notServiceable"), ("unknown", "serviceabilityUnknown")],
)
def test_what_is_not_serviceable_is_not_sold(serviceability: str, code: str) -> None:
    """Scenario 3."""
    assert codes(qualified(address=AddressMatch(premise=premise(serviceability=serviceability)))) == [code]


def test_what_is_being_built_is_told_with_its_day_and_sold_from_then_on() -> None:
    """Scenario 3: ``expectedServiceAvailabilityDate``."""
    plant = empty(terminal(ready_on=date(2027, 3, 1)), terminal("T2"))
    for serviceability in ("planned", "serviceable"):
        answer = qualified(plant=plant, address=AddressMatch(premise=premise(serviceability=serviceability)))
        assert (codes(answer), answer.expected_on) == (["notYetServiceable"], date(2027, 3, 1))
        assert answer.reasons[0].said == "12 Mill Road, expected on 2027-03-01"
    on_that_day = Asked("town", "silver", date(2027, 3, 1))
    later = catalogue(offering("silver", prices=(OfferingPrice(amount="60.00", valid_from=date(2027, 1, 1)),)))  # type: ignore[arg-type]
    assert qualified(on_that_day, plant=plant, catalogue=later).result == "qualified"


def test_a_neighbour_that_is_not_built_yet_is_no_place() -> None:
    """Scenario 8."""
    plant = empty(terminal(used=2), terminal("T2", ready_on=date(2027, 3, 1)))
    assert codes(qualified(plant=plant)) == ["noFreeCapacity"]


def test_a_premise_without_a_terminal_of_the_inventory_has_no_line() -> None:
    assert codes(qualified(address=AddressMatch(premise=premise(terminal="T9")))) == ["noTerminal"]
    assert codes(qualified(address=AddressMatch(premise=premise(terminal=None)))) == ["noTerminal"]


def test_a_full_terminal_gives_way_to_a_neighbour_of_the_same_port_first() -> None:
    """Scenario 8."""
    plant = empty(
        terminal(used=2),
        terminal("T8", element="olt-2"),
        terminal("T3", port="1/1/2"),
        terminal("T4", port_capacity=16),
        terminal("T5", hub="H2", port="1/1/9"),
    )
    answer = qualified(plant=plant)
    assert (answer.result, answer.is_replanned) == ("qualified", True)
    assert [room.terminal.terminal for room in answer.rooms] == ["T4", "T3", "T8"]


def test_where_the_whole_hub_is_full_nothing_is_promised() -> None:
    """Scenario 8."""
    answer = qualified(plant=empty(terminal(used=2), terminal("T2", capacity=0), terminal("T5", hub="H2")))
    assert (answer.result, codes(answer)) == ("unqualified", ["noFreeCapacity"])


def test_a_port_may_be_full_before_its_terminal_is() -> None:
    """Scenario 8."""
    one = terminal(capacity=8, port_capacity=4)
    assert [room.free for room in used([one], "1/1/1/1", "1/1/1/2", "1/1/2/1", "1/1/1")] == [1]
    assert [room.free for room in used([one], *(f"1/1/1/{number}" for number in range(1, 5)))] == [0]


def test_what_is_ours_is_counted_once_whether_the_inventory_knows_it_or_not() -> None:
    """Scenario 8."""
    ours = [HeldPlace("olt-1", "1/1/1", number, "T1", is_counted=number == 1) for number in (1, 2)]
    (room,) = rooms([terminal(capacity=8, used=3)], ours, {("olt-1", "1/1/1"): frozenset({1})})
    assert (room.legs, room.held, room.free) == (6, 2, 4)  # two legs are others', of six two are kept


def test_an_order_that_the_catalogue_does_not_know_goes_no_further() -> None:
    """Scenario 5."""
    answer = qualified(Asked("town", "bronze", ASKED.on))
    assert (answer.result, codes(answer)) == ("alternate", ["unmappedOffering"])
    assert answer.reasons[0].person == "finance"
    without_code = catalogue(offering("silver", billing_codes=()))
    assert codes(qualified(catalogue=without_code)) == ["unmappedOffering"]


def test_optics_that_do_not_carry_the_tier_are_told_with_what_they_do() -> None:
    """Scenario 18, before anybody drives."""
    answer = qualified(Asked("town", "gold", ASKED.on), plant=empty(terminal(pon_mode="gpon")))
    assert (answer.result, codes(answer)) == ("alternate", ["ponModeMismatch"])
    assert answer.alternatives == ("silver",)


def test_everything_that_is_in_the_way_has_a_reason() -> None:
    later = OfferingPrice(amount="60.00", valid_from=date(2030, 1, 1))  # type: ignore[arg-type]
    found = {
        "not here": codes(qualified(catalogue=catalogue(offering("silver", prices=(later,))))),
        "other technology": codes(
            qualified(catalogue=catalogue(offering("silver", technologies=("fixed_wireless",))))
        ),
        "no element": codes(qualified(network={"elements": {}})),
        "no tier": codes(qualified(network={"profiles": []})),
        "no proof": codes(qualified(network={"verification": []})),
        "no stock": codes(qualified(stock=[StockedDevice("CXNK00000001", "ont", "OLD")])),
        "no proof, no stock": codes(qualified(network={"verification": []}, stock=[])),
    }
    assert found == {
        "not here": ["offeringNotSold"],
        "other technology": ["technologyMismatch"],
        "no element": ["elementNotProvisioned"],
        "no tier": ["noProfile"],
        "no proof": ["nothingToProve"],
        "no stock": ["noEquipment"],
        "no proof, no stock": ["nothingToProve", "noEquipment"],
    }


def test_a_neighbour_on_an_element_that_cannot_be_told_is_no_place() -> None:
    plant = empty(terminal(), terminal("T2", element="olt-9"))
    assert [room.terminal.terminal for room in qualified(plant=plant).rooms] == ["T1"]


def test_nothing_asked_is_told_everything() -> None:
    answer = qualified(Asked("town", None, ASKED.on))
    assert (answer.result, answer.offerings) == ("qualified", ("silver", "gold"))
    nothing = qualified(Asked("town", None, ASKED.on), stock=[])
    assert (nothing.result, codes(nothing)) == ("unqualified", ["noEquipment"])
