"""The billing system's monthly run, in arrears: what each subscription comes to, by the days of the month."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from benchmarks.rehearsal.beliefs import Beliefs
from benchmarks.rehearsal.operator_folder import CODES, TIERS
from canonical_model.billing import ChargeLine, CustomerBill, Subscription
from canonical_model.intervals import add_months

PRICES = {CODES[tier]: Decimal(price) for tier, (price, _) in TIERS.items()}


@dataclass(slots=True)
class Biller:
    """Bills of a market.

    Attributes:
        thirty_days: every month is billed as if it had thirty, which the catalogue does not say.
        raised_by: added to each monthly price.
        batch: cents by account, of the last run.
        drafted_on: day of a run whose bills were not sent yet.
        sent_until: first day that no sent bill covers.
        sent: cents by account that were sent ever, less what was adjusted.
        billed_until: by subscription, the first day that was not billed.
    """

    market: str
    beliefs: Beliefs
    thirty_days: bool = False
    raised_by: Decimal = Decimal(0)
    billed_until: dict[str, date] = field(default_factory=dict)
    batch: dict[str, int] = field(default_factory=dict)
    drafted_on: date | None = None
    sent_until: date = date.min
    sent: Counter[str] = field(default_factory=Counter)
    _unpaid: list[str] = field(default_factory=list)
    _before: dict[str, date] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def again(self, on: date) -> dict[str, int]:
        """Void the drafts of a run and make them anew."""
        for name in self._lines:
            self.beliefs.remove(ChargeLine, name)
        for account in self.batch:
            self.beliefs.remove(CustomerBill, f"B-{account}-{on:%Y%m}")
        self.billed_until = dict(self._before)
        return self.run(on)

    def run(self, on: date) -> dict[str, int]:
        """Bill everything up to the first of a month; gives the cents of each account."""
        totals: dict[str, int] = {}
        self._before, self._lines, self.batch, self.drafted_on = dict(self.billed_until), [], totals, on
        for each in list(self.beliefs.all(Subscription, self.market)):
            end = min(on, each.ends_on or on)
            start = max(each.starts_on, self.billed_until.get(each.subscription_id, each.starts_on))
            if start >= end:
                continue
            self.billed_until[each.subscription_id] = end
            bill = f"B-{each.account_number}-{on:%Y%m}"
            for place, (first, last) in enumerate(months(start, end)):
                totals[each.account_number] = totals.get(each.account_number, 0) + self._line(
                    each, bill, place, first, last, on
                )
        for account, total in totals.items():
            self.beliefs.say(
                CustomerBill, "billing", self.market, f"B-{account}-{on:%Y%m}", bill_id=f"B-{account}-{on:%Y%m}",
                account_number=account, period_from=add_months(on, -1), period_to=on, billed_on=on, state="validated",
                total_minor=total, currency="USD",
            )  # fmt: skip
        return totals

    def send(self) -> set[str]:
        """Send what was drafted; gives the accounts."""
        if self.drafted_on is None:
            return set()
        self._unpaid = [f"B-{account}-{self.drafted_on:%Y%m}" for account in self.batch]
        for bill in self._unpaid:
            self.beliefs.change(CustomerBill, bill, state="sent")
        self.sent.update(self.batch)
        self.sent_until, self.drafted_on = self.drafted_on, None
        return set(self.batch)

    def be_paid(self) -> None:
        """Everybody pays what was sent."""
        for bill in self._unpaid:
            self.beliefs.change(CustomerBill, bill, state="settled")
        self._unpaid = []

    def _line(self, sold: Subscription, bill: str, place: int, first: date, last: date, on: date) -> int:
        rate = PRICES[sold.billing_code] + self.raised_by
        amount = prorated(rate, first, last, thirty_days=self.thirty_days)
        self._lines.append(f"{bill}-{sold.subscription_id}-{place}")
        self.beliefs.say(
            ChargeLine, "billing", self.market, self._lines[-1], account_number=sold.account_number,
            subscription_id=sold.subscription_id, bill_id=bill, billing_code=sold.billing_code,
            rate_minor=int(rate * 100), amount_minor=amount, currency="USD",
            covers_from=first, covers_to=last, billed_on=on,
        )  # fmt: skip
        return amount


def months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Days cut at the first of each month."""
    while start < end:
        until = min(end, add_months(start.replace(day=1), 1))
        yield start, until
        start = until


def true_cents(tier: str, start: date, until: date) -> int:
    """What a service comes to from its first day on."""
    return sum(prorated(Decimal(TIERS[tier][0]), *each) for each in months(start, until))


def prorated(rate: Decimal, first: date, last: date, *, thirty_days: bool = False) -> int:
    """Cents of the days of one month."""
    month = first.replace(day=1)
    whole = (add_months(month, 1) - month) // timedelta(days=1)
    days = (last - first) // timedelta(days=1)
    if thirty_days and days < whole:
        whole, days = 30, min(days, 30)
    return int((rate * 100 * days / whole).quantize(Decimal(1), ROUND_HALF_UP))
