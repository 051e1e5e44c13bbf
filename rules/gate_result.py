"""What a gate said of a completion, as a saga keeps it; and a person's word that it may pass all the same."""

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from rules.gate_rule import Asked, GateVerdict


class GateResult(BaseModel):
    """What one gate said.

    Attributes:
        rule: id of the gate.
        verdict: pass, hold, refuse, or inconclusive where an input is missing.
        said: what the person reads where it is closed or inconclusive; empty where it passes.
        person: who is asked where it is closed.
        holds: whether the job may not go on for it. Inconclusive holds only where the gate is required.
        waivable: whether a person may let it pass all the same.
        values: what was measured and asked for, by the names of the sentence.
        waived_by: who let it pass.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    verdict: GateVerdict
    said: str = ""
    person: Asked | None = None
    holds: bool = False
    waivable: bool = False
    values: dict[str, str] = Field(default_factory=dict)
    waived_by: str | None = None


class Waiver(BaseModel):
    """A person lets a closed gate pass, for what it said then and nothing else.

    Attributes:
        said: what the gate had said. Where it says something else later, the waiver does not count.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    said: str
    actor: str
    why: str
    at: AwareDatetime

    def covers(self, result: GateResult) -> bool:
        """Whether it is about what the gate says now."""
        return (self.rule, self.said) == (result.rule, result.said)
