"""Whether a line is seen to work: what every layer shows of it, held against limits; pure.

A check passes, fails, tells nothing (a level nearer to its limit than the device can measure) or is not there yet.
Only what passes is evidence. Acceptance windows depend on the PON mode and the class of the optics (ITU-T G.984.2,
G.9807.1) and are the operator's, in network.yaml.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from canonical_model.network import EvidenceKind, OpticalPower, PowerSide
from provisioning.line import Condition, Layer
from provisioning.profile import Bandwidth

CheckName = Literal["registered", "serial", "optical_level", "service_flow", "session", "speed", "soak", "voice"]
Verdict = Literal["passed", "failed", "inconclusive", "awaited"]


@dataclass(frozen=True, slots=True)
class PowerWindow:
    """The levels at which a receiver works, in dBm, both included."""

    low_dbm: Decimal
    high_dbm: Decimal


@dataclass(frozen=True, slots=True)
class VerificationLimits:
    """What has to be seen before a line counts as working.

    Attributes:
        windows: acceptance window by side of the measurement; a side without one is not judged.
        speed_percent: least share of the tier's rates that a speed test has to show; None where none is asked for.
        soak: how long the terminal has to stay registered.
        checks: those that are asked for.
        unwatched: how long nobody may look during the soak; it begins anew after a longer gap.
    """

    windows: Mapping[PowerSide, PowerWindow]
    speed_percent: Decimal | None
    soak: timedelta
    checks: frozenset[CheckName] = frozenset({"registered", "serial", "optical_level", "session", "soak"})
    unwatched: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """What one check came to.

    Attributes:
        said: what was seen and what was asked for, with units.
        evidence: the kind of proof that it is, where it passed.
    """

    name: CheckName
    verdict: Verdict
    said: str
    evidence: EvidenceKind | None = None


def verify(
    seen: Mapping[Layer, Condition],
    *,
    serial: str | None,
    bandwidth: Bandwidth,
    limits: VerificationLimits,
    working_since: datetime | None,
    now: datetime,
    tested_since: datetime | None = None,
) -> tuple[Check, ...]:
    """Every check that is asked for, in the order of a technician's list.

    Args:
        seen: what each layer shows.
        serial: of the terminal that the service is bound to.
        bandwidth: of the tier.
        limits: what is asked for.
        working_since: since when every other check has passed; None where that is not so yet.
        now: this moment.
        tested_since: a speed test that was asked for before this moment shows another line than that of today.
    """
    access, aaa = seen.get("access", Condition()), seen.get("aaa", Condition())
    found = {
        "registered": _registered(access),
        "serial": _serial(access, serial),
        "optical_level": _optical(access.powers, limits.windows),
        "service_flow": _service_flow(access),
        "session": _session(aaa),
        "speed": _speed(seen.values(), bandwidth, limits.speed_percent, tested_since),
    }
    checks = [check for name, check in found.items() if name in limits.checks]
    if "soak" in limits.checks:
        checks.append(_soak(checks, limits.soak, working_since, now))
    return tuple(checks)


def voice_check(seen: Iterable[Condition]) -> Check:
    """Whether the telephone is registered, as whatever layer knows it tells."""
    told = [each.voice_registered for each in seen if each.voice_registered is not None]
    if True in told:
        return Check("voice", "passed", "the telephone is registered")
    return Check("voice", "awaited", "the telephone is not registered" if told else "nothing tells of the telephone")


def together(checks: Iterable[Check]) -> Verdict:
    """What several checks mean together: the worst of them, a failure before a doubt before a wait."""
    verdicts = {check.verdict for check in checks}
    order: tuple[Verdict, ...] = ("failed", "inconclusive", "awaited")
    return next((verdict for verdict in order if verdict in verdicts), "passed")


def _registered(access: Condition) -> Check:
    told: dict[str | None, tuple[Verdict, str]] = {
        "present": ("passed", "the terminal is registered on its port"),
        "absent": ("awaited", "the terminal is not seen"),
        "elsewhere": ("failed", "the terminal is seen on another port than its own"),
        "failed": ("failed", "the terminal is seen and does not register"),
        None: ("awaited", "the element does not tell whether the terminal is registered"),
    }
    verdict, said = told[access.presence]
    return Check("registered", verdict, said, "ont_ranged" if verdict == "passed" else None)


def _serial(access: Condition, serial: str | None) -> Check:
    detected = access.detected_serial
    if detected is None:
        return Check("serial", "awaited", "the element has not read the terminal's serial yet")
    if detected == serial:
        return Check("serial", "passed", f"the element reads serial {detected}")
    return Check("serial", "failed", f"the element reads serial {detected}, the service is bound to {serial}")


def _optical(powers: tuple[OpticalPower, ...], windows: Mapping[PowerSide, PowerWindow]) -> Check:
    judged = [(power, windows[power.side]) for power in powers if power.side in windows]
    if not judged:
        return Check("optical_level", "awaited" if windows else "passed", "no optical level was read")
    within = [power.is_within(window.low_dbm, window.high_dbm) for power, window in judged]
    said = "; ".join(
        f"{power.side} {power.dbm:.2f} dBm (±{power.resolution_db:.2f}), {window.low_dbm} to {window.high_dbm} asked"
        for power, window in judged
    )
    if False in within:
        return Check("optical_level", "failed", said)
    return Check("optical_level", "inconclusive" if None in within else "passed", said)


def _service_flow(access: Condition) -> Check:
    if access.service_flow_up is None:
        return Check("service_flow", "awaited", "the element does not tell whether traffic is forwarded")
    if access.service_flow_up:
        return Check("service_flow", "passed", "traffic of the service is forwarded", "service_flow_up")
    return Check("service_flow", "awaited", "traffic of the service is not forwarded")


def _session(aaa: Condition) -> Check:
    if aaa.session_since is None:
        return Check("session", "awaited", "the subscriber has no session in AAA")
    return Check("session", "passed", f"in session since {aaa.session_since:%Y-%m-%d %H:%M:%S} UTC", "aaa_session")


def _speed(seen: Iterable[Condition], bandwidth: Bandwidth, percent: Decimal | None, since: datetime | None) -> Check:
    if percent is None:
        return Check("speed", "passed", "no speed test is asked for")
    tested = next((each for each in seen if each.down_mbps is not None and each.up_mbps is not None), None)
    if tested is None or tested.down_mbps is None or tested.up_mbps is None:
        return Check("speed", "awaited", "no speed test was made")
    if since is not None and tested.speed_asked_at is not None and tested.speed_asked_at < since:
        asked = f"{tested.speed_asked_at:%Y-%m-%d %H:%M} UTC"
        return Check("speed", "failed", f"the last speed test is of {asked}, from before: it is made anew")
    down, up = (percent * rate / 100 for rate in (bandwidth.down_maximum, bandwidth.up_maximum))
    said = f"{tested.down_mbps}/{tested.up_mbps} Mbit/s, at least {down:.0f}/{up:.0f} asked for"
    if tested.down_mbps >= down and tested.up_mbps >= up:
        return Check("speed", "passed", said, "speed_test")
    return Check("speed", "failed", said)


def _soak(others: list[Check], soak: timedelta, working_since: datetime | None, now: datetime) -> Check:
    if together(others) != "passed":
        return Check("soak", "awaited", "not everything works yet")
    worked = now - (working_since or now)
    if worked >= soak:
        return Check("soak", "passed", f"it has worked for {_minutes(worked)}")
    # the same at every look, so that the timeline has it once
    return Check("soak", "awaited", f"it has to work until {(working_since or now) + soak:%H:%M} UTC without a break")


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:.0f} min"
