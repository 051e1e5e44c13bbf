"""A Bulk API that answers as none should: each answer ends in the error that says what to do."""

import json
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from source_harnesses import SALESFORCE

from canonical_model.errors import ConfigurationError, RetryableError, SpliceError
from connectors.discovery import open_source
from connectors.ports import Page, StreamRead, SystemSettings
from tests.fakes.scripted_http import Asked, Reply, scripted_server

SECRET = "hush-hush-0815"
READ = replace(SALESFORCE.read, options={"mode": "bulk", "sweep_hours": "never"})
HEADER = '"Id","AccountNumber","SystemModstamp","IsDeleted"\n'
ROWS = "".join(f'"001{n:015d}","LV-{n}","2026-01-01T00:00:0{n}.000Z","false"\n' for n in range(3))
FIELDS = {"Id": "id", "AccountNumber": "string", "SystemModstamp": "datetime", "IsDeleted": "boolean"}


def as_json(told: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def said(code: str, status: int) -> Reply:
    return as_json([{"errorCode": code, "message": "no"}], status)


def results(body: str | bytes = HEADER + ROWS, count: str = "3", locator: str = "null", **reply: Any) -> Reply:
    octets = body.encode() if isinstance(body, str) else body
    headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": count, "Content-Type": "text/csv"}
    return Reply(200, octets, headers, **reply)


def job(state: str, **more: Any) -> Reply:
    return as_json({"id": "750X", "state": state, "createdDate": "2026-01-02T00:00:00.000+0000", **more})


class Org:
    """Answers as an org does, but for what a test changes: by the last word of a path, one reply after another."""

    def __init__(self, **changed: list[Reply]) -> None:
        self.changed = changed
        self.jobs = 0
        self.usual: dict[str, Reply] = {
            "token": as_json({"access_token": f"token-{SECRET}", "instance_url": "https://org.invalid"}),
            "describe": as_json(
                {"name": "Account", "fields": [{"name": name, "type": kind} for name, kind in FIELDS.items()]}
            ),
            "count": as_json({"totalSize": 3, "done": True, "records": []}),
            "rest": as_json({"totalSize": 0, "done": True, "records": []}),
            "limits": as_json({"DailyBulkV2QueryJobs": {"Max": 10, "Remaining": 10}}),
            "create": job("UploadComplete"),
            "create again": as_json({"id": "750Y", "state": "UploadComplete"}),
            "state": job("JobComplete", numberRecordsProcessed=3),
            "results": results(),
            "DELETE": Reply(204),
        }

    def __call__(self, asked: Asked) -> Reply:
        name = self._name(asked)
        replies = self.changed.get(name, [])
        if len(replies) > 1:
            return replies.pop(0)
        return replies[0] if replies else self.usual[name]

    def _name(self, asked: Asked) -> str:
        path = asked.path.partition("?")[0].rstrip("/")
        word = path.rpartition("/")[2]
        if asked.method == "DELETE":
            return "DELETE"
        if asked.method == "POST" and word == "query":
            self.jobs += 1
            return "create" if self.jobs == 1 or "create" in self.changed else "create again"
        if word in ("query", "queryAll"):
            return "count" if "COUNT" in asked.path else "rest"
        return "state" if word.startswith("750") else word


def pulled(org: Callable[[Asked], Reply], read: StreamRead = READ, **options: Any) -> list[Page]:
    with scripted_server(org) as server:
        settings = SystemSettings(
            "crm",
            "salesforce",
            server.url,
            {"client_id": "app", "longest_wait_s": 0.02, **options},
            {"client_secret": SecretStr(SECRET)},
            timeout_s=30.0,
        )
        source = open_source(settings)
        try:
            return list(source.pages(read, None))
        finally:
            source.close()


def keys(pages: list[Page]) -> list[str]:
    return [record["AccountNumber"] for page in pages for record in page.records]


def test_the_scripted_org_is_read() -> None:
    assert keys(pulled(Org())) == ["LV-0", "LV-1", "LV-2"]


PASSING = {
    "cut": results(promised=1000, ending="closed"),
    "reset": results(promised=1000, ending="reset"),
    "503": Reply(503, b"<html>maintenance</html>"),
    "503 and wait": Reply(503, b"", {"Retry-After": "0"}),
    "429": Reply(429, b"", {"Retry-After": "0"}),
    "concurrency": said("REQUEST_LIMIT_EXCEEDED", 403),
    "session": said("INVALID_SESSION_ID", 401),
    "garbled": Reply(200, b"no gzip", {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("question", ["create", "state", "results", "limits"])
@pytest.mark.parametrize("fault", sorted(set(PASSING) - {"garbled"}))
def test_what_passes_by_itself_is_asked_again(question: str, fault: str) -> None:
    reply = PASSING[fault]
    org = Org()
    org.changed = {question: [reply, org.usual[question]]}
    assert keys(pulled(org)) == ["LV-0", "LV-1", "LV-2"]


@pytest.mark.parametrize("question", ["create", "state", "results"])
@pytest.mark.parametrize("fault", PASSING)
def test_what_does_not_pass_is_told_for_what_it_is(question: str, fault: str) -> None:
    wanted = ConfigurationError if fault == "session" else RetryableError
    with pytest.raises(SpliceError, match=r"^crm: ") as failed:
        pulled(Org(**{question: [PASSING[fault]]}))
    assert type(failed.value) is wanted
    assert SECRET not in "".join(traceback.format_exception(failed.value))


@pytest.mark.parametrize(
    "reply",
    [
        results(HEADER + ROWS[:60]),
        results(HEADER + ROWS, count="4"),
        results(HEADER + ROWS, count="2"),
        results(HEADER.replace("AccountNumber", "Name") + ROWS),
        results(ROWS),
        results("<html>sign in</html>"),
        results(b"\xff\xfe\x00"),
        results(count="many"),
        Reply(200, b"<html>sign in</html>", {"Content-Type": "text/html"}),
        Reply(200, b""),
    ],
)
def test_a_result_that_is_none_is_worth_another_try_and_never_an_empty_feed(reply: Reply) -> None:
    with pytest.raises(RetryableError, match="try again later"):
        pulled(Org(results=[reply]))


@pytest.mark.parametrize("reply", [as_json([]), as_json({}), as_json({"id": 7, "state": "Open"}), Reply(200, b"{}")])
@pytest.mark.parametrize("question", ["create", "state"])
def test_a_job_that_is_none_is_worth_another_try(question: str, reply: Reply) -> None:
    with pytest.raises(RetryableError, match="tells of no job"):
        pulled(Org(**{question: [reply]}))


@pytest.mark.parametrize(
    "body", [b"5", b"null", b'"x"', b"[]", b"[1]", b"{}", b'{"records": 1}', b"<html>", b"\xff", b""]
)
@pytest.mark.parametrize(
    "question", ["token", "describe", "count", "rest", "limits", "create", "state", "results", "DELETE"]
)
@pytest.mark.parametrize("mode", ["rest", "bulk"])
def test_no_answer_whatever_is_a_crash_or_an_empty_feed(mode: str, question: str, body: bytes) -> None:
    org = Org(**{question: [Reply(200, body, {"Content-Type": "application/json"})]})
    org.usual["rest"] = as_json({"totalSize": 1, "done": True, "records": [{"Id": "1", "AccountNumber": "LV-0"}]})
    org.usual["count"] = as_json({"totalSize": 1, "done": True, "records": []})
    try:
        pages = pulled(org, replace(READ, cursor_field=None, options={"mode": mode}))
    except SpliceError:
        return
    assert keys(pages)


@pytest.mark.parametrize(
    "told",
    [
        {"numberRecordsProcessed": "many"},
        {"numberRecordsProcessed": None},
        {"createdDate": "yesterday"},
        {"createdDate": 7},
        {"errorMessage": ["x"], "retries": {}},
    ],
)
def test_a_job_that_tells_nonsense_of_itself_is_still_read(told: dict[str, Any]) -> None:
    pages = pulled(Org(state=[job("JobComplete", **told)]))
    assert len(keys(pages)) == 3
    assert pages[-1].resume["high"].startswith("2026-01-01T00:00:02")


@pytest.mark.parametrize("limits", [[], {"DailyBulkV2QueryJobs": 1}, {"DailyBulkV2QueryJobs": {"Max": "x"}}, {}])
def test_limits_that_tell_nothing_hold_nothing_back(limits: Any) -> None:
    assert len(keys(pulled(Org(limits=[as_json(limits)])))) == 3


def test_fewer_records_over_all_pages_than_the_job_counts_are_not_believed() -> None:
    with pytest.raises(SpliceError, match="counts 9 records and gave 3"):
        pulled(Org(state=[job("JobComplete", numberRecordsProcessed=9)]))


def test_jobs_that_keep_vanishing_are_given_up() -> None:
    with pytest.raises(RetryableError, match=r"query jobs vanish before they are read \(750Y\)"):
        pulled(Org(results=[said("NOT_FOUND", 404)]))


def test_the_orgs_last_jobs_are_left_to_others() -> None:
    pages = pulled(Org(limits=[as_json({"DailyBulkV2QueryJobs": {"Max": 100, "Remaining": 10}})]))
    (told,) = [warning for page in pages for warning in page.warnings]
    assert told.endswith("not by the Bulk API: the org has 10 of its 100 jobs of the last 24 hours left")


@pytest.mark.parametrize("reply", [said("NOT_FOUND", 404), Reply(500), said("INVALIDJOBSTATE", 400)])
def test_a_job_that_cannot_be_cleaned_up_is_no_fault(reply: Reply) -> None:
    assert len(keys(pulled(Org(DELETE=[reply])))) == 3


def test_a_lock_on_a_row_passes() -> None:
    with pytest.raises(RetryableError, match="UNABLE_TO_LOCK_ROW; try again later"):
        pulled(Org(create=[said("UNABLE_TO_LOCK_ROW", 400)]))


def test_a_page_of_rest_that_is_html_or_cut_is_worth_another_try() -> None:
    for reply in (Reply(200, b"<html>sign in</html>"), Reply(200, b'{"totalSize": 3', promised=900, ending="closed")):
        with pytest.raises(RetryableError):
            pulled(Org(rest=[reply]), replace(READ, options={"mode": "rest"}))
