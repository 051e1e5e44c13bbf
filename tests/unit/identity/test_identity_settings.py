"""Settings in YAML: ours are sound, and every fault of an operator's is told with its line."""

import pytest

from canonical_model.errors import Fault
from identity.settings import SUBJECTS, Subject
from identity.settings_file import default_settings, default_text, read_settings
from identity.standard_forms import CUSTOMER_COLUMNS, PREMISE_COLUMNS

COLUMNS = {"customer": CUSTOMER_COLUMNS, "premise": PREMISE_COLUMNS}

WRONG = """
subject: customer
thresholds: {link: 0.99, review: 0.5}
joins_itself: [{called: names, agree: [surnam]}]
exact:
  - {columns: [number]}
block_on:
  - [surname, shoe_size]
compare:
  surname:
    - {equal: true, similar: 0.9, m: 0.9, u: 0.1}
    - {otherwise: true, m: 0.1, u: 0.9}
"""


@pytest.mark.parametrize("subject", SUBJECTS)
def test_our_own_settings_name_only_columns_that_there_are(subject: Subject) -> None:
    faults: list[Fault] = []
    assert read_settings(default_text(subject), "ours", faults, COLUMNS[subject]) == default_settings(subject)
    assert faults == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_shares_of_a_comparison_add_up(subject: Subject) -> None:
    for name, levels in default_settings(subject).compare.items():
        for share in ("m", "u"):
            total = sum(getattr(level, share) for level in levels)
            assert 0.95 <= total <= 1.05, (name, share, total)


def test_a_level_has_one_condition() -> None:
    faults: list[Fault] = []
    assert read_settings(WRONG, "identity/customer.yaml", faults) is None
    assert [(fault.line, fault.key) for fault in faults] == [(11, "compare.surname.0")]


def test_names_that_are_not_there_are_told_with_what_is_near() -> None:
    faults: list[Fault] = []
    text = WRONG.replace("similar: 0.9, ", "")
    assert read_settings(text, "identity/customer.yaml", faults, CUSTOMER_COLUMNS) is None
    told = [str(fault) for fault in faults]
    wrong = ":4: joins_itself.0.agree: nothing is compared under 'surnam'; nearest: surname"
    assert any(wrong in one for one in told)
    assert any(":6: exact.0.columns: there is no column 'number'" in one for one in told)
    assert any(":8: block_on.0: there is no column 'shoe_size'" in one for one in told)


def test_thresholds_are_in_order_and_levels_end() -> None:
    faults: list[Fault] = []
    text = WRONG.replace("similar: 0.9, ", "").replace("review: 0.5", "review: 0.999")
    assert read_settings(text, "x", faults) is None
    assert "the threshold for review was expected to be below" in faults[0].problem
    faults = []
    text = (
        WRONG.replace("similar: 0.9, ", "").replace("surnam]", "surname]").replace("otherwise: true", "initial: true")
    )
    assert read_settings(text, "x", faults) is None
    assert [fault.key for fault in faults] == ["compare.surname"]
