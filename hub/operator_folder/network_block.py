"""``network.yaml`` held against what the operator has and what drivers take; every fault is told."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from canonical_model.catalogue import Catalogue
from canonical_model.errors import Fault
from canonical_model.yaml_source import YamlSource, nearest, read_yaml
from canonical_model.yaml_validation import validated
from hub.operator_folder.known_markets import unknown_market
from provisioning.discovery import driver_capabilities
from provisioning.driver import DriverCapabilities
from provisioning.network_file import NETWORK_FILE, ElementBlock, NetworkFile


def read_network(
    text: str | None,
    markets: Collection[str],
    catalogue: Catalogue | None,
    faults: list[Fault],
    systems: Mapping[str, str],
) -> NetworkFile:
    """Read the file; without it nothing is provisioned.

    Args:
        text: its content; None where there is none.
        markets: that the operator has, those included that are wrong in themselves.
        catalogue: of the operator; None where it cannot be read.
        faults: what is wrong is added here.
        systems: kind of each system of operator.yaml.
    """
    source = None if text is None else read_yaml(text, NETWORK_FILE, faults)
    network = None if source is None or source.data is None else validated(source, NetworkFile, faults)
    if source is None or network is None:
        return NetworkFile()
    kinds = driver_capabilities()
    for name, block in network.elements.items():
        place = source.part("elements", name)
        faults.extend(_wrong_element(place, block, kinds, markets))
        if block.confirm_by is not None and systems.get(block.confirm_by) != "snmp":
            known = [system for system, kind in systems.items() if kind == "snmp"]
            faults.append(
                place.place("confirm_by").fault(
                    f"operator.yaml has no SNMP system {block.confirm_by}{nearest(block.confirm_by, known)}"
                )
            )
    faults.extend(_wrong_layers(source, network, kinds, markets))
    faults.extend(_wrong_blocks(source, network, kinds, markets))
    if catalogue is not None:
        faults.extend(_wrong_tiers(source, network, catalogue))
    return network


def _wrong_element(
    place: YamlSource, block: ElementBlock, kinds: Mapping[str, DriverCapabilities], markets: Collection[str]
) -> Iterator[Fault]:
    can = kinds.get(block.driver)
    if can is None:
        yield place.place("driver").fault(f"there is no driver {block.driver}{nearest(block.driver, kinds)}")
        return
    if block.variant and block.variant not in can.variants:
        yield place.place("variant").fault(
            f"{can.kind} knows no variant {block.variant}{nearest(block.variant, list(can.variants))}"
        )
    if block.market is not None:
        yield from unknown_market(place.place("market"), block.market, markets)
    for key, given, is_secret in (("options", block.options, False), ("secrets", block.secrets, True)):
        yield from _wrong_options(place, key, given, can, is_secret=is_secret)


def _wrong_options(
    place: YamlSource, key: str, given: Mapping[str, Any], can: DriverCapabilities, *, is_secret: bool
) -> Iterator[Fault]:
    known = {option.name: option for option in can.options if option.secret == is_secret}
    elsewhere = {option.name for option in can.options} - known.keys()
    for name in given:
        if name in elsewhere:
            yield place.place(key, name).fault(f"belongs under {'options' if is_secret else 'secrets'}")
        elif name not in known:
            yield place.place(key, name).fault(f"is no {key.rstrip('s')} of {can.kind}{nearest(name, known)}")
    for name, option in known.items():
        if option.required and name not in given:
            yield place.place().fault(f"{can.kind} needs {key}: {name} ({option.meaning})")


def _wrong_layers(
    source: YamlSource, network: NetworkFile, kinds: Mapping[str, DriverCapabilities], markets: Collection[str]
) -> Iterator[Fault]:
    for market, layers in network.layers.items():
        yield from unknown_market(source.place("layers", market), market, markets)
        for layer, name in (("aaa", layers.aaa), ("cpe", layers.cpe)):
            if name is None:
                continue
            place = source.place("layers", market, layer)
            if name not in network.elements:
                yield place.fault(f"there is no element {name}{nearest(name, list(network.elements))}")
            elif (can := kinds.get(network.elements[name].driver)) is not None and can.layer != layer:
                yield place.fault(f"{name} is told of the layer {can.layer}, not of {layer}")


def _wrong_blocks(
    source: YamlSource, network: NetworkFile, kinds: Mapping[str, DriverCapabilities], markets: Collection[str]
) -> Iterator[Fault]:
    variants = {variant for can in kinds.values() for variant in can.variants}
    for number, profile in enumerate(network.profiles):
        if profile.variant is not None and profile.variant not in variants:
            known = nearest(profile.variant, sorted(variants))
            yield source.place("profiles", number, "variant").fault(
                f"no driver knows a variant {profile.variant}{known}"
            )
    named = [("profiles", number, block.markets) for number, block in enumerate(network.profiles)]
    named += [("verification", number, block.markets) for number, block in enumerate(network.verification)]
    named += [("dispatch", number, block.markets) for number, block in enumerate(network.dispatch)]
    for part, number, those in named:
        for place, market in enumerate(those):
            yield from unknown_market(source.place(part, number, "markets", place), market, markets)
    proven = {block.technology for block in network.verification}
    for number, profile in enumerate(network.profiles):
        if profile.technology not in proven:
            yield source.place("profiles", number, "technology").fault(
                f"verification states nothing for {profile.technology}: nothing would prove that such a line works"
            )


def _wrong_tiers(source: YamlSource, network: NetworkFile, catalogue: Catalogue) -> Iterator[Fault]:
    offerings = {each.id: each for each in catalogue.offerings}
    for number, profile in enumerate(network.profiles):
        for place, tier in enumerate(profile.tiers):
            at = source.place("profiles", number, "tiers", place)
            offering = offerings.get(tier.offering)
            if offering is None:
                yield at.fault(f"the catalogue has no offering {tier.offering}{nearest(tier.offering, offerings)}")
            elif offering.technologies and profile.technology not in offering.technologies:
                yield at.fault(f"{tier.offering} is not sold on {profile.technology}")
