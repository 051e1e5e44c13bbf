"""The journal of effects: order, leases, fences and a history that only grows, on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Select, insert, select, text

from canonical_model.errors import UnsafeToContinue
from handoffs.effect_states import WAITING, Move
from handoffs.stages import Authority
from storage.database import Database
from storage.effect_leases import claim, due_effect, mark_sending, settle
from storage.effect_steps import Step, steps_of
from storage.effects import Effect, PlannedEffect, counts_by_state, effect_with, effects, journal
from storage.schema.effects import EFFECT

NOON = datetime(2026, 11, 5, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def planned(key: str, subject: str = "order/1", **changes: Any) -> PlannedEffect:
    facts: dict[str, Any] = {
        "market": "mesa",
        "handoff": "field_to_billing",
        "command": "start_billing",
        "system": "billing",
        "fields": {"account_number": "1"},
        "write": "{}",
    }
    may = Authority("hub", True, "said by the test")
    return PlannedEffect(idempotency_key=key, subject=subject, work=subject, authority=may, **{**facts, **changes})


def put(database: Database, key: str, subject: str = "order/1", at: datetime = NOON, **changes: Any) -> Effect:
    with database.journaling() as connection:
        return journal(connection, planned(key, subject, **changes), at)


def take(database: Database, owner: str = "one", at: datetime = NOON, **filters: Any) -> Effect | None:
    with database.writing() as connection:
        return claim(connection, owner, at, LEASE, **filters)


def taken(database: Database, owner: str = "one", at: datetime = NOON, **filters: Any) -> Effect:
    effect = take(database, owner, at, **filters)
    assert effect is not None
    return effect


def send(database: Database, effect: Effect, owner: str = "one", at: datetime = NOON) -> Effect:
    with database.journaling() as connection:
        return mark_sending(connection, effect, owner, at, LEASE)


def end(database: Database, effect: Effect, move: Move, at: datetime = NOON, looks: int = 1) -> Effect:
    step = Step(at, "looked", effect.sends, move.state, sight="applied", reference="b-1", actor="one")
    with database.writing() as connection:
        return settle(connection, effect, move, at, [step], looks=looks)


DONE = Move("done", "acknowledged", "it shows")


def test_stating_the_same_wish_again_changes_nothing(database: Database) -> None:
    first = put(database, "a")
    again = put(database, "a", at=NOON + timedelta(hours=1))
    assert again == first
    with database.reading() as connection:
        assert len(effects(connection)) == 1
        assert len(steps_of(connection, first.id)) == 1


@pytest.mark.parametrize(
    "other", [{"fields": {"account_number": "2"}}, {"system": "crm"}, {"command": "stop_billing"}, {"market": "x"}]
)
def test_a_key_stands_for_one_wish(database: Database, other: dict[str, Any]) -> None:
    put(database, "a")
    with pytest.raises(UnsafeToContinue, match="stands for another command already"):
        put(database, "a", **other)


def test_effects_about_one_subject_go_one_after_the_other(database: Database) -> None:
    first, second, other = put(database, "a"), put(database, "b"), put(database, "c", "order/2")
    assert taken(database).id == first.id
    assert taken(database, "two").id == other.id
    assert take(database, "three") is None
    with database.reading() as connection:
        held = effect_with(connection, first.id)
    assert held is not None
    end(database, send(database, held), DONE)
    assert taken(database, "three").id == second.id


@pytest.mark.parametrize("state", ["refused", "parked"])
def test_one_that_waits_for_a_person_holds_the_next_back(database: Database, state: Any) -> None:
    put(database, "a")
    second = put(database, "b")
    first = send(database, taken(database))
    end(database, first, Move(state, "refused", "no"))
    assert take(database) is None
    with database.writing() as connection:
        connection.execute(text("UPDATE effect SET state = 'discarded' WHERE id = :id"), {"id": first.id})
    assert taken(database).id == second.id


def test_nobody_takes_what_another_holds_until_the_lease_is_over(database: Database) -> None:
    put(database, "a")
    held = taken(database)
    assert take(database, "two", NOON + LEASE - timedelta(seconds=1)) is None
    again = taken(database, "two", NOON + LEASE)
    assert (again.id, again.fence, again.state) == (held.id, held.fence + 1, "queued")


def test_what_was_being_sent_by_a_lost_process_comes_as_unknown(database: Database) -> None:
    put(database, "a")
    sending = send(database, taken(database))
    assert sending.state == "sending"
    later = NOON + LEASE
    again = taken(database, "two", later)
    assert (again.state, again.told, again.sends) == ("unknown", "unknown", 1)
    with database.reading() as connection:
        assert [step.step for step in steps_of(connection, again.id)] == ["enqueued", "sending", "lapsed"]


def test_who_was_overtaken_writes_nothing(database: Database) -> None:
    put(database, "a")
    slow = send(database, taken(database))
    quick = taken(database, "two", NOON + LEASE)
    with pytest.raises(UnsafeToContinue, match="another process has taken it over"):
        end(database, slow, DONE, NOON + LEASE)
    with pytest.raises(UnsafeToContinue, match="another process has taken it over"):
        send(database, replace(slow, state="queued"), at=NOON + LEASE)
    with database.reading() as connection:
        assert [step.step for step in steps_of(connection, slow.id)] == ["enqueued", "sending", "lapsed"]
    assert end(database, quick, DONE, NOON + LEASE).state == "done"


def test_a_move_that_no_table_allows_is_a_defect(database: Database) -> None:
    put(database, "a")
    done = end(database, send(database, taken(database)), DONE)
    with pytest.raises(ValueError, match="does not go from done to queued"):
        end(database, done, Move("queued", "nothing", "once more"))


def test_what_is_not_due_waits_unless_it_is_asked_for_by_name(database: Database) -> None:
    effect = put(database, "a", at=NOON + timedelta(minutes=1))
    assert take(database) is None
    assert taken(database, only=effect.id).id == effect.id


def test_a_system_can_be_left_alone(database: Database) -> None:
    put(database, "a", "order/1", system="billing")
    other = put(database, "b", "order/2", system="crm")
    assert taken(database, except_systems=["billing"]).id == other.id


def test_the_history_tells_each_attempt_with_what_was_said_and_what_showed(database: Database) -> None:
    put(database, "a")
    sending = send(database, taken(database))
    at = NOON + timedelta(seconds=3)
    told = [
        Step(at, "sent", 1, "sending", told="unknown", said="no answer in time", error="OutcomeUnknown", actor="one"),
        Step(at, "looked", 1, "done", sight="applied", reference="b-77", actor="one"),
    ]
    with database.writing() as connection:
        done = settle(connection, sending, DONE, at, told, looks=1)
        kept = steps_of(connection, sending.id)
    assert kept[2:] == told
    assert (kept[1].step, kept[1].at, kept[1].attempt) == ("sending", NOON, 1)
    assert (done.reference, done.lease_until, done.reason) == ("b-77", None, "it shows")
    with database.reading() as connection:
        assert counts_by_state(connection) == {"done": 1}


def test_what_touches_the_world_next_lies_on_the_disk(database: Database) -> None:
    question = "PRAGMA synchronous" if database.name.startswith("sqlite") else "SHOW synchronous_commit"
    with database.journaling() as connection:
        assert connection.exec_driver_sql(question).scalar() in (2, "on")
    with database.writing() as connection:
        assert connection.exec_driver_sql(question).scalar() in (1, "off")


@pytest.mark.parametrize("systems", [[], ["crm"]])
def test_the_next_one_is_found_without_reading_what_is_done(database: Database, systems: list[str]) -> None:
    put(database, "a")
    with database.writing() as connection:
        row = dict(connection.execute(select(EFFECT)).mappings().one())
        del row["id"]
        done = [{**row, "idempotency_key": f"{n}", "subject": f"{n}", "state": "done"} for n in range(3000)]
        connection.execute(insert(EFFECT), done)
    with database.reading() as connection:
        query = due_effect(WAITING, has_one=False, leaves_systems=bool(systems))
        plan = plan_of(connection, query.params(at=NOON, **({"systems": systems} if systems else {})))
    # SQLite takes what moves by its state, and puts that in order
    assert ("ix_effect_state" if database.name.startswith("sqlite") else "ix_effect_due") in plan, plan
    assert "ix_effect_holding_back" in plan, plan


def plan_of(connection: Connection, query: Select[Any]) -> str:
    """How the database would answer."""
    written = query.compile(connection, compile_kwargs={"literal_binds": True})
    how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(line) for line in connection.exec_driver_sql(f"{how} {written}"))
