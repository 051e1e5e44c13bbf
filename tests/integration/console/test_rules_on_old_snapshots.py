"""`splice rules test`: what a rule would have found, whose money it takes, and that nothing is recorded."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from hub.reconcile import MarketOutcome
from reconciliation.snapshot.manifest import MANIFEST_FILE
from storage.schema.cases import FINDING_CASE
from storage.schema.reconciliation import FINDING, RECONCILIATION_RUN
from tests.fakes.command_line import CommandLine
from tests.fakes.judged_once import pulled_and_judged
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

DAY = timedelta(days=1)
NEW_RULE = """
id: SF-C90
title: A price that is five dollars or more too low
over: charge
when: price_amount >= 5.00
exposure: price_amount
direction: under_billed
exposure_class: lost_or_recoverable
remedy: correct_price
owner: finance
{more}
examples:
  - given: {{price_amount: 5.00}}
    expect: {expected}
  - given: {{price_amount: 4.99}}
    expect: nothing
"""


def leaking(*too_cheap: str) -> SmallOperator:
    """Prices that are too low, and an account that was never billed, nor was its router."""
    operator = SmallOperator()
    operator.clean("7")
    for account in too_cheap:
        operator.installed(account)
        operator.whole_months(account, "SLV", "55.00", (1, 2, 3))
    operator.installed("30", date(2026, 2, 1), router="leased")
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, operator: SmallOperator, day: int = 0) -> MarketOutcome:
    return pulled_and_judged(small, operator, AS_OF + day * DAY)


def asked(small: SmallHub, rule: str, *words: str) -> Any:
    done = CommandLine(small).other("rules", "test", rule, "--json", *words)
    assert done.exception is None, done.exception
    return json.loads(done.output)


def refused(small: SmallHub, rule: str, *words: str) -> str:
    done = CommandLine(small).other("rules", "test", rule, *words)
    assert isinstance(done.exception, ConfigurationError | UnsafeToContinue), done.output
    return str(done.exception)


@pytest.fixture
def rule_file(tmp_path: Path) -> Callable[..., str]:
    def write(text: str = NEW_RULE, **parts: str) -> str:
        path = tmp_path / "tried.yaml"
        path.write_text(text.format(**{"more": "", "expected": "5.00"} | parts), encoding="utf-8")
        return str(path)

    return write


def changed_rule(rule_id: str, before: str, after: str) -> str:
    """The shipped rule with another text somewhere, braces doubled for ``format``."""
    text = rules_text(rule_id)
    assert before in text
    return text.replace(before, after).replace("{", "{{").replace("}", "}}")


def test_a_new_rule_shows_what_it_finds_and_records_nothing(small: SmallHub, rule_file: Callable[..., str]) -> None:
    outcome = judged(small, leaking("10", "11"))
    before = everything_in(small)

    told = asked(small, rule_file(), "--snapshot", outcome.snapshot.name)

    assert told["examples"] == 2
    (snapshot,) = told["snapshots"]
    assert snapshot["in_force"]["outcome"] == "absent"
    assert snapshot["tried"] == {
        "outcome": "findings",
        "reason": "",
        "groups": [
            {"direction": "under_billed", "exposure_class": "recoverable", "findings": 2, "exposure_minor": 3000}
        ],
    }
    (first, second) = snapshot["changes"]
    assert (first["kind"], first["before"], second["kind"]) == ("new", None, "new")
    assert {first["after"]["subject"], second["after"]["subject"]} == {"10", "11"}
    assert [line["exposure_minor"] for line in first["after"]["lines"]] == [500, 500, 500]
    assert first["after"]["evidence"]
    assert snapshot["other_rules"] == {}
    assert everything_in(small) == before


def everything_in(small: SmallHub) -> tuple[object, ...]:
    files = {str(path): path.stat().st_mtime_ns for path in (small.workspace / "snapshots").rglob("*")}
    with small.open() as hub, hub.database.reading() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (RECONCILIATION_RUN, FINDING, FINDING_CASE)
        ]
    return counts, files, sorted((small.workspace / "runs").rglob("*"))


def test_a_changed_rule_is_held_beside_the_one_in_force(small: SmallHub, rule_file: Callable[..., str]) -> None:
    outcome = judged(small, leaking("10"))
    stricter = changed_rule("RL-C05", "NOT on_hold", "NOT on_hold AND price_amount > 5.00")
    stricter = stricter.replace("price_amount: 5.0", "price_amount: 5.01").replace("expect: 5.0", "expect: 5.01")

    message = refused(small, rule_file(stricter), "--snapshot", outcome.snapshot.name)
    assert "1 of 4 examples do not hold, so no snapshot was judged" in message
    assert "RL-C05, example 2: found nothing, not -3.5" in message

    kept = stricter.replace("price_amount > 5.00", "(price_amount > 5.00 OR price_amount < 0.00)")
    (snapshot,) = asked(small, rule_file(kept), "--snapshot", str(outcome.snapshot))["snapshots"]
    assert [group["exposure_minor"] for group in snapshot["in_force"]["groups"]] == [1500]
    assert snapshot["tried"]["outcome"] == "clean"
    (gone,) = snapshot["changes"]
    assert (gone["kind"], gone["before"]["exposure_minor"], gone["after"]) == ("gone", 1500, None)
    assert [entry[0] for entry in snapshot["differences"]["explained_no_more"]] == ["service/10"]


def test_the_money_of_other_rules_moves_as_one_cause_has_one_amount(
    small: SmallHub, rule_file: Callable[..., str]
) -> None:
    operator = leaking()
    operator.installed("40", date(2026, 1, 1))
    operator.whole_months("40", "SLV", "60.00", (2, 3))
    outcome = judged(small, operator)
    wider = changed_rule("RL-A01", "never_billed AND network_live", "network_live")
    wider = wider[: wider.index("  - given:\n      never_billed: false")]

    (snapshot,) = asked(small, rule_file(wider), "--snapshot", outcome.snapshot.name)["snapshots"]

    ((own,), (other,)) = snapshot["changes"], snapshot["other_rules"]["RL-A02"]
    assert (own["kind"], own["after"]["subject"], own["after"]["exposure_minor"]) == ("new", "40", 6000)
    assert (other["kind"], other["before"]["exposure_minor"], other["after"]["exposure_minor"]) == (
        "changed",
        6000,
        0,
    )
    assert other["after"]["explained_by"] == own["after"]["fingerprint"]
    (before,), (after,) = snapshot["all_rules"]["in_force"], snapshot["all_rules"]["tried"]
    assert before["exposure_minor"] == after["exposure_minor"]


def test_a_rule_that_finds_less_leaves_differences_that_no_rule_explains(
    small: SmallHub, rule_file: Callable[..., str]
) -> None:
    outcome = judged(small, leaking())
    text = changed_rule("RL-A01", "when: never_billed", "when: FALSE")
    text = text[: text.index("  examples:")] + "  examples:\n  - given: {{}}\n    expect: nothing\n"
    (snapshot,) = asked(small, rule_file(text), "--snapshot", outcome.snapshot.name)["snapshots"]
    assert [change["kind"] for change in snapshot["changes"]] == ["gone"]
    (router,) = snapshot["other_rules"]["RL-E01"]
    assert router["before"]["explained_by"]
    assert router["after"] is None
    assert [entry[0] for entry in snapshot["differences"]["explained_no_more"]] == ["service/30", "service/30"]


def test_two_snapshots_are_held_against_each_other(small: SmallHub, rule_file: Callable[..., str]) -> None:
    first = judged(small, leaking("10", "11"))
    changed = leaking("11", "12")
    changed.line("12", "SLV", date(2026, 3, 1), date(2026, 4, 1), "5.00", "5.00", "s2")
    second = judged(small, changed, day=1)

    told = asked(small, rule_file(), "--snapshot", first.snapshot.name, "--against", second.snapshot.name)

    assert len(told["snapshots"]) == 2
    kinds = {(change["after"] or change["before"])["subject"]: change["kind"] for change in told["between"]}
    assert kinds == {"10": "gone", "12": "new"}


def test_a_person_sees_findings_by_direction_with_their_proof(small: SmallHub, rule_file: Callable[..., str]) -> None:
    outcome = judged(small, leaking("10"))
    done = CommandLine(small).other("rules", "test", rule_file(), "--snapshot", outcome.snapshot.name)
    assert done.exception is None, done.exception
    assert "SF-C90 A price that is five dollars or more too low: 2 examples hold" in done.output
    assert "new under_billed recoverable: +USD 15.00" in done.output or "+15.00 USD" in done.output
    assert "2026-01 access: expected" in done.output
    assert "proof: crm/ProductOrder/" in done.output
    assert "nothing was recorded" in done.output


def test_a_rule_that_finds_more_than_its_bound_is_held_back(small: SmallHub, rule_file: Callable[..., str]) -> None:
    outcome = judged(small, leaking("10", "11"))
    (snapshot,) = asked(small, rule_file(more="bound: 1"), "--snapshot", outcome.snapshot.name)["snapshots"]
    assert snapshot["tried"]["outcome"] == "inconclusive"
    assert snapshot["tried"]["reason"].startswith("finds more than its bound: 2 subjects, 1 at most; held back")
    assert snapshot["changes"] == []
    (within,) = asked(small, rule_file(more="bound: 2"), "--snapshot", outcome.snapshot.name)["snapshots"]
    assert within["tried"]["outcome"] == "findings"


def test_a_run_holds_a_rule_back_and_leaves_its_findings_open(small: SmallHub) -> None:
    judged(small, leaking("10"))
    rules = small.folder / "rules"
    rules.mkdir()
    (rules / "bound.yaml").write_text("override: RL-C05\nbound: 1\n")

    second = judged(small, leaking("10", "11", "12"), day=1)

    assert second.report.rules["RL-C05"].outcome == "inconclusive"
    assert [one.rule_id for one in second.report.findings if one.rule_id == "RL-C05"] == []
    with small.open() as hub, hub.database.reading() as connection:
        found = connection.execute(select(FINDING.c.subject, FINDING.c.status).where(FINDING.c.rule_id == "RL-C05"))
        assert [tuple(row) for row in found] == [("10", "open")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: [", r"tried.yaml"),
        (NEW_RULE.replace("over: charge", "over: chagre"), "there is no view chagre; nearest: charge"),
        (NEW_RULE.replace("price_amount >= 5.00", "price_amout >= 5.00"), "price_amout"),
        ("[]", "one rule or one override is tried at a time; the file holds 0"),
        ("override: RL-C05\nparameters: {{no_such: 3}}\n", "RL-C05 has no parameter no_such"),
        ("override: RL-XYZ\noff: true\n", "there is no rule RL-XYZ"),
        (NEW_RULE.replace("owner: finance", "owner: finance\nhandoff: nowhere"), "there is no hand-off nowhere"),
        (NEW_RULE.replace("{more}", "explained_by: [RL-NONE]"), "there is no rule RL-NONE"),
        (NEW_RULE.replace("{more}", "markets: [mesa]"), "there is no market mesa"),
    ],
)
def test_faults_of_a_file_are_told_with_their_place(
    small: SmallHub, rule_file: Callable[..., str], text: str, told: str
) -> None:
    outcome = judged(small, leaking("10"))
    assert told in refused(small, rule_file(text), "--snapshot", outcome.snapshot.name)


def test_what_is_not_there_is_told(small: SmallHub, rule_file: Callable[..., str], tmp_path: Path) -> None:
    outcome = judged(small, leaking("10"))
    name = outcome.snapshot.name
    assert "there is no rule RL-C5" in refused(small, "RL-C5", "--snapshot", name)
    assert "nowhere.yaml cannot be read" in refused(small, str(tmp_path / "nowhere.yaml"), "--snapshot", name)
    missing = refused(small, "RL-C05", "--snapshot", "20200101T000000Z")
    assert f"there is no snapshot 20200101T000000Z: give its folder, or one of oldtown/{name}" == missing
    switched_off = rule_file("override: RL-C05\noff: true\n")
    assert "is not for market oldtown, or is switched off there" in refused(small, switched_off, "--snapshot", name)


def test_a_snapshot_of_an_older_format_or_with_a_wrong_checksum_is_refused(small: SmallHub) -> None:
    outcome = judged(small, leaking("10"))
    name = outcome.snapshot.name
    file = outcome.snapshot / "by_service/0000/billed.parquet"
    content = file.read_bytes()
    file.write_bytes(content[:-9] + b"x" + content[-8:])
    told = refused(small, "RL-C05", "--snapshot", name)
    assert told == (
        f"snapshot {name}: by_service/0000/billed.parquet differs from its manifest;"
        " restore the folder from its backup"
    )
    file.unlink()
    assert "by_service/0000/billed.parquet is missing" in refused(small, "RL-C05", "--snapshot", name)

    manifest = outcome.snapshot / MANIFEST_FILE
    plain = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(plain | {"format": 3}), encoding="utf-8")
    told = refused(small, "RL-C05", "--snapshot", name)
    assert f"snapshot {name} is of format 3, and this version of Splice judges format" in told
    manifest.write_text("{", encoding="utf-8")
    assert "is no manifest of format" in refused(small, "RL-C05", "--snapshot", name)
