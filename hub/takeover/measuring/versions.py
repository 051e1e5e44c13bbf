"""What a hand-off is decided by, as fingerprints: rules, mappings, drivers, network, catalogue, policy.

Evidence that was gathered under one of them says nothing of another. People and other markets are no part of it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import get_args

from handoffs.policy_blocks import LeftStage
from handoffs.stages import Handoff
from hub.operator_folder.load import Operator

PARTS_OF: dict[Handoff, tuple[str, ...]] = {
    "order_to_provisioning": ("mappings", "catalogue", "network", "drivers", "gates", "packs", "policy"),
    "provisioning_to_dispatch": ("mappings", "network", "commands", "packs", "policy"),
    "dispatch_to_field": ("mappings", "network", "commands", "gates", "packs", "policy"),
    "field_to_billing": (
        *("mappings", "catalogue", "network", "drivers"),
        *("gates", "commands", "rules", "packs", "policy"),
    ),
}
"""What the decisions of each hand-off hang on; ``packs`` are our own rules, ``drivers`` the code for devices."""


@dataclass(frozen=True, slots=True)
class Versions:
    """What is at work.

    Attributes:
        fingerprint: of all parts together.
        parts: fingerprint by part.
    """

    fingerprint: str
    parts: Mapping[str, str]


def versions_of(operator: Operator, market: str, handoff: Handoff) -> Versions:
    """What a hand-off of a market is decided by now.

    Raises:
        ConfigurationError: our own policy is wrong.
    """
    parts = {name: _part(operator, market, handoff, name) for name in PARTS_OF[handoff]}
    return Versions(_digest(f"{name}={value}" for name, value in sorted(parts.items())), parts)


def _part(operator: Operator, market: str, handoff: Handoff, name: str) -> str:
    match name:
        case "mappings" | "rules":
            return _digest(f"{file}\n{text}" for file, text in _of_folder(operator, name))
        case "catalogue":
            return _digest([operator.catalogue.model_dump_json()])
        case "network":
            return _digest(_network(operator, market))
        case "gates":
            return _digest(sorted(repr(gate) for gate in operator.gates.book.gates))
        case "commands":
            return _digest(repr(each) for command in sorted(operator.commands) for each in operator.commands[command])
        case "policy":
            return _digest(_policy(operator, market, handoff))
        case _:
            return _shipped(name)


def _of_folder(operator: Operator, name: str) -> Iterable[tuple[str, str]]:
    return ((file, text) for file, text in sorted(operator.sources.items()) if file.startswith(f"{name}/"))


def _network(operator: Operator, market: str) -> Iterable[str]:
    """What ``network.yaml`` says of a market; another market's elements are none of its business."""
    network = operator.network
    yield from (
        f"{name} {each!r}" for name, each in sorted(network.elements.items()) if each.market in (None, market)
    )
    yield from (
        repr(each) for each in (*network.profiles, *network.verification, *network.dispatch) if _is_of(each, market)
    )
    yield repr((network.layers.get(market), network.watch, network.lifecycle))


def _is_of(block: object, market: str) -> bool:
    markets: tuple[str, ...] = getattr(block, "markets", ())
    return not markets or market in markets


def _policy(operator: Operator, market: str, handoff: Handoff) -> Iterable[str]:
    for leaves in get_args(LeftStage):
        yield repr(operator.handoffs.gate(market, handoff, leaves))
    yield repr(sorted(operator.handoffs.rules(market).items()))


@cache
def _shipped(name: str) -> str:
    """Fingerprint of our own files, which do not change while a process lives."""
    package, pattern = ("provisioning", "**/*.py") if name == "drivers" else ("rules", "packs/**/*.yaml")
    folder = Path(str(files(package)))
    return _digest(
        f"{each.relative_to(folder)}\n{each.read_text(encoding='utf-8')}" for each in sorted(folder.glob(pattern))
    )


def _digest(texts: Iterable[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for text in texts:
        digest.update(f"{len(text)}\n{text}".encode())
    return digest.hexdigest()
