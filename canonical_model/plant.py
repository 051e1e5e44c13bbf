"""The plant of the network as its inventory lists it (TMF639): the places at which services can hang."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from canonical_model.network import Technology
from canonical_model.record import Instant, Record, ShortText

PonMode = Literal["gpon", "xg_pon", "xgs_pon", "ng_pon2"]
"""Of a PON, as TR-181 tells them apart in ``PONMode``."""

_Places = Annotated[int, Field(ge=0)]


class AccessTerminal(Record):
    """A terminal in the street or a cabinet with the port that feeds it: the last place before the customer's drop.

    Attributes:
        terminal: as premises name it; a terminal that is fed by several ports is several records.
        hub: likewise.
        element: the OLT, switch or access point.
        port: its port, as the element calls it.
        capacity: services that can hang here: splitter legs, switch ports, places in a sector.
        used: how many of them were in use at ``observed_at``, where the source counts them.
        port_capacity: services that the port carries, over all of its terminals; as many as here where it is missing.
        pon_mode: of the port's optics, where the source tells.
        odn_class: class of the optical budget (``B+``, ``N1``: ITU-T G.984.2, G.9807.1), where the source tells.
        ready_on: local day from which it can be used, where it is still being built.
        observed_at: when the plant was counted.
    """

    terminal: ShortText
    hub: ShortText | None = None
    element: ShortText
    port: ShortText
    technology: Technology
    capacity: _Places
    used: _Places | None = None
    port_capacity: _Places | None = None
    pon_mode: PonMode | None = None
    odn_class: ShortText | None = None
    ready_on: date | None = None
    observed_at: Instant | None = None
