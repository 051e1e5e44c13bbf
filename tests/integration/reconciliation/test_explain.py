"""`explain` computes every finding again from the snapshot alone, and comes to the same cents."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from judged import JudgeAll, Judged, money

from canonical_model.catalogue import Proration, ProrationConvention
from canonical_model.errors import ConfigurationError
from reconciliation.explain import explain_device, explain_service
from reconciliation.explanation import Explanation, MonthExplained
from reconciliation.findings import Finding
from reconciliation.run import reconcile
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import LAST_YEAR, SmallOperator, serial_of

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))

SHARE_OF = {
    "RL-A01": "before billing began",
    "RL-A02": "before billing began",
    "RL-A03": "billed before the service worked",
    "RL-B01": "never recorded",
    "RL-B02": "billed before the service worked",
    "RL-B03": "after billing ended",
    "RL-B04": "billed after the service ended",
    "RL-B05": "billed a second time",
    "RL-C01": "another tier than billed",
    "RL-C03": "another tier than billed",
    "RL-C05": "another price than the catalogue's",
    "RL-C07": "another amount than the line's rate gives",
    "RL-D01": "discount beyond what was promised",
    "RL-E01": "charge missing from the bill",
    "RL-G01": "live while suspended",
}
"""Which share of the arithmetic each rule's money is."""


def every_mistake(convention: ProrationConvention = "actual_actual") -> SmallOperator:
    """At least one finding of every rule; the amounts on the bills matter to nobody here."""
    operator = SmallOperator(proration=Proration(convention=convention))
    operator.clean("7")
    operator.installed("10", date(2026, 1, 10), install_fee_waived=False, router="leased")
    operator.installed("11", date(2026, 1, 10), "gold", ordered="silver")
    operator.line("11", "SLV", date(2026, 1, 20), FEBRUARY, "55.00", "21.29")
    operator.whole_months("11", "SLV", "55.00", (2, 3))
    operator.installed("12", date(2026, 2, 12))
    operator.line("12", "SLV", date(2026, 2, 5), MARCH, "60.00", "51.43")
    operator.line("12", "SLV", date(2026, 2, 20), MARCH, "60.00", "19.29", "s2")
    operator.whole_months("12", "SLV", "60.00", (3,))
    operator.seen("GHST00000001", "G", date(2026, 2, 10))
    operator.account("13")
    operator.order("13", "913", effective_on=JANUARY, offering_id="silver", install_fee_waived=True)
    operator.open_job("913")
    operator.whole_months("13", "SLV", "60.00", (1, 2, 3))
    operator.installed("14")
    operator.line("14", "SLV", JANUARY, date(2026, 1, 20), "60.00", "36.77")
    operator.installed("15", dark_since=date(2026, 2, 10))
    operator.order("15", "9915", "cease", effective_on=date(2026, 2, 10))
    operator.whole_months("15", "SLV", "60.00", (1, 2, 3))
    operator.installed("16", router="leased")
    operator.records = [record for record in operator.records if record.source_id != serial_of("16")]
    operator.seen(serial_of("16"), "G", date(2026, 2, 10))
    operator.whole_months("16", "SLV", "60.00", (1, 2, 3))
    operator.installed("17", date(2025, 12, 10), promotion_code="hello")
    operator.whole_months("17", "SLV", "60.00", (1, 2, 3))
    operator.whole_months("17", "HEL", "-20.00", (1, 2, 3))
    operator.installed("18")
    operator.subscription("18", "18-s1", LAST_YEAR)
    operator.suspension("18-s1", date(2026, 2, 16))
    operator.whole_months("18", "SLV", "60.00", (1,))
    operator.line("18", "SLV", FEBRUARY, date(2026, 2, 16), "60.00", "32.14")
    operator.account("19")
    operator.order("19", "919", effective_on=FEBRUARY, offering_id="silver", install_fee_waived=True)
    operator.job("919", date(2026, 2, 15), "silver", serial_of("7"))
    operator.whole_months("19", "SLV", "60.00", (2, 3))
    return operator


CONVENTIONS: tuple[ProrationConvention, ...] = ("actual_actual", "actual_30", "thirty_360", "none")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, id=name, marks=pytest.mark.xdist_group(name)) for name in CONVENTIONS],
)
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("explain")
    every_mistake(request.param).snapshot(folder / "snapshot", rules_text(), buckets=1)
    return Judged(folder / "snapshot", folder / "output", reconcile(folder / "snapshot", folder / "output"))


@cache
def account_explained(folder: Path, account: str) -> Explanation:
    return explain_service(folder, read_manifest(folder), account)


def explained(judged: Judged, finding: Finding) -> Explanation:
    if finding.subject_kind == "serial":
        return explain_device(judged.folder, judged.manifest, finding.subject)
    return account_explained(judged.folder, finding.subject)


def share(explanation: Explanation, finding: Finding) -> int:
    """The finding's money as the arithmetic has it, in the finding's direction."""
    months = {line.period for line in finding.lines}
    charges = {line.charge for line in finding.lines if line.charge}
    total = sum(
        amount
        for month in explanation.months
        if month.period in months and (not charges or month.charge in charges)
        for name, amount in month.parts
        if name == SHARE_OF[finding.rule_id]
    )
    return -total if finding.direction == "over_billed" else total


