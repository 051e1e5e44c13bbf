"""All gates of an operator: ours, its own, and its overrides; which hold for a crew in a market on a day."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource
from canonical_model.yaml_validation import StandIns, readable
from rules.gate_rule import GateOverride, GateRule
from rules.rulebook import entries
from rules.rulebook_checks import PlacedOverride, PlacedRule, check_names, check_overrides


@dataclass(frozen=True, slots=True)
class GateBook:
    """Every gate and override.

    Attributes:
        gates: by id, in order.
        overrides: the general ones first, so that special ones win.
        sources: where each gate is written, by id.
    """

    gates: tuple[GateRule, ...] = ()
    overrides: tuple[GateOverride, ...] = ()
    sources: Mapping[str, YamlSource] = field(default_factory=dict, repr=False, compare=False)

    def effective(self, market: str, day: date, crew: str | None = None) -> tuple[GateRule, ...]:
        """The gates that hold for a crew in a market on a day, with the overrides that hold there and then."""
        valid = (gate for gate in self.gates if gate.holds(market, day) and gate.is_for(crew))
        changed = (self._changed(gate, market, day, crew) for gate in valid)
        return tuple(gate for gate in changed if gate is not None)

    def _changed(self, gate: GateRule, market: str, day: date, crew: str | None) -> GateRule | None:
        off = False
        for override in self.overrides:
            if override.override == gate.id and override.holds(market, day) and override.is_for(crew):
                gate = override.applied_to(gate)
                off = override.off if "off" in override.model_fields_set else off
        return None if off else gate


def read_gates(files: Mapping[str, str], faults: list[Fault], *, markets: Collection[str] | None = None) -> GateBook:
    """Read all files of gates together.

    Args:
        files: content by file name (as the person knows it): our pack and the operator's own gates.
        faults: what is wrong is added here: unknown keys, doubled ids, overrides of what does not exist,
            overrides that contradict each other ...
        markets: the operator's markets; None leaves their names unchecked.

    Returns:
        What could be read; to be used only where no fault was added.
    """
    gates: list[PlacedRule[GateRule]] = []
    overrides: list[PlacedOverride[GateOverride]] = []
    for name, text in files.items():
        for entry in entries(name, text, faults):
            if isinstance(entry.data, dict) and "override" in entry.data:
                override = readable(entry, GateOverride, faults)
                overrides += [PlacedOverride(override)] if override else []
            else:
                gate = readable(entry, GateRule, faults, _stand_ins(entry))
                gates += [PlacedRule(gate)] if gate else []
    faults.extend(check_names(gates, markets))
    faults.extend(check_overrides(overrides, gates, markets))
    faults.extend(_useless_waivers(overrides, gates))
    placed = {one.rule.id: one for one in sorted(gates, key=lambda one: one.rule.id)}
    return GateBook(
        gates=tuple(one.rule for one in placed.values() if not one.read.doubtful),
        overrides=tuple(sorted((one.override for one in overrides), key=lambda one: one.specificity)),
        sources={gate_id: one.source for gate_id, one in placed.items()},
    )


def _useless_waivers(overrides: list[PlacedOverride[GateOverride]], gates: list[PlacedRule[GateRule]]) -> list[Fault]:
    """Overrides that would let a person waive what is refused."""
    refused = {one.rule.id for one in gates if one.rule.outcome == "refuse"}
    return [
        one.source.place("waivable").fault(f"{one.override.override} refuses, and what is refused cannot be waived")
        for one in overrides
        if one.override.waivable and one.override.override in refused
    ]


def _stand_ins(entry: YamlSource) -> StandIns:
    """What stands in for a key that is wrong, so that the other keys of a gate are checked all the same."""
    return {
        ("id",): f"XX-{entry.place().line}",
        ("title",): "?",
        ("why",): "?",
        ("when",): "FALSE",
        ("outcome",): "hold",
        ("person",): "dispatcher",
        ("say",): "?",
        ("owner",): "unknown",
        ("examples",): [{"given": {}, "expect": "pass"}],
        ("examples", "*", "given"): {},
        ("examples", "*", "expect"): "pass",
    }
