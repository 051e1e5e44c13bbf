"""What a report says in one sentence; nothing that was not judged is called clean."""

from hub.reports.verdict import verdict
from reconciliation.findings import NotJudged
from tests.unit.hub.market_reports import finding, line, market_report

STALE = NotJudged("rule", "RL-B02", "The network feed is 61 hours old.")


def test_findings_are_counted_without_those_that_others_explain() -> None:
    explained = finding("RB-9", lines=[line(exposure=0)], explained_by="0123456789abcdef")
    said = verdict(market_report(finding("RB-1"), finding("RB-2"), explained))
    assert said.standing == "findings"
    assert said.headline == "2 findings, 1 more explained by them"


def test_clean_needs_every_rule_judged_and_nothing_set_aside() -> None:
    said = verdict(market_report(outcomes={"RL-A01": "clean", "RL-B04": "clean"}))
    assert (said.standing, said.headline) == ("clean", "Nothing found")
    assert said.sentence == "2 rules judged, 1,200 rows of expected and billed charges compared."


def test_one_inconclusive_rule_is_enough_not_to_be_clean() -> None:
    said = verdict(market_report(outcomes={"RL-A01": "clean", "RL-B02": "inconclusive"}, not_judged=(STALE,)))
    assert (said.standing, said.incomplete) == ("in_part", "1 inconclusive rule")


def test_one_record_that_joins_nothing_is_enough_not_to_be_clean() -> None:
    record = NotJudged("record", "fsm/work_order/7", "Names no order.")
    said = verdict(market_report(outcomes={"RL-A01": "clean"}, not_judged=(record,)))
    assert (said.standing, said.incomplete) == ("in_part", "1 unjoined record")


def test_a_market_whose_rules_are_all_inconclusive_is_not_judged() -> None:
    said = verdict(market_report(outcomes={"RL-A01": "inconclusive", "RL-B02": "off"}))
    assert said.standing == "blind"
    assert "not a clean result" in said.headline


def test_a_market_without_a_compared_row_is_not_judged() -> None:
    said = verdict(market_report(outcomes={"RL-A01": "clean"}, compared=0))
    assert said.standing == "blind"
    assert "could be compared" in said.sentence


def test_findings_do_not_hide_what_was_not_judged() -> None:
    difference = NotJudged("difference", "RB-4", "No rule explains 5.00.")
    said = verdict(market_report(finding(), outcomes={"RL-B02": "inconclusive"}, not_judged=(STALE, difference)))
    assert said.incomplete == "1 inconclusive rule, 1 unexplained difference"
