"""From a finding to the money back: reconcile, propose, approve, send over the wire, pull, reconcile again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from hub.cases.decisions import dismiss
from hub.cases.remedies import approve
from hub.cases.sending import note_outbox, send_approved
from hub.cases.shown import ShownCase, shown_case
from hub.decision import Decision
from hub.effects.drain import drain
from hub.kpis import market_kpis
from hub.reconcile import reconcile_market
from hub.sync import sync_system, systems_of
from hub.takeover.authority import authority_of
from hub.workplace import Hub
from reconciliation.cases import state_of
from storage.case_list import CaseFilter, ListedCase, listed_cases
from tests.fakes.lumen_valley import LumenValley, lumen_valley

MARKET = "riverbend"
ANALYST, LEAD = "finance-analyst", "finance-lead"
DAY = timedelta(days=1)


@dataclass
class Desk:
    """A hub over a running estate, whose day is moved by hand."""

    operator: LumenValley
    hub: Hub
    now: datetime

    def pull(self, *systems: str) -> None:
        for system in systems or systems_of(self.hub, MARKET):
            sync_system(self.hub, system, self.now)

    def judge(self) -> None:
        reconcile_market(self.hub, MARKET, self.now, self.now)

    def proposed(self, kind: str) -> list[ListedCase]:
        """Cases for which the run proposed such a remedy, most money first."""
        with self.hub.database.reading() as connection:
            found, _ = listed_cases(connection, CaseFilter(market=MARKET))
        return [case for case in found if kind in {remedy.kind for remedy in self.shown(case).remedies}]

    def identified(self) -> int:
        """What was ever found billed too little, lost or recoverable."""
        with self.hub.database.reading() as connection:
            found, _ = listed_cases(connection, CaseFilter(market=MARKET))
        lost = [case for case in found if case.exposure_class in ("lost", "recoverable")]
        return sum(case.then_minor for case in lost if case.direction == "under_billed" and not case.explained_by)

    def shown(self, case: ListedCase) -> ShownCase:
        return shown_case(self.hub.archive, case.fingerprint)

    def by(self, person: str, why: str = "") -> Decision:
        return Decision(person, self.now, why)

    def send(self, case: ListedCase) -> None:
        may_act = authority_of(self.hub, lambda: self.now)
        for effect in send_approved(self.hub, self.by(LEAD), may_act, case.fingerprint).effects:
            drain(self.hub, lambda: self.now, may_act, only=effect.id)
        note_outbox(self.hub, self.now)

    def adjustments(self, case: ListedCase) -> list[tuple[str, Decimal]]:
        """What the billing system has posted for a case: the account and the amount."""
        return [
            (row["accountNumber"].lstrip("0"), Decimal(row["amount"]))
            for row in self.operator.running.books.billing["adjustments"]
            if case.fingerprint in row["reason"]
        ]


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LumenValley]:
    with lumen_valley(tmp_path_factory.mktemp("estate") / "operator", subscribers=60, months=4, seed=15) as running:
        yield running


@pytest.fixture(scope="module")
def desk(operator: LumenValley, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The first run has been."""
    with operator.hub(tmp_path_factory.mktemp("hub") / "work") as hub:
        desk = Desk(operator, hub, operator.estate.as_of)
        desk.pull()
        desk.judge()
        yield desk


def test_what_a_rule_names_is_proposed_and_the_money_comes_back(desk: Desk) -> None:
    (late, *_), (early, aside, *_) = desk.proposed("backbill"), desk.proposed("credit")
    assert [(case.direction, case.exposure_class, case.state) for case in (late, early)] == [
        ("under_billed", "recoverable", "new"),
        ("over_billed", "refund_due", "new"),
    ]
    until = desk.now.date() + 3 * DAY
    dismiss(desk.hub, aside.fingerprint, desk.by(ANALYST, "the customer moves out, it ends by itself"), until)

    for case in (late, early):
        proposed = desk.shown(case).remedies[0]
        assert (proposed.state, proposed.proposed_by, proposed.amount_minor) == ("proposed", "run 1", case.now_minor)
        approve(desk.hub, case.fingerprint, desk.by(LEAD), proposed.number)
        desk.send(case)
        assert desk.shown(case).remedies[0].state == "done"
        assert desk.shown(case).case.state == "in_remedy"
    assert desk.adjustments(late) == [(late.subject.partition("/")[0], Decimal(late.now_minor) / 100)]
    assert desk.adjustments(early) == [(early.subject.partition("/")[0], -Decimal(early.now_minor) / 100)]

    desk.now += DAY
    desk.judge()
    assert desk.shown(late).case.state == "in_remedy", "the billing system was not pulled since"
    desk.now += DAY
    desk.pull("billing")
    desk.judge()
    for case, state in ((late, "recovered"), (early, "refunded")):
        shown = desk.shown(case)
        assert (shown.case.state, shown.case.then_minor, shown.case.now_minor) == (state, case.now_minor, 0)
        assert shown.remedies[0].state == "verified"
        assert shown.remedies[0].came_minor == case.now_minor
        assert [minor for _, minor in shown.amounts] == [case.now_minor, 0]
        assert state_of(event.kind for event in shown.events) == state

    kpis = market_kpis(desk.hub.archive, MARKET)
    came_back = kpis.result("recovery_ratio").whole
    assert (came_back.numerator, came_back.denominator) == (late.then_minor, desk.identified())
    took = kpis.result("days_to_recovery").whole
    assert (took.median, took.measured, took.population) == (2, 1, came_back.population)

    assert desk.shown(aside).case.state == "dismissed"
    desk.now += DAY
    desk.pull()
    desk.judge()
    assert date.fromisoformat(f"{desk.now:%Y-%m-%d}") == until
    back = desk.shown(aside)
    assert back.case.state == "reopened"
    assert f"its dismissal ended on {until}" in [event.why for event in back.events]
