"""Steps of a wave with their states, figures and proof; and what all of them are judged by; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from reconciliation.acquisition.agreed_prices import PriceToAgree
from reconciliation.acquisition.plans import PlanJudgement
from reconciliation.acquisition.wave_facts import WaveFacts
from reconciliation.bill_to_bill import BillToBill
from reconciliation.findings import Finding

Phase = Literal["begin", "sign_off"]
"""Before the accounts of a wave are moved; and when they were."""

PHASES: tuple[Phase, ...] = get_args(Phase)

StepState = Literal["done", "lacks", "waits", "not_judged"]
"""Shown; something is wrong or missing; a person has to decide; nobody can tell, which is never as good as shown."""

StepName = Literal[
    "wave_before",
    "sources",
    "reconciled",
    "accounts_listed",
    "identities",
    "plan_map",
    "device_serials",
    "job_pauses",
    "accounts_there",
    "billed_once",
    "stub_periods",
    "balances",
    "bill_to_bill",
]

RULES: Mapping[StepName, tuple[str, ...]] = {
    "device_serials": ("RL-J06",),
    "job_pauses": ("RL-J07", "RL-J07-disconnection"),
    "accounts_there": ("RL-J01",),
    "billed_once": ("RL-J02",),
    "stub_periods": ("RL-J05", "RL-J05-overlap"),
    "balances": ("RL-J03",),
    "bill_to_bill": ("RL-J04",),
}
"""Rules without whose judgement a step cannot be shown."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One account that a step names.

    Attributes:
        what: that is so about it, in a sentence.
        minor: the money of it, minor units; None where it is not about money.
        evidence: records that prove it, ``system/object/id``.
    """

    account: str
    what: str
    minor: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepVerdict:
    """What a step came to.

    Attributes:
        said: for a market operator, with the figures.
        figures: by name, as they are to be shown.
        proof: accounts that keep it from being done.
        dismissed: accounts that do not, as a person has dismissed what was found on them.
    """

    name: StepName
    state: StepState
    said: str
    figures: tuple[tuple[str, str], ...] = ()
    proof: tuple[Proof, ...] = ()
    dismissed: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a wave is.

    Attributes:
        as_of: of what the last reconciliation saw; None where there was none.
    """

    market: str
    wave: str
    phase: Phase
    judged_at: datetime
    as_of: datetime | None
    steps: tuple[StepVerdict, ...]

    @property
    def lacking(self) -> tuple[StepVerdict, ...]:
        """Steps that are not done."""
        return tuple(each for each in self.steps if each.state != "done")

    @property
    def may_go_on(self) -> bool:
        """Whether a person may be asked: every step is shown, and none is merely not known to be wrong."""
        return bool(self.steps) and not self.lacking


@dataclass(frozen=True, slots=True)
class FeedSeen:
    """A stream of a system that says something of the market.

    Attributes:
        last_success_at: of when its last whole word is; None where there was none.
        last_outcome: of its last pull; empty where it was never pulled.
    """

    name: str
    last_success_at: datetime | None
    last_outcome: str


@dataclass(frozen=True, slots=True)
class RunSeen:
    """The reconciliation that the market stands on.

    Attributes:
        outcomes: by rule ``findings``, ``clean``, ``inconclusive`` or ``off``.
        silent: by rule, why it could not judge.
        unjudged: by service, why nobody could judge it.
    """

    as_of: datetime
    outcomes: Mapping[str, str]
    silent: Mapping[str, str] = field(default_factory=dict)
    unjudged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OverlapLink:
    """Two accounts of one person or company, or two records of one premise; or what may be so.

    Attributes:
        accounts: the one of the wave first; of a premise the account that is served there, and the other record.
        state: ``review``, ``linked`` or ``apart``.
        is_decided: whether a person said so.
        probability: that they are one; None where only a key says so.
    """

    link: int
    accounts: tuple[str, str]
    state: str
    is_decided: bool
    reason: str
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """Who of a wave is somebody whom we have already, and which of its premises may be one that we have.

    Attributes:
        matched_at: when customers and premises were compared, whichever is longer ago; None where one never was.
        unknown: accounts of the wave of whose customer no system says anything.
        premises: open questions about premises at which accounts of the wave are served. A link of premises holds no
            money: one that was made by itself waits for nobody.
    """

    matched_at: datetime | None
    links: tuple[OverlapLink, ...] = ()
    unknown: tuple[str, ...] = ()
    premises: tuple[OverlapLink, ...] = ()


@dataclass(frozen=True, slots=True)
class JobOwner:
    """Who answers for a job that is off, and up to and without which day it may be."""

    owner: str
    until: date


@dataclass(frozen=True, slots=True)
class Dismissal:
    """That a person set a finding aside.

    Attributes:
        until: the day from which it counts again.
        minor: its money when that was said, minor units.
    """

    by: str
    until: date
    why: str
    minor: int


@dataclass(frozen=True, slots=True)
class WaveEvidence:
    """Everything that a wave is judged by.

    Attributes:
        today: in the zone of the market.
        fresh_hours: older than this nothing is judged by.
        wave_before: the wave that has to be signed first; empty where there is none, or it is.
        tells_pauses: whether a system that was pulled lists the jobs that are off.
        facts: of the accounts of this wave; None where there was no reconciliation.
        strange_waves: on the lists of accounts, and not in the acquisition: nobody would ever sign them.
        findings: of the market, as they stand.
        dismissed: by the fingerprint of a finding, what a person said of it.
        prices: what is to be agreed so that grandfathered plans keep their price.
    """

    market: str
    wave: str
    phase: Phase
    now: datetime
    today: date
    currency: str
    fresh_hours: int
    wave_before: str
    feeds: tuple[FeedSeen, ...]
    run: RunSeen | None
    facts: WaveFacts | None
    findings: tuple[Finding, ...]
    plans: PlanJudgement | None
    identities: IdentityFacts
    comparison: BillToBill | None
    tells_pauses: bool
    job_owners: Mapping[str, JobOwner] = field(default_factory=dict)
    strange_waves: tuple[str, ...] = ()
    dismissed: Mapping[str, Dismissal] = field(default_factory=dict)
    prices: tuple[PriceToAgree, ...] = ()
