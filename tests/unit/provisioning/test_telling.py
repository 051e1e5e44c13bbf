"""What other systems are told of each kind of saga: which commands, with which days and which money."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from canonical_model.catalogue import ProductOffering
from canonical_model.markets import Market
from handoffs.commands import COMMANDS
from provisioning.facts import SagaFacts, SuspensionBilling
from provisioning.notices import AFTER, GIVEN_UP
from provisioning.proven import proven
from provisioning.saga import SEQUENCES, STEPS, SagaKind
from provisioning.telling import ROOM_FOR_NAMES, TELLINGS, tellings_of
from tests.fakes.lines import ONT, facts, line, profile

MARKET = Market(id="riverbend", name="Riverbend", zone="America/New_York", currency="USD", technology="pon")
LATE = datetime(2026, 11, 6, 3, 30, 15, 250_000, tzinfo=UTC)
"""The evening before, in Riverbend."""
FEE = SuspensionBilling(policy="fee", amount=Decimal("15.00"))
STOP = SuspensionBilling(policy="stop")
PRICE = SuspensionBilling(policy="price", amount=Decimal("9.99"))


def offering(offering_id: str, code: str) -> ProductOffering:
    return ProductOffering.model_validate(
        {
            "id": offering_id,
            "charge": "access",
            "delivered_by": "access",
            "technologies": ["pon"],
            "billing_codes": [code],
            "network_profiles": [offering_id],
            "prices": [{"amount": "50.00", "valid_from": "2020-01-01"}],
        }
    )


OFFERINGS = {
    each.id: each for each in (offering("fiber-500", "F5"), offering("fiber-1000", "F10"), offering("voice", "V"))
}


def told(kind: SagaKind, verified_at: datetime = LATE, **given: Any) -> dict[str, dict[str, Any]]:
    """The fields of each command that is told, by its key, without those that say nothing."""
    known = {"subscription_id": "S-1", "line": line(serial=ONT)}
    what = proven(facts(**(known | given)), MARKET, OFFERINGS, verified_at)
    found = {each.name: each.fields(what) for each in tellings_of(kind, what.facts)}
    return {
        name: {field: value for field, value in fields.items() if value is not None}
        for name, fields in found.items()
        if fields is not None
    }


def test_every_kind_has_its_rows() -> None:
    kinds = set(get_args(SagaKind))
    assert set(TELLINGS) == set(SEQUENCES) == kinds
    assert {each.command for rows in TELLINGS.values() for each in rows} <= set(COMMANDS)
    assert set(AFTER) | set(GIVEN_UP) <= kinds
    keys = {kind: [each.name for each in rows] for kind, rows in TELLINGS.items()}
    assert all(len(set(each)) == len(each) for each in keys.values())


@pytest.mark.parametrize("kind", SEQUENCES)
def test_nobody_is_told_before_the_network_was_told_and_the_proof_was_seen(kind: SagaKind) -> None:
    steps = SEQUENCES[kind]
    natures = [STEPS[step].nature for step in steps]
    if TELLINGS[kind]:
        assert natures.index("tells") == len(steps) - 1
    proofs = [place for place, step in enumerate(steps) if step in ("compare", "verify", "verify_voice")]
    changes = [place for place, step in enumerate(steps) if step.startswith(("configure", "end_session"))]
    if kind != "swap_device":
        assert max(changes, default=-1) < max(proofs)
    assert not TELLINGS[kind] or max(proofs) < len(steps) - 1


WITH_THE_ACCESS: list[tuple[SagaKind, SuspensionBilling, str]] = [
    ("suspend", STOP, "suspend_billing"),
    ("restore", STOP, "resume_billing"),
    ("hold", PRICE, "suspend_billing"),
    ("wake", PRICE, "resume_billing"),
    ("cease", SuspensionBilling(), "stop_billing"),
]
"""What rests, goes on and ends with it: by which kind, under which policy, and with which command."""


@pytest.mark.parametrize(("kind", "billing", "command"), WITH_THE_ACCESS)
def test_a_telephone_of_its_own_rests_and_ends_with_the_access(
    kind: SagaKind, billing: SuspensionBilling, command: str
) -> None:
    both = told(kind, billing=billing, voice_subscription_id="S-2")
    assert both[f"{command}_of_voice"]["subscription_id"] == "S-2"
    assert f"{command}_of_voice" not in told(kind, billing=billing)


@pytest.mark.parametrize(("kind", "billing", "command"), WITH_THE_ACCESS)
def test_what_is_sold_beside_the_access_rests_and_ends_with_it(
    kind: SagaKind, billing: SuspensionBilling, command: str
) -> None:
    sold = {"extra_offering_ids": ("static-ip", "voice"), "extra_subscription_ids": (None, "S-9")}
    all_of_it = told(kind, billing=billing, **sold)
    assert f"{command}_of_extra_1" not in all_of_it, "the hub has not begun to bill it"
    assert all_of_it[f"{command}_of_extra_2"]["subscription_id"] == "S-9"


def test_what_is_sold_beside_the_access_is_billed_with_it_piece_by_piece() -> None:
    extras = told("activate", extra_offering_ids=("voice", "voice"))
    for place in (1, 2):
        begun = extras[f"start_billing_of_extra_{place}"]
        assert (begun["offering_id"], begun["billing_code"]) == ("voice", "V")


@pytest.mark.parametrize("kind", SEQUENCES)
def test_keys_have_room_for_every_name(kind: SagaKind) -> None:
    many = facts(extra_offering_ids=("voice",) * 99)
    assert max((len(each.name) for each in tellings_of(kind, many)), default=0) <= ROOM_FOR_NAMES


@pytest.mark.parametrize("kind", SEQUENCES)
def test_what_is_told_fits_the_commands(kind: SagaKind) -> None:
    given = told(kind, work_order_id="wo_1", voice_offering_id="voice", previous_line=line(serial="CXNK00000001"))
    commands = {each.name: each.command for each in tellings_of(kind, facts())}
    for key, fields in given.items():
        schema = COMMANDS[commands[key]]
        assert set(fields) <= set(schema)
        assert {name for name, each in schema.items() if not each.nullable} <= set(fields), key


def test_billing_starts_on_the_local_day_of_the_unbroken_proof() -> None:
    since = datetime(2026, 11, 6, 4, 45, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 6, 5, 15, tzinfo=UTC)
    assert told("activate", after_midnight, working_since=since)["start_billing"]["starts_on"] == date(2026, 11, 5)
    assert told("activate", after_midnight)["start_billing"]["starts_on"] == date(2026, 11, 6)


def test_what_is_installed_is_billed() -> None:
    start = told("activate", installed_offering_id="fiber-1000")["start_billing"]
    assert (start["offering_id"], start["billing_code"]) == ("fiber-1000", "F10")


def test_moments_are_told_in_whole_seconds() -> None:
    assert told("activate")["set_customer_status"]["completed_at"] == LATE.replace(microsecond=0)


@pytest.mark.parametrize(
    ("missing", "keys"),
    [
        ({}, ["set_customer_status", "start_billing", "start_billing_of_voice"]),
        ({"voice": "no"}, ["set_customer_status", "start_billing"]),
    ],
)
def test_a_part_that_does_not_work_is_not_billed(missing: dict[str, str], keys: list[str]) -> None:
    assert list(told("activate", voice_offering_id="voice", missing_parts=missing)) == keys


@pytest.mark.parametrize(
    ("billing", "down", "up"),
    [
        (SuspensionBilling(), [], []),
        (STOP, ["suspend_billing"], ["resume_billing"]),
        (FEE, ["post_adjustment"], []),
    ],
)
def test_a_suspension_means_for_the_bill_what_the_operator_says(
    billing: SuspensionBilling, down: list[str], up: list[str]
) -> None:
    assert list(told("suspend", billing=billing, standing="walled", order_number=None))[1:] == down
    assert list(told("restore", billing=billing, order_number=None))[1:] == up
    assert told("suspend", billing=FEE, reason="not paid").get("post_adjustment") == {
        "account_number": "7000001",
        "amount": Decimal("15.00"),
        "currency": "USD",
        "reason": "fee: not paid",
        "posted_on": date(2026, 11, 5),
    }


def test_a_hold_has_its_price_and_the_usual_one_comes_back() -> None:
    assert told("hold", billing=PRICE)["change_billing"]["monthly_price"] == Decimal("9.99")
    assert "monthly_price" not in told("wake", billing=PRICE)["change_billing"]


@pytest.mark.parametrize(
    ("left_on", "ends_on"), [(None, 5), (date(2026, 11, 3), 3), (date(2026, 11, 9), 5)], ids=["now", "late", "early"]
)
def test_an_end_counts_from_the_earlier_of_order_and_proof(left_on: date | None, ends_on: int) -> None:
    stop = told("cease", standing="ended", effective_on=left_on)["stop_billing"]
    assert stop["ends_on"] == date(2026, 11, ends_on)


def test_a_move_to_the_same_tier_and_a_swap_touch_no_money() -> None:
    before: dict[str, Any] = {"previous_line": line(2, serial="CXNK00000001"), "previous_profile": profile()}
    assert list(told("move", **before)) == ["set_customer_status", "return_device"]
    assert list(told("swap_device", **before, order_number=None)) == ["return_device"]
    taken_along = before | {"previous_line": line(2, serial=ONT)}
    assert list(told("move", **taken_along)) == ["set_customer_status"]


def test_a_policy_goes_with_its_amount() -> None:
    with pytest.raises(ValueError, match="an amount goes with the policies fee and price"):
        SuspensionBilling(policy="fee")
    with pytest.raises(ValueError, match="and with no other"):
        SuspensionBilling(policy="stop", amount=Decimal(1))


def test_the_next_saga_has_to_prove_everything_anew() -> None:
    done = facts(verified_at=LATE, working_since=LATE, work_order_id="wo_1")
    next_one: SagaFacts = done.following({"order_number": None, "standing": "walled"})
    assert (next_one.verified_at, next_one.working_since, next_one.evidence) == (None, None, ())
    assert (next_one.previous_line, next_one.previous_profile, next_one.previous_standing) == (
        done.line,
        done.profile,
        "active",
    )
