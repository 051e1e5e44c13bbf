"""``operator.yaml``: markets, systems, limits and the engine."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from canonical_model.money import Currency
from canonical_model.network import Technology
from canonical_model.record import MarketId, ShortText
from canonical_model.yaml_validation import StandIns
from connectors.mapping.document import Duration
from connectors.webhooks.signing import SigningConvention
from handoffs.effect_states import EffectPolicy
from hub.operator_folder.reports_block import ReportsBlock
from reconciliation.engines.spark_settings import SparkSettings, fault_of_master, faults_of_properties

Role = Literal["crm", "billing", "field", "network"]
SystemName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
SecretReference = Annotated[str, Field(pattern=r"^(env|file):.+$")]
Network = IPv4Network | IPv6Network
Percent = Annotated[Decimal, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MarketBlock(_Part):
    """A market as the file states it; its key is its id.

    Attributes:
        name: what people call it.
        zone: IANA time zone of its calendar.
        currency: ISO 4217 code of its bills.
        technology: how its customers are connected.
        holidays: days on which less happens than on others; how much a stream brings is not judged on them.
    """

    name: ShortText
    zone: ShortText
    currency: Currency
    technology: Technology
    holidays: frozenset[date] = frozenset()


class WebhookBlock(_Part):
    """What a system that sends events by itself shares with us.

    Attributes:
        secrets: references; two while one replaces the other, and both count then.
        signing: how the sender signs; our own convention unless told.
        largest_body_kb: bodies beyond are refused.
    """

    secrets: tuple[SecretReference, ...] = Field(min_length=1, max_length=2)
    signing: SigningConvention = SigningConvention()
    largest_body_kb: Annotated[int, Field(ge=1, le=16_384)] = 1024


class ListeningBlock(_Part):
    """From where a system's notifications come; who signs them is told by the system's own login.

    Attributes:
        senders: addresses and networks, as ``10.1.2.3`` or ``10.1.2.0/24``.
        engine_id: SNMP v3: the element's engine, in hex, without which a trap (and not an inform) cannot be checked.
    """

    senders: tuple[Network, ...] = Field(min_length=1)
    engine_id: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){5,32}$")] | None = None


class SystemBlock(_Part):
    """One system of the operator.

    Attributes:
        kind: which connector speaks to it.
        role: what it is to the operator; rules ask for fresh feeds by role.
        market: the only market it serves, where it serves one (a network element).
        address: URL or host:port, or a reference to it.
        options: how it is spoken to, as its connector lists it.
        stream_options: what the ``read.options`` of its mappings are where a mapping says nothing else.
        secrets: references, ``env:NAME`` or ``file:PATH``; a value in clear is refused.
        timeout_s: seconds to wait for one answer.
        concurrency: pulls from it at the same time.
        webhook: where it sends events by itself, too.
        listens: where it sends traps or accounting by itself.
    """

    kind: ShortText
    role: Role
    market: MarketId | None = None
    address: ShortText
    options: Mapping[str, Any] = Field(default_factory=dict)
    stream_options: Mapping[str, Any] = Field(default_factory=dict)
    secrets: Mapping[str, SecretReference] = Field(default_factory=dict)
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    concurrency: Annotated[int, Field(ge=1, le=64)] = 1
    webhook: WebhookBlock | None = None
    listens: ListeningBlock | None = None


class Limits(_Part):
    """Bounds that stop a pull and ask a person, and how long things are kept.

    What a page that crosses a bound had set aside lies in quarantine.

    Attributes:
        shrink_percent: a source that holds this much less than at the last pull is not believed.
        rejected_percent: more records set aside than this share of those read stop the pull; 100 never does.
        rejected_at_least: so few records, set aside or vanished, stop a pull only where they are more than half of
            all and those are five or more.
        inbox_days: days that an event is kept after it was taken in, and known when it comes again.
        quality_days: days that the results of a pull's expectations are kept.
    """

    shrink_percent: Percent = Decimal(20)
    rejected_percent: Percent = Decimal(2)
    rejected_at_least: Annotated[int, Field(ge=0)] = 20
    inbox_days: Annotated[int, Field(ge=2, le=3650)] = 90
    quality_days: Annotated[int, Field(ge=14, le=3650)] = 92


def _master(value: str) -> str:
    if fault := fault_of_master(value):
        raise ValueError(fault)
    return value


def _properties(value: Mapping[str, str]) -> Mapping[str, str]:
    if faults := faults_of_properties(value):
        raise ValueError("; ".join(faults))
    return value


class EngineBlock(_Part):
    """What computes a reconciliation, and what it may use on this machine.

    Attributes:
        kind: DuckDB on this machine, or Spark; both find the same to the cent.
        processes: buckets that are judged at the same time.
        memory_limit_mb: in each process, in megabytes; taking a snapshot may use what all of them may together.
        spill_limit_mb: disk of each process where its memory does not do, in megabytes.
        seconds_per_rule: for one rule, or one step of the views, on one bucket.
        changes_from: services of a market from which on a run judges what changed only; fewer are judged whole.
        master: of Spark: `local[2]`, `spark://HOST:PORT`, `yarn` or `k8s://ADDRESS`. Executors elsewhere have to find
            the workspace under the same path.
        driver_address: address of this machine that Spark's executors reach and that is listened on.
        properties: further properties of Spark, by name; none that holds a secret, fetches code or may change a cent.
    """

    kind: Literal["duckdb", "spark"] = "duckdb"
    processes: Annotated[int, Field(ge=1, le=256)] = 2
    memory_limit_mb: Annotated[int, Field(ge=64)] = 300
    spill_limit_mb: Annotated[int, Field(ge=64)] = 4_000
    seconds_per_rule: Annotated[float, Field(gt=0)] = 120.0
    changes_from: Annotated[int, Field(ge=0)] = 20_000
    master: Annotated[ShortText, AfterValidator(_master)] = SparkSettings().master
    driver_address: ShortText = SparkSettings().driver_address
    properties: Annotated[Mapping[str, str], AfterValidator(_properties)] = Field(default_factory=dict)


class EffectsBlock(_Part):
    """Bounds of the effort for one effect on another system; see ``handoffs.effect_states.EffectPolicy``."""

    most_sends: Annotated[int, Field(ge=1, le=100)] = EffectPolicy().most_sends
    most_looks: Annotated[int, Field(ge=1, le=100)] = EffectPolicy().most_looks
    settling_looks: Annotated[int, Field(ge=1, le=10)] = EffectPolicy().settling_looks
    waits: tuple[Duration, ...] = Field(default=EffectPolicy().waits, min_length=1)
    lease: Annotated[Duration, Field(ge=timedelta(seconds=30))] = EffectPolicy().lease

    def policy(self) -> EffectPolicy:
        """The bounds as the table of states takes them."""
        return EffectPolicy(**dict(self))


STAND_INS: StandIns = {
    ("operator",): "?",
    ("markets", "*", "name"): "?",
    ("markets", "*", "zone"): "UTC",
    ("markets", "*", "currency"): "USD",
    ("markets", "*", "technology"): "pon",
    ("systems", "*", "role"): "crm",
    ("systems", "*", "address"): "?",
}
"""What stands in for a key that is wrong, so that the other files are checked all the same."""


class OperatorFile(_Part):
    """The whole of ``operator.yaml``.

    Attributes:
        operator: the company's name, as it stands on reports.
        markets: where customers live, by id.
        systems: what is pulled from, by name.
        limits: bounds that stop a pull.
        engine: what a reconciliation may use.
        effects: bounds of writing to other systems.
        reports: what becomes of finished reports.
        database: SQLAlchemy URL of the hub's own database, or a reference; without it a SQLite file
            in the workspace.
    """

    operator: ShortText
    markets: Mapping[MarketId, MarketBlock] = Field(min_length=1)
    systems: Mapping[SystemName, SystemBlock] = Field(min_length=1)
    limits: Limits = Limits()
    engine: EngineBlock = EngineBlock()
    effects: EffectsBlock = EffectsBlock()
    reports: ReportsBlock = ReportsBlock()
    database: ShortText | None = None
