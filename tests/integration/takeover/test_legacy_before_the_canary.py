"""What legacy came to before a canary is kept when the canary begins, for gates when legacy does nothing any more."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection

from handoffs.cohort import Cohort
from handoffs.criteria import Beside, Number
from handoffs.stages import TakeoverStage
from handoffs.statistics import Share
from handoffs.takeover import MoveKind, Position
from hub.decision import Decision
from hub.takeover.gate import judge_gate
from hub.takeover.measuring.measures import Evidence, measures
from hub.takeover.moves import GateAnswer, Wish, move
from hub.takeover.powers import sources_of
from hub.takeover.signals.look import Look
from hub.workplace import Hub
from storage.legacy_baselines import baselines_of
from tests.fakes.acted_works import DONE, NOW, ORDERED, ActedWorks
from tests.fakes.small_operator import MARKET

HANDOFF = "dispatch_to_field"
DECLARED = "declared: {oldtown: {dispatch_to_field: shadow}}\n"


class OpenGate:
    def ask(
        self, connection: Connection, position: Position, target: TakeoverStage, cohort: Cohort, decision: Decision
    ) -> GateAnswer:
        return GateAnswer(None)


def moved(hub: Hub, kind: MoveKind, days: int, cohort: Cohort | None = None) -> None:
    move(
        hub, Wish(MARKET.id, HANDOFF, kind, cohort), Decision("lee", NOW + timedelta(days=days), "tried"), OpenGate()
    )


@pytest.fixture
def works(works_anywhere: ActedWorks) -> ActedWorks:
    """Two orders that the hub leads to the field, and eight of legacy, of which two needed another visit."""
    works = works_anywhere
    works.handoffs(
        DECLARED + "everywhere: {gates: {dispatch_to_field: {active: {first_visit_completion: {sample: 2}}}}}"
    )
    for number in (1, 2):
        works.good(number)
    for number in range(70, 78):
        order = f"9{number}"
        works.operator.order(f"{number}", order, offering_id="silver", ordered_at=ORDERED, completed_at=DONE)
        works.add_job(f"wo-{order}", order, DONE, outcome="return_needed" if number < 72 else "done")
    return works


def test_what_legacy_came_to_by_itself_is_kept_when_the_canary_begins(works: ActedWorks) -> None:
    with works.hub() as hub:
        with hub.database.reading() as connection:
            assert baselines_of(connection, MARKET.id, HANDOFF) == {}
        moved(hub, "promoted", 0, Cohort(share=500))
        with hub.database.reading() as connection:
            known = baselines_of(connection, MARKET.id, HANDOFF)
            assert baselines_of(connection, MARKET.id, "field_to_billing") == {}
    (visits,), (hours,) = known["first_visit_completion"], known["activation_time"]
    assert (visits.figure, visits.until, visits.until - visits.since) == (Share(6, 8), NOW, timedelta(weeks=8))
    assert hours.figure == Number(Decimal(195), 8)
    assert "late_charges" not in known, "legacy has billed nobody: there is nothing to hold anything against"


def test_where_little_happens_in_eight_weeks_a_year_is_kept_beside_them(works: ActedWorks) -> None:
    long_ago = NOW - timedelta(days=200)
    for number in range(80, 86):
        order = f"9{number}"
        works.operator.order(f"{number}", order, offering_id="silver", ordered_at=long_ago, completed_at=long_ago)
        works.add_job(f"wo-{order}", order, long_ago)
    with works.hub() as hub:
        moved(hub, "promoted", 0, Cohort(share=500))
        with hub.database.reading() as connection:
            known = baselines_of(connection, MARKET.id, HANDOFF)["first_visit_completion"]
    assert [(each.figure, (each.until - each.since).days) for each in known] == [
        (Share(6, 8), 56),
        (Share(12, 14), 364),
    ]


def test_rows_are_only_added_and_only_by_the_step_into_the_canary(works: ActedWorks) -> None:
    with works.hub() as hub:
        moved(hub, "promoted", 0, Cohort(share=500))
        moved(hub, "widened", 1, Cohort(share=900))
        moved(hub, "given_back", 2)
        moved(hub, "promoted", 3, Cohort(share=100))
        moved(hub, "promoted", 4)
        with hub.database.reading() as connection:
            known = baselines_of(connection, MARKET.id, HANDOFF)["first_visit_completion"]
    assert [each.until for each in known] == [NOW + timedelta(days=3), NOW]


def test_a_gate_whose_legacy_does_nothing_any_more_asks_the_baseline(works: ActedWorks) -> None:
    with works.hub() as hub:
        moved(hub, "promoted", 0, Cohort(share=500))
        with hub.database.reading() as connection:
            look = Look(connection, hub.operator, hub.operator.markets[MARKET.id], NOW)
            figure = measures(look, HANDOFF, "active", NOW, "v", Evidence())["first_visit_completion"].figure
    assert isinstance(figure, Beside)
    assert [each.figure for each in figure.baselines] == [Share(6, 8)]
    assert figure.since == NOW - timedelta(weeks=8)


def test_the_line_of_the_gate_says_which_of_both_it_used(works: ActedWorks) -> None:
    late = NOW + timedelta(days=100)
    for number in (3, 4):
        works.good(number, ordered=late - timedelta(days=9), day=late - timedelta(days=8))
    with works.hub(late) as hub:
        moved(hub, "promoted", 0, Cohort(share=500))
        moved(hub, "promoted", 50)
        _, verdict = judge_gate(hub, MARKET.id, HANDOFF, late, sources_of(hub))
    (line,) = (each for each in verdict.lines if each.metric == "first_visit_completion")
    assert "the hub 2 of 2 (100 %), legacy 6 of 8 (75 %) in its baseline of 2026-02-08 to 2026-04-05" in line.said
