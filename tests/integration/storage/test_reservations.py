"""Places on ports and devices of the store room: one holder each, whoever reaches for them at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from storage.database import Database, open_database
from storage.reservations import (
    Place,
    Reservation,
    allocate_device,
    allocated_to,
    held_for,
    held_lines,
    release_device,
    release_line,
    release_lines_of,
    reserve_line,
)

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
PLACES = [Place("olt-1", "1/1/1", 2), Place("olt-1", "1/1/2", 2)]


def reserve(database: Database, service: str, taken: set[tuple[str, str, int]] | None = None) -> Reservation | None:
    with database.writing() as connection:
        return reserve_line(
            connection, PLACES, taken or set(), market="town", service_id=service, order_number=service, at=NOW
        )


def test_the_nearest_free_place_is_kept_and_kept_once(database: Database) -> None:
    places = [reserve(database, f"{number}") for number in range(1, 6)]
    assert [None if each is None else (each.port, each.onu_id) for each in places] == [
        ("1/1/1", 1),
        ("1/1/1", 2),
        ("1/1/2", 1),
        ("1/1/2", 2),
        None,
    ]
    assert reserve(database, "1") == places[0]


def test_what_the_network_shows_in_use_is_left_out(database: Database) -> None:
    found = reserve(database, "1", {("olt-1", "1/1/1", 1)})
    assert found is not None
    assert found.onu_id == 2


def test_a_place_that_is_given_free_is_given_again(database: Database) -> None:
    for service in ("1", "2"):
        reserve(database, service)
    with database.writing() as connection:
        assert release_line(connection, "town", "1", NOW, "the order was cancelled")
        assert not release_line(connection, "town", "1", NOW, "again")
    again = reserve(database, "3")
    assert again is not None
    assert again.onu_id == 1
    with database.reading() as connection:
        assert held_for(connection, "town", "1") is None


def test_a_service_that_moves_holds_both_places_until_it_has_moved(database: Database) -> None:
    def kept() -> list[tuple[str, int]]:
        with database.reading() as connection:
            return [(each.order_number, each.onu_id) for each in held_lines(connection, "town")]

    with database.writing() as connection:
        for order in ("O-1", "O-2"):
            reserve_line(connection, PLACES, (), market="town", service_id="1", order_number=order, at=NOW)
    assert kept() == [("O-1", 1), ("O-2", 2)]
    with database.writing() as connection:
        release_lines_of(connection, "city", "1", NOW, "another market's service of that number")
        release_lines_of(connection, "town", "1", NOW, "moved", but_of_order="O-2")
    assert kept() == [("O-2", 2)]
    with database.writing() as connection:
        release_lines_of(connection, "town", "1", NOW, "ceased")
    assert kept() == []


def test_many_at_once_get_a_place_each(database: Database, database_address: str) -> None:
    def one(number: int) -> Reservation | None:
        own = open_database(database_address)
        try:
            return reserve(own, f"{number % 6}")  # each service is asked for twice
        finally:
            own.close()

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(one, range(12)))
    held = {each.service_id: (each.port, each.onu_id) for each in found if each is not None}
    assert len(held) == len(set(held.values())) == 4
    assert all(each is None or held[each.service_id] == (each.port, each.onu_id) for each in found)


def test_many_orders_get_a_device_each(database: Database, database_address: str) -> None:
    serials = [f"CXNK0000000{number}" for number in range(4)]

    def one(number: int) -> tuple[str, str | None]:
        own, order = open_database(database_address), f"{number % 6}"
        try:
            with own.writing() as connection:
                return order, allocate_device(
                    connection, serials, kind="ont", service_id=order, order_number=order, at=NOW
                )
        finally:
            own.close()

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(one, range(12)))
    given = {order: serial for order, serial in found if serial is not None}
    assert sorted(given.values()) == serials
    assert all(serial is None or given[order] == serial for order, serial in found)
    with database.writing() as connection:
        order, serial = next(iter(given.items()))
        assert allocated_to(connection, order, "ont") == serial
        assert release_device(connection, serial, NOW, "broken")
        assert allocated_to(connection, order, "ont") is None


def test_a_terminal_gives_no_more_legs_than_it_has_though_its_port_could(
    database: Database, database_address: str
) -> None:
    """Scenario 8: two terminals share a port of sixteen places; the first of them has room for two."""
    terminals = [
        Place("olt-1", "1/1/1", 16, terminal="T1", legs=2),
        Place("olt-1", "1/1/1", 16, terminal="T2", legs=4),
    ]

    def one(service: str) -> Reservation | None:
        own = open_database(database_address)
        try:
            with own.writing() as connection:
                return reserve_line(
                    connection, terminals, set(), market="town", service_id=service, order_number=service, at=NOW
                )
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        found = [each for each in pool.map(one, "abcdefgh") if each is not None]
    assert sorted((each.terminal, each.leg) for each in found) == [
        ("T1", 1),
        ("T1", 2),
        *(("T2", leg) for leg in range(1, 5)),
    ]
    assert sorted(each.onu_id for each in found) == list(range(1, 7))
    with database.reading() as connection:
        assert {each.service_id for each in held_lines(connection, "town")} == {each.service_id for each in found}
