"""The simulated field service system as httpx meets it."""

import time
from datetime import timedelta

import httpx
import pytest
from estate_clients import field_pages, field_rows, field_service, stranger
from estate_rows import START, work_order

from simulated_estate.books import Books
from simulated_estate.servers.serve import RunningEstate


def keys(rows: list[dict[str, object]]) -> list[int]:
    return [int(str(row["id"]).removeprefix("wo_")) for row in rows]


@pytest.mark.parametrize("in_form", [True, False])
def test_client_credentials_give_a_token_that_works(estate: RunningEstate, in_form: bool) -> None:
    known = estate.credentials["field_service"]
    client = stranger(estate)
    login = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    form = {"grant_type": "client_credentials", **(login if in_form else {})}
    basic = None if in_form else httpx.BasicAuth(known["client_id"], known["client_secret"])
    token = client.post("/oauth/token", data=form, auth=basic or httpx.USE_CLIENT_DEFAULT).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert client.get("/api/v2/work-orders", headers=headers).status_code == 200
    estate.expire_sessions()
    assert client.get("/api/v2/work-orders", headers=headers).status_code == 401


def test_wrong_logins_are_refused(estate: RunningEstate) -> None:
    client = stranger(estate)
    form = {"grant_type": "client_credentials", "client_id": "hub", "client_secret": "wrong"}
    refusal = client.post("/oauth/token", data=form)
    assert (refusal.status_code, refusal.json()["error"]) == (401, "invalid_client")
    form |= {"client_secret": estate.credentials["field_service"]["client_secret"], "grant_type": "password"}
    refusal = client.post("/oauth/token", data=form)
    assert (refusal.status_code, refusal.json()["error"]) == (400, "unsupported_grant_type")
    anonymous = client.get("/api/v2/completions")
    assert anonymous.status_code == 401
    assert anonymous.headers["www-authenticate"].startswith("Bearer")
    assert anonymous.headers["content-type"] == "application/problem+json"


def test_pages_give_every_row_once_in_the_order_of_change(estate: RunningEstate) -> None:
    client = field_service(estate)
    pages = list(field_pages(client, "work-orders", limit=4))
    assert [keys(page) for page in pages] == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10]]
    assert client.get("/api/v2/work-orders", params={"limit": 4}).headers["x-total-count"] == "10"
    assert field_rows(client, "completions") == []


def test_rows_are_served_as_they_stand_in_the_books(books: Books, estate: RunningEstate) -> None:
    visits = [{"visit_no": 1, "outcome": "done", "scheduled": "2026-03-05T09:00:00-05:00"}]
    books.field_service["work_orders"] = [work_order(1, visits=visits, note="Müller & Söhne")]
    (row,) = field_rows(field_service(estate), "work-orders")
    assert row == books.field_service["work_orders"][0]
    assert field_service(estate).get("/api/v2/work-orders/wo_0001").json() == row


def test_changes_since_count_zones(estate: RunningEstate) -> None:
    client = field_service(estate)
    local = (START + timedelta(minutes=8)).isoformat().replace("+00:00", "Z")
    assert keys(field_rows(client, "work-orders", updated_since=local)) == [8, 9, 10]
    assert keys(field_rows(client, "work-orders", updated_since="2026-01-01T01:09:00+01:00")) == [9, 10]
    bare = client.get("/api/v2/work-orders?updated_since=2026-01-01T01:09:00+01:00").json()
    assert keys(bare["data"]) == [9, 10]


def test_a_pull_loses_no_row_that_changes_on_the_way(books: Books, estate: RunningEstate) -> None:
    client = field_service(estate)
    pages = field_pages(client, "work-orders", limit=4)
    assert keys(next(pages)) == [1, 2, 3, 4]
    rows = books.field_service["work_orders"]
    rows[0]["updated_at"] = "2026-02-01T00:00:00-05:00"
    rows[5]["updated_at"] = "2026-03-01T00:00:00-05:00"
    del rows[3]
    rows.insert(0, work_order(11))
    assert [key for page in pages for key in keys(page)] == [5, 7, 8, 9, 10, 11, 1, 6]


def test_an_unchanged_page_is_not_sent_again(books: Books, estate: RunningEstate) -> None:
    client = field_service(estate)
    tag = {"If-None-Match": client.get("/api/v2/work-orders").headers["etag"]}
    assert client.get("/api/v2/work-orders", headers=tag).status_code == 304
    books.field_service["work_orders"][0]["note"] = "changed"
    assert client.get("/api/v2/work-orders", headers=tag).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "kind", "parameter"),
    [
        ("work-orders?limit=0", 400, "invalid-parameter", "limit"),
        ("work-orders?limit=1001", 400, "invalid-parameter", "limit"),
        ("work-orders?limit=ten", 400, "invalid-parameter", "limit"),
        ("work-orders?updated_since=yesterday", 400, "invalid-parameter", "updated_since"),
        ("work-orders?updated_since=2026-01-01T00:00:00", 400, "invalid-parameter", "updated_since"),
        ("work-orders?cursor=nonsense", 400, "unknown-cursor", "cursor"),
        ("work-orders?cursor=W10=", 400, "unknown-cursor", "cursor"),
        ("work-orders/wo_9999", 404, "not-found", None),
        ("invoices", 404, "not-found", None),
    ],
)
def test_errors_are_problem_documents(
    estate: RunningEstate, path: str, status: int, kind: str, parameter: str | None
) -> None:
    answer = field_service(estate).get(f"/api/v2/{path}")
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"]) == (status, status)
    assert problem["type"].endswith(f"/{kind}")
    assert problem.get("parameter") == parameter


def test_a_cursor_of_another_feed_and_a_wrong_method_are_refused(estate: RunningEstate) -> None:
    client = field_service(estate)
    cursor = client.get("/api/v2/work-orders", params={"limit": 1}).json()["next"]
    assert client.get("/api/v2/completions", params={"cursor": cursor}).json()["status"] == 400
    assert client.put("/api/v2/work-orders").json()["status"] == 405


def test_a_short_answer_does_not_wait_for_an_acknowledgement(estate: RunningEstate) -> None:
    client = field_service(estate)
    client.get("/api/v2/completions")
    took = []
    for _ in range(50):
        started = time.monotonic()
        client.get("/api/v2/completions")
        took.append(time.monotonic() - started)
    assert min(took) < 0.03  # each would take the usual 40 ms; on a busy machine one of many is quick all the same
