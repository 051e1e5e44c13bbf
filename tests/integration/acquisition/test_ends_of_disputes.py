"""A dispute keeps two customers apart until its system, or a person, says that it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from bought_customers import OURS, add, bill, overlap, say

from canonical_model.billing import Dispute
from canonical_model.errors import ConfigurationError
from hub.acquisition.disputes import end_dispute, reopen_dispute
from hub.decision import Decision
from storage.audit import Noted, noted_about
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed

pytestmark = [pytest.mark.peer("splink"), pytest.mark.usefixtures("ana")]

LATER = NOON + timedelta(hours=2)


@dataclass
class Contested:
    """A dispute about a paid bill of ours."""

    believed: Believed
    number: str

    def said(self, opened_at: datetime = NOON, closed_at: datetime | None = None) -> str:
        """Let billing list it so from the next pull on; gives the name of its record."""
        self.believed.records = [each for each in self.believed.records if not isinstance(each, Dispute)]
        facts = {"bill_id": self.number, "amount_minor": 1200, "opened_at": opened_at, "closed_at": closed_at}
        record = add(self.believed, Dispute, "billing", OURS, **facts)
        self.believed.records[-1] = record.model_copy(update={"source_id": "D1"})
        return "billing/o/D1"

    def is_over(self) -> bool:
        return overlap(self.believed).open_items == ()


@pytest.fixture
def contested(believed: Believed) -> Contested:
    return Contested(believed, bill(believed, OURS, "settled"))


def ends(believed: Believed, name: str, why: str = "credited", who: str = "ann") -> None:
    with believed.hub.open() as hub:
        end_dispute(hub, name, Decision(who, LATER, why))


def noted(believed: Believed, name: str) -> list[Noted]:
    with believed.hub.open() as hub, hub.database.reading() as connection:
        return noted_about(connection, f"dispute/{name}")


def test_an_open_one_keeps_them_apart(believed: Believed, contested: Contested) -> None:
    contested.said()
    with pytest.raises(
        ConfigurationError, match=r"dispute billing/o/D1 about bill B8 since 2026-11-05 12\.00 USD open"
    ):
        say(believed, overlap(believed))


def test_one_that_its_system_has_closed_does_not(believed: Believed, contested: Contested) -> None:
    contested.said()
    assert not contested.is_over()
    name = contested.said(closed_at=LATER)
    assert say(believed, overlap(believed)).is_decided
    with pytest.raises(ConfigurationError, match="is over: its system closed it at 2026-11-05 14:00 UTC"):
        ends(believed, name)


def test_one_of_which_a_person_says_that_it_is_over_does_not(believed: Believed, contested: Contested) -> None:
    name = contested.said()
    overlap(believed)
    ends(believed, name, " credited by letter ")
    with pytest.raises(ConfigurationError, match="is over: ann said so at 2026-11-05"):
        ends(believed, name)
    assert say(believed, overlap(believed)).is_decided
    (row,) = noted(believed, name)
    assert (row.actor, row.at, row.action) == ("ann", LATER, "dispute.ended")
    assert (row.detail["account"], row.detail["bill"], row.detail["why"]) == (OURS, "B8", "credited by letter")


def test_what_a_person_said_is_taken_back_and_said_again(believed: Believed, contested: Contested) -> None:
    name = contested.said()
    overlap(believed)
    ends(believed, name)
    with believed.hub.open() as hub:
        reopen_dispute(hub, name, Decision("ann", LATER, "the customer calls again"))
        with pytest.raises(ConfigurationError, match="no person has said that it is over"):
            reopen_dispute(hub, name, Decision("ann", LATER, "twice"))
    assert not contested.is_over()
    ends(believed, name)
    assert contested.is_over()
    assert [each.action for each in noted(believed, name)] == ["dispute.ended", "dispute.reopened", "dispute.ended"]


def test_opened_anew_in_its_system_it_is_open_whatever_was_said_before(
    believed: Believed, contested: Contested
) -> None:
    name = contested.said()
    overlap(believed)
    ends(believed, name)
    contested.said(opened_at=NOON + timedelta(days=1))
    assert not contested.is_over()
    ends(believed, name)
    assert contested.is_over()


def test_nothing_is_said_without_a_reason_or_of_what_is_not_there(believed: Believed, contested: Contested) -> None:
    name = contested.said()
    overlap(believed)
    for wrong, why, told in (
        (name, " ", "say why"),
        ("D1", "x", "no dispute D1"),
        ("billing/o/D2", "x", "no dispute"),
    ):
        with pytest.raises(ConfigurationError, match=told):
            ends(believed, wrong, why)
    assert (noted(believed, name), contested.is_over()) == ([], False)


@pytest.mark.parametrize(("who", "may"), [("bob", True), ("flo", True), ("fran", False)])
def test_only_who_leads_an_acquisition_or_may_give_money_back_says_it(
    believed: Believed, contested: Contested, who: str, may: bool
) -> None:
    name = contested.said()
    overlap(believed)
    (believed.hub.folder / "remedies.yaml").write_text("approvers: [{name: flo}]\n", encoding="utf-8")
    if may:
        ends(believed, name, who=who)
    else:
        with pytest.raises(ConfigurationError, match=f"{who} may not say whether it is over; .*: ann, bob, flo"):
            ends(believed, name, who=who)
        with believed.hub.open() as hub, pytest.raises(ConfigurationError, match=f"{who} may not"):
            reopen_dispute(hub, name, Decision(who, LATER, "again"))
    assert contested.is_over() == may


def test_at_the_command_line(believed: Believed, contested: Contested, splice: CommandLine) -> None:
    name = contested.said()
    overlap(believed)
    said = ["--why", "credited", "--as", "ann"]
    ended = splice.other("acquisition", "end-dispute", name, *said).output
    assert ended.strip() == f"the dispute {name} of account {OURS} is over"
    assert contested.is_over()
    assert "is open again" in splice.other("acquisition", "reopen-dispute", name, *said).output
    assert not contested.is_over()
    assert [each.actor for each in noted(believed, name)] == ["ann", "ann"]
