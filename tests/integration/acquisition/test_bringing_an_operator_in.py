"""An operator that was bought is brought in over real protocols: refused for what is wrong, then signed.

Scenarios 43 and 44: days between two cycles, and serials that are wrong in what was bought.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from canonical_model.errors import ConfigurationError, UnsafeToContinue
from handoffs.acquisition.steps import StepVerdict
from hub.acquisition.leading import judged_wave
from hub.acquisition.proposing import propose
from hub.acquisition.wave_report import wave_markdown, write_wave_report
from hub.cases.decisions import dismiss, reopen
from hub.decision import Decision
from hub.operator_folder.load import load_operator
from tests.fakes.acquired_estate import (
    LATER,
    MARKET,
    MONTHS,
    OLD_PLAN,
    SEED,
    SUBSCRIBERS,
    WAVE,
    AcquiredEstate,
    acquired_estate,
)
from tests.fakes.acquirer import Acquirer
from tests.fakes.lumen_valley import lumen_valley

pytestmark = pytest.mark.peer("splink")


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AcquiredEstate]:
    folder = tmp_path_factory.mktemp("operators") / "bought"
    with lumen_valley(folder, SUBSCRIBERS, MONTHS, SEED) as running:
        yield acquired_estate(running)


def accounts(step: StepVerdict) -> set[str]:
    return {each.account for each in step.proof}


def test_a_wave_is_refused_for_what_is_wrong_and_signed_once_it_is_mended(
    bought: AcquiredEstate, tmp_path: Path
) -> None:
    lead = Acquirer(bought, tmp_path, bought.valley.estate.as_of)
    bought.same_person(*lead.pair)
    lead.map("{code: INT-ETH-0250, offering: ether-250, terms: same}")
    lead.pull()
    role = bought.by_role

    found = lead.lacking()
    assert set(found) == {"accounts_listed", "identities", "plan_map", "device_serials"}
    assert accounts(found["device_serials"]) == {role["another_device"]}
    assert accounts(found["identities"]) == {role["moved_quietly"]}
    assert {role["final_and_first_bill"]} == accounts(found["accounts_listed"])
    assert found["accounts_listed"].proof[0].what.startswith("its service cannot be judged: ")

    no_price_is_rounded(lead)
    two_customers_are_one_only_by_a_person_and_with_nothing_open(lead)
    bought.mend("another_device", lead.now)
    bought.agree_price(lead.now)
    lead.pull()
    question = lead.look().question
    assert question is not None, lead.lacking()
    nobody_else_decides(lead, question.id)
    lead.approve(lead_question(lead))

    found = lead.lacking()
    assert set(found) == {"accounts_there", "stub_periods", "balances"}
    assert accounts(found["accounts_there"]) == {role["dropped"]}
    assert accounts(found["stub_periods"]) == {role["not_contiguous"]}
    assert [(each.account, each.minor) for each in found["balances"].proof] == [(role["balance_differs"], -1)]

    what_is_dismissed_keeps_nothing_while_that_holds(lead)
    for each in ("dropped", "not_contiguous", "balance_differs"):
        bought.mend(each, lead.now)
    lead.pull()
    the_report_shows_every_account(lead)
    the_command_line_says_the_same(lead)
    assert "is in force" in lead.told("prices", MARKET, WAVE)
    lead.approve(lead_question(lead))
    after = lead.look()
    assert [(each.wave, each.phase) for each in after.waves] == [(WAVE, None), (LATER, "begin")]
    assert after.waves[0].signed is not None
    assert after.waves[0].signed.answered_by == "ann"
    what_the_other_mistakes_are_is_told_of_the_next_wave(lead)


def lead_question(lead: Acquirer) -> int:
    look = lead.look()
    assert look.question is not None, look.said
    return look.question.id


def no_price_is_rounded(lead: Acquirer) -> None:
    """The plan that nobody sells is kept at its own price; any other is refused with the customer and the cents."""
    bought = lead.bought
    with bought.valley.hub(lead.workspace) as hub:
        proposal = propose(hub, MARKET, WAVE)
    (own,) = [each for each in proposal.plans if each.code == OLD_PLAN]
    assert (own.equal, own.keeps, own.lacking) == (None, bought.tier, (bought.own_plan,))
    lines = [line.strip().removeprefix("- ") for line in proposal.yaml.splitlines() if "terms:" in line]
    lead.map(*(line.partition("}")[0].replace("terms: ", "terms: same}") for line in lines))

    at_list_price = f"{{code: {OLD_PLAN}, offering: {bought.tier}, terms: same}}"
    lead.map(at_list_price)
    (proof,) = lead.lacking()["plan_map"].proof
    assert proof.account == bought.own_plan
    assert proof.minor == bought.list_price_minor() - 5725
    lead.plans.remove(at_list_price)
    lead.map(f"{{code: {OLD_PLAN}, rate: 57.25, offering: {bought.tier}, terms: same}}")
    with pytest.raises(ConfigurationError, match="no plan is rounded to another"):
        load_operator(bought.valley.folder)
    lead.plans.pop()
    kept = "grandfathered: {until: never, why: promised when it was bought}"
    lead.map(f"{{code: {OLD_PLAN}, rate: 57.25, offering: {bought.tier}, {kept}}}")
    step = lead.lacking()["plan_map"]
    assert step.proof[0].minor == proof.minor, "the map alone changes no price"
    assert step.said.endswith("`splice acquisition prices` lists 1 to agree")
    what_has_to_be_agreed_is_told_to_the_cent(lead)


def what_has_to_be_agreed_is_told_to_the_cent(lead: Acquirer) -> None:
    """On the screen, for other programs, and in the report of the wave; from the day of the move, without an end."""
    bought = lead.bought
    cut = bought.lives[bought.own_plan].cut_over
    assert cut is not None
    (line,) = json.loads(lead.told("prices", MARKET, WAVE, "--json"))
    assert line | {"why": ""} == {
        "account_number": bought.own_plan, "kind": "price_override", "code": bought.tier, "amount": "57.25",
        "currency": "USD", "valid_from": f"{cut.day}", "valid_to": "", "instead_of": "", "why": "", "why_not": "",
    }  # fmt: skip
    head, row = lead.told("prices", MARKET, "--csv").splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True)) == line
    shown = " ".join(lead.told("prices", MARKET, WAVE).split())
    assert f"{bought.own_plan} {bought.tier} 57.25 USD {cut.day} for ever" in shown
    assert shown.endswith("agreed prices are told by crm/price-exceptions")
    report = wave_markdown(lead.look_at()).partition("## prices to agree")[2]
    assert "57.25" in report
    assert f"{cut.day}" in report


def two_customers_are_one_only_by_a_person_and_with_nothing_open(lead: Acquirer) -> None:
    """What was joined by itself waits; it is refused while money is open; both numbers stay, and come apart again."""
    (shown,) = lead.overlaps()
    assert set(shown.link.accounts) == set(lead.pair)
    assert not shown.link.is_decided
    assert shown.open_items
    with pytest.raises(ConfigurationError, match=r"cannot be accepted: account \d+ has bill .* USD open"):
        lead.say(shown.link.link, "accept")

    for account in lead.pair:
        lead.bought.pay_everything(account, lead.now)
    lead.pull()
    (shown,) = lead.overlaps()
    assert shown.open_items == ()
    lead.say(shown.link.link, "accept")
    assert lead.together()
    assert "identities" not in lead.lacking()
    lead.say(shown.link.link, "undo")
    lead.say(shown.link.link, "reject")
    assert not lead.together(), "both are there again, as they were"
    lead.say(shown.link.link, "accept")


def nobody_else_decides(lead: Acquirer, number: int) -> None:
    """Neither somebody who is not named, nor an approver who comes so late that what was shown is old."""
    with pytest.raises(ConfigurationError, match="eve is no approver"):
        lead.approve(number, "eve")
    with pytest.raises(UnsafeToContinue, match="sources: 0 of"):
        lead.approve(number, later=timedelta(hours=60))
    with pytest.raises(ConfigurationError, match="it is lapsed already"):
        lead.approve(number)


def what_is_dismissed_keeps_nothing_while_that_holds(lead: Acquirer) -> None:
    """The case of a finding is set aside by a person; the step names him, and lacks again once that is taken back."""
    role, findings = lead.bought.by_role, lead.look_at().evidence.findings
    (gap,) = (each for each in findings if (each.rule_id, each.subject) == ("RL-J05", role["not_contiguous"]))
    with lead.bought.valley.hub(lead.workspace) as hub:
        until = (lead.now + timedelta(days=30)).date()
        dismiss(hub, gap.fingerprint, Decision("fran", lead.now, "the seller credits it"), until)
    assert set(lead.lacking()) == {"accounts_there", "balances"}
    judged = lead.look_at()
    steps = {each.name: each for each in judged.readiness.steps}
    assert steps["stub_periods"].said.endswith(f"left out: 1 finding that fran dismissed until {until}")
    assert "the seller credits it" in wave_markdown(judged)
    with lead.bought.valley.hub(lead.workspace) as hub:
        reopen(hub, gap.fingerprint, Decision("fran", lead.now, "he does not"))
    assert "stub_periods" in lead.lacking()


def the_report_shows_every_account(lead: Acquirer) -> None:
    with lead.bought.valley.hub(lead.workspace) as hub:
        judged = judged_wave(hub, MARKET, WAVE, lead.now)
        files = write_wave_report(judged, hub.operator.markets[MARKET], hub.reports / MARKET)
    book = load_workbook(files.workbook, read_only=True)
    listed = [str(row[0]) for row in book["Accounts"].iter_rows(min_row=2, values_only=True)]
    assert sorted(listed) == sorted(lead.bought.by_role.values())
    for name in ("What lacks", "Dismissed"):
        assert [row[0] for row in book[name].iter_rows(min_row=2, values_only=True)] == ["None."]
    plans = {row[0]: row for row in book["Plans"].iter_rows(min_row=2, values_only=True)}
    assert plans[OLD_PLAN][4] == lead.bought.tier
    assert "13 of 13 steps are shown" in files.markdown.read_text(encoding="utf-8")


def the_command_line_says_the_same(lead: Acquirer) -> None:
    """By the clock everything pulled is old, so that it lacks what is fresh; the rest is as it was."""
    table = [line.split() for line in lead.told("propose", MARKET, "--wave", WAVE).splitlines()]
    assert next(line for line in table if line[0] == OLD_PLAN)[1:4] == ["57.25", "USD", "1"]
    assert f"code: {OLD_PLAN}, rate: 57.25" in lead.told("propose", MARKET, "--yaml")
    shown = json.loads(lead.told("show", MARKET, WAVE, "--json"))
    states = {each["name"]: each["state"] for each in shown["steps"]}
    assert len(states) == 13
    assert {states[name] for name in ("plan_map", "device_serials", "balances", "bill_to_bill")} == {"done"}
    assert [Path(line).suffix for line in lead.told("report", MARKET, WAVE).split()] == [".md", ".xlsx"]


def what_the_other_mistakes_are_is_told_of_the_next_wave(lead: Acquirer) -> None:
    """Its mistakes are others; the account that was billed wrong before the move would pay more by the map."""
    with lead.bought.valley.hub(lead.workspace) as hub:
        found = judged_wave(hub, MARKET, LATER, lead.now, "sign_off").readiness.lacking
    later = lead.bought.later
    assert {each.name: accounts(each) for each in found} == {
        "plan_map": later["wrong_on_both_sides"],
        "job_pauses": later["expiry_paused"] | later["disconnection_paused"],
        "billed_once": later["billed_by_both"],
        "bill_to_bill": later["mapped_wrongly"] | later["expiry_paused"],  # named there too, without its money
    }
    carried = [each.minor for each in found[-1].proof if each.account in later["expiry_paused"]]
    assert (found[-1].name, carried) == ("bill_to_bill", [0])
    (price,) = (each for each in found if each.name == "plan_map")
    assert [each.minor for each in price.proof] == [300]
