"""Whatever changed: judging what changed gives, to the cent, what judging everything gives."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from canonical_model.billing import Adjustment, ChargeLine
from canonical_model.catalogue import Proration
from canonical_model.entities import ENTITIES
from canonical_model.record import Record
from reconciliation.findings import Reconciliation
from reconciliation.incremental.judge import judge_changes
from reconciliation.incremental.links import LINKS, UNJUDGED
from reconciliation.incremental.take import NeedsWhole, take_changes
from reconciliation.run import judgement_key, reconcile
from reconciliation.snapshot.manifest import Manifest, read_manifest
from reconciliation.snapshot.tables import snake_case
from reconciliation.snapshot.write import ASSEMBLY, SnapshotRequest, assembly_sql
from tests.fakes.changed_records import changes_between
from tests.fakes.random_lives import AMOUNTS, BILLED_CODES, DAYS, operators
from tests.fakes.shipped_rules import rules_text
from tests.fakes.small_operator import AS_OF, FRESH, MARKET, SmallOperator, catalogue, next_month, serial_of

LATER = AS_OF + timedelta(hours=3)

in_any_change = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@dataclass
class Bench:
    """A whole snapshot of an operator and its run; later records are judged both ways."""

    place: Path
    operator: SmallOperator

    @property
    def snapshots(self) -> Path:
        return self.place / "snapshots"

    @property
    def runs(self) -> Path:
        return self.place / "runs"

    def request(self, **facts: Any) -> SnapshotRequest:
        given: dict[str, Any] = {
            "operator": "Small",
            "market": MARKET,
            "as_of": LATER,
            "catalogue": catalogue(self.operator.proration),
            "rules": rules_text(),
            "sources": {},
            "feeds": FRESH,
        }
        return SnapshotRequest(**(given | facts))

    def judged_whole(self, records: list[Record], name: str, as_of: datetime) -> Reconciliation:
        folder = self.snapshots / name
        replace(self.operator, records=records).snapshot(folder, rules_text(), as_of=as_of)
        return reconcile(folder, self.runs / judgement_key(read_manifest(folder)))

    def judged_by_changes(self, records: list[Record], **facts: Any) -> Reconciliation | NeedsWhole:
        changes = changes_between(self.operator.records, records)
        folder = self.snapshots / "changes"
        taken = take_changes(folder, self.snapshots / "base", self.request(**facts), changes)
        return judge_changes(folder, self.runs) if isinstance(taken, Manifest) else taken


@contextmanager
def bench(operator: SmallOperator) -> Iterator[Bench]:
    with TemporaryDirectory() as place:
        made = Bench(Path(place), operator)
        made.judged_whole(operator.records, "base", AS_OF)
        yield made


def background(operator: SmallOperator) -> SmallOperator:
    """Accounts that no change is about: right ones, wrong ones, ghosts, codes that nobody knows, strangers."""
    operator.clean("71")
    operator.installed("72", offering="gold", ordered="silver")
    operator.whole_months("72", "SLV", "55.00", (1, 2, 3))
    operator.installed("73", date(2026, 2, 10))
    operator.whole_months("74", "ODD", "10.00", (1, 2))
    operator.clean("75")
    operator.adjustment("75", "-5.00", date(2026, 3, 3))
    operator.seen("GHST00000001", "S", date(2026, 2, 10))
    operator.seen(serial_of("73")[:-1] + "9", "S", date(2026, 2, 10))
    operator.bill("72", date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 28))
    return operator


@st.composite
def changed(draw: st.DrawFn, before: SmallOperator) -> list[Record]:
    """The records after one to five small changes."""
    after = replace(before, records=deepcopy(before.records))
    for step in range(draw(st.integers(1, 5))):
        draw(
            st.sampled_from([_drop, _amount, _line, _adjust, _ghost, _near_miss, _comes, _courtesy, _cease, _cycle])
        )(draw, after, draw(st.sampled_from(["1", "2", "3", "72", "75", "80"])), step)
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
    after.seen(f"{serial_of(account)[:-1]}{step}", "S", draw(DAYS))


def _comes(draw: st.DrawFn, after: SmallOperator, _account: str, step: int) -> None:
    after.installed(f"9{step}", draw(DAYS), draw(st.sampled_from(["silver", "gold"])))


def _courtesy(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    start, end = draw(DAYS), draw(DAYS)
    after.alteration(account, "courtesy_account", valid_from=start, valid_to=end, source_id=f"new-{step}")


def _cease(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.order(account, f"8{account}{step}", "cease", effective_on=draw(DAYS), source_id=f"new-{step}")


def _cycle(draw: st.DrawFn, after: SmallOperator, account: str, step: int) -> None:
    after.cycle(account, draw(st.integers(1, 31)), draw(DAYS), source_id=f"new-{step}")


def comparable(found: Reconciliation) -> Reconciliation:
    return replace(found, settled={name: minor for name, minor in found.settled.items() if minor})


@in_any_change
@given(st.data())
def test_an_incremental_run_finds_what_a_whole_run_finds(data: st.DataObject) -> None:
    operator = background(data.draw(operators()))
    records = data.draw(changed(operator))
    with bench(operator) as made:
        found = made.judged_by_changes(records)
        whole = made.judged_whole(records, "whole", LATER)
        assert not isinstance(found, NeedsWhole) or "month" in found.why or "BillingCycle" in found.why, found
        if isinstance(found, Reconciliation):
            assert comparable(found) == comparable(whole)


@pytest.fixture
def quiet() -> SmallOperator:
    operator = background(SmallOperator())
    operator.clean("1")
    return operator


def test_only_what_changed_is_judged(quiet: SmallOperator) -> None:
    with bench(quiet) as made:
        after = replace(quiet, records=list(quiet.records))
        after.line("1", "VOI", date(2026, 3, 1), date(2026, 4, 1), "19.99", "19.99", source_id="new")
        found = made.judged_by_changes(after.records)
        assert isinstance(found, Reconciliation)
        manifest = read_manifest(made.snapshots / "changes")
        assert manifest.changes is not None
        assert (manifest.changes.accounts, manifest.rows["by_service/service"]) == (1, 1)
        assert {one.subject for one in found.findings} >= {"1", "72", "73"}


def test_nothing_changed_is_judged_by_nothing(quiet: SmallOperator) -> None:
    with bench(quiet) as made:
        found = made.judged_by_changes(quiet.records)
        assert isinstance(found, Reconciliation)
        assert comparable(found) == comparable(made.judged_whole(quiet.records, "whole", LATER))


def test_every_entity_is_linked_or_judges_nothing_or_belongs_to_all() -> None:
    """A new entity belongs into ``LINKS`` unless no join of the assembly reads it; else it judges everything."""
    about_all = ENTITIES.keys() - LINKS.keys() - UNJUDGED
    assert about_all == {"BillingCycle", "JobPause", "Outage"}
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
    quiet: SmallOperator, facts: dict[str, Any], why: str
) -> None:
    with bench(quiet) as made:
        found = made.judged_by_changes(quiet.records, **facts)
        assert isinstance(found, NeedsWhole)
        assert found.why.startswith(why)


def test_a_first_month_that_comes_or_goes_is_about_everybody(quiet: SmallOperator) -> None:
    with bench(quiet) as made:
        after = replace(quiet, records=list(quiet.records))
        after.line("1", "SLV", date(2025, 11, 1), date(2025, 12, 1), "60.00", "60.00", source_id="new")
        found = made.judged_by_changes(after.records)
        assert found == NeedsWhole("the first month with a bill is another one")


def test_where_an_account_is_not_billed_by_months_everything_is_judged(quiet: SmallOperator) -> None:
    quiet.installed("76")
    quiet.cycle("76", 17)
    quiet.line("76", "SLV", date(2026, 1, 17), date(2026, 2, 17), "60.00", "60.00", billed_on=date(2026, 2, 17))
    with bench(quiet) as made:
        found = made.judged_by_changes(quiet.records)
        assert found == NeedsWhole("some accounts are not billed by calendar months")
