"""What a year came to, in plain words and as a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.rehearsal.campaign import Campaign, Made, stages_of
from benchmarks.rehearsal.truth import days_given
from benchmarks.rehearsal.year import SENT_ON, Year
from canonical_model.billing import Subscription
from canonical_model.field_work import WorkOrder


@dataclass(frozen=True, slots=True)
class Line:
    """A mistake, and what became of it."""

    regression: str
    market: str
    made: str
    stage: str
    caught: str
    by: str
    deed: str
    hours: float | None
    took_s: float
    wrong: int
    bound: int
    batches: int
    is_harmless: bool = False

    @property
    def is_caught(self) -> bool:
        """Whether it was caught before the next bills went out, or nothing came of it where nothing may."""
        return not self.wrong if self.is_harmless else self.hours is not None and not self.batches


@dataclass(frozen=True, slots=True)
class Told:
    """The year of one operator.

    Attributes:
        not_made: mistakes whose turn never came.
        free: markets in which nothing was done wrong, and how often each was stopped or given back.
        doubles: what was done twice at the end.
        left_wrong: accounts that the hub let billing send something wrong, and that were not put right by the end.
    """

    lines: Sequence[Line]
    not_made: Sequence[str]
    free: Mapping[str, int]
    stages: Mapping[str, Sequence[str]]
    doubles: Sequence[str]
    left_wrong: Sequence[str]
    works: Mapping[str, int]


def told_of(year: Year, campaign: Campaign) -> Told:
    """Everything that is wanted of a year, without the year."""
    free = {
        market: sum(each.market == market and each.kind == "moved" and each.signal == "guard" for each in year.noted)
        for market in campaign.planned
        if not campaign.planned[market] and not any(each.market == market for each in campaign.made)
    }
    works = Counter(
        f"{what} by {getattr(work, name) or 'nobody yet'}"
        for town in year.towns.values()
        for work in town.works.values()
        for what, name in (("provisioned", "provisioned_by"), ("billed", "billed_by"))
    )
    works["bills corrected"] = year.corrected
    wrong = [
        (market, account, cents, town.by_account[account].billed_by)
        for market, town in year.towns.items()
        for account, cents in year.wrongly_billed(market).items()
    ]
    works["accounts that legacy billed wrongly in the end"] = sum(by != "hub" for *_, by in wrong)
    works["days that worked and were not shown to, and so were not billed"] = sum(
        days_given(town, year.network, year.first_days(market)) for market, town in year.towns.items()
    )
    return Told(
        lines=[_line(year, each) for each in campaign.made],
        not_made=[f"{market}: {each.name}" for market, those in campaign.planned.items() for each in those],
        free=free,
        stages=stages_of(year, year.towns),
        doubles=_doubles(year, campaign),
        left_wrong=[
            f"{market}: account {account} by {cents} cents" for market, account, cents, by in wrong if by == "hub"
        ],
        works=works,
    )


def _line(year: Year, made: Made) -> Line:
    hours = None if made.caught_at is None else (made.caught_at - made.at).total_seconds() / 3600
    until = made.caught_at or year.clock()
    sent = [each for each in year.noted if each.kind == "sent" and made.at <= each.at <= until]
    return Line(
        regression=made.regression.name,
        market=made.market,
        made=f"{made.at:%Y-%m-%d}",
        stage=f"{made.regression.handoff} {made.stage}",
        caught="" if made.caught_at is None else f"{made.caught_at:%Y-%m-%d}",
        by=", ".join(made.by),
        deed=made.deed,
        hours=hours,
        took_s=made.took_s,
        wrong=made.wrong,
        bound=made.bound,
        batches=sum(each.market == made.market for each in sent),
        is_harmless=made.regression.is_harmless,
    )


def _doubles(year: Year, campaign: Campaign) -> list[str]:
    """Accounts with two subscriptions that bill, and orders with two jobs, where nobody did that on purpose."""
    spoilt = {each.market for each in campaign.made if not each.regression.is_harmless}
    found = []
    for market in year.towns:
        billed = Counter(
            each.account_number for each in year.beliefs.all(Subscription, market) if each.ends_on != each.starts_on
        )
        jobs = Counter(each.order_number for each in year.beliefs.all(WorkOrder, market) if each.state != "cancelled")
        if market not in spoilt:
            found += [f"{market}: account {account} has {number}" for account, number in billed.items() if number > 1]
            found += [f"{market}: order {order} has {number} jobs" for order, number in jobs.items() if number > 1]
    return found


def shown(years: Sequence[Told]) -> tuple[str, bool]:
    """A table of what became of each mistake, and whether all is as wanted."""
    rows = [line for year in years for line in year.lines]
    text = [
        "| mistake | market | made | while | caught after | by | done | look took | wrong bills of the hub |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        quiet = "nothing came of it" if row.is_harmless else "NOT"
        after = quiet if row.hours is None else f"{row.hours:.0f} h"
        late = f" ({row.batches} batches of bills went out)" if row.batches else ""
        text.append(
            f"| {row.regression} | {row.market} | {row.made} | {row.stage} | {after}{late} | {row.by} | {row.deed} "
            f"| {row.took_s:.1f} s | {row.wrong} of {row.bound} |"
        )
    free = {market: number for year in years for market, number in year.free.items()}
    doubles = [each for year in years for each in year.doubles]
    not_made = [each for year in years for each in year.not_made]
    text += [f"not made: {each}" for each in not_made]
    text += [f"done twice: {each}" for each in doubles]
    left_wrong = [each for year in years for each in year.left_wrong]
    text += [f"still wrong: {each}" for each in left_wrong]
    text += [f"nothing wrong in {market}: stopped or given back {number} times" for market, number in free.items()]
    text += [f"{market}: {', '.join(stages)}" for year in years for market, stages in year.stages.items()]
    works = sum((Counter(year.works) for year in years), Counter())
    text += [f"{what}: {number}" for what, number in sorted(works.items())]
    kinds = {row.regression.split(" (")[0] for row in rows if row.is_caught}
    caught = sum(row.is_caught for row in rows)
    text.append(f"{caught} of {len(rows)} caught in time, {len(kinds)} kinds; bills are sent on day {SENT_ON}")
    is_well = (
        all(row.is_caught for row in rows)
        and not doubles
        and not left_wrong
        and all(number <= 1 for number in free.values())
    )
    return "\n".join(text), is_well and not not_made
