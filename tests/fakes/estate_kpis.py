"""What every KPI is in truth in a market of the simulated estate, counted over lives, one by one, in plain Python."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from simulated_estate.life.hands import hands_on_job, hands_on_order, set_out
from simulated_estate.life.records import Completion, Job, Life, Order, Visit
from tests.fakes.estate_market import EstateMarket, access_serials, named_order, registered

MONTH = timedelta(days=30)


@dataclass
class Truth:
    """A KPI: of how many, who is left out and why, and the values with what each is related to.

    Attributes:
        spread: what median and 90th percentile are of; the values themselves where None.
        groups: the values of each group, where the KPI is told apart.
    """

    values: list[tuple[int, int]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    spread: list[int] | None = None
    groups: dict[str, list[int]] = field(default_factory=dict)

    @property
    def population(self) -> int:
        return len(self.values) + self.left_out.total()

    @property
    def numerator(self) -> int:
        return sum(value for value, _ in self.values)

    @property
    def denominator(self) -> int:
        return sum(per for _, per in self.values)

    def add(self, value: int, per: int = 1, spread: int | None = None, group: str = "") -> None:
        self.values.append((value, per))
        if group:
            self.groups.setdefault(group, []).append(value)
        if spread is not None:
            self.spread = [*(self.spread or []), spread]


@dataclass
class Delivery:
    """An order of a new customer and what became of it."""

    life: Life
    order: Order
    job: Job | None
    done: Completion | None
    active: datetime | None
    is_used_again: bool
    is_only: bool
    bill: tuple[date, str, int] | None
    paid: date | None


def minutes(earlier: datetime, later: datetime) -> int:
    """Whole minutes that pass, whatever the clocks are put to meanwhile."""
    return (later.astimezone(UTC) - earlier.astimezone(UTC)) // timedelta(minutes=1)


def deliveries(market: EstateMarket) -> list[Delivery]:
    """Every order of a new customer that was placed in the judged months."""
    up, lefts = registered(market), [(job, job.completion) for _, job in market.jobs() if job.completion]
    new = Counter(life.account for life, _ in market.new_orders())
    bills = sorted(market.rows("bills"), key=lambda row: (row["billDate"], row["billNumber"]))
    rates: dict[str, int] = {}
    for line in market.rows("charge_lines"):
        cents = int(Decimal(line["rate"]) * 100)
        rates[line["billNumber"]] = max(cents, rates.get(line["billNumber"], cents))
    paid: dict[str, date] = {}
    for row in market.rows("payments"):
        received = date.fromisoformat(row["receivedOn"])
        paid[row["billNumber"]] = min(received, paid.get(row["billNumber"], received))
    found = []
    for life, order in market.new_orders():
        if not market.within(order.created):
            continue
        installs = [job for _, job in market.jobs() if job.kind == "install" and named_order(job) == order.number]
        over = [job for job in installs if job.completion is not None]
        job = min(over, key=lambda one: one.completion.completed, default=None) or min(  # type: ignore[union-attr]
            installs, key=lambda one: one.created, default=None
        )
        done = job.completion if job else None
        moments, again = [], False
        for serial in access_serials(done) if done else ():
            if serial not in up:
                continue
            is_later = up[serial] > done.completed and any(
                other.completed > done.completed and serial in access_serials(other) for _, other in lefts
            )
            again |= is_later
            moments += [] if is_later else [up[serial]]
        active = min(moments, default=None)
        bill = None
        if active is not None:
            bill = next(
                (
                    (date.fromisoformat(row["billDate"]), row["billNumber"], rates.get(row["billNumber"], 0))
                    for row in bills
                    if row["accountNumber"].lstrip("0") == life.account
                    and row["status"] != "HELD"
                    and date.fromisoformat(row["billDate"]) >= market.day(active)
                ),
                None,
            )
        received = paid.get(bill[1]) if bill else None
        found.append(Delivery(life, order, job, done, active, again, new[life.account] == 1, bill, received))
    return found


def order_truths(market: EstateMarket) -> dict[str, Truth]:
    """KPIs of orders."""
    names = (
        "time_to_activation time_to_activation_net order_to_work_order work_order_to_arrival arrival_to_completion"
        " completion_to_activation dispatch_to_completion order_to_cash time_to_invoice activation_float"
        " order_fallout manual_touches zero_touch first_visit_completion right_first_time"
    )
    truths = {name: Truth() for name in names.split()}
    wrong = _wrong_bills(market)
    for each in deliveries(market):
        _times(truths, market, each)
        _money(truths, market, each)
        _hands(truths, each)
        _first_time(truths, market, each, wrong)
    return truths


def _times(truths: dict[str, Truth], market: EstateMarket, each: Delivery) -> None:
    order, job, done = each.order, each.job, each.done
    arrived = [visit for visit in job.visits if visit.arrived] if job else []
    for name in ("time_to_activation", "time_to_activation_net", "completion_to_activation"):
        truth = truths[name]
        if job is None:
            truth.left_out["no work order to install names it"] += 1
        elif done is None:
            truth.left_out["not installed yet"] += 1
        elif each.active is None and each.is_used_again:
            truth.left_out["its device was registered again for a later job"] += 1
        elif each.active is None:
            truth.left_out["the network does not list the device that was installed"] += 1
        elif name == "completion_to_activation":
            truth.add(minutes(done.completed, each.active))
        else:
            waited = sum(
                minutes(one.arrived, later.arrived) for one, later in pairwise(arrived) if one.outcome == "no_access"
            )
            truth.add(minutes(order.created, each.active) - (waited if name.endswith("net") else 0))
    _lags(truths, each, arrived)


def _lags(truths: dict[str, Truth], each: Delivery, arrived: list[Visit]) -> None:
    order, job, done = each.order, each.job, each.done
    lags = {
        "order_to_work_order": job and minutes(order.created, job.created),
        "work_order_to_arrival": arrived and minutes(job.created, arrived[0].arrived),
        "arrival_to_completion": done and arrived and minutes(arrived[0].arrived, done.completed),
        "dispatch_to_completion": done and arrived and minutes(_first_set_out(job), done.completed),
    }
    for name, lag in lags.items():
        if job is None:
            truths[name].left_out["no work order to install names it"] += 1
        elif done is None and name.endswith("completion"):
            truths[name].left_out["not installed yet"] += 1
        elif not arrived and name != "order_to_work_order":
            truths[name].left_out["nobody has arrived yet"] += 1
        else:
            truths[name].add(lag)


def _first_set_out(job: Job) -> datetime | None:
    """When somebody set out for the first visit at which anybody arrived."""
    return next(set_out(job, number, visit) for number, visit in enumerate(job.visits, 1) if visit.arrived)


def _money(truths: dict[str, Truth], market: EstateMarket, each: Delivery) -> None:
    for name in ("order_to_cash", "time_to_invoice", "activation_float"):
        truth = truths[name]
        if not each.is_only:
            truth.left_out["its account has several services and a bill does not say which it is for"] += 1
        elif each.done is None:
            truth.left_out["not installed yet"] += 1
        elif each.active is None:
            truth.left_out["when it was activated is not known"] += 1
        elif each.bill is None:
            truth.left_out["no bill was sent yet"] += 1
        elif name == "order_to_cash" and each.paid is None:
            truth.left_out["its first bill is not paid yet"] += 1
        elif name == "order_to_cash":
            truth.add((each.paid - market.day(each.order.created)).days)
        else:
            days = (each.bill[0] - market.day(each.active)).days
            cents = Decimal(each.bill[2] * 12 * days) / 365
            truth.add(days if name == "time_to_invoice" else int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP)))


def _hands(truths: dict[str, Truth], each: Delivery) -> None:
    hands = hands_on_order(each.order, each.life.jobs)
    for job in each.life.jobs:
        hands += hands_on_job(job) if job.kind == "install" and named_order(job) == each.order.number else []
    people = [hand for hand in hands if hand.is_person]
    unplanned = sum(hand.action in ("corrected", "rescheduled", "forced") for hand in people)
    truths["order_fallout"].add(int(unplanned > 0), spread=unplanned)
    truths["manual_touches"].add(sum((hand.step, hand.action) != ("order", "entered") for hand in people))
    provisioned = [hand for hand in hands if hand.step == "provisioning"]
    by_people = sum(hand.is_person for hand in provisioned)
    if provisioned:
        truths["zero_touch"].add(int(by_people == 0), spread=by_people)
    else:
        truths["zero_touch"].left_out["nothing tells of its provisioning"] += 1


def _wrong_bills(market: EstateMarket) -> tuple[set[tuple[str, str]], list[tuple[str, date]]]:
    """Accounts with the months of which their bills are wrong, and what was corrected when."""
    wrong = {
        (entry.subject.partition("/")[0], month)
        for entry in market.ledger
        if entry.subject_kind == "service" and entry.direction != "cost"
        for month in entry.by_month
    }
    return wrong, _corrections(market)


def _corrections(market: EstateMarket) -> list[tuple[str, date]]:
    internal = {life.account for life in market.lives if life.segment == "internal"}
    return [
        (row["accountNumber"].lstrip("0"), date.fromisoformat(row["adjustedOn"]))
        for row in market.rows("adjustments")
        if row["reason"] != "GOODWILL" and row["accountNumber"].lstrip("0") not in internal
    ]


def _first_time(truths: dict[str, Truth], market: EstateMarket, each: Delivery, wrong: tuple) -> None:
    job, done, order = each.job, each.done, each.order
    arrived = [visit for visit in job.visits if visit.arrived] if job else []
    first = truths["first_visit_completion"]
    if job is None:
        first.left_out["no work order to install names it"] += 1
    elif not arrived:
        first.left_out["nobody has arrived yet"] += 1
    else:
        first.add(int(len(arrived) == 1 and arrived[0].outcome == "done"), spread=len(arrived))
    right = truths["right_first_time"]
    if job is None:
        right.left_out["no work order to install names it"] += 1
    elif done is None:
        right.left_out["not installed yet"] += 1
    elif done.completed + MONTH > market.window.as_of:
        right.left_out["the 30 days after its installation are not over"] += 1
    elif not each.is_only:
        right.left_out["its account has several services and a bill does not say which it is for"] += 1
    elif each.active is None:
        right.left_out["when it was activated is not known"] += 1
    elif each.bill is None:
        right.left_out["no bill was sent yet"] += 1
    else:
        account, billed = each.life.account, each.bill[0]
        is_wrong = (account, f"{market.day(each.active):%Y-%m}") in wrong[0] or any(
            who == account and billed <= day < billed + timedelta(days=60) for who, day in wrong[1]
        )
        came_back = any(
            named_order(other) == order.number
            and other.kind == "repair"
            and any(visit.arrived for visit in other.visits)
            and done.completed
            <= min(visit.arrived for visit in other.visits if visit.arrived)
            < done.completed + MONTH
            for other in each.life.jobs
        ) or any(
            life.account == account
            and call.kind == "fault"
            and done.completed <= call.opened < done.completed + MONTH
            for life, call in market.calls()
        )
        rework = any(
            hand.step == "provisioning" and hand.action in ("corrected", "forced")
            for hand in hands_on_order(order, each.life.jobs)
        )
        right.add(int(len(arrived) == 1 and not rework and not came_back and not is_wrong))


def visit_truths(market: EstateMarket) -> dict[str, Truth]:
    """KPIs of visits and of technicians."""
    names = (
        "on_time time_on_the_way time_on_site return_visits truck_rolls return_truck_rolls needless_rolls"
        " jobs_per_technician_day"
    )
    truths = {name: Truth() for name in names.split()}
    cost = market.market.truck_roll_cents
    for life, job, number, visit in market.visits():
        if not market.within(visit.arrived):
            continue
        late = minutes(visit.scheduled, visit.arrived)
        truths["on_time"].add(int(late <= 30), spread=late)
        truths["time_on_the_way"].add(minutes(set_out(job, number, visit), visit.arrived))
        truths["time_on_site"].add(minutes(visit.arrived, visit.left), group=job.kind)
        truths["truck_rolls"].add(cost, group=job.kind)
        if named_order(job) is None:
            for name in ("return_visits", "return_truck_rolls"):
                truths[name].left_out["the order that its work order names is not known"] += 1
        else:
            again = number > 1 or _is_back(market, life, job, visit.arrived, visit.cause)
            truths["return_visits"].add(int(again))
            truths["return_truck_rolls"].add(cost if again else 0)
        if job.kind == "repair" and job.line_test is None:
            truths["needless_rolls"].left_out["the line was not tested before"] += 1
        elif job.kind == "repair":
            tested, verdict = job.line_test
            is_needless = verdict == "passed" and tested <= visit.arrived < tested + timedelta(hours=24)
            truths["needless_rolls"].add(int(is_needless))
    days = Counter(
        (job.completion.technician, market.day(job.completion.completed))
        for _, job in market.jobs()
        if job.completion is not None and market.within(job.completion.completed)
    )
    for jobs in days.values():
        truths["jobs_per_technician_day"].add(jobs)
    return truths


def _is_back(market: EstateMarket, life: Life, job: Job, arrived: datetime, cause: str | None) -> bool:
    """Whether another job was at the same place in the 30 days before, and not for another cause."""
    if job.kind != "repair":
        return False
    place = _place(life, job)
    earlier = [
        (visit.arrived, other, visit.cause)
        for _, other, _, visit in market.visits()
        if other.number != job.number and visit.arrived < arrived and _lies(market, other) == place
    ]
    if not earlier:
        return False
    when, before, its_cause = max(earlier, key=lambda one: one[0])
    is_other = before.kind == "repair" and cause is not None and its_cause is not None and cause != its_cause
    return arrived < when + MONTH and not is_other


def _lies(market: EstateMarket, job: Job) -> tuple[str, int] | None:
    return next((_place(life, job) for life in market.lives if job in life.jobs), None)


def _place(life: Life, job: Job) -> tuple[str, int] | None:
    order = next((one for one in life.orders if one.number == named_order(job)), None)
    return None if order is None else (life.account, life.premises[order.premise].number)
