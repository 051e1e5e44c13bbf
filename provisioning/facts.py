"""What a saga knows: frozen when it begins, and what its steps have learned since."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from canonical_model.identifiers import AccountNumber, DeviceSerial, OrderNumber
from canonical_model.network import EvidenceKind
from canonical_model.record import ShortText
from provisioning.line import Line
from provisioning.profile import ProvisioningProfile
from provisioning.standing import Standing
from rules.gate_result import GateResult, Waiver

PartName = Literal["voice"]
"""Parts of a service that may follow later; what carries them, the access itself, may not."""


class Evidence(BaseModel):
    """One proof that a service works: what was seen, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EvidenceKind
    seen_at: AwareDatetime
    said: str


class SuspensionBilling(BaseModel):
    """What happens to the bill while a service does not work as it was sold; frozen when that begins.

    Attributes:
        policy: it goes on; it rests; it goes on and a fee is charged; it goes on at another monthly price.
        amount: of the fee, or the price, in major units of the market's currency.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Literal["continue", "stop", "fee", "price"] = "continue"
    amount: Annotated[Decimal, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _has_its_amount(self) -> Self:
        if (self.amount is None) == (self.policy in ("fee", "price")):
            raise ValueError("an amount goes with the policies fee and price, and with no other")
        return self


class SagaFacts(BaseModel):
    """What a saga is about.

    Attributes:
        line: where the service hangs; its serial is bound by the step ``match``.
        profile: what every layer is told; the plan that is shown is this one.
        standing: how the service shall stand in the end.
        previous_line: where it hung before.
        previous_profile: what was told of it before.
        previous_standing: how it stood before.
        order_number: of the order that asked for it, where one did.
        reason: why, in the words of whoever asked.
        effective_on: local day from which it counts for the customer; that of the proof where none is said.
        billing: what happens to the bill while it is suspended or on hold.
        rests_until: local day on which it works again by itself, where it was put on hold until one.
        subscription_id: of the billing system, where it bills the service already.
        voice_subscription_id: that of the telephone, where it is billed by one of its own.
        voice_offering_id: what the telephone is sold as, where one was.
        extra_offering_ids: what else is sold beside the access, one for each piece of it.
        extra_subscription_ids: of the billing system, in that order; none where it is not billed by the hub.
        added_parts: names of what this saga adds to a service that is there (``voice``, ``extra_2``).
        ended_parts: likewise of what it ends.
        missing_parts: what is not seen to work yet, and why, once the rest was proven.
        account_number: of the customer.
        work_order_id: of the technician's job, where there is one.
        expected_serial: of the terminal that was given to the job.
        collected_by: of the job that collects the terminal of a service that ends, where nobody has to make one.
        working_since: since when every check but the soak has passed without a break; billing starts on the local
            day of it, once the soak has shown that it stays so.
        watched_at: when that was last seen; a soak counts no time in which nobody looked.
        verified_at: when every check had passed.
        evidence: every proof so far, each kind once.
        completed_at: when the job was completed, by the technician's clock.
        installed_offering_id: what is billed: what the network has, and the gates have let pass.
        gates: what every gate said of the completion when it was judged last.
        judged: fingerprint of what was judged then; another one is looked at again.
        waivers: what persons let pass, and why.
        is_given_up: a person has cancelled it: whatever comes, it only goes back.
        work: on whose path it is: the order that asked for it, or the saga itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Line
    profile: ProvisioningProfile
    standing: Standing = "active"
    previous_line: Line | None = None
    previous_profile: ProvisioningProfile | None = None
    previous_standing: Standing | None = None
    order_number: OrderNumber | None = None
    reason: ShortText | None = None
    effective_on: date | None = None
    billing: SuspensionBilling = SuspensionBilling()
    rests_until: date | None = None
    subscription_id: ShortText | None = None
    voice_subscription_id: ShortText | None = None
    voice_offering_id: ShortText | None = None
    extra_offering_ids: tuple[ShortText, ...] = ()
    extra_subscription_ids: tuple[ShortText | None, ...] = ()
    added_parts: tuple[ShortText, ...] = ()
    ended_parts: tuple[ShortText, ...] = ()
    missing_parts: dict[PartName, ShortText] = Field(default_factory=dict)
    account_number: AccountNumber
    work_order_id: ShortText | None = None
    expected_serial: DeviceSerial | None = None
    collected_by: ShortText | None = None
    working_since: AwareDatetime | None = None
    watched_at: AwareDatetime | None = None
    verified_at: AwareDatetime | None = None
    evidence: tuple[Evidence, ...] = ()
    completed_at: AwareDatetime | None = None
    installed_offering_id: ShortText | None = None
    gates: tuple[GateResult, ...] = ()
    judged: str | None = None
    waivers: tuple[Waiver, ...] = ()
    is_given_up: bool = False
    work: ShortText | None = None

    @property
    def acts_on(self) -> str:
        """The work on whose path it is; of a saga from before paths were kept the service."""
        known = None if self.order_number is None else f"order/{self.order_number}"
        return known or self.work or f"service/{self.line.service_id}"

    def given_up(self) -> "SagaFacts":
        """The same once it was cancelled: nothing counts as proven any more."""
        nothing = {"is_given_up": True, "verified_at": None, "working_since": None, "evidence": ()}
        return self.model_copy(update=nothing)

    def learning(self, learned: dict[str, object]) -> "SagaFacts":
        """The same with what a step has learned, checked as it was when it began."""
        return SagaFacts.model_validate({**self.model_dump(), **learned}) if learned else self

    def following(self, changes: dict[str, object]) -> "SagaFacts":
        """What the next saga of the service is about: how it stands and what was sold; nothing is proven yet."""
        kept = {name: getattr(self, name) for name in _STAYS}
        before = {
            "previous_line": self.line,
            "previous_profile": self.profile,
            "previous_standing": self.standing,
        }
        return SagaFacts.model_validate({**kept, **before, **changes})

    def without_ended(self) -> "SagaFacts":
        """The same once the saga is done: what it has ended is not there any more."""
        if not self.ended_parts:
            return self
        stays = [
            place for place in range(len(self.extra_offering_ids)) if f"extra_{place + 1}" not in self.ended_parts
        ]
        billed = dict(enumerate(self.extra_subscription_ids))
        kept: dict[str, object] = {
            "ended_parts": (),
            "extra_offering_ids": tuple(self.extra_offering_ids[place] for place in stays),
            "extra_subscription_ids": tuple(billed.get(place) for place in stays),
        }
        if "voice" in self.ended_parts:
            kept |= {"voice_offering_id": None, "voice_subscription_id": None, "missing_parts": {}}
        return self.model_copy(update=kept)

    def for_what_is_missing(self) -> "SagaFacts":
        """The same for the saga that waits for the parts which do not work yet; the job is done."""
        return self.model_copy(update={"verified_at": None, "working_since": None, "work_order_id": None})

    def first_proof(self) -> datetime | None:
        """When the service was first proven to work; what somebody else has made had worked before anybody looked."""
        seen = [each.seen_at for each in self.evidence]
        since = () if self.working_since is None or not seen else (self.working_since,)
        return min((*seen, *since), default=None)


_STAYS = (
    "line",
    "profile",
    "standing",
    "account_number",
    "billing",
    "subscription_id",
    "voice_subscription_id",
    "voice_offering_id",
    "extra_offering_ids",
    "extra_subscription_ids",
    "missing_parts",
)
"""What is true of a service from one saga to the next; everything else is of one saga alone."""


@lru_cache(maxsize=4_096)
def facts_in(text: str) -> SagaFacts:
    """What a saga's stored facts say; whoever looks at many sagas meets the same ones again and again.

    Raises:
        ValidationError: they cannot be read.
    """
    return SagaFacts.model_validate_json(text)