def test_every_rule_has_something_to_explain(judged: Judged) -> None:
    found = {finding.rule_id for finding in judged.outcome.findings} | {"RL-C07"}  # bills of other conventions
    without_parts_of_months = judged.manifest.catalogue.proration["oldtown"].convention == "none"

    assert found == {*SHARE_OF, "RL-B05-shared-device"} - ({"RL-A02", "RL-A03"} if without_parts_of_months else set())


def test_the_arithmetic_of_every_finding_comes_to_its_cents(judged: Judged) -> None:
    told = {
        (finding.rule_id, finding.subject): (finding.exposure_minor, share(explained(judged, finding), finding))
        for finding in judged.outcome.findings
        if finding.rule_id in SHARE_OF and finding.explained_by is None
    }

    assert {key: found for key, (found, _) in told.items()} == {key: again for key, (_, again) in told.items()}


def test_a_device_on_two_accounts_is_worth_the_bill_lines_of_the_later_one(judged: Judged) -> None:
    (finding,) = (one for one in judged.outcome.findings if one.rule_id == "RL-B05-shared-device")
    explanation = explained(judged, finding)

    assert finding.exposure_minor == sum(month.billed_minor for month in explanation.months) == 120_00
    assert {line.source for month in explanation.months for line in month.billed} <= set(finding.evidence)


def test_shares_add_up_to_the_difference_on_every_row(judged: Judged) -> None:
    for account in {one.subject for one in judged.outcome.findings if one.subject_kind == "service"}:
        for month in account_explained(judged.folder, account).months:
            assert sum(amount for _, amount in month.parts) == month.expected_minor - month.billed_minor, month


def test_pieces_add_up_to_what_is_expected_and_billed(judged: Judged) -> None:
    for month in account_explained(judged.folder, "11").months:
        assert sum(piece.amount_minor for piece in month.expected) == month.expected_minor
        assert sum(line.amount_minor for line in month.billed) == month.billed_minor


def lines(month: MonthExplained) -> list[str]:
    return [
        f"{piece.product} {piece.starts_on:%d %b}..{piece.ends_on:%d %b} {piece.days}/{piece.of} of"
        f" {money(int(piece.unit_minor))} at {piece.percent} % = {money(piece.amount_minor)}"
        for piece in (*month.expected, *month.billed)
    ]


def account_10(judge_all: JudgeAll, **installed: object) -> Explanation:
    operator = SmallOperator()
    operator.clean("7")
    operator.installed("10", date(2026, 1, 10), **installed)  # type: ignore[arg-type]
    operator.line("10", "SLV", date(2026, 1, 20), FEBRUARY, "60.00", "23.23")
    judged = judge_all(operator)
    return explain_service(judged.folder, judged.manifest, "10")


def test_a_line_of_arithmetic_can_be_done_again_by_hand(judge_all: JudgeAll) -> None:
    january = account_10(judge_all).months[0]

    assert lines(january) == [
        "silver 10 Jan..01 Feb 22/31 of 60.00 at 100 % = 42.58",
        "silver 20 Jan..01 Feb 12/31 of 60.00 at 100 % = 23.23",
    ]
    assert january.parts == (("before billing began", 1935),)


def test_a_percentage_is_shown_as_one(judge_all: JudgeAll) -> None:
    tenth = next(month for month in account_10(judge_all, promotion_code="tenth").months if month.charge == "tenth")

    assert lines(tenth) == ["silver 10 Jan..01 Feb 22/31 of 60.00 at -10 % = -4.26"]


def test_the_facts_say_what_each_system_believes(judge_all: JudgeAll) -> None:
    facts = dict(account_10(judge_all).facts)

    assert facts["account"] == "10"
    assert facts["serial"] == serial_of("10")
    assert facts["service_start"] == "2026-01-10"
    assert facts["billing_from"] == "2026-01-20"
    assert facts["network_live"] == "True"
    assert "ceased_on" not in facts


def test_months_that_agree_are_explained_as_well(judge_all: JudgeAll) -> None:
    operator = SmallOperator()
    operator.clean("7")
    judged = judge_all(operator)

    months = explain_service(judged.folder, judged.manifest, "0007").months
    assert [(month.period, month.expected_minor, month.billed_minor, month.parts) for month in months] == [
        (month, 6000, 6000, ()) for month in (JANUARY, FEBRUARY, MARCH)
    ]


def test_what_the_snapshot_does_not_know_is_told(judge_all: JudgeAll, tmp_path: Path) -> None:
    operator = SmallOperator()
    operator.clean("7")
    judged = judge_all(operator)

    with pytest.raises(ConfigurationError, match=r"snapshot snapshot-1 of Old Town knows no service 404"):
        explain_service(judged.folder, read_manifest(judged.folder), "404")
    with pytest.raises(ConfigurationError, match=r"snapshot snapshot-1 knows no device with serial CXNK12AB34CD"):
        explain_device(judged.folder, read_manifest(judged.folder), "0x43584e4b12ab34cd")
