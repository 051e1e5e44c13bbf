"""What an operator meets, from the command line to what is read behind it, on both databases."""

import json
from datetime import date
from typing import Any

import pytest

from canonical_model.billing import ChargeLine
from canonical_model.customers import BillingAccount
from identity.settings_file import default_text
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed
from tests.fakes.small_operator import MARKET

pytestmark = pytest.mark.peer("splink")

ANA = {"email": "ana.reyes@example.org", "born": "1984-03-01", "address": "12 Elm Street", "postal_code": "55101"}


def questions(splice: CommandLine, *states: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = splice.json("review", "list", *(word for one in states for word in ("--state", one)))
    return {(each["left"], each["right"]): each for each in found}


def not_judged(believed: Believed, splice: CommandLine) -> list[str]:
    """What the market's newest report could not judge, and why."""
    done = splice.other("reconcile", MARKET.id, "--as-of", f"{NOON:%Y-%m-%dT%H:%M:%S}")
    assert done.exception is None, done.exception
    newest = max((believed.hub.workspace / "reports").rglob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [entry["reason"] for entry in json.loads(newest.read_text(encoding="utf-8"))["not_judged"]]


def bill_line(account: str) -> ChargeLine:
    return ChargeLine(
        market=MARKET.id,
        source_system="billing",
        source_object="line",
        source_id=account,
        account_number=account,
        billing_code="F100",
        rate_minor=6000,
        amount_minor=6000,
        currency="USD",
        covers_from=date(2026, 10, 1),
        covers_to=date(2026, 11, 1),
        billed_on=date(2026, 11, 1),
    )


def test_a_company_was_bought_whose_numbers_overlap(believed: Believed, splice: CommandLine) -> None:
    ours = believed.customer("crm", "1001", "Ana Reyes", **ANA)
    bill = believed.customer("billing", "1001", "Ana Reyes")
    theirs = believed.customer("fsm", "1001", "Wes Holm", born="1960-02-02", address="9 Mill Lane")
    same = believed.customer("fsm", "7", "Ana Reyes", **ANA)
    believed.pull()
    splice.told("match", "--subject", "customer")
    asked = questions(splice)
    assert {names for names in asked if theirs in names} == {(bill, theirs), (ours, theirs)}
    assert asked[ours, theirs]["reason"] == "the same account_number, and yet different in given_name, surname"

    place = believed.hub.folder / "identity/customer.yaml"
    place.parent.mkdir()
    spaces = "    spaces: [[crm, billing], [fsm]]\n    contradicted_by:"
    place.write_text(default_text("customer").replace("    contradicted_by:", spaces, 1), encoding="utf-8")
    splice.told("match", "--subject", "customer")
    assert not [names for names in questions(splice, "review", "linked") if theirs in names]
    assert splice.json("groups") == [[bill, ours, same]]


def test_two_units_stand_behind_one_address(believed: Believed, splice: CommandLine) -> None:
    place = {"postal_code": "55101", "city": "Springfield"}
    four = believed.premise("crm", "1", "12 Elm Street", unit="4", **place)
    five = believed.premise("crm", "2", "12 Elm Street", unit="5", **place)
    also_four = believed.premise("billing", "A", "12 ELM ST APT 4", **place)
    vague = believed.premise("billing", "X", "12 Elm St", **place)
    believed.pull()
    splice.told("match", "--subject", "premise")
    assert splice.json("groups", "--subject", "premise") == [[also_four, four]]
    asked = questions(splice)
    assert set(asked) == {(vague, five)}, "unit 4 has its partner there already"
    assert asked[vague, five]["reason"] == "no agreement in unit"
    splice.told("review", "accept", str(asked[vague, five]["link"]), "--why", "asked the tenant")
    assert splice.json("groups", "--subject", "premise") == [[also_four, four], [vague, five]]
    assert "apart" not in {each["state"] for each in questions(splice, "linked", "review").values()}


def test_one_person_has_two_accounts(believed: Believed, splice: CommandLine) -> None:
    home = believed.customer("billing", "1", "Ana Reyes", **ANA)
    cabin = believed.customer(
        "billing", "2", "Reyes, Ana M.", **{**ANA, "address": "3 Lake Rd", "postal_code": "55999"}
    )
    daughter = believed.customer("billing", "3", "Ana Reyes", **{**ANA, "email": None, "born": "2004-05-06"})
    believed.pull()
    splice.told("match", "--subject", "customer")
    assert splice.json("groups") == [[home, cabin]]
    link = questions(splice, "linked")[home, cabin]
    shown = splice.json("review", "show", str(link["link"]))
    assert [record["account_number"] for record in shown["fields"]] == ["1", "2"], "both accounts stay"
    assert not [names for names in questions(splice, "linked") if daughter in names]


def test_a_merge_is_undone_and_what_is_read_behind_it_sees_that(believed: Believed, splice: CommandLine) -> None:
    ours = believed.customer("crm", "1", "Ana Reyes", **ANA)
    theirs = believed.customer("billing", "777", "Ana Reyes", **ANA)
    believed.records += [
        BillingAccount(
            market=MARKET.id, source_system="crm", source_object="account", source_id="1", account_number="1"
        ),
        bill_line("777"),
    ]
    believed.pull()
    splice.told("match", "--subject", "customer")
    assert splice.json("groups") == [[theirs, ours]]
    link = str(questions(splice, "linked")[theirs, ours]["link"])
    unknown = "1 bill lines of account 777, which the order system does not know"
    hint = f"{unknown}; the same customer has account 1 of {ours} (link {link})"
    assert hint in not_judged(believed, splice)

    splice.told("review", "undo", link, "--why", "two sisters", "--as", "rosa")
    assert splice.json("groups") == []
    assert unknown in not_judged(believed, splice)
    splice.told("match", "--subject", "customer")
    assert splice.json("groups") == [], "the next run does not join them again"
    assert unknown in not_judged(believed, splice)

    splice.told("review", "accept", link, "--why", "one and the same after all")
    assert hint in not_judged(believed, splice)
    steps = splice.json("review", "show", link)["steps"]
    assert [(step["step"], step["state"]) for step in steps] == [
        ("found", "linked"),
        ("undo", "apart"),
        ("accept", "linked"),
    ]


def test_acceptances_that_contradict_each_other_are_not_all_recorded(believed: Believed, splice: CommandLine) -> None:
    same = {"address": "1 Elm Street", "postal_code": "55101"}
    ana = [
        believed.customer(system, number, "Ana Reyes", phone=f"612 555 010{number}", **same)
        for system, number in (("crm", "1"), ("crm", "2"), ("fsm", "3"))
    ]
    believed.pull()
    splice.told("match")
    splice.told("review", "reject", str(questions(splice)[ana[0], ana[1]]["link"]), "--why", "mother and daughter")
    left = splice.json("review", "patterns")
    assert [each["questions"] for each in left] == [2]
    words = ("review", "accept", "--pattern", left[0]["pattern"], "--count", "2", "--why", "moved")
    told = splice.told(*words)
    assert "1 are linked" in told
    assert "stays as it is: it would make" in told
    assert "which a person keeps apart" in told
    assert [len(names) for names in splice.json("groups")] == [2]
