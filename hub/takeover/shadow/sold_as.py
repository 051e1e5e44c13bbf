"""What a service was sold as: the profile of its offering, and which of its subscriptions is that of the access."""

from canonical_model.billing import Subscription
from hub.takeover.shadow.histories import OrderHistory
from hub.takeover.shadow.tables import MarketTables
from provisioning.profile import ProvisioningProfile
from provisioning.profile_making import ProfileRequest, make_profile

_OF_SHADOW = "shadow"
"""Version that a profile of shadow carries: no layer is told of it."""


def profile_sold(history: OrderHistory, tables: MarketTables) -> ProvisioningProfile | None:
    """The profile of what an order is about, on the element that shows its device; None where nobody knows one."""
    device = history.device
    block = None if device is None else tables.network.elements.get(device.element)
    asked = ProfileRequest(
        market=tables.market.id,
        technology=tables.market.technology,
        variant="" if block is None else block.variant,
        offering_id=history.order.offering_id or _billed_as(history, tables) or "",
        onu_id=0,
    )
    return make_profile(tables.network, _OF_SHADOW, asked)


def _billed_as(history: OrderHistory, tables: MarketTables) -> str | None:
    """What an order that names no offering is about: the access that the account is billed for."""
    access = (tables.by_code.get(each.billing_code) for each in history.subscriptions if is_access(each, tables))
    return next((each for each in access if each is not None), None)


def is_access(held: Subscription, tables: MarketTables) -> bool:
    """Whether a subscription may be that of the access: its code means one, or nobody knows what it means."""
    offering = tables.offerings.get(tables.by_code.get(held.billing_code, ""))
    return offering is None or offering.delivered_by == "access"
