"""A market of 240 customers in which each kind of common cause is planted once, beside mistakes that happen anywhere.

* The line card of hub H3 gives fourteen silver customers the profile of gold since 10 February.
* Crew 4 brings back no device of the eight customers whose service it takes down; of the other crews two stay out.
* Gold costs 90.00 from February on, and billing goes on with 80.00; two silver customers are billed 55.00.
* The bill run of 8 March charges twelve silver customers 2.00 less than their rate; in other runs it is two.

What falls on whom is spread evenly over everything else, so that nobody else has more of it than by chance.
"""

from datetime import date, timedelta
from decimal import Decimal

from canonical_model.catalogue import Catalogue, OfferingPrice, ProductOffering
from canonical_model.places import Premise
from canonical_model.stock import StockMovement
from tests.fakes.small_operator import (
    LAST_YEAR,
    MARKET,
    PROFILES,
    SmallOperator,
    catalogue,
    next_month,
    noon,
    serial_of,
)

CUSTOMERS, HUBS, CREWS = 240, 5, 6
FEBRUARY = date(2026, 2, 1)
RETUNED_ON = date(2026, 2, 10)
WRONG_RUN = date(2026, 3, 8)
WRONG_HUB, WRONG_CREW = "H3", "Crew 4"


def raised(offering: ProductOffering) -> ProductOffering:
    """Gold is 80.00 until the end of January and 90.00 then."""
    if offering.id != "gold":
        return offering
    prices = (
        OfferingPrice(amount=Decimal("80.00"), valid_from=date(2020, 1, 1), valid_to=FEBRUARY),
        OfferingPrice(amount=Decimal("90.00"), valid_from=FEBRUARY),
    )
    return offering.model_copy(update={"prices": prices})


CATALOGUE: Catalogue = catalogue().model_copy(
    update={
        "offerings": tuple(raised(offering) for offering in catalogue().offerings),
        "costs": {"access_device": {MARKET.id: Decimal("86.00")}, "router": {MARKET.id: Decimal("64.00")}},
    }
)


def hub_of(number: int) -> str:
    return f"H{number % HUBS + 1}"


def market_with_common_causes() -> SmallOperator:
    """The market, told by its systems."""
    operator = SmallOperator()
    silver = [number for number in range(CUSTOMERS) if number % 3]
    retuned = [number for number in silver if hub_of(number) == WRONG_HUB][:14]
    leaving = [number for number in silver if number not in retuned and hub_of(number) != WRONG_HUB][: 8 * CREWS]
    staying = [number for number in silver if number not in retuned and number not in leaving]
    of_the_run = [number for number in staying if is_of_the_eighth(number)]
    of_the_first = [number for number in staying if not is_of_the_eighth(number)]
    short = dict.fromkeys(of_the_run[:12], 2) | dict.fromkeys(of_the_first[:2], 2)
    cheap = {of_the_run[12], of_the_first[2]}
    for number in range(CUSTOMERS):
        _installed(operator, number, is_retuned=number in retuned, is_leaving=number in leaving)
        _billed(operator, number, number in leaving, number in cheap, short.get(number))
    for turn, number in enumerate(leaving):
        crew = f"Crew {turn % CREWS + 1}"
        _left(operator, number, crew, is_returned=crew != WRONG_CREW and turn not in (0, 11))
    return operator


def is_of_the_eighth(number: int) -> bool:
    """Every other customer is billed on the eighth, all others on the first."""
    return number % 4 in (1, 2)


def name_of(number: int) -> str:
    """The account of a customer; its services have the same name."""
    return str(1000 + number)


def _installed(operator: SmallOperator, number: int, *, is_retuned: bool, is_leaving: bool) -> None:
    account, offering = name_of(number), "silver" if number % 3 else "gold"
    day = LAST_YEAR + timedelta(days=number % 40)
    operator.add(Premise, "crm", source_id=f"P{number}", address=f"{number} Elm Street", hub=hub_of(number))
    operator.account(account)
    order = {"effective_on": day, "offering_id": offering, "install_fee_waived": True, "premise_id": f"P{number}"}
    operator.order(account, f"9{account}", **order)
    operator.job(f"9{account}", day, offering, serial_of(account), crew=f"Crew {number // 7 % CREWS + 1}")
    profile, since = ("G", RETUNED_ON) if is_retuned else (PROFILES[offering], day)
    operator.seen(serial_of(account), profile, since, up=not is_leaving, traffic=FEBRUARY if is_leaving else None)


def _billed(operator: SmallOperator, number: int, is_leaving: bool, is_cheap: bool, short: int | None) -> None:
    """Whole months in arrears; the run of 8 April is still to come."""
    account, is_late = name_of(number), is_of_the_eighth(number)
    code, rate = ("SLV", Decimal(60)) if number % 3 else ("GLD", Decimal(80))
    for month in (1,) if is_leaving else (1, 2) if is_late else (1, 2, 3):
        start = date(2026, month, 1)
        charged = Decimal(55) if is_cheap and month > 1 else rate
        amount = charged - (short or 0) if month == (2 if is_late else 3) else charged
        billed_on = next_month(start) + timedelta(days=7 if is_late else 0)
        operator.line(account, code, start, next_month(start), str(charged), str(amount), billed_on=billed_on)


def _left(operator: SmallOperator, number: int, crew: str, *, is_returned: bool) -> None:
    account = name_of(number)
    operator.order(account, f"8{account}", "cease", effective_on=FEBRUARY)
    operator.job(f"8{account}", FEBRUARY, None, work_type="disconnect", crew=crew)
    days = {"received": LAST_YEAR - timedelta(days=90), "issued": LAST_YEAR}
    if is_returned:
        days["returned"] = FEBRUARY + timedelta(days=3)
    for movement, day in days.items():
        operator.add(
            StockMovement, "fsm", serial=serial_of(account), kind="ont", movement=movement, moved_at=noon(day)
        )
