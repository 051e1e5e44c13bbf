"""Everything that gates are judged by, measured for one hand-off of one market at one moment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection

from canonical_model.money import minor_digits
from handoffs.cohort import EVERYTHING, Cohort
from handoffs.comparison import Tally
from handoffs.criteria import Figure, Measure, Number
from handoffs.policy_blocks import LeftStage
from handoffs.stages import Handoff
from handoffs.statistics import Share
from hub.takeover.measuring.clock import clock_measures
from hub.takeover.measuring.coverage import key_coverage, unmapped
from hub.takeover.measuring.devices import devices
from hub.takeover.measuring.feeds import feeds_for
from hub.takeover.measuring.findings import open_findings
from hub.takeover.measuring.first_step import first_step
from hub.takeover.measuring.known_lines import lines_known
from hub.takeover.measuring.own_orders import own_accounts, own_orders
from hub.takeover.measuring.paths import BESIDE, path_figures
from hub.takeover.paused_jobs import jobs_off
from hub.takeover.signals import double_bill, duplicate_truck, foreign_write, unfinished_works
from hub.takeover.signals.finders import Finder
from hub.takeover.signals.look import Look
from storage.guard_passes import last_whole_pass
from storage.legacy_baselines import baselines_of

TallyOf = Callable[[Connection, str, Handoff, datetime, str, datetime], Tally | None]
"""Takes a market, a hand-off, a moment, the versions at work, and the moment before which legacy should have acted on
whatever began; gives what the comparisons since the first moment came to, or None where nothing was compared."""

PackagesOf = Callable[[Connection, str, datetime], Share | None]
"""Takes a market and a moment; gives how many jobs since then had everything that a technician needs."""

_IN_DOUBT = frozenset({"running", "superseded", "failed", "stopped"})
_OF_HUB: frozenset[LeftStage] = frozenset({"canary", "active"})
_COUNTED: dict[str, Finder] = {
    "duplicate_jobs": duplicate_truck.find,
    "double_bills": double_bill.find,
    "foreign_writes": foreign_write.find,
    "unfinished_works": unfinished_works.find,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What measuring asks of others.

    Attributes:
        tally: of the shadow; None where no shadow is kept.
        packages: likewise.
        pooled: like markets whose comparisons count, each with the versions at work there.
    """

    tally: TallyOf | None = None
    packages: PackagesOf | None = None
    pooled: Mapping[str, str] | None = None


def measures(
    look: Look,
    handoff: Handoff,
    leaves: LeftStage,
    since: datetime,
    versions: str,
    evidence: Evidence,
    cohort: Cohort = EVERYTHING,
) -> dict[str, Measure]:
    """Measure everything.

    Args:
        look: at the market as a whole.
        handoff: which.
        leaves: the stage that would be left; once the hub acts, what it has acted on is what counts.
        since: when the clock was set.
        versions: at work.
        evidence: what is asked of others.
        cohort: that the next step would take over.

    Returns:
        By metric.
    """
    of_hub = leaves in _OF_HUB
    own = own_orders(look, handoff, look.since)
    begun = sum(1 for at in own.values() if at >= since)
    accounts = own_accounts(look, handoff, own) if of_hub else None
    found = {
        "key_coverage": key_coverage(look, handoff, own if of_hub else None),
        "hub_works": Measure(Number(Decimal(begun))),
        "frozen_overdue": _overdue(look),
        "guard_age": _guard(look),
        "package_complete": _packages(look, since, evidence),
    }
    found |= _feeds(look, handoff) | unmapped(look) | open_findings(look, handoff, accounts)
    found |= clock_measures(look, since) | _shadow(look, handoff, since, versions, evidence)
    if handoff == "order_to_provisioning":
        found |= devices(look, cohort)
        if leaves == "active":
            found["lines_known"] = lines_known(look)
    if leaves == "shadow":
        found["first_step"] = first_step(look, cohort)
    if of_hub:
        found |= _beside_legacy(look, handoff, min(since, look.now - BESIDE))
        since_then = replace(look, window=look.now - since)  # harm of before the clock was set has had its answer
        found |= {metric: _counted(since_then, handoff, find, begun) for metric, find in _COUNTED.items()}
    return found


