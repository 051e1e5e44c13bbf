"""What a flow may be asked for, and how the form says it."""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from canonical_model.errors import ConfigurationError, RetryableError
from flows.asked import IdentityRequest, MarketRequest, OutboxRequest, SourceRequest
from flows.opening import opened
from flows.reconcile_market import reconcile_market
from flows.run_market import run_market
from flows.sync_source import sync_source
from tests.fakes.lumen_valley import FOLDER, change

REQUESTS = (SourceRequest, MarketRequest, OutboxRequest, IdentityRequest)


@pytest.mark.parametrize("request_type", REQUESTS)
def test_every_field_of_the_form_has_a_help_text(request_type: type[BaseModel]) -> None:
    assert {name for name, field in request_type.model_fields.items() if not field.description} == set()


@pytest.mark.parametrize("request_type", REQUESTS)
def test_every_field_of_the_form_is_one_plain_input_and_what_is_needed_comes_first(
    request_type: type[BaseModel],
) -> None:
    schema = request_type.model_json_schema()
    for about in schema["properties"].values():
        assert about["type"] in {"string", "integer", "boolean"}  # a choice of types would be a switch
        assert "default" not in about or about["type"] == "boolean"  # an empty input would send it
    assert list(schema["properties"])[-2:] == ["operator", "workspace"]


def test_an_input_that_was_emptied_counts_as_left_out() -> None:
    asked = SourceRequest.model_validate({"system": "crm", "operator": "", "workspace": "", "as_of": ""})
    assert asked == SourceRequest(system="crm")
    assert OutboxRequest.model_validate({"most": ""}) == OutboxRequest()
    assert IdentityRequest.model_validate({"subject": ""}).subjects == ("customer", "premise")
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        OutboxRequest(most=0)


@pytest.mark.parametrize("flow", [sync_source, reconcile_market, run_market])
def test_the_form_refuses_what_no_flow_asks_for(flow: object) -> None:
    (schema,) = flow.parameters.definitions.values()  # type: ignore[attr-defined]
    assert schema["additionalProperties"] is False


def test_a_misspelt_parameter_is_refused() -> None:
    with pytest.raises(ValidationError, match="markt"):
        MarketRequest.model_validate({"market": "mesa", "markt": "mesa"})


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        MarketRequest(market="mesa", as_of=datetime(2026, 11, 5, 12))  # noqa: DTZ001


def test_a_moment_in_any_zone_is_taken_as_utc() -> None:
    request = MarketRequest.model_validate({"market": "mesa", "as_of": "2026-11-05T12:00:00-07:00"})
    assert request.moment == datetime(2026, 11, 5, 19, tzinfo=UTC)
    assert request.moment.tzinfo is UTC


def test_a_pull_on_behalf_of_a_market_works_for_the_same_operator_at_the_same_moment() -> None:
    moment = datetime(2026, 11, 5, tzinfo=UTC)
    request = MarketRequest(market="mesa", operator=Path("o"), workspace=Path("w"), as_of=moment)
    assert request.for_system("crm") == SourceRequest(
        system="crm", operator=Path("o"), workspace=Path("w"), as_of=moment
    )


def test_no_operator_is_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPLICE_OPERATOR", raising=False)
    with pytest.raises(ConfigurationError, match="set SPLICE_OPERATOR"), opened(MarketRequest(market="mesa")):
        pass


def test_a_database_that_is_away_when_a_run_begins_is_tried_again(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "operator")
    asked = MarketRequest(market="mesa", operator=tmp_path / "operator", workspace=tmp_path / "work")
    with hanging_up() as (port, calls):
        address = f"postgresql://splice@127.0.0.1:{port}/hub"
        change(tmp_path / "operator" / "operator.yaml", "operator: ", f"database: {address}\noperator: ")
        with pytest.raises(RetryableError), opened(asked, waits_s=(0, 0)):
            pass
        assert len(calls) == 3


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[object]]]:
    """A server that ends every connection at once; gives its port, and who called."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection, caller = server.accept()
                    calls.append(caller)
                    connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1], calls
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
