"""``acquisitions.yaml``: that every mistake in it is told with its place."""

from datetime import date
from decimal import Decimal

import pytest

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering
from canonical_model.errors import Fault
from canonical_model.markets import Market
from hub.operator_folder.acquisitions_file import AcquisitionsFile, read_acquisitions
from hub.operator_folder.operator_file import SystemBlock
from reconciliation.acquisition.plans import Grandfathered, PlanEntry

MARKETS = {"m": Market(id="m", name="M", zone="America/Denver", currency="USD", technology="active_ethernet")}
SYSTEMS = {
    name: SystemBlock(kind="rest", role=role, market=market, address="x")  # type: ignore[arg-type]
    for name, role, market in (
        ("old", "billing", "m"),
        ("new", "billing", None),
        ("other", "billing", "n"),
        ("crm", "crm", None),
    )
}
SILVER = ProductOffering(
    id="silver",
    charge="access",
    delivered_by="access",
    prices=(OfferingPrice(amount=Decimal("60.00"), valid_from=date(2020, 1, 1)),),
)
CATALOGUE = Catalogue(price_digits=2, back_bill_months=6, offerings=(SILVER,), proration={"m": "actual_actual"})
HEAD = """
acquisitions:
  m:
    name: Somebody
    systems: [old]
    target: new
    owner: kim
    approvers: [ann]
    waves: [W1, W2]
"""


def read(text: str) -> tuple[AcquisitionsFile, list[str]]:
    faults: list[Fault] = []
    file = read_acquisitions(text, MARKETS, SYSTEMS, CATALOGUE, faults)
    return file, [str(fault) for fault in faults]


def test_without_a_file_nothing_is_brought_in() -> None:
    assert read_acquisitions(None, MARKETS, SYSTEMS, CATALOGUE, []).acquisitions == {}


def test_the_map_in_minor_units() -> None:
    plans = """
    plans:
      - {code: A, offering: silver, terms: same}
      - {code: B, rate: 56.95, offering: silver, grandfathered: {until: never, why: promised}}
      - {code: C, rate: 56.95, offering: silver, grandfathered: {until: 2027-09-01, why: promised}}
"""
    file, faults = read(HEAD + plans)
    assert faults == []
    assert file.acquisitions["m"].entries("USD") == (
        PlanEntry("A", "silver"),
        PlanEntry("B", "silver", 5695, Grandfathered(None, "promised")),
        PlanEntry("C", "silver", 5695, Grandfathered(date(2027, 9, 1), "promised")),
    )


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ("  m:", "  mm:", "there is no market mm"),
        ("[old]", "[olt]", "there is no system olt; nearest: old"),
        ("[old]", "[crm]", "crm is a system of crm"),
        ("[old]", "[other]", "other serves market n"),
        ("target: new", "target: old", "old is where accounts come from"),
        ("[W1, W2]", "[W1, W1]", "wave W1 stands here twice"),
        ("approvers: [ann]", "approvers: []", "at least 1"),
    ],
)
def test_wrong_names_are_told(was: str, becomes: str, told: str) -> None:
    assert any(told in fault for fault in read(HEAD.replace(was, becomes))[1])


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ("{code: A, offering: silver}", "say `terms: same`"),
        (
            "{code: A, rate: 1.00, offering: silver, terms: same, grandfathered: {until: never, why: x}}",
            "say `terms: same`",
        ),
        ("{code: A, offering: silver, grandfathered: {until: never, why: x}}", "state it as `rate`"),
        ("{code: A, offering: sliver, terms: same}", "there is no monthly offering sliver; nearest: silver"),
        ("{code: A, rate: 59.99, offering: silver, terms: same}", "59.99 is no price of silver (60.00)"),
        ("{code: A, rate: 59.999, offering: silver, terms: same}", "more decimals than USD has"),
        ("{code: A, rate: 59.99, offering: silver, grandfathered: {until: soon, why: x}}", "until"),
    ],
)
def test_a_plan_that_would_be_rounded_or_says_too_little_is_told(plan: str, told: str) -> None:
    faults = read(f"{HEAD}    plans:\n      - {plan}\n")[1]
    assert any(told in fault and "acquisitions.yaml" in fault for fault in faults), faults


def test_a_plan_stands_once() -> None:
    twice = "    plans:\n" + "      - {code: A, offering: silver, terms: same}\n" * 2
    assert any("stands here twice" in fault for fault in read(HEAD + twice)[1])
