"""Which approval serves an account for nothing on a day."""

from datetime import date

import pytest

from canonical_model.orders import PriceAlteration
from provisioning.courtesy import served_for_nothing

DAY = date(2026, 11, 5)


def alteration(kind: str, since: date, until: date | None) -> PriceAlteration:
    facts = {"market": "mesa", "source_system": "crm", "source_object": "Alteration", "source_id": "1"}
    return PriceAlteration.model_validate(
        {**facts, "account_number": "1", "kind": kind, "valid_from": since, "valid_to": until}
    )


@pytest.mark.parametrize(
    ("kind", "since", "until", "free"),
    [
        ("courtesy_account", DAY, None, True),
        ("courtesy_account", date(2026, 1, 1), date(2026, 11, 6), True),
        ("courtesy_account", date(2026, 1, 1), DAY, False),
        ("courtesy_account", date(2026, 11, 6), None, False),
        ("fee_waiver", DAY, None, False),
    ],
    ids=["from_today", "to_tomorrow", "until_today", "from_tomorrow", "another_kind"],
)
def test_it_counts_on_its_days(kind: str, since: date, until: date | None, free: bool) -> None:
    assert (served_for_nothing([alteration(kind, since, until)], DAY) is not None) is free
