"""What counts as working: every check by itself, and what they mean together."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from canonical_model.network import OpticalPower
from provisioning.line import Condition
from provisioning.profile import Bandwidth
from provisioning.verification import Check, PowerWindow, VerificationLimits, together, verify

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
SERIAL = "CXNK00A1B2C3"
LIMITS = VerificationLimits(
    windows={"ont_rx": PowerWindow(Decimal(-28), Decimal(-9))},
    speed_percent=Decimal(80),
    soak=timedelta(minutes=30),
    checks=frozenset({"registered", "serial", "optical_level", "service_flow", "session", "speed", "soak"}),
)
ACCESS = Condition(presence="present", detected_serial=SERIAL, service_flow_up=True)
AAA = Condition(session_since=NOW - timedelta(minutes=1), session_tells=True)
CPE = Condition(down_mbps=Decimal(470), up_mbps=Decimal(460))


def level(dbm: str, resolution: str = "0.1") -> OpticalPower:
    return OpticalPower(Decimal(dbm), "ont_rx", 0, "0.1 dBm", Decimal(resolution))


def checked(access: Any = None, aaa: Any = None, cpe: Any = None, **given: Any) -> dict[str, Check]:
    seen = {
        "access": replace(ACCESS, powers=(level("-20"),)) if access is None else access,
        "aaa": aaa or AAA,
        "cpe": cpe or CPE,
    }
    facts: dict[str, Any] = {
        "serial": SERIAL,
        "bandwidth": Bandwidth(down_maximum=500, up_maximum=500),
        "limits": LIMITS,
        "working_since": NOW - timedelta(minutes=30),
        "now": NOW,
    }
    return {each.name: each for each in verify(seen, **(facts | given))}  # type: ignore[arg-type]


def test_a_line_that_works_passes_everything_and_proves_four_things() -> None:
    checks = checked()
    assert {each.verdict for each in checks.values()} == {"passed"}
    assert [each.evidence for each in checks.values() if each.evidence] == [
        "ont_ranged",
        "service_flow_up",
        "aaa_session",
        "speed_test",
    ]


@pytest.mark.parametrize(
    ("name", "verdict", "given"),
    [
        ("registered", "awaited", {"access": replace(ACCESS, presence="absent")}),
        ("registered", "failed", {"access": replace(ACCESS, presence="elsewhere")}),
        ("registered", "failed", {"access": replace(ACCESS, presence="failed")}),
        ("registered", "awaited", {"access": replace(ACCESS, presence=None)}),
        ("serial", "awaited", {"access": replace(ACCESS, detected_serial=None)}),
        ("serial", "failed", {"access": replace(ACCESS, detected_serial="CXNK00A1B2C4")}),
        ("optical_level", "awaited", {"access": ACCESS}),
        ("optical_level", "failed", {"access": replace(ACCESS, powers=(level("-29"),))}),
        ("optical_level", "failed", {"access": replace(ACCESS, powers=(level("-8"),))}),
        ("optical_level", "inconclusive", {"access": replace(ACCESS, powers=(level("-27.9", "0.3"),))}),
        ("service_flow", "awaited", {"access": replace(ACCESS, service_flow_up=False)}),
        ("session", "awaited", {"aaa": Condition(session_tells=True)}),
        ("speed", "awaited", {"cpe": Condition(down_mbps=Decimal(470))}),
        ("speed", "failed", {"cpe": Condition(down_mbps=Decimal(399), up_mbps=Decimal(460))}),
    ],
)
def test_what_does_not_show_is_not_proven(name: str, verdict: str, given: dict[str, Any]) -> None:
    checks = checked(**given)
    assert (checks[name].verdict, checks[name].evidence) == (verdict, None)
    assert checks["soak"].verdict == "awaited"
    assert together(checks.values()) != "passed"


def test_a_speed_test_from_before_proves_nothing_of_what_was_changed_since() -> None:
    old = replace(CPE, speed_asked_at=NOW - timedelta(hours=3))
    assert checked(cpe=old)["speed"].verdict == "passed"
    assert checked(cpe=old, tested_since=NOW - timedelta(hours=4))["speed"].verdict == "passed"
    told = checked(cpe=old, tested_since=NOW - timedelta(hours=1))["speed"]
    assert (told.verdict, told.evidence) == ("failed", None)
    assert told.said == "the last speed test is of 2026-11-05 09:00 UTC, from before: it is made anew"


def test_it_has_to_have_worked_for_a_while() -> None:
    assert checked(working_since=None)["soak"].verdict == "awaited"
    almost = checked(working_since=NOW - timedelta(minutes=29))["soak"]
    assert (almost.verdict, almost.said) == ("awaited", "it has to work until 12:01 UTC without a break")
    assert checked(working_since=None, limits=replace(LIMITS, soak=timedelta()))["soak"].verdict == "passed"


def test_a_failure_is_told_before_a_doubt_and_a_doubt_before_a_wait() -> None:
    one = {verdict: Check("speed", verdict, "") for verdict in ("passed", "awaited", "inconclusive", "failed")}  # type: ignore[arg-type]
    assert together(one.values()) == "failed"
    assert together([one["passed"], one["awaited"], one["inconclusive"]]) == "inconclusive"
    assert together([one["passed"], one["awaited"]]) == "awaited"
    assert together([]) == "passed"
