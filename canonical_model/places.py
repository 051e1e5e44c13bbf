"""Where service is, or could be, delivered (TMF geographic address and service qualification)."""

from typing import Annotated, Literal

from pydantic import Field

from canonical_model.record import Record, ShortText, Text

Serviceability = Literal["serviceable", "planned", "not_serviceable", "unknown"]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Premise(Record):
    """An address with its place in the network: the hub and terminal that can serve it."""

    address: Text
    unit: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    serviceability: Serviceability = "unknown"
    hub: ShortText | None = None
    terminal: ShortText | None = None