def _beside_legacy(look: Look, handoff: Handoff, since: datetime) -> dict[str, Measure]:
    """Figures of both paths, with what legacy came to before the canary, for when too little of it is left."""
    before = baselines_of(look.connection, look.market.id, handoff)
    return {
        metric: Measure(replace(figure, since=since, baselines=before.get(metric, ())))
        for metric, figure in path_figures(look, handoff, since).items()
    }


def _feeds(look: Look, handoff: Handoff) -> dict[str, Measure]:
    feeds = feeds_for(look, handoff)
    never = sorted("/".join(name) for name, each in feeds.items() if each is None or each.last_success_at is None)
    if never or not feeds:
        why = f"{never[0]} was never pulled to its end" if never else "no feed tells of it"
        return {"feed_age": Measure(None, why), "feeds_whole": Measure(None, why)}
    known = {"/".join(name): each for name, each in feeds.items() if each is not None}
    oldest = min(each.last_success_at for each in known.values() if each.last_success_at is not None)
    keeps = 1 - look.operator.file.limits.shrink_percent / 100
    doubtful = sorted(
        name
        for name, each in known.items()
        if each.last_pull_outcome in _IN_DOUBT or (each.records_before and each.records < each.records_before * keeps)
    )
    hours = (Decimal((look.now - oldest) // timedelta(minutes=1)) / 60).quantize(Decimal("0.1"))
    return {
        "feed_age": Measure(Number(hours, len(known))),
        "feeds_whole": Measure(Number(Decimal(len(doubtful)), len(known)), works=tuple(doubtful)),
    }


def _shadow(look: Look, handoff: Handoff, since: datetime, versions: str, evidence: Evidence) -> dict[str, Measure]:
    """What the comparisons of intent and deed came to."""
    names = ("compared", "bills_compared", "decided", "parity", "unexplained", "critical", "unexplained_money")
    settled, tally = look.now - look.operator.handoffs.settle_time(look.market.id, handoff), evidence.tally
    told = None if tally is None else tally(look.connection, look.market.id, handoff, since, versions, settled)
    if told is None or tally is None:
        return dict.fromkeys(names, Measure(None, "nothing was compared in shadow under these versions yet"))
    elsewhere = {}
    for market, theirs in (evidence.pooled or {}).items():
        other = tally(look.connection, market, handoff, since, theirs, settled)
        if other is not None and other.compared:
            elsewhere[market] = Share(other.clean, other.compared)
    money = Decimal(told.unexplained_minor).scaleb(-minor_digits(look.market.currency))
    looked_at = told.looked_at

    def measured(figure: Figure, elsewhere: Mapping[str, Share] | None = None) -> Measure:
        return Measure(figure, as_of=looked_at, versions=versions, elsewhere=elsewhere or {})

    return {
        "compared": measured(Number(Decimal(told.compared))),
        "bills_compared": measured(Number(Decimal(told.bills_compared))),
        "decided": measured(Share(told.compared, told.compared + told.waiting)),
        "parity": measured(Share(told.clean, told.compared), elsewhere),
        "unexplained": measured(Number(Decimal(told.unexplained), told.compared)),
        "critical": measured(Number(Decimal(told.critical), told.compared)),
        "unexplained_money": measured(Number(money, told.compared)),
    }


def _packages(look: Look, since: datetime, evidence: Evidence) -> Measure:
    share = None if evidence.packages is None else evidence.packages(look.connection, look.market.id, since)
    if share is None:
        return Measure(None, "no shadow has looked at what technicians were told yet")
    return Measure(share)


def _counted(look: Look, handoff: Handoff, find: Finder, of: int) -> Measure:
    """How often something is seen that a rollback rule watches for, of so many works of the hub."""
    seen = [each for each in find(look) if each.handoff == handoff]
    works = tuple(work for each in seen for work in each.works)
    return Measure(Number(sum((each.measured for each in seen), Decimal(0)), of), works=works)


def _guard(look: Look) -> Measure:
    """How long nobody has looked for harm."""
    last = last_whole_pass(look.connection, look.market.id)
    if last is None:
        return Measure(None, "the guard has never looked at the market")
    return Measure(Number((Decimal((look.now - last) // timedelta(minutes=1)) / 60).quantize(Decimal("0.01"))))


def _overdue(look: Look) -> Measure:
    late = tuple(jobs_off(look))
    return Measure(Number(Decimal(len(late))), works=late)
