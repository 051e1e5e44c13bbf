"""What a flow may be asked for, and how the form says it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from canonical_model.errors import ConfigurationError
from flows.asked import MarketRequest, OutboxRequest, SourceRequest, opened
from flows.reconcile_market import reconcile_market
from flows.run_market import run_market
from flows.sync_source import sync_source
from hub.operator_folder.load import Operator
from tests.fakes.lumen_valley import FOLDER, change

REQUESTS = (SourceRequest, MarketRequest, OutboxRequest)


@pytest.mark.parametrize("request_type", REQUESTS)
def test_every_field_of_the_form_has_a_help_text(request_type: type[BaseModel]) -> None:
    assert {name for name, field in request_type.model_fields.items() if not field.description} == set()


@pytest.mark.parametrize("request_type", REQUESTS)
def test_every_field_of_the_form_is_one_plain_input_and_what_is_needed_comes_first(
    request_type: type[BaseModel],
) -> None:
    schema = request_type.model_json_schema()
    for about in schema["properties"].values():
        assert about["type"] in {"string", "integer"}  # a choice of types would be a switch
        assert "default" not in about  # an empty input would send it
    assert list(schema["properties"])[-2:] == ["operator", "workspace"]


def test_an_input_that_was_emptied_counts_as_left_out() -> None:
    asked = SourceRequest.model_validate({"system": "crm", "operator": "", "workspace": "", "as_of": ""})
    assert asked == SourceRequest(system="crm")
    assert OutboxRequest.model_validate({"most": ""}) == OutboxRequest()
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


def test_an_operators_folder_is_read_once_for_all_tasks_and_anew_when_a_file_has_changed(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "operator")
    asked = MarketRequest(market="mesa", operator=tmp_path / "operator", workspace=tmp_path / "work")

    def operator() -> Operator:
        with opened(asked) as hub:
            return hub.operator

    first = operator()
    assert operator() is first
    change(tmp_path / "operator" / "operator.yaml", "rejected_percent: 2", "rejected_percent: 3")
    assert (first.file.limits.rejected_percent, operator().file.limits.rejected_percent) == (2, 3)
    change(tmp_path / "operator" / "operator.yaml", "rejected_percent", "rejected")
    with pytest.raises(ConfigurationError, match=r"limits\.rejected: unknown key"):
        operator()
