"""Rule files: what they may say, every fault with its line, and what holds where and when."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError, Fault
from rules.rulebook import Rulebook, dump_rules, load_rules, read_folder, read_rulebook

LATE_FEE = """\
id: T-FEE
title: A late fee was forgotten
over: visit
when: days_late > grace_days AND fee IS NULL
exposure: due - COALESCE(fee, 0)
direction: under_billed
exposure_class: recoverable
needs: {billing: 36h, field: 2d}
remedy: charge_fee
owner: finance
severity: minor
parameters:
  grace_days: {type: integer, value: 3, meaning: Days that are forgiven.}
  least: {type: money(2), value: 0.50}
examples:
  - given: {days_late: 5, due: 12.50}
    expect: 12.50
  - given: {days_late: 2, due: 12.50}
    expect: nothing
"""
SHORT = """\
id: {id}
title: Something
over: visit
when: 'TRUE'
exposure: due
direction: by_sign
exposure_class: by_direction
remedy: look
owner: finance
explained_by: [{explained_by}]
examples:
  - {{given: {{due: 1.00}}, expect: 1.00}}
"""


def read(**files: str) -> tuple[Rulebook, list[str]]:
    faults: list[Fault] = []
    texts = {f"{name}.yaml": text for name, text in files.items()}
    book = read_rulebook(texts, faults, markets={"mesa", "riverbend"}, roles={"billing", "field"})
    return book, [str(fault) for fault in faults]


def with_line(number: int, line: str) -> str:
    lines = LATE_FEE.splitlines()
    lines[number - 1] = line
    return "\n".join(lines) + "\n"


def test_a_rule_is_read_as_it_is_written() -> None:
    book, faults = read(fee=LATE_FEE)

    (rule,) = book.rules
    assert faults == []
    assert rule.id == "T-FEE"
    assert rule.needs["field"].total_seconds() == 48 * 3600
    assert rule.parameters["least"].value == Decimal("0.50")
    assert rule.parameters["least"].engine_value == 50
    assert rule.examples[0].expect == Decimal("12.50")
    assert rule.examples[1].expect == "nothing"


@pytest.mark.parametrize(
    ("number", "line", "fault"),
    [
        (2, "titel: x", "f.yaml:2: titel: unknown key; nearest: title"),
        (6, "direction: under-billed", "f.yaml:6: direction: Input should be 'under_billed'"),
        (7, "exposure_class: lots", "f.yaml:7: exposure_class: Input should be 'lost'"),
        (1, "id: lower", "f.yaml:1: id: String should match"),
        (4, "when: true", "f.yaml:4: when: Input should be a valid string"),
        (8, "needs: {billing: soon}", "f.yaml:8: needs.billing: hours or days are expected"),
        (8, "needs: {biling: 36h}", "f.yaml:8: needs.biling: there is no role biling; nearest: billing"),
        (8, "markets: [mesaa]", "f.yaml:8: markets.0: there is no market mesaa; nearest: mesa"),
        (8, "explained_by: [T-FEEE]", "f.yaml:8: explained_by.0: there is no rule T-FEEE; nearest: T-FEE"),
        (
            13,
            "  grace_days: {type: integer, value: 3.5}",
            "f.yaml:13: parameters.grace_days: 3.5 is not of type integer",
        ),
        (13, "  grace_days: {type: int, value: 3}", "f.yaml:13: parameters.grace_days.type: 'int' is not a type"),
        (
            14,
            "  least: {type: money(2), value: 0.505}",
            "f.yaml:14: parameters.least: 0.505 has more than 2 decimals",
        ),
        (17, "    expect: some", "f.yaml:17: examples.0.expect: an amount in major units"),
        (17, "    expct: 1.00", "f.yaml:17: examples.0.expct: unknown key; nearest: expect"),
        (17, "    given: {}", "f.yaml:17: examples.0.given: the key stands twice; first in line 16"),
    ],
)
def test_a_fault_has_its_line_and_key_and_says_what_was_expected(number: int, line: str, fault: str) -> None:
    _, faults = read(f=with_line(number, line))

    assert any(one.startswith(fault) for one in faults), faults


def test_what_is_missing_is_named() -> None:
    _, faults = read(f="id: T-1\ntitle: Something\n")

    assert "f.yaml:1: over: is missing and must be given" in faults


def test_all_faults_of_all_files_are_told_at_once() -> None:
    _, faults = read(a="id: T-1\nnonsense: 1\n", b="- 7\n- x: [\n", c=with_line(6, "direction: sideways"))

    assert {fault.split(":")[0] for fault in faults} == {"a.yaml", "b.yaml", "c.yaml"}
    assert any("b.yaml:3: not YAML" in fault for fault in faults)


def test_an_id_stands_once() -> None:
    _, faults = read(a=LATE_FEE, b="# again\n" + LATE_FEE)

    assert faults == ["b.yaml:2: id: T-FEE is defined already in a.yaml:1"]


def test_explanations_must_not_go_round_in_a_circle() -> None:
    files = {
        name: SHORT.format(id=name, explained_by=other)
        for name, other in [("A-1", "B-1"), ("B-1", "C-1"), ("C-1", "A-1")]
    }
    _, faults = read(**files, d=SHORT.format(id="D-1", explained_by="A-1"))

    assert faults == ["A-1.yaml:10: explained_by: explanations go round in a circle: A-1 -> B-1 -> C-1 -> A-1"]


def test_a_rule_that_explains_itself_is_a_circle() -> None:
    _, faults = read(a=SHORT.format(id="A-1", explained_by="A-1"))

    assert faults == ["a.yaml:10: explained_by: explanations go round in a circle: A-1 -> A-1"]


def test_a_rule_holds_from_its_first_day_up_to_and_without_its_last() -> None:
    book, faults = read(a=LATE_FEE + "valid_from: 2026-01-01\nvalid_to: 2026-02-01\nmarkets: [mesa]\n")

    assert faults == []
    assert [len(book.effective("mesa", date(2026, month, day))) for month, day in [(1, 1), (1, 31), (2, 1)]] == [
        1,
        1,
        0,
    ]
    assert book.effective("mesa", date(2025, 12, 31)) == ()
    assert book.effective("riverbend", date(2026, 1, 1)) == ()


def test_an_override_changes_values_in_its_market_and_days_only() -> None:
    general = "override: T-FEE\nparameters: {grace_days: 10}\nseverity: critical\n"
    mesa = "override: T-FEE\nmarkets: [mesa]\nvalid_from: 2026-06-01\nparameters: {grace_days: 20, least: 1.00}\n"
    book, faults = read(a_mesa=mesa, b_general=general, c=LATE_FEE)

    def grace(market: str, day: date) -> object:
        (rule,) = book.effective(market, day)
        return rule.parameters["grace_days"].value

    assert faults == []
    assert grace("riverbend", date(2026, 6, 1)) == 10
    assert grace("mesa", date(2026, 5, 31)) == 10
    assert grace("mesa", date(2026, 6, 1)) == 20
    assert book.effective("mesa", date(2026, 6, 1))[0].severity == "critical"
    assert book.rules[0].parameters["grace_days"].value == 3


def test_a_rule_is_switched_off_everywhere_or_in_one_market() -> None:
    here, _ = read(a=LATE_FEE, b="override: T-FEE\noff: true\nmarkets: [mesa]\n")
    everywhere_but, _ = read(
        a=LATE_FEE, b="- {override: T-FEE, off: true}\n- {override: T-FEE, off: false, markets: [mesa]}\n"
    )

    assert [len(here.effective(market, date(2026, 1, 1))) for market in ("mesa", "riverbend")] == [0, 1]
    assert [len(everywhere_but.effective(market, date(2026, 1, 1))) for market in ("mesa", "riverbend")] == [1, 0]


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("override: T-FE\noff: true\n", "o.yaml:1: override: there is no rule T-FE; nearest: T-FEE"),
        ("override: T-FEE\nof: true\n", "o.yaml:2: of: unknown key; nearest: off"),
        (
            "override: T-FEE\nparameters: {grace: 1}\n",
            "o.yaml:2: parameters.grace: T-FEE has no parameter grace; nearest: grace_days",
        ),
        (
            "override: T-FEE\nparameters: {least: 0.005}\n",
            "o.yaml:2: parameters.least: 0.005 has more than 2 decimals",
        ),
        ("override: T-FEE\nmarkets: [moon]\n", "o.yaml:2: markets.0: there is no market moon"),
        (
            "override: T-FEE\nvalid_from: 2026-02-01\nvalid_to: 2026-01-01\n",
            "o.yaml:3: valid_to: must come after valid_from",
        ),
        (
            "- {override: T-FEE, off: true, valid_from: 2026-01-01}\n- {override: T-FEE, off: false}\n",
            "o.yaml:2: 1.off: o.yaml:1 sets it for T-FEE too, for the same days and markets",
        ),
    ],
)
def test_an_override_that_cannot_be_meant_is_a_fault(override: str, fault: str) -> None:
    _, faults = read(c=LATE_FEE, o=override)

    assert any(one.startswith(fault) for one in faults), faults


def test_overrides_for_other_days_or_markets_do_not_contradict_each_other() -> None:
    _, faults = read(
        a=LATE_FEE,
        b="- {override: T-FEE, off: true, valid_to: 2026-01-01}\n"
        "- {override: T-FEE, off: false, valid_from: 2026-01-01}\n"
        "- {override: T-FEE, off: true, markets: [mesa]}\n"
        "- {override: T-FEE, off: true, markets: [riverbend]}\n",
    )

    assert faults == []


def test_rules_travel_in_a_snapshot_as_text() -> None:
    book, _ = read(
        a=LATE_FEE, b="override: T-FEE\nparameters: {grace_days: 10}\n", c=SHORT.format(id="A-1", explained_by="")
    )
    rules = book.effective("mesa", date(2026, 1, 1))

    text = dump_rules(rules)

    assert load_rules(text) == list(rules)
    assert dump_rules(load_rules(text)) == text
    with pytest.raises(ConfigurationError, match="is missing and must be given"):
        load_rules("- {id: T-1}")


def test_a_folder_is_read_with_the_names_that_people_know(tmp_path: Path) -> None:
    faults: list[Fault] = []
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "fee.yaml").write_text(LATE_FEE, encoding="utf-8")
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9\n")

    files = read_folder(tmp_path, "rules", faults)

    assert files == {"rules/deep/fee.yaml": LATE_FEE}
    assert [str(fault) for fault in faults] == [
        "rules/latin.yaml: is not UTF-8 text: invalid continuation byte at byte 10"
    ]
    assert read_folder(tmp_path / "nowhere", "rules", faults) == {}
