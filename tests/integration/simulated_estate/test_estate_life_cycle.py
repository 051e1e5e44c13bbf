"""Starting and stopping the estate."""

import socket
import threading
from collections.abc import Callable

import pytest
from estate_clients import field_service, org, walk
from estate_rows import small_books

from simulated_estate.books import Books
from simulated_estate.servers.serve import serve_estate
from tests.ports import free_port


@pytest.fixture
def estate_threads() -> Callable[[], set[str]]:
    """Names of the threads that estates have started since; another test's estate may live on beside them."""
    before = set(threading.enumerate())
    return lambda: {
        thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("estate-")
    }


def test_it_leaves_nothing_behind_and_its_ports_may_be_had_again(estate_threads: Callable[[], set[str]]) -> None:
    wanted = free_port()
    with serve_estate(small_books(), ports={"field_service": wanted}) as estate:
        org(estate)
        walk(estate, "rb-olt-calix", v3=True)
        kept_open = field_service(estate)
        kept_open.get("/api/v2/work-orders")
        assert estate_threads() == {
            "estate-access",
            "estate-crm",
            "estate-billing",
            "estate-field_service",
            "estate-target_billing",
            "estate-relay",
            "estate-snmp",
        }
        assert estate.addresses["field_service"].endswith(f":{wanted}")
    assert estate_threads() == set()
    with serve_estate(Books(), ports={"crm": wanted}) as again:
        assert again.addresses["crm"].endswith(f":{wanted}")


def test_wanted_ports_are_taken_and_a_taken_one_is_an_error(estate_threads: Callable[[], set[str]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with (
            pytest.raises(OSError, match="in use"),
            serve_estate(small_books(), ports={"billing": other.getsockname()[1]}),
        ):
            pass
    assert estate_threads() == set()


def test_an_estate_of_nothing_can_be_served() -> None:
    with serve_estate(Books()) as estate:
        assert org(estate).describe()["sobjects"] == []
        assert set(estate.addresses) == {"crm", "billing", "field_service", "target_billing"}


def test_the_demo_credentials_differ_from_each_other() -> None:
    with serve_estate(Books()) as estate:
        words = [word for known in estate.credentials.values() for name, word in known.items() if "user" not in name]
    secrets = [word for word in words if word != "hub"]
    assert len(secrets) == len(set(secrets))
