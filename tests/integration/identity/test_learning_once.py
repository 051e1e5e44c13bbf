"""What is learnt stays: the same pair has the same score every night until somebody learns anew."""

from datetime import timedelta
from typing import Any

import pytest

from benchmarks.town_records import town
from canonical_model.customers import Customer
from canonical_model.errors import ConfigurationError
from identity.settings_file import default_text
from tests.fakes.command_line import CommandLine
from tests.fakes.identities import NOON, Believed
from tests.fakes.small_operator import MARKET

pytestmark = pytest.mark.peer("splink")

SYSTEMS = {"crm": "crm", "bought": "fsm"}
SPACES = "  - columns: [account_number]\n    spaces: [[crm, billing], [fsm]]\n"
ENOUGH = (
    default_text("customer")
    .replace("at_least: 2000", "at_least: 300")
    .replace("  - columns: [account_number]     #", f"{SPACES}    #")
)


@pytest.fixture
def learning(believed: Believed) -> Believed:
    """A hub whose systems hold a small town, enough to learn from."""
    settings(believed, ENOUGH)
    move_in(believed, 90, seed=3)
    believed.pull()
    return believed


def settings(believed: Believed, text: str) -> None:
    place = believed.hub.folder / "identity/customer.yaml"
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")


def move_in(believed: Believed, homes: int, seed: int, **changes: Any) -> None:
    """Let the customers of a town become customers of the operator's systems."""
    for customer in town(homes, seed).customers:
        system = SYSTEMS[customer.source_system]
        number = f"{seed}{customer.account_number}"
        facts = {
            "market": MARKET.id,
            "source_system": system,
            "source_id": number,
            "account_number": number,
            **changes,
        }
        believed.records.append(Customer(**{**customer.model_dump(), **facts}))


def scores(splice: CommandLine) -> dict[tuple[str, str], tuple[float, int]]:
    found = splice.json("review", "list", "--state", "linked", "--state", "review", "--most", "9999")
    return {(each["left"], each["right"]): (each["weight"], each["weights_version"]) for each in found}


def test_a_pair_keeps_its_score_while_others_come_and_go(learning: Believed, splice: CommandLine) -> None:
    assert "by version 1 of what was learnt (learnt now)" in splice.told("match", "--subject", "customer")
    first = scores(splice)
    assert len(first) > 80
    assert {version for _, version in first.values()} == {1}

    move_in(learning, 60, seed=4)
    learning.pull(NOON + timedelta(hours=1))
    told = splice.told("match", "--subject", "customer")
    assert "by version 1 of what was learnt" in told
    assert "learnt now" not in told
    later = scores(splice)
    assert len(later) > len(first)
    assert {names: later[names] for names in first} == first
    (version,) = splice.json("weights")
    assert (version["version"], version["actor"], version["why"]) == (1, "run", "nothing was learnt before")
    assert version["comparisons"]["email"][0]["m"] > version["comparisons"]["email"][0]["u"]


def test_a_person_learns_anew_and_goes_back(learning: Believed, splice: CommandLine) -> None:
    splice.told("match", "--subject", "customer")
    first = scores(splice)
    move_in(learning, 90, seed=5, email=None)
    learning.pull(NOON + timedelta(hours=1))
    told = splice.told("learn", "--why", "a company was bought", "--as", "rosa")
    assert "customer: version 2 is learnt from" in told
    assert "against version 1" in told
    splice.told("match", "--subject", "customer")
    second = scores(splice)
    assert {version for _, version in second.values()} == {2}
    assert any(second[names][0] != weight for names, (weight, _) in first.items() if names in second)
    assert [(one["version"], one["actor"]) for one in splice.json("weights")] == [(2, "rosa"), (1, "run")]
    told = splice.told("weights", "--subject", "customer")
    assert "a company was bought" in told
    assert "could be tried by birth_date" in told

    assert "version 1 is in use" in splice.told("use", "1", "--why", "too many questions")
    assert [one["version"] for one in splice.json("weights")] == [1, 2]
    splice.told("match", "--subject", "customer")
    back = scores(splice)
    assert {names: back[names] for names in first} == first
    link = next(each["link"] for each in splice.json("review", "list", "--state", "linked"))
    happened = splice.json("review", "show", str(link))
    assert happened["weights_version"] == 1


def test_other_comparisons_are_learnt_anew(learning: Believed, splice: CommandLine) -> None:
    splice.told("match", "--subject", "customer")
    settings(learning, ENOUGH.replace("{slipped_years: 10,", "{slipped_years: 5,"))
    assert "by version 2 of what was learnt (learnt now)" in splice.told("match", "--subject", "customer")
    assert splice.json("weights")[0]["why"] == "the settings compare other things"
    failed = splice.run("use", "1", "--why", "x").exception
    assert isinstance(failed, ConfigurationError)
    assert "learnt for other comparisons" in str(failed)
    assert "of other comparisons" in splice.told("weights")
    settings(learning, ENOUGH.replace("link: 0.99,", "link: 0.999,"))
    told = splice.told("match", "--subject", "customer")
    assert "by version 1 of what was learnt (learnt 2" in told, "what was learnt before fits again"


def test_records_of_another_kind_than_learnt_from_are_told(learning: Believed, splice: CommandLine) -> None:
    assert "not of the kind" not in splice.told("match", "--subject", "customer")
    for place, record in enumerate(learning.records):
        learning.records[place] = record.model_copy(update={"email": None, "birth_date": None})
    learning.pull(NOON + timedelta(hours=1))
    told = splice.told("match", "--subject", "customer")
    assert "the records are not of the kind any more that was learnt from: birth_date" in told
    assert "`splice identity learn --subject customer`" in told


def test_learning_needs_enough_records_and_a_reason(believed: Believed, splice: CommandLine) -> None:
    believed.customer("crm", "1", "Ana Reyes")
    believed.pull()
    for words, said in (
        (("learn", "--why", "x"), "1 records of customer are too few to learn from (2,000 needed)"),
        (("learn", "--why", "x", "--subject", "premise"), "the settings for premise say not how to learn"),
        (("learn", "--why", " "), "say why"),
        (("use", "7", "--why", "x"), "there is no version 7"),
    ):
        failed = splice.run(*words).exception
        assert isinstance(failed, ConfigurationError), words
        assert said in str(failed)
    assert splice.json("weights") == []
    assert "nothing is learnt yet" in splice.told("weights")


def test_where_nobody_is_known_twice_nothing_is_learnt(believed: Believed, splice: CommandLine) -> None:
    """Who was bought shares no customer with the buyer, perhaps; its waves need an answer all the same."""
    settings(believed, ENOUGH)
    for number in range(1000, 1400):
        name, email = f"{_word(number)} {_word(number * 7919)}", f"{_word(number * 31)}@{_word(number)}.example"
        believed.customer("crm", f"{number}", name, email=email)
    believed.pull()
    assert "learnt now" not in splice.told("match", "--subject", "customer")
    assert splice.json("weights") == []
    failed = splice.run("learn", "--why", "to try").exception
    assert isinstance(failed, ConfigurationError)
    assert "nothing can be learnt" in str(failed)


def _word(number: int) -> str:
    """A word for a number, of which no two are alike."""
    return "".join("abcdefghijklmnopqrstuvwxyz"[int(digit, 16)] for digit in f"{number * 2654435761 % 2**32:08x}")
