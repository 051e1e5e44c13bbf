"""What an order sells beside the access: things that are billed for as long as the service is there; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from canonical_model.catalogue import ProductOffering
from canonical_model.orders import ProductOrderItem

_DELIVERED_WITH_IT = ("order_item", "device")
VOICE = "voice"
"""The charge of a telephone, which is billed once it is seen to be registered."""


@dataclass(frozen=True, slots=True)
class SoldBeside:
    """What goes with an access.

    Attributes:
        voice: offering of the telephone, where one was sold.
        extras: offerings of everything else, one for each piece.
        unknown: products that the catalogue does not know.
    """

    voice: str | None = None
    extras: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def sold_beside(items: Iterable[ProductOrderItem], offerings: Mapping[str, ProductOffering]) -> SoldBeside:
    """What the items of an order add to its access; fees are charged once, by billing itself.

    Args:
        items: of the order.
        offerings: of the catalogue, by id.
    """
    voice, extras, unknown = None, [], []
    for item in sorted(items, key=lambda item: item.product_id):
        offering = offerings.get(item.product_id)
        if item.action != "add":
            continue
        if offering is None:
            unknown.append(item.product_id)
        elif offering.charge == VOICE and voice is None:
            voice = offering.id
        elif offering.delivered_by in _DELIVERED_WITH_IT and offering.billing_codes:
            extras += [offering.id] * item.quantity
    return SoldBeside(voice, tuple(extras), tuple(unknown))
