"""Which work pool a deployment's runs wait in, and what an environment says to a server."""

from pathlib import Path
from typing import Any

import pytest

from canonical_model.errors import ConfigurationError
from flows.deployments import deployments_of, pools_of, with_pool_per_market
from flows.server_settings import client_environment, secrets_in, server_environment

LOGIN = "desk:a long secret"
DATABASE = "postgresql://prefect:hidden@db.example/prefect"


def deployment(name: str, pool: str | None = "splice", **request: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "parameters": {"request": request}}
    return found if pool is None else {**found, "work_pool": {"name": pool, "job_variables": {"env": {}}}}


def test_what_is_asked_for_a_market_waits_in_its_pool_and_all_else_in_the_shared_one() -> None:
    given = [
        deployment("run-mesa", market="mesa"),
        deployment("sync-crm", system="crm"),
        deployment("guard-mesa", market="mesa"),
        deployment("run-riverbend", market="riverbend"),
    ]
    changed = with_pool_per_market(given)
    assert {each["name"]: each["work_pool"]["name"] for each in changed} == {
        "run-mesa": "splice-mesa",
        "sync-crm": "splice",
        "guard-mesa": "splice-mesa",
        "run-riverbend": "splice-riverbend",
    }
    assert changed[0]["work_pool"]["job_variables"] == {"env": {}}
    assert given[0]["work_pool"]["name"] == "splice", "what was given stays as it was"
    assert pools_of(changed) == ["splice", "splice-mesa", "splice-riverbend"]


def test_a_pool_of_the_operators_own_is_left_alone() -> None:
    given = [deployment("run-mesa", "large-machines", market="mesa"), deployment("by-hand", None, market="mesa")]
    assert with_pool_per_market(given) == given
    assert pools_of(given) == ["large-machines"]


def test_the_projects_own_file_has_a_pool_for_each_of_its_markets() -> None:
    found = deployments_of(Path(__file__).parents[3] / "prefect.yaml")
    assert pools_of(found) == ["splice"]
    assert pools_of(with_pool_per_market(found)) == ["splice", "splice-mesa", "splice-northshore", "splice-riverbend"]


@pytest.mark.parametrize("text", ["", "deployments: none", "deployments: [one]", "deployments: [", "- one"])
def test_a_file_without_deployments_is_a_fault_of_the_set_up(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prefect.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"prefect\.yaml"):
        deployments_of(file)


def test_secrets_reach_the_server_and_its_clients_get_the_login_alone(tmp_path: Path) -> None:
    file = tmp_path / "login"
    file.write_text(f"{LOGIN}\n", encoding="utf-8")
    given = {"SPLICE_PREFECT_LOGIN": f"file:{file}", "SPLICE_PREFECT_DATABASE": DATABASE, "PATH": "/bin"}
    hidden = secrets_in(given)
    assert (hidden.login, hidden.database) == (LOGIN, DATABASE)
    assert "hidden" not in repr(hidden)
    server = server_environment(given, tmp_path, 4200, hidden)
    assert server["PREFECT_SERVER_API_AUTH_STRING"] == LOGIN
    assert server["PREFECT_SERVER_DATABASE_CONNECTION_URL"] == DATABASE.replace("://", "+asyncpg://")
    client = client_environment(given, tmp_path, "http://127.0.0.1:4200/api", hidden.login)
    assert client["PREFECT_API_AUTH_STRING"] == LOGIN
    assert [name for name, said in client.items() if "hidden" in said or "file:" in said] == []


def test_without_secrets_the_server_keeps_a_file_and_lets_everybody_in(tmp_path: Path) -> None:
    hidden = secrets_in({"SPLICE_PREFECT_LOGIN": ""})
    server = server_environment({"SPLICE_PREFECT_LOGIN": ""}, tmp_path, 4200, hidden)
    assert not {"PREFECT_SERVER_API_AUTH_STRING", "PREFECT_SERVER_DATABASE_CONNECTION_URL"} & server.keys()
    assert "PREFECT_API_AUTH_STRING" not in client_environment({}, tmp_path, "http://127.0.0.1:4200/api")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPLICE_PREFECT_LOGIN", "nocolon-s3cret"),
        ("SPLICE_PREFECT_LOGIN", ":s3cret"),
        ("SPLICE_PREFECT_DATABASE", "mysql://prefect:s3cret@db.example/prefect"),
    ],
)
def test_a_value_of_another_form_is_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        secrets_in({name: value})
    assert "s3cret" not in str(caught.value)
