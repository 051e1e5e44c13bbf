"""``network.yaml``: the elements that are told of services, what each tier is told, and what counts as working."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from canonical_model.network import PowerSide, Technology
from canonical_model.plant import PonMode
from canonical_model.record import MarketId, ShortText
from provisioning.customizing import SettingForm
from provisioning.facts import SuspensionBilling
from provisioning.job_facts import USUALLY_REQUIRED, JobFact
from provisioning.line import Layer
from provisioning.profile import Bandwidth, VlanId, Voice
from provisioning.saga import Person
from provisioning.standing import Standing
from provisioning.verification import CheckName, PowerWindow, VerificationLimits
from provisioning.voice_block import VoiceBlock
from provisioning.watch.symptoms import WatchLimits

NETWORK_FILE = "network.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ElementBlock(_Part):
    """An element of the network and how it is reached; address and secrets may be references.

    Attributes:
        driver: which file of ``provisioning/drivers/`` speaks to it.
        address: URL, host and port, or database address.
        variant: the vendor's dialect, where the driver knows several.
        market: that it serves, where it is one alone.
        options: as the page of drivers lists them.
        secrets: likewise, each by reference.
        timeout_s: seconds to wait for one answer.
        at_once: lines that are worked at at the same time; a NETCONF server lets one session change it at a time.
        confirm_by: SNMP system of operator.yaml that is asked for the same terminals, as a second witness.
    """

    driver: ShortText
    address: ShortText
    variant: str = ""
    market: MarketId | None = None
    options: Mapping[str, Any] = Field(default_factory=dict)
    secrets: Mapping[str, ShortText] = Field(default_factory=dict)
    timeout_s: PositiveFloat = 30.0
    at_once: Annotated[int, Field(ge=1, le=64)] = 1
    confirm_by: ShortText | None = None


class VlanRule(_Part):
    """Tags of the subscriber's traffic.

    Attributes:
        outer: the operator's tag.
        inner_from: the subscriber's own tag is this number and that of the terminal; none where it is left out.
    """

    outer: VlanId
    inner_from: VlanId | None = None


class TierBlock(_Part):
    """What the network is told of one tier.

    Attributes:
        offering: of the catalogue.
        down: Mbit/s at the most.
        up: likewise.
        up_assured: Mbit/s upstream that are guaranteed.
        aaa_group: of the subscriber in AAA.
        models: of the device that ends the line, those that can carry it; those of its profile where none is stated.
        pon_modes: of the port, those that can carry it; any where none is stated.
    """

    offering: ShortText
    down: Annotated[int, Field(ge=1)]
    up: Annotated[int, Field(ge=1)]
    up_assured: Annotated[int, Field(ge=0)] = 0
    aaa_group: ShortText
    models: tuple[ShortText, ...] = ()
    pon_modes: tuple[PonMode, ...] = ()

    @model_validator(mode="after")
    def _assures_no_more_than_it_allows(self) -> Self:
        if self.up_assured > self.up:
            raise ValueError(f"assures {self.up_assured} Mbit/s of {self.up} upstream")
        return self

    @property
    def bandwidth(self) -> Bandwidth:
        """The rates in Mbit/s."""
        return Bandwidth(down_maximum=self.down, up_maximum=self.up, up_assured=self.up_assured)


class ProfileBlock(_Part):
    """What services are told that have a technology, and if stated a vendor's dialect and a market, in common.

    Attributes:
        variant: of the element's driver; of any where none is stated.
        technology: of the line.
        markets: all where none is stated.
        vlans: tags of the traffic.
        tiers: what is sold on it.
        aaa_attributes: RADIUS reply attributes that each subscriber gets, by their dictionary names.
        standing_groups: groups in AAA by the standing of a service that is suspended.
        cpe: settings of the router, the operator's word for each.
        customizable: settings that a subscriber may have otherwise, and what each is: `text`, `number` or `switch`.
        models: of the device that ends the line, those that do; any where none is stated.
    """

    technology: Technology
    variant: str | None = None
    markets: tuple[MarketId, ...] = ()
    vlans: VlanRule
    tiers: tuple[TierBlock, ...] = Field(min_length=1)
    aaa_attributes: Mapping[str, str] = Field(default_factory=dict)
    standing_groups: Mapping[Standing, ShortText] = Field(default_factory=dict)
    cpe: Mapping[str, str | int | bool] = Field(default_factory=dict)
    customizable: Mapping[str, SettingForm] = Field(default_factory=dict)
    models: tuple[ShortText, ...] = ()


class WindowBlock(_Part):
    """Acceptance window of a receiver in dBm, both ends included."""

    low: Decimal
    high: Decimal


class VerificationBlock(_Part):
    """What has to be seen before a line of a technology counts as working.

    Attributes:
        technology: of the line.
        markets: all where none is stated.
        checks: those that are asked for.
        windows: acceptance window in dBm (`low`, `high`) by side of the measurement.
        speed_percent: of the tier's rates, that a speed test has to show.
        soak_minutes: how long it has to have worked.
        unwatched_minutes: how long nobody may look meanwhile; the time begins anew after a longer gap.
    """

    technology: Technology
    markets: tuple[MarketId, ...] = ()
    checks: tuple[CheckName, ...] = ("registered", "session")
    windows: Mapping[PowerSide, WindowBlock] = Field(default_factory=dict)
    speed_percent: Annotated[Decimal, Field(gt=0, le=100)] | None = None
    soak_minutes: Annotated[int, Field(ge=0)] = 0
    unwatched_minutes: Annotated[int, Field(ge=2)] = 5

    @property
    def limits(self) -> VerificationLimits:
        """The same as the checks take it."""
        return VerificationLimits(
            windows={side: PowerWindow(each.low, each.high) for side, each in self.windows.items()},
            speed_percent=self.speed_percent,
            soak=timedelta(minutes=self.soak_minutes),
            checks=frozenset(self.checks),
            unwatched=timedelta(minutes=self.unwatched_minutes),
        )


class LayersBlock(_Part):
    """Which elements serve a market beside the one that a line hangs on; a layer that is not named is not told.

    Attributes:
        aaa: the element that knows subscribers.
        cpe: the element that speaks to routers.
    """

    aaa: ShortText | None = None
    cpe: ShortText | None = None


class LifecycleBlock(_Part):
    """What happens to the bill while a service does not work as it was sold.

    Attributes:
        suspension: for non-payment.
        seasonal_hold: as the customer asked.
    """

    suspension: SuspensionBilling = SuspensionBilling()
    seasonal_hold: SuspensionBilling = SuspensionBilling(policy="stop")

    @model_validator(mode="after")
    def _says_only_what_is_done(self) -> Self:
        if self.suspension.policy == "price":
            raise ValueError("a suspension has no price of its own: continue, stop or fee")
        if self.seasonal_hold.policy == "fee":
            raise ValueError("a seasonal hold has no fee: continue, stop or price")
        return self


class DispatchBlock(_Part):
    """What a technician has to be told before he is sent.

    Attributes:
        markets: all where none is stated.
        required: facts without which a job is held.
    """

    markets: tuple[MarketId, ...] = ()
    required: tuple[JobFact, ...] = USUALLY_REQUIRED


class NetworkFile(_Part):
    """The whole of ``network.yaml``; without the file nothing is provisioned.

    Attributes:
        elements: by the name that observations of the network carry.
        layers: by market.
        profiles: what services are told; a block that states the vendor's dialect goes before one that does not.
        voice: how telephones are registered; a block that states its technology goes before one that does not.
        verification: what has to be seen before a line counts as working.
        watch: from when on a line is looked after before its customer calls.
        lifecycle: what suspensions and holds mean for the bill.
        people: who is told by mail of what needs them, by market and by what they are.
        dispatch: what has to be known before a technician is sent.
    """

    elements: Mapping[ShortText, ElementBlock] = Field(default_factory=dict)
    layers: Mapping[MarketId, LayersBlock] = Field(default_factory=dict)
    profiles: tuple[ProfileBlock, ...] = ()
    voice: tuple[VoiceBlock, ...] = ()
    verification: tuple[VerificationBlock, ...] = ()
    watch: WatchLimits = WatchLimits()
    lifecycle: LifecycleBlock = LifecycleBlock()
    people: Mapping[MarketId, Mapping[Person, ShortText]] = Field(default_factory=dict)
    dispatch: tuple[DispatchBlock, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Equal for equal tables: the version that profiles carry."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]

    def required_in(self, market: str) -> tuple[JobFact, ...]:
        """What a technician has to be told in a market before he is sent."""
        blocks = (block.required for block in self.dispatch if market in (block.markets or (market,)))
        return next(blocks, USUALLY_REQUIRED)

    def element_of(self, market: str, access: str, layer: Layer) -> str | None:
        """The element that a layer of a line is told through; None where nobody is told.

        Args:
            market: of the line.
            access: the element that the line hangs on.
            layer: of the network.
        """
        if layer == "access":
            return access if access in self.elements else None
        block = self.layers.get(market, LayersBlock())
        return block.aaa if layer == "aaa" else block.cpe

    def limits_of(self, market: str, technology: Technology) -> VerificationLimits | None:
        """What a line has to show; None where nothing is stated for it, so that nothing would prove it."""
        return next(
            (
                block.limits
                for block in self.verification
                if block.technology == technology and market in (block.markets or (market,))
            ),
            None,
        )

    def voice_of(self, market: str, technology: Technology, service_id: str, account_number: str) -> Voice | None:
        """The SIP line of a subscriber; None where nothing is stated, so that the router is told nothing of one."""
        fits = [
            block
            for block in self.voice
            if block.technology in (None, technology) and market in (block.markets or (market,))
        ]
        best = min(fits, key=lambda block: (block.technology is None, not block.markets), default=None)
        return None if best is None else best.line_of(service_id, account_number)

    def profiles_for(self, market: str, technology: Technology, variant: str) -> Iterator[ProfileBlock]:
        """The blocks that fit, those that state the vendor's dialect first."""
        fits = [
            block
            for block in self.profiles
            if block.technology == technology
            and market in (block.markets or (market,))
            and block.variant in (None, variant)
        ]
        yield from sorted(fits, key=lambda block: (block.variant is None, not block.markets))
