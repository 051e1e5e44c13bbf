"""When a pull stops: by number and share, and by share alone where most of a few records are lost."""

from decimal import Decimal

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.operator_folder.operator_file import Limits
from hub.pull_bounds import PullBounds


def bounds(total_before: int | None = None, **limits: int) -> PullBounds:
    chosen = {name: Decimal(value) if name.endswith("percent") else value for name, value in limits.items()}
    return PullBounds(Limits.model_validate(chosen), "billing.lines", total_before)


def stops(held: PullBounds, read: int, rejected: int) -> bool:
    try:
        held.hold_rejected(read, rejected, "amount is missing")
    except UnsafeToContinue:
        return True
    return False


@pytest.mark.parametrize(
    ("read", "rejected", "stopped"),
    [
        (1000, 20, False),  # few, and few of all
        (1000, 21, True),  # 2.1 %
        (1050, 21, False),  # 2.0 %
        (20, 20, True),
        (40, 20, False),  # half is not more than half
        (39, 20, True),
        (5, 3, True),
        (5, 2, False),
        (4, 4, False),  # too few to tell anything
        (0, 0, False),
    ],
)
def test_too_many_by_number_and_share_or_most_of_all(read: int, rejected: int, stopped: bool) -> None:
    assert stops(bounds(), read, rejected) is stopped


def test_pages_add_up() -> None:
    held = bounds()
    assert not stops(held, 4, 4)
    assert not stops(held, 100, 0)
    assert not stops(held, 100, 10)
    assert stops(held, 100, 10)


def test_a_share_that_an_operator_allows_holds_for_a_few_too() -> None:
    assert not stops(bounds(rejected_percent=100), 20, 20)
    assert not stops(bounds(rejected_percent=100), 4000, 4000)
    assert stops(bounds(rejected_percent=80), 20, 17)


def test_the_message_counts_and_gives_a_reason() -> None:
    with pytest.raises(UnsafeToContinue) as told:
        bounds().hold_rejected(20, 20, "amount is missing")
    assert str(told.value) == (
        "billing.lines: 20 of 20 records cannot be used, more than 50 %. One of the reasons: amount is missing"
    )


@pytest.mark.parametrize(("vanished", "held", "stopped"), [(15, 20, True), (10, 20, False), (30, 100, True)])
def test_records_that_vanish_are_bound_alike(vanished: int, held: int, stopped: bool) -> None:
    if not stopped:
        bounds().hold_vanished(vanished, held)
        return
    with pytest.raises(UnsafeToContinue, match=f"{vanished} of {held} known records are not in the source any more"):
        bounds().hold_vanished(vanished, held)


def test_a_total_that_shrinks_a_little_is_remarked_and_one_that_shrinks_much_is_not_believed() -> None:
    little, much = bounds(100), bounds(100)
    little.hold_total(80)
    assert little.warnings() == ["the source holds 80 records, 100 at the last pull"]
    with pytest.raises(UnsafeToContinue, match="holds 79 records, 100 at the last pull: more than 20 % are gone"):
        much.hold_total(79)


def test_an_empty_source_is_remarked_the_first_time() -> None:
    held = bounds()
    held.hold_total(0)
    assert held.warnings() == ["the source holds no records"]
