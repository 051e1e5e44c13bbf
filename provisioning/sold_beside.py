"""What an order sells beside the access: things that are billed for as long as the service is there; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from canonical_model.catalogue import ProductOffering
from canonical_model.orders import ProductOrderItem

_DELIVERED_WITH_IT = ("order_item", "device")
VOICE = "voice"
"""The charge of a telephone, which is billed once it is seen to be registered."""


def kind_beside(
    offering: ProductOffering, offerings: Mapping[str, ProductOffering]
) -> Literal["voice", "extra"] | None:
    """What an offering is beside an access; None where it is nothing that is billed as long as it is there.

    A pack that includes a telephone is one: as a whole it is billed once the telephone works.

    Args:
        offering: that is sold.
        offerings: of the catalogue, by id.
    """
    included = (offerings[each] for each in offering.includes if each in offerings)
    if VOICE in (offering.charge, *(each.charge for each in included)):
        return "voice"
    is_billed = offering.delivered_by in _DELIVERED_WITH_IT and bool(offering.billing_codes)
    return "extra" if is_billed else None


@dataclass(frozen=True, slots=True)
class SoldBeside:
    """What goes with an access.

    Attributes:
        voice: offering of the telephone, or of the pack that includes one, where one was sold.
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
            continue
        kind = kind_beside(offering, offerings)
        if kind == "voice" and voice is None:
            voice = offering.id
        elif kind is not None:
            extras += [offering.id] * item.quantity
    return SoldBeside(voice, tuple(extras), tuple(unknown))
