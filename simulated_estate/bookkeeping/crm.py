"""The CRM, a Salesforce org. Moments are aware datetimes, days are dates, money is Decimal; None is null.

Every sObject has ``Id`` (18 characters), ``CreatedDate``, ``SystemModstamp`` and ``IsDeleted``, and beside these:

``Account``: ``Name``, ``AccountNumber`` (``LV-0001234``), ``Account_Key__c`` (external id, the same),
    ``Service_Status__c`` (null until somebody writes it), ``Market__c`` (``Riverbend``, ``Mesa``, ``Northshore``),
    ``Type`` (``residential``, ``business``, ``internal``), ``BillingStreet``, ``BillingCity``, ``BillingState``,
    ``BillingPostalCode``, ``BillingCountry``, ``Phone``, ``PersonEmail``, ``PersonBirthdate`` (date); each of the
    last three null where nobody asked for it; ``Credit_Hold__c`` (false until somebody sets it).

``Premise__c``: ``Name`` (``PRM-0000123``), ``Market__c``, ``Street__c``, ``Unit__c`` (or null), ``City__c``,
    ``State__c``, ``Postal_Code__c``, ``Latitude__c``, ``Longitude__c``, ``Hub__c``, ``Terminal__c``,
    ``Serviceable__c`` (``Yes``).

``Order``: ``OrderNumber`` (``00012345``), ``Order_Key__c`` (external id, the same), ``AccountId``,
    ``Account_Number__c`` (formula, ``LV-0001234``), ``Market__c``, ``Premise__c`` (Id), ``Type`` (``New``,
    ``Change``, ``Move``, ``Cease``), ``Status`` (a label that people edit), ``StatusCode`` (its category: ``Draft``,
    ``Activated``, ``Completed``, ``Canceled``), ``Offering__c`` (catalogue id; null on a Cease and where the access
    offering stays as it is), ``Promo_Code__c`` (promotion id or null), ``Addons__c`` (product ids joined by ``;``,
    New orders only, a rental included), ``Install_Fee_Waived__c``, ``Term_Months__c`` (or null),
    ``EffectiveDate`` (date; the appointment on a New
    order), ``Completed_At__c`` (datetime or null).

``OrderItem``: ``OrderId``, ``Order_Number__c`` (formula, ``00012345``), ``Product__c`` (catalogue id),
    ``Action__c`` (``Add``, ``Modify``, ``Delete``, ``No Change``), ``Quantity``. The access offering is an item too,
    the installation fee where it is charged, a rental where the order knows of it.

``Price_Exception__c``: ``Name``, ``Account__c`` (Id), ``Account_Number__c`` (formula), ``Kind__c``
    (``price_override``, ``promo_extension``, ``fee_waiver``, ``courtesy_account``, ``loyalty_credit``,
    ``vacation_hold``), ``Code__c`` (id of the offering,
    promotion or fee; null for a courtesy account), ``Amount__c`` (monthly rate of an override, else null),
    ``Valid_From__c``, ``Valid_To__c`` (**the last day on which it holds**, null while it does), ``Approved_By__c``.

``Case`` and ``Order_Activity__c``: see ``care``.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from simulated_estate.bookkeeping.care import activity_rows, case_rows
from simulated_estate.books import Row
from simulated_estate.catalogue import ACCESS, INSTALL_FEE
from simulated_estate.life.holders import Holder
from simulated_estate.life.records import Life, Order, Premise, PriceException
from simulated_estate.life.stage import Correction
from simulated_estate.spelling import crm_account, crm_id, crm_order, crm_street, last_day

_CATEGORIES = {"draft": "Draft", "open": "Activated", "completed": "Completed", "cancelled": "Canceled"}
_LABELS = {
    "draft": ("Draft", "Quote sent", "Draft"),
    "open": ("In progress", "Awaiting install", "Scheduled"),
    "completed": ("Complete", "Closed", "Installed and closed"),
    "cancelled": ("Cancelled", "Customer cancelled", "Void"),
}
CATEGORY_OF_LABEL = {label: _CATEGORIES[state] for state, labels in _LABELS.items() for label in labels}
"""``StatusCode`` of an Order by its ``Status``."""

EXTERNAL_IDS = {"Account": ("Account_Key__c",), "Order": ("Order_Key__c",)}
"""Fields that name a record to other systems, by sObject."""

_ACTIONS = {"add": "Add", "modify": "Modify", "delete": "Delete", "no_change": "No Change"}
_EXCEPTIONS_PER_ACCOUNT = 8
_ITEMS_PER_ORDER = 8
SOBJECTS = ("Account", "Premise__c", "Order", "OrderItem", "Price_Exception__c", "Case", "Order_Activity__c")
_NEVER = datetime.max.replace(tzinfo=UTC)


def crm_rows(
    life: Life, holder: Holder, corrections: Sequence[Correction] = (), until: datetime = _NEVER
) -> Iterator[tuple[str, Row]]:
    """Everything the CRM holds of a life and of who holds its account, as (sObject, row).

    Args:
        life: the account.
        holder: whose it is.
        corrections: what billing gave back or charged afterwards; somebody compared the systems first.
        until: the moment at which anybody looks.
    """
    account = account_row(life, holder)
    yield "Account", account
    for premise in life.premises:
        yield "Premise__c", premise_row(life, premise)
    for order in life.orders:
        row = _order(life, order, account["Id"])
        yield "Order", row
        for place, item in enumerate(order.items):
            yield "OrderItem", _item(order, place, item, row)
        yield from activity_rows(life, order, row["Id"])
    for place, exception in enumerate(life.exceptions):
        yield "Price_Exception__c", _exception(life, place, exception, account["Id"])
    yield from case_rows(life, account["Id"], corrections, until)


def _stamped(prefix: str, number: int, created: datetime, changed: datetime, *, is_deleted: bool = False) -> Row:
    return {
        "Id": crm_id(prefix, number),
        "CreatedDate": created,
        "SystemModstamp": changed,
        "IsDeleted": is_deleted,
    }


def account_row(life: Life, holder: Holder) -> Row:
    """The account of a life."""
    created = life.orders[0].created - timedelta(minutes=10)
    home = life.premises[0]
    city, state, _, country = life.market.city
    return _stamped("001", int(life.account), created, max(created, life.orders[-1].created)) | {
        "Name": holder.name,
        "AccountNumber": crm_account(life.account),
        "Account_Key__c": crm_account(life.account),
        "Service_Status__c": None,
        "Market__c": life.market.name,
        "Type": life.segment,
        "BillingStreet": crm_street(home) + (f", Apt {home.unit}" if home.unit else ""),
        "BillingCity": city,
        "BillingState": state,
        "BillingPostalCode": home.postal_code,
        "BillingCountry": country,
        "Phone": holder.phone,
        "PersonEmail": holder.email,
        "PersonBirthdate": holder.birth_date,
        "Credit_Hold__c": False,
    }


def premise_row(life: Life, premise: Premise) -> Row:
    """A premise of a life."""
    surveyed = life.orders[0].created - timedelta(days=90)
    city, state, _, _ = life.market.city
    return _stamped("a0P", premise.number, surveyed, surveyed) | {
        "Name": f"PRM-{premise.number:07d}",
        "Market__c": life.market.name,
        "Street__c": crm_street(premise),
        "Unit__c": premise.unit or None,
        "City__c": city,
        "State__c": state,
        "Postal_Code__c": premise.postal_code,
        "Latitude__c": premise.latitude,
        "Longitude__c": premise.longitude,
        "Hub__c": premise.hub,
        "Terminal__c": premise.terminal,
        "Serviceable__c": "Yes",
    }


def _order(life: Life, order: Order, account_id: str) -> Row:
    number = int(order.number)
    labels = _LABELS[order.state]
    changed = max(order.completed or order.created, order.created)
    addons = [product for product, _ in order.items if product not in ACCESS and product != INSTALL_FEE]
    return _stamped("801", number, order.created, changed, is_deleted=order.is_deleted) | {
        "OrderNumber": crm_order(order.number),
        "Order_Key__c": crm_order(order.number),
        "AccountId": account_id,
        "Account_Number__c": crm_account(life.account),
        "Market__c": life.market.name,
        "Premise__c": crm_id("a0P", life.premises[order.premise].number),
        "Type": order.kind,
        "Status": labels[number % len(labels)],
        "StatusCode": _CATEGORIES[order.state],
        "Offering__c": order.offering,
        "Promo_Code__c": order.promotion,
        "Addons__c": ";".join(addons) if order.kind == "New" and addons else None,
        "Install_Fee_Waived__c": order.fee_waived,
        "Term_Months__c": order.term_months,
        "EffectiveDate": order.effective,
        "Completed_At__c": order.completed,
    }


def _item(order: Order, place: int, item: tuple[str, str], row: Row) -> Row:
    product, action = item
    number = int(order.number) * _ITEMS_PER_ORDER + place
    stamps = _stamped("802", number, order.created, row["SystemModstamp"], is_deleted=order.is_deleted)
    return stamps | {
        "OrderId": row["Id"],
        "Order_Number__c": row["OrderNumber"],
        "Product__c": product,
        "Action__c": _ACTIONS[action],
        "Quantity": dict(order.quantities).get(product, 1),
    }


def _exception(life: Life, place: int, exception: PriceException, account_id: str) -> Row:
    number = int(life.account) * _EXCEPTIONS_PER_ACCOUNT + place
    approved = datetime.combine(exception.start, time(9, 30), life.market.zone) - timedelta(days=2)
    return _stamped("a0X", number, approved, approved) | {
        "Name": f"PX-{number:07d}",
        "Account__c": account_id,
        "Account_Number__c": crm_account(life.account),
        "Kind__c": exception.kind,
        "Code__c": exception.code,
        "Amount__c": exception.amount,
        "Valid_From__c": exception.start,
        "Valid_To__c": last_day(exception.end),
        "Approved_By__c": exception.approved_by,
    }
