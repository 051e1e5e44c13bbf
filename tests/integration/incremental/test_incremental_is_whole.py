"""Whatever changed: judging what changed gives, to the cent, what judging everything gives."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from judged_both_ways import ANCHORED, LATER, background, bench, billed_from_other_days, comparable

from canonical_model.billing import Adjustment, ChargeLine
from canonical_model.catalogue import Proration
from canonical_model.entities import ENTITIES
from canonical_model.network import ServiceActivation
from canonical_model.record import Record
from reconciliation.findings import Reconciliation
from reconciliation.incremental.links import LINKS, UNJUDGED
from reconciliation.incremental.take import NeedsWhole
from reconciliation.snapshot.manifest import read_manifest
from reconciliation.snapshot.tables import snake_case
from reconciliation.snapshot.write import ASSEMBLY, assembly_sql
from tests.fakes.random_lives import AMOUNTS, BILLED_CODES, DAYS, operators
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import AS_OF, FRESH, SmallOperator, catalogue, next_month, noon, serial_of

SEEDS = (1, 2, 3)
WORLDS = 2
"""Of each seed. A world of more accounts and changes costs what a small one does."""

in_any_change = settings(
    max_examples=WORLDS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@st.composite
def changed(draw: st.DrawFn, before: SmallOperator) -> list[Record]:
    """The records after some small changes."""
    after = replace(before, records=deepcopy(before.records))
    accounts = st.sampled_from(["1", "2", "3", "4", "5", "72", "75", "80"]) | st.sampled_from(sorted(ANCHORED))
    for step in range(draw(st.integers(1, 8))):
        draw(
            st.sampled_from(
                [_drop, _amount, _line, _adjust, _ghost, _near_miss, _comes, _courtesy, _cease, _cycle, _shown]
            )
        )(draw, after, draw(accounts), step)
    return after.records


def _drop(draw: st.DrawFn, after: SmallOperator, _account: str, _step: int) -> None:
    after.records.pop(draw(st.integers(0, len(after.records) - 1)))


def _amount(draw: st.DrawFn, after: SmallOperator, _account: str, _step: int) -> None:
    places = [place for place, one in enumerate(after.records) if isinstance(one, ChargeLine | Adjustment)]
    if places:
        place = draw(st.sampled_from(places))
        after.records[place] = after.records[place].model_copy(update={"amount_minor": draw(st.integers(1, 9_000))})


def _line(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    start, amount = draw(DAYS).replace(day=1), draw(AMOUNTS)
    after.line(account, draw(BILLED_CODES), start, next_month(start), amount, amount, source_id=f"new-{step}")


def _adjust(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.adjustment(account, draw(AMOUNTS), draw(DAYS), source_id=f"new-{step}")


def _ghost(draw: st.DrawFn, after: SmallOperator, _account: str, step: int) -> None:
    after.seen(f"GHST0000010{step}", draw(st.sampled_from(["S", "G", "?"])), draw(DAYS))


def _near_miss(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.seen(f"{serial_of(account)[:-1]}{'ABCDEFGH'[step]}", "S", draw(DAYS))


def _comes(draw: st.DrawFn, after: SmallOperator, _account: str, step: int) -> None:
    after.installed(f"9{step}", draw(DAYS), draw(st.sampled_from(["silver", "gold"])))


def _courtesy(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    start, end = draw(DAYS), draw(DAYS)
    after.alteration(account, "courtesy_account", valid_from=start, valid_to=end, source_id=f"new-{step}")


def _cease(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.order(account, f"8{account}{step}", "cease", effective_on=draw(DAYS), source_id=f"new-{step}")


def _cycle(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.cycle(account, draw(st.integers(1, 31)), draw(DAYS), source_id=f"new-{step}")


def _shown(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    works_since = noon(draw(DAYS))
    after.add(
        ServiceActivation, "splice", order_number=f"9{account}", works_since=works_since, source_id=f"new-{step}"
    )


@pytest.mark.parametrize("number", SEEDS)
def test_an_incremental_run_finds_what_a_whole_run_finds(number: int) -> None:
    """In a world with accounts that are billed by months and accounts that are billed from other days."""
    judged = []

    @seed(number)
    @in_any_change
    @given(st.data())
    def in_a_world(data: st.DataObject) -> None:
        operator = billed_from_other_days(data.draw(operators(most=8)))
        records = data.draw(changed(operator))
        with bench(operator) as made:
            found = made.judged_by_changes(records)
            if isinstance(found, NeedsWhole):
                assert "month" in found.why, found
            else:
                judged.append(found)
                assert comparable(found) == comparable(made.judged_whole(records, "whole", LATER))

    in_a_world()
    assert judged


def quiet_operator() -> SmallOperator:
    operator = background(SmallOperator())
    operator.clean("1")
    return operator


@pytest.fixture
def quiet() -> SmallOperator:
    return quiet_operator()


@pytest.fixture(scope="module")
def base() -> Iterator[Path]:
    """A bench of what ``quiet`` is, made once; each test has a copy."""
    with bench(quiet_operator()) as made:
        yield made.place


def test_only_what_changed_is_judged(quiet: SmallOperator, base: Path) -> None:
    with bench(quiet, base) as made:
        after = replace(quiet, records=list(quiet.records))
        after.line("1", "VOI", date(2026, 3, 1), date(2026, 4, 1), "19.99", "19.99", source_id="new")
        found = made.judged_by_changes(after.records)
        assert isinstance(found, Reconciliation)
        manifest = read_manifest(made.snapshots / "changes")
        assert manifest.changes is not None
        assert (manifest.changes.accounts, manifest.rows["by_service/service"]) == (1, 1)
        assert {one.subject for one in found.findings} >= {"1", "72", "73"}


def test_nothing_changed_is_judged_by_nothing(quiet: SmallOperator, base: Path) -> None:
    with bench(quiet, base) as made:
        found = made.judged_by_changes(quiet.records)
        assert isinstance(found, Reconciliation)
        assert comparable(found) == comparable(made.judged_whole(quiet.records, "whole", LATER))


def test_every_entity_is_linked_or_judges_nothing_or_belongs_to_all() -> None:
    """A new entity belongs into ``LINKS`` unless no join of the assembly reads it; else it judges everything."""
    about_all = ENTITIES.keys() - LINKS.keys() - UNJUDGED
    assert about_all == {"JobPause", "Outage"}
    sql = " ".join(assembly_sql(step) for step in ASSEMBLY)
    for entity in UNJUDGED:
        assert not re.search(rf"(FROM|JOIN)\s+{snake_case(entity)}\b", sql), entity
    for entity, keys in LINKS.items():
        assert {column for _, column in keys} <= ENTITIES[entity].model_fields.keys()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"as_of": AS_OF + timedelta(days=1)}, "another day: what waits"),
        ({"as_of": AS_OF - timedelta(hours=1)}, "the moment is before that of the last whole snapshot"),
        ({"rules": rules_text("RL-C05")}, "the rules changed"),
        ({"catalogue": catalogue(Proration(convention="none"))}, "the catalogue changed"),
        ({"shrink_percent": Decimal(50)}, "the share of a feed that may be missing is another one"),
        ({"feeds": FRESH[1:]}, "a feed is fit that was not, or the other way round"),
    ],
)
def test_everything_is_judged_where_changes_are_not_enough(
    quiet: SmallOperator, base: Path, facts: dict[str, Any], why: str
) -> None:
    with bench(quiet, base) as made:
        found = made.judged_by_changes(quiet.records, **facts)
        assert isinstance(found, NeedsWhole)
        assert found.why.startswith(why)


def test_a_first_month_that_comes_or_goes_is_about_everybody(quiet: SmallOperator, base: Path) -> None:
    with bench(quiet, base) as made:
        after = replace(quiet, records=list(quiet.records))
        after.line("1", "SLV", date(2025, 11, 1), date(2025, 12, 1), "60.00", "60.00", source_id="new")
        found = made.judged_by_changes(after.records)
        assert found == NeedsWhole("the first month with a bill is another one")


def test_another_billing_day_of_one_account_is_judged_by_itself(quiet: SmallOperator) -> None:
    operator = billed_from_other_days(quiet)
    with bench(operator) as made:
        after = replace(operator, records=list(operator.records))
        after.cycle("51", 5, date(2026, 2, 20), source_id="new")
        found = made.judged_by_changes(after.records)
        assert isinstance(found, Reconciliation), found
        manifest = read_manifest(made.snapshots / "changes")
        assert manifest.changes is not None
        assert (manifest.changes.accounts, manifest.rows["records/BillingCycle"]) == (1, 2)
        assert comparable(found) == comparable(made.judged_whole(after.records, "whole", LATER))
        waiting = {one.subject: one.reason for one in found.not_judged if one.scope == "month"}
        assert waiting["2026-03-05, periods from day 5"].startswith("4 accounts"), waiting
