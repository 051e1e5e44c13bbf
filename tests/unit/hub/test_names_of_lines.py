"""How AAA knows a subscriber: nobody shares the name of his line with a neighbour on the same port."""

import pytest

from canonical_model.network import Technology
from hub.readiness.planning import line_of
from storage.reservations import Reservation
from tests.fakes.effects import START
from tests.fakes.lines import profile


@pytest.mark.parametrize(
    ("technology", "number", "username", "onu_id"),
    [
        ("pon", 7, "el-1 1/1/3:7", 7),
        ("fixed_wireless", 7, "el-1 1/1/3:7", None),
        ("active_ethernet", 0, "el-1 1/1/3", None),
    ],
)
def test_a_line_has_a_name_of_its_own(technology: Technology, number: int, username: str, onu_id: int | None) -> None:
    kept = Reservation("el-1", "1/1/3", number, "80001", "90001", START)
    line = line_of(kept, "mesa", profile(technology=technology))

    assert (line.username, line.onu_id) == (username, onu_id)
