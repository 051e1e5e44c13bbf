"""What a saga knows: frozen when it begins, and what its steps have learned since."""

from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from canonical_model.identifiers import AccountNumber, DeviceSerial, OrderNumber
from canonical_model.network import EvidenceKind
from canonical_model.record import ShortText
from provisioning.line import Line
from provisioning.profile import ProvisioningProfile
from provisioning.standing import Standing
from rules.gate_result import GateResult, Waiver


class Evidence(BaseModel):
    """One proof that a service works: what was seen, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: EvidenceKind
    seen_at: AwareDatetime
    said: str


class SagaFacts(BaseModel):
    """What a saga is about.

    Attributes:
        line: where the service hangs; its serial is bound by the step ``match``.
        profile: what every layer is told; the plan that is shown is this one.
        standing: how the service shall stand in the end.
        order_number: of the order that asked for it.
        account_number: of the customer.
        work_order_id: of the technician's job, where there is one.
        expected_serial: of the terminal that was given to the job.
        working_since: since when every check but the soak has passed.
        verified_at: when every check had passed; billing starts on the local day of it.
        evidence: every proof so far, each kind once.
        completed_at: when the job was completed, by the technician's clock.
        installed_offering_id: what is billed: what the network has, and the gates have let pass.
        gates: what every gate said of the completion when it was judged last.
        judged: fingerprint of what was judged then; another one is looked at again.
        waivers: what persons let pass, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: Line
    profile: ProvisioningProfile
    standing: Standing = "active"
    order_number: OrderNumber
    account_number: AccountNumber
    work_order_id: ShortText | None = None
    expected_serial: DeviceSerial | None = None
    working_since: AwareDatetime | None = None
    verified_at: AwareDatetime | None = None
    evidence: tuple[Evidence, ...] = ()
    completed_at: AwareDatetime | None = None
    installed_offering_id: ShortText | None = None
    gates: tuple[GateResult, ...] = ()
    judged: str | None = None
    waivers: tuple[Waiver, ...] = ()

    def learning(self, learned: dict[str, object]) -> "SagaFacts":
        """The same with what a step has learned, checked as it was when it began."""
        return SagaFacts.model_validate({**self.model_dump(), **learned}) if learned else self

    def first_proof(self) -> datetime | None:
        """When the service was first seen to work."""
        return min((each.seen_at for each in self.evidence), default=None)
