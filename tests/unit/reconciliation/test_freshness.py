"""A feed that is too old silences the rules that need it, and says so."""

from datetime import UTC, datetime, timedelta

import pytest

from reconciliation.freshness import unfit_roles
from reconciliation.snapshot.manifest import Feed

AS_OF = datetime(2026, 4, 5, 12, tzinfo=UTC)
TWO_DAYS = timedelta(days=2)


def feed(role: str = "network", age: timedelta | None = timedelta(0), system: str = "olt-1") -> Feed:
    last_success = None if age is None else AS_OF - age
    return Feed(role=role, system=system, stream="devices", last_success_at=last_success)


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
