"""A market is judged as it was known at a moment: no record that was learned later, no feed that was pulled later."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from canonical_model.errors import ConfigurationError
from hub.reconcile import MarketOutcome, reconcile_market
from reconciliation.report import MarketReport
from reconciliation.snapshot.manifest import read_manifest
from tests.fakes.small_hub import SmallHub
from tests.fakes.small_operator import AS_OF, SmallOperator

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def paying(rate: str, *accounts: str) -> SmallOperator:
    operator = SmallOperator()
    operator.clean("7")
    for account in accounts:
        operator.installed(account)
        operator.whole_months(account, "SLV", rate, (1, 2, 3))
    return operator


@pytest.fixture
def small(tmp_path: Path) -> SmallHub:
    return SmallHub(tmp_path)


def judged(small: SmallHub, as_of: datetime) -> MarketOutcome:
    with small.open() as hub:
        return reconcile_market(hub, "oldtown", as_of, AS_OF + 100 * DAY)


def told(outcome: MarketOutcome) -> dict[str, int]:
    return {f"{one.rule_id} {one.subject}": one.exposure_minor for one in outcome.report.findings}


def of_the_past(outcome: MarketOutcome) -> MarketReport:
    """A report without what is of today, and without the checksum, in which the order of rows counts."""
    report = outcome.report
    return replace(report, cases=(), kpis=(), cohorts=(), history=(), versions={**report.versions, "snapshot": ""})


def inconclusive(outcome: MarketOutcome) -> set[str]:
    return {rule.id for rule in outcome.report.rules.values() if rule.outcome == "inconclusive"}


def test_a_moment_in_the_past_is_judged_by_what_was_known_then(small: SmallHub) -> None:
    small.pull(paying("50.00", "1"), AS_OF)
    then = judged(small, AS_OF)
    small.pull(paying("55.00", "1", "2"), AS_OF + DAY)

    assert told(judged(small, AS_OF + DAY)) == {"RL-C05 1": 1500, "RL-C05 2": 1500}
    for moment in (AS_OF, AS_OF + DAY - timedelta(microseconds=1)):
        again = judged(small, moment)
        assert told(again) == told(then) == {"RL-C05 1": 3000}
        assert inconclusive(again) == set()
    assert of_the_past(judged(small, AS_OF)) == of_the_past(then)


def test_a_record_that_a_source_deleted_later_is_known_at_the_moment_before(small: SmallHub) -> None:
    small.pull(paying("50.00", "1"), AS_OF)
    small.pull(paying("50.00"), AS_OF + HOUR)

    assert told(judged(small, AS_OF)) == {"RL-C05 1": 3000}
    assert told(judged(small, AS_OF + HOUR)) == {}


def test_feeds_are_as_fresh_as_they_were_then(small: SmallHub) -> None:
    small.pull(paying("50.00", "1"), AS_OF)
    small.pull(paying("50.00", "1"), AS_OF + 3 * DAY, systems=("crm", "billing", "fsm"))

    feeds = {feed.system: feed for feed in read_manifest(judged(small, AS_OF + 2 * DAY).snapshot).feeds}
    assert {feed.last_success_at for feed in feeds.values()} == {AS_OF}
    late = judged(small, AS_OF + 3 * DAY)
    assert "RL-B01" in inconclusive(late)
    assert "RL-C05" not in inconclusive(late)


@pytest.mark.parametrize("before", [timedelta(microseconds=1), 60 * DAY])
def test_before_anything_was_known_nothing_is_judged(small: SmallHub, before: timedelta) -> None:
    small.pull(paying("50.00", "1"), AS_OF)

    with pytest.raises(ConfigurationError) as refused:
        judged(small, AS_OF - before)
    assert str(refused.value).startswith("nothing of market oldtown was known on 2026-0")
    assert "the first pull began on 2026-04-05 12:00 UTC" in str(refused.value)
    assert "Judge at that moment or later; the months before it are judged as well" in str(refused.value)
    assert not list(small.workspace.glob("snapshots/*/*"))


def test_a_market_that_was_never_pulled_is_not_judged(small: SmallHub) -> None:
    with pytest.raises(ConfigurationError, match="oldtown was ever pulled: run `splice sync` first"):
        judged(small, AS_OF)


def test_every_month_before_the_first_pull_is_judged_by_what_that_pull_brought(small: SmallHub) -> None:
    """An operator that connects its systems today wants to know what the last year cost."""
    small.pull(paying("50.00", "1"), AS_OF)
    report = judged(small, AS_OF).report

    assert [line.period.month for line in report.findings[0].lines] == [1, 2, 3]


def test_a_pull_that_broke_off_makes_the_rules_inconclusive_that_need_it(small: SmallHub) -> None:
    small.pull(paying("50.00", "1"), AS_OF)
    small.pull(paying("50.00", "1"), AS_OF + HOUR, systems=("billing",), outcome="failed")
    outcome = judged(small, AS_OF + HOUR)

    assert told(outcome) == {}
    assert outcome.report.rules["RL-C05"].outcome == "inconclusive"
    assert outcome.report.rules["RL-B01"].outcome == "clean"
    reasons = {entry.subject: entry.reason for entry in outcome.report.not_judged}
    assert reasons["RL-C05"] == (
        "billing feed billing/all is in doubt: its pull of 2026-04-05 13:00 UTC failed half-way"
    )

    small.pull(paying("50.00", "1"), AS_OF + 2 * HOUR, systems=("billing",))
    assert told(judged(small, AS_OF + 2 * HOUR)) == {"RL-C05 1": 3000}


def test_a_feed_that_shrank_makes_the_rules_inconclusive_that_need_it(tmp_path: Path) -> None:
    small = SmallHub(tmp_path, shrink_percent=20)
    accounts = [str(number) for number in range(10, 20)]
    small.pull(paying("50.00", *accounts), AS_OF)
    small.pull(paying("50.00", *accounts[:5]), AS_OF + HOUR)
    outcome = judged(small, AS_OF + HOUR)

    assert told(outcome) == {}
    assert set(inconclusive(outcome)) == set(outcome.report.rules)
    reasons = {entry.subject: entry.reason for entry in outcome.report.not_judged if entry.scope == "rule"}
    assert (
        "billing feed billing/all holds 18 records, 33 one complete pull earlier:"
        " more than the 20 % that may be missing are gone"
    ) in reasons["RL-C05"]

    small.pull(paying("50.00", *accounts[:5]), AS_OF + 2 * HOUR)
    assert len(told(judged(small, AS_OF + 2 * HOUR))) == 5


def test_a_feed_says_how_many_records_it_holds(small: SmallHub) -> None:
    small.pull(paying("50.00", "1"), AS_OF)
    feeds = read_manifest(judged(small, AS_OF).snapshot).feeds
    assert {feed.system: feed.records for feed in feeds} == {"crm": 4, "billing": 6, "fsm": 6, "olt": 2}
    assert {feed.last_pull_outcome for feed in feeds} == {"succeeded"}
