"""Common causes as JSON, kept with the run that found them and shown to other programs.

``{"looked_at", "unknown", "groups": [{"kind", "member", "rule_id", "hit", "subjects", "hit_elsewhere",
"subjects_elsewhere", "chance", "money": [{"direction", "exposure_class", "findings", "exposure_minor"}],
"findings": [fingerprint], "goes_with": {"kind", "member"} or null, "in_common"}], "dimensions": [{"dimension",
"members", "placed", "in_groups": [as money], "rest": [as money]}]}``; chances are decimals as text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from reconciliation.causes.groups import CommonCauses, Group, InDimension, Sum


def as_document(causes: CommonCauses) -> dict[str, Any]:
    """The shape of this module's docstring."""
    return {
        "looked_at": causes.looked_at,
        "unknown": causes.unknown,
        "groups": [group_facts(group) for group in causes.groups],
        "dimensions": [asdict(each) for each in causes.dimensions],
    }


def group_facts(group: Group) -> dict[str, Any]:
    """One group of it."""
    facts = asdict(group)
    facts["chance"] = str(group.chance)
    facts["goes_with"] = dict(zip(("kind", "member"), group.goes_with, strict=True)) if group.goes_with else None
    return facts


def from_document(document: Mapping[str, Any]) -> CommonCauses:
    """What ``as_document`` was made of."""
    return CommonCauses(
        groups=tuple(_group(facts) for facts in document["groups"]),
        dimensions=tuple(
            InDimension(**(facts | {name: _sums(facts[name]) for name in ("in_groups", "rest")}))
            for facts in document["dimensions"]
        ),
        looked_at=document["looked_at"],
        unknown=document["unknown"],
    )


def _group(facts: Mapping[str, Any]) -> Group:
    other = facts["goes_with"]
    return Group(
        **(
            dict(facts)
            | {
                "chance": Decimal(facts["chance"]),
                "money": _sums(facts["money"]),
                "findings": tuple(facts["findings"]),
                "goes_with": (other["kind"], other["member"]) if other else None,
            }
        )
    )


def _sums(facts: Iterable[Mapping[str, Any]]) -> tuple[Sum, ...]:
    return tuple(Sum(**one) for one in facts)
