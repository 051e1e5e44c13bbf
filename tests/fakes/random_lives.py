"""Hypothesis strategies for lives that no operator would plan and every operator has, and for bills that fit none.

Nothing here is consistent on purpose: services that end before they begin for billing, lines over days that were
never delivered, tiers that change twice a day. What reconciliation promises, it promises for all of them.
"""

from datetime import UTC, date, datetime, timedelta
from typing import get_args

from hypothesis import strategies as st

from canonical_model.catalogue import Proration, ProrationConvention, RoundingMode
from canonical_model.intervals import add_months
from tests.fakes.small_operator import CODES, SmallOperator, serial_of

DAYS = st.dates(date(2025, 11, 1), date(2026, 4, 4))
MONTHS = st.sampled_from([date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)])
FIRST_DAYS = MONTHS | st.sampled_from([date(2025, 12, 17), date(2026, 1, 17), date(2026, 1, 31), date(2026, 2, 17)])
PRORATIONS = st.builds(
    Proration,
    convention=st.sampled_from(get_args(ProrationConvention)),
    rounding=st.sampled_from(get_args(RoundingMode)),
    first_month=st.sampled_from(["charged", "free"]),
)
TIERS = st.sampled_from(["silver", "gold"])
PREMISES = st.sampled_from([None, "P-1", "P-2"])
PROMOTIONS = st.sampled_from([None, None, "hello", "tenth"])
BILLED_CODES = st.sampled_from(["SLV", "SLV", "SLV", "GLD", "RTR", "VOI", "INS", "HEL", "TEN", "DUO", "ODD"])
AMOUNTS = st.integers(-12_000, 12_000).map(lambda cents: f"{cents / 100:.2f}")
assert set(CODES.values()) <= {"SLV", "GLD", "RTR", "VOI", "INS", "HEL", "DUO"}


@st.composite
def periods(draw: st.DrawFn) -> tuple[date, date | None]:
    start = draw(DAYS)
    return start, draw(st.none() | st.integers(0, 70).map(lambda days: start + timedelta(days=days)))


@st.composite
def operators(draw: st.DrawFn, least: int = 1, most: int = 4) -> SmallOperator:
    """Some accounts, numbered from 1, each with a life and bills of its own."""
    operator = SmallOperator(proration=draw(PRORATIONS))
    for number in range(1, draw(st.integers(least, most)) + 1):
        _live(draw, operator, str(number))
        is_anchored = _anchor(draw, operator, str(number))
        _bill(draw, operator, str(number), FIRST_DAYS if is_anchored else MONTHS)
        _adjust(draw, operator, str(number))
    return operator


def _live(draw: st.DrawFn, operator: SmallOperator, account: str) -> None:
    operator.account(account)
    operator.order(
        account,
        f"9{account}",
        effective_on=draw(DAYS),
        offering_id=draw(TIERS),
        promotion_code=draw(PROMOTIONS),
        install_fee_waived=draw(st.booleans()),
    )
    if draw(st.integers(0, 9)):
        operator.job(
            f"9{account}", draw(DAYS), draw(TIERS), serial_of(account), draw(st.sampled_from(["", "leased"]))
        )
    if draw(st.booleans()):
        operator.seen(serial_of(account), draw(st.sampled_from(["S", "G"])), draw(DAYS), up=draw(st.booleans()))
    for step in range(draw(st.integers(0, 4))):
        draw(st.sampled_from([_change, _visit, _move, _cease, _alter, _suspend, _add_voice, _another_service]))(
            draw, operator, account, f"9{account}{step}"
        )


def _change(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    operator.order(
        account,
        number,
        "change",
        effective_on=draw(DAYS),
        offering_id=draw(TIERS),
        promotion_code=draw(PROMOTIONS),
        premise_id=draw(PREMISES),
    )


def _visit(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    day, owner = draw(DAYS), draw(st.sampled_from(["", "leased", "customer"]))
    done_at = datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), tzinfo=UTC)
    operator.job(f"9{account}", day, draw(TIERS | st.none()), router=owner, completed_at=done_at)


def _move(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    day = draw(DAYS)
    operator.order(account, number, "move", effective_on=day, premise_id=draw(PREMISES))
    operator.job(number, day, draw(TIERS), serial_of(account))


def _cease(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    operator.order(account, number, "cease", effective_on=draw(DAYS), premise_id=draw(PREMISES))


def _alter(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    start, end = draw(periods())
    kind, code = draw(
        st.sampled_from(
            [
                ("price_override", "silver"),
                ("price_override", "gold"),
                ("promotion_extension", "hello"),
                ("courtesy_account", None),
                ("fee_waiver", "install"),
            ]
        )
    )
    amount = draw(st.integers(0, 12_000)) if kind == "price_override" else None
    operator.alteration(account, kind, code=code, amount_minor=amount, valid_from=start, valid_to=end)


def _suspend(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    start, end = draw(periods())
    operator.subscription(account, number, start, premise=draw(PREMISES))
    operator.suspension(number, start, end)


def _add_voice(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    operator.order(account, number, "change", effective_on=draw(DAYS))
    operator.order_item(number, "voice", draw(st.sampled_from(["add", "add", "delete"])))


def _another_service(draw: st.DrawFn, operator: SmallOperator, account: str, number: str) -> None:
    """Ordered anew on the same account: it came back, or has two lines, or somebody entered the order twice."""
    operator.order(account, number, effective_on=draw(DAYS), offering_id=draw(TIERS), premise_id=draw(PREMISES))
    if draw(st.integers(0, 3)):
        serial = draw(st.sampled_from([serial_of(account), f"ABCD{number:0>8}"]))
        operator.job(number, draw(DAYS), draw(TIERS), serial)
    operator.subscription(account, f"{account}-s2", draw(DAYS), premise=draw(PREMISES))


def _anchor(draw: st.DrawFn, operator: SmallOperator, account: str) -> bool:
    """For some accounts a day from which they are billed, told once or several times."""
    told = draw(st.sampled_from([0, 0, 1, 2, 3]))
    for _ in range(told):
        operator.cycle(account, draw(st.sampled_from([1, 5, 17, 17, 30, 31])), draw(DAYS))
    return told > 0


def _bill(draw: st.DrawFn, operator: SmallOperator, account: str, first_days: st.SearchStrategy[date]) -> None:
    """Lines of any kind; some are billed again by mistake, some taken back, whole or in part."""
    for _ in range(draw(st.integers(0, 8))):
        month = draw(first_days)
        following = add_months(month, 1)
        start = draw(st.just(month) | st.dates(month, following - timedelta(days=1)))
        end = draw(st.just(following) | st.dates(start + timedelta(days=1), following + timedelta(days=3)))
        subscription = draw(st.sampled_from(["s1", "s1", "s2"]))
        code, rate, amount = draw(BILLED_CODES), draw(AMOUNTS), draw(AMOUNTS)
        billed_on = following + timedelta(days=draw(st.sampled_from([0, 0, 0, 7])))
        for billed in (amount, *draw(st.sampled_from([(), (), (), (amount,), (f"-{amount}".replace("--", ""),)]))):
            operator.line(account, code, start, end, rate, billed, subscription, billed_on)


def _adjust(draw: st.DrawFn, operator: SmallOperator, account: str) -> None:
    for _ in range(draw(st.integers(0, 2))):
        operator.adjustment(account, draw(AMOUNTS), draw(DAYS), reason=draw(st.sampled_from([None, "CORRECTION"])))
