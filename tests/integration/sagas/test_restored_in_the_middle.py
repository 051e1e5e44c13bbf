"""A service that is alive and billed, and a database that was restored to some moment of its activation."""

from pathlib import Path

from hub.archive import DATABASE_FILE
from hub.effects.decisions import doubt
from hub.effects.drain import drain
from hub.sagas.advance import advance
from hub.sagas.beginning import begin_saga
from hub.sagas.desk import Desk
from hub.workplace import Hub
from tests.fakes.backups import SqliteBackups
from tests.fakes.effects import HandClock, Stages
from tests.fakes.led_sagas import SERVICE, Orders, led_on, now_of
from tests.fakes.lines import NETWORK, ONT
from tests.fakes.lumen_valley import LumenValley
from tests.fakes.told_network import ToldNetwork


def desk_over(hub: Hub, network: ToldNetwork, clock: HandClock, stages: Stages) -> Desk:
    return Desk(hub, NETWORK, network.driver, clock, stages)


def world(operator: LumenValley, network: ToldNetwork) -> tuple[object, ...]:
    """Everything that the hub has told anybody, and what stands there."""
    settings = [network.settings(element, SERVICE) for element in ("olt-1", "aaa-1", "acs-1")]
    return (network.heard(), settings, operator.running.write_log.applied)


def test_from_whichever_moment_it_is_led_again_nobody_is_told_anything_twice(
    operator: LumenValley, network: ToldNetwork, clock: HandClock, stages: Stages, tmp_path: Path
) -> None:
    work, copies = tmp_path / "work", []

    def backup() -> None:
        copies.append(SqliteBackups(work / DATABASE_FILE, tmp_path / f"backup-{len(copies)}"))
        copies[-1].take()

    wish = Orders(operator).wish()
    network.plug(ONT, wish.line.port)
    with operator.hub(work) as hub, desk_over(hub, network, clock, stages) as desk:
        backup()  # the order itself is not known yet
        saga = begin_saga(hub, "activate", wish, clock())
        while now_of(desk, saga).state == "running":
            backup()
            advance(desk, most=1)
            backup()
            drain(hub, clock, stages, most=1)
            clock.move(seconds=61)
        assert now_of(desk, saga).state == "done"
    told = world(operator, network)
    assert len(operator.running.write_log.of("billing")) == 1

    for copy in copies:
        copy.restore()
        clock.move(hours=1)
        with operator.hub(work) as hub, desk_over(hub, network, clock, stages) as desk:
            doubt(hub, clock(), clock().replace(year=2027), actor="ada", why="a backup was restored")
            for _ in range(3):  # as the runbook has it: who waits for an effect shall not find it unsettled for hours
                drain(hub, clock, stages)
                clock.move(seconds=61)
            again = led_on(desk, begin_saga(hub, "activate", wish, clock()), clock, rounds=60)
            assert again.state == "done", (copy.copy.name, again.step, again.reason)
        assert world(operator, network) == told, copy.copy.name
    assert len(copies) > 4
