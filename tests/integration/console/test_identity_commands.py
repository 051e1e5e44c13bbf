"""`splice identity`: match, list, show, accept, reject and undo as a person types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from canonical_model.errors import ConfigurationError
from console.main import app
from tests.fakes.identities import Believed
from tests.fakes.small_hub import SmallHub

pytestmark = pytest.mark.peer("splink")

Run = Callable[..., Result]
HOME = {"phone": "612 555 0143", "address": "12 Elm Street", "postal_code": "55101"}
HOSTILE = "Ana [red]\x9b2J\u202e Reyes"


@pytest.fixture
def believed(tmp_path: Path) -> Believed:
    known = Believed(SmallHub(tmp_path))
    known.customer("crm", "1", "Ana Reyes", **HOME)
    known.customer("fsm", "2", HOSTILE, **{**HOME, "phone": "612 555 0999"})
    known.customer("crm", "5", "Ben Lund", email="ben@example.org", born="1970-01-02")
    known.customer("billing", "6", "Ben Lund", email="ben@example.org", born="1970-01-02")
    known.pull()
    return known


@pytest.fixture
def splice(believed: Believed) -> Run:
    def run(*words: str) -> Result:
        where = ["--operator", str(believed.hub.folder), "--workspace", str(believed.hub.workspace)]
        return CliRunner().invoke(app, ["identity", *words, *where])

    return run


def listed(splice: Run, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(splice("review", "list", "--json", *words).output)
    return found


def test_a_run_says_what_it_came_to_and_the_list_asks(splice: Run) -> None:
    told = splice("match", "--subject", "customer").output
    assert "customer: 4 records; 1 links, 1 questions, 0 kept apart (2 new, 0 changed, 0 lapsed)" in told
    table = splice("review", "list").output
    assert "crm/customer/1" in table
    assert "fsm/customer/2" in table
    assert "different in phone" in table
    assert "crm/customer/5" not in table
    assert "crm/customer/5" in splice("review", "list", "--state", "linked").output
    assert "premise: 0 records" in splice("match").output


def test_the_list_as_json_is_for_other_programs(splice: Run) -> None:
    splice("match")
    (question,) = listed(splice)
    assert (question["left"], question["right"]) == ("crm/customer/1", "fsm/customer/2")
    assert (question["state"], question["basis"], question["decided_by"]) == ("review", "score", None)
    assert 0.6 <= question["probability"] <= 1
    assert question["weight"] == pytest.approx(sum(line["weight"] or 0 for line in question["evidence"]))
    assert {link["state"] for link in listed(splice, "--state", "linked", "--state", "review")} == {
        "linked",
        "review",
    }
    assert listed(splice, "--subject", "premise") == []


def test_a_link_is_shown_with_both_records_and_cannot_speak_to_the_terminal(splice: Run) -> None:
    splice("match")
    (question,) = listed(splice)
    told = splice("review", "show", str(question["link"])).output
    assert "Ana [red]" in told
    assert not set(told) & {"\x9b", "\u202e"}
    assert all(word in told for word in ("birth_date", "unknown", "equal", "prior", "What happened", "found"))
    shown = json.loads(splice("review", "show", str(question["link"]), "--json").output)
    assert [record["name"] for record in shown["fields"]] == ["Ana Reyes", HOSTILE]
    assert [(step["step"], step["by"]) for step in shown["steps"]] == [("found", "run")]


def test_answers_are_kept_with_who_and_why(splice: Run) -> None:
    splice("match")
    number = str(listed(splice)[0]["link"])
    told = splice("review", "accept", number, "--why", "same signature", "--as", "rosa").output
    assert told == f"link {number} is linked: crm/customer/1 and fsm/customer/2\n"
    assert listed(splice) == []
    groups = json.loads(splice("groups", "--json").output)
    assert groups == [["billing/customer/6", "crm/customer/5"], ["crm/customer/1", "fsm/customer/2"]]

    splice("match")
    (kept,) = [link for link in listed(splice, "--state", "linked") if str(link["link"]) == number]
    assert (kept["decided_by"], kept["why"]) == ("rosa", "same signature")

    assert "is review" in splice("review", "undo", number, "--why", "another pen").output
    assert "is apart" in splice("review", "reject", number, "--why", "another pen").output
    assert json.loads(splice("groups", "--json").output) == [["billing/customer/6", "crm/customer/5"]]
    assert "billing/customer/6  crm/customer/5" in splice("groups").output


def test_what_a_person_can_mend_is_said(splice: Run) -> None:
    for words, said in (
        (("review", "show", "77"), "there is no link 77"),
        (("review", "accept", "77", "--why", "x"), "there is no link 77"),
        (("review", "list", "--state", "linkd"), "there is no state 'linkd'; nearest: linked"),
    ):
        failed = splice(*words).exception
        assert isinstance(failed, ConfigurationError)
        assert said in str(failed)
