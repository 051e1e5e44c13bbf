"""The SNMP agents of the estate as second witnesses of lines: each vendor's units, and agents that say nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from canonical_model.errors import ConfigurationError, RetryableError
from connectors.discovery import open_source
from connectors.ports import Rereader
from hub.sagas.confirming import open_witness
from hub.sagas.desk import Desk
from hub.sync import settings_of
from hub.workplace import Hub
from provisioning.change import Change
from provisioning.confirmation import SnmpWitness, confirmed
from provisioning.line import Condition, FoundDevice, Line, Observation
from provisioning.network_file import NetworkFile
from simulated_estate.books import DeviceRow
from tests.fakes.effects import HandClock, Stages
from tests.fakes.lines import line
from tests.fakes.lumen_valley import LumenValley

CALIX, CIENA, RADIO = "rb-olt-calix", "ms-sw-ciena", "ns-ap-cambium"


class Asserting:
    """A driver that says of every line that its terminal is there, whatever is so."""

    def discover(self) -> Sequence[FoundDevice]:
        return ()

    def observe(self, line: Line) -> Observation:
        return Observation(None, Condition(presence="present"))

    def apply(self, change: Change) -> None:
        raise AssertionError("nothing is to be changed here")

    def close(self) -> None:
        pass


@pytest.fixture
def hub(operator: LumenValley, tmp_path: Path) -> Iterator[Hub]:
    with operator.hub(tmp_path / "work") as opened:
        yield opened


def lit(operator: LumenValley, element: str) -> DeviceRow:
    rows = operator.running.books.network[element]
    return next(row for row in rows if row.oper_state == "up" and row.rx_dbm is not None)


def its(row: DeviceRow, element: str) -> Line:
    return line(element=element, port=row.port, serial=row.serial)


@pytest.mark.parametrize(
    ("element", "side", "unit"), [(CALIX, "ont_rx", "milliwatt_e4"), (CIENA, "olt_rx", "microwatt")]
)
def test_light_is_read_in_the_unit_of_its_family(
    operator: LumenValley, hub: Hub, element: str, side: str, unit: str
) -> None:
    row = lit(operator, element)
    assert row.rx_dbm is not None
    witness = open_witness(hub, element)
    seen = confirmed(Condition(), its(row, element), witness)
    (power,) = seen.powers
    assert (power.side, power.raw_unit) == (side, unit)
    assert abs(power.dbm - row.rx_dbm) <= power.resolution_db
    assert (seen.presence, seen.detected_serial) == ("present", row.serial)
    row.rx_dbm = None
    assert confirmed(Condition(), its(row, element), witness).powers == ()
    witness.close()


def test_the_strength_of_a_radio_is_no_optical_level(operator: LumenValley, hub: Hub) -> None:
    row = next(row for row in operator.running.books.network[RADIO] if row.oper_state == "up")
    seen = confirmed(Condition(), its(row, RADIO), witness := open_witness(hub, RADIO))
    witness.close()
    assert (seen.presence, seen.powers) == ("present", ())


def test_one_row_is_asked_for_once_it_is_known_and_found_again_where_it_moved(
    operator: LumenValley, hub: Hub
) -> None:
    rows = operator.running.books.network[CALIX]
    first, second = [row for row in rows if row.oper_state == "up"][:2]
    witness = open_witness(hub, CALIX)
    assert witness.seen(first.serial) is not None
    first.serial, second.serial = second.serial, first.serial  # two terminals are exchanged
    for row in (first, second):
        found = witness.seen(row.serial)
        assert found is not None
        assert found["serial"] == row.serial
    assert witness.seen("CXNKFFFFFFFF") is None
    witness.close()


def desk_of(hub: Hub, confirm_by: str) -> Desk:
    block = {"driver": "asserting", "address": "here", "confirm_by": confirm_by}
    network = NetworkFile.model_validate({"elements": {CALIX: block}})
    return Desk(hub, network, lambda name: Asserting(), HandClock(), Stages())


def test_a_driver_that_says_so_is_not_believed_alone(operator: LumenValley, hub: Hub) -> None:
    row = lit(operator, CALIX)
    with desk_of(hub, CALIX) as desk:
        assert desk.conditions(its(row, CALIX))["access"].presence == "present"
        row.oper_state = "down"
        assert desk.conditions(its(row, CALIX))["access"].presence == "absent"
        stranger = replace(row, serial="CXNKFFFFFFFF")
        assert desk.conditions(its(stranger, CALIX))["access"].presence == "absent"


def test_an_agent_that_does_not_answer_is_asked_later(operator: LumenValley, hub: Hub) -> None:
    operator.running.set_faults(f"{CALIX}:missing")
    hurried = replace(settings_of(hub, CALIX), timeout_s=1)
    witness = SnmpWitness(cast("Rereader", open_source(hurried)))
    with pytest.raises(RetryableError, match=CALIX):
        confirmed(Condition(), its(lit(operator, CALIX), CALIX), witness)
    witness.close()


@pytest.mark.parametrize("system", ["nobody", "billing"])
def test_only_a_system_that_speaks_snmp_confirms(hub: Hub, system: str) -> None:
    with pytest.raises(ConfigurationError, match=f"operator.yaml has no SNMP system {system}"):
        open_witness(hub, system)
