"""``operator.yaml``: markets, systems, limits and the engine."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from canonical_model.money import Currency
from canonical_model.network import Technology
from canonical_model.record import MarketId, ShortText
from connectors.mapping.document import Duration
from handoffs.effect_states import EffectPolicy
from handoffs.stages import Handoff, TakeoverStage

Role = Literal["crm", "billing", "field", "network"]
SystemName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Percent = Annotated[Decimal, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MarketBlock(_Part):
    """A market as the file states it; its key is its id."""

    name: ShortText
    zone: ShortText
    currency: Currency
    technology: Technology


class SystemBlock(_Part):
    """One system of the operator.

    Attributes:
        kind: which connector speaks to it.
        role: what it is to the operator; rules ask for fresh feeds by role.
        market: the only market it serves, where it serves one (a network element).
        address: URL or host:port, or a reference to it.
        secrets: references, ``env:NAME`` or ``file:PATH``; a value in clear is refused.
        concurrency: pulls from it at the same time.
    """

    kind: ShortText
    role: Role
    market: MarketId | None = None
    address: ShortText
    options: Mapping[str, Any] = Field(default_factory=dict)
    secrets: Mapping[str, Annotated[str, Field(pattern=r"^(env|file):.+$")]] = Field(default_factory=dict)
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 30.0
    concurrency: Annotated[int, Field(ge=1, le=64)] = 1


class Limits(_Part):
    """Bounds that stop a pull and ask a person.

    Attributes:
        shrink_percent: a source that holds this much less than at the last pull is not believed.
        rejected_percent: records set aside, of those read in the pull.
        rejected_at_least: so few rejections never stop a pull, whatever their share.
    """

    shrink_percent: Percent = Decimal(20)
    rejected_percent: Percent = Decimal(2)
    rejected_at_least: Annotated[int, Field(ge=0)] = 20


class EngineBlock(_Part):
    """What a reconciliation may use on this machine."""

    kind: Literal["duckdb"] = "duckdb"
    processes: Annotated[int, Field(ge=1, le=256)] = 2
    memory_limit_mb: Annotated[int, Field(ge=64)] = 300
    seconds_per_rule: Annotated[float, Field(gt=0)] = 120.0


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


class OperatorFile(_Part):
    """The whole of ``operator.yaml``.

    Attributes:
        handoffs: how far each hand-off is taken over, by market; where nothing is said the hub only watches.
        effects: bounds of writing to other systems.
        database: SQLAlchemy URL of the hub's own database, or a reference; None keeps a SQLite file in the workspace.
    """

    operator: ShortText
    markets: Mapping[MarketId, MarketBlock] = Field(min_length=1)
    systems: Mapping[SystemName, SystemBlock] = Field(min_length=1)
    limits: Limits = Limits()
    engine: EngineBlock = EngineBlock()
    handoffs: Mapping[MarketId, Mapping[Handoff, TakeoverStage]] = Field(default_factory=dict)
    effects: EffectsBlock = EffectsBlock()
    database: ShortText | None = None
