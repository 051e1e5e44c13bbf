"""What is wrong with a line by what the network says of it: the signal, the power, or a lock; pure.

An absolute level is only as good as the receiver's accuracy (SFF-8472 allows 3 dB either way), so that the fall since
the installation counts first; what lies within the resolution of the two readings is no fall.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.network import OpticalPower, PowerSide
from provisioning.verification import PowerWindow
from provisioning.watch.line_seen import LineSeen

Family = Literal["signal", "power", "locked"]
"""Light is lost or falls; the premise has no electricity; somebody has locked it."""


class WatchLimits(BaseModel):
    """From when on a line is looked after before its customer calls (``watch`` in network.yaml).

    Attributes:
        drop_db: fall of the optical level since the installation that counts.
        share_percent: share of the lines at a place that has to be hit for the place to be the cause.
        least: so many lines at least make a common cause.
        confirm_minutes: how long something has to be seen before a crew is sent.
        stale_minutes: older readings say nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    drop_db: Annotated[Decimal, Field(gt=0)] = Decimal(3)
    share_percent: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(50)
    least: Annotated[int, Field(ge=2)] = 3
    confirm_minutes: Annotated[int, Field(ge=0)] = 15
    stale_minutes: Annotated[int, Field(ge=1)] = 1440

    @property
    def confirm(self) -> timedelta:
        """How long something has to be seen before a crew is sent."""
        return timedelta(minutes=self.confirm_minutes)

    @property
    def stale(self) -> timedelta:
        """How old a reading may be."""
        return timedelta(minutes=self.stale_minutes)


@dataclass(frozen=True, slots=True)
class Symptom:
    """What is wrong with one line.

    Attributes:
        is_down: no service at all.
        said: what was seen, with units.
    """

    line: LineSeen
    family: Family
    is_down: bool
    said: str


def symptom_of(line: LineSeen, limits: WatchLimits, windows: Mapping[PowerSide, PowerWindow]) -> Symptom | None:
    """What is wrong with a line; None where nothing is, or nothing can be told.

    Args:
        line: as it was seen.
        limits: of the watch.
        windows: at which levels a receiver works, by side.
    """
    if line.operational_state == "discovered":
        return None  # nobody has sold it yet
    if line.administrative_state == "locked":
        return Symptom(line, "locked", True, "it is locked") if line.operational_state == "down" else None
    if line.operational_state == "down":
        if line.last_event == "dying_gasp":
            return Symptom(line, "power", True, "it told with its last breath that it has no electricity")
        return Symptom(line, "signal", True, "it is not seen")
    fallen = _fallen(line, limits)
    if fallen is not None:
        return Symptom(line, "signal", False, fallen)
    window = None if line.power is None else windows.get(line.power.side)
    if (
        line.power is not None
        and window is not None
        and line.power.is_within(window.low_dbm, window.high_dbm) is False
    ):
        said = f"{line.power.dbm:.2f} dBm, outside {window.low_dbm} to {window.high_dbm} dBm"
        return Symptom(line, "signal", False, said)
    return None


def _fallen(line: LineSeen, limits: WatchLimits) -> str | None:
    now, then = line.power, line.baseline
    if now is None or then is None or now.side != then.side:
        return None
    fall = then.dbm - now.dbm
    if fall - _blur(now, then) < limits.drop_db:
        return None
    since = f" since {line.baseline_at:%Y-%m-%d}" if line.baseline_at is not None else ""
    return f"{now.dbm:.2f} dBm, {fall:.2f} dB less than {then.dbm:.2f} dBm{since}"


def _blur(one: OpticalPower, other: OpticalPower) -> Decimal:
    """Half a step of each reading: the fall may be that much smaller than it looks."""
    return (one.resolution_db + other.resolution_db) / 2
