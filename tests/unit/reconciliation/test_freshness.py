"""A feed that is too old, broken off or shrunken silences the rules that need it, and says so."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciliation.freshness import unfit_roles
from reconciliation.snapshot.manifest import Feed

AS_OF = datetime(2026, 4, 5, 12, tzinfo=UTC)
TWO_DAYS = timedelta(days=2)


def feed(role: str = "network", age: timedelta | None = timedelta(0), system: str = "olt-1", **facts: Any) -> Feed:
    last_success = None if age is None else AS_OF - age
    return Feed(role=role, system=system, stream="devices", last_success_at=last_success, **facts)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=47), TWO_DAYS])
def test_a_feed_within_its_age_may_be_judged_by(age: timedelta) -> None:
    assert unfit_roles({"network": TWO_DAYS}, [feed(age=age)], AS_OF) == {}


def test_a_feed_a_second_too_old_may_not() -> None:
    assert unfit_roles({"network": TWO_DAYS}, [feed(age=TWO_DAYS + timedelta(seconds=1))], AS_OF) == {
        "network": (
            "network feed olt-1/devices is of 2026-04-03 11:59 UTC, older than the 48 hours that may be judged by"
        )
    }


def test_one_old_element_makes_the_whole_network_old() -> None:
    feeds = [feed(system="olt-1"), feed(system="olt-2", age=timedelta(days=9)), feed(system="olt-3")]

    assert list(unfit_roles({"network": TWO_DAYS}, feeds, AS_OF).values()) == [
        "network feed olt-2/devices is of 2026-03-27 12:00 UTC, older than the 48 hours that may be judged by"
    ]


def test_what_was_never_pulled_completely_is_stale() -> None:
    assert unfit_roles({"network": TWO_DAYS}, [feed(age=None)], AS_OF) == {
        "network": "network feed olt-1/devices was never pulled completely"
    }


def test_a_role_without_any_feed_is_stale() -> None:
    assert unfit_roles({"field": TWO_DAYS}, [feed()], AS_OF) == {"field": "no feed of field was ever pulled"}


def test_each_rule_says_for_itself_how_old_is_too_old() -> None:
    feeds = [feed(age=timedelta(hours=30)), feed("billing", timedelta(hours=30), "billing")]
    problems = unfit_roles({"network": timedelta(hours=24), "billing": TWO_DAYS}, feeds, AS_OF)

    assert list(problems) == ["network"]
    assert "older than the 24 hours" in problems["network"]


def test_a_rule_that_needs_nothing_may_always_speak() -> None:
    assert unfit_roles({}, [], AS_OF) == {}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("failed", "failed half-way"),
        ("stopped", "was stopped at a bound"),
        ("running", "has not come to its end"),
        ("superseded", "did not come to its end"),
    ],
)
def test_a_feed_whose_last_pull_was_not_complete_may_not_be_judged_by(outcome: str, said: str) -> None:
    partial = feed(age=timedelta(hours=2), last_pull_at=AS_OF - timedelta(hours=1), last_pull_outcome=outcome)

    assert unfit_roles({"network": TWO_DAYS}, [partial], AS_OF) == {
        "network": f"network feed olt-1/devices is in doubt: its pull of 2026-04-05 11:00 UTC {said}"
    }


def test_a_feed_whose_last_pull_was_complete_may_be_judged_by() -> None:
    whole = feed(last_pull_at=AS_OF, last_pull_outcome="succeeded", records=80, records_before=100)
    assert unfit_roles({"network": TWO_DAYS}, [whole], AS_OF, shrink_percent=Decimal(20)) == {}


def test_a_feed_that_lost_more_than_it_may_is_not_judged_by() -> None:
    cut = feed(records=79, records_before=100)

    assert unfit_roles({"network": TWO_DAYS}, [cut], AS_OF, shrink_percent=Decimal(20)) == {
        "network": (
            "network feed olt-1/devices holds 79 records, 100 one complete pull earlier:"
            " more than the 20 % that may be missing are gone"
        )
    }


@pytest.mark.parametrize(
    ("records", "before", "percent", "fits"),
    [
        (0, 0, "20", True),
        (0, None, "20", True),
        (1, 0, "0", True),
        (100, 100, "0", True),
        (99, 100, "0", False),
        (0, 1, "99.9", False),
        (0, 100, "100", True),
        (875, 1000, "12.5", True),
        (874, 1000, "12.5", False),
    ],
)
def test_a_feed_may_lose_exactly_its_share(records: int, before: int | None, percent: str, fits: bool) -> None:
    one = feed(records=records, records_before=before)
    problems = unfit_roles({"network": TWO_DAYS}, [one], AS_OF, shrink_percent=Decimal(percent))
    assert (problems == {}) is fits


def test_what_a_feed_of_an_older_snapshot_does_not_say_is_not_held_against_it() -> None:
    assert unfit_roles({"network": TWO_DAYS}, [feed()], AS_OF, shrink_percent=Decimal(0)) == {}
