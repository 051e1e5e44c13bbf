"""Who may act: one writer always, by where the take-over stood when the work was ordered and where it stands now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoffs.authority import WriterLease, authority_on_path, authority_over, under_lease
from handoffs.cohort import EVERYTHING, NOTHING, SHARES, Cohort, WorkFacts, share_of
from handoffs.stages import HANDOFFS, Actor, TakeoverStage, Writer
from handoffs.takeover import Position, cohort_in

STAGES: tuple[TakeoverStage, ...] = get_args(TakeoverStage)
NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
ORDER = WorkFacts("mesa", "order/SO-1", NOON, "new", "pon", "Springfield")

WRITERS = """
stage           outside  cohort  intent
observe         legacy   legacy  no
shadow          legacy   legacy  yes
canary          legacy   hub     yes
active          hub      hub     yes
legacy_retired  hub      hub     no
"""


def rows(table: str) -> list[list[str]]:
    return [line.replace(" / ", "/").split() for line in table.strip().splitlines()]


def at(stage: TakeoverStage, cohort: Cohort = NOTHING, *, is_held: bool = False, epoch: int = 1) -> Position:
    return Position("mesa", "field_to_billing", stage, cohort_in(stage, cohort), is_held, NOON, epoch, "lee: tried")


@pytest.mark.parametrize(("stage", "outside", "cohort", "intent"), rows(WRITERS)[1:])
def test_each_stage_says_who_acts_in_and_outside_the_cohort(
    stage: TakeoverStage, outside: Actor, cohort: Actor, intent: str
) -> None:
    for chosen, actor in ((NOTHING, outside), (EVERYTHING, cohort)):
        there = at(stage, chosen)
        authority = authority_over([there], ORDER)
        assert (authority.actor, authority.records_intent) == (actor, intent == "yes")
        assert authority.reason
        assert authority.epoch == 1


@pytest.mark.parametrize(("then", "now"), list(product(STAGES, STAGES)))
def test_the_hub_begins_only_what_was_ordered_while_it_acted_and_while_it_acts(
    then: TakeoverStage, now: TakeoverStage
) -> None:
    acts = ("canary", "active", "legacy_retired")
    decided = authority_over([at(then, EVERYTHING), at(now, EVERYTHING)], ORDER)

    assert decided.actor == ("hub" if then in acts and now in acts else "legacy")


def test_what_was_legacys_for_a_while_stays_legacys() -> None:
    """Ordered while the hub acted, given back with the hand-off, and taken over again: legacy may have begun it."""
    positions = [at("canary", EVERYTHING), at("shadow"), at("canary", EVERYTHING)]

    assert authority_over(positions, ORDER).actor == "legacy"
    assert authority_over(positions[2:], ORDER).actor == "hub"


def test_what_was_ordered_before_the_hub_took_over_says_so() -> None:
    assert authority_over([at("shadow"), at("active")], ORDER).reason == (
        "it was ordered before the hub took over on 2026-11-05 12:00 UTC"
    )


@pytest.mark.parametrize(("stage", "writer"), list(product(STAGES, get_args(Writer))))
def test_work_ends_with_whom_it_began_whatever_the_stage_is_now(stage: TakeoverStage, writer: Writer) -> None:
    authority = authority_on_path(writer, at(stage))

    assert (authority.actor, authority.is_begun) == (writer, True)
    assert authority.reason == f"the work began with {writer} and ends there"


def test_a_stopped_line_stops_what_is_the_hubs_and_nothing_else() -> None:
    stopped = at("active", is_held=True)

    assert authority_over([stopped], ORDER).actor == "nobody"
    assert authority_on_path("hub", stopped).actor == "nobody"
    assert authority_on_path("legacy", stopped).actor == "legacy"


@pytest.mark.parametrize(
    ("lease", "epoch", "actor"),
    [
        (WriterLease(1, NOON + timedelta(minutes=1)), 1, "hub"),
        (WriterLease(1, NOON), 1, "nobody"),
        (WriterLease(1, NOON + timedelta(minutes=1)), 2, "nobody"),
        (None, 1, "nobody"),
        (None, 0, "hub"),
    ],
    ids=["watched", "lapsed", "of_another_epoch", "never_watched", "declared"],
)
def test_nothing_new_is_begun_that_nobody_watches(lease: WriterLease | None, epoch: int, actor: Actor) -> None:
    there = at("active", epoch=epoch)
    decided = under_lease(authority_over([there], ORDER), there, lease, NOON)

    assert decided.actor == actor
    assert (actor == "hub") or "nothing new is begun" in decided.reason


@given(st.text(min_size=1), st.integers(0, SHARES), st.integers(0, SHARES))
def test_a_wider_share_holds_all_that_a_narrower_one_held(work: str, one: int, other: int) -> None:
    narrow, wide = sorted((one, other))
    facts = WorkFacts("mesa", work)

    assert not Cohort(share=narrow).holds(facts) or Cohort(share=wide).holds(facts)
    assert Cohort(share=narrow).is_within(Cohort(share=wide))


def test_shares_are_even_and_differ_by_market() -> None:
    works = [f"order/SO-{number}" for number in range(4000)]
    chosen = {market: {each for each in works if share_of(each, market) < 1000} for market in ("a", "b")}

    assert all(330 < len(each) < 470 for each in chosen.values())
    assert len(chosen["a"] & chosen["b"]) < 80


def test_an_order_is_in_the_share_of_every_hand_off_or_of_none() -> None:
    """Else most orders of a canary of all four would be the hub's in one and legacy's in the next."""
    tenth = Cohort(share=1000)
    for number in range(200):
        facts = replace(ORDER, work=f"order/SO-{number}")
        actors = {
            authority_over([replace(at("canary", tenth), handoff=handoff)], facts).actor for handoff in HANDOFFS
        }
        assert len(actors) == 1


@pytest.mark.parametrize(
    ("cohort", "held"),
    [
        (Cohort(towns=frozenset({"springfield"})), True),
        (Cohort(towns=frozenset({"Shelbyville"})), False),
        (Cohort(order_types=frozenset({"new"}), technologies=frozenset({"pon"})), True),
        (Cohort(order_types=frozenset({"move"})), False),
        (NOTHING, False),
        (EVERYTHING, True),
    ],
    ids=str,
)
def test_a_cohort_holds_what_all_of_its_limits_hold(cohort: Cohort, held: bool) -> None:
    assert cohort.holds(ORDER) is held


def test_work_of_an_unknown_town_is_in_no_town() -> None:
    assert not Cohort(towns=frozenset({"Springfield"})).holds(WorkFacts("mesa", "incident/1"))


def test_a_share_beyond_the_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="hundredths of a percent"):
        Cohort(share=SHARES + 1)
