"""Looking around in the example's systems: what drafts propose, held against the mappings written by hand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from canonical_model.errors import ConfigurationError
from connectors.drafting import Guess
from hub.connecting import draft_of, objects_of, try_stream
from hub.workplace import Hub
from simulated_estate.cast import BLOCK
from storage.extract import row_counts
from storage.streams import stream_state
from tests.fakes.lumen_valley import FOLDER, lumen_valley

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
LEAST_SHARE = 0.94
"""Of the fields that come from a field of the source; constants and lookups are nothing to guess."""
DESCRIBED = {
    path.stem: written
    for path in sorted((FOLDER / "mappings").glob("*.yaml"))
    if (written := yaml.safe_load(path.read_text(encoding="utf-8"))).get("system")
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("connecting")
    with (
        lumen_valley(folder / "operator", subscribers=BLOCK, months=4) as operator,
        operator.hub(folder / "work") as hub,
    ):
        yield hub


@dataclass(frozen=True)
class Agreement:
    """How much of a mapping written by hand a draft proposes alike."""

    entities: bool
    same: int
    of: int


def agreement(guess: Guess, written: dict[str, Any]) -> Agreement:
    drafted = [one for one in (guess.guess, *(each.guess for each in guess.lists)) if one]
    fields = {(one.entity.__name__, field.target.name): field.source.name for one in drafted for field in one.fields}
    wanted = [
        (part["entity"], name, source["from"] if isinstance(source, dict) else str(source))
        for part in written["records"]
        for name, source in part["fields"].items()
    ]
    names = {one.entity.__name__ for one in drafted}
    first = {part["entity"] for part in written["records"][:1]}
    from_source = [each for each in wanted if each[0] in names and re.search(r"[A-Za-z_]{2,}", _unquoted(each[2]))]
    same = sum(
        (entity, name) in fields and re.search(rf"\b{re.escape(fields[entity, name])}\b", text) is not None
        for entity, name, text in from_source
    )
    return Agreement(first <= names, same, len(from_source))


def _unquoted(text: str) -> str:
    return re.sub(r"'[^']*'", "", text)


def test_drafts_of_the_example_say_what_was_written_by_hand(hub: Hub) -> None:
    found = {
        name: agreement(draft_of(hub, written["system"], written["read"]["object"], 200).guess, written)
        for name, written in DESCRIBED.items()
    }
    assert len(found) == len(DESCRIBED) >= 30
    assert [name for name, one in found.items() if not one.entities] == []
    same, of = sum(one.same for one in found.values()), sum(one.of for one in found.values())
    assert of > 100
    assert same / of >= LEAST_SHARE, found


def test_drafts_of_the_example_name_the_field_that_grows_with_each_change(hub: Hub) -> None:
    for written in DESCRIBED.values():
        found = draft_of(hub, written["system"], written["read"]["object"], 200).guess.found
        wanted = written["read"]["cursor"]
        told = [note for note in found.notes if note.startswith(f"{wanted} grows with each change")]
        assert found.cursor == wanted or told, written["read"]["object"]


@pytest.mark.parametrize("system", ["rb-olt-calix", "rb-olt-adtran", "rb-olt-nokia", "ms-sw-ciena", "ns-ap-cambium"])
def test_an_element_is_known_by_the_tables_it_answers(hub: Hub, system: str) -> None:
    profile = hub.operator.file.systems[system].stream_options["profile"]
    assert profile in {one.name for one in objects_of(hub, system)}
    draft = draft_of(hub, system, profile, 20)
    read = yaml.safe_load(draft.text)
    assert read["read"]["options"] == {"profile": profile}
    (record,) = read["records"]
    assert record["entity"] == "NetworkObservation"
    assert record["fields"]["serial"] == "serial"
    assert {"element": "system_name", "observed_at": "pulled_at"}.items() <= record["fields"].items()


def test_a_draft_is_yaml_that_names_its_source(hub: Hub) -> None:
    for written in DESCRIBED.values():
        draft = draft_of(hub, written["system"], written["read"]["object"], 20)
        read = yaml.safe_load(draft.text)
        assert read["system"] == written["system"]
        assert read["read"]["object"] == written["read"]["object"]
        assert set(read["read"]["key"]) <= set(read["read"]["fields"])


def test_systems_list_what_they_hold(hub: Hub) -> None:
    assert {"Account", "Order", "Premise__c"} <= {one.name for one in objects_of(hub, "crm")}
    assert "ListBills" in {one.name for one in objects_of(hub, "billing")}
    assert list(objects_of(hub, "fsm")) == []  # it does not describe itself; a path has to be named


@pytest.mark.parametrize(
    ("system", "name", "told"),
    [
        ("crm", "Acount", "did you mean Account"),
        ("billing", "ListBill", "did you mean ListBills"),
        ("fsm", "api/v2/nothing", "404"),
        ("crn", "Account", "there is no system 'crn'; nearest: crm"),
    ],
)
def test_a_wrong_name_is_told(hub: Hub, system: str, name: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        draft_of(hub, system, name, 5)


@pytest.mark.parametrize("stream", ["accounts", "orders"])
def test_a_trial_maps_and_stores_nothing(hub: Hub, stream: str) -> None:
    trial = try_stream(hub, "crm", stream, NOW, 7)
    assert len(trial.batch.raws) == 7
    assert trial.batch.records
    with hub.database.reading() as connection:
        assert sum(row_counts(connection).values()) == 0
        assert stream_state(connection, "crm", stream).resume is None
