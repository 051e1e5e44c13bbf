"""The pack of a take-over holds all that it rests on, and the same content gives the same bytes."""

import json
from hashlib import sha256
from zipfile import ZipFile

import pytest

from hub.takeover.evidence_pack import FILES, write_evidence_pack
from hub.workplace import Hub
from tests.fakes.effects import HandClock
from tests.fakes.ready_orders import MARKET, OrderBook
from tests.fakes.taking_over import TakeOver


@pytest.fixture
def dialect() -> str:
    return "sqlite"


def test_it_tells_who_moved_what_and_why(hub: Hub, book: OrderBook, taking: TakeOver, clock: HandClock) -> None:
    book.pull(hub)
    taking.begin_canary("field_to_billing")
    taking.move("field_to_billing", "rolled_back", why="one double bill")
    path = write_evidence_pack(hub, MARKET, "field_to_billing", clock())
    first = path.read_bytes()
    with ZipFile(path) as pack:
        texts = {name: pack.read(name) for name in pack.namelist()}

    manifest = json.loads(texts["manifest.json"])
    assert (manifest["market"], manifest["position"]["stage"]) == (MARKET, "shadow")
    assert manifest["files"] == {name: sha256(texts[name]).hexdigest() for name in manifest["files"]}
    assert set(manifest["files"]) == {f"{name}.json" for name in FILES}
    told = [(each["kind"], each["actor"], each["why"]) for each in json.loads(texts["moves.json"])]
    assert told == [
        ("promoted", "lee", "tried"),
        ("promoted", "lee", "tried"),
        ("rolled_back", "lee", "one double bill"),
    ]
    assert [each["action"] for each in json.loads(texts["audit.json"])] == [
        "takeover.promoted",
        "takeover.promoted",
        "takeover.rolled_back",
    ]
    assert write_evidence_pack(hub, MARKET, "field_to_billing", clock()).read_bytes() == first
