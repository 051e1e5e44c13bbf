"""Bills of the hub's works that are not what was sold and proven: by the last reconciliation, and line by line now.

The reconciliation judges every charge class to the cent. Between two of them a recurring line is held against the
catalogue at once: its rate, its days and its amount.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select

from canonical_model.billing import ChargeLine
from canonical_model.intervals import add_months
from canonical_model.money import minor_digits
from handoffs.rollback import Signal
from hub.cases.accounts_of_findings import accounts_of
from hub.takeover.signals.acted import work_of
from hub.takeover.signals.look import Look, signal
from hub.takeover.signals.prices import agreed_prices, list_price, offering_of
from reconciliation.cases import IN_HAND
from storage.case_list import CaseFilter, listed_cases
from storage.effects import Effect
from storage.history import known
from storage.runs import latest_run
from storage.schema.canonical import CANONICAL_TABLES
from storage.schema.reconciliation import FINDING

_BILLED = ("under_billed", "over_billed")
_NO_BILL = frozenset({"at_risk", "cost"})
"""Findings that say nothing of what a bill should be: unpaid, out of the pattern, of a device or a supplier."""
_TOLD_TO_BILLING = frozenset({"start_billing", "change_billing", "suspend_billing", "resume_billing", "stop_billing"})
_OF_PEOPLE = frozenset({"payment", "adjustment", "case"})
"""What is done with money beside bills, by people of the operator."""


def find(look: Look) -> Iterator[Signal]:
    """Money by which bills of the hub's works differ, without its sign."""
    digits = minor_digits(look.market.currency)
    by_line = dict(_lines(look))
    by_line |= {account: told for account, told in (*_missing(look), *_pending(look)) if account not in by_line}
    by_finding = dict(_findings(look, set(by_line)))
    minor = sum(amount for amount, _ in (*by_line.values(), *by_finding.values()))
    said = {f"account/{account}": told for account, (_, told) in (by_line | by_finding).items()}
    of = sum(len(lines) for lines in look.charge_lines.values())
    yield from signal(look, "bill_differs", "field_to_billing", said, Decimal(minor).scaleb(-digits), of)


