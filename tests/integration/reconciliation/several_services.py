"""Accounts with more than one service, in records: a customer who came back, and one with two lines."""

from datetime import date

from judged import money, small_operator

from tests.fakes.small_operator import LAST_YEAR, SmallOperator, noon

JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (1, 2, 3, 4))
LEFT, ORDERED_AGAIN, BACK = date(2026, 1, 16), date(2026, 2, 10), date(2026, 2, 15)
FIRST, SECOND = "P-1", "P-2"


def left_and_came_back(account: str = "1", **ordered: object) -> SmallOperator:
    """A silver customer of last year who left on 16 January and is back with gold since 15 February, order 955."""
    operator = small_operator()
    operator.installed(account, dark_since=LEFT)
    operator.order(account, "945", "cease", effective_on=LEFT)
    facts = {"effective_on": BACK, "offering_id": "gold", "install_fee_waived": True} | ordered
    operator.order(account, "955", ordered_at=noon(ORDERED_AGAIN), **facts)
    operator.job("955", BACK, "gold", "ABCD0000AAAA")
    operator.seen("ABCD0000AAAA", "G", BACK)
    return operator


def first_bill(operator: SmallOperator, account: str = "1") -> None:
    operator.line(account, "SLV", JANUARY, LEFT, "60.00", "29.03")


def second_bill(operator: SmallOperator, account: str = "1", rate: str = "90.00") -> None:
    operator.line(account, "GLD", BACK, MARCH, rate, money(int(float(rate) * 50)), "s2")
    operator.line(account, "GLD", MARCH, APRIL, rate, rate, "s2")


def two_lines(**billing: str | None) -> SmallOperator:
    """Silver at one premise since last year, gold at another since 15 February; ``billing`` may hide where."""
    operator = small_operator()
    operator.installed("1", premise_id=FIRST)
    order = {"effective_on": BACK, "offering_id": "gold", "install_fee_waived": True, "premise_id": SECOND}
    operator.order("1", "955", **order)
    operator.job("955", BACK, "gold", "ABCD0000AAAA")
    operator.seen("ABCD0000AAAA", "G", BACK)
    operator.subscription("1", "1-s1", LAST_YEAR, premise=billing.get("first", FIRST))
    operator.subscription("1", "1-s2", BACK, premise=billing.get("second", SECOND))
    return operator
