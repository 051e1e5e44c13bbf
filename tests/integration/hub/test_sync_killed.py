"""`splice sync`, killed at any moment and started again, or run twice at once, ends as if nothing had happened."""

import random
import re
import shutil
from datetime import timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, select

from storage.extract import row_counts
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.columns import STILL_KNOWN
from storage.schema.synchronisation import LANDING, PULL, QUARANTINE
from storage.streams import stream_states
from tests.fakes.lumen_valley import LumenValley, lumen_valley
from tests.fakes.splice_process import as_of, ended, killed, started, timed
from tests.waiting import wait_until

SYSTEMS = ("crm", "billing", "fsm")
SMALL_PAGES = 60
KILLS = 6


def with_pages_of(operator: LumenValley, size: int) -> None:
    """Small pages, and no quality suites: their library takes seconds to load in each process."""
    for mapping in (operator.folder / "mappings").glob("*.yaml"):
        text = mapping.read_text(encoding="utf-8").partition("\nquality:\n")[0] + "\n"
        text = re.sub(r"(?m)^  page_size: .*\n", "", text)
        mapping.write_text(re.sub(r"(?m)^read:$", f"read:\n  page_size: {size}", text), encoding="utf-8")


def state(operator: LumenValley, workspace: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is known, landed and in quarantine now, without when it became so; and how far each stream came."""
    held: dict[str, list[tuple[object, ...]]] = {}
    with operator.hub(workspace) as hub, hub.database.reading() as connection:
        counts = row_counts(connection)
        for entity, table in CANONICAL_TABLES.items():
            columns = [table.c[name] for name in entity.model_fields]
            current = connection.execute(select(*columns).where(table.c.known_to == STILL_KNOWN)).all()
            ended_ = connection.execute(select(*columns).where(table.c.known_to != STILL_KNOWN)).all()
            held[entity.__name__] = sorted(map(tuple, current), key=repr)
            held[f"former {entity.__name__}"] = sorted(map(tuple, ended_), key=repr)
            assert len(current) == counts[entity.__name__], "a version was written twice"
        landed = (LANDING.c.system, LANDING.c.stream, LANDING.c.landed_id, LANDING.c.payload)
        aside = [QUARANTINE.c[name] for name in ("system", "stream", "landed_id", "reason", "payload")]
        for name, query in {
            "landed": select(*landed).where(LANDING.c.known_to == STILL_KNOWN),
            "aside": select(*aside).where(QUARANTINE.c.released_at.is_(None)),
            "was aside": select(*aside).where(QUARANTINE.c.released_at.is_not(None)),
        }.items():
            held[name] = sorted(map(tuple, connection.execute(query)), key=repr)
        held["streams"] = [(one.system, one.stream, str(one.resume)) for one in stream_states(connection)]
    return held


def a_week_passes(operator: LumenValley) -> None:
    """Every bill line changes, accounts are deleted, what could not be used is mended and other things break."""
    books, now = operator.running.books, operator.estate.as_of
    for account in books.crm["Account"][::12]:
        account |= {"IsDeleted": True, "SystemModstamp": now - timedelta(minutes=3)}
    lines = books.billing["charge_lines"]
    for number, line in enumerate(lines):
        line |= {"description": "as changed", "modified": f"{now - timedelta(seconds=len(lines) - number):%FT%TZ}"}
    lines[1]["amount"] = "1.00"
    lines[40]["amount"] = "1.005"
    books.field_service["completions"][3] |= {"completed_at": "soon", "updated_at": f"{now:%FT%TZ}"}


def test_killed_at_random_moments_and_started_again(tmp_path: Path) -> None:
    chance = random.Random(11)
    with lumen_valley(tmp_path / "operator", subscribers=30, smallest_page=1) as operator:
        with_pages_of(operator, SMALL_PAGES)
        operator.running.books.billing["charge_lines"][1]["amount"] = "many"
        command = ["sync", *SYSTEMS, *as_of(operator)]
        undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
        timed(started(operator, undisturbed, *command))
        shutil.copytree(undisturbed, disturbed)
        a_week_passes(operator)
        takes = timed(started(operator, undisturbed, *command))
        operator.running.set_faults("crm:latency=600,billing:latency=600,fsm:latency=600")
        held_up = started(operator, disturbed, *command)
        waited_for(operator, disturbed, PULL.c.outcome == "running")
        killed(held_up, 0)
        operator.running.set_faults("")
        for _ in range(KILLS):
            killed(started(operator, disturbed, *command), chance.uniform(0.1, takes * 0.7))
        timed(started(operator, disturbed, *command))
        expected = state(operator, undisturbed)
        assert state(operator, disturbed) == expected
        assert "superseded" in outcomes(operator, disturbed), "no pull was killed under way"
    # the comparison covers what it should
    assert {len(expected["aside"]), len(expected["was aside"])} == {2, 1}
    assert expected["former BillingAccount"]
    assert not {row[2] for row in expected["landed"]} & {
        account["Id"] for account in operator.running.books.crm["Account"][::12]
    }


def outcomes(operator: LumenValley, workspace: Path) -> list[str]:
    with operator.hub(workspace) as hub, hub.database.reading() as connection:
        return list(connection.execute(select(PULL.c.outcome).order_by(PULL.c.id)).scalars())


def waited_for(operator: LumenValley, workspace: Path, condition: ColumnElement[bool]) -> None:
    """Wait until a pull is as told."""
    with operator.hub(workspace) as hub:

        def is_so() -> bool:
            with hub.database.reading() as connection:
                return connection.execute(select(PULL.c.id).where(condition)).first() is not None

        wait_until(is_so, f"a pull where {condition}")


def test_a_second_sync_of_a_stream_takes_it_over_and_the_first_stops_clearly(tmp_path: Path) -> None:
    with lumen_valley(tmp_path / "operator", subscribers=30, smallest_page=1) as operator:
        with_pages_of(operator, 2)
        for mapping in (operator.folder / "mappings").glob("billing-*.yaml"):
            if mapping.name != "billing-charge-lines.yaml":
                mapping.unlink()
        command = ["sync", "billing", *as_of(operator)]
        undisturbed, contested = tmp_path / "undisturbed", tmp_path / "contested"
        timed(started(operator, undisturbed, *command))
        operator.running.set_faults("billing:latency=0.5")
        first = started(operator, contested, *command)
        waited_for(operator, contested, (PULL.c.outcome == "running") & (PULL.c.read > 0))
        second = started(operator, contested, *command)
        waited_for(operator, contested, PULL.c.outcome == "superseded")
        operator.running.set_faults("")
        (stopped, _, errors), (succeeded, _, _) = ended(first), ended(second)
        assert (stopped, succeeded) == (3, 0)
        assert "billing.charge-lines: another pull has started since this one did" in errors
        assert outcomes(operator, contested) == ["superseded", "succeeded"]
        assert state(operator, contested) == state(operator, undisturbed)
