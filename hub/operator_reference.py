"""What the files of an operator's folder may hold, read off their models: the rows of a reference page."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from handoffs.policy_blocks import CriterionBlock, OffBlock, RuleBlock
from hub.operator_folder.acquisitions_file import (
    AcquisitionBlock,
    AcquisitionsFile,
    KeptBlock,
    PausedJobBlock,
    PlanMapBlock,
)
from hub.operator_folder.handoffs_file import HandoffsFile, MarketTakeover, PolicyBlock
from hub.operator_folder.operator_file import EngineBlock, Limits, MarketBlock, OperatorFile, SystemBlock
from hub.operator_folder.remedies_file import Approver, MarketRemedies, RemedyPolicy
from hub.operator_folder.reports_block import DeliverBlock, MailBlock
from provisioning.network_file import (
    ElementBlock,
    LayersBlock,
    NetworkFile,
    ProfileBlock,
    TierBlock,
    VerificationBlock,
    VlanRule,
)

PARTS: Mapping[str, type[BaseModel]] = {
    "The file": OperatorFile,
    "`markets.<id>`": MarketBlock,
    "`systems.<name>`": SystemBlock,
    "`limits`": Limits,
    "`engine`": EngineBlock,
    "`reports.deliver`": DeliverBlock,
    "`reports.deliver.email`": MailBlock,
    "The file `remedies.yaml`": RemedyPolicy,
    "`remedies.yaml`: `approvers`": Approver,
    "`remedies.yaml`: `markets.<id>`": MarketRemedies,
    "The file `handoffs.yaml`": HandoffsFile,
    "`handoffs.yaml`: `everywhere`": PolicyBlock,
    "`handoffs.yaml`: `markets.<id>`": MarketTakeover,
    "`handoffs.yaml`: `gates.<hand-off>.<stage>.<metric>`": CriterionBlock,
    "`handoffs.yaml`: `rollback.<signal>`": RuleBlock,
    "`handoffs.yaml`: `off`": OffBlock,
    "The file `acquisitions.yaml`": AcquisitionsFile,
    "`acquisitions.yaml`: `acquisitions.<market>`": AcquisitionBlock,
    "`acquisitions.yaml`: `plans`": PlanMapBlock,
    "`acquisitions.yaml`: `plans.grandfathered`": KeptBlock,
    "`acquisitions.yaml`: `jobs.<job>`": PausedJobBlock,
    "The file `network.yaml`": NetworkFile,
    "`network.yaml`: `elements.<name>`": ElementBlock,
    "`network.yaml`: `layers.<market>`": LayersBlock,
    "`network.yaml`: `profiles`": ProfileBlock,
    "`network.yaml`: `profiles.vlans`": VlanRule,
    "`network.yaml`: `profiles.tiers`": TierBlock,
    "`network.yaml`: `verification`": VerificationBlock,
}

_ATTRIBUTE = re.compile(r"^    (?P<name>\w+): (?P<meaning>.+(?:\n {8}.+)*)", re.MULTILINE)
_KINDS = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "object": "table",
    "array": "list",
}
_BOUNDS = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "up to"}


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what it takes, what it is where it is left out (empty: it must be given), and what it means."""

    name: str
    takes: str
    default: str
    meaning: str


def summary_of(part: type[BaseModel]) -> str:
    """What a part of the file is."""
    return _text(part).partition("Attributes:")[0].strip().replace("\n", " ").replace("``", "`")


def keys_of(part: type[BaseModel]) -> Iterator[Key]:
    """The keys of a part of the file, as its model and the docstring of that say."""
    meanings = {match["name"]: " ".join(match["meaning"].split()) for match in _ATTRIBUTE.finditer(_text(part))}
    schema = part.model_json_schema()
    for name, described in schema["properties"].items():
        default = "" if name in schema.get("required", ()) else _default(part, name)
        yield Key(name, _takes(described), default, meanings.get(name, "").replace("``", "`"))


def _text(part: type[BaseModel]) -> str:
    return inspect.getdoc(part) or ""


def _default(part: type[BaseModel], name: str) -> str:
    value = part.model_fields[name].get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value in (None, {}, (), frozenset()) else str(value)


def _takes(described: Mapping[str, Any]) -> str:
    if "anyOf" in described:
        return _takes(described["anyOf"][0])
    if "enum" in described:
        return ", ".join(described["enum"])
    if "const" in described:
        return str(described["const"])
    bounds = [f"{word} {described[key]:g}" for key, word in _BOUNDS.items() if key in described]
    return " ".join([_KINDS[described.get("type", "object")], *bounds])
