"""jsforce, which nobody here wrote, works with the simulated org as with a real one."""

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulated_estate.books import Books
from simulated_estate.servers.serve import serve_estate
from tests.peers import require_peer

SCRIPT = Path(__file__).parents[2] / "npm" / "org_client.mjs"
LIBRARY = "var/peers/node_modules/jsforce/package.json"


def books() -> Books:
    usual = {"IsDeleted": False, "SystemModstamp": "2026-01-01T00:00:00Z"}
    accounts = [
        {"Id": f"001LV{number:010d}AAA", "Name": f'Household "{number}"\n', "Credit__c": Decimal("7.50"), **usual}
        for number in range(3)
    ]
    orders = [
        {"Id": f"801LV{number:010d}AAA", "Name": "order", "AccountId": accounts[number % 2]["Id"], **usual}
        for number in range(450)
    ]
    return Books(crm={"Account": accounts, "Order": orders})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the script has to tell after its way through the org."""
    peer = require_peer("jsforce")
    with serve_estate(books(), smallest_page=100) as estate:
        known = estate.credentials["crm"]
        done = subprocess.run(
            [
                str(peer["node"]),
                str(SCRIPT),
                str(peer[LIBRARY].parents[1]),
                estate.addresses["crm"],
                known["username"],
                known["password"] + known["security_token"],
                known["consumer_key"],
                known["consumer_secret"],
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={"PATH": "", "HOME": str(tmp_path_factory.mktemp("home")), "NO_PROXY": "127.0.0.1"},
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"address": estate.addresses["crm"]}


def test_it_logs_in_by_soap_and_by_client_credentials(told: dict[str, Any]) -> None:
    assert told["instance"] == told["address"]
    assert told["counted"] == 3


def test_it_reads_all_pages_parents_and_children(told: dict[str, Any]) -> None:
    assert told["paged"]["total"] == len(set(told["paged"]["ids"])) == 450
    assert told["paged"]["parent"] == 'Household "0"\n'
    assert told["children"] == [225, 225, 0]


def test_it_reads_descriptions_and_limits(told: dict[str, Any]) -> None:
    assert {"Id", "AccountId", "SystemModstamp"} <= set(told["described"])
    assert told["objects"] == ["Account", "Order"]
    assert told["limits"]["DailyApiRequests"]["Max"] == told["usage"]["limit"] == 100_000
    assert told["usage"]["used"] > 3


def test_it_reads_the_result_of_a_query_job(told: dict[str, Any]) -> None:
    rows = {row["Id"]: (row["Name"], row["Credit__c"]) for row in told["bulk"]}
    assert rows == {f"001LV{number:010d}AAA": (f'Household "{number}"\n', "7.50") for number in range(3)}


def test_it_writes_by_collections_and_is_told_what_is_refused(told: dict[str, Any]) -> None:
    assert (told["created"], told["updated"], told["destroyed"]) == ([True, True], [True], [True, True])
    assert told["retrieved"] == ["renamed", "from jsforce 2"]
    assert told["refused"] == ["INVALID_FIELD"]
    assert told["wrong"] == "INVALID_FIELD"