def _findings(look: Look, told: set[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    """What the last reconciliation found about works of the hub, since the month in which it began to act.

    What an account was billed wrongly before is the legacy systems', however long it goes on.

    Args:
        look: at the market.
        told: accounts of whom the same is known already.
    """
    began = look.acted.began_at()
    cases, _ = listed_cases(look.connection, CaseFilter(market=look.market.id, states=IN_HAND))
    ours = [
        each
        for each in cases
        if each.explained_by is None and each.direction in _BILLED and each.seen_minor
        if each.exposure_class not in _NO_BILL and each.subject_kind not in _OF_PEOPLE
    ]
    accounts = accounts_of(look.connection, look.market.id, ours)
    wanted = [each.fingerprint for each in ours if accounts.get(each.fingerprint) in began]
    waiting, told_of = _awaiting_bills(look), _told_to_billing(look)
    first = {account: look.day_of(at).replace(day=1) for account, at in began.items()}
    since: dict[str, date] = {}
    for start in range(0, len(wanted), 500):
        query = select(FINDING.c.fingerprint, FINDING.c.evidence_from)
        rows = look.connection.execute(query.where(FINDING.c.fingerprint.in_(wanted[start : start + 500])))
        since |= {row.fingerprint: row.evidence_from for row in rows}
    sums: dict[str, tuple[int, str]] = {}
    for case in ours:
        account = accounts.get(case.fingerprint, "")
        if case.direction == "under_billed" and (account in waiting or account not in told_of):
            continue
        if case.fingerprint in since and since[case.fingerprint] >= first[account] and account not in told:
            before, said = sums.get(account, (0, ""))
            sums[account] = before + abs(case.seen_minor), f"{said}; {case.rule_id} {case.seen_minor}".lstrip("; ")
    yield from sums.items()


def _told_to_billing(look: Look) -> set[str]:
    """Accounts of which the hub has told billing anything: what lacks on a bill of others is not of its making.

    Where legacy bills what the hub has provisioned, or a gate waits for the day from which it is billed, it has told
    nothing yet; what it should have told is told by ``unfinished_works``.
    """
    told = (each for each in look.acted.effects if each.command in _TOLD_TO_BILLING)
    return {str(each.fields["account_number"]) for each in told}


def _awaiting_bills(look: Look) -> set[str]:
    """Accounts of which billing was told after it had made the last bills that were judged: the next are their first.

    A line that was stopped over the end of a month leaves such works behind; nothing is wrong with them, and what was
    found before the next bills says nothing of those.
    """
    judged = latest_run(look.connection, look.market.id)
    runs = _runs(look) if judged is None else {day for day in _runs(look) if day <= look.day_of(judged.as_of)}
    last = max(runs, default=None)
    if last is None:
        return set()
    told = (each for each in look.acted.effects if each.command == "start_billing")
    late = {str(each.fields["account_number"]) for each in told if look.day_of(each.enqueued_at) >= last}
    return {account for account in late if all(line.billed_on > last for line in look.charge_lines.get(account, ()))}


def _lines(look: Look) -> Iterator[tuple[str, tuple[int, str]]]:
    """Recurring lines of subscriptions that the hub has begun, held against price and days."""
    begun = {
        effect.reference: effect
        for effect in look.acted.effects
        if effect.command == "start_billing" and effect.reference and effect.state == "done"
    }
    changed = {
        str(each.fields.get("subscription_id")) for each in look.acted.effects if each.command != "start_billing"
    }
    for account, lines in look.charge_lines.items():
        sums, said = 0, []
        for line in lines:
            effect = begun.get(line.subscription_id or "")
            if (
                effect is None
                or line.subscription_id in changed
                or line.billing_code != effect.fields["billing_code"]
            ):
                continue
            expected = _expected(look, effect, line)
            if expected is not None and expected != line.amount_minor and line.amount_minor > 0:
                sums += abs(line.amount_minor - expected)
                said.append(f"{line.billing_code} {line.covers_from}: {line.amount_minor}, expected {expected}")
        if sums:
            yield account, (sums, f"{work_of(str(effect_order(begun, lines)))}: {'; '.join(said[:3])}")


def _missing(look: Look) -> Iterator[tuple[str, tuple[int, str]]]:
    """Services whose first month was billed for others, and not for them: late, or never."""
    runs = _runs(look)
    for effect in look.acted.effects:
        if effect.command != "start_billing" or effect.state != "done" or not effect.reference:
            continue
        account, starts_on = str(effect.fields["account_number"]), date.fromisoformat(str(effect.fields["starts_on"]))
        ends = add_months(starts_on.replace(day=1), 1)
        offering = offering_of(look.operator.catalogue, str(effect.fields["offering_id"]))
        told_before_run = look.day_of(effect.enqueued_at) < ends
        if offering is None or account in look.own_cycles or not told_before_run or not _is_over(look, runs, ends):
            continue
        free = look.operator.catalogue.proration[look.market.id].first_month == "free"
        price = list_price(offering, look.market, starts_on)
        lines = look.charge_lines.get(account, ())
        codes = offering.billing_codes
        if (
            price
            and not free
            and not any(line.billing_code in codes and line.covers_to > starts_on for line in lines)
        ):
            minor = int(price.scaleb(minor_digits(look.market.currency)))
            yield account, (minor, f"{offering.id} works since {starts_on}, and the bills of {ends} do not charge it")


def _pending(look: Look) -> Iterator[tuple[str, tuple[int, str]]]:
    """What waits for the next bill and is dearer than a whole month of it costs, before the bill is made."""
    digits = minor_digits(look.market.currency)
    access = {
        code: each
        for each in look.operator.catalogue.offerings
        if each.charge == "access"
        for code in each.billing_codes
    }
    for account, items in look.pending_items.items():
        for item in items:
            offering = access.get(item.billing_code)
            price = None if offering is None else list_price(offering, look.market, item.created_on)
            if offering is None or price is None:
                continue
            agreed = agreed_prices(look.alterations.get(account, ()), offering, digits)
            most = max(int(each.scaleb(digits)) for each in (price, *agreed))
            if item.amount_minor > most:
                said = f"{item.billing_code} of {item.amount_minor} waits for the next bill, a month costs {most}"
                yield account, (item.amount_minor - most, said)


def _runs(look: Look) -> set[date]:
    """Days on which bills of the market were made."""
    table = CANONICAL_TABLES[ChargeLine]
    query = select(table.c.billed_on).where(
        known(table, None), table.c.market == look.market.id, table.c.billed_on >= look.day_of(look.since)
    )
    return set(look.connection.execute(query.distinct()).scalars())


def _is_over(look: Look, runs: Collection[date], ends: date) -> bool:
    """Whether the bills of a month have been made, for others at least, and their feed has come in since."""
    made = [day for day in runs if ends <= day < ends + timedelta(days=15)]
    return bool(made) and look.day_of(look.now) > max(made) + timedelta(days=2)


def effect_order(begun: dict[str, Effect], lines: list[ChargeLine]) -> str:
    """The order of the first of some lines that the hub has begun."""
    return next(
        str(begun[line.subscription_id or ""].fields.get("order_number"))
        for line in lines
        if line.subscription_id in begun
    )


def _expected(look: Look, effect: Effect, line: ChargeLine) -> int | None:
    """Minor units of a line by the catalogue; None where only the reconciliation can tell."""
    offering = offering_of(look.operator.catalogue, str(effect.fields["offering_id"]))
    if offering is None or line.quantity != 1:
        return None
    digits = minor_digits(look.market.currency)
    price = list_price(offering, look.market, line.covers_from)
    if (
        price is None
        or line.account_number in look.own_cycles
        or agreed_prices(look.alterations.get(line.account_number, ()), offering, digits)
    ):
        return None
    starts_on = date.fromisoformat(str(effect.fields["starts_on"]))
    if line.covers_to <= starts_on:
        return 0
    period = _period_of(line)
    if period is None:
        return None
    days, whole = (line.covers_to - max(line.covers_from, starts_on)).days, period
    rule = look.operator.catalogue.proration[look.market.id]
    if days == whole or rule.convention == "none":
        return int((price.scaleb(digits)).quantize(Decimal(1), ROUND_HALF_UP))
    if (
        rule.convention not in ("actual_actual", "actual_30")
        or rule.rounding != "half_up"
        or rule.first_month == "free"
    ):
        return None
    divisor = whole if rule.convention == "actual_actual" else 30
    return int((price.scaleb(digits) * days / divisor).quantize(Decimal(1), ROUND_HALF_UP))


def _period_of(line: ChargeLine) -> int | None:
    """Days of the calendar month that a line lies in; None where it reaches over its end."""
    first = line.covers_from.replace(day=1)
    following = add_months(first, 1)
    return (following - first).days if line.covers_to <= following else None
