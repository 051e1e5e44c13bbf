"""A report that does not add up is refused, with the finding that does not."""

from dataclasses import replace

import pytest

from canonical_model.errors import UnsafeToContinue
from hub.reports.guard import refuse_what_does_not_add_up
from reconciliation.findings import Finding
from tests.unit.hub.market_reports import AS_OF, finding, line, market_report


def test_a_report_that_adds_up_passes() -> None:
    explained = finding("RB-2", lines=[line(exposure=0)], explained_by=finding().fingerprint)
    refuse_what_does_not_add_up(market_report(finding(), explained))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (finding(currency="EUR"), "is in EUR, the market bills in USD"),
        (finding(exposure_minor=2001), "sum to 2000 minor units, it says 2001"),
        (finding(explained_by="0123456789abcdef"), "counts money that finding 0123456789abcdef carries"),
        (finding(lines=[line(exposure=0)], exposure_minor=1), "sum to 0"),
    ],
)
def test_a_finding_that_breaks_its_promise_is_named(wrong: Finding, said: str) -> None:
    with pytest.raises(UnsafeToContinue, match=said) as refused:
        refuse_what_does_not_add_up(market_report(finding("RB-7"), wrong))
    assert wrong.fingerprint in str(refused.value)
    assert "riverbend" in str(refused.value)


def test_a_finding_cannot_count_twice() -> None:
    with pytest.raises(UnsafeToContinue, match="1 finding too many of the same fingerprint"):
        refuse_what_does_not_add_up(market_report(finding(), finding()))


def test_many_faults_are_counted_and_a_few_shown() -> None:
    wrong = [replace(finding(f"RB-{number}"), currency="EUR") for number in range(40)]
    with pytest.raises(UnsafeToContinue, match="and 35 more"):
        refuse_what_does_not_add_up(market_report(*wrong))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(UnsafeToContinue, match="no time zone"):
        refuse_what_does_not_add_up(market_report(as_of=AS_OF.replace(tzinfo=None)))
