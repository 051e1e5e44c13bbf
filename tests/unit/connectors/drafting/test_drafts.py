"""Drafts of objects as nobody here has seen them: what is guessed, and what is left open."""

import re
from typing import Any

import yaml

from canonical_model.entities import ENTITIES
from connectors.drafting import guessed, mapping_text
from connectors.drafting.phrases import ENTITY_PHRASES, FIELD_PHRASES, OWN_NUMBERS, WORD_MEANINGS
from connectors.drafting.value_maps import guessed_map
from connectors.mapping.targets import target_fields
from connectors.probing import Description, FoundField

MARKETS = {"oldtown": "Old Town", "riverbend": "River Bend"}


def described(name: str, samples: list[dict[str, Any]], **facts: Any) -> Description:
    return Description(name, tuple(map(FoundField, samples[0])), samples=samples, **facts)


def drafted(found: Description, markets: dict[str, str] | None = None) -> Any:
    text = mapping_text(guessed(found), "elsewhere", "things", MARKETS if markets is None else markets)
    return yaml.safe_load(text), text


PAYMENTS = [
    {
        "pmt_ref": f"P{number}",
        "cust_no": f"00{number}",
        "amt": "12.50",
        "ccy": "USD",
        "recvd_dt": "2026-10-01",
        "mkt": mkt,
    }
    for number, mkt in enumerate(["OLD TOWN", "RIV", "old town"])
]


def test_payments_in_short_forms() -> None:
    draft, _ = drafted(described("PMTS", PAYMENTS, key=("pmt_ref",)))
    (record,) = draft["records"]
    assert record["entity"] == "Payment"
    assert record["fields"]["account_number"] == "cust_no"
    assert record["fields"]["amount_minor"] == "amt"
    assert record["fields"]["currency"] == "ccy"
    assert draft["read"]["fields"]["amt"] == "money(2)"
    assert draft["market"]["from"] == "mkt"
    assert draft["market"]["values"] == {"OLD TOWN": "oldtown", "RIV": "riverbend", "old town": "oldtown"}


def test_what_nothing_looks_like_is_asked_for_and_not_invented() -> None:
    _, text = drafted(described("PMTS", [{"cust_no": "1", "amt": "1.00"}]))
    assert "entity: Payment" in text
    assert re.search(r"# currency: \?\s+# needed", text)
    assert re.search(r"# received_on: \?\s+# needed \(date\)", text)


def test_an_object_like_nothing_has_no_record() -> None:
    draft, text = drafted(described("zzz", [{"foo": "1", "bar": "2"}]))
    assert draft["records"] is None
    assert "like none that is known" in text
    assert draft["read"]["key"] == ["foo"]


def test_columns_that_are_no_names_are_quoted_and_long_values_cut() -> None:
    samples = [{"Acct No": "1", "from": "2026-10-01", "Amount": "1.00", "Reason": "x" * 500, "Currency": "USD"}]
    _, text = drafted(described("Adjustments", samples))
    assert "account_number: '\"Acct No\"'" in text
    assert max(map(len, text.splitlines())) < 130


def test_text_from_a_source_cannot_leave_its_comment() -> None:
    samples = [{"account": "1\nsystem: evil", "amount": "1.00", "currency": "USD", "posted": "2026-10-01"}]
    draft, text = drafted(described("adjustments", samples))
    assert draft["system"] == "elsewhere"
    assert "\nsystem: evil" not in text


def test_words_are_matched_by_spelling_and_meaning_and_unknown_ones_told() -> None:
    found = guessed_map(["ACTIVE", "T", "Suspended", "C"], ["pending", "active", "suspended", "closed"])
    assert found.values == {"ACTIVE": "active", "Suspended": "suspended", "C": "closed"}
    assert found.unclear == ("T",)
    assert found.share == 0.75


def test_every_entity_and_field_that_is_spoken_of_exists_and_no_entity_is_forgotten() -> None:
    assert ENTITY_PHRASES.keys() == ENTITIES.keys()
    fields = {name for entity in ENTITIES.values() for name in target_fields(entity)}
    assert FIELD_PHRASES.keys() <= fields
    assert {OWN_NUMBERS[name] in target_fields(ENTITIES[name]) for name in OWN_NUMBERS} == {True}
    assert WORD_MEANINGS.keys() <= {
        word for entity in ENTITIES.values() for one in target_fields(entity).values() for word in one.words
    }
