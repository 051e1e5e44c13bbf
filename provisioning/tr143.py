"""The speed test that a router makes itself (Broadband Forum TR-143), as TR-181 shows it; pure.

A test is asked for by setting ``DiagnosticsState`` to ``Requested``, and its result is there when the router has
spoken again. What a router shows may be the result of an earlier test: it keeps it until the next one has ended, and
a server shows what it read last. So a result counts only where the test began after it was asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

Direction = Literal["down", "up"]
ROOT: Final = "Device.IP.Diagnostics"
REQUESTED: Final = "Requested"
COMPLETED: Final = frozenset({"Completed", "Complete"})
"""``Complete`` since TR-181 2.12, ``Completed`` before."""
CLOCKS_APART: Final = timedelta(seconds=5)
"""How far a router's clock may be behind the server's; a test lasts longer, so no earlier one counts."""
_MEGA: Final = 1_000_000
_HUNDREDTH: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class SpeedTestPaths:
    """Where a router keeps one direction of the test."""

    state: str
    url: str
    length: str | None
    begun: str
    ended: str
    octets: str

    @property
    def all_read(self) -> tuple[str, ...]:
        """What has to be read to know a result."""
        return (self.state, self.begun, self.ended, self.octets)


def paths_of(direction: Direction, root: str = ROOT) -> SpeedTestPaths:
    """The paths below a root, which is another in TR-098."""
    name = f"{root}.{'Download' if direction == 'down' else 'Upload'}Diagnostics"
    return SpeedTestPaths(
        state=f"{name}.DiagnosticsState",
        url=f"{name}.{'DownloadURL' if direction == 'down' else 'UploadURL'}",
        length=None if direction == "down" else f"{name}.TestFileLength",
        begun=f"{name}.BOMTime",
        ended=f"{name}.EOMTime",
        octets=f"{name}.{'TestBytesReceived' if direction == 'down' else 'TestBytesSent'}",
    )


def measured_mbps(paths: SpeedTestPaths, shown: Mapping[str, Any], asked_at: datetime) -> Decimal | None:
    """Mbit/s of a test, to a hundredth; None while there is no result of a test that was asked for then.

    Args:
        paths: of its direction.
        shown: value by path, as the router shows it.
        asked_at: when it was asked for, by the server's clock.
    """
    begun, ended = _moment(shown.get(paths.begun)), _moment(shown.get(paths.ended))
    octets = str(shown.get(paths.octets))
    if shown.get(paths.state) not in COMPLETED or begun is None or ended is None or not octets.isdigit():
        return None
    if begun < asked_at - CLOCKS_APART or ended <= begun:
        return None
    lasted = Decimal((ended - begun) // timedelta(microseconds=1)) / _MEGA
    return (Decimal(octets) * 8 / _MEGA / lasted).quantize(_HUNDREDTH)


def _moment(told: object) -> datetime | None:
    """A dateTime of TR-106: UTC where no zone is told; the year 1 stands for none."""
    try:
        moment = datetime.fromisoformat(str(told))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment.year > 1970 else None
