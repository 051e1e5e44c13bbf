"""Where controllers keep the models of a device, and how they are logged in to: data.

Of Altiplano the paths and the login are known from what others published of their dealings with it: changes go to
the access virtualizer, and what the device itself shows is read through the device proxy. Of Mosaic the login is
known the same way, and that the roots of RFC 8040 stand below ``/api``; where the models of a device hang is not, so
that the operator has to state it. A path may hold ``{release}``, ``{device}`` and ``{mount}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from provisioning.http_element import TokenLogin


@dataclass(frozen=True, slots=True)
class RestconfDialect:
    """A kind of controller.

    Attributes:
        writes: root of the datastore that is told.
        reads: root of what the device itself shows.
        token: how a token is asked for; HTTP Basic where there is none.
        needs: options that have to be stated.
    """

    writes: str
    reads: str
    token: TokenLogin | None
    needs: tuple[str, ...] = ()


_DEVICE: Final = "anv:device-manager/anv-device-holders:device={device}/device-specific-data"

DIALECTS: Final[Mapping[str, RestconfDialect]] = {
    "rfc8040": RestconfDialect("restconf/data/{mount}", "restconf/data/{mount}", None),
    "nokia_altiplano": RestconfDialect(
        writes="{release}-altiplano-av/rest/restconf/data/" + _DEVICE,
        reads="{release}-altiplano-rcdeviceproxy/rest/restconf/data/" + _DEVICE,
        token=TokenLogin("{release}-altiplano-ac/rest/auth/login", "basic", "accessToken"),
        needs=("device",),
    ),
    "adtran_mosaic": RestconfDialect(
        writes="api/restconf/data/{mount}",
        reads="api/restconf/data/{mount}",
        token=TokenLogin("api/restconf/operations/adtran-auth-token:request-token", "json", "token"),
        needs=("mount",),
    ),
}
