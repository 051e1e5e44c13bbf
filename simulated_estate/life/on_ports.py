"""The number of each device on its port: from 1 on, in the order in which positions of the estate are told."""

from collections import Counter
from dataclasses import replace

from simulated_estate.life.filings import Filing, NetworkOutage
from simulated_estate.life.records import Device
from simulated_estate.life.stage import Slot

Taken = Counter[tuple[str, str]]
"""How many numbers of each port are given, by element and port."""


def numbered_on_ports(slot: Slot, taken: Taken) -> Slot:
    """The slot, its devices numbered on their ports after those of the positions before it.

    Args:
        slot: whose devices have numbers that nobody else's have, and that no port goes up to.
        taken: counted on.
    """
    names: dict[tuple[str, str], str] = {}

    def on_port(device: Device) -> Device:
        if (device.element, device.port) not in names:
            port = device.port.rpartition("/")[0]
            taken[device.element, port] += 1
            names[device.element, device.port] = f"{port}/{taken[device.element, port]}"
        return replace(device, port=names[device.element, device.port])

    def filed(filing: Filing) -> Filing:
        if not isinstance(filing, NetworkOutage):
            return filing
        return replace(filing, port=names.get((filing.element, filing.port), filing.port))

    slot.stories = [
        replace(story, life=replace(story.life, devices=tuple(map(on_port, story.life.devices))))
        for story in slot.stories
    ]
    slot.ghosts = [replace(ghost, device=on_port(ghost.device)) for ghost in slot.ghosts]
    slot.strays = [on_port(stray) for stray in slot.strays]
    slot.filings = [filed(filing) for filing in slot.filings]
    return slot
