"""What people do once a mistake was found: its traces are put right, and what waited for them goes on."""

from datetime import timedelta

from benchmarks.rehearsal.operator_folder import CODES, aaa_of, olt_of
from benchmarks.rehearsal.year import APPROVER, Year
from canonical_model.billing import Adjustment, Subscription
from canonical_model.errors import ConfigurationError, UnsafeToContinue
from canonical_model.field_work import CompletionMaterial, WorkOrder
from canonical_model.orders import ProductOrder
from handoffs.shadow.explanation import Explanation
from handoffs.stages import HANDOFFS
from hub.decision import Decision
from hub.effects.decisions import retry
from hub.sagas.decisions import resume, waive
from hub.takeover.authority import history_of
from hub.takeover.foreign.finding import decide
from hub.takeover.moves import Wish, move
from hub.takeover.shadow.explaining import explain_difference
from storage.effects import effects
from storage.foreign_writes import undecided_foreign_writes
from storage.sagas import sagas
from storage.shadow_explanations import explanations_of

WHY = "its cause was found and mended"
PEOPLE = "lee"
_WORKED_LATER = "network_since = observed_starts_on AND network_since > completion_on"
TOO_LATE = "GT-14"
"""The gate that asks somebody to tell the customer from which day a line is billed that worked late."""


def mend(year: Year, market: str) -> None:
    """Put everything of a market right, and let what is held go on."""
    _mend_lines(year, market)
    _mend_jobs(year, market)
    _mend_subscriptions(year, market)
    _correct_bills(year, market)
    year.beliefs.say_again(market)
    _explain_days(year, market)
    let_go(year, market)


def _mend_lines(year: Year, market: str) -> None:
    network, town = year.network, year.towns[market]
    for element in (olt_of(market), aaa_of(market)):
        for service, wanted in network.wanted[element].items():
            if wanted is not None and network.told[element].get(service) != wanted and service in network.lines:
                network.tell(element, network.lines[service], wanted, "people")
    for work in town.works.values():
        if work.provisioned_by == "hub" and work.installed and work.installed != work.reserved:
            network.unplug(work.installed)  # somebody brings the one that belongs there, and writes it down
            network.plug(work.reserved, olt_of(market), work.port)
            for used in year.beliefs.all(CompletionMaterial, market):
                if used.serial == work.installed:
                    year.beliefs.change(CompletionMaterial, used.source_id, serial=work.reserved)
            work.installed = work.reserved
        there = network.plugged.get(work.installed)
        if there is not None and there.port != work.port:
            network.plug(work.installed, olt_of(market), work.port)


def _mend_jobs(year: Year, market: str) -> None:
    for job in year.beliefs.all(WorkOrder, market):
        work = year.towns[market].works.get(job.order_number)
        if job.work_order_id.startswith("X-") or work is None:
            year.beliefs.change(WorkOrder, job.source_id, state="cancelled")
        elif job.work_order_id.startswith("W-") and job.state == "scheduled" and work.reserved:
            year.beliefs.change(WorkOrder, job.source_id, expected_serial=work.reserved)
    for order in year.beliefs.all(ProductOrder, market):
        if order.order_number not in year.towns[market].works:
            year.beliefs.change(ProductOrder, order.source_id, state="cancelled")


def _mend_subscriptions(year: Year, market: str) -> None:
    """One for each account, of the tier and from the day that are true; a second one ends before it begins."""
    town = year.towns[market]
    by_account, first = town.by_account, year.first_days(market)
    seen: set[str] = set()
    for sold in sorted(
        year.beliefs.all(Subscription, market), key=lambda each: each.subscription_id.startswith("X-")
    ):
        work = by_account[sold.account_number]
        if sold.account_number in seen:
            year.beliefs.change(Subscription, sold.source_id, state="closed", ends_on=sold.starts_on)
            continue
        seen.add(sold.account_number)
        if work.account in first:
            right = {"billing_code": CODES[work.tier], "starts_on": first[work.account]}
            year.beliefs.change(Subscription, sold.source_id, **right)
            year.systems.correct(sold.subscription_id, CODES[work.tier], first[work.account])


def _explain_days(year: Year, market: str) -> None:
    """What was mended after its technician had left is billed from the day on which it worked: people say so once."""
    now = year.clock()
    with year.hub.database.reading() as connection:
        known = {each.field for each in explanations_of(connection, market, "field_to_billing")}
    for field in ("starts_on", "recurring"):
        if field not in known:
            until = now + timedelta(days=400)
            said = Explanation(
                market, "field_to_billing", field, PEOPLE, WHY, until, PEOPLE, now, condition=_WORKED_LATER
            )
            explain_difference(year.hub, said)


def _correct_bills(year: Year, market: str) -> None:
    """Drafts are made anew; what was sent and is wrong is adjusted."""
    biller = year.billers[market]
    if biller.drafted_on is not None:
        biller.again(biller.drafted_on)
    for account, cents in year.wrongly_billed(market).items():
        name = f"A-{account}-{year.clock():%Y%m%d}"
        adjusted = {
            "amount_minor": -cents,
            "currency": "USD",
            "reason": WHY,
            "posted_on": year.towns[market].day_of(year.clock()),
        }
        year.beliefs.say(Adjustment, "billing", market, name, account_number=account, **adjusted)
        biller.sent[account] -= cents
        year.corrected += 1


def let_go(year: Year, market: str) -> None:
    """Let everything that is stopped or held go on."""
    now = year.clock()
    with year.hub.database.reading() as connection:
        held = sagas(connection, states=("held",), market=market, most=1000)
        refused = effects(connection, ("refused", "parked"), most=100_000)
        stuck = [each for each in refused if each.market == market]
        foreign = undecided_foreign_writes(connection, market)
        positions = [history_of(connection, year.hub, market, each)[-1] for each in HANDOFFS]
    for write in foreign:
        decide(year.hub, write.id or 0, "hub_keeps", Decision(APPROVER, now, WHY))
    for effect in stuck:
        retry(year.hub, effect.id, now, actor=PEOPLE, why=WHY)
    for saga in held:
        if saga.step == "gate" and saga.reason.startswith(TOO_LATE):
            waive(year.hub, saga.id, [TOO_LATE], now, actor=PEOPLE, why="the customer knows the day")
        else:
            resume(year.hub, saga.id, now, actor=PEOPLE, why=WHY)
    for position in positions:
        if position.is_held:
            try:
                move(year.hub, Wish(market, position.handoff, "released"), Decision(APPROVER, now, WHY))
            except (ConfigurationError, UnsafeToContinue) as error:
                year.note(market, "held", str(error), position.handoff)
