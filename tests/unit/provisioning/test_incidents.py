"""One crew, not ten: lines that fail together are one incident at the smallest place that holds them all."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical_model.network import OpticalPower
from provisioning.verification import PowerWindow
from provisioning.watch.incidents import Incident, incidents_of
from provisioning.watch.line_seen import LineSeen
from provisioning.watch.symptoms import Symptom, WatchLimits, symptom_of

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
LIMITS = WatchLimits()
WINDOWS = {"ont_rx": PowerWindow(Decimal(-28), Decimal(-9))}


def level(dbm: str, resolution: str = "0.1") -> OpticalPower:
    return OpticalPower(Decimal(dbm), "ont_rx", 0, "0.1 dBm", Decimal(resolution))


def line(number: int, **facts: Any) -> LineSeen:
    """Eight terminals on a PON, four on a splitter, two PONs on an OLT, both OLTs in one hub."""
    pon, splitter = (number - 1) // 8, (number - 1) // 4
    given = {
        "serial": f"CXNK{number:08X}",
        "element": f"olt-{pon // 2}",
        "port": f"1/{pon % 2 + 1}/{number}",
        "pon": f"olt-{pon // 2} 1/{pon % 2 + 1}",
        "observed_at": NOW,
        "operational_state": "up",
        "power": level("-19"),
        "baseline": level("-19"),
        "baseline_at": NOW,
        "hub": "hub-0",
        "terminal": f"t-{splitter}",
    }
    return LineSeen(**(given | facts))


def town(**of: LineSeen) -> list[LineSeen]:
    return [of.get(f"l{number}", line(number)) for number in range(1, 33)]


def down(*numbers: int) -> list[LineSeen]:
    return town(**{f"l{number}": line(number, operational_state="down", power=None) for number in numbers})


def found(lines: list[LineSeen], limits: WatchLimits = LIMITS) -> list[tuple[str, str, str, int]]:
    return [(each.kind, each.member, each.action, len(each.symptoms)) for each in incidents(lines, limits)]


def incidents(lines: list[LineSeen], limits: WatchLimits = LIMITS) -> tuple[Incident, ...]:
    symptoms = [each for each in (symptom_of(one, limits, WINDOWS) for one in lines) if each is not None]
    return incidents_of(symptoms, lines, limits)


def test_a_town_that_is_well_has_no_incident() -> None:
    assert incidents(town()) == ()


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((1, 2, 3, 4), [("terminal", "t-0", "crew", 4)]),
        ((1, 2, 3, 5, 6), [("pon", "olt-0 1/1", "crew", 5)]),
        (tuple(range(1, 17)), [("element", "olt-0", "crew", 16)]),
        (tuple(range(5, 29)), [("hub", "hub-0", "crew", 24)]),
        ((1,), [("line", "CXNK00000001", "contact", 1)]),
        ((1, 9, 17), [("line", f"CXNK{number:08X}", "contact", 1) for number in (1, 9, 17)]),
        ((1, 2, 3, 4, 20), [("terminal", "t-0", "crew", 4), ("line", "CXNK00000014", "contact", 1)]),
    ],
    ids=["a splitter", "a PON", "an OLT", "a hub", "one line", "three that share nothing", "a splitter and a line"],
)
def test_lines_that_are_down_together_are_one_incident_at_the_smallest_place(
    numbers: tuple[int, ...], told: list[tuple[str, str, str, int]]
) -> None:
    assert found(down(*numbers)) == told


def test_without_electricity_nobody_drives() -> None:
    dark = {f"l{n}": line(n, operational_state="down", power=None, last_event="dying_gasp") for n in (1, 2, 3, 4)}
    assert found(town(**dark)) == [("terminal", "t-0", "wait", 4)]


def test_what_is_locked_is_mended_from_afar() -> None:
    locked = line(1, operational_state="down", administrative_state="locked", power=None)
    assert found(town(l1=locked)) == [("line", "CXNK00000001", "remote", 1)]
    assert found(town(l1=replace(locked, operational_state="up"))) == []


def test_a_level_that_fell_since_the_installation_sends_a_crew_before_the_customer_calls() -> None:
    """Scenario 19: the fall counts, although the level still lies in the window."""
    (told,) = incidents(town(l1=line(1, power=level("-22.5"))))
    assert (told.kind, told.action) == ("line", "crew")
    assert told.said == "line CXNK00000001: -22.50 dBm, 3.50 dB less than -19.00 dBm since 2026-11-05"


@pytest.mark.parametrize(
    ("now", "then", "is_told"),
    [("-22", "-19", False), ("-22.1", "-19", True), ("-27.9", "-27.9", False), ("-28.2", "-28.2", True)],
)
def test_what_lies_within_the_resolution_is_no_fall(now: str, then: str, is_told: bool) -> None:
    """A fall of 3 dB between two readings of 0.1 dB resolution may be 2.9 dB."""
    assert bool(incidents(town(l1=line(1, power=level(now), baseline=level(then))))) == is_told


def test_readings_of_two_sides_are_not_held_against_each_other() -> None:
    other_end = replace(level("-10"), side="olt_rx")
    assert found(town(l1=line(1, power=level("-19"), baseline=other_end))) == []


@given(st.sets(st.integers(1, 32)), st.sets(st.integers(1, 32)))
def test_every_line_that_is_hit_is_in_one_incident(numbers: set[int], dark: set[int]) -> None:
    lines = town(
        **{f"l{n}": line(n, operational_state="down", power=None) for n in numbers},
        **{f"l{n}": line(n, operational_state="down", power=None, last_event="dying_gasp") for n in dark - numbers},
    )
    told = [each.line.serial for incident in incidents(lines) for each in incident.symptoms]
    assert sorted(told) == sorted(f"CXNK{n:08X}" for n in numbers | dark)


def test_the_worst_line_comes_first() -> None:
    lines = town(l1=line(1, power=level("-23")), l2=line(2, power=level("-25")), l3=line(3, power=level("-24")))
    (told,) = incidents(lines)
    worst: Symptom = told.symptoms[0]
    assert worst.line.serial == "CXNK00000002"
    assert told.said == "3 of 4 lines at terminal t-0: 3 weaker than at their installation"
